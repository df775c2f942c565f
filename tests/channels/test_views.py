"""A decision's changes are the difference of what the screens saw and see."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from channels.views import (
    COMMIT_BYTES,
    ROOM,
    VIEW_BYTES,
    Views,
    change,
    differing,
    fitted,
    same,
    shortened,
    size,
    too_big,
)
from hub.contract import Change, View

TABLES = st.dictionaries(
    st.tuples(st.sampled_from(["help/a", "dispatch"]), st.sampled_from("xyz")),
    st.fixed_dictionaries({"state": st.sampled_from(["open", "won"]), "at": st.integers(0, 5)}),
)


def test_the_time_of_a_view_is_no_difference() -> None:
    """Only `at` differs: nobody is told."""
    assert same({"a": 1, "at": 1}, {"a": 1, "at": 2})
    assert not same({"a": 1, "at": 1}, {"a": 2, "at": 1})
    assert not same({"a": 1}, {"a": 1, "b": 2})
    assert not same(None, {"a": 1})
    assert same(None, None)


@given(TABLES, TABLES)
def test_applying_the_difference_gives_the_other_table(before: Views, after: Views) -> None:
    """Whoever applies the changes sees what a fresh look would show."""
    table = dict(before)
    for place in differing(before, after):
        made = change(place, "medic.any", after)
        assert (made.topic, made.id) == place
        if made.view is None:
            del table[place]
        else:
            table[place] = made.view
    assert table.keys() == after.keys()
    assert all(same(table[place], after[place]) for place in after)


# -- weight ----------------------------------------------------------------------------------


def heavy(names: int = 10, **more: object) -> View:
    return {"type": "t", "id": "i" * 200, "lines": [{"id": "l" * 50, "name": "🎂" * 60} for _ in range(names)], **more}


def test_a_view_that_has_room_is_left_alone() -> None:
    """The very same object."""
    view = heavy(2)
    assert fitted(view) is view


def test_names_are_cut_before_what_somebody_wrote() -> None:
    """No more than it takes, ids never, and the view that was given stays as it was."""
    view = heavy(12, note="n" * 800)
    found = fitted(view)
    assert size(found) <= VIEW_BYTES
    assert found["note"] == view["note"]
    assert {line["name"] for line in found["lines"]} == {"🎂" * 29 + "…"}
    assert [line["id"] for line in found["lines"]] == [line["id"] for line in view["lines"]]
    assert view == heavy(12, note="n" * 800)


@given(st.text(max_size=100), st.integers(3, 300))
def test_a_shortened_text_is_its_beginning(text: str, most: int) -> None:
    """At most so many bytes, whole characters, and an ellipsis only where something is missing."""
    found = shortened(text, most)
    assert len(found.encode()) <= most
    assert found == text or (found.endswith("…") and text.startswith(found[:-1]))
    assert found == text or len(text.encode()) > most


def test_what_a_commit_holds() -> None:
    """32 topics and 60 KB."""
    changes = [Change(f"t/{n}", "a", "k", None) for n in range(ROOM)]
    assert not too_big(changes)
    assert too_big([*changes, Change("one/more", "a", "k", None)])
    assert too_big([Change("t", "a", "k", {"text": "x" * COMMIT_BYTES})])
