"""What must be swept: leases of screens whose hub died, and logs that grew long."""

from __future__ import annotations

import asyncio
import logging
import uuid
from typing import Final

from redis.exceptions import RedisError

from hub.contract import HUB
from hub.dispatch import Dispatch
from hub.errors import StoreError
from hub.link import Args
from hub.services import Services
from hub.settings import Settings
from hub.store import Store

log = logging.getLogger("kentongan.janitor")

SWEEP_S: Final = 1.0
TRIM_S: Final = 60.0
GRACE_MS: Final = 500
BATCH: Final = 200
PAGE: Final = 500
AUDIT_KEPT: Final = 200_000


class Janitor:
    """Sweeps one city. Two janitors do no harm: every step is idempotent.

    Args:
        archived: an archive follows the audit log, which is trimmed only behind it.
    """

    def __init__(
        self, store: Store, dispatch: Dispatch, services: Services, settings: Settings, *, archived: bool = False
    ) -> None:
        self._store, self._dispatch, self._services, self._settings = store, dispatch, services, settings
        self._archived = archived

    async def run(self) -> None:
        """Work until cancelled."""
        trim_at = 0.0
        loop = asyncio.get_running_loop()
        while True:
            try:
                await self._leases()
                if loop.time() >= trim_at:
                    await self._trim()
                    await self._trim_audit()
                    trim_at = loop.time() + TRIM_S
            except (StoreError, RedisError) as exc:
                log.warning("janitor: %s", exc)
            await asyncio.sleep(SWEEP_S)

    async def _leases(self) -> None:
        """A lease that ran out: let the service look, whichever hub held it."""
        key, now = self._store.keys.prefix + "leases", self._store.now()
        (members,) = await self._store.many(
            "normal", [["ZRANGEBYSCORE", key, "-inf", now - GRACE_MS, "LIMIT", 0, BATCH]]
        )
        for member in members:
            role, _, person = member.decode().partition(":")
            _, cmd = self._services.presence.get(role, (None, ""))
            if cmd:
                data = {"person": person, "reachable": False, "connected": False}
                answer = await self._dispatch.run(cmd, data, HUB, str(uuid.uuid4()))
                if answer.retry:
                    continue
            # a renewal in between is lost here and made again by the next `here`, within one beat
            await self._store.many("normal", [["ZREM", key, member]])

    async def _trim(self) -> None:
        """Keep `log_keep_h` hours and at most `log_keep_mb` megabytes of each lane's log."""
        for lane in ("urgent", "normal", "bulk"):
            while await self._trim_some(self._store.keys.log(lane)):
                pass

    async def _trim_audit(self) -> None:
        """The newest `AUDIT_KEPT` stay; with an archive: what is younger than `log_keep_h`, and never less than what is
        not archived yet. The entry at the archive's position stays: it shows that nothing behind it was lost."""
        keys = self._store.keys
        if not self._archived:
            await self._cut(["MAXLEN", "~", AUDIT_KEPT])
            return
        position, length = await self._store.many("normal", [["HGET", keys.archive, "position"], ["XLEN", keys.audit]])
        if position is None:
            return
        old = self._store.now() - self._settings.log_keep_h * 3_600_000
        archived = position.decode()
        to = archived if length > AUDIT_KEPT else min(archived, f"{old}-0", key=_place)
        await self._cut(["MINID", "~", to])

    async def _cut(self, to: Args) -> None:
        """Whole nodes of the stream, at most 100 of them at once."""
        while (await self._store.many("normal", [["XTRIM", self._store.keys.audit, *to]]))[0]:
            pass

    async def _trim_some(self, log_key: str) -> bool:
        """Drop the oldest entries that are too old, or some where the log is too big; false when none is."""
        memory, page = await self._store.many(
            "normal", [["MEMORY", "USAGE", log_key], ["XRANGE", log_key, "-", "+", "COUNT", PAGE]]
        )
        oldest = self._store.now() - self._settings.log_keep_h * 3_600_000
        if (memory or 0) > self._settings.log_keep_mb * 1024 * 1024:
            drop = page[: (len(page) + 1) // 2]
        else:
            drop = [row for row in page if int(row[1][1].split(b" ", 4)[3]) < oldest]
        if not drop:
            return False
        last = int(drop[-1][0].split(b"-")[0])
        await self._store.many("normal", [["XTRIM", log_key, "MINID", f"{last + 1}-0"]])
        return True


def _place(id_: str) -> tuple[int, ...]:
    """A stream's ids in their order."""
    return tuple(map(int, id_.split("-")))
