"""Phones that can be woken: one that is lost is its desk's alarm, and once a week all of them are rung as a test.

A push service that gives a device up says so at the next ring, which may be the one that counts. So the desk hears of
it at once, whether its person is on duty or not, until a device of theirs subscribes again or somebody takes the
alarm: who takes it calls that person, and it is over. The weekly test rings everybody of a desk whom no page reaches,
and two minutes later says by name whom nothing reached.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, ClassVar, Final

from msgspec import Struct
from msgspec.structs import replace

from channels.alarms import Alarm, alarm_of
from channels.draft import Draft, too_early
from channels.geo import City
from channels.phones_personal import PHONES, PHONES_PLAIN, redrawn
from channels.phones_rings import ROLES, ROLL_CALLS, TEST, TESTS, desk_of
from channels.phones_things import (
    DESK,
    HUB,
    PHONE_KIND,
    RINGS,
    TEST_KIND,
    TIMER,
    UNWAKEABLE,
    Arm,
    Device,
    OneTest,
    Phone,
    Take,
    Tested,
    TestRing,
)
from channels.rings import alarms_of
from channels.van_days import DAY_MS, day_of, day_start, later, weekday
from hub.contract import (
    Actor,
    Channel,
    Command,
    CommandSpec,
    Decision,
    Facts,
    Fix,
    Lane,
    Need,
    Personal,
    Receipt,
    Refusal,
    RollCall,
    State,
    Table,
    Thing,
    TopicRule,
    Waking,
)
from hub.machine import step

HOUR_MS: Final = 3_600_000
NAMED: Final = 30
"""People whom one view names; the others it counts."""


class Phones(Channel):
    """The service; see `hub.contract.Channel`. The alarms of the van desk are taken here."""

    name: ClassVar[str] = "phone"
    lane: ClassVar[Lane] = "normal"

    commands: Mapping[str, CommandSpec] = {
        "phone.device": CommandSpec(Device, HUB, serial="person"),
        "phone.arm": CommandSpec(Arm, HUB),
        "phone.test": CommandSpec(OneTest, TIMER | DESK, serial=TEST),
        "phone.tested": CommandSpec(Tested, HUB, serial=TEST),
        "alarm.take": CommandSpec(Take, DESK, desk="van"),
    }
    tells: Mapping[str, CommandSpec] = {}
    things: Mapping[str, type[Struct]] = {"phone": Phone, TEST: TestRing}
    tables: Mapping[str, Table] = {TEST: RINGS}
    presence: Mapping[str, str] = {}
    receipts: Mapping[str, Receipt] = {}
    personal: Mapping[type[Struct], Personal] = PHONES
    plain: Mapping[str, str] = PHONES_PLAIN
    waking: Sequence[Waking] = (*TESTS, alarms_of("dispatch/van", "van"), alarms_of("dispatch/city", "city"))
    devices: Mapping[str, str] = dict.fromkeys(sorted(ROLES), "phone.device")
    roll_calls: Sequence[RollCall] = ROLL_CALLS
    topics: Sequence[TopicRule] = (
        TopicRule("dispatch/city", "normal", lambda actor, segments: actor.role in DESK and actor.desk == "city"),
    )

    def __init__(self, city: City) -> None:
        self._when, self._zone_ms = city.rules.test_ring, city.rules.zone_ms

    def gather(self, state: State, command: Command, actor: Actor) -> Iterable[Need]:
        data = command.data
        if isinstance(data, Arm):
            return [Thing(TEST, call.desk) for call in ROLL_CALLS]
        if isinstance(data, Take):
            return [Thing("phone", alarm_of(data.alarm)[0])]
        return [Thing("phone", data.person) if isinstance(data, Device) else Thing(TEST, data.test_ring)]

    def observe(self, state: State, command: Command, actor: Actor, now: int) -> Fix | None:
        return None

    def redrawn(self, type_: str, id_: str, before: Struct, after: Struct | None, now: int) -> Decision:
        return redrawn(type_, id_, before, after, now)

    def decide(self, state: State, command: Command, facts: Facts, actor: Actor, now: int) -> Decision | Refusal:
        data = command.data
        if isinstance(data, Device):
            return _turned(state, data, actor, now)
        if isinstance(data, Take):
            return take(state, data.alarm, actor, now)
        if isinstance(data, Arm):
            return _armed(state, None if facts.demo else self._when, self._zone_ms, now)
        test = state.thing(TestRing, TEST, data.test_ring) or TestRing(id=data.test_ring)
        if isinstance(data, Tested):
            return _counted(test, data, now)
        if actor.role == "dispatcher" and actor.desk != test.id:
            return Refusal("not_allowed", f"{command.cmd} is for a dispatcher of the {test.id} desk")
        rule = step(RINGS, test.state, command.cmd, actor.role)
        if isinstance(rule, Refusal):
            return rule
        return self._rung(state, test, facts, actor, now)

    def _rung(self, state: State, test: TestRing, facts: Facts, actor: Actor, now: int) -> Decision:
        """Everybody of the desk is rung. One that comes an hour late is left out: nobody expects it then."""
        before = state.thing(TestRing, TEST, test.id)
        if actor.role == "timer" and (early := too_early(TEST_KIND, test.id, test, "test", now)) is not None:
            return early
        draft = Draft(now, "phone.rung", fired="test" * (actor.role == "timer"))
        next_at = next_test(self._when, self._zone_ms, now) if self._when is not None and test.next_at else 0
        after = replace(test, next_at=next_at if actor.role == "timer" else test.next_at, at=now)
        if facts.away_ms < HOUR_MS:
            after = replace(after, state="ringing", rung_at=now, asked=0, reached=0, missed=(), more=0)
        draft.put(TEST_KIND, test.id, before, after)
        return draft.decision({TEST: test.id, "rung_at": now})


class CityPhones(Phones):
    """The same at the city desk, whose alarms are taken here."""

    name: ClassVar[str] = "city_phone"
    commands: Mapping[str, CommandSpec] = {"alarm.take": CommandSpec(Take, DESK, desk="city")}
    things: Mapping[str, type[Struct]] = {}
    tables: Mapping[str, Table] = {}
    plain: Mapping[str, str] = {"alarm": PHONES_PLAIN["alarm"]}
    waking: Sequence[Waking] = ()
    devices: Mapping[str, str] = {}
    roll_calls: Sequence[RollCall] = ()
    topics: Sequence[TopicRule] = ()


def next_test(when: tuple[int, int], zone_ms: int, now: int) -> int:
    """The next time at which it is this hour of this weekday (0 is Monday)."""
    day, hour = when
    today = day_of(now, zone_ms)
    due = day_start(later(today, (day - weekday(today)) % 7), zone_ms) + hour * HOUR_MS
    return due if due > now else due + 7 * DAY_MS


def _armed(state: State, when: tuple[int, int] | None, zone_ms: int, now: int) -> Decision:
    """Each desk's next test ring is set as the city's rules say; nothing changes where it is already."""
    draft = Draft(now, "phone.armed")
    for call in ROLL_CALLS:
        before = state.thing(TestRing, TEST, call.desk)
        test = before or TestRing(id=call.desk)
        if when is None:
            after = replace(test, next_at=0)
        elif test.next_at and test.when == when:
            after = test
        else:
            after = replace(test, next_at=next_test(when, zone_ms, now), when=when)
        if after != test:
            draft.put(TEST_KIND, call.desk, before, after)
    return draft.decision()


def _counted(test: TestRing, data: Tested, now: int) -> Decision:
    """Whom the ring did not reach; one that was counted already is not counted again."""
    if test.state != "ringing" or test.rung_at != data.at:
        return Decision()
    draft = Draft(now, "phone.tested")
    missed, more = data.missed[:NAMED], data.more + len(data.missed[NAMED:])
    after = replace(test, state="resting", at=now, asked=data.asked, reached=data.reached, missed=missed, more=more)
    draft.put(TEST_KIND, test.id, test, after)
    return draft.decision()


def _turned(state: State, data: Device, actor: Actor, now: int) -> Decision:
    """A lost device alarms its person's desk; a new one of the same person ends that."""
    before = state.thing(Phone, "phone", data.person)
    desk = desk_of(data.role, actor.desk)
    if data.change == "lost" and before is None and desk is not None:
        draft = Draft(now, "phone.lost")
        phone = Phone(id=data.person, role=data.role, name=actor.name, desk=desk, alarm=Alarm(at=now))
        draft.put(PHONE_KIND, data.person, before, phone)
        return draft.decision()
    if data.change == "new" and before is not None:
        draft = Draft(now, "phone.found")
        draft.put(PHONE_KIND, data.person, before, None)
        return draft.decision()
    return Decision()


def taken_here(alarm: str) -> bool:
    """Whether it is an alarm of a lost phone, at whichever desk."""
    return alarm_of(alarm)[1] == UNWAKEABLE


def needs_of_take(alarm: str) -> list[Need]:
    return [Thing("phone", alarm_of(alarm)[0])]


def take(state: State, alarm: str, actor: Actor, now: int) -> Decision | Refusal:
    """Who takes it calls that person: it is over."""
    id_, reason = alarm_of(alarm)
    phone = state.thing(Phone, "phone", id_) if reason == UNWAKEABLE else None
    if phone is None or phone.desk != actor.desk:
        return Refusal("not_found", "no such alarm: it is over")
    draft = Draft(now, "alarm.taken")
    draft.put(PHONE_KIND, id_, phone, None)
    answer: dict[str, Any] = {"alarm": alarm, "silent_until": now}
    return draft.decision(answer)
