"""One connection to the store: pipelined, in order, and honest about what was sent.

Built on redis-py's connection (address forms, authentication, parsing) with its
own retries off: a command that was written and not answered is *unconfirmed*,
and only the caller may repeat it, with the same command id.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections import deque
from collections.abc import Awaitable, Callable, Sequence
from typing import Any, cast

from hiredis import Reader, pack_command
from redis._parsers.base import BaseParser
from redis.asyncio.connection import Connection, UnixDomainSocketConnection, parse_url
from redis.exceptions import ConnectionError as RedisConnectionError
from redis.exceptions import RedisError

from hub.errors import StoreUnavailable, StoreUnconfirmed

log = logging.getLogger("kentongan.store")

Args = Sequence[str | bytes | int | float]
CONNECT_S = 2.0
RETRY_FIRST_S = 0.05
RETRY_MOST_S = 1.0
READ_BYTES = 64 * 1024


def open_connection(url: str) -> Connection:
    """A redis-py connection for `redis://`, `rediss://` or `unix://`, not yet connected."""
    kwargs: dict[str, Any] = dict(parse_url(url))
    class_: type[Any] = kwargs.pop("connection_class", Connection)
    if url.startswith("unix://"):
        class_ = UnixDomainSocketConnection
    connection: Connection = class_(
        **kwargs, socket_timeout=None, socket_connect_timeout=CONNECT_S, protocol=2, driver_info=None
    )
    return connection


class Replies:
    """What the store says on one connection, all of one read at once: redis-py's own loop costs a coroutine per reply.

    Made while no reply is outstanding; redis-py reads nothing from the connection any more.
    """

    def __init__(self, connection: Connection) -> None:
        assert connection._reader is not None
        self._reader = connection._reader
        self._parser = Reader(replyError=_error)

    async def read(self) -> list[Any]:
        """Wait for at least one whole reply; errors are values.

        Raises:
            EOFError: the store has closed the connection.
        """
        replies: list[Any] = []
        while not replies:
            data = await self._reader.read(READ_BYTES)
            if not data:
                raise EOFError("the store closed the connection")
            self._parser.feed(data)
            while (reply := self._parser.gets()) is not False:
                replies.append(reply)
        return replies


async def subscribed(url: str, channel: str) -> tuple[Connection, Replies]:
    """A connection that follows one channel of pub/sub.

    Messages that come together with the confirmation are dropped: read the log after this, not before.

    Raises:
        RedisError, OSError, EOFError, TimeoutError: there is no such connection; nothing is left of it.
    """
    connection = open_connection(url)
    try:
        async with asyncio.timeout(CONNECT_S):
            await connection.connect()  # type: ignore[no-untyped-call]  # redis-py leaves it untyped
            replies = Replies(connection)
            await connection.send_command("SUBSCRIBE", channel, check_health=False)
            confirmed, *_ = await replies.read()
            if isinstance(confirmed, Exception):
                raise confirmed
    except BaseException:
        await connection.disconnect(nowait=True)  # whoever asked has nothing yet that could be closed
        raise
    return connection, replies


class Link:
    """A connection that reconnects by itself, with backoff, until closed.

    `adopt` runs on every new connection before anybody else may use it; when it
    raises, the connection is dropped and tried again.
    """

    def __init__(self, url: str, name: str, adopt: Callable[[Link], Awaitable[None]]) -> None:
        self._url = url
        self.name = name
        self._adopt = adopt
        self._connection: Connection | None = None
        self._pending: deque[asyncio.Future[Any]] = deque()
        self._up = asyncio.Event()
        self._keeper: asyncio.Task[None] | None = None
        self._reader: asyncio.Task[None] | None = None
        self.failure: Exception | None = None
        self.oldest_sent_at: float = 0.0

    def start(self) -> None:
        """Begin to connect; returns at once."""
        if self._keeper is None:
            self._keeper = asyncio.create_task(self._keep(), name=f"link {self.name}")

    @property
    def up(self) -> bool:
        return self._up.is_set()

    @property
    def waiting(self) -> int:
        """How many replies are outstanding."""
        return len(self._pending)

    async def wait_up(self, deadline: float) -> None:
        """Wait until the link is up.

        Raises:
            StoreUnavailable: it is not by `deadline` (loop time).
        """
        if self._up.is_set():
            return
        try:
            async with asyncio.timeout_at(deadline):
                await self._up.wait()
        except TimeoutError as exc:
            raise StoreUnavailable("the store cannot be reached") from exc

    async def close(self) -> None:
        """Drop the connection for good; whoever waits hears `StoreUnconfirmed`."""
        tasks = [task for task in (self._keeper, self._reader) if task is not None]
        self._keeper = self._reader = None
        for task in tasks:
            task.cancel()
        for task in tasks:
            with contextlib.suppress(asyncio.CancelledError, Exception):
                await task
        await self._drop(StoreUnconfirmed("the link was closed"))

    def kick(self) -> None:
        """Drop the connection and make a new one: it may be frozen, or silent."""
        self._up.clear()  # whoever comes now waits for the new one
        if self._reader is not None:
            self._reader.cancel()

    async def many(self, commands: Sequence[Args], deadline: float) -> list[Any]:
        """Send commands in one write and return their replies, errors as values.

        Raises:
            StoreUnavailable: nothing was sent.
            StoreUnconfirmed: they were sent and no reply came by `deadline`.
        """
        await self.wait_up(deadline)
        futures = self._send(commands)
        try:
            async with asyncio.timeout_at(deadline):
                return [await future for future in futures]
        except TimeoutError as exc:
            self.kick()
            raise StoreUnconfirmed("the store did not answer in time") from exc

    async def one(self, deadline: float, *args: str | bytes | int | float) -> Any:
        """Send one command; a reply that is an error is raised (`RedisError`)."""
        (reply,) = await self.many([args], deadline)
        if isinstance(reply, RedisError):
            raise reply
        return reply

    def _send(self, commands: Sequence[Args]) -> list[asyncio.Future[Any]]:
        connection = self._connection
        if connection is None or not self._up.is_set():
            raise StoreUnavailable("the store cannot be reached")
        return self._write(connection, commands)

    def _write(self, connection: Connection, commands: Sequence[Args]) -> list[asyncio.Future[Any]]:
        loop = asyncio.get_running_loop()
        packed = b"".join(pack_command(cast(Any, tuple(args))) for args in commands)
        futures = [loop.create_future() for _ in commands]
        writer = connection._writer
        if writer is None or writer.is_closing():
            raise StoreUnavailable("the store cannot be reached")
        self._pending.extend(futures)
        writer.write(packed)
        return futures

    async def _keep(self) -> None:
        wait = RETRY_FIRST_S
        while True:
            try:
                connection = open_connection(self._url)
                async with asyncio.timeout(CONNECT_S):
                    await connection.connect()  # type: ignore[no-untyped-call]  # redis-py leaves it untyped
                self._connection = connection
                self._reader = asyncio.create_task(self._read(connection), name=f"link {self.name} reader")
                async with asyncio.timeout(CONNECT_S):
                    await self._adopt(self)
                self._up.set()
                self.failure = None
                wait = RETRY_FIRST_S
                await asyncio.wait([self._reader])
            except asyncio.CancelledError:
                raise
            except Exception as exc:
                if str(exc) != str(self.failure):
                    log.warning("store link %s: %s", self.name, exc)
                self.failure = exc
            finally:
                self._up.clear()
            if self._reader is not None:
                self._reader.cancel()
                await asyncio.wait([self._reader])
            await self._drop(StoreUnconfirmed("the connection to the store was lost"))
            await asyncio.sleep(wait)
            wait = min(wait * 2, RETRY_MOST_S)

    async def before_up(self, commands: Sequence[Args]) -> list[Any]:
        """Send commands before the link is up, errors as values: for `adopt` alone."""
        assert self._connection is not None
        return [await future for future in self._write(self._connection, commands)]

    async def raw(self, *commands: Args) -> list[Any]:
        """The same, errors raised."""
        replies = await self.before_up(commands)
        for reply in replies:
            if isinstance(reply, RedisError):
                raise reply
        return replies

    async def _read(self, connection: Connection) -> None:
        pending = self._pending
        replies = Replies(connection)
        try:
            while True:
                for reply in await replies.read():
                    future = pending.popleft()
                    if not future.done():
                        future.set_result(reply)
        except (RedisConnectionError, OSError, EOFError, IndexError):
            return
        finally:
            self._up.clear()
            self._fail(StoreUnconfirmed("the connection to the store was lost"))

    def _fail(self, error: Exception) -> None:
        while self._pending:
            future = self._pending.popleft()
            if not future.done():
                future.set_exception(error)
                future.exception()  # whoever was cancelled meanwhile does not fetch it

    async def _drop(self, error: Exception) -> None:
        self._up.clear()
        self._fail(error)
        connection, self._connection = self._connection, None
        if connection is not None:
            with contextlib.suppress(Exception):
                await connection.disconnect(nowait=True)


def _error(text: str) -> Exception:
    """An error reply as redis-py's class of it."""
    error: Exception = BaseParser.parse_error(text)  # type: ignore[no-untyped-call]  # redis-py leaves it untyped
    return error
