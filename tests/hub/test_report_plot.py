"""A report as a picture: valid SVG that says in words what it draws."""

from __future__ import annotations

from xml.etree import ElementTree

import pytest

from hub.report_plot import picture, span
from hub.reports import made
from tests.hub.test_reports import ENTRIES, REPORT, SPAN

SVG = "{http://www.w3.org/2000/svg}"


def test_a_picture_has_a_block_for_the_whole_and_each_month() -> None:
    """Every figure stands in words beside its bar."""
    root = ElementTree.fromstring(picture(made(REPORT, SPAN, ENTRIES, demo=False), REPORT))
    words = [element.text for element in root.iter(f"{SVG}text")]
    assert root.findtext(f"{SVG}title") == "lamp, 2026-10-01 - 2026-11-30"
    assert [word for word in words if word and word.startswith("2026-1")] == [
        "2026-10-01 - 2026-11-30: 4", "2026-10: 2", "2026-11: 2",
    ]  # fmt: skip
    assert "0.2 s · 0.3 s (3)" in words
    assert "50% (2 of 4)" in words
    assert len(list(root.iter(f"{SVG}circle"))) == 3


def test_nothing_is_drawn_as_nothing() -> None:
    """A dash, no dot, no bar of zero; a simulated city says so."""
    root = ElementTree.fromstring(picture(made(REPORT, SPAN, [], demo=True), REPORT))
    assert not list(root.iter(f"{SVG}circle"))
    assert (root.findtext(f"{SVG}title") or "").endswith("(DEMO)")
    assert [element.text for element in root.iter(f"{SVG}text")].count("-") == 2


@pytest.mark.parametrize(
    ("ms", "words"),
    [
        (0, "0.0 s"),
        (440, "0.4 s"),
        (41_200, "41 s"),
        (60_000, "1 min"),
        (320_000, "5 min 20 s"),
        (7_500_000, "2 h 5 min"),
    ],
)
def test_spans_are_said_in_two_units_at_most(ms: int, words: str) -> None:
    """Seconds only where they matter."""
    assert span(ms) == words
