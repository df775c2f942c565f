"""The one door: what a command comes to, once, whoever repeats it."""

from __future__ import annotations

import asyncio
import uuid
from collections.abc import Callable
from typing import Any

import pytest

from hub.commit import Due, unpack
from hub.contract import Actor, Command, Decision, Facts, Figure, FixOf, Need, Refusal, State, Thing
from hub.dispatch import ATTEMPTS, LATE_MS, Answer, away_ms, new_ids
from hub.store import Store
from hub.wire import is_uuid
from tests.support.commits import everything, lamp
from tests.support.lamps import Lamp, Lamps
from tests.support.live import on_loop, opened

ANI = Actor("ani", "resident", name="Ani")


BUDI = Actor("budi", "resident", name="Budi")


ID = "0198d6f0-0000-7000-8000-000000000001"


def fresh() -> str:
    return str(uuid.uuid4())


def says(refusal: Refusal) -> Callable[..., Refusal]:
    return lambda state, command, facts, actor, now: refusal


@on_loop
async def test_a_command_is_decided_and_kept(store_url: str) -> None:
    """The answer comes when the change is committed, with its state, table and audit entry."""
    async with opened(store_url) as (store, dispatch):
        answer = await dispatch.run("lamp.switch", {"lamp": "a", "topics": ["bulk/a"]}, ANI, ID)
        assert answer == Answer(True, {"count": 1})
        things = (await store.table("bulk", "bulk/a")).things
        assert unpack(things["a"])["state"] == "on"
        assert dispatch.commits == 1


@on_loop
async def test_the_same_id_hears_the_same_answer_through_any_hub(store_url: str) -> None:
    """One effect, however often and through whichever hub; keys in any order."""
    data = {"lamp": "a", "text": "x"}
    async with opened(store_url) as (_, one), opened(store_url) as (store, two):
        first = await one.run("lamp.switch", data, ANI, ID)
        again = await two.run("lamp.switch", dict(reversed(data.items())), ANI, ID)
        later = await two.run("lamp.switch", {**data, "confirmed": True}, ANI, ID, age_ms=90_000)
        assert first == again == later == Answer(True, {"count": 1})
        other = await two.run("lamp.switch", data, BUDI, ID)
        assert other == Answer(True, {"count": 2})
        (rows,) = await store.many("normal", [["XRANGE", store.keys.audit, "-", "+"]])
        assert len(rows) == 2


@on_loop
async def test_an_id_belongs_to_one_content(store_url: str) -> None:
    """The same id with other data, or another command, is `id_reused`, and changes nothing."""
    async with opened(store_url) as (store, dispatch):
        await dispatch.run("lamp.switch", {"lamp": "a"}, ANI, ID)
        before = await everything(store)
        for cmd, data in (("lamp.switch", {"lamp": "b"}), ("lamp.help", {"lamp": "a"})):
            assert (await dispatch.run(cmd, data, ANI, ID)).code == "id_reused"
        assert await everything(store) == before


@on_loop
async def test_final_refusals_are_recorded(store_url: str) -> None:
    """A refusal that was decided stays one, though the world would now say yes; its data too."""
    lamps = Lamps()
    async with opened(store_url, lamps) as (_, dispatch):
        lamps.decision = says(Refusal("taken", "Budi has it", data={"winner": {"person": "budi", "name": "Budi"}}))
        first = await dispatch.run("lamp.ask", {}, ANI, ID)
        lamps.decision = lambda *_: Decision({"yes": True})
        assert await dispatch.run("lamp.ask", {}, ANI, ID) == first
        assert (first.code, first.retry) == ("taken", False)
        assert first.data == {"winner": {"person": "budi", "name": "Budi"}}


@pytest.mark.parametrize(
    "refusal", [Refusal("too_many", "wait", retry=True), Refusal("too_late", "old", record=False)], ids=lambda r: r.code
)
@on_loop
async def test_other_refusals_are_not_recorded(store_url: str, refusal: Refusal) -> None:
    """What says "try again", and what only age refused, leaves no trace."""
    lamps = Lamps()
    async with opened(store_url, lamps) as (store, dispatch):
        before = await everything(store)
        lamps.decision = says(refusal)
        answer = await dispatch.run("lamp.ask", {}, ANI, ID)
        assert (answer.code, answer.retry) == (refusal.code, refusal.retry)
        assert await everything(store) == before
        lamps.decision = lambda *_: Decision({"yes": True})
        assert (await dispatch.run("lamp.ask", {}, ANI, ID)).ok


