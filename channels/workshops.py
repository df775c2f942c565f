"""Workshops ("kelas"): PLUT, the business service centre, teaches sellers of a category.

A workshop and its roll are one thing, so a seat is given once. What all on the
roll must hear (another place, "mulai sekarang") may be more than one commit's
32 topics: a timer due at once tells those who have not heard it yet.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Annotated, ClassVar, Final, Literal

from msgspec import Meta, Struct
from msgspec.structs import replace

from channels.draft import Deadlines, Draft, Kind, too_early
from channels.geo import City
from channels.roll import Entry, News, Roll
from channels.shop_things import ACCEPT_S, SELLER, TIMER, Category, Shop
from channels.views import Views
from hub import contract
from hub.contract import Actor, Command, CommandSpec, Decision, Facts, Personal, Refusal, Rule, SetEntry, State, Thing
from hub.machine import step

PLUT: Final = frozenset({"plut"})
COMING: Final = contract.Members("workshops")
MOST_COMING: Final = 50
TIMERS: Final = ("remind", "end", "tell", "retire")
HOUR_MS: Final = 3_600_000
DAY_MS: Final = 24 * HOUR_MS

_EITHER = {
    "workshop.leave": Rule(SELLER, None, "who signed up"),
    "workshop.cancel": Rule(PLUT, "cancelled"),
    "workshop.end": Rule(TIMER, "ended"),
}
WORKSHOP: contract.Table = {
    "new": {"workshop.publish": Rule(PLUT, "open")},
    "open": {
        "workshop.join": Rule(SELLER, None, "a seller of its category; then they wait, at most ten"),
        "workshop.update": Rule(PLUT),
        "workshop.start": Rule(PLUT, "started"),
        "workshop.remind": Rule(TIMER),
        **_EITHER,
    },
    "started": _EITHER,
    "ended": {},
    "cancelled": {},
}
"""`workshop.tell` and `workshop.retire` change no state, so they are no rows."""

Id = Annotated[str, Meta(min_length=1, max_length=80)]
Line = Annotated[str, Meta(max_length=100, pattern=r"\S")]
Millis = Annotated[int, Meta(ge=0, le=9_999_999_999_999)]
Seats = Annotated[int, Meta(ge=1, le=100)]


class Details(Struct, frozen=True, omit_defaults=True, kw_only=True):
    """`until` is when the workshop ends."""

    title: Line
    place: Line
    starts_at: Millis
    until: Millis


class Publish(Details, frozen=True, kw_only=True):
    category: Category
    seats: Seats


class Update(Struct, frozen=True, kw_only=True):
    """What is left out stays."""

    workshop: Id
    title: Line | None = None
    place: Line | None = None
    starts_at: Millis | None = None
    until: Millis | None = None
    seats: Seats | None = None


class OneWorkshop(Struct, frozen=True):
    """`reason` is for a cancel."""

    workshop: Id
    reason: Annotated[str, Meta(max_length=200)] = ""


class Workshop(Details, frozen=True, omit_defaults=True, kw_only=True):
    """A workshop; `ring`: why the phones of those with a seat ring since `ring_at`."""

    v: int = 1
    id: str
    state: str
    at: int
    category: Category
    roll: Roll
    reason: str = ""
    ring: Literal["", "reminder", "start"] = ""
    ring_at: int = 0
    reminded: bool = False
    ended_at: int = 0


class Workshops(contract.Channel):
    """The workshops of one city."""

    name: ClassVar[str] = "workshop"
    lane: ClassVar[contract.Lane] = "normal"

    commands: Mapping[str, CommandSpec] = {
        "workshop.publish": CommandSpec(Publish, PLUT),
        "workshop.update": CommandSpec(Update, PLUT, serial="workshop"),
        **{f"workshop.{name}": CommandSpec(OneWorkshop, PLUT, serial="workshop") for name in ("cancel", "start")},
        **{f"workshop.{name}": CommandSpec(OneWorkshop, SELLER, serial="workshop") for name in ("join", "leave")},
        **{f"workshop.{name}": CommandSpec(OneWorkshop, TIMER, serial="workshop") for name in TIMERS},
    }
    things: Mapping[str, type[Struct]] = {"workshop": Workshop}
    personal: Mapping[type[Struct], Personal] = {
        Workshop: Personal(parts={"roll": Roll}),
        Roll: Personal(parts={"entries": Entry}),
        Entry: Personal({"name": "name"}, whose=contract.ITS_ID),
    }
    plain: Mapping[str, str] = {
        **dict.fromkeys(("title", "place", "reason"), "public: every seller is told it"),
        "workshop": "an id",
    }
    tables: Mapping[str, contract.Table] = {"workshop": WORKSHOP}
    topics = (
        contract.TopicRule("person/<id>", "normal", lambda actor, segments: actor.person == segments["id"]),
        contract.TopicRule("plut", "normal", lambda actor, segments: actor.role in PLUT),
        contract.TopicRule(
            "workshops/<category>",
            "normal",
            lambda actor, segments: actor.role in PLUT or (actor.role in SELLER and actor.shop is not None),
            lambda segments: segments["category"] in ACCEPT_S,
            needs=lambda actor, segments: (Thing("shop", actor.shop or ""),) if actor.role in SELLER else (),
            known=lambda actor, segments, state: actor.role in PLUT or _sells(state, actor, segments["category"]),
        ),
    )

    def __init__(self, city: City) -> None:
        """A workshop is for a category, wherever in the city its sellers are."""

    def gather(self, state: State, command: Command, actor: Actor) -> Iterable[contract.Need]:
        if isinstance(command.data, Publish):
            return [COMING]
        asked = [Thing("shop", actor.shop or "")] if command.cmd == "workshop.join" else []
        return [Thing("workshop", command.data.workshop), *asked]

    def redrawn(self, type_: str, id_: str, before: Struct, after: Struct | None, now: int) -> Decision:
        draft = Draft(now, "privacy.erased")
        draft.put(KIND, id_, before, after)
        return draft.decision()

    def decide(self, state: State, command: Command, facts: Facts, actor: Actor, now: int) -> Decision | Refusal:
        data, name = command.data, command.cmd.removeprefix("workshop.")
        if isinstance(data, Publish):
            return _published(state, data, facts.new_ids[0], now)
        before = state.thing(Workshop, "workshop", data.workshop)
        if before is None:
            return Refusal("not_found", f"data.workshop: no workshop {data.workshop}", record=False)
        rule = step(WORKSHOP, before.state, command.cmd, actor.role)
        if isinstance(rule, Refusal) and name not in ("tell", "retire"):
            return rule
        if name in TIMERS:
            return _timed(before, name, now)
        if isinstance(data, Update):
            return _updated(before, data, now)
        if name == "join":
            return _joined(state, before, actor, now)
        if name == "leave":
            if actor.person not in before.roll.entries:
                return Refusal("not_found", "data.workshop: you did not sign up for it", record=False)
            return _said(before, replace(before, roll=before.roll.left(actor.person, now)), "left", now)
        if name == "cancel":
            after = replace(before, state="cancelled", reason=data.reason, ended_at=now)
            return _said(before, after, "cancelled", now)
        return _said(before, replace(before, state="started", ring="start", ring_at=now), "started", now)


def _sells(state: State, actor: Actor, category: str) -> bool:
    shop = state.thing(Shop, "shop", actor.shop or "")
    return shop is not None and shop.category == category


def _published(state: State, data: Publish, id_: str, now: int) -> Decision | Refusal:
    if len(state.members(COMING)) >= MOST_COMING:
        return Refusal("too_many", f"expected at most {MOST_COMING} workshops to come")
    roll, details = Roll(seats=data.seats), {key: getattr(data, key) for key in Details.__struct_fields__}
    fresh = Workshop(id=id_, state="open", at=now, category=data.category, roll=roll, **details)
    if (wrong := _wrong(fresh, now)) is not None:
        return Refusal("bad_data", wrong)
    return _said(None, replace(fresh, reminded=fresh.starts_at - HOUR_MS <= now), "published", now)


def _wrong(workshop: Workshop, now: int) -> str | None:
    if not now < workshop.starts_at <= now + 180 * DAY_MS:
        return "data.starts_at: expected a time from now up to 180 days ahead, in ms"
    if not workshop.starts_at < workshop.until <= workshop.starts_at + 7 * DAY_MS:
        return "data.until: expected a time after the start, at most 7 days, in ms"
    return None


def _updated(before: Workshop, data: Update, now: int) -> Decision | Refusal:
    given = {key: value for key in Details.__struct_fields__ if (value := getattr(data, key)) is not None}
    after = replace(before, **given)
    wrong = _wrong(after, now) if (data.starts_at, data.until) != (None, None) else None
    taken, seats = before.roll.count("joined"), data.seats or before.roll.seats
    if seats < taken:
        wrong = f"data.seats: expected {taken} or more, who have one"
    if wrong is not None:
        return Refusal("bad_data", wrong)
    if before.starts_at != after.starts_at:
        after = replace(after, reminded=after.starts_at - HOUR_MS <= now)
    return _said(before, replace(after, roll=after.roll.resized(seats, now)), "updated", now)


def _joined(state: State, before: Workshop, actor: Actor, now: int) -> Decision | Refusal:
    """Take a seat, or a place on the waiting list; who has one already keeps it."""
    shop = state.thing(Shop, "shop", actor.shop or "")
    if shop is None or shop.category != before.category:
        return Refusal("not_allowed", f"workshop.join is for sellers of {before.category}", record=False)
    known = before.roll.entries.get(actor.person)
    if known is not None:
        return Decision({"workshop": before.id, "state": known.state, "existing": True})
    entry = Entry(name=actor.name, shop=shop.id, shop_name=shop.name, at=now)
    roll = before.roll.joined(actor.person, entry)
    if roll is None:
        return Refusal("out_of_stock", "no seat is left, and the waiting list is full", data={"seats": 0})
    got, draft = roll.entries[actor.person].state, Draft(now, "workshop.joined")
    draft.put(KIND, before.id, before, replace(before, at=now, roll=roll))
    draft.guards.append(contract.Guard("shop", shop.id))
    return draft.decision({"workshop": before.id, "state": got, "ahead": roll.ahead(actor.person)})


def _said(before: Workshop | None, after: Workshop, event: str, now: int, fired: str = "") -> Decision:
    draft = Draft(now, f"workshop.{event}", fired=fired)
    draft.put(KIND, after.id, before, replace(after, at=now, roll=after.roll.told(_news(after), now)))
    return draft.decision({"workshop": after.id, "state": after.state})


def _news(workshop: Workshop) -> News:
    """What who signed up is told of the workshop."""
    news = {key: getattr(workshop, key) for key in (*Details.__struct_fields__, "reason", "ring", "ring_at")}
    return {**news, "workshop_state": workshop.state}


def _timed(before: Workshop, timer: str, now: int) -> Decision:
    """An hour before, the end, those who have not heard yet, and a day after the end."""
    early = too_early(KIND, before.id, before, timer, now)
    if early is not None:
        return early
    if timer == "remind":
        after = replace(before, ring="reminder", ring_at=now, reminded=True)
        return _said(before, after, "reminded", now, timer)
    if timer == "end":
        return _said(before, replace(before, state="ended", ended_at=now), "ended", now, timer)
    if timer == "tell":
        return _said(before, before, "told", now, timer)
    draft, rest = Draft(now, "workshop.retired", fired=timer), before.roll.without_some()
    draft.put(KIND, before.id, before, replace(before, roll=rest) if rest.entries else None)
    return draft.decision()


def _views(workshop: Workshop, now: int) -> Views:
    """Sellers see what is to come, each their own seat; PLUT all, with names."""
    view = _view(workshop)
    table = {("plut", workshop.id): view}
    if not workshop.ended_at:
        table[f"workshops/{workshop.category}", workshop.id] = view
    for person, entry in workshop.roll.entries.items():
        table[f"person/{person}", workshop.id] = _seat(workshop, person, entry)
        table["plut", f"{workshop.id}:{person}"] = _named(workshop, person, entry)
    return table


def _view(workshop: Workshop) -> contract.View:
    view = {"type": "workshop", "id": workshop.id, "state": workshop.state, "at": workshop.at}
    view |= {key: getattr(workshop, key) for key in (*Details.__struct_fields__, "reason")}
    view |= {"category": workshop.category, "seats": workshop.roll.seats}
    return {**view, "joined": workshop.roll.count("joined"), "waiting": workshop.roll.count("waiting")}


def _seat(workshop: Workshop, person: str, entry: Entry) -> contract.View:
    view: contract.View = {"type": "seat", "id": workshop.id, "state": entry.state, "at": workshop.at}
    view |= {"workshop": workshop.id, "category": workshop.category, **workshop.roll.news[entry.shows]}
    if entry.state == "waiting":
        return {**view, "ahead": workshop.roll.ahead(person), "ring": "", "ring_at": 0}
    return {**view, "ring": "seat", "ring_at": entry.moved_up_at} if entry.moved_up_at > view["ring_at"] else view


def _named(workshop: Workshop, person: str, entry: Entry) -> contract.View:
    view = {"type": "sign_up", "id": f"{workshop.id}:{person}", "state": entry.state, "at": entry.at, "person": person}
    return {**view, "workshop": workshop.id, "name": entry.name, "shop": entry.shop, "shop_name": entry.shop_name}


def _deadlines(workshop: Workshop) -> Deadlines:
    if workshop.ended_at:
        due = {"retire": (workshop.ended_at + DAY_MS, "workshop.retire")}
    else:
        due = {"end": (workshop.until, "workshop.end")}
    if workshop.state == "open" and not workshop.reminded:
        due["remind"] = (workshop.starts_at - HOUR_MS, "workshop.remind")
    return {**due, "tell": (workshop.at, "workshop.tell")} if workshop.roll.lags else due


def _index(workshop: Workshop) -> dict[tuple[str, str], SetEntry | contract.GeoEntry]:
    return {} if workshop.ended_at else {("workshops", workshop.id): SetEntry("workshops", workshop.id)}


KIND: Final = Kind("workshop", _views, _deadlines, _index)
