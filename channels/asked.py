"""Asking for a stop: a kelurahan's residents say that the van should come, and from 50 names on the desk is told.

One name per person, kelurahan and month. The desk sees how many asked and for what, never who. A note is kept as long
as the city keeps notes; when that and its month are over a wish leaves nothing.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Annotated, ClassVar, Final

from msgspec import Meta, Struct
from msgspec.structs import replace

from channels.draft import Deadlines, Draft, Kind, too_early
from channels.geo import City
from channels.rules import Rules
from channels.van_days import day_of, day_start, later
from channels.van_table import TIMER
from channels.van_things import Word
from channels.views import Views
from hub.contract import (
    ITS_ID,
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
    Rule,
    State,
    Table,
    Thing,
    TopicRule,
)

ENOUGH: Final = 50
"""Names from which on a stop is proposed to the van desk."""
MOST_SERVICES: Final = 16
"""Different services that are counted for a kelurahan in a month; the rest are names without one."""

RESIDENT: Final = frozenset({"resident"})

ASKED: Table = {
    "collecting": {
        "stop.ask": Rule(RESIDENT, "proposed", "with the 50th name of the month"),
        "stop.forget": Rule(TIMER, "ended", "the month is over"),
    },
    "proposed": {
        "stop.ask": Rule(RESIDENT, None, "one more name"),
        "stop.forget": Rule(TIMER, "ended", "the month is over"),
    },
    "ended": {},
}


class Ask(Struct, frozen=True):
    """`note`: kept with the person's own wish; no screen shows it."""

    kelurahan: Word
    services: Annotated[tuple[Word, ...], Meta(max_length=8)] = ()
    note: Annotated[str, Meta(max_length=200)] = ""


class OneAsked(Struct, frozen=True):
    asked: Annotated[str, Meta(min_length=1, max_length=60)]


class OneWish(Struct, frozen=True):
    wish: Annotated[str, Meta(min_length=1, max_length=60)]


class Asked(Struct, frozen=True, omit_defaults=True, kw_only=True):
    """How many asked for a stop in a kelurahan this month, and for which services."""

    v: int = 1
    id: str
    kelurahan: str
    month: str
    at: int
    ends_at: int
    names: int = 0
    services: dict[str, int] = {}

    @property
    def state(self) -> str:
        return "proposed" if self.names >= ENOUGH else "collecting"


class Wish(Struct, frozen=True, omit_defaults=True, kw_only=True):
    """One person's name: kelurahan -> the month in which it was last given; `goes`: -> when something of it does."""

    v: int = 1
    id: str
    months: dict[str, str] = {}
    notes: dict[str, str] = {}
    goes: dict[str, int] = {}


def _views(asked: Asked, now: int) -> Views:
    if asked.state != "proposed":
        return {}
    view = {
        "type": "asked",
        "id": asked.kelurahan,
        "state": asked.state,
        "at": asked.at,
        "kelurahan": asked.kelurahan,
        "month": asked.month,
        "names": asked.names,
        "services": asked.services,
    }
    return {("dispatch/van", asked.kelurahan): view}


def _deadlines(asked: Asked) -> Deadlines:
    return {"forget": (asked.ends_at, "stop.forget")}


ASKED_KIND: Final = Kind("asked", _views, _deadlines)
WISH_KIND: Final = Kind(
    "wish", lambda wish, now: {}, lambda wish: {"forget": (min(wish.goes.values()), "wish.forget")} if wish.goes else {}
)


