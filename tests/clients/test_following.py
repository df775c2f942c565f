from __future__ import annotations

import asyncio
from typing import Any

import pytest

from clients.following import Change, Following, Reader, hears
from clients.link import Link
from tests.clients.scripted import change

pytestmark = pytest.mark.asyncio


def followed() -> tuple[Following, list[Change]]:
    """A topic whose table is whole at offset 3, and what its watch is told."""
    following = Following("vans", Link(_Nobody(), [], "", lambda: 0.0))
    following.ref = 1
    following.receive(state(1, 3, v1={"state": "off"}))
    told: list[Change] = []
    following.watches.append(told.append)
    return following, told


def state(ref: int, offset: int, **things: Any) -> dict[str, Any]:
    return {
        "t": "state", "ref": ref, "topic": "vans", "epoch": "e1", "offset": offset, "things": things, "fixes": {},
        "part": 0, "last": True,
    }  # fmt: skip


async def test_a_new_table_tells_what_differs() -> None:
    """A table that replaces another tells the things that differ or are gone, and no others."""
    following, told = followed()
    following.receive(change("vans", 3, 4, "v2", {"state": "off"}))
    told.clear()
    following.receive(state(1, 9, v2={"state": "off"}, v3={"state": "driving"}))
    assert [(one.id, one.kind, one.view) for one in told] == [
        ("v3", "state", {"state": "driving"}),
        ("v1", "state", None),
    ]


async def test_the_answer_to_an_earlier_join_is_skipped() -> None:
    """Only the newest join's answer counts."""
    following, _ = followed()
    following.ref = 2
    assert following.receive(state(1, 9)) == "skip"
    assert following.table.offset == 3


async def test_folded_and_moved() -> None:
    """Folded runs tell each thing once; a position tells its fix; an old one tells nothing."""
    following, told = followed()
    following.receive({"t": "folded", "topic": "vans", "prev": 3, "offset": 8, "things": {"v1": {"state": "driving"}}})
    moved = {"t": "moved", "topic": "vans", "id": "v1", "fix": {"lat": 1, "lon": 2, "fix_at": 5}, "at": 6}
    following.receive(moved)
    following.receive(moved)
    assert [(one.kind, one.fix and one.fix["fix_at"], one.at) for one in told] == [
        ("folded", None, None),
        ("moved", 5, 6),
    ]


async def test_a_broken_group_is_dropped() -> None:
    """The first half of a commit whose rest was lost is told to nobody."""
    following, told = followed()
    following.receive(change("vans", 3, 4, "v1", {"state": "driving"}, more=True))
    assert following.receive(change("vans", 4, 5, "v2", None)) == "hole"
    assert told == []


async def test_misses() -> None:
    """A head beyond the table's offset is missed once the table is whole."""
    following, _ = followed()
    assert following.misses(4)
    assert not following.misses(3)
    assert not Following("vans", following.link).misses(4)


async def test_a_failing_watch_costs_nothing() -> None:
    """A watch at fault is reported to the loop; the table and the other watches go on."""
    following, told = followed()
    faults: list[dict[str, Any]] = []
    asyncio.get_running_loop().set_exception_handler(lambda loop, context: faults.append(context))

    def fails(one: Change) -> None:
        raise LookupError(one.id)

    following.watches.insert(0, fails)
    assert following.receive(change("vans", 3, 4, "v1", None)) == "apply"
    assert (len(told), len(faults)) == (1, 1)


async def test_a_reader_behind_gets_the_newest_face_once() -> None:
    """What waits for a slow reader is one change for each thing, the newest."""
    reader = Reader()
    for state_ in ("off", "driving", "at_stop"):
        reader(Change("vans", "v1", "x", {"state": state_}, None, None))
    reader(Change("vans", "v2", "x", None, None, None))
    first, second = await reader.next(), await reader.next()
    assert first is not None
    assert (first.view, second and second.id) == ({"state": "at_stop"}, "v2")


async def test_reading_ends_with_the_topic() -> None:
    """A reader hears the error that ended the topic."""
    following, _ = followed()
    reading = hears(following)
    assert (await anext(reading)).id == "v1"
    following.end(ConnectionError("gone"))
    with pytest.raises(ConnectionError):
        await anext(reading)


class _Nobody:
    def link_opened(self, link: Link, welcome: dict[str, Any]) -> None: ...

    def link_closed(self, link: Link) -> None: ...

    def link_ended(self, link: Link, code: int) -> None: ...

    def receive(self, link: Link, frame: dict[str, Any]) -> None: ...
