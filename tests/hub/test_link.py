"""One connection to the store: in order, and honest about what was sent."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator

import pytest
from redis.exceptions import NoPermissionError, ResponseError

from hub.errors import StoreUnavailable, StoreUnconfirmed
from hub.link import Link, Replies, open_connection, subscribed
from tests.support.live import on_loop, until
from tests.support.relay import relayed


class Adopter:
    """What runs on every new connection."""

    def __init__(self) -> None:
        self.times = 0
        self.fails = False
        self.gate = asyncio.Event()
        self.gate.set()

    async def adopt(self, link: Link) -> None:
        self.times += 1
        await self.gate.wait()
        if self.fails:
            raise StoreUnavailable("not ours")


@contextlib.asynccontextmanager
async def linked(url: str, adopter: Adopter | None = None) -> AsyncIterator[Link]:
    link = Link(url, "test", (adopter or Adopter()).adopt)
    link.start()
    try:
        yield link
    finally:
        await link.close()


def soon(seconds: float = 2.0) -> float:
    return asyncio.get_running_loop().time() + seconds


@on_loop
async def test_replies_come_in_order_and_errors_are_values(store_url: str) -> None:
    """Many commands in one write; one that fails does not hide the others' replies."""
    async with linked(store_url) as link:
        replies = await link.many([["SET", "a", "1"], ["NONSENSE"], ["GET", "a"]], soon())
        assert replies[0] in (b"OK", "OK", True)
        assert isinstance(replies[1], ResponseError)
        assert replies[2] == b"1"
        with pytest.raises(ResponseError):
            await link.one(soon(), "NONSENSE")


@on_loop
async def test_many_askers_share_one_connection(store_url: str) -> None:
    """Pipelined: each hears its own reply."""
    async with linked(store_url) as link:
        answers = await asyncio.gather(*(link.one(soon(), "ECHO", f"{n}") for n in range(200)))
        assert answers == [str(n).encode() for n in range(200)]
        assert link.waiting == 0


@on_loop
async def test_nobody_uses_a_link_before_it_was_adopted(valkey_url: str) -> None:
    """A connection that is being adopted is not up; who comes waits, at most until the deadline."""
    adopter = Adopter()
    adopter.gate.clear()
    async with linked(valkey_url, adopter) as link:
        await until(lambda: adopter.times)
        assert not link.up
        with pytest.raises(StoreUnavailable):
            await link.one(soon(0.05), "PING")
        asked = asyncio.create_task(link.one(soon(), "ECHO", "x"))
        await asyncio.sleep(0)
        adopter.gate.set()
        assert await asked == b"x"


@on_loop
async def test_a_store_that_is_not_adopted_is_tried_again(valkey_url: str) -> None:
    """The connection is dropped, the reason is kept, and the next one may do."""
    adopter = Adopter()
    adopter.fails = True
    async with linked(valkey_url, adopter) as link:
        await until(lambda: adopter.times >= 2)
        assert not link.up
        assert "not ours" in str(link.failure)
        adopter.fails = False
        await link.wait_up(soon())
        assert link.failure is None


@on_loop
async def test_a_cut_tells_all_who_wait_that_it_is_unknown(valkey_url: str) -> None:
    """What was sent and not answered is unconfirmed for each of them, at once; then it connects again by itself."""
    async with relayed(valkey_url) as relay, linked(relay.url) as link:
        await link.one(soon(), "PING")
        relay.wires[0].silent = True
        asked = [asyncio.create_task(link.one(soon(30), "ECHO", "x")) for _ in range(5)]
        await until(lambda: link.waiting == 5)
        relay.wires[0].cut()
        results = await asyncio.gather(*asked, return_exceptions=True)
        assert [type(result) for result in results] == [StoreUnconfirmed] * 5
        assert await link.one(soon(), "ECHO", "y") == b"y"


@on_loop
async def test_silence_past_the_deadline_is_unconfirmed_and_ends_the_connection(valkey_url: str) -> None:
    """A link that does not answer is given up: the next asker waits for a new one."""
    adopter = Adopter()
    async with relayed(valkey_url) as relay, linked(relay.url, adopter) as link:
        await link.one(soon(), "PING")
        relay.wires[0].silent = True
        with pytest.raises(StoreUnconfirmed):
            await link.one(soon(0.1), "ECHO", "x")
        assert not link.up
        assert await link.one(soon(), "ECHO", "y") == b"y"
        assert adopter.times == 2


@on_loop
async def test_an_asker_that_left_takes_no_reply_of_others(valkey_url: str) -> None:
    """A cancelled asker's reply is dropped; the order of the others stands."""
    async with linked(valkey_url) as link:
        await link.wait_up(soon())
        asked = [asyncio.create_task(link.one(soon(), "ECHO", f"{n}")) for n in range(10)]
        await asyncio.sleep(0)
        for task in asked[::2]:
            task.cancel()
        results = await asyncio.gather(*asked, return_exceptions=True)
        assert results[1::2] == [str(n).encode() for n in range(1, 10, 2)]
        assert await link.one(soon(), "ECHO", "z") == b"z"


@on_loop
async def test_a_closed_link_leaves_nothing_behind(valkey_url: str) -> None:
    """No task, no connection, and whoever waited is told."""
    before = asyncio.all_tasks()
    async with relayed(valkey_url) as relay:
        link = Link(relay.url, "test", Adopter().adopt)
        link.start()
        await link.one(soon(), "PING")
        relay.wires[0].silent = True
        asked = asyncio.create_task(link.one(soon(), "PING"))
        await until(lambda: link.waiting)
        await link.close()
        with pytest.raises(StoreUnconfirmed):
            await asked
        await until(lambda: not relay.wires)
    await until(lambda: asyncio.all_tasks() == before)


@on_loop
async def test_all_replies_of_one_read_come_at_once(valkey_url: str) -> None:
    """Whole ones alone, errors as values, and the end of the connection is said."""
    connection = open_connection(valkey_url)
    connection._reader = asyncio.StreamReader()
    replies = Replies(connection)
    connection._reader.feed_data(b"+OK\r\n-ERR no\r\n$5\r\nhe")
    ok, error = await replies.read()
    assert (ok, type(error)) == (b"OK", ResponseError)
    rest = asyncio.create_task(replies.read())
    connection._reader.feed_data(b"l")
    await asyncio.sleep(0)
    connection._reader.feed_data(b"lo\r\n")
    assert await rest == [b"hello"]
    connection._reader.feed_eof()
    with pytest.raises(EOFError):
        await replies.read()


@on_loop
async def test_a_channel_that_may_not_be_followed_is_refused(valkey_url: str) -> None:
    """The store's own error, and no connection is left; one that may be followed brings its messages."""
    async with linked(valkey_url) as link, relayed(valkey_url) as relay:
        await link.one(soon(), "ACL", "SETUSER", "deaf", "on", "nopass", "+@all", "resetchannels", "&open")
        url = relay.url.replace("unix://", "unix://deaf:x@")
        with pytest.raises(NoPermissionError):
            await subscribed(url, "closed")
        await until(lambda: not relay.wires)
        connection, replies = await subscribed(url, "open")
        for text in ("one", "two"):
            await link.one(soon(), "PUBLISH", "open", text)
        heard: list[bytes] = []
        while len(heard) < 2:
            heard += [message[2] for message in await replies.read()]
        assert heard == [b"one", b"two"]
        await connection.disconnect(nowait=True)
        await link.one(soon(), "ACL", "DELUSER", "deaf")