@pytest.mark.parametrize(
    ("cmd", "data", "actor", "code", "says_"),
    [
        ("lamp.fly", {}, ANI, "unknown_command", "lamp.fly"),
        ("x" * 500, {}, ANI, "unknown_command", "xxx"),
        ("lamp.presence", {}, ANI, "not_allowed", "resident"),
        ("lamp.desk", {}, ANI, "not_allowed", "resident"),
        ("lamp.desk", {}, Actor("d", "dispatcher", desk="city"), "not_allowed", "dispatcher"),
        ("lamp.desk", {}, Actor("s", "service", desk="city"), "not_allowed", "service"),
        ("lamp.desk", {}, Actor("s", "service"), "not_allowed", "service"),
        ("lamp.switch", {}, ANI, "bad_data", "data.lamp: expected"),
        ("lamp.switch", {"lamp": 5}, ANI, "bad_data", "data.lamp: expected"),
        ("lamp.switch", {"lamp": "a", "topics": ["a", 5]}, ANI, "bad_data", "data.topics[1]: expected"),
        ("lamp.ask", {"n": 1.5}, ANI, "bad_data", "data.n: expected"),
    ],
)
@on_loop
async def test_what_cannot_be_asked_is_refused(
    valkey_url: str, cmd: str, data: dict[str, Any], actor: Actor, code: str, says_: str
) -> None:
    """Unknown commands, other roles and desks, wrong fields: a code, a sentence, nothing written."""
    async with opened(valkey_url) as (store, dispatch):
        before = await everything(store)
        answer = await dispatch.run(cmd, data, actor, ID)
        assert (answer.code, answer.retry) == (code, False)
        assert says_ in answer.message
        assert len(answer.message) < 200
        assert await everything(store) == before


@on_loop
async def test_a_desk_of_its_own_may(valkey_url: str) -> None:
    """The medic desk's command is for a dispatcher, or another system, at the medic desk."""
    async with opened(valkey_url) as (_, dispatch):
        for role in ("dispatcher", "service"):
            assert (await dispatch.run("lamp.desk", {}, Actor(role, role, desk="medic"), ID)).ok


def before_commit(store: Store, what: Callable[[], Any]) -> None:
    """Let something happen between what a store read and what it commits."""
    commit = store.commit

    async def gated(*args: Any, **more: Any) -> Any:
        await what()
        return await commit(*args, **more)

    store.commit = gated  # type: ignore[method-assign]


@on_loop
async def test_a_conflict_is_decided_again(store_url: str) -> None:
    """What was read has changed: loaded and decided again, both switches count."""
    async with opened(store_url) as (_, other), opened(store_url) as (store, dispatch):
        times: list[Answer] = []

        async def meanwhile() -> None:
            if not times:
                times.append(await other.run("lamp.switch", {"lamp": "a"}, BUDI, fresh()))

        before_commit(store, meanwhile)
        answer = await dispatch.run("lamp.switch", {"lamp": "a"}, ANI, ID)
        assert (times[0].data, answer.data) == ({"count": 1}, {"count": 2})
        assert dispatch.conflicts == 1


@on_loop
async def test_five_conflicts_are_enough(store_url: str) -> None:
    """Then it is `unavailable`: certainly not accepted, to be tried again, and not recorded."""
    async with opened(store_url) as (_, other), opened(store_url) as (store, dispatch):

        async def meanwhile() -> None:
            await other.run("lamp.switch", {"lamp": "a"}, BUDI, fresh())

        plain = store.commit
        before_commit(store, meanwhile)
        answer = await dispatch.run("lamp.switch", {"lamp": "a"}, ANI, ID)
        assert (answer.code, answer.retry) == ("unavailable", True)
        assert dispatch.conflicts == ATTEMPTS
        store.commit = plain  # type: ignore[method-assign]
        assert (await dispatch.run("lamp.switch", {"lamp": "a"}, ANI, ID)).data == {"count": ATTEMPTS + 1}


@on_loop
async def test_the_same_command_through_two_hubs_at_once_has_one_effect(store_url: str) -> None:
    """Both have read, neither has committed: one commits, the other hears what it came to."""
    async with opened(store_url) as (one, first), opened(store_url) as (two, second):
        both = asyncio.Barrier(2)
        before_commit(one, both.wait)
        before_commit(two, both.wait)
        answers = await asyncio.gather(*(door.run("lamp.switch", {"lamp": "a"}, ANI, ID) for door in (first, second)))
        assert answers == [Answer(True, {"count": 1})] * 2
        state = State()
        await one.gather("normal", state, [Thing("lamp", "a")], one.now(), one.deadline())
        lamp = state.thing(Lamp, "lamp", "a")
        assert lamp is not None
        assert lamp.count == 1


