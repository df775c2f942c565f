"""The steps of a match, as FTS5 is asked and as a shop at hand is looked at."""

from __future__ import annotations

from workers.steps import Wanted, steps

NASI = Wanted("nasi", False, frozenset())
GORENG = Wanted("goreng", True, frozenset({"gorong", "gereng"}))


def test_one_word_has_three_steps_and_more_have_six() -> None:
    """Of one word, together and apart are the same; without forgiven words there is nothing to forgive."""
    assert [(step.together, step.how) for step in steps([GORENG])] == [
        (False, "whole"), (False, "begun"), (False, "close"),
    ]  # fmt: skip
    assert [(step.together, step.how) for step in steps([NASI, GORENG])] == [
        (True, "whole"), (True, "begun"), (False, "whole"), (False, "begun"), (True, "close"), (False, "close"),
    ]  # fmt: skip
    assert {step.how for step in steps([NASI, NASI])} == {"whole", "begun"}


def test_a_step_is_a_question_to_fts5() -> None:
    """The last word may be the beginning of one, forgiven ones stand beside what was typed."""
    assert [step.match([NASI, GORENG]) for step in steps([NASI, GORENG])] == [
        '"nasi" AND "goreng"',
        '"nasi" AND "goreng" *',
        '"nasi" AND "goreng"',
        '"nasi" AND "goreng" *',
        '"nasi" AND ("goreng" * OR "gereng" OR "gorong")',
        '"nasi" AND ("goreng" * OR "gereng" OR "gorong")',
    ]


def test_a_step_says_whether_a_shop_at_hand_meets_it() -> None:
    """The same rule, over the words of the shop and of each product."""
    apart = [frozenset({"warung", "gorong"}), frozenset({"nasi", "gorengan"})]
    assert [step.meets([NASI, GORENG], apart) for step in steps([NASI, GORENG])] == [
        False, True, False, True, True, True,
    ]  # fmt: skip
    assert not any(step.meets([NASI, GORENG], [frozenset({"soto"})]) for step in steps([NASI, GORENG]))
