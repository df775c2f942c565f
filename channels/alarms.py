"""Alarms: what sounds at a desk until somebody takes it or its cause is over.

An alarm lives inside the thing it is about, so it ends with it. Who takes one
has it, by name, on all screens; it is silent for 60 s and then rings again.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from msgspec import Struct
from msgspec.structs import replace

from hub.contract import Actor, Refusal, View

SILENT_MS: Final = 60_000


class Alarm(Struct, frozen=True, omit_defaults=True):
    """What sounds at the desk. `taken_by` has it until `silent_until`, then it rings again.

    `untaken_at`: since when it rings again after somebody had it; 0: nobody ever had.
    """

    at: int
    count: int = 1
    taken_by: str = ""
    taken_name: str = ""
    silent_until: int = 0
    untaken_at: int = 0

    @property
    def began(self) -> int:
        """Since when it has rung without anybody taking it."""
        return self.untaken_at or self.at


Alarms = Mapping[str, Alarm]
"""Reason -> alarm."""


def rung(alarms: Alarms, reason: str, at: int) -> Alarms:
    """The alarms with this one ringing, once more if it was there; a taken one stays silent until its time."""
    alarm = alarms.get(reason)
    if alarm is None:
        return {**alarms, reason: Alarm(at=at)}
    return alarms if alarm.silent_until > at else {**alarms, reason: again(alarm, at)}


def again(alarm: Alarm, now: int) -> Alarm:
    return Alarm(at=alarm.at, count=alarm.count + 1, untaken_at=now if alarm.taken_by else alarm.untaken_at)


def rung_again(alarms: Alarms, now: int) -> dict[str, Alarm]:
    """The alarms, those that were taken and whose silence is over ringing again."""
    return {reason: again(one, now) if 0 < one.silent_until <= now else one for reason, one in alarms.items()}


def silence_ends(alarms: Alarms) -> int:
    """When the first taken alarm rings again; 0 when none was taken."""
    return min((alarm.silent_until for alarm in alarms.values() if alarm.silent_until), default=0)


def taken(alarm: Alarm | None, actor: Actor, now: int) -> Alarm | Refusal:
    """The alarm with `actor` as its handler; of two who take it one hears `taken` and by whom."""
    if alarm is None:
        return Refusal("not_found", "no such alarm: it is over")
    if alarm.taken_by and alarm.taken_by != actor.person and alarm.silent_until > now:
        winner = {"person": alarm.taken_by, "name": alarm.taken_name}
        return Refusal("taken", f"{alarm.taken_name} has it", data={"winner": winner})
    return replace(alarm, taken_by=actor.person, taken_name=actor.name, silent_until=now + SILENT_MS)


def alarm_id(thing: str, reason: str) -> str:
    return f"{thing}.{reason}"


def alarm_of(id_: str) -> tuple[str, str]:
    """(thing, reason) of an alarm's id."""
    thing, _, reason = id_.rpartition(".")
    return thing, reason


def alarm_view(id_: str, reason: str, alarm: Alarm, now: int, **of: str) -> View:
    """An alarm as its desk sees it; `of` names the thing it is about."""
    view: View = {
        "type": "alarm",
        "id": id_,
        "state": "taken" if alarm.taken_by else "ringing",
        "at": now,
        "since": alarm.at,
        "began": alarm.began,
        "reason": reason,
        "count": alarm.count,
        **of,
    }
    if alarm.taken_by:
        view |= {"taken_by": alarm.taken_name or alarm.taken_by, "silent_until": alarm.silent_until}
    return view
