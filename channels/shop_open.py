"""When a shop is open: within its hours, not paused, and somebody reachable.

Pure arithmetic over one shop and the time. Hours are by the city's clock
(`zone_ms` ahead of UTC, no summer time).
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from msgspec.structs import replace

from channels.alarms import rung
from channels.rules import WIB_MS
from channels.shop_things import Hours, Shop

DEAF_MS: Final = 30_000
"""How long a shop that nobody hears stays shown as open: a reconnect does not close it."""

DAY_MS: Final = 86_400_000
MINUTE_MS: Final = 60_000
MONTH_MS: Final = 30 * DAY_MS
SELF_PAUSE_AFTER: Final = 2
SMALL_BELOW: Final = 30
"""A shop with fewer completed orders a month is small: wants ring there first."""


def within(hours: Hours, at: int, zone_ms: int = WIB_MS) -> bool:
    """Whether `at` lies in opening hours; no hours: always."""
    return not hours or any(opens <= at < closes for opens, closes in _around(hours, at, zone_ms))


def next_opening(hours: Hours, at: int, zone_ms: int = WIB_MS) -> int:
    """When it opens next after `at`; 0 when it never does."""
    return min((opens for opens, _ in _around(hours, at, zone_ms) if opens > at), default=0)


def next_edge(hours: Hours, at: int, zone_ms: int = WIB_MS) -> int:
    """When opening or closing time comes next after `at`; 0 for never."""
    return min((edge for pair in _around(hours, at, zone_ms) for edge in pair if edge > at), default=0)


def bad_hours(hours: Hours) -> str | None:
    """What is wrong with hours, beginning with the path below `hours`; None when nothing is."""
    if len(hours) not in (0, 7):
        return f": expected seven days from Monday, or none, got {len(hours)}"
    for day, pairs in enumerate(hours):
        for place, (opens, closes) in enumerate(pairs):
            if not (0 <= opens < 1_440 and opens < closes <= opens + 1_440):
                return f"[{day}][{place}]: expected [opens, closes] in minutes, got [{opens}, {closes}]"
    return None


def _around(hours: Hours, at: int, zone_ms: int) -> Iterator[tuple[int, int]]:
    """Opening times of yesterday and the next eight days, in ms."""
    today = (at + zone_ms) // DAY_MS
    for day in range(today - 1, today + 9) if hours else ():
        midnight = day * DAY_MS - zone_ms
        for opens, closes in hours[(day + 3) % 7]:  # the epoch was a Thursday
            yield midnight + opens * MINUTE_MS, midnight + closes * MINUTE_MS


def settled(shop: Shop, now: int) -> Shop:
    """The shop as the rule says: open or closed, why, until when, and when to look again.

    A pause of its own that is over, however it ended, takes its alarm and its count along.
    """
    if shop.paused and 0 < shop.paused_until <= now:
        shop = replace(shop, paused=False, paused_until=0, self_paused=False)
    if shop.busy_until and shop.busy_until <= now:
        shop = replace(shop, busy_min=0, busy_until=0)
    if "self_paused" in shop.alarms and not shop.self_paused:
        left = {reason: alarm for reason, alarm in shop.alarms.items() if reason != "self_paused"}
        shop = replace(shop, alarms=left, expired=0)
    why = _why_closed(shop, now)
    state = "closed" if why else "open"
    at = now if state != shop.state else shop.at
    return replace(shop, state=state, why=why, at=at, opens_at=_opens_at(shop, why, now), turn_at=_turn_at(shop, now))


def _why_closed(shop: Shop, now: int) -> str:
    if shop.paused:
        return "paused"
    if shop.seen and not within(shop.hours, now, shop.zone_ms):
        return "hours"
    if shop.deaf and (not shop.deaf_since or shop.deaf_since + DEAF_MS <= now):
        return "deaf"
    return ""


def _opens_at(shop: Shop, why: str, now: int) -> int:
    if why == "paused" and shop.paused_until:
        until = shop.paused_until
        return until if within(shop.hours, until, shop.zone_ms) else next_opening(shop.hours, until, shop.zone_ms)
    return next_opening(shop.hours, now, shop.zone_ms) if why == "hours" else 0


def _turn_at(shop: Shop, now: int) -> int:
    """When time alone changes something: an end of pause, of busy, of patience, an edge of the hours."""
    edges = [shop.busy_until, shop.paused_until if shop.paused else 0]
    if shop.seen:
        edges.append(next_edge(shop.hours, now, shop.zone_ms))
    if shop.deaf and shop.deaf_since:
        edges.append(shop.deaf_since + DEAF_MS)
    return min((edge for edge in edges if edge > now), default=0)


def one_expired(shop: Shop, now: int) -> Shop:
    """One more order that nobody answered; after two in a row the shop pauses itself and the desk hears of it."""
    shop = replace(shop, expired=shop.expired + 1)
    if shop.expired < SELF_PAUSE_AFTER or shop.paused:
        return shop
    alarms = rung(shop.alarms, "self_paused", now)
    return settled(replace(shop, paused=True, paused_until=0, self_paused=True, alarms=alarms), now)


def resumed(shop: Shop, now: int) -> Shop:
    """Its people are there: the pause is over and the count of expired orders begins anew."""
    return settled(replace(shop, paused=False, paused_until=0, self_paused=False, expired=0), now)


def one_sold(shop: Shop, now: int) -> Shop:
    """One more completed order of this month."""
    month = now // MONTH_MS
    return replace(shop, month=month, sold=shop.sold + 1 if shop.month == month else 1)


def small(shop: Shop) -> bool:
    """As of its last sale: a shop that sells nothing any more stays what it was until it sells again."""
    return shop.sold < SMALL_BELOW
