"""For what phones ring, and what the city's gateway is told: by the views of a whole city."""

from __future__ import annotations

from typing import Any

from channels import rings
from hub.contract import Notice, Waking

NOW = 1_800_000_000_000


def of(waking: Waking, segments: dict[str, str], **view: Any) -> list[Any]:
    return list(waking.wakes(segments, view))


def notices(waking: Waking, segments: dict[str, str], **view: Any) -> list[Notice]:
    return list(waking.notices(segments, view))


OFFER: dict[str, Any] = {"id": "r1", "state": "open", "drill": False, "offered_at": NOW, "my_receipts": {"sent": NOW}}
ORDER: dict[str, Any] = {"id": "o1", "state": "placed", "ring_at": NOW, "receipts": {"sent": 1, "received": 0}}
WANT: dict[str, Any] = {"id": "w1", "state": "open", "full": False, "front": ["s1", "s2"], "rest_at": NOW}
ALARM: dict[str, Any] = {"id": "r1.red", "state": "ringing", "at": NOW + 5, "began": NOW}
MEDIC, SHOP, WARD = {"person": "m"}, {"id": "s1"}, {"kelurahan": "kranggan", "category": "food"}


def test_an_offer_rings_until_a_device_has_it_or_it_is_answered() -> None:
    """`sent` is no proof. The gateway is told after 10 s, never of a drill."""
    (wake,) = of(rings.OFFERS, MEDIC, **OFFER)
    assert (wake.kind, wake.id, wake.role, wake.name, wake.at, wake.believed) == (
        "offer",
        "r1",
        "medic",
        "m",
        NOW,
        False,
    )
    assert of(rings.OFFERS, MEDIC, **{**OFFER, "drill": True})[0].kind == "drill"
    for more in ({"state": "won"}, {"my_receipts": {"received": NOW}}, {"my_receipts": {"seen": NOW}}):
        assert of(rings.OFFERS, MEDIC, **{**OFFER, **more}) == []
    (notice,) = notices(rings.OFFERS, MEDIC, **OFFER)
    assert (notice.to, notice.after_ms) == ({"role": "medic", "person": "m"}, 10_000)
    assert notices(rings.OFFERS, MEDIC, **{**OFFER, "drill": True}) == []


def test_an_order_rings_for_the_whole_shop() -> None:
    """Until it is answered; a page that received it speaks for those that seem to hear, not for those that sleep."""
    (wake,) = of(rings.ORDER_RINGS, SHOP, **ORDER)
    assert (wake.kind, wake.whose, wake.name, wake.at, wake.believed) == ("order", "shop", "s1", NOW, False)
    (heard,) = of(rings.ORDER_RINGS, SHOP, **{**ORDER, "receipts": {"received": 1}})
    assert heard.believed
    assert heard.is_(wake)
    assert of(rings.ORDER_RINGS, SHOP, **{**ORDER, "state": "accepted"}) == []
    assert of(rings.ORDER_RINGS, SHOP, **{**ORDER, "ring_at": 0}) == []  # for later: the shop is closed
    assert of(rings.ORDER_RINGS, SHOP, **{**ORDER, "ring_at": 0, "asleep_at": NOW + 1})[0].at == NOW + 1


def test_the_second_contact_is_told_at_the_number_that_the_shop_gave() -> None:
    """Once the ladder came to it; by no name."""
    contacted = {**ORDER, "contact": {"name": "Joko", "phone": "0812"}, "contacted_at": NOW + 9}
    (notice,) = notices(rings.ORDER_RINGS, SHOP, **contacted)
    assert (notice.kind, notice.id, notice.at, notice.after_ms) == ("contact", "o1", NOW + 9, 0)
    assert notice.to == {"role": "contact", "shop": "s1", "phone": "0812"}
    assert notices(rings.ORDER_RINGS, SHOP, **ORDER) == []
    assert notices(rings.ORDER_RINGS, SHOP, **{**contacted, "state": "expired"}) == []


def test_a_want_rings_in_front_first() -> None:
    """The rest of the kelurahan's open shops when the head start is over; nobody once it is full."""
    one, two, rest = of(rings.WANT_RINGS, WARD, **WANT)
    assert [(wake.name, wake.due, wake.whose) for wake in (one, two)] == [("s1", 0, "shop"), ("s2", 0, "shop")]
    assert (rest.among, rest.due, rest.whose) == ("open/kranggan/food", NOW, "shop")
    assert of(rings.WANT_RINGS, WARD, **{**WANT, "full": True}) == []
    assert of(rings.WANT_RINGS, WARD, **{**WANT, "state": "picked"}) == []


def test_a_reminder_tells_no_place() -> None:
    """The phone is told when it rang, and the page which stop that is."""
    view = {"id": "balai", "stop": "balai", "stop_name": "Balai", "state": "ringing", "at": NOW}
    (wake,) = of(rings.REMINDER_RINGS, {"id": "ani"}, **view)
    assert (wake.kind, wake.id, wake.role, wake.name, wake.sight) == ("reminder", str(NOW), "resident", "ani", True)
    assert of(rings.REMINDER_RINGS, {"id": "ani"}, **{**view, "state": "set"}) == []


def test_a_changed_trip_rings_for_the_crew_of_its_van() -> None:
    """Every phone of the crew, until one of them read it; the phone is told neither the van nor a stop."""
    view = {"id": "v1", "state": "ringing", "rung_at": NOW, "stops": [{"stop": "t01"}]}
    (wake,) = of(rings.TRIP_RINGS, {"van": "v1"}, **view)
    assert (wake.kind, wake.id, wake.role, wake.whose, wake.name) == ("trip", str(NOW), "crew", "van", "v1")
    assert (wake.sight, wake.believed, wake.lasts_ms) == (True, True, rings.VAN_MS)
    assert of(rings.TRIP_RINGS, {"van": "v1"}, **{**view, "state": "seen"}) == []
    assert notices(rings.TRIP_RINGS, {"van": "v1"}, **view) == []


def test_an_alarm_rings_for_its_desk_at_every_ring_and_tells_no_need() -> None:
    """The gateway hears of it when nobody took it for a minute, counted from its first ring."""
    alarms = rings.alarms_of("dispatch", "medic")
    (wake,) = of(alarms, {}, **ALARM)
    assert (wake.kind, wake.id, wake.whose, wake.name, wake.at) == ("alarm", "r1", "desk", "medic", NOW + 5)
    (notice,) = notices(alarms, {}, **ALARM)
    assert (notice.id, notice.to, notice.at) == ("r1", {"role": "dispatcher", "desk": "medic"}, NOW)
    assert notice.after_ms == rings.UNTAKEN_MS == 60_000
    taken = {**ALARM, "state": "taken"}
    assert of(alarms, {}, **taken) == notices(alarms, {}, **taken) == []
