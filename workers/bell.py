"""A bell on a lane's log: it rings when there is something to read. What is there, the log says."""

from __future__ import annotations

import asyncio
from typing import Any, Final

from redis.exceptions import RedisError

from hub.contract import Lane
from hub.link import open_connection
from hub.store import Store

LATE_S: Final = 2.0


class Bell:
    """A blocking read on a connection of its own.

    It only wakes: nothing that it read is used, so that a bell that lost its
    connection, or rings for nothing, costs time and never an entry.
    """

    def __init__(self, store: Store, lane: Lane) -> None:
        self._store, self._key = store, store.keys.log(lane)
        self._connection: Any = None

    async def rung(self, after: int, most_s: float) -> None:
        """Return when the log has an entry after this commit, or after `most_s` at the latest."""
        try:
            async with asyncio.timeout(most_s + LATE_S):
                await self._ask(after, int(most_s * 1000))
        except (RedisError, OSError, EOFError, TimeoutError):
            await self.close()
            await asyncio.sleep(most_s)
        except BaseException:
            await self.close()  # an answer that nobody read is not the next one's
            raise

    async def _ask(self, after: int, block_ms: int) -> None:
        if self._connection is None:
            self._connection = open_connection(self._store.url)
            await self._connection.connect()
        await self._connection.send_command(
            "XREAD", "COUNT", 1, "BLOCK", block_ms, "STREAMS", self._key, f"{after}-0", check_health=False
        )
        await self._connection.read_response()

    async def close(self) -> None:
        connection, self._connection = self._connection, None
        if connection is not None:
            await connection.disconnect(nowait=True)
