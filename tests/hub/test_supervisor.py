"""Child processes: awaited, heard, started again, ended together."""

from __future__ import annotations

import asyncio
import os
import signal
from collections.abc import AsyncIterator
from typing import Any

import pytest
import pytest_asyncio

from hub.errors import StartError
from hub.supervisor import Child, Supervisor


class Notices:
    """What was heard, and a way to wait for the next of a kind."""

    def __init__(self) -> None:
        self.events: asyncio.Queue[dict[str, Any]] = asyncio.Queue()

    def __call__(self, event: dict[str, Any]) -> None:
        self.events.put_nowait(event)

    async def next(self, name: str) -> dict[str, Any]:
        async with asyncio.timeout(20):
            while True:
                event = await self.events.get()
                if event["event"] == name:
                    return event


def child(manner: str, **more: Any) -> Child:
    return Child(f"{manner} child", "tests.support.child", [manner], "child_ready", **more)


def alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


@pytest_asyncio.fixture
async def notices() -> Notices:
    return Notices()


@pytest_asyncio.fixture
async def supervisor(notices: Notices) -> AsyncIterator[Supervisor]:
    made = Supervisor(notices)
    yield made
    await made.stop(0)


@pytest.mark.asyncio
async def test_children_are_awaited_side_by_side(supervisor: Supervisor) -> None:
    """`start` returns the ready events in order; lines that are not JSON are passed over."""
    first, second = await supervisor.start(child("ready"), child("ready"))
    assert first["event"] == second["event"] == "child_ready"
    assert first["pid"] != second["pid"]


@pytest.mark.asyncio
async def test_a_child_reads_what_it_is_given_and_is_heard(supervisor: Supervisor) -> None:
    """What `stdin` makes arrives whole, and every event of the child is heard."""
    heard = Notices()

    async def words() -> bytes:
        return b"kentongan " * 50_000

    await supervisor.start(child("echo", stdin=words, heard=heard))
    assert (await heard.next("read"))["text"] == "kentongan " * 50_000
    await heard.next("child_ready")


@pytest.mark.asyncio
async def test_a_child_that_ends_at_its_start_is_named(supervisor: Supervisor) -> None:
    """A child that ends before it is ready fails the start with its name and exit code."""
    with pytest.raises(StartError, match=r"the end child ended at its start \(exit code 3\)"):
        await supervisor.start(child("ready"), child("end"))


@pytest.mark.asyncio
async def test_a_child_that_is_never_ready_is_named(supervisor: Supervisor) -> None:
    """A child that takes too long fails the start."""
    with pytest.raises(StartError, match=r"the silent child was not ready after 0.05 s"):
        await supervisor.start(child("silent", start_s=0.05))


@pytest.mark.asyncio
async def test_a_killed_child_is_started_again(supervisor: Supervisor, notices: Notices) -> None:
    """After `kill -9` a child is started again, and both are said."""
    one = child("ready")
    (event,) = await supervisor.start(one)
    os.kill(event["pid"], signal.SIGKILL)
    assert (await notices.next("child_lost"))["code"] == -signal.SIGKILL
    await notices.next("child_back")
    assert one.running
    assert one.process is not None
    assert one.process.pid != event["pid"]


@pytest.mark.asyncio
async def test_stop_ends_even_the_stubborn_and_the_frozen(supervisor: Supervisor) -> None:
    """Whoever does not hear SIGTERM, or cannot, is killed when the time is over."""
    events = await supervisor.start(child("ready"), child("stubborn"), child("ready"))
    os.kill(events[2]["pid"], signal.SIGSTOP)
    await supervisor.stop(0.2)
    assert not any(alive(event["pid"]) for event in events)


@pytest.mark.asyncio
async def test_stop_ends_a_child_that_was_not_ready(supervisor: Supervisor) -> None:
    """A start that is given up leaves nobody behind."""
    began = asyncio.Event()

    async def nothing() -> bytes:
        began.set()
        return b""

    one = child("silent", stdin=nothing)
    starting = asyncio.create_task(supervisor.start(one))
    await began.wait()
    starting.cancel()
    await asyncio.gather(starting, return_exceptions=True)
    await supervisor.stop(5)
    assert not one.running
