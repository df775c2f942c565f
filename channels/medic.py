"""The medic service: one tap brings a medic.

A call rings the nearest medics in its own commit; it goes on ringing, wave by
wave, until a medic accepts or a person ends it. The steps stand in
`medic_table`, what is kept in `medic_state`, who sees what in `medic_views`;
`medic_commit` turns states before and after into one decision.

Everything here is pure. Whatever must be true when a decision is committed is
written with it: accepting writes the request and the medic's duty together, so
nobody wins twice and nobody holds two.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import ClassVar

from msgspec import Struct

from channels import medic_answer as answer
from channels import medic_call as call
from channels import medic_cancel as cancel
from channels import medic_count as count
from channels import medic_data as data
from channels import medic_describe as describe
from channels import medic_desk as desk
from channels import medic_duty as duty
from channels import medic_hold as hold
from channels import medic_personal as personal_
from channels import medic_read as read
from channels import medic_waves as waves
from channels.geo import City
from channels.medic_state import Caller, Request, Tally
from channels.medic_state import Medic as Duty
from channels.medic_table import DUTY, TABLE
from channels.medic_times import Figures
from channels.rings import OFFERS, alarms_of
from hub.contract import (
    Actor,
    Card,
    Channel,
    Command,
    CommandSpec,
    Crossing,
    Decision,
    Facts,
    Fix,
    Lane,
    Need,
    Personal,
    Receipt,
    Refusal,
    State,
    Table,
    TopicRule,
    Waking,
)

Gather = Callable[[City, State, Command, Actor], Iterator[Need]]
Decide = Callable[[City, State, Command, Facts, Actor, int], Decision | Refusal]


class Step(Struct, frozen=True):
    """One command: what it takes, what it reads, what it does."""

    spec: CommandSpec
    gather: Gather
    decide: Decide


def _spec(
    struct: type[Struct],
    *roles: str,
    ahead: bool = False,
    not_content: Iterable[str] = (),
    limited: bool = True,
    crossing: Crossing | None = None,
) -> CommandSpec:
    serials = ("figures", "request", "alarm", "tally")
    serial = next((name for name in serials if name in struct.__struct_fields__), None)
    return CommandSpec(
        struct,
        frozenset(roles),
        desk="medic",
        serial=serial,
        ahead=ahead,
        not_content=frozenset(not_content),
        limited=limited,
        crossing=crossing,
    )


def _timer(struct: type[Struct]) -> CommandSpec:
    return _spec(struct, "timer")


_DESK = "dispatcher"

STEPS: Mapping[str, Step] = {
    "medic.call": Step(
        _spec(
            data.Call,
            "resident",
            _DESK,
            not_content=("confirmed",),
            limited=False,
            crossing=Crossing("location", stays=("kelurahan", "drill")),
        ),
        call.gather_call,
        call.decide_call,
    ),
    "medic.cancel": Step(_spec(data.Cancel, "resident", _DESK, ahead=True), cancel.gather_cancel, cancel.decide_cancel),
    "medic.describe": Step(_spec(data.Describe, "resident", _DESK), describe.gather_describe, describe.decide_describe),
    "medic.duty": Step(_spec(data.Duty, "medic"), duty.gather_duty, duty.decide_duty),
    "medic.receipt": Step(_spec(data.Receipt, "medic", "hub"), answer.gather_decline, answer.decide_receipt),
    "medic.accept": Step(_spec(data.OfRequest, "medic", ahead=True), answer.gather_accept, answer.decide_accept),
    "medic.decline": Step(_spec(data.OfRequest, "medic"), answer.gather_decline, answer.decide_decline),
    "medic.release": Step(_spec(data.OfRequest, "medic"), hold.gather_release, hold.decide_release),
    "medic.backup": Step(_spec(data.OfRequest, "medic"), hold.gather_backup, hold.decide_backup),
    "medic.advance": Step(_spec(data.Advance, "medic"), waves.gather_only, hold.decide_advance),
    "medic.assign": Step(_spec(data.Assign, _DESK), desk.gather_assign, desk.decide_assign),
    "medic.escalate": Step(_spec(data.Escalate, _DESK), desk.gather_escalate, desk.decide_escalate),
    "medic.merge": Step(_spec(data.Merge, _DESK), desk.gather_merge, desk.decide_merge),
    "medic.hand_over": Step(_spec(data.HandOver, _DESK), waves.gather_only, desk.decide_hand_over),
    "medic.close": Step(_spec(data.Close, _DESK), desk.gather_close, desk.decide_close),
    "medic.read": Step(
        CommandSpec(data.Read, frozenset({_DESK}), desk="medic", shows=("request", "request")),
        read.gather_read,
        read.decide_read,
    ),
    "alarm.take": Step(_spec(data.Take, _DESK), desk.gather_take, desk.decide_take),
    "medic.wave": Step(_timer(data.OfRequest), waves.gather_wave, waves.decide_wave),
    "medic.unheard": Step(_timer(data.OfRequest), waves.gather_wave, waves.decide_unheard),
    "medic.under_way": Step(_timer(data.OfRequest), waves.gather_wave, waves.decide_under_way),
    "medic.offers_follow": Step(_timer(data.OfRequest), waves.gather_only, waves.decide_follow),
    "medic.alarm_again": Step(_timer(data.OfRequest), waves.gather_only, waves.decide_alarm_again),
    "medic.robot": Step(_timer(data.OfRequest), waves.gather_only, waves.decide_robot),
    "medic.retire": Step(_timer(data.OfRequest), waves.gather_only, waves.decide_retire),
    "medic.count": Step(_timer(data.Timed), count.gather_count, count.decide_count),
    "medic.rejoin": Step(_timer(data.OfMedic), duty.gather_rejoin, duty.decide_rejoin),
    "medic.deaf_again": Step(_timer(data.OfMedic), duty.gather_deaf_again, duty.decide_deaf_again),
    "medic.tally": Step(_timer(data.Count), duty.gather_tally, duty.decide_tally),
    "medic.presence": Step(_spec(data.Reached, "hub"), duty.gather_presence, duty.decide_presence),
    "medic.wakeable": Step(_spec(data.Wakeable, "hub"), duty.gather_presence, duty.decide_wakeable),
    "medic.desk_presence": Step(_spec(data.Reached, "hub"), duty.gather_desk_presence, duty.decide_desk_presence),
}


def _self(actor: Actor, segments: Mapping[str, str]) -> bool:
    """That person; another system is none: nobody brings help to it, and it helps nobody."""
    return actor.person == segments["person"] and actor.role not in ("service", "tracker")


def _at_desk(actor: Actor, segments: Mapping[str, str]) -> bool:
    return actor.role == "dispatcher" and actor.desk == "medic"


def _anyone(actor: Actor, segments: Mapping[str, str]) -> bool:
    return True


class Medic(Channel):
    """The service; see `hub.contract.Channel`."""

    name: ClassVar[str] = "medic"
    lane: ClassVar[Lane] = "urgent"

    commands: Mapping[str, CommandSpec] = {cmd: step.spec for cmd, step in STEPS.items()}
    tells: Mapping[str, CommandSpec] = {"medic.position": CommandSpec(data.Position, frozenset({"medic"}))}
    things: Mapping[str, type[Struct]] = {
        "request": Request,
        "medic": Duty,
        "caller": Caller,
        "tally": Tally,
        "figures": Figures,
    }
    topics: Sequence[TopicRule] = (
        TopicRule("help/<person>", "urgent", _self),
        TopicRule("dispatch", "urgent", _at_desk),
        TopicRule("warnings", "urgent", _anyone),
        TopicRule("roster", "normal", _at_desk),
        TopicRule("city", "normal", _anyone),
    )
    tables: Mapping[str, Table] = {"request": TABLE, "medic": DUTY}
    presence: Mapping[str, str] = {"medic": "medic.presence", "dispatcher": "medic.desk_presence"}
    receipts: Mapping[str, Receipt] = {
        "offer": Receipt("medic.receipt", key="request", field="request", states=frozenset({"open"}))
    }

    personal: Mapping[type[Struct], Personal] = personal_.PERSONAL
    plain: Mapping[str, str] = personal_.PLAIN
    cards: Mapping[str, Card] = personal_.CARDS
    waking: Sequence[Waking] = (OFFERS, alarms_of("dispatch", "medic"))
    wakeable: Mapping[str, str] = {"medic": "medic.wakeable"}

    def __init__(self, city: City) -> None:
        self.city = city

    def gather(self, state: State, command: Command, actor: Actor) -> Iterable[Need]:
        if command.cmd == "medic.position":
            return duty.gather_position(self.city, state, command, actor)
        return STEPS[command.cmd].gather(self.city, state, command, actor)

    def decide(self, state: State, command: Command, facts: Facts, actor: Actor, now: int) -> Decision | Refusal:
        return STEPS[command.cmd].decide(self.city, state, command, facts, actor, now)

    def observe(self, state: State, command: Command, actor: Actor, now: int) -> Fix | None:
        return duty.observe_position(state, command, actor, now)

    def redrawn(self, type_: str, id_: str, before: Struct, after: Struct | None, now: int) -> Decision:
        return personal_.redrawn(type_, id_, before, after, now)
