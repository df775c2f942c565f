"""What each command takes: a wrong field is refused with its path."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from channels.medic_data import Call, Describe, Location
from tests.channels.medic_world import HERE, SERVICE

BAD: list[tuple[str, dict[str, Any], str]] = [
    ("medic.call", {"location": {"lat": float("nan"), "lon": 112.4}}, "$.location.lat"),
    ("medic.call", {"location": {"lat": 90.1, "lon": 112.4}}, "$.location.lat"),
    ("medic.call", {"location": {"lat": -7.4, "lon": -180.1}}, "$.location.lon"),
    ("medic.call", {"location": {"lat": -7.4, "lon": float("inf")}}, "$.location.lon"),
    ("medic.call", {"location": {"lat": -7.4}}, "lon"),
    ("medic.call", {"location": {**HERE, "accuracy_m": -1.0}}, "$.location.accuracy_m"),
    ("medic.call", {"landmark": "x" * 201}, "$.landmark"),
    ("medic.call", {"phone": "call me"}, "$.phone"),
    ("medic.call", {"for": "dog"}, "$.for"),
    ("medic.call", {"urgency": "soon"}, "$.urgency"),
    ("medic.call", {"source": "radio"}, "$.source"),
    ("medic.call", {"drill": 1}, "$.drill"),
    ("medic.cancel", {"request": "r", "reason": "bored"}, "$.reason"),
    ("medic.cancel", {"request": ""}, "$.request"),
    ("medic.cancel", {"request": "r\n"}, "$.request"),
    ("medic.cancel", {"request": 7}, "$.request"),
    ("medic.cancel", {}, "request"),
    ("medic.describe", {"request": "r", "note": "😀" * 1001}, "$.note"),
    ("medic.describe", {"request": "r", "answers": {"breathing": "maybe"}}, "$.answers.breathing"),
    ("medic.describe", {"request": "r", "patients": 0}, "$.patients"),
    ("medic.duty", {"on": "yes"}, "$.on"),
    ("medic.receipt", {"request": "r", "level": "read"}, "$.level"),
    ("medic.advance", {"request": "r", "to": "called"}, "$.to"),
    ("medic.hand_over", {"request": "r", "operator": ""}, "$.operator"),
    ("medic.close", {"request": "r", "outcome": "fine"}, "$.outcome"),
    ("medic.assign", {"request": "r", "medic": "a b"}, "$.medic"),
    ("alarm.take", {"alarm": "x" * 81}, "$.alarm"),
]


@pytest.mark.parametrize(("cmd", "data", "path"), BAD)
def test_a_wrong_field_is_named(cmd: str, data: dict[str, Any], path: str) -> None:
    """Wrong types, unknown values, NaN, coordinates out of range, too long texts."""
    with pytest.raises(msgspec.ValidationError) as refused:
        msgspec.convert(data, SERVICE.commands[cmd].data)
    assert path in str(refused.value)


def test_unknown_keys_are_ignored_and_all_but_little_is_optional() -> None:
    """The first tap needs nothing at all."""
    call = msgspec.convert({"colour": "red"}, Call)
    assert call == Call()
    assert msgspec.convert({"for": "family"}, Call).for_ == "family"
    assert msgspec.convert({"request": "r", "phone": ""}, Describe).phone == ""


@pytest.mark.parametrize("phone", ["081234567890", "+62 812-3456-7890", "(0321) 123456", "119", ""])
def test_phones_as_people_write_them(phone: str) -> None:
    """Digits with spaces, dashes and brackets; or none."""
    assert msgspec.convert({"phone": phone}, Call).phone == phone


def test_a_fix_is_dated_by_its_age_and_never_in_the_future() -> None:
    """The age counts by the sender's own clock; `fix_at` is believed only up to now."""
    assert Location(0.0, 0.0, age_ms=4_000, fix_at=1).taken_at(10_000) == 6_000
    assert Location(0.0, 0.0, fix_at=9_000).taken_at(10_000) == 9_000
    assert Location(0.0, 0.0, fix_at=99_000).taken_at(10_000) == 10_000
    assert Location(0.0, 0.0).taken_at(10_000) == 10_000
    assert Location(0.0, 0.0, age_ms=99_000).taken_at(10_000) == 0
