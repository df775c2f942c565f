"""Whatever happens to a market in whatever order: tables, timers, indexes and stock are what the things say."""

from __future__ import annotations

from typing import Any

import msgspec
from hypothesis import given, settings
from hypothesis import strategies as st

from channels.draft import Kind
from channels.order_things import Order
from channels.order_views import ORDER_KIND
from channels.shop_things import Shop
from channels.shop_views import SHOP_KIND
from channels.views import same
from channels.want_things import Want
from channels.want_views import WANT_KIND
from hub.contract import Actor, GeoEntry
from hub.machine import is_terminal
from tests.channels.market_world import MARKET, OUTWARD, SERVICES, Market, basket, cakes, row, seller_of, wish

KINDS: dict[type, Kind] = {Shop: SHOP_KIND, Order: ORDER_KIND, Want: WANT_KIND}
SHOPS = {"s1": OUTWARD[0], "s2": OUTWARD[0], "s3": OUTWARD[1], "s4": OUTWARD[-1]}
PIECES = 8
NAMES = (
    "place", "accept", "reject", "cancel", "complete", "receive", "pause", "resume", "busy", "deaf", "hears", "time",
    "take", "post", "answer", "pick", "close", "register",
)  # fmt: skip
STEP = st.tuples(st.sampled_from(NAMES), st.integers(0, 3), st.integers(0, 5), st.integers(0, 200_000))


def told(world: Market, step: tuple[str, int, int, int]) -> None:
    """One step of a story; what is refused is no part of it."""
    name, who, which, ms = step
    shop = list(SHOPS)[who]
    seller, buyer = seller_of(shop), Actor(f"b{who}", "resident")
    order = _nth(world, "order", which)
    want = _nth(world, "want", which)
    mine = seller_of(world.order(order).shop) if order else seller
    commands: dict[str, tuple[str, dict[str, Any], Actor]] = {
        "place": ("order.place", basket(shop=shop, lines=cakes(1 + which)), buyer),
        "accept": ("order.accept", {"order": order, "prep_min": 5}, mine),
        "reject": ("order.reject", {"order": order, "reason": "other"}, mine),
        "cancel": ("order.cancel", {"order": order, "reason": "other"}, mine),
        "complete": ("order.advance", {"order": order, "to": "completed"}, mine),
        "receive": ("order.receipt", {"order": order, "level": "received"}, mine),
        "pause": ("shop.pause", {"shop": shop} | ({"minutes": which} if which else {}), seller),
        "resume": ("shop.resume", {"shop": shop}, MARKET),
        "busy": ("shop.busy", {"shop": shop, "minutes": which}, seller),
        "take": ("alarm.take", {"alarm": next(iter(world.alarms()), "none")}, MARKET),
        "post": ("want.post", wish(kelurahan=SHOPS[shop]), buyer),
        "answer": ("want.answer", {"want": want, "kind": "have"}, seller),
        "pick": ("want.pick", {"want": want, "answer": shop}, _buyer_of(world, want)),
        "close": ("want.close", {"want": want}, _buyer_of(world, want)),
        "register": ("shop.register", {"shops": [row(shop, kelurahan=SHOPS[shop])]}, Actor("system", "system")),
    }
    if name == "time":
        world.pass_ms(ms)
    elif name in ("hears", "deaf"):
        world.hears(seller, reachable=name == "hears", connected=name == "hears")
    elif all(commands[name][1].values()) or name == "busy":
        world.run(*commands[name])


def _nth(world: Market, type_: str, which: int) -> str:
    ids = [id_ for kind, id_ in world.things if kind == type_]
    return ids[which % len(ids)] if ids else ""


def _buyer_of(world: Market, want: str) -> Actor:
    return Actor(world.want(want).buyer if want else "b0", "resident")


def check(world: Market) -> None:
    tables: dict[tuple[str, str], Any] = {}
    timers: dict[tuple[str, str, str], int] = {}
    sets, geo = set[tuple[str, str]](), set[tuple[str, str]]()
    for (type_, id_), thing in world.things.items():
        kind = KINDS.get(type(thing))
        if kind is None:
            continue
        tables |= kind.views(thing, world.now)
        timers |= {(type_, id_, name): due for name, (due, _) in (kind.deadlines or _none)(thing).items()}
        for place, entry in (kind.index or _none)(thing).items():
            (geo if isinstance(entry, GeoEntry) else sets).add(place)
    held = {(topic, id_): view for topic, table in world.tables.items() for id_, view in table.items()}
    assert held.keys() == tables.keys()
    for place, view in tables.items():
        assert same(held[place], msgspec.msgpack.decode(msgspec.msgpack.encode(view))), place
    waiting = {key: timer.due for key, timer in world.timers.items() if timer.name != "orders"}
    assert waiting == timers
    assert {(index, member) for index, members in world.sets.items() for member in members} == sets
    assert {(index, member) for index, members in world.geo.items() for member in members} == geo


def _none(thing: Any) -> dict[Any, Any]:
    return {}


def check_goods(world: Market) -> None:
    """What is on the shelf, ordered or sold is what there was."""
    for shop in SHOPS:
        gone = [
            one.taken.get("p2", 0)
            for one in world.things.values()
            if isinstance(one, Order) and one.shop == shop and (one.state == "completed" or not _over(one))
        ]
        left = world.stock("p2", shop)
        assert left is not None
        assert left >= 0
        assert left + sum(gone) == PIECES


def check_people(world: Market) -> None:
    """Whoever has something open is known to have it, and nobody else is."""
    for one in world.things.values():
        if isinstance(one, Order | Want):
            buyer = world.things.get(("buyer", one.buyer))
            known = buyer is not None and one.id in (buyer.open if isinstance(one, Order) else buyer.wants)
            assert known is not _over(one)


def _over(one: Order | Want) -> bool:
    type_ = "order" if isinstance(one, Order) else "want"
    found = SERVICES.command(f"{type_}.read")
    assert found is not None
    return is_terminal(found[0].tables[type_], one.state)


@settings(max_examples=150, deadline=None)
@given(st.lists(STEP, min_size=20, max_size=60))
def test_any_story_ends_well(story: list[tuple[str, int, int, int]]) -> None:
    """After every step; and when all is quiet nothing rings that nobody can hear, and everything ends."""
    world = Market()
    for shop, ward in SHOPS.items():
        world.open_shop(shop, kelurahan=ward)
    for step in story:
        told(world, step)
        check(world)
    check_goods(world)
    check_people(world)
    world.pass_ms(4 * 86_400_000)
    check(world)
    left = {one.state for one in world.things.values() if isinstance(one, Order | Want)}
    assert left <= {"accepted"}
