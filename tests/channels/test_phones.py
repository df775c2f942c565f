"""Phones that can be woken: the alarm of one that is lost, and the weekly test ring."""

from __future__ import annotations

from typing import Any

import pytest

from channels.medic import Medic
from channels.orders import Orders
from channels.phones import HOUR_MS, CityPhones, Phones, next_test
from channels.phones_rings import TEST_MS, desk_of
from channels.rules import WIB_MS
from channels.shops import Shops
from channels.vans import Vans
from hub.contract import Actor
from hub.services import Services
from tests.channels.world import CITY as PLACE
from tests.channels.world import NOW, Memory

HUB = Actor("hub", "hub", name="Sari")
MARKET = Actor("endah", "dispatcher", name="Endah", desk="market")
MEDICS = Actor("wulan", "dispatcher", name="Wulan", desk="medic")
VANS = Actor("vera", "dispatcher", name="Vera", desk="van")
CITY = Actor("citra", "dispatcher", name="Citra", desk="city")
DAY_MS = 24 * HOUR_MS


class Desks(Memory):
    """A city with its four desks."""

    services = Services([Medic(PLACE), Shops(PLACE), Orders(PLACE), Vans(PLACE), Phones(PLACE), CityPhones(PLACE)])


@pytest.fixture
def world() -> Desks:
    return Desks()


def lost(world: Desks, role: str = "medic", person: str = "sari", hub: Actor = HUB) -> str:
    world.ok("phone.device", {"person": person, "role": role, "change": "lost"}, hub)
    return f"{person}.unwakeable"


@pytest.mark.parametrize(
    ("role", "own", "topic", "desk"),
    [
        ("medic", None, "dispatch", MEDICS),
        ("seller", None, "dispatch/market", MARKET),
        ("crew", None, "dispatch/van", VANS),
        ("dispatcher", "van", "dispatch/van", VANS),
        ("dispatcher", "city", "dispatch/city", CITY),
    ],
)
def test_a_lost_phone_is_an_alarm_at_its_persons_desk(
    world: Desks, role: str, own: str | None, topic: str, desk: Actor
) -> None:
    """By name, on duty or not; who takes it calls that person, and it is over. Another desk does not find it."""
    alarm = lost(world, role, hub=Actor("hub", "hub", name="Sari", desk=own))
    view = world.view(topic, alarm)
    assert (view["state"], view["reason"], view["name"], view["role"]) == ("ringing", "unwakeable", "Sari", role)
    other = VANS if desk is not VANS else CITY
    assert world.no("alarm.take", {"alarm": alarm}, other).code == "not_found"
    assert world.ok("alarm.take", {"alarm": alarm}, desk)["alarm"] == alarm
    assert alarm not in world.tables[topic]
    assert world.no("alarm.take", {"alarm": alarm}, desk).code == "not_found"


def test_a_new_device_of_the_person_ends_it(world: Desks) -> None:
    """One that left by itself ends nothing; a resident's phone is no desk's."""
    alarm = lost(world)
    world.ok("phone.device", {"person": "sari", "role": "medic", "change": "left"}, HUB)
    assert alarm in world.tables["dispatch"]
    world.ok("phone.device", {"person": "sari", "role": "medic", "change": "new"}, HUB)
    assert alarm not in world.tables["dispatch"]
    lost(world, "resident", "ani")
    assert desk_of("resident", None) is None
    assert all(not id_.startswith("ani") for table in world.tables.values() for id_ in table if "unwakeable" in id_)


# -- the test ring -----------------------------------------------------------------------


def test_it_is_due_at_its_hour_of_its_weekday() -> None:
    """Always later than now: NOW is a Friday, 15:00."""
    assert next_test((0, 10), WIB_MS, NOW) == NOW + 2 * DAY_MS + 19 * HOUR_MS
    assert next_test((4, 15), WIB_MS, NOW) == NOW + 7 * DAY_MS
    assert next_test((4, 16), WIB_MS, NOW) == NOW + HOUR_MS


def result(at: int, **more: Any) -> dict[str, Any]:
    missed = [{"person": "sari", "role": "medic", "name": "Sari"}]
    return {"test_ring": "medic", "at": at, "asked": 3, "reached": 2, "missed": missed, **more}


def test_every_desks_phones_ring_once_a_week(world: Desks) -> None:
    """Armed by whichever worker starts; the result names whom nothing reached; the next one is a week later."""
    world.ok("phone.arm", {}, HUB)
    timers = dict(world.timers)
    world.ok("phone.arm", {}, HUB)
    assert world.timers == timers
    due = next_test((0, 10), WIB_MS, NOW)
    world.pass_ms(due - world.now)
    for topic in ("dispatch", "dispatch/market", "dispatch/van", "dispatch/city"):
        view = world.view(topic, "test_ring")
        assert (view["state"], view["rung_at"], view["next_at"]) == ("ringing", due, due + 7 * DAY_MS)
    world.pass_ms(TEST_MS)
    world.ok("phone.tested", result(due), HUB)
    view = world.view("dispatch", "test_ring")
    assert (view["state"], view["asked"], view["reached"], view["more"]) == ("over", 3, 2, 0)
    assert view["missed"] == [{"person": "sari", "role": "medic", "name": "Sari"}]
    world.ok("phone.tested", result(due, reached=3, missed=[]), HUB)
    assert world.view("dispatch", "test_ring")["reached"] == 2  # the first result counts
    world.pass_ms(7 * DAY_MS - TEST_MS)
    assert world.view("dispatch", "test_ring")["rung_at"] == due + 7 * DAY_MS


def test_a_desk_may_ring_its_own_phones_now(world: Desks) -> None:
    """One test at a time, its own desk's; many who were missed are counted."""
    rung = world.ok("phone.test", {"test_ring": "medic"}, MEDICS)
    assert rung == {"test_ring": "medic", "rung_at": world.now}
    assert world.no("phone.test", {"test_ring": "medic"}, MEDICS).code == "not_allowed"
    assert world.no("phone.test", {"test_ring": "market"}, MEDICS).code == "not_allowed"
    missed = [{"person": f"p{n}", "role": "medic", "name": f"P{n}"} for n in range(35)]
    world.ok("phone.tested", result(world.now, missed=missed, more=2), HUB)
    view = world.view("dispatch", "test_ring")
    assert (len(view["missed"]), view["more"]) == (30, 7)


def test_one_that_comes_an_hour_late_is_left_out(world: Desks) -> None:
    """The store was away: nobody expects a test in the evening; next week is another."""
    world.ok("phone.arm", {}, HUB)
    due = next_test((0, 10), WIB_MS, NOW)
    world.away_ms = HOUR_MS
    world.pass_ms(due - world.now)
    assert "test_ring" not in world.tables.get("dispatch", {})
    assert world.timers["test_ring", "medic", "test"].due == due + 7 * DAY_MS
