"""A blocking connection that also hears which keys of a city change: the store's own client tracking.

`CLIENT TRACKING ON BCAST PREFIX` (Redis 6, Valkey) needs no setting of the server and costs it one message per turn of
its loop. The names of what changed come before the reply to any command that is sent after the change was answered, so
that a `PING` proves: all that changed before is known (https://valkey.io/topics/client-side-caching).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from types import TracebackType
from typing import Any, Final, Self, cast

import redis
from hiredis import PushNotification, Reader, ReplyError, pack_command
from redis.exceptions import RedisError

from hub.errors import StoreUnavailable
from hub.link import Args

ANSWER_S: Final = 30.0
READ_BYTES: Final = 256 * 1024
_NOT_YET: Final = object()


class Line:
    """One blocking connection, pipelined, for long work beside a city; used by one thread."""

    def __init__(self, url: str) -> None:
        """Raises: StoreUnavailable: there is no store."""
        try:
            self._client = redis.Redis.from_url(url, protocol=3, socket_timeout=ANSWER_S, socket_connect_timeout=5)
            self._connection = self._client.connection_pool.get_connection()
            self._socket: Any = self._connection._sock
        except (RedisError, ValueError, OSError) as exc:
            raise StoreUnavailable(f"the store at {url} cannot be asked: {exc}") from exc
        self._reader = Reader(notEnoughData=_NOT_YET)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._connection.disconnect()  # type: ignore[no-untyped-call]  # redis-py leaves it untyped
        self._client.close()

    def one(self, *args: str | bytes | int | float) -> Any:
        return self.ask([args])[0]

    def ask(self, commands: Sequence[Args]) -> list[Any]:
        """Send commands in one write; their replies in order.

        Raises:
            StoreUnavailable: the store went away, refused, or was emptied.
        """
        replies: list[Any] = []
        try:
            self._socket.sendall(b"".join(pack_command(cast(Any, tuple(command))) for command in commands))
            while len(replies) < len(commands):
                reply = self._reader.gets()
                if reply is _NOT_YET:
                    self._feed()
                elif isinstance(reply, PushNotification):
                    self._hear(reply)
                elif isinstance(reply, ReplyError):
                    raise StoreUnavailable(f"the store refuses: {reply}")
                else:
                    replies.append(reply)
        except (OSError, EOFError) as exc:
            raise StoreUnavailable(f"the store went away: {exc}") from exc
        return replies

    def _feed(self) -> None:
        data = self._socket.recv(READ_BYTES)
        if not data:
            raise EOFError("it closed the connection")
        self._reader.feed(data)

    def _hear(self, message: list[Any]) -> None:
        """What was not asked for."""


class Tracked(Line):
    """The same, which hears which keys change.

    Args:
        prefix: of the keys whose changes are heard.
        wanted: whether a changed key matters; the name has the prefix.

    Attributes:
        changed: their names since; whoever reads a key again takes its name out first.
    """

    def __init__(self, url: str, prefix: str, wanted: Callable[[bytes], bool]) -> None:
        """Raises: StoreUnavailable: there is no store, or it does not let us track."""
        super().__init__(url)
        self.changed: set[bytes] = set()
        self._wanted = wanted
        self.one("CLIENT", "TRACKING", "ON", "BCAST", "PREFIX", prefix)

    def _hear(self, message: list[Any]) -> None:
        if message[0] != b"invalidate":
            return
        if message[1] is None:
            raise StoreUnavailable("the store was emptied meanwhile")
        self.changed.update(name for name in message[1] if self._wanted(name))
