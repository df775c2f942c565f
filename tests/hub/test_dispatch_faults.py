"""The one door when something is wrong: faults, a silent store, long queues; and what leaves no record."""

from __future__ import annotations

import asyncio
import logging
import uuid
from typing import Any

import pytest

from hub.commit import unpack
from hub.contract import Actor, Change, Decision, Write
from hub.dispatch import Answer, Dispatch, Turns, refused
from tests.support.commits import everything
from tests.support.lamps import Lamp, Lamps
from tests.support.live import on_loop, opened, until
from tests.support.relay import relayed

ANI = Actor("ani", "resident", name="Ani")


ID = "0198d6f0-0000-7000-8000-000000000001"


def fresh() -> str:
    return str(uuid.uuid4())


@pytest.mark.parametrize("fault", ["raises", "33 topics", "80 KB", "unknown topic"])
@on_loop
async def test_a_fault_of_a_service_is_internal_and_writes_nothing(
    valkey_url: str, fault: str, caplog: pytest.LogCaptureFixture
) -> None:
    """The peer hears `internal`, no more; the log has it once; the store is untouched."""
    lamps = Lamps()
    decisions = {
        "33 topics": Decision(changes=tuple(Change(f"bulk/{n}", "a", "k", {}) for n in range(33))),
        "80 KB": Decision(changes=tuple(Change(f"bulk/{n}", "a", "k", {"x": "y" * 10_000}) for n in range(8))),
        "unknown topic": Decision(changes=(Change("nowhere", "a", "k", {}),)),
    }

    def decision(*_: Any) -> Decision:
        if fault == "raises":
            raise RuntimeError("secret")
        return decisions[fault]

    lamps.decision = decision
    async with opened(valkey_url, lamps) as (store, dispatch):
        before = await everything(store)
        with caplog.at_level(logging.ERROR):
            answer = await dispatch.run("lamp.ask", {}, ANI, ID)
        assert (answer.code, answer.retry) == ("internal", False)
        assert "secret" not in answer.message
        assert len(caplog.records) == 1
        assert await everything(store) == before


@on_loop
async def test_nothing_sent_is_unavailable_and_no_answer_is_unconfirmed(valkey_url: str) -> None:
    """Silence before the commit: not accepted. Silence after it was sent: the same id tells later."""
    async with relayed(valkey_url) as relay, opened(relay.url) as (store, dispatch):

        def silence(words: bytes, *, deaf: bool) -> None:
            def watch(wire: Any, data: bytes) -> None:
                if words in data and ID.encode() in data:
                    wire.silent, wire.deaf = not deaf, deaf

            relay.watch = watch

        silence(b"HMGET", deaf=False)
        answer = await dispatch.run("lamp.switch", {"lamp": "a"}, ANI, ID, deadline=store.deadline(0.3))
        assert (answer.code, answer.retry) == ("unavailable", True)
        silence(b"EVALSHA", deaf=True)
        answer = await dispatch.run("lamp.switch", {"lamp": "a"}, ANI, ID, deadline=store.deadline(0.3))
        assert (answer.code, answer.retry) == ("unconfirmed", True)
        relay.watch = lambda wire, data: None
        await until(lambda: store.up)
        assert await dispatch.run("lamp.switch", {"lamp": "a"}, ANI, ID) == Answer(True, {"count": 1})


@on_loop
async def test_turns_are_taken_in_order_and_some_jump_the_queue() -> None:
    """One at a time per name; an accept never waits for receipts."""
    turns, order = Turns(), []

    async def work(name: str, *, ahead: bool = False) -> None:
        await turns.enter("r1", ahead)
        order.append(name)
        turns.leave("r1")

    await turns.enter("r1", False)
    tasks = [asyncio.create_task(work(name, ahead=name == "accept")) for name in ("receipt", "decline", "accept")]
    await asyncio.sleep(0)
    await turns.enter("r2", False)
    turns.leave("r1")
    await asyncio.gather(*tasks)
    assert order == ["accept", "receipt", "decline"]
    turns.leave("r2")
    assert turns._queues == {}


