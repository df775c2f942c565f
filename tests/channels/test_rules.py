"""What a city decides for itself, and that what is under way keeps the rules under which it was made."""

from __future__ import annotations

import msgspec

from channels.geo import City
from channels.medic_commit import deadlines
from channels.medic_state import Request
from channels.order_changes import new_order
from channels.rules import MEDIC, RULES, MedicRules, Rules
from channels.shop_things import Shop
from hub.contract import Actor
from tests.channels.world import BORDERS, NOW

QUICK = Rules(
    medic=MedicRules(grace_ms=9_000, wave_ms=(0, 5_000, 10_000, 15_000), repeat_ms=60_000, retire_ms=60_000),
    accept_s={**RULES.accept_s, "food": 60},
    order_ms=3_600_000,
)


def request(**fields: object) -> Request:
    made = Request(id="r1", caller="c1", called_at=NOW, grace_until=NOW, ladder_at=NOW, state="offered")
    return msgspec.structs.replace(made, **fields)


def test_a_request_rings_by_its_own_rules() -> None:
    """Each wave, what comes after the last, and how long it is shown when it has ended."""
    due = [deadlines(request(rules=QUICK.medic, wave=wave))["ladder"][0] - NOW for wave in (1, 2, 3, 4, 5)]
    assert due == [5_000, 10_000, 15_000, 75_000, 135_000]
    usual = [deadlines(request(wave=wave))["ladder"][0] - NOW for wave in (1, 2, 3, 4, 5)]
    assert usual == [20_000, 40_000, 80_000, 110_000, 140_000]
    ended = request(rules=QUICK.medic, state="cancelled", times={"cancelled": NOW}, counted=True)
    assert deadlines(ended)["retire"][0] == NOW + 60_000


def test_the_usual_rules_take_no_room() -> None:
    """A request of a city that says nothing else is kept as it always was, and old ones decode."""
    packed = msgspec.msgpack.decode(msgspec.msgpack.encode(request()))
    assert "rules" not in packed
    again = msgspec.msgpack.decode(msgspec.msgpack.encode(request(rules=QUICK.medic)), type=Request)
    assert again.rules == QUICK.medic
    assert msgspec.msgpack.decode(msgspec.msgpack.encode(request()), type=Request).rules is MEDIC


def test_a_shop_has_as_long_as_its_city_gives_it() -> None:
    """The order carries it, and how long it is shown."""
    shop = Shop(
        id="s1", name="Toko", category="food", kelurahan="meri", lat=-7.48, lon=112.44, state="open", at=NOW,
    )  # fmt: skip
    order = new_order(
        "o1", shop, Actor("p1", "resident"), NOW, QUICK, lines=(), fulfilment="pickup", name="Ani", phone="08123"
    )
    assert (order.accept_s, order.retire_ms) == (60, 3_600_000)


def test_a_city_carries_its_rules() -> None:
    """Kota Mojokerto's where nothing is said."""
    assert City(BORDERS).rules is RULES
    assert City(BORDERS, QUICK).rules is QUICK
