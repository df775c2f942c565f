"""What the command line says, for people and for programs."""

from __future__ import annotations

import io
import json
import os
from typing import Any

import pytest

from hub.report import Report, clock, sentence


def test_a_start_reads_as_promised() -> None:
    """The lines of a demo's start, as the README shows them."""
    events: list[dict[str, Any]] = [
        {"event": "title", "city_name": "Kota Mojokerto", "demo": True},
        {"event": "store", "server": "Valkey 9.1"},
        {"event": "hub", "url": "http://127.0.0.1:8000", "help_port": 8100},
        {"event": "workers", "work": ["timers", "search"]},
        {"event": "city", "kelurahan": 18, "on_duty": 15, "medics": 40, "shops": 60, "vans": 1},
        {"event": "see", "url": "http://127.0.0.1:8000/demo"},
        {"event": "link", "role": "resident", "url": "http://127.0.0.1:8000/"},
        {"event": "link", "role": "medic", "url": "http://127.0.0.1:8000/medic#masuk=x", "note": "links are new"},
        {"event": "ready", "url": "http://127.0.0.1:8000"},
    ]
    assert [sentence(event) for event in events] == [
        "Kentongan · Kota Mojokerto · DEMO (people and medics are simulated)",
        "  store    private Valkey 9.1, every commit on disk   ok",
        "  hub      http://127.0.0.1:8000, help on 8100        ok",
        "  workers  timers, search                             ok",
        "  city     18 kelurahan, 15 of 40 medics on duty, 60 shops, 1 van",
        "  SEE IT ALL:  http://127.0.0.1:8000/demo      four phones and the board on one screen",
        "  resident     http://127.0.0.1:8000/",
        "  medic        http://127.0.0.1:8000/medic#masuk=x     (links are new)",
        "ready http://127.0.0.1:8000",
    ]


def test_a_real_city_is_no_demo() -> None:
    """A real city has no band, and nobody to count yet."""
    assert sentence({"event": "title", "city_name": "Kota Mojokerto", "demo": False}) == "Kentongan · Kota Mojokerto"
    assert sentence({"event": "city", "kelurahan": 18}) == "  city     18 kelurahan"


@pytest.mark.parametrize("name", ["call", "order", "want", "van", "alert", "workshop"])
def test_the_city_is_one_line_an_event(name: str) -> None:
    """What happens in the simulated city is one line: wall clock, kelurahan, what."""
    event = {"event": name, "at": 0, "kelurahan": "Kranggan", "text": "called, accepted after 6.2 s", "phones": 3}
    assert sentence(event) == "  07:00:00 Kranggan  called, accepted after 6.2 s"


def test_a_query_process_says_what_it_can_answer_from() -> None:
    """One line when it answers, and one when an index is made anew and whole."""
    ready = {"event": "query_ready", "listen": "unix:/tmp/q", "shops": 27_900, "products": 200_000}
    assert sentence(ready) == "search answers at unix:/tmp/q: 27,900 shops"
    assert sentence({"event": "query_rebuild", "why": "epoch"}) == "  the index is made anew: epoch"
    rebuilt = {"event": "query_rebuilt", "shops": 27_900, "products": 200_000}
    assert sentence(rebuilt) == "  the index is whole: 27,900 shops, 200,000 products"


def test_an_event_for_programs_has_no_sentence() -> None:
    """An event that nobody wrote a sentence for is not shown to people."""
    assert sentence({"event": "unheard-of"}) is None
    out = io.StringIO()
    Report(as_json=False, out=out).emit({"event": "unheard-of"})
    assert out.getvalue() == ""


def test_json_is_one_object_per_line() -> None:
    """With `--json` every event is a line of its own, whole."""
    out = io.StringIO()
    report = Report(as_json=True, out=out)
    report.emit({"event": "ready", "url": "http://127.0.0.1:8000"})
    report.emit({"event": "unheard-of", "name": "Bu Sri · ok"})
    assert [json.loads(line) for line in out.getvalue().splitlines()] == [
        {"event": "ready", "url": "http://127.0.0.1:8000"},
        {"event": "unheard-of", "name": "Bu Sri · ok"},
    ]


def test_clock_is_the_wall_clock_in_mojokerto() -> None:
    """Times are WIB, seven hours ahead of UTC, whatever this machine's zone is."""
    assert clock(0) == "07:00:00"
    assert clock(61_000) == "07:01:01"


def test_a_reader_who_left_stops_nothing() -> None:
    """When nobody reads the output any more, emitting goes on quietly."""
    reading, writing = os.pipe()
    os.close(reading)
    with os.fdopen(writing, "w") as out:
        report = Report(as_json=True, out=out)
        report.emit({"event": "ready"})
        report.emit({"event": "ready"})


@pytest.mark.parametrize(
    ("event", "said"),
    [
        ({"event": "child_lost", "what": "help hub", "code": -9}, "the help hub ended (exit code -9)"),
        ({"event": "store_lost", "reason": "the disk is full"}, "the store ended (the disk is full)"),
    ],
)
def test_trouble_says_what_and_what_now(event: dict[str, object], said: str) -> None:
    """A loss names what was lost and that it is mended."""
    line = sentence(event)
    assert line is not None
    assert said in line
    assert "started again" in line


def test_a_room_shows_what_to_trust_and_a_code_for_each_page() -> None:
    """The door with the authority's fingerprint first; a link of a room stands above its code."""
    event = {"event": "trust", "url": "http://192.168.1.5:8080/lan", "fingerprint": "AA:BB", "fresh": False}
    said = str(sentence(event)).split("\n")
    assert said[:2] == ["  TRUST FIRST  http://192.168.1.5:8080/lan     (once per phone)", "  fingerprint  AA:BB"]
    assert "█" in said[5]
    assert "a new one" in str(sentence({**event, "fresh": True}))
    link = {"event": "link", "role": "medic", "url": "https://192.168.1.5:8000/medic#masuk=x", "qr": True}
    assert str(sentence(link)).startswith("  medic        https://192.168.1.5:8000/medic#masuk=x\n\x1b[30;107m")