@pytest.mark.parametrize("when", ["waiting", "given", "passed over"])
@on_loop
async def test_a_turn_given_up_is_passed_on(when: str) -> None:
    """Whoever was cancelled while waiting, or in the very moment of its turn, holds nobody up."""
    turns = Turns()
    await turns.enter("r1", False)
    quitter = asyncio.create_task(turns.enter("r1", False))
    patient = asyncio.create_task(turns.enter("r1", False))
    await asyncio.sleep(0)
    if when == "given":
        turns.leave("r1")
    quitter.cancel()
    if when == "passed over":
        turns.leave("r1")
    with pytest.raises(asyncio.CancelledError):
        await quitter
    if when == "waiting":
        turns.leave("r1")
    async with asyncio.timeout(1):
        await patient
    turns.leave("r1")
    assert turns._queues == {}


@on_loop
async def test_too_long_a_queue_is_unavailable(valkey_url: str) -> None:
    """A command that does not get its turn by the deadline was not accepted."""
    async with opened(valkey_url) as (store, dispatch):
        await dispatch._turns.enter("lamp:a", False)
        answer = await dispatch.run("lamp.switch", {"lamp": "a"}, ANI, ID, deadline=store.deadline(0.05))
        assert (answer.code, answer.retry) == ("unavailable", True)
        dispatch._turns.leave("lamp:a")
        assert (await dispatch.run("lamp.switch", {"lamp": "a"}, ANI, ID)).ok


@on_loop
async def test_a_fleeting_command_leaves_a_fix_and_nothing_else(store_url: str) -> None:
    """No reply, no outcome, no log entry, no number; a late one is silently dropped."""
    async with opened(store_url) as (store, dispatch):
        await dispatch.run("lamp.switch", {"lamp": "a", "topics": ["bulk/a"]}, ANI, ID)
        place = {"lamp": "a", "lat": -7.4, "lon": 112.4, "fix_at": 50}
        assert await dispatch.tell("lamp.moved", place, ANI) is None
        assert await dispatch.tell("lamp.moved", {**place, "fix_at": 40}, ANI) is None
        assert await dispatch.tell("lamp.moved", {**place, "lamp": "none"}, ANI) is None
        snapshot = await store.table("bulk", "bulk/a")
        assert unpack(snapshot.fixes["a"])["fix_at"] == 50
        assert snapshot.offset == 1


@pytest.mark.parametrize(
    ("cmd", "data", "actor", "code"),
    [
        ("lamp.fly", {}, ANI, "unknown_command"),
        ("lamp.switch", {"lamp": "a"}, ANI, "unknown_command"),
        ("lamp.moved", {"lamp": "a", "lat": "north"}, ANI, "bad_data"),
        ("lamp.moved", {}, Actor("x", "visitor"), "not_allowed"),
    ],
)
@on_loop
async def test_a_wrong_fleeting_command_is_answered(
    valkey_url: str, cmd: str, data: dict[str, Any], actor: Actor, code: str
) -> None:
    """With a code, as any other."""
    async with opened(valkey_url) as (_, dispatch):
        answer = await dispatch.tell(cmd, data, actor)
        assert answer is not None
        assert answer.code == code


def test_answers_are_frames_and_bodies() -> None:
    """A reply to a socket and the body of `POST /v1/commands` say the same."""
    yes, no = Answer(True), refused("too_many", "wait", retry=True, data={"after_ms": 5})
    assert yes.frame(3) == {"t": "reply", "ref": 3, "ok": True, "data": {}}
    assert no.body() == {"ok": False, "code": "too_many", "message": "wait", "retry": True, "data": {"after_ms": 5}}


@on_loop
async def test_a_write_of_a_thing_never_read_is_a_conflict_to_the_end(valkey_url: str) -> None:
    """A service that writes over what it did not read is not let through."""
    lamps = Lamps()
    lamps.decision = lambda *_: Decision(writes=(Write("lamp", "a", Lamp("a")),))
    async with opened(valkey_url, lamps) as (_, dispatch):
        assert isinstance(dispatch, Dispatch)
        assert (await dispatch.run("lamp.ask", {}, ANI, fresh())).ok
        assert (await dispatch.run("lamp.ask", {}, ANI, fresh())).code == "unavailable"
