"""Words of names and questions, and what counts as one wrong letter."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.support.market import distance
from workers.words import close, cuts, forgivable, words

SHORT = st.text("abc", min_size=0, max_size=5)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Warung Bu Sri", ["warung", "bu", "sri"]),
        ("Crêpe KÉJU ﬁlet", ["crepe", "keju", "filet"]),
        ("Jum'at, Ma’ruf & Co.", ["jumat", "maruf", "co"]),
        ("kue-kue", ["kue"]),
        ("Onde-onde 10", ["onde", "10"]),
        ("baju2 anak2", ["baju", "anak"]),
        ("sayur-mayur", ["sayur", "mayur"]),
        ("gas 3kg", ["gas", "3", "kg"]),
        ("Gas 3 KG", ["gas", "3", "kg"]),
        ("RT02/RW2", ["rt", "02", "rw", "2"]),
        ("es_teh", ["es", "teh"]),
        ("!?", []),
        ("", []),
        ("ﷺ ½ ２", ["صلى", "الله", "عليه", "وسلم", "1", "2"]),
    ],
)
def test_words_are_those_that_a_person_means(text: str, expected: list[str]) -> None:
    """Case, accents, apostrophes, doubling and the gap before a unit make no difference."""
    assert list(words(text)) == expected


@given(st.text(max_size=40))
def test_words_hold_letters_or_figures_only(text: str) -> None:
    """Whatever is typed, a word holds nothing that a search language could mistake for its own, and stays itself."""
    found = words(text)
    assert len(set(found)) == len(found)
    for word in found:
        assert word.isalpha() or word.isdecimal(), word
        assert words(word) == (word,)


@given(SHORT, SHORT)
def test_close_is_a_distance_of_at_most_one(one: str, two: str) -> None:
    """`close` says what the slow count says, both ways round."""
    assert close(one, two) == close(two, one) == (distance(one, two) <= 1)


@given(SHORT, SHORT)
def test_close_words_share_a_cut(one: str, two: str) -> None:
    """No pair at one letter's distance is missed by looking for a common cut."""
    if close(one, two):
        assert cuts(one) & cuts(two)


@pytest.mark.parametrize(("word", "is_"), [("nasi", True), ("gas", True), ("es", False), ("300", False), ("", False)])
def test_short_words_and_figures_are_taken_as_typed(word: str, is_: bool) -> None:
    """`gas 3` is never `gas 5`, and two letters say too little to be forgiven."""
    assert forgivable(word) is is_
