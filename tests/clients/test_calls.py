from __future__ import annotations

import asyncio
from typing import Any, cast

import pytest

from clients.calls import Calls, Refused, SignedOut, Unanswered
from clients.link import Link

pytestmark = pytest.mark.asyncio


class Wire:
    """A link that is open or not, and what was sent on it."""

    def __init__(self, *, up: bool = True) -> None:
        self.up = up
        self.sent: list[dict[str, Any]] = []
        self.twice = asyncio.Event()

    def send(self, frame: dict[str, Any]) -> bool:
        if self.up:
            self.sent.append(dict(frame))
            if len(self.sent) == 2:
                self.twice.set()
        return self.up


def asked(*wires: Wire, cmd: str = "order.place") -> tuple[Calls, asyncio.Task[dict[str, Any]]]:
    """A command that waits for its answer on the first of the wires."""
    links = [cast(Link, wire) for wire in wires]
    calls = Calls(lambda: links)
    return calls, asyncio.create_task(calls.run(links[0], 7, cmd, {"shop": "s02"}, "i1", 5))


def reply(**more: Any) -> dict[str, Any]:
    return {"t": "reply", "ref": 7, "ok": False, "message": "", "retry": False, **more}


async def test_first_answer_wins() -> None:
    """A second answer to the same command, through the other hub, changes nothing."""
    calls, task = asked(Wire())
    await asyncio.sleep(0)
    assert calls.receive(reply(ok=True, data={"order": "o1"}))
    assert calls.receive(reply(code="internal"))
    assert await task == {"order": "o1"}
    assert not calls.receive(reply(ok=True, data={}))


async def test_waits_for_a_link() -> None:
    """A command of a client without a connection goes out when one opens, once."""
    wire = Wire(up=False)
    calls, task = asked(wire)
    await asyncio.sleep(0)
    wire.up = True
    calls.opened()
    calls.opened()
    assert [frame["id"] for frame in wire.sent] == ["i1"]
    calls.receive(reply(ok=True, data={}))
    await task


async def test_lost_link_moves_to_the_other() -> None:
    """What a closed link had not answered goes through another one at once."""
    own, other = Wire(), Wire()
    calls, task = asked(own, other)
    await asyncio.sleep(0)
    own.up = False
    calls.closed(cast(Link, own))
    assert [frame["id"] for frame in other.sent] == ["i1"]
    calls.receive(reply(ok=True, data={}))
    await task


async def test_retry_after() -> None:
    """`retry: true` repeats after what the hub says; several such answers make one repeat."""
    wire = Wire()
    calls, task = asked(wire)
    await asyncio.sleep(0)
    for _ in range(3):
        calls.receive(reply(code="too_many", retry=True, data={"after_ms": 0}))
    await wire.twice.wait()
    assert len(wire.sent) == 2
    calls.receive(reply(code="taken", data={"winner": {"name": "Sri"}}))
    with pytest.raises(Refused, match="taken"):
        await task


async def test_ends() -> None:
    """A link that ends for good fails its commands, a client that closes leaves them unanswered."""
    wire = Wire()
    calls, task = asked(wire)
    await asyncio.sleep(0)
    calls.ended(cast(Link, wire), 4501)
    with pytest.raises(SignedOut):
        await task
    calls, task = asked(wire)
    await asyncio.sleep(0)
    calls.receive(reply(code="unconfirmed", retry=True))
    calls.close()
    with pytest.raises(Unanswered, match="unconfirmed"):
        await task