@on_loop
async def test_a_service_is_asked_until_it_needs_nothing_new(store_url: str) -> None:
    """What was found may lead to more; it is decided when nothing new is named."""
    lamps = Lamps()

    def needs(state: State, command: Command, actor: Actor) -> list[Need]:
        found: list[Need] = [Thing("lamp", "a")]
        if state.has(found[0]):
            found.append(FixOf("lamp", "a"))
        return found

    lamps.needs = needs
    lamps.decision = lambda state, *_: Decision({"found": len(state.found)})
    async with opened(store_url, lamps) as (_, dispatch):
        assert (await dispatch.run("lamp.ask", {}, ANI, ID)).data == {"found": 2}


@on_loop
async def test_a_service_is_told_time_ids_and_kind(store_url: str) -> None:
    """`now` is the store's, ids are fresh UUIDv7 in order, `demo` is the city's kind."""
    lamps, seen = Lamps(), []

    def decision(state: State, command: Command, facts: Facts, actor: Actor, now: int) -> Decision:
        seen.append((now, command))
        return Decision()

    lamps.decision = decision
    async with opened(store_url, lamps, demo=True) as (store, dispatch):
        await dispatch.run("lamp.ask", {}, ANI, ID, age_ms=7)
        (facts,), ((now, command),) = lamps.facts, seen
        assert abs(now - store.now()) < 2000
        assert (command.id, command.age_ms) == (ID, 7)
        assert facts.demo
        assert facts.away_ms == 0
        assert list(facts.new_ids) == sorted(set(facts.new_ids), key=facts.new_ids.index)
        assert all(is_uuid(id_) and id_[14] == "7" and id_[19] in "89ab" for id_ in facts.new_ids)


def test_only_a_timer_that_was_long_overdue_was_away() -> None:
    """A timer that acts late by seconds is an ordinary one; later than that, nobody was there to act."""
    due = Due("normal", "lamp/a/off", "1", "lamp.off", {}, due=1_000_000)
    assert [away_ms(due, 1_000_000 + late) for late in (0, LATE_MS, LATE_MS + 1)] == [0, 0, LATE_MS + 1]
    assert away_ms(None, 9_000_000) == 0


def test_ids_carry_their_time() -> None:
    """RFC 9562 section 5.7: the first 48 bits are milliseconds."""
    for id_ in new_ids(1_700_000_000_000, 20):
        assert int(id_.replace("-", "")[:12], 16) == 1_700_000_000_000


@on_loop
async def test_the_audit_holds_ids_and_no_content(store_url: str) -> None:
    """Who, which command, which things: never what was written in it."""
    async with opened(store_url) as (store, dispatch):
        await dispatch.run("lamp.switch", {"lamp": "a", "text": "Jl. Majapahit 5"}, ANI, ID)
        (rows,) = await store.many("normal", [["XRANGE", store.keys.audit, "-", "+"]])
        fields = dict(zip(rows[0][1][::2], rows[0][1][1::2], strict=True))
        assert unpack(fields[b"e"]) == {
            "cmd": "lamp.switch", "id": ID, "by": "ani", "role": "resident", "things": ["lamp/a"],
        }  # fmt: skip
        assert fields[b"commit"] == b"1"


@on_loop
async def test_figures_stand_in_the_audit_for_the_reports(valkey_url: str) -> None:
    """As lists that the long memory reads; an entry without figures says nothing of them."""
    lamps = Lamps()
    figure = Figure("lamp", "meri", {"lit": 5}, {"all": 1})
    lamps.decision = lambda *_: Decision(writes=(lamp("x"),), figures=(figure,))
    async with opened(valkey_url, lamps) as (store, dispatch):
        assert (await dispatch.run("lamp.ask", {}, ANI, ID)).ok
        (rows,) = await store.many("normal", [["XRANGE", store.keys.audit, "-", "+"]])
        said = unpack(dict(zip(rows[0][1][::2], rows[0][1][1::2], strict=True))[b"e"])
        assert said["figures"] == [["lamp", "meri", {"lit": 5}, {"all": 1}]]
