"""One commit on real stores: all or nothing, checked before the first write."""

from __future__ import annotations

import asyncio

import pytest

from hub.bus import parse
from hub.commit import MAX_TOPICS, Outcome, unpack
from hub.contract import (
    Change,
    Claim,
    Decision,
    GeoEntry,
    Guard,
    SetEntry,
    Write,
)
from hub.store import Committed, Conflict
from tests.support.commits import DONE, commit, everything, lamp, read, topics
from tests.support.lamps import Lamp
from tests.support.live import on_loop, opened


@on_loop
async def test_a_known_outcome_comes_first(store_url: str) -> None:
    """The same (person, id) again: the recorded outcome, and nothing is written, whatever else is asked."""
    async with opened(store_url) as (store, _):
        first = await commit(store, Decision(writes=(lamp(),)), out=("ani", "1", DONE))
        assert isinstance(first, Committed)
        before = await everything(store)
        other = Outcome(b"other", False, None, "taken", "no")
        again = await commit(store, Decision(writes=(lamp("b"),)), out=("ani", "1", other))
        assert again == DONE
        assert await everything(store) == before
        loaded = await store.load("normal", "ani", "1", store.deadline())
        assert (loaded.outcome, loaded.epoch) == (DONE, store.epoch)


@on_loop
async def test_an_outcome_belongs_to_a_person(store_url: str) -> None:
    """Another person's command of the same id is another command, and an outcome is kept for 24 h."""
    async with opened(store_url) as (store, _):
        for person in ("ani", "budi"):
            assert isinstance(await commit(store, Decision(), out=(person, "1", DONE)), Committed)
        (left,) = await store.many("normal", [["PTTL", store.keys.outcome("ani", "1")]])
        assert 24 * 3_600_000 - 10_000 < left <= 24 * 3_600_000


@on_loop
async def test_a_version_read_must_still_stand(store_url: str) -> None:
    """A thing written meanwhile is a conflict that names it; reloaded, it commits with a higher version."""
    async with opened(store_url) as (store, _):
        old = await read(store, ("lamp", "a"))
        await commit(store, Decision(writes=(lamp(on=True),)), ("lamp", "a"))
        result = await commit(store, Decision(writes=(lamp(count=9),)), state=old)
        assert result == Conflict(store.keys.thing("lamp", "a"))
        fresh = await read(store, ("lamp", "a"))
        assert fresh.thing(Lamp, "lamp", "a") == Lamp("a", on=True)
        assert fresh.versions["lamp", "a"] == 1
        result = await commit(store, Decision(writes=(lamp(count=9),)), state=fresh)
        assert isinstance(result, Committed)
        assert result.commit == 2


@on_loop
async def test_a_thing_that_was_not_read_must_not_exist(store_url: str) -> None:
    """A new thing is written over nothing."""
    async with opened(store_url) as (store, _):
        await commit(store, Decision(writes=(lamp(),)))
        assert isinstance(await commit(store, Decision(writes=(lamp(),))), Conflict)


@on_loop
async def test_a_guard_must_still_stand(store_url: str) -> None:
    """What was relied on and not written is checked as well, and stays as it is."""
    async with opened(store_url) as (store, _):
        await commit(store, Decision(writes=(lamp("a"), lamp("b"))))
        state = await read(store, ("lamp", "a"), ("lamp", "b"))
        await commit(store, Decision(writes=(lamp("b", on=True),)), ("lamp", "b"))
        decision = Decision(writes=(lamp("a", on=True),), guards=(Guard("lamp", "b"),))
        assert await commit(store, decision, state=state) == Conflict(store.keys.thing("lamp", "b"))
        assert isinstance(await commit(store, decision, ("lamp", "a"), ("lamp", "b")), Committed)
        assert (await read(store, ("lamp", "b"))).thing(Lamp, "lamp", "b") == Lamp("b", on=True)


@on_loop
async def test_a_deleted_thing_is_gone(store_url: str) -> None:
    """Deleted, it reads as nothing at version 0 and can be made anew."""
    async with opened(store_url) as (store, _):
        await commit(store, Decision(writes=(lamp(),)))
        await commit(store, Decision(writes=(Write("lamp", "a", None),)), ("lamp", "a"))
        state = await read(store, ("lamp", "a"))
        assert (state.thing(Lamp, "lamp", "a"), state.versions["lamp", "a"]) == (None, 0)
        assert isinstance(await commit(store, Decision(writes=(lamp(),)), state=state), Committed)


@on_loop
async def test_a_claim_has_one_holder(store_url: str) -> None:
    """A name held by another is a conflict; the holder may take it again and free it, nobody else."""
    async with opened(store_url) as (store, _):
        take = [Decision(claims=(Claim("open_call/ani", holder),)) for holder in ("r1", "r2")]
        free = [Decision(claims=(Claim("open_call/ani", holder, free=True),)) for holder in ("r1", "r2")]
        held = Conflict(store.keys.claim("open_call/ani"))
        assert isinstance(await commit(store, take[0]), Committed)
        assert await commit(store, take[1]) == held
        assert isinstance(await commit(store, take[0]), Committed)
        assert await commit(store, free[1]) == held
        assert isinstance(await commit(store, free[0]), Committed)
        assert isinstance(await commit(store, take[1]), Committed)


