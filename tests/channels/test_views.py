"""A decision's changes are the difference of what the screens saw and see."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from channels.views import Views, change, differing, same

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
