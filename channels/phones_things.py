"""What the service of phones speaks in: its table, the data of its commands, what is kept, and what desks see of it."""

from __future__ import annotations

from typing import Annotated, Final, Literal

from msgspec import Meta, Struct

from channels.alarms import Alarm, alarm_id, alarm_view
from channels.draft import Deadlines, Kind
from channels.phones_rings import TEST, topic_of
from channels.views import Views
from hub.contract import Rule, Table, View

UNWAKEABLE: Final = "unwakeable"
TIMER: Final = frozenset({"timer"})
HUB: Final = frozenset({"hub"})
DESK: Final = frozenset({"dispatcher"})

RINGS: Table = {
    "resting": {"phone.test": Rule(TIMER | DESK, "ringing", "once a week, or a dispatcher of the desk")},
    "ringing": {
        "phone.test": Rule(TIMER, None, "nobody counted the last one"),
        "phone.tested": Rule(HUB, "resting", "two minutes later"),
    },
}

Id = Annotated[str, Meta(min_length=1, max_length=80)]
Desk = Literal["medic", "market", "van", "city"]


# -- data of commands ---------------------------------------------------------


class Device(Struct, frozen=True):
    """What the hub says of one of a person's devices."""

    person: Id
    role: Id
    change: Literal["new", "lost", "left"]


class Arm(Struct, frozen=True):
    """Nothing: the city's rules say when."""


class OneTest(Struct, frozen=True):
    test_ring: Desk


class Somebody(Struct, frozen=True):
    person: Id
    role: Id
    name: Annotated[str, Meta(max_length=80)]


class Tested(Struct, frozen=True):
    """`missed`: whom nothing reached; `more` such people were left out."""

    test_ring: Desk
    at: int
    asked: int
    reached: int
    missed: tuple[Somebody, ...] = ()
    more: int = 0


class Take(Struct, frozen=True):
    alarm: Annotated[str, Meta(min_length=3, max_length=120)]


# -- things -------------------------------------------------------------------


class Phone(Struct, frozen=True, omit_defaults=True, kw_only=True):
    """Somebody whose device a push service gave up; there is none of anybody else."""

    v: int = 1
    id: str
    role: str
    name: str
    desk: str
    alarm: Alarm


class TestRing(Struct, frozen=True, omit_defaults=True, kw_only=True):
    """A desk's test ring: the last one, and when the next is due (`when`: the weekday and hour that it was made of)."""

    v: int = 1
    id: str
    state: str = "resting"
    at: int = 0
    rung_at: int = 0
    next_at: int = 0
    when: tuple[int, int] = (0, 0)
    asked: int = 0
    reached: int = 0
    missed: tuple[Somebody, ...] = ()
    more: int = 0


def _phone_views(phone: Phone, now: int) -> Views:
    id_ = alarm_id(phone.id, UNWAKEABLE)
    of = {"person": phone.id, "role": phone.role, "name": phone.name}
    return {(topic_of(phone.desk), id_): alarm_view(id_, UNWAKEABLE, phone.alarm, now, **of)}


def _test_views(test: TestRing, now: int) -> Views:
    if not test.rung_at:
        return {}
    view: View = {
        "type": TEST,
        "id": TEST,
        "state": "ringing" if test.state == "ringing" else "over",
        "at": test.at,
        "rung_at": test.rung_at,
    }
    if test.next_at:
        view["next_at"] = test.next_at
    if test.state != "ringing":
        missed = [{"person": one.person, "role": one.role, "name": one.name} for one in test.missed]
        view |= {"asked": test.asked, "reached": test.reached, "missed": missed, "more": test.more}
    return {(topic_of(test.id), TEST): view}


def _deadlines(test: TestRing) -> Deadlines:
    return {"test": (test.next_at, "phone.test")} if test.next_at else {}


PHONE_KIND: Final = Kind("phone", _phone_views)
TEST_KIND: Final = Kind(TEST, _test_views, _deadlines)
