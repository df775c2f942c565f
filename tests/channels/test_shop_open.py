"""When a shop is open: hours in the city's zone, pauses, busy, and the one rule."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from channels.alarms import Alarm
from channels.shop_open import (
    DAY_MS,
    DEAF_MS,
    MONTH_MS,
    SMALL_BELOW,
    bad_hours,
    next_edge,
    next_opening,
    one_expired,
    one_sold,
    resumed,
    settled,
    small,
    within,
)
from channels.shop_things import Ear, Hours, Shop

WIB = timezone(timedelta(hours=7))
MONDAY = datetime(2026, 11, 23, tzinfo=WIB)
EVERY = ((480, 1020),)
OFFICE: Hours = (EVERY, EVERY, EVERY, EVERY, EVERY, (), ())
"""08:00 to 17:00 from Monday to Friday."""
NIGHT: Hours = ((), (), (), (), ((1200, 1560),), ((1200, 1560),), ())
"""20:00 to 02:00 on Friday and Saturday."""
LUNCH: Hours = (((480, 720), (780, 1020)), (), (), (), (), (), ())
NEVER: Hours = ((), (), (), (), (), (), ())
WHOLE_DAY: Hours = (((0, 1440),),) * 7
EAR = {"sri": Ear("Sri", 0, True, True)}


def wib(day: int, hour: int, minute: int = 0, second: int = 0) -> int:
    """Milliseconds of a time in the week that begins on Monday, 23 November 2026."""
    return int((MONDAY + timedelta(days=day, hours=hour, minutes=minute, seconds=second)).timestamp() * 1000)


def shop(**more: object) -> Shop:
    made = Shop(id="s1", name="Toko", category="food", kelurahan="kranggan", lat=-7.47, lon=112.43, sellers=EAR)
    return replace(made, **more)


@pytest.mark.parametrize(
    ("hours", "at", "open_"),
    [
        ((), wib(0, 3), True),
        (OFFICE, wib(0, 7, 59, 59), False),
        (OFFICE, wib(0, 8), True),
        (OFFICE, wib(0, 16, 59, 59), True),
        (OFFICE, wib(0, 17), False),
        (OFFICE, wib(5, 12), False),
        (NIGHT, wib(4, 19, 59), False),
        (NIGHT, wib(4, 20), True),
        (NIGHT, wib(5, 1, 59), True),
        (NIGHT, wib(5, 2), False),
        (NIGHT, wib(6, 1), True),
        (NIGHT, wib(6, 2), False),
        (LUNCH, wib(0, 12, 30), False),
        (LUNCH, wib(0, 13), True),
        (NEVER, wib(2, 12), False),
        (WHOLE_DAY, wib(2, 0), True),
        (WHOLE_DAY, wib(2, 23, 59, 59), True),
    ],
)
def test_within(hours: Hours, at: int, open_: bool) -> None:
    """Opening time counts, closing time does not; past midnight belongs to the day before; no hours: always."""
    assert within(hours, at) is open_


def test_hours_are_the_citys_own() -> None:
    """08:00 in Mojokerto is 01:00 UTC."""
    at = datetime(2026, 11, 23, 1, tzinfo=UTC).timestamp() * 1000
    assert within(OFFICE, int(at))
    assert not within(OFFICE, int(at) - 1)


@pytest.mark.parametrize(
    ("hours", "at", "opening", "edge"),
    [
        ((), wib(0, 3), 0, 0),
        (NEVER, wib(0, 3), 0, 0),
        (OFFICE, wib(0, 7), wib(0, 8), wib(0, 8)),
        (OFFICE, wib(0, 8), wib(1, 8), wib(0, 17)),
        (OFFICE, wib(4, 17), wib(7, 8), wib(7, 8)),
        (NIGHT, wib(6, 2), wib(11, 20), wib(11, 20)),
        (NIGHT, wib(5, 1), wib(5, 20), wib(5, 2)),
        (NIGHT, wib(0, 1), wib(4, 20), wib(4, 20)),
        (LUNCH, wib(0, 9), wib(0, 13), wib(0, 12)),
        (LUNCH, wib(0, 17), wib(7, 8), wib(7, 8)),
        (WHOLE_DAY, wib(2, 5), wib(3, 0), wib(3, 0)),
    ],
)
def test_next_edges(hours: Hours, at: int, opening: int, edge: int) -> None:
    """The next opening and the next edge, also a week away; 0 for never."""
    assert next_opening(hours, at) == opening
    assert next_edge(hours, at) == edge


@pytest.mark.parametrize(
    ("hours", "wrong"),
    [
        ((), None),
        (OFFICE, None),
        (NIGHT, None),
        (WHOLE_DAY, None),
        (OFFICE[:6], ": expected seven days"),
        ((((1020, 480),), *OFFICE[1:]), "[0][0]: expected [opens, closes]"),
        ((*OFFICE[:6], ((480, 480),)), "[6][0]: expected"),
        ((((480, 720), (1440, 1500)), *OFFICE[1:]), "[0][1]: expected"),
        ((((60, 1501),), *OFFICE[1:]), "[0][0]: expected"),
        ((((-1, 60),), *OFFICE[1:]), "[0][0]: expected"),
    ],
)
def test_bad_hours(hours: Hours, wrong: str | None) -> None:
    """Seven days or none, each pair within a day and at most a day long; what is wrong is named with its path."""
    found = bad_hours(hours)
    assert (found is None) if wrong is None else (found is not None and found.startswith(wrong))


# -- the rule ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("fields", "at", "state", "why", "opens_at"),
    [
        ({}, wib(0, 9), "open", "", 0),
        ({"hours": OFFICE}, wib(0, 9), "open", "", 0),
        ({"hours": OFFICE}, wib(5, 9), "closed", "hours", wib(7, 8)),
        ({"hours": NEVER}, wib(5, 9), "closed", "hours", 0),
        ({"paused": True}, wib(0, 9), "closed", "paused", 0),
        ({"paused": True, "paused_until": wib(0, 10)}, wib(0, 9), "closed", "paused", wib(0, 10)),
        ({"paused": True, "paused_until": wib(0, 10)}, wib(0, 10), "open", "", 0),
        ({"paused": True, "paused_until": wib(0, 20), "hours": OFFICE}, wib(0, 9), "closed", "paused", wib(1, 8)),
        ({"paused": True, "hours": OFFICE}, wib(5, 9), "closed", "paused", 0),
        ({"sellers": {}}, wib(0, 9), "closed", "deaf", 0),
        ({"sellers": {}, "hours": OFFICE}, wib(5, 9), "closed", "deaf", 0),
        ({"sellers": {"sri": Ear("Sri", 0)}}, wib(0, 9), "closed", "deaf", 0),
        ({"sellers": {"sri": Ear("Sri", 0)}, "deaf_since": wib(0, 9)}, wib(0, 9), "open", "", 0),
        ({"sellers": {"sri": Ear("Sri", 0)}, "deaf_since": wib(0, 9)}, wib(0, 9) + DEAF_MS - 1, "open", "", 0),
        ({"sellers": {"sri": Ear("Sri", 0)}, "deaf_since": wib(0, 9)}, wib(0, 9) + DEAF_MS, "closed", "deaf", 0),
        ({"sellers": {"a": Ear("A", 0), "b": Ear("B", 0, True, True)}}, wib(0, 9), "open", "", 0),
    ],
)
def test_settled(fields: dict[str, object], at: int, state: str, why: str, opens_at: int) -> None:
    """Open = within hours, not paused, somebody reachable; else why not, and when it opens."""
    found = settled(shop(**fields), at)
    assert (found.state, found.why, found.opens_at) == (state, why, opens_at)


def test_busy_ends() -> None:
    """Until its time the shop says how much longer it takes, then nothing."""
    busy = settled(shop(busy_min=20, busy_until=wib(0, 10)), wib(0, 10) - 1)
    assert (busy.busy_min, busy.turn_at) == (20, wib(0, 10))
    after = settled(busy, wib(0, 10))
    assert (after.busy_min, after.busy_until) == (0, 0)


def test_a_shop_without_sellers_has_no_timers() -> None:
    """27,900 shops of a register need no waking at their hours."""
    assert settled(shop(sellers={}, hours=OFFICE), wib(0, 7)).turn_at == 0


def test_two_expired_orders_pause_the_shop() -> None:
    """The second in a row pauses it until somebody resumes it, and the desk hears of it."""
    once = one_expired(settled(shop(), wib(0, 9)), wib(0, 9))
    assert (once.expired, once.state) == (1, "open")
    twice = one_expired(once, wib(0, 10))
    assert (twice.state, twice.why, twice.self_paused) == ("closed", "paused", True)
    assert twice.alarms == {"self_paused": Alarm(at=wib(0, 10))}
    third = one_expired(twice, wib(0, 11))
    assert (third.expired, third.alarms) == (3, twice.alarms)
    back = resumed(third, wib(0, 12))
    assert (back.state, back.expired, back.self_paused, back.alarms) == ("open", 0, False, {})


def test_a_pause_of_its_own_that_ended_leaves_nothing() -> None:
    """When somebody pauses it with a time instead, its alarm and its count go."""
    alarmed = shop(paused=True, self_paused=True, expired=2, alarms={"self_paused": Alarm(at=1)})
    taken_over = settled(replace(alarmed, self_paused=False, paused_until=wib(0, 10)), wib(0, 9))
    assert (taken_over.why, taken_over.alarms, taken_over.expired) == ("paused", {}, 0)


def test_small_is_by_month() -> None:
    """A shop that sold 30 things this month is small no longer; a new month counts from one."""
    sold = shop(month=wib(0, 9) // MONTH_MS, sold=SMALL_BELOW - 1)
    assert small(sold)
    assert not small(one_sold(sold, wib(0, 9)))
    assert one_sold(sold, wib(0, 9) + MONTH_MS).sold == 1


# -- properties -----------------------------------------------------------------------------

PAIR = st.tuples(st.integers(0, 1439), st.integers(1, 1440)).map(lambda pair: (pair[0], pair[0] + pair[1]))
DAY = st.lists(PAIR, max_size=3).map(tuple)
HOURS = st.just(()) | st.tuples(*[DAY] * 7)
AT = st.integers(wib(0, 0), wib(7, 0))
UNTIL = st.just(0) | AT
SELLERS = st.dictionaries(
    st.sampled_from("ab"), st.builds(Ear, st.just("Sri"), st.just(0), st.booleans(), st.just(True)), max_size=2
)
SHOPS = st.builds(
    shop,
    hours=HOURS,
    paused=st.booleans(),
    paused_until=UNTIL,
    busy_min=st.integers(0, 120),
    busy_until=UNTIL,
    deaf_since=UNTIL,
    sellers=SELLERS,
    state=st.sampled_from(["open", "closed"]),
)


@given(SHOPS, AT)
def test_settling_twice_is_settling_once(before: Shop, at: int) -> None:
    """The rule finds the same again."""
    once = settled(before, at)
    assert settled(once, at) == once


@given(SHOPS, AT)
def test_nothing_changes_before_the_next_turn(before: Shop, at: int) -> None:
    """From one turn to the next the shop stays what it is: right after `at`, and right before `turn_at`."""
    now = settled(before, at)
    until = now.turn_at or at + 9 * DAY_MS
    assert until > at
    for later in (at + 1, (at + until) // 2, until - 1):
        if at < later < until:
            assert settled(now, later) == now


@given(HOURS, AT)
def test_the_hours_change_at_edges_only(hours: Hours, at: int) -> None:
    """Right before and right after the next edge it is what it was and what that edge makes it."""
    edge = next_edge(hours, at)
    if not edge:
        assert within(hours, at) == within(hours, at + 8 * DAY_MS) == (not hours)
        return
    assert edge > at
    assert within(hours, edge - 1) == within(hours, at)
    opening = next_opening(hours, at)
    assert within(hours, opening)
    assert opening >= edge


@given(SHOPS, AT)
def test_a_closed_shop_opens_when_it_says(before: Shop, at: int) -> None:
    """A shop that somebody hears opens at `opens_at`, and not before."""
    now = settled(before, at)
    if now.opens_at and not now.deaf:
        assert settled(now, now.opens_at).state == "open"
        assert settled(now, now.opens_at - 1).state == "closed"
