"""What a question finds and in which order, against a plain look at every shop."""

from __future__ import annotations

import math
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.support.market import LAT, LON, asks, distance, holding, product, shop
from workers.find import EARTH_M, Question, metres, point
from workers.search import CATEGORY_WORDS
from workers.words import forgivable, words

View = dict[str, Any]


def haversine_m(one: tuple[float, float], two: tuple[float, float]) -> float:
    """The textbook formula."""
    lat1, lon1, lat2, lon2 = map(math.radians, (*one, *two))
    h = math.sin((lat2 - lat1) / 2) ** 2 + math.cos(lat1) * math.cos(lat2) * math.sin((lon2 - lon1) / 2) ** 2
    return 2 * EARTH_M * math.asin(math.sqrt(h))


def meets(word: str, last: bool, how: str, some: set[str]) -> bool:
    if word in some or (last and how != "whole" and any(other.startswith(word) for other in some)):
        return True
    if how != "close" or not forgivable(word):
        return False
    return any(other.isalpha() and len(other) > 1 and distance(word, other) == 1 for other in some)


def step_of(asked: tuple[str, ...], views: tuple[View, ...]) -> int | None:
    """The best of the six steps by which a shop is found, None for not at all."""
    own, *goods = views
    category = CATEGORY_WORDS[own["category"]]
    parts = [set(words(f"{own['name']} {category} {own['kelurahan']}")), *(set(words(one["name"])) for one in goods)]
    everything = set().union(*parts)
    for step, (together, how) in enumerate(
        [(True, "whole"), (True, "begun"), (False, "whole"), (False, "begun"), (True, "close"), (False, "close")]
    ):
        for some in parts if together else [everything]:
            if all(meets(word, place == len(asked) - 1, how, some) for place, word in enumerate(asked)):
                return step
    return None


def looked(question: Question, shops: list[tuple[View, ...]]) -> list[tuple[Any, ...]]:
    """Every shop looked at: (closed, step, metres or 0) of those found, in order."""
    found = []
    for views in shops:
        own = views[0]
        step = 0 if question.words is None else step_of(question.words, views)
        if step is None or (question.words is not None and not question.words):
            continue
        if question.category not in (None, own["category"]) or question.kelurahan not in (None, own["kelurahan"]):
            continue
        if question.open not in (None, own["state"] == "open"):
            continue
        far = haversine_m(question.near, (own["lat"], own["lon"])) if question.near else 0.0
        found.append((own["state"] != "open", step, round(far, 3)))
    return sorted(found)


WORDS = ["gas", "gus", "as", "nasi", "nais", "nasib", "basi", "ayam", "ayma", "es", "este", "3", "3kg", "30", "kue-kue"]
NAMES = st.lists(st.sampled_from(WORDS), min_size=1, max_size=3).map(" ".join)
ASKED = st.lists(st.sampled_from(["nasi", "gas", "nsi", "nas", "e", "ayam", "aya", "kuue", "kran", "3k"]), max_size=2)


@st.composite
def cities(draw: st.DrawFn) -> list[tuple[View, ...]]:
    made = []
    for number in range(draw(st.integers(0, 12))):
        own = shop(
            f"s{number}", draw(NAMES), state=draw(st.sampled_from(["open", "closed"])),
            category=draw(st.sampled_from(["food", "goods"])), kelurahan=draw(st.sampled_from(["kranggan", "miji"])),
            lat=LAT + draw(st.integers(-50, 50)) / 1000, lon=LON + draw(st.integers(-50, 50)) / 1000,
        )  # fmt: skip
        made.append((own, *(product(f"p{at}", draw(NAMES)) for at in range(draw(st.integers(0, 4))))))
    return made


QUESTIONS = st.builds(
    Question,
    words=st.none() | ASKED.map(lambda some: words(" ".join(some))),
    category=st.sampled_from([None, "food"]),
    kelurahan=st.sampled_from([None, "kranggan"]),
    open=st.sampled_from([None, True, False]),
    near=st.sampled_from([None, (LAT, LON), (LAT + 0.01, LON - 0.03)]),
    limit=st.integers(1, 4),
)


@given(cities(), st.lists(QUESTIONS, min_size=1, max_size=8), st.sampled_from([0, 3, 64]))
@settings(max_examples=150, deadline=None)
def test_a_question_finds_what_a_look_at_every_shop_finds(
    shops: list[tuple[View, ...]], questions: list[Question], read_to_sort: int
) -> None:
    """The same shops, in the same order of state, step and distance, whichever way the steps are taken."""
    index = holding(*shops)
    by_id = {views[0]["id"]: views for views in shops}
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("workers.find.READ_TO_SORT", read_to_sort)
        for question in questions:
            answer = index.find(question, 0)
            expected = looked(question, shops)
            got = [key for found in answer["shops"] for key in looked(question, [by_id[found["id"]]])]
            assert got == expected[: question.limit]
            assert answer["more"] == (len(expected) > question.limit)
    index.close()


