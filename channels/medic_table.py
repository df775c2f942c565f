"""The steps of a medic request and of a medic's duty.

A request is *unanswered* (`called`: nobody was asked yet; `offered`: phones
ring), then *held* by one medic (`accepted` to `at_patient`), then ended.
Whoever is named here may take the step in that state; what else must hold
stands in `only` and is checked where the step is taken.

What may happen to a request in every state and changes none is no row: screens that
wait for their change (`medic.offers_follow`), leaving the tables (`medic.retire`),
being counted or read (`medic.count`, `medic.read`), an alarm that is taken or rings
again.
"""

from __future__ import annotations

from typing import Final, Literal

from hub.contract import Rule, Table

State = Literal[
    "called",
    "offered",
    "accepted",
    "en_route",
    "on_scene",
    "at_patient",
    "cleared",
    "cancelled",
    "handed_over",
    "closed",
]

UNANSWERED: Final = ("called", "offered")
HELD: Final = ("accepted", "en_route", "on_scene", "at_patient")
ENDED: Final = ("cleared", "cancelled", "handed_over", "closed")

CALLER: Final = frozenset({"resident"})
MEDIC: Final = frozenset({"medic"})
DESK: Final = frozenset({"dispatcher"})
TIMER: Final = frozenset({"timer"})

_ALWAYS = {
    "describe": Rule(CALLER | DESK),
    "receipt": Rule(MEDIC | {"hub"}, only="who was offered it"),
    "cancel in grace": Rule(CALLER, "cancelled", only="within grace_s of the call, no reason needed"),
    "call off": Rule(DESK, "cancelled", only="medic.cancel by the desk"),
    "hand_over": Rule(DESK, "handed_over", only="with the operator's name"),
    "close": Rule(DESK, "closed", only="with an outcome"),
    "merge": Rule(DESK, "closed", only="into an open request"),
    "assign": Rule(DESK, "accepted", only="to a medic on duty who has no patient"),
}

_UNANSWERED = {
    **_ALWAYS,
    "accept": Rule(MEDIC, "accepted", only="who was offered it, on duty and without a patient"),
    "decline": Rule(MEDIC, only="who was offered it"),
    "cancel": Rule(CALLER, "cancelled", only="with a reason"),
    "escalate": Rule(DESK, "offered", only="the next wave at once"),
    "wave": Rule(TIMER, "offered", only="when it is due and finds somebody"),
    "unheard": Rule(TIMER, only="the next candidate for a phone that received nothing"),
    "rejoin": Rule(TIMER, only="a medic came, left or took a patient"),
    "robot": Rule(TIMER, only="in a drill"),
}

_HELD = {
    **_ALWAYS,
    "ask to cancel": Rule(CALLER, only="sets cancel_requested; medic or desk ends it"),
    "backup": Rule(MEDIC, only="the holder"),
    "robot": Rule(TIMER, only="in a drill"),
}

_RELEASE = {"release": Rule(MEDIC, "offered", only="the holder")}

_ADVANCES: Final = ("en_route", "on_scene", "at_patient", "cleared")


def _advances(*states: str) -> dict[str, Rule]:
    return {state: Rule(MEDIC, state, only="the holder") for state in states}


TABLE: Final[Table] = {
    "called": _UNANSWERED,
    "offered": _UNANSWERED,
    "accepted": {
        **_HELD,
        **_RELEASE,
        **_advances(*_ADVANCES),
        "not under way": Rule(TIMER, only="90 s after accepting: asked; 30 s later others are asked too"),
        "accept": Rule(MEDIC, "accepted", only="another, while the holder is not under way"),
        "decline": Rule(MEDIC, only="another, while the holder is not under way"),
        "escalate": Rule(DESK, only="asks others as well"),
        "wave": Rule(TIMER, only="while the holder is not under way"),
        "unheard": Rule(TIMER, only="while the holder is not under way"),
        "rejoin": Rule(TIMER, only="while the holder is not under way"),
    },
    "en_route": {**_HELD, **_RELEASE, **_advances(*_ADVANCES[1:])},
    "on_scene": {**_HELD, **_RELEASE, **_advances(*_ADVANCES[2:])},
    "at_patient": {**_HELD, **_advances(*_ADVANCES[3:])},
    "cleared": {},
    "cancelled": {},
    "handed_over": {},
    "closed": {},
}

DUTY: Final[Table] = {
    "off": {"on": Rule(MEDIC, "on"), "off": Rule(MEDIC)},
    "on": {
        "on": Rule(MEDIC),
        "off": Rule(MEDIC, "off"),
        "take": Rule(MEDIC | DESK, "busy", only="accepts or is assigned a request"),
    },
    "busy": {
        "on": Rule(MEDIC),
        "free": Rule(MEDIC | CALLER | DESK | TIMER, "on", only="its request ends or goes to another"),
    },
}
"""`off` is no terminal state: a medic comes back. Going off while holding a request is refused."""