@on_loop
async def test_another_epoch_is_a_conflict(store_url: str) -> None:
    """What was decided in an epoch is not committed in another."""
    async with opened(store_url) as (store, _):
        assert await commit(store, Decision(writes=(lamp(),)), epoch="old") == Conflict("epoch")


@on_loop
async def test_a_conflict_writes_nothing(store_url: str) -> None:
    """The last of many checks fails: every key of the store is as it was."""
    async with opened(store_url) as (store, _):
        await commit(store, Decision(writes=(lamp("z"),), claims=(Claim("name", "z"),)))
        before = await everything(store)
        decision = Decision(
            writes=(lamp("a"), lamp("b")),
            claims=(Claim("free", "a"), Claim("name", "a")),
            index=(SetEntry("on", "a"), GeoEntry("lamps", "a", -7.4, 112.4)),
            changes=(Change("urgent/a", "a", "k", {"v": 1}), Change("bulk/a", "a", "k", {"v": 1})),
        )
        assert isinstance(await commit(store, decision, out=("ani", "1", DONE)), Conflict)
        assert await everything(store) == before


@on_loop
async def test_a_commit_is_one_number_everywhere(store_url: str) -> None:
    """Versions, offsets and logs carry the commit's number; `prev` is the topic's, `lane_prev` the lane's."""
    async with opened(store_url) as (store, _):
        changes = (
            Change("urgent/a", "x", "lamp.on", {"v": 1}),
            Change("urgent/b", "x", "lamp.on", {"v": 2}),
            Change("urgent/a", "y", "lamp.on", {"v": 3}),
            Change("bulk/a", "x", "lamp.on", {"v": 4}),
        )
        for decision in (
            Decision(changes=changes[:1]),
            Decision(writes=(lamp("other"),)),
            Decision(writes=(lamp("a"),), changes=changes),
        ):
            result = await commit(store, decision)
        assert isinstance(result, Committed)
        assert result.commit == 3
        (rows, bulk), *_ = await asyncio.gather(
            store.many("normal", [["XRANGE", store.keys.log(lane), "-", "+"] for lane in ("urgent", "bulk")])
        )
        entries = [parse("urgent", fields[1]) for _, fields in rows]
        assert [(e.commit, e.lane_prev, e.epoch) for e in entries] == [(1, 0, store.epoch), (3, 1, store.epoch)]
        assert [(c.topic, c.prev, c.id) for c in entries[1].changes] == [
            ("urgent/a", 1, "x"),
            ("urgent/b", 0, "x"),
            ("urgent/a", 1, "y"),
        ]
        assert unpack(entries[1].changes[2].view or b"") == {"v": 3}
        assert entries[1].at == result.at
        assert [row[0] for row in bulk] == [b"3-0"]
        snapshot = await store.table("urgent", "urgent/a")
        assert (snapshot.epoch, snapshot.offset) == (store.epoch, 3)
        assert {id_: unpack(view) for id_, view in snapshot.things.items()} == {"x": {"v": 1}, "y": {"v": 3}}
        assert store.seen_commit == 3


@on_loop
async def test_a_command_that_changes_nothing_takes_no_number(store_url: str) -> None:
    """A recorded refusal is no commit of the city."""
    async with opened(store_url) as (store, _):
        result = await commit(store, Decision(), out=("ani", "1", DONE))
        assert isinstance(result, Committed)
        assert result.commit == 0


@on_loop
async def test_a_commit_touches_at_most_thirty_two_topics(store_url: str) -> None:
    """32 pass, 33 are refused before anything is sent, and the script itself refuses them before its first write."""
    async with opened(store_url) as (store, _):
        assert isinstance(await commit(store, Decision(changes=topics(MAX_TOPICS))), Committed)
        before = await everything(store)
        with pytest.raises(ValueError, match="at most 32 topics"):
            await commit(store, Decision(writes=(lamp(),), changes=topics(MAX_TOPICS + 1)))
        assert await everything(store) == before


@on_loop
async def test_the_script_refuses_too_many_topics_before_its_first_write(
    store_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whatever was sent: nothing is half-written."""
    async with opened(store_url) as (store, _):
        await commit(store, Decision(changes=topics(1)))
        before = await everything(store)
        monkeypatch.setattr("hub.commit.MAX_TOPICS", 1000)
        with pytest.raises(Exception, match="at most 32 topics"):
            await commit(store, Decision(writes=(lamp(),), changes=topics(33)), out=("ani", "1", DONE))
        assert await everything(store) == before


@on_loop
async def test_an_oversized_commit_is_refused_before_it_is_sent(store_url: str) -> None:
    """Over 64 KB in one lane is a fault of the service, and nothing is written."""
    async with opened(store_url) as (store, _):
        before = await everything(store)
        big = {"text": "x" * 9000}
        assert isinstance(await commit(store, Decision(changes=topics(6, big))), Committed)
        before = await everything(store)
        with pytest.raises(ValueError, match="65536 bytes"):
            await commit(store, Decision(writes=(lamp(),), changes=topics(8, big)), out=("ani", "1", DONE))
        assert await everything(store) == before
