"""Alerts ("pengumuman"): what the city tells everybody, in the words of the Common Alerting Protocol (CAP 1.2).

An alert keeps one id and one place in its topics. Every message about it (the
first, an update, a cancel) has a name of its own, (sender, identifier, sent);
`alert` in a command is the alert's id, or `<sender>,<identifier>` of one of its
messages. Only an actual alert of severity extreme is urgent: an exercise or a
test is marked and never is.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Annotated, ClassVar, Final, Literal

from msgspec import Meta, Struct, json, structs, to_builtins
from msgspec.structs import replace

from channels.draft import Deadlines, Draft, Kind, too_early
from channels.geo import City
from channels.views import Views
from hub import contract
from hub.contract import Actor, Claim, ClaimOf, Command, CommandSpec, Decision, Facts, Refusal, Rule, SetEntry, State
from hub.machine import step

DESK: Final = frozenset({"dispatcher", "service"})
TIMER: Final = frozenset({"timer"})
IN_FORCE: Final = contract.Members("alerts")
MOST_IN_FORCE: Final = 20
"""Everybody who opens a page reads all of them; a 21st is taken only when it is urgent."""
MOST_MESSAGES: Final = 50
DAY_MS: Final = 86_400_000
VIEW_BYTES: Final = 4096

ALERT: contract.Table = {
    "new": {"alert.publish": Rule(DESK, "in_force")},
    "in_force": {
        "alert.update": Rule(DESK, None, "with the same status, and newer than what it replaces"),
        "alert.cancel": Rule(DESK, "cancelled"),
        "alert.expire": Rule(TIMER, "expired"),
    },
    "expired": {},
    "cancelled": {},
}
"""`alert.retire` may happen in every ended state and changes none, so it is no row."""

Status = Literal["actual", "exercise", "test"]
Name = Annotated[str, Meta(min_length=1, max_length=120, pattern=r"^[^\s,<&]+\Z")]
"""CAP 1.2 section 3.2.1: "MUST NOT include spaces, commas or restricted characters (< and &)"."""
Reference = Annotated[str, Meta(min_length=1, max_length=241, pattern=r"^\S+\Z")]
Millis = Annotated[int, Meta(ge=0, le=9_999_999_999_999)]
Areas = Annotated[tuple[Annotated[str, Meta(max_length=60)], ...], Meta(min_length=1, max_length=64)]


class Text(Struct, frozen=True, omit_defaults=True):
    headline: Annotated[str, Meta(max_length=160, pattern=r"\S")]
    description: Annotated[str, Meta(max_length=1_200)] = ""
    instruction: Annotated[str, Meta(max_length=600)] = ""


class Texts(Struct, frozen=True, omit_defaults=True):
    """One text per language; all of them together must leave the view under 4 KB."""

    id: Text
    en: Text | None = None
    jv: Text | None = None


class Content(Struct, frozen=True, omit_defaults=True, kw_only=True):
    """What an alert says."""

    status: Status = "actual"
    category: Literal[
        "geo", "met", "safety", "security", "rescue", "fire", "health", "env", "transport", "infra", "cbrne", "other"
    ]
    event: Annotated[str, Meta(max_length=60, pattern=r"\S")]
    urgency: Literal["immediate", "expected", "future", "past", "unknown"]
    severity: Literal["extreme", "severe", "moderate", "minor", "unknown"]
    certainty: Literal["observed", "likely", "possible", "unlikely", "unknown"]
    expires: Millis
    texts: Texts


class Publish(Content, frozen=True, kw_only=True):
    """`areas`: ids of kelurahan, or `city`. `preview`: answer what would be said, and say nothing.
    The message's name, here and in `Cancel`, is given where another system made it; None: the hub's."""

    areas: Literal["city"] | Areas
    preview: bool = False
    sender: Name | None = None
    identifier: Name | None = None
    sent: Millis | None = None


class Update(Publish, frozen=True, kw_only=True):
    alert: Reference


class Cancel(Struct, frozen=True, kw_only=True):
    alert: Reference
    reason: Annotated[str, Meta(max_length=200, pattern=r"\S")]
    sender: Name | None = None
    identifier: Name | None = None
    sent: Millis | None = None


class OneAlert(Struct, frozen=True):
    alert: Reference


class Message(Struct, frozen=True):
    """One CAP message's name."""

    sender: str
    identifier: str
    sent: int

    @property
    def claim(self) -> str:
        return f"alert/{self.sender},{self.identifier}"


