"""The sheet for the person on call keeps up with the alarms and with what is installed."""

from __future__ import annotations

import re

import pytest

from tests.support.processes import ROOT

DEPLOY = ROOT / "deploy"
SHEET = (DEPLOY / "ONCALL.md").read_text("utf-8")
ALERTS = re.split(r"\n      - alert: ", (DEPLOY / "alerts.yml").read_text("utf-8"))[1:]
PAGE_LINES = 46
"""Of one page of paper, in a type that can be read at night."""


def entries() -> dict[str, str]:
    """Each alarm's entry."""
    parts = re.split(r"^### (\w+)\n", SHEET, flags=re.M)[1:]
    return dict(zip(parts[::2], parts[1::2], strict=True))


def test_every_alarm_has_its_entry_and_no_entry_is_dead() -> None:
    """In the order in which the file has them."""
    assert list(entries()) == [alert.partition("\n")[0] for alert in ALERTS]


@pytest.mark.parametrize("alert", ALERTS, ids=lambda alert: alert.partition("\n")[0])
def test_an_entry_says_whether_it_wakes_somebody(alert: str) -> None:
    """The same as the rule, first; and then enough to act on."""
    severity = re.search(r"severity: (\w+)", alert)
    assert severity is not None
    entry = entries()[alert.partition("\n")[0]].strip()
    assert entry.startswith({"page": "Page.", "warn": "Warn"}[severity[1]])
    assert len(entry.split()) >= 25


def test_hub_down_is_one_page() -> None:
    """Short enough to hang beside the desk; people come before machines."""
    page = SHEET.partition("## Hub down\n")[2].partition("\n## ")[0].strip()
    assert len(page.splitlines()) <= PAGE_LINES
    assert page.startswith("**People first.**")
    assert "119" in page.partition("1. ")[0]


def test_units_and_files_that_are_named_are_there() -> None:
    """Who reads it at night must not look for a unit of another name."""
    units = {path.name.partition(".")[0] for path in (DEPLOY / "systemd").iterdir()}
    for name in re.findall(r"\bkentongan-[a-z]+(?:@[a-z0-9]+)?", SHEET):
        unit, at, instance = name.partition("@")
        assert any(one.partition("@")[0] == unit for one in units) if not at else f"{unit}@" in units, name
        assert not instance or (DEPLOY / f"hub-{instance}.env").exists(), name
