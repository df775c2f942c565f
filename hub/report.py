"""What the command line says: events as sentences for people, or as one JSON object per line."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Callable, Mapping
from typing import Any, Final, TextIO

from hub.qr import in_terminal
from hub.zones import WIB

Event = Mapping[str, Any]

_LABEL, _TEXT = 9, 43


class Report:
    """Prints events as they happen.

    Args:
        as_json: one object per line instead of sentences.
        out: standard output when None. A reader who went away does not stop the city.
    """

    def __init__(self, *, as_json: bool, out: TextIO | None = None) -> None:
        self._as_json = as_json
        self._out = sys.stdout if out is None else out

    def emit(self, event: dict[str, Any]) -> None:
        line = json.dumps(event, ensure_ascii=False) if self._as_json else sentence(event)
        if line is None:
            return
        try:
            print(line, file=self._out, flush=True)
        except BrokenPipeError:
            # Python's own advice (library/signal, "Note on SIGPIPE"): what is buffered goes nowhere, quietly.
            os.dup2(os.open(os.devnull, os.O_WRONLY), self._out.fileno())


def sentence(event: Event) -> str | None:
    """One event for a person, or None for an event that only a program wants."""
    write = _SENTENCES.get(str(event.get("event")))
    return None if write is None else write(event)


def clock(at_ms: int) -> str:
    """Wall clock in Mojokerto, whose demo it is: 18:02:07."""
    return f"{WIB.at(at_ms):%H:%M:%S}"


def _row(label: str, text: str, mark: str = "ok") -> str:
    return f"  {label:<{_LABEL}}{text:<{_TEXT}}{mark}".rstrip()


def _title(event: Event) -> str:
    kind = " · DEMO (people and medics are simulated)" if event["demo"] else ""
    return f"Kentongan · {event['city_name']}{kind}"


def _hub(event: Event) -> str:
    return _row("hub", f"{event['url']}, help on {event['help_port']}")


def _city(event: Event) -> str:
    parts = [f"{event['kelurahan']} kelurahan"]
    if "medics" in event:
        parts.append(f"{event['on_duty']} of {event['medics']} medics on duty")
        parts.append(f"{event['shops']} shops")
        parts.append(f"{event['vans']} van{'s' * (event['vans'] != 1)}")
    return _row("city", ", ".join(parts), "")


def _link(event: Event) -> str:
    note = f"     ({event['note']})" if "note" in event else ""
    line = f"  {event['role']:<13}{event['url']}{note}"
    return f"{line}\n{in_terminal(event['url'])}" if event.get("qr") else line


def _trust(event: Event) -> str:
    """What each phone in a room does first."""
    whom = "a new one, for each phone, also for those that trusted another" if event["fresh"] else "once per phone"
    said = f"  TRUST FIRST  {event['url']}     ({whom})\n  fingerprint  {event['fingerprint']}"
    return f"{said}\n{in_terminal(event['url'])}"


def _happened(event: Event) -> str:
    """What the simulated city reports of itself: a call, an order, the van, an alert."""
    return f"  {clock(event['at'])} {event['kelurahan']}  {event['text']}"


def _lost(event: Event) -> str:
    return f"  the {event['what']} ended (exit code {event['code']}); it is started again"


_SENTENCES: Final[Mapping[str, Callable[[Event], str]]] = {
    "title": _title,
    "store": lambda event: _row("store", f"private {event['server']}, every commit on disk"),
    "hub": _hub,
    "workers": lambda event: _row("workers", ", ".join(event["work"])),
    "city": _city,
    "see": lambda event: f"  SEE IT ALL:  {event['url']}      four phones and the board on one screen",
    "link": _link,
    "trust": _trust,
    "staff": lambda event: f"  staff        kentongan enrol ROLE --name NAME --data {event['data']}",
    "call": _happened,
    "order": _happened,
    "want": _happened,
    "van": _happened,
    "ticket": _happened,
    "reminder": _happened,
    "asked": _happened,
    "alert": _happened,
    "workshop": _happened,
    "ready": lambda event: f"ready {event['url']}",
    "hub_unready": lambda event: f"  the {event['kind']} hub is not ready: {event['why']}",
    "query_ready": lambda event: f"search answers at {event['listen']}: {event['shops']:,} shops",
    "query_rebuild": lambda event: f"  the index is made anew: {event['why']}",
    "query_rebuilt": lambda event: f"  the index is whole: {event['shops']:,} shops, {event['products']:,} products",
    "child_lost": _lost,
    "child_failed": lambda event: f"  {event['reason']}; it is tried again",
    "child_back": lambda event: f"  the {event['what']} is back",
    "store_lost": lambda event: f"  the store ended ({event['reason']}); it is started again",
    "store_failed": lambda event: f"  {event['reason']}; it is tried again",
    "store_back": lambda event: "  the store is back",
    "stopping": lambda event: "stopping",
}
