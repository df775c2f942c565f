"""The parameters of a question: what is right, and how a wrong one is named."""

from __future__ import annotations

import pytest

from hub.errors import DataError
from tests.support.asking import KELURAHAN
from workers.find import Question
from workers.questions import question


@pytest.mark.parametrize(
    ("params", "asked"),
    [
        ({}, Question()),
        ({"q": ""}, Question()),
        ({"q": "  "}, Question()),
        ({"q": "!?"}, Question(())),
        ({"q": "Kue-Kue 3kg"}, Question(("kue", "3", "kg"))),
        ({"near": "-7.47, 112.435"}, Question(near=(-7.47, 112.435))),
        ({"near": "90,-180"}, Question(near=(90.0, -180.0))),
        ({"open": "1", "limit": "50"}, Question(open=True, limit=50)),
        ({"open": "0", "limit": "1"}, Question(open=False, limit=1)),
        ({"category": "made_to_order"}, Question(category="made_to_order")),
        ({"kelurahan": " Kranggan "}, Question(kelurahan="kranggan")),
    ],
)
def test_a_question_is_read(params: dict[str, str], asked: Question) -> None:
    """Every parameter may be left out; a blank `q` asks for all shops, one without words finds nothing."""
    assert question(params.items(), KELURAHAN) == asked


@pytest.mark.parametrize(
    ("name", "value", "expected"),
    [
        ("q", "a" * 101, "at most 100 letters"),
        ("q", "a b c d e f g h i", "at most 8 words"),
        ("category", "fod", "one of food, goods, made_to_order"),
        ("category", "", "one of food, goods, made_to_order"),
        ("kelurahan", " ", "one of kranggan, miji"),
        ("kelurahan", "krangan", "one of kranggan, miji"),
        ("kelurahan", "x" * 41, "one of kranggan, miji"),
        ("near", "", "<lat>,<lon>"),
        ("near", "-7.47", "<lat>,<lon>"),
        ("near", "-7.47,112.4,3", "<lat>,<lon>"),
        ("near", "91,0", "<lat>,<lon>"),
        ("near", "0,-181", "<lat>,<lon>"),
        ("near", "nan,nan", "<lat>,<lon>"),
        ("near", "inf,0", "<lat>,<lon>"),
        ("near", "here", "<lat>,<lon>"),
        ("open", "yes", "1 or 0"),
        ("limit", "0", "a number from 1 to 50"),
        ("limit", "51", "a number from 1 to 50"),
        ("limit", "-1", "a number from 1 to 50"),
        ("limit", "2.5", "a number from 1 to 50"),
        ("limit", "٣", "a number from 1 to 50"),
        ("limit", "9" * 5000, "a number from 1 to 50"),
        ("kelurhan", "miji", "one of q, category, near, open, kelurahan, limit"),
    ],
)
def test_a_wrong_value_is_named(name: str, value: str, expected: str) -> None:
    """The message begins with the parameter's name and says what was expected."""
    with pytest.raises(DataError) as wrong:
        question([(name, value)], KELURAHAN)
    assert str(wrong.value) == f"{name}: expected {expected}"


def test_twice_is_once_too_many() -> None:
    """Which of two was meant is not for us to guess."""
    with pytest.raises(DataError, match="q: expected it once"):
        question([("q", "nasi"), ("q", "soto")], KELURAHAN)
