"""A roll of seats: who has one, who waits, who was told what."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from channels.roll import MOST_WAITING, ROOM, Entry, Roll

NEWS = {"title": "Kelas"}


def entry(at: int = 0) -> Entry:
    return Entry(name="Sri", shop="s1", shop_name="Toko", at=at)


def filled(seats: int, people: int) -> Roll:
    roll = Roll(seats=seats).told(NEWS, 0)
    for number in range(people):
        more = roll.joined(f"p{number}", entry())
        assert more is not None
        roll = more
    return roll


def test_seats_then_a_waiting_list_then_no() -> None:
    """Seats go first, then places to wait, and then there is none."""
    roll = filled(2, 2 + MOST_WAITING)
    assert (roll.count("joined"), roll.count("waiting")) == (2, MOST_WAITING)
    assert (roll.ahead("p1"), roll.ahead("p2"), roll.ahead("p3")) == (0, 0, 1)
    assert roll.joined("late", entry()) is None


def test_who_leaves_lets_the_first_who_waits_in() -> None:
    """A free seat goes to who waits longest; who only waited lets nobody in."""
    roll = filled(1, 3)
    assert roll.left("p1", 5).entries["p2"].state == "waiting"
    left = roll.left("p0", 5)
    assert (left.entries["p1"].state, left.entries["p1"].moved_up_at) == ("joined", 5)
    assert left.entries["p2"].state == "waiting"


def test_more_seats_let_more_in_and_none_is_taken_away() -> None:
    """Seats never become fewer than are taken."""
    roll = filled(2, 4)
    assert roll.resized(3, 1).count("joined") == 3
    assert roll.resized(1, 1).seats == 2


def test_news_goes_round_in_parts() -> None:
    """Everybody hears in turns; an older piece of news is kept as long as somebody shows it."""
    roll = filled(70, 70)
    other = {"title": "Lain"}
    after = roll.told(other, 1)
    assert sum(one.shows == after.number for one in after.entries.values()) == ROOM
    assert set(after.news) == {1, 2}
    for _ in range(2):
        assert after.lags
        after = after.told(other, 2)
    assert not after.lags
    assert after.news == {2: other}
    assert len(after.without_some().entries) == 70 - ROOM


@given(st.lists(st.tuples(st.sampled_from(["join", "leave", "more", "news"]), st.integers(0, 20)), max_size=60))
def test_nobody_waits_beside_a_free_seat(steps: list[tuple[str, int]]) -> None:
    """Whatever happens: never more seats than there are, nobody waits while one is free, news is there for all."""
    roll = Roll(seats=3).told(NEWS, 0)
    for now, (step, number) in enumerate(steps, 1):
        if step == "join":
            fresh = f"p{number}" not in roll.entries
            roll = (roll.joined(f"p{number}", entry(now)) if fresh else None) or roll
        elif step == "leave":
            roll = roll.left(f"p{number}", now)
        elif step == "more":
            roll = roll.resized(number, now)
        else:
            roll = roll.told({"title": str(number)}, now)
        joined = roll.count("joined")
        assert joined <= roll.seats
        assert not (roll.count("waiting") and joined < roll.seats)
        assert roll.count("waiting") <= MOST_WAITING
        assert all(one.shows in roll.news for one in roll.entries.values())
