"""The tables of a trip and of a stop on it, and who may take their steps."""

from __future__ import annotations

from typing import Final

from hub.contract import Rule, Table

CREW: Final = frozenset({"crew"})
DESK: Final = frozenset({"dispatcher", "system"})
HUB: Final = frozenset({"hub"})
KEY_MAKERS: Final = frozenset({"crew", "dispatcher"})
SYSTEM: Final = frozenset({"system"})
TIMER: Final = frozenset({"timer"})

_OWN = "the van's crew"
_FIX = "the van's crew, or its fixes"
_DESK = "the van desk"
_EITHER = {
    "trip.save": Rule(DESK, None, _DESK),
    "trip.cancel": Rule(DESK, "cancelled", _DESK),
    "van.skip": Rule(CREW, None, f"{_OWN}; after the last stop the trip is over, unless the van is at one"),
    "van.foretell": Rule(TIMER, None, "at most once a minute"),
    "van.turn": Rule(TIMER, "over"),
    "van.reset": Rule(TIMER, "planned"),
}

TRIP: Table = {
    "planned": {
        **_EITHER,
        "van.depart": Rule(CREW | HUB, "driving", _FIX),
        "van.arrive": Rule(CREW | HUB, "at_stop", _FIX),
    },
    "driving": {**_EITHER, "van.arrive": Rule(CREW | HUB, "at_stop", _FIX)},
    "at_stop": {
        **_EITHER,
        "van.arrive": Rule(CREW | HUB, "at_stop", f"{_FIX}, at another stop: it leaves this one"),
        "van.depart": Rule(CREW | HUB, "driving", f"{_FIX}; after the last stop the trip is over"),
    },
    "over": {
        "trip.save": Rule(DESK, "planned", f"{_DESK}, with a stop to come"),
        "van.arrive": Rule(CREW, "at_stop", f"{_OWN}, at a stop that was left out"),
        "van.turn": Rule(TIMER, "over"),
        "van.reset": Rule(TIMER, "planned"),
    },
    "cancelled": {
        "trip.save": Rule(DESK, "planned", f"{_DESK}: it takes place after all"),
        "van.turn": Rule(TIMER, "cancelled"),
    },
}

STOP: Table = {
    "unplanned": {"trip.save": Rule(DESK, "expected", _DESK)},
    "expected": {
        "van.arrive": Rule(CREW | HUB, "arrived", _FIX),
        "van.skip": Rule(CREW, "skipped", _OWN),
        "trip.save": Rule(DESK, None, f"{_DESK}; a stop of one day that is left out is cancelled"),
        "trip.cancel": Rule(DESK, "cancelled", _DESK),
    },
    "arrived": {
        "van.arrive": Rule(CREW, None, f"{_OWN}, who say it again"),
        "van.depart": Rule(CREW | HUB, "departed", _FIX),
        "trip.cancel": Rule(DESK, "departed", _DESK),
    },
    "skipped": {
        "van.arrive": Rule(CREW, "arrived", f"{_OWN}, which comes after all"),
        "trip.cancel": Rule(DESK, "cancelled", _DESK),
    },
    "departed": {},
    "cancelled": {"trip.save": Rule(DESK, "expected", f"{_DESK}: it takes place after all")},
}
