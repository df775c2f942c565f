"""The words by which two names are compared."""

from __future__ import annotations

import pytest

from channels.words import words_of


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("Kue lumpur", {"kue", "lumpur"}),
        ("Kue-kue Lumpur (isi 10)", {"kue", "lumpur"}),
        ("NASI  PECEL", {"nasi", "pecel"}),
        ("Crème brûlée", {"creme", "brulee"}),
        ("Gula 500 gram", {"gula"}),
        ("Teh dan kopi untuk 2", {"teh", "kopi"}),
        ("Oli 2T", {"oli", "2t"}),
        ("🍰", set()),
        ("", set()),
        ("ꦥꦼꦕꦼꦭ꧀", set()),
    ],
)
def test_words(name: str, words: set[str]) -> None:
    """Lower case, without accents, fillers, numbers and signs."""
    assert words_of(name) == words