class Asking(Channel):
    """The service that hears which stops are wished for."""

    name: ClassVar[str] = "asked"
    lane: ClassVar[Lane] = "bulk"

    commands: Mapping[str, CommandSpec] = {
        "stop.ask": CommandSpec(Ask, RESIDENT, serial="kelurahan"),
        "stop.forget": CommandSpec(OneAsked, TIMER),
        "wish.forget": CommandSpec(OneWish, TIMER),
    }
    tells: Mapping[str, CommandSpec] = {}
    things: Mapping[str, type[Struct]] = {"asked": Asked, "wish": Wish}
    tables: Mapping[str, Table] = {"asked": ASKED}
    presence: Mapping[str, str] = {}
    personal: Mapping[type[Struct], Personal] = {
        Ask: Personal({"note": "note"}),
        Wish: Personal({"notes": "note", "months": "note"}, whose=ITS_ID, goes=True),
    }
    plain: Mapping[str, str] = {
        "kelurahan": "an area of hundreds of homes",
        "services": "an id",
        "asked": "an id",
        "wish": "a person's id",
    }
    receipts: Mapping[str, Receipt] = {}
    topics: Sequence[TopicRule] = ()

    def __init__(self, city: City) -> None:
        self._city = city

    def gather(self, state: State, command: Command, actor: Actor) -> Iterable[Need]:
        data = command.data
        if isinstance(data, OneAsked):
            return [Thing("asked", data.asked)]
        if isinstance(data, OneWish):
            return [Thing("wish", data.wish)]
        return [Thing("wish", actor.person), Thing("asked", data.kelurahan.lower())]

    def observe(self, state: State, command: Command, actor: Actor, now: int) -> Fix | None:
        return None

    def redrawn(self, type_: str, id_: str, before: Struct, after: Struct | None, now: int) -> Decision:
        draft = Draft(now, "privacy.erased")
        draft.put(WISH_KIND, id_, before, after)
        return draft.decision()

    def decide(self, state: State, command: Command, facts: Facts, actor: Actor, now: int) -> Decision | Refusal:
        data = command.data
        if isinstance(data, OneAsked):
            return _forget(state, data.asked, now)
        if isinstance(data, OneWish):
            return _forget_wish(state, data.wish, now, self._city.rules)
        kelurahan = data.kelurahan.lower()
        if not self._city.has(kelurahan):
            return Refusal("bad_data", "data.kelurahan: expected a kelurahan of this city")
        return _ask(state, data, kelurahan, actor, now, self._city.rules)


def _ask(state: State, data: Ask, kelurahan: str, actor: Actor, now: int, rules: Rules) -> Decision | Refusal:
    month = day_of(now, rules.zone_ms)[:7]
    known = state.thing(Asked, "asked", kelurahan)
    asked = known if known is not None and known.month == month else _begun(kelurahan, month, now, rules.zone_ms)
    before = state.thing(Wish, "wish", actor.person)
    wish = before or Wish(id=actor.person)
    answer = {"kelurahan": kelurahan, "month": month}
    if wish.months.get(kelurahan) == month:
        return Decision({**answer, "names": asked.names, "existing": True})
    services = dict(asked.services)
    for service in dict.fromkeys(data.services):
        if service in services or len(services) < MOST_SERVICES:
            services[service] = services.get(service, 0) + 1
    after = replace(asked, names=asked.names + 1, services=services, at=now)
    draft = Draft(now, "stop.asked")
    draft.put(ASKED_KIND, kelurahan, known, after)
    noted = bool(data.note and rules.note_ms)
    kept = replace(
        wish,
        months={**wish.months, kelurahan: month},
        notes={**wish.notes, kelurahan: data.note} if noted else wish.notes,
        goes={**wish.goes, kelurahan: now + rules.note_ms if noted else after.ends_at},
    )
    draft.put(WISH_KIND, wish.id, before, kept)
    return draft.decision({**answer, "names": after.names})


def _begun(kelurahan: str, month: str, now: int, zone_ms: int) -> Asked:
    return Asked(id=kelurahan, kelurahan=kelurahan, month=month, at=now, ends_at=_ends_at(month, zone_ms))


def _ends_at(month: str, zone_ms: int) -> int:
    """The midnight at which a month is over."""
    return day_start(f"{later(f'{month}-01', 31)[:7]}-01", zone_ms)


def _forget(state: State, id_: str, now: int) -> Decision:
    asked = state.thing(Asked, "asked", id_)
    if asked is None:
        return Decision()
    early = too_early(ASKED_KIND, id_, asked, "forget", now)
    if early is not None:
        return early
    draft = Draft(now, "stop.forgotten", fired="forget")
    draft.put(ASKED_KIND, id_, asked, None)
    return draft.decision()


def _forget_wish(state: State, id_: str, now: int, rules: Rules) -> Decision:
    """Notes go when their time is over, the rest with its month; with the last of it the wish."""
    wish = state.thing(Wish, "wish", id_)
    if wish is None:
        return Decision()
    early = too_early(WISH_KIND, id_, wish, "forget", now)
    if early is not None:
        return early
    due = {kelurahan for kelurahan, at in wish.goes.items() if at <= now}
    ends = {kelurahan: _ends_at(month, rules.zone_ms) for kelurahan, month in wish.months.items() if kelurahan in due}
    over = {kelurahan for kelurahan, at in ends.items() if at <= now}
    left = replace(
        wish,
        months={kelurahan: month for kelurahan, month in wish.months.items() if kelurahan not in over},
        notes={kelurahan: note for kelurahan, note in wish.notes.items() if kelurahan not in due},
        goes={kelurahan: ends.get(kelurahan, at) for kelurahan, at in wish.goes.items() if kelurahan not in over},
    )
    draft = Draft(now, "wish.forgotten", fired="forget")
    draft.put(WISH_KIND, id_, wish, left if left.months else None)
    return draft.decision()