class Alert(Content, frozen=True, omit_defaults=True, kw_only=True):
    """An alert as its newest message says it; `earlier` are the messages that this one replaces, oldest first."""

    v: int = 1
    id: str
    state: str
    at: int
    msg_type: Literal["alert", "update", "cancel"] = "alert"
    message: Message
    earlier: tuple[Message, ...] = ()
    areas: tuple[str, ...]
    whole_city: bool = False
    published_at: int
    reason: str = ""
    ended_at: int = 0

    @property
    def urgent(self) -> bool:
        return self.status == "actual" and self.severity == "extreme"


class Alerts(contract.Channel):
    """The alerts of one city."""

    name: ClassVar[str] = "alert"
    lane: ClassVar[contract.Lane] = "urgent"

    commands: Mapping[str, CommandSpec] = {
        "alert.publish": CommandSpec(Publish, DESK, desk="city"),
        "alert.update": CommandSpec(Update, DESK, desk="city", serial="alert"),
        "alert.cancel": CommandSpec(Cancel, DESK, desk="city", serial="alert"),
        "alert.expire": CommandSpec(OneAlert, TIMER, serial="alert"),
        "alert.retire": CommandSpec(OneAlert, TIMER, serial="alert"),
    }
    things: Mapping[str, type[Struct]] = {"alert": Alert}
    plain: Mapping[str, str] = dict.fromkeys(
        ("Publish", "Update", "Cancel", "Text", "OneAlert"), "public: everybody is told it"
    )
    tables: Mapping[str, contract.Table] = {"alert": ALERT}
    topics = (
        contract.TopicRule("city", "normal", lambda actor, segments: True),
        contract.TopicRule("warnings", "urgent", lambda actor, segments: True),
    )

    def __init__(self, city: City) -> None:
        self._city = city
        code = next(iter(city.kelurahan.values())).code
        self._sender = "kentongan." + ".".join(code.split(".")[:2])
        self._kind = Kind("alert", self._views, _deadlines, _index)

    def gather(self, state: State, command: Command, actor: Actor) -> Iterable[contract.Need]:
        data = command.data
        needs: list[contract.Need] = [IN_FORCE] if command.cmd == "alert.publish" else []
        if isinstance(data, Publish):
            needs.append(ClaimOf(self._message(data, "", 0).claim))
        if command.cmd != "alert.publish":
            reference = ClaimOf(f"alert/{data.alert}")
            needs += [contract.Thing("alert", data.alert), reference]
            if named := state.found.get(reference):
                needs.append(contract.Thing("alert", named))
        return needs

    def decide(self, state: State, command: Command, facts: Facts, actor: Actor, now: int) -> Decision | Refusal:
        data, before = command.data, None
        if command.cmd != "alert.publish":
            before = state.thing(Alert, "alert", state.claim(f"alert/{data.alert}") or data.alert)
            if before is None:
                return Refusal("not_found", f"data.alert: no alert {data.alert}", record=False)
            if command.cmd == "alert.retire":
                return self._timed(before, "retire", now)
        rule = step(ALERT, before.state if before else "new", command.cmd, actor.role)
        if isinstance(rule, Refusal):
            return rule
        if before is not None and isinstance(data, OneAlert):
            return self._timed(before, "expire", now)
        message = self._message(data, facts.new_ids[0], now)
        if before is not None and (refusal := _unfit(before, message, data)) is not None:
            return refusal
        if isinstance(data, Publish):
            return self._published(state, before, data, message, facts.new_ids[0], now)
        assert before is not None
        ended = replace(_next(before, message, now), state="cancelled", msg_type="cancel", ended_at=now)
        return self._told(before, replace(ended, reason=data.reason), now)

    def _message(self, data: Publish | Cancel, identifier: str, now: int) -> Message:
        sent = now if data.sent is None else data.sent
        return Message(data.sender or self._sender, data.identifier or identifier, sent)

    def _published(
        self, state: State, before: Alert | None, data: Publish, message: Message, id_: str, now: int
    ) -> Decision | Refusal:
        """Say something new, or say anew what an alert is about."""
        known = state.claim(self._message(data, "", 0).claim)
        if known is not None:
            return Refusal("illegal_step", "data.identifier: this message is known", data={"alert": known})
        areas = tuple(dict.fromkeys(self._city.kelurahan if data.areas == "city" else map(str.lower, data.areas)))
        wrong = next((area for area in areas if not self._city.has(area)), None)
        if wrong is not None:
            return Refusal("bad_data", f"data.areas: expected kelurahan of this city, got {wrong}")
        if not now < data.expires <= now + 30 * DAY_MS:
            return Refusal("bad_data", "data.expires: expected a time from now up to 30 days ahead, in ms")
        said = {**_content(data), "areas": areas, "whole_city": set(areas) == set(self._city.kelurahan)}
        if before is None:
            alert = Alert(id=id_, state="in_force", at=now, published_at=now, message=message, **said)
        else:
            alert = replace(_next(before, message, now), msg_type="update", **said)
        size = len(json.encode(self._view(alert)))
        if size > VIEW_BYTES:
            return Refusal("bad_data", f"data.texts: expected an alert of {VIEW_BYTES} bytes with them, got {size}")
        if data.preview:
            return Decision(self._preview(alert, size))
        if before is None and not alert.urgent and len(state.members(IN_FORCE)) >= MOST_IN_FORCE:
            return Refusal("too_many", f"expected at most {MOST_IN_FORCE} alerts in force; cancel or update one")
        return self._told(before, alert, now)

    def _told(self, before: Alert | None, after: Alert, now: int) -> Decision:
        event = "published" if before is None else "cancelled" if after.state == "cancelled" else "updated"
        draft = Draft(now, f"alert.{event}")
        draft.put(self._kind, after.id, before, after)
        draft.claims.append(Claim(after.message.claim, after.id))
        answer = {"alert": after.id, "identifier": after.message.identifier, "state": after.state}
        return draft.decision({**answer, "kelurahan": len(after.areas), "urgent": after.urgent})

    def _timed(self, alert: Alert, timer: str, now: int) -> Decision:
        """An alert's time is over; or so is the day after it, and it is forgotten with its messages' names."""
        early = too_early(self._kind, alert.id, alert, timer, now)
        if early is not None:
            return early
        draft = Draft(now, f"alert.{timer}d", fired=timer)
        ended = replace(alert, state="expired", at=now, ended_at=now) if timer == "expire" else None
        draft.put(self._kind, alert.id, alert, ended)
        if ended is None:
            draft.claims += [Claim(one.claim, alert.id, free=True) for one in (*alert.earlier, alert.message)]
        return draft.decision()

    def _views(self, alert: Alert, now: int) -> Views:
        """Everybody sees an alert while it is in force; an urgent one also in the topic of the urgent lane."""
        topics = ("city", "warnings") if alert.urgent else ("city",)
        return {(topic, alert.id): self._view(alert) for topic in topics if alert.state == "in_force"}

    def _view(self, alert: Alert) -> contract.View:
        view = {"type": "alert", "id": alert.id, "state": alert.state, "at": alert.at, "msg_type": alert.msg_type}
        view |= {**_content(alert), **structs.asdict(alert.message)}
        view |= {"texts": to_builtins(alert.texts), "drill": alert.status != "actual"}
        view |= {"published_at": alert.published_at, "whole_city": alert.whole_city}
        view["areas"] = [{"id": area, "name": self._city.name(area)} for area in alert.areas]
        return view | ({"replaces": alert.earlier[-1].identifier} if alert.earlier else {})

    def _preview(self, alert: Alert, size: int) -> contract.View:
        view = self._view(alert)
        said = {key: view[key] for key in ("status", "severity", "expires", "whole_city", "areas", "texts")}
        return {"preview": True, "kelurahan": len(alert.areas), "urgent": alert.urgent, "bytes": size, **said}


