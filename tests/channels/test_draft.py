"""From things before and after to one decision."""

from __future__ import annotations

from msgspec import Struct
from msgspec.structs import replace

from channels.draft import Deadlines, Draft, Entries, Kind, entries_between, timers_between, too_early
from channels.views import Views
from hub.contract import Decision, GeoEntry, SetEntry, Timer, Write


class Lamp(Struct, frozen=True):
    id: str
    on: bool = False
    off_at: int = 0
    street: str = "a"


def _views(lamp: Lamp, now: int) -> Views:
    view = {"type": "lamp", "id": lamp.id, "state": "on" if lamp.on else "off", "at": now}
    return {("lamps", lamp.id): view, (f"street/{lamp.street}", lamp.id): view}


def _deadlines(lamp: Lamp) -> Deadlines:
    return {"off": (lamp.off_at, "lamp.off")} if lamp.off_at else {}


def _index(lamp: Lamp) -> Entries:
    found: list[SetEntry | GeoEntry] = [SetEntry(f"street/{lamp.street}", lamp.id)]
    if lamp.on:
        found.append(GeoEntry("on", lamp.id, 1.0, 2.0))
    return {(entry.index, entry.member): entry for entry in found}


LAMP = Kind("lamp", _views, _deadlines, _index)
DARK = Lamp("a")
LIT = Lamp("a", on=True, off_at=50)


def decided(before: Lamp | None, after: Lamp | None, **more: str) -> Decision:
    draft = Draft(10, "lamp.switched", **more)
    draft.put(LAMP, "a", before, after)
    return draft.decision({"lamp": "a"})


def test_a_new_thing() -> None:
    """All its views, its timers and its entries are written."""
    decision = decided(None, LIT)
    assert decision.answer == {"lamp": "a"}
    assert decision.writes == (Write("lamp", "a", LIT),)
    assert [(change.topic, change.kind) for change in decision.changes] == [
        ("lamps", "lamp.switched"),
        ("street/a", "lamp.switched"),
    ]
    assert decision.timers == (Timer("lamp", "a", "off", 50, "lamp.off", {"lamp": "a"}),)
    assert decision.index == (SetEntry("street/a", "a"), GeoEntry("on", "a", 1.0, 2.0))


def test_only_what_differs_is_told() -> None:
    """A thing that moved leaves one table and comes into another; where nothing differs nothing is said."""
    decision = decided(LIT, replace(LIT, street="b"))
    assert [(change.topic, change.view is None) for change in decision.changes] == [
        ("street/b", False),
        ("street/a", True),
    ]
    assert decision.timers == ()
    assert decision.index == (SetEntry("street/b", "a"), SetEntry("street/a", "a", remove=True))


def test_a_thing_that_ends_takes_everything_along() -> None:
    """Views, timers and entries go with it."""
    decision = decided(LIT, None)
    assert decision.writes == (Write("lamp", "a", None),)
    assert all(change.view is None for change in decision.changes)
    assert decision.timers == (Timer("lamp", "a", "off", None),)
    assert decision.index == (SetEntry("street/a", "a", remove=True), GeoEntry("on", "a"))


def test_the_same_object_changes_nothing() -> None:
    """Nothing is written for a thing that stays, unless its timer was the one that fired and is still wanted."""
    assert decided(LIT, LIT).writes == ()
    assert decided(DARK, DARK, fired="off").writes == ()
    again = decided(LIT, LIT, fired="off")
    assert again.timers == (Timer("lamp", "a", "off", 50, "lamp.off", {"lamp": "a"}),)
    assert again.changes == ()


def test_each_thing_may_have_an_event_of_its_own() -> None:
    """One command that changes two things names both."""
    draft = Draft(10, "lamp.switched")
    draft.put(LAMP, "a", None, DARK)
    draft.put(LAMP, "b", None, Lamp("b"), event="lamp.hung")
    assert {change.kind for change in draft.decision().changes if change.id == "b"} == {"lamp.hung"}


def test_too_early() -> None:
    """A timer that is not wanted does nothing, one before its time is set anew, one that is due goes on."""
    assert too_early(LAMP, "a", DARK, "off", 99) == Decision()
    early = too_early(LAMP, "a", LIT, "off", 49)
    assert early is not None
    assert early.timers == (Timer("lamp", "a", "off", 50, "lamp.off", {"lamp": "a"}),)
    assert too_early(LAMP, "a", LIT, "off", 50) is None


def test_timers_between() -> None:
    """Moved ones are set, gone ones cancelled, the same left alone unless fired."""
    one, two = {"off": (50, "lamp.off")}, {"off": (60, "lamp.off")}
    assert timers_between("lamp", "a", one, one) == []
    assert [timer.due for timer in timers_between("lamp", "a", one, two)] == [60]
    assert [timer.due for timer in timers_between("lamp", "a", one, {})] == [None]
    assert [timer.due for timer in timers_between("lamp", "a", one, one, fired="off")] == [50]


def test_entries_between() -> None:
    """A place that moved is written again, what is gone is removed."""
    here, there = GeoEntry("on", "a", 1.0, 2.0), GeoEntry("on", "a", 1.0, 3.0)
    key = ("on", "a")
    assert entries_between({key: here}, {key: here}) == []
    assert entries_between({key: here}, {key: there}) == [there]
    assert entries_between({key: here}, {}) == [GeoEntry("on", "a")]
