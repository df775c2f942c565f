"""A reminder's parts by themselves: when a group is due, what one batch does to a person, the view."""

from __future__ import annotations

import msgspec
import pytest
from msgspec.structs import replace

from channels.reminder_sweep import first_due, told
from channels.reminder_things import EARLIER_MS, MOST_RINGS, Reminder, Watch, due_at, watch_id
from channels.reminder_views import reminder_view
from channels.van_days import MINUTE_MS

NOW = 1_800_000_000_000
ETA = NOW + 60 * MINUTE_MS
ENDS = NOW + 600 * MINUTE_MS
WATCH = Watch(id=watch_id("t01", "v1.2027-01-15"), stop="t01", trip="v1.2027-01-15", at=NOW, place="expected",
              eta=ETA, ends_at=ENDS)  # fmt: skip
MINE = Reminder(id="a.t01", person="a", stop="t01", stop_name="n" * 60, state="set", at=NOW, minutes=10,
                watch=WATCH.id, group="w10")  # fmt: skip


@pytest.mark.parametrize(
    ("place", "group", "due"),
    [
        ("expected", "w10", ETA - 10 * MINUTE_MS),
        ("expected", f"r{ETA + EARLIER_MS}", NOW),
        ("expected", f"r{ETA + EARLIER_MS - 1}", ENDS),
        ("expected", "x", ENDS),
        ("arrived", "w10", NOW),
        ("arrived", f"r{ETA + EARLIER_MS}", ENDS),
        ("departed", "w10", NOW),
        ("skipped", f"r{ETA}", NOW),
        ("cancelled", "x", NOW),
        ("cancelled", "o", ENDS),
    ],
)
def test_when_a_group_is_due(place: str, group: str, due: int) -> None:
    """By its kind and by what the van does; at midnight every group is."""
    assert due_at(replace(WATCH, place=place), group) == due
    assert due_at(replace(WATCH, place=place, at=ENDS + 1), group) <= ENDS


def test_the_earliest_group_comes_first() -> None:
    """Of several, the one that is due first; none has none."""
    assert first_due(replace(WATCH, groups=("x", "w10", "w20"))) == "w20"
    assert first_due(WATCH) is None


def test_told() -> None:
    """It rings and remembers the time it rang for; the last ring is the last; a closed visit is over."""
    once = told(MINE, WATCH, 0, NOW)
    assert (once.state, once.rings, once.group, once.eta) == ("ringing", 1, f"r{ETA}", ETA)
    assert told(replace(once, rings=MOST_RINGS - 1), WATCH, 0, NOW).group == "x"
    assert told(MINE, replace(WATCH, place="arrived"), 0, NOW).group == "x"
    over = told(once, replace(WATCH, place="skipped"), 77, NOW)
    assert (over.state, over.group, over.why, over.next_at) == ("over", "o", "skipped", 77)


def test_the_view_is_small() -> None:
    """Under 500 bytes, and nothing of the index in it."""
    view = reminder_view(told(MINE, WATCH, 0, NOW))
    assert len(msgspec.msgpack.encode(view)) < 500
    assert not {"group", "watch", "person"} & set(view)