@pytest.mark.parametrize(
    ("asked", "found"),
    [
        ("kue kue", ["kue"]),
        ("kue2", ["kue"]),
        ("gas 3 kg", ["gas3"]),
        ("gas 3kg", ["gas3"]),
        ("gas 5", ["gas5"]),
        ("gaz 3kg", ["gas3"]),
        ("lapsi legit", ["kue"]),
        ("lpais", ["kue"]),
        ("lappis", ["kue"]),
        ("krangan", ["kue", "gas3", "gas5"]),
        ("makanan", ["kue"]),
        ("barang", ["gas3", "gas5"]),
        ("lapiz leget", ["kue"]),
        ("lapzz", []),
        ("gas 4kg", []),
        ("...", []),
        ("", []),
    ],
)
def test_what_people_type_is_found(asked: str, found: list[str]) -> None:
    """Doubled words, units, one wrong letter in each word, places and categories; a figure is never forgiven."""
    index = holding(
        (shop("kue", "Toko Roti Sari"), product(name="Kue-kue kering"), product("p2", "Lapis legit")),
        (shop("gas3", "Pangkalan Jaya", category="goods"), product(name="Gas 3kg")),
        (shop("gas5", "Pangkalan Maju", category="goods"), product(name="Gas 5,5 kg")),
    )
    assert asks(index, asked) == found


def test_open_ones_come_first_then_better_matches_then_nearer_ones() -> None:
    """A closed shop next door with the very words comes after an open one far away with a wrong letter."""
    near, far = {"lat": LAT, "lon": LON}, {"lat": LAT + 0.02, "lon": LON}
    index = holding(
        (shop("closed", "A", state="closed", **near), product(name="Rawon")),
        (shop("forgiven", "B", **near), product(name="Raon")),
        (shop("begun", "C", **near), product(name="Rawonan")),
        (shop("far", "D", **far), product(name="Rawon")),
        (shop("near", "E", **near), product(name="Rawon")),
    )
    assert asks(index, "rawon", near=(LAT, LON)) == ["near", "far", "begun", "forgiven", "closed"]
    assert asks(index, "rawon", near=(LAT, LON), open=False) == ["closed"]


def test_words_in_one_product_come_before_words_apart() -> None:
    """`nasi goreng` is first of all who sells nasi goreng, then who sells nasi and something fried."""
    index = holding(
        (shop("apart", "A"), product("p1", "Nasi pecel"), product("p2", "Pisang goreng")),
        (shop("together", "B", lat=LAT + 0.01), product(name="Nasi goreng")),
    )
    assert asks(index, "nasi goreng", near=(LAT, LON)) == ["together", "apart"]


def test_distances_are_great_circles() -> None:
    """Metres are haversine's, and a shop without a place comes last and says none."""
    index = holding(
        (shop("nowhere", "Soto", lat=None, lon=None),), (shop("far", "Soto", lat=LAT + 0.02),), (shop("near", "Soto"),)
    )
    found = index.find(Question(("soto",), near=(LAT + 0.001, LON)), 0)["shops"]
    assert [(one["id"], one.get("distance_m")) for one in found] == [("near", 111), ("far", 2113), ("nowhere", None)]
    assert (found[2]["lat"], found[2]["lon"]) == (None, None)
    assert "distance_m" not in index.find(Question(("soto",)), 0)["shops"][0]


@given(st.floats(-90, 90), st.floats(-180, 180), st.floats(-90, 90), st.floats(-180, 180))
def test_metres_agree_with_haversine(lat1: float, lon1: float, lat2: float, lon2: float) -> None:
    """Anywhere on earth, the other side included, to within the rounding of the square root near its end."""
    chord2 = sum((a - b) ** 2 for a, b in zip(point(lat1, lon1), point(lat2, lon2), strict=True))
    assert metres(chord2) == pytest.approx(haversine_m((lat1, lon1), (lat2, lon2)), abs=2)


def test_more_says_whether_there_are_more() -> None:
    """A full page says `more` only where there is one more."""
    index = holding(*((shop(f"s{number}", "Soto"),) for number in range(5)))
    assert [index.find(Question(limit=limit), 0)["more"] for limit in (4, 5, 6)] == [True, False, False]
    assert len(index.find(Question(limit=4), 0)["shops"]) == 4


def test_a_shop_is_found_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where many shops meet the last step, one that met a better step before is not named again."""
    monkeypatch.setattr("workers.find.READ_TO_SORT", 2)
    index = holding((shop("begun", "Rawonan"),), *((shop(f"s{number}", "Raon"),) for number in range(4)))
    assert asks(index, "rawon", limit=2) == ["begun", "s0"]
    assert asks(index, "rawon", limit=9) == ["begun", "s0", "s1", "s2", "s3"]
