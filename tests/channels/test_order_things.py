"""The data of an order's commands, and what is kept."""

from __future__ import annotations

import math
from typing import Any

import msgspec
import pytest

from channels.order_things import LATER_MS, Buyer, Order
from hub.errors import DataError
from hub.wire import convert, decode, encode
from tests.channels.market_world import BUYER, EMOJI, SERVICES, Market, basket, cakes
from tests.channels.world import NOW

LINE = {"product": "p1", "quantity": 1, "price": 3000}


@pytest.mark.parametrize(
    ("cmd", "data", "path"),
    [
        ("order.place", basket(lines=[{**LINE, "price": -1}]), "data.lines[0].price"),
        ("order.place", basket(lines=[LINE, {**LINE, "price": 1.5}]), "data.lines[1].price"),
        ("order.place", basket(lines=[{**LINE, "price": "3000"}]), "data.lines[0].price"),
        ("order.place", basket(lines=[{**LINE, "quantity": 0}]), "data.lines[0].quantity"),
        ("order.place", basket(lines=[{**LINE, "quantity": 1_000_000}]), "data.lines[0].quantity"),
        ("order.place", basket(lines=[{**LINE, "quantity": 1.0}]), "data.lines[0].quantity"),
        ("order.place", basket(lines=[{**LINE, "product": "p 1"}]), "data.lines[0].product"),
        ("order.place", basket(lines=[{"product": "p1", "quantity": 1}]), "data.lines[0].price"),
        ("order.place", basket(lines=[]), "data.lines"),
        ("order.place", basket(lines=[LINE] * 13), "data.lines"),
        ("order.place", basket(fulfilment="drone"), "data.fulfilment"),
        ("order.place", basket(name=""), "data.name"),
        ("order.place", basket(name=" \t\u00a0"), "data.name"),
        ("order.place", basket(name=EMOJI * 1000), "data.name"),
        ("order.place", basket(phone="abc"), "data.phone"),
        ("order.place", basket(note=EMOJI * 1000), "data.note"),
        ("order.place", basket(shop="s1/../s2"), "data.shop"),
        ("order.place", {key: value for key, value in basket().items() if key != "phone"}, "data.phone"),
        ("order.accept", {"order": "o1"}, "data.prep_min"),
        ("order.accept", {"order": "o1", "prep_min": 1441}, "data.prep_min"),
        ("order.accept", {"order": "o1", "prep_min": -1}, "data.prep_min"),
        ("order.accept", {"order": "o 1", "prep_min": 1}, "data.order"),
        ("order.accept", {"order": "", "prep_min": 1}, "data.order"),
        ("order.accept", {"order": ["o1"], "prep_min": 1}, "data.order"),
        ("order.reject", {"order": "o1", "reason": "lazy"}, "data.reason"),
        ("order.advance", {"order": "o1", "to": "cancelled"}, "data.to"),
        ("order.cancel", {"order": "o1", "reason": "lazy"}, "data.reason"),
        ("order.receipt", {"order": "o1", "level": "heard"}, "data.level"),
        ("order.read", {}, "data.order"),
        ("alarm.take", {"alarm": "a"}, "data.alarm"),
        ("alarm.take", {"alarm": "a/b.c"}, "data.alarm"),
    ],
)
def test_bad_data_is_named_with_its_path(cmd: str, data: dict[str, Any], path: str) -> None:
    """The field that is wrong, from the root of the data."""
    found = SERVICES.command(cmd, "market")
    assert found is not None
    with pytest.raises(DataError) as refused:
        convert(data, found[1].data, "data")
    assert refused.value.path == path


def test_no_number_is_not_a_number() -> None:
    """A NaN never reaches a service: the wire names its path."""
    frame = {"t": "call", "cmd": "order.place", "data": basket(lines=[{**LINE, "price": math.nan}])}
    with pytest.raises(DataError) as refused:
        decode(encode(frame, "msgpack"), "msgpack")
    assert refused.value.path == "data.lines[0].price"


@pytest.mark.parametrize("kind", [Order, Buyer])
def test_things_survive_the_store(kind: type[msgspec.Struct]) -> None:
    """What is written decodes to the same thing."""
    world = Market()
    world.open_shop("s1")
    world.receive(world.place(lines=cakes(2)))
    kept = next(value for value in world.things.values() if type(value) is kind)
    assert msgspec.msgpack.decode(msgspec.msgpack.encode(kept), type=kind) == kept


def test_when_an_order_ends_unanswered() -> None:
    """Its category's time after it began to ring; 72 h after it was placed when it never did."""
    world = Market()
    world.open_shop("s1")
    order = world.order(world.place())
    assert order.expires_at == NOW + 180_000
    assert msgspec.structs.replace(order, ring_at=0).expires_at == NOW + LATER_MS
    assert order.buyer == BUYER.person


@pytest.mark.parametrize(
    ("receipts", "received"),
    [({}, False), ({"sri": {"sent": 1}}, False), ({"sri": {"sent": 1}, "tari": {"shown": 2}}, True)],
)
def test_received_is_more_than_sent(receipts: dict[str, dict[str, int]], received: bool) -> None:
    """Given to the socket is not on the page."""
    world = Market()
    world.open_shop("s1")
    assert msgspec.structs.replace(world.order(world.place()), receipts=receipts).received is received
