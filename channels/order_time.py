"""What time and a shop's turns do to an order: the ladder, expiry, alarms, waking, leaving."""

from __future__ import annotations

from typing import Final, cast

from msgspec.structs import replace

from channels.alarms import alarm_of, rung_again, taken
from channels.draft import Draft, too_early
from channels.order_changes import climbed, deafened, restarted
from channels.order_steps import ended
from channels.order_things import Order
from channels.order_views import ORDER_KIND, later_at, next_step, ringing_at
from channels.shop_open import one_expired
from channels.shop_things import Shop
from channels.shop_views import SHOP_KIND, open_near
from hub.contract import Actor, Command, Decision, Facts, Guard, Members, Near, Need, Refusal, State, Thing, Timer

WAITING: Final = 30
"""Orders that wait for a shop to open and hear when that will be; those beyond keep the time that they had."""
WOKEN: Final = 6
"""Orders of a shop that one commit tells: each is two views of up to 4 KB, of the 64 KB that a commit holds."""
ALTERNATIVES_M: Final = 30_000.0
SEARCHED: Final = 24


def timed(state: State, command: Command, facts: Facts, order: Order, now: int) -> Decision:
    timer = command.cmd.partition(".")[2]
    early = too_early(ORDER_KIND, order.id, order, timer, now)
    if early is not None:
        return early
    draft = Draft(now, "order.waits", fired=timer)
    if facts.away_ms and order.ring_at:
        draft.event = "order.extended"
        draft.put(ORDER_KIND, order.id, order, restarted(order, now))
        return draft.decision()
    if timer == "ladder":
        due = next_step(order)
        assert due is not None
        draft.event = f"order.{due[1]}"
        draft.put(ORDER_KIND, order.id, order, climbed(order, due[1], now))
        return draft.decision()
    draft.event = "order.expired"
    shop = state.thing(Shop, "shop", order.shop)
    after = shop if shop is None or not order.ring_at else one_expired(shop, now)
    changed = replace(order, state="expired", at=now, times={**order.times, "expired": now}, alarms={}, loud=False)
    return ended(state, draft, order, changed, shop, after, now)


def woken(order: Order, cmd: str, now: int) -> Decision:
    """An order leaves all tables 24 h after its end; an alarm that was taken rings again."""
    timer = "retire" if cmd == "order.retire" else "alarm"
    early = too_early(ORDER_KIND, order.id, order, timer, now)
    if early is not None:
        return early
    draft = Draft(now, "order.retired" if timer == "retire" else "alarm.ringing", fired=timer)
    after = None if timer == "retire" else replace(order, alarms=rung_again(order.alarms, now))
    draft.put(ORDER_KIND, order.id, order, after)
    return draft.decision()


def take(state: State, alarm: str, actor: Actor, now: int) -> Decision | Refusal:
    """Take an alarm of the market: its handler stands on every screen, and it is silent for 60 s."""
    id_, reason = alarm_of(alarm)
    kind = SHOP_KIND if reason == "self_paused" else ORDER_KIND
    thing = cast("Shop | Order | None", state.found[Thing(kind.type, id_)])
    mine = taken(thing.alarms.get(reason) if thing is not None else None, actor, now)
    if isinstance(mine, Refusal):
        return mine
    assert thing is not None
    draft = Draft(now, "alarm.taken")
    draft.put(kind, id_, thing, replace(thing, alarms={**thing.alarms, reason: mine}))
    return draft.decision({"alarm": alarm, "silent_until": mine.silent_until})


# -- a shop that opens, closes, turns deaf or hears again -----------------------------------


def waiting(state: State, shop: str) -> list[Need]:
    """Those that wait for it to open; and those that ring, one more than one commit tells: they leave the index."""
    found = [index for index in _indexes(shop) if state.has(index)]
    orders = [Thing("order", id_) for index in found for id_ in state.members(index)]
    return [Thing("shop", shop), *_indexes(shop), *orders]


def _indexes(shop: str) -> tuple[Members, Members]:
    return Members(later_at(shop), WAITING), Members(ringing_at(shop), WOKEN + 1)


def shop_turned(state: State, id_: str, now: int) -> Decision:
    """Orders that wait for opening ring, or hear when it is now; those that ring where nobody listens move on."""
    shop = state.thing(Shop, "shop", id_)
    names = [one for index in _indexes(id_) for one in state.members(index)]
    orders = [state.thing(Order, "order", one) for one in names]
    draft, told = Draft(now, "order.rings", fired="orders"), 0
    draft.guards.append(Guard("shop", id_))
    for order in orders:
        after = _told(order, shop, now) if order is not None and shop is not None else order
        if order is None or after is None or after is order:
            continue
        told += 1
        if told > WOKEN:
            draft.timers.append(Timer("shop", id_, "orders", now, "order.shop_turned", {"shop": id_}))
            break
        event = "order.unheard" if order.ring_at else "order.rings" if after.ring_at else "order.waits"
        draft.put(ORDER_KIND, order.id, order, after, event=event)
    return draft.decision()


def _told(order: Order, shop: Shop, now: int) -> Order:
    if order.state != "placed":
        return order
    if shop.state == "open" and not order.ring_at:
        rings = replace(order, ring_at=now, at=now, opens_at=0, asleep_at=0)
        return deafened(rings, now) if shop.deaf else rings
    asleep = shop.why == "deaf"
    if not order.ring_at and (order.opens_at, bool(order.asleep_at)) != (shop.opens_at, asleep):
        return replace(order, opens_at=shop.opens_at, asleep_at=now if asleep else 0, at=now)
    if shop.deaf and order.ring_at and not order.contacted_at:
        return climbed(order, "contact" if order.received else "unheard", now)
    return order


def elsewhere(state: State, order: Order) -> list[Need]:
    """Open shops of the category around the shop, to offer the buyer instead."""
    shop = state.found.get(Thing("shop", order.shop))
    if shop is None:
        return []
    near = Near(open_near(shop.category), shop.lat, shop.lon, ALTERNATIVES_M, SEARCHED)
    found = [Thing("shop", hit.id) for hit in state.near(near)] if state.has(near) else []
    return [near, *found]