def _content(said: Content) -> contract.View:
    return {key: getattr(said, key) for key in Content.__struct_fields__}


def _unfit(before: Alert, message: Message, data: Publish | Cancel) -> Refusal | None:
    """Why a message cannot replace what is said now."""
    if message.sent < before.message.sent:
        return Refusal("too_late", "data.sent: expected a message newer than the one it replaces")
    if isinstance(data, Update) and data.status != before.status:
        return Refusal("bad_data", f"data.status: expected {before.status}, as it was published")
    if isinstance(data, Update) and len(before.earlier) >= MOST_MESSAGES:
        return Refusal("too_many", f"expected at most {MOST_MESSAGES} updates; publish it anew")
    return None


def _next(before: Alert, message: Message, now: int) -> Alert:
    return replace(before, at=now, message=message, earlier=(*before.earlier, before.message))


def _deadlines(alert: Alert) -> Deadlines:
    if alert.state == "in_force":
        return {"expire": (alert.expires, "alert.expire")}
    return {"retire": (alert.ended_at + DAY_MS, "alert.retire")}


def _index(alert: Alert) -> dict[tuple[str, str], SetEntry | contract.GeoEntry]:
    return {("alerts", alert.id): SetEntry("alerts", alert.id)} if alert.state == "in_force" else {}
