"""Alarms: who takes one has it, by name, silent for 60 s; and each desk takes its own."""

from __future__ import annotations

import pytest

from channels.alarms import (
    SILENT_MS,
    Alarm,
    Alarms,
    again,
    alarm_id,
    alarm_of,
    alarm_view,
    rung,
    rung_again,
    silence_ends,
    taken,
)
from hub.contract import Refusal
from tests.channels.market_world import ACTORS, BUYER, FITRI, MARKET, MEDICS, Market
from tests.channels.world import NOW

HELD = Alarm(at=10, taken_by="endah", taken_name="Endah", silent_until=100)


@pytest.fixture
def world() -> Market:
    made = Market()
    made.open_shop("s1")
    return made


def ringing(world: Market) -> str:
    """An order that no device received, 5 s later."""
    order = world.place()
    world.pass_ms(5_000)
    return f"{order}.unheard"


# -- the pieces ------------------------------------------------------------------------------


def test_an_alarm_counts_and_keeps_its_silence() -> None:
    """It rings again and again, but not while somebody has it."""
    first = rung({}, "unheard", 10)
    assert first == {"unheard": Alarm(at=10)}
    assert rung(first, "unheard", 20) == {"unheard": Alarm(at=10, count=2)}
    held = {"unheard": HELD}
    assert rung(held, "unheard", 99) == held
    assert rung(held, "unheard", 100) == {"unheard": Alarm(at=10, count=2, untaken_at=100)}
    assert rung(held, "ignored", 50) == {"unheard": HELD, "ignored": Alarm(at=50)}


def test_only_those_whose_silence_is_over_ring_again() -> None:
    """One that nobody took goes on as it was."""
    alarms: Alarms = {"a": HELD, "b": Alarm(at=5), "c": Alarm(at=5, taken_by="x", silent_until=200)}
    assert rung_again(alarms, 100) == {"a": again(HELD, 100), "b": Alarm(at=5), "c": alarms["c"]}
    assert silence_ends(alarms) == 100
    assert silence_ends({"b": Alarm(at=5)}) == 0


def test_taking() -> None:
    """One at a time: the other hears who has it, its holder may prolong it, and afterwards anybody may."""
    first = taken(Alarm(at=10), MARKET, 50)
    assert first == Alarm(at=10, taken_by="endah", taken_name="Endah", silent_until=50 + SILENT_MS)
    assert isinstance(first, Alarm)
    second = taken(first, FITRI, 51)
    assert isinstance(second, Refusal)
    assert (second.code, second.data) == ("taken", {"winner": {"person": "endah", "name": "Endah"}})
    prolonged = taken(first, MARKET, 60)
    assert isinstance(prolonged, Alarm)
    assert prolonged.silent_until == 60 + SILENT_MS
    later = taken(first, FITRI, 50 + SILENT_MS)
    assert isinstance(later, Alarm)
    assert later.taken_name == "Fitri"
    over = taken(None, MARKET, 50)
    assert isinstance(over, Refusal)
    assert over.code == "not_found"


def test_ids_and_views() -> None:
    """An id names thing and reason; a view says what the desk needs, and nobody but the handler."""
    assert alarm_of(alarm_id("nib.1.x", "unheard")) == ("nib.1.x", "unheard")
    assert alarm_of("none") == ("", "none")
    assert alarm_view("o.unheard", "unheard", Alarm(at=10, count=2), 20, order="o", name="Toko") == {
        "type": "alarm", "id": "o.unheard", "state": "ringing", "at": 20, "since": 10, "began": 10, "reason": "unheard",
        "count": 2, "order": "o", "name": "Toko",
    }  # fmt: skip
    assert again(again(HELD, 100), 130).began == 100  # somebody had it until then
    view = alarm_view("o.unheard", "unheard", HELD, 20)
    assert (view["state"], view["taken_by"], view["silent_until"]) == ("taken", "Endah", 100)


# -- at the desk -----------------------------------------------------------------------------


def test_the_market_desk_takes_one_by_name(world: Market) -> None:
    """All screens read who has it; another dispatcher hears `taken`."""
    alarm = ringing(world)
    assert world.ok("alarm.take", {"alarm": alarm}, MARKET) == {"alarm": alarm, "silent_until": NOW + 65_000}
    view = world.view("dispatch/market", alarm)
    assert (view["state"], view["taken_by"]) == ("taken", "Endah")
    refusal = world.no("alarm.take", {"alarm": alarm}, FITRI)
    assert (refusal.code, refusal.data) == ("taken", {"winner": {"person": "endah", "name": "Endah"}})


def test_it_is_silent_for_60_s_and_rings_again(world: Market) -> None:
    """Counted once more, and anybody's to take."""
    alarm = ringing(world)
    world.ok("alarm.take", {"alarm": alarm}, MARKET)
    world.pass_ms(SILENT_MS - 1)
    assert world.view("dispatch/market", alarm)["state"] == "taken"
    world.pass_ms(1)
    view = world.view("dispatch/market", alarm)
    assert (view["state"], view["count"], "taken_by" in view) == ("ringing", 2, False)
    world.ok("alarm.take", {"alarm": alarm}, FITRI)


def test_it_is_over_with_its_cause(world: Market) -> None:
    """An accepted order alarms nobody; who takes it then hears that it is over."""
    alarm = ringing(world)
    world.ok("alarm.take", {"alarm": alarm}, MARKET)
    world.accept(alarm.partition(".")[0])
    assert world.alarms() == {}
    assert world.no("alarm.take", {"alarm": alarm}, FITRI).code == "not_found"
    assert ("order", alarm.partition(".")[0], "alarm") not in world.timers


@pytest.mark.parametrize("alarm", ["nothing", "o9.unheard", "s1.self_paused", "s9.self_paused", "s1.unheard", "a.b.c"])
def test_an_alarm_that_is_not_there(world: Market, alarm: str) -> None:
    """An unknown thing, another reason, or no id at all."""
    assert world.no("alarm.take", {"alarm": alarm}, MARKET).code == "not_found"


@pytest.mark.parametrize("who", [who for who in ACTORS if who not in ("market desk", "medic desk")])
def test_nobody_else_takes_an_alarm(world: Market, who: str) -> None:
    """Not the shop, not the buyer, not a dispatcher's hub."""
    assert world.no("alarm.take", {"alarm": ringing(world)}, ACTORS[who]).code == "not_allowed"


def test_each_desk_has_its_own(world: Market) -> None:
    """The medic desk does not find the market's alarms, nor the market desk a medic request's."""
    alarm = ringing(world)
    assert world.no("alarm.take", {"alarm": alarm}, MEDICS).code == "not_found"
    assert world.view("dispatch/market", alarm)["state"] == "ringing"
    request = world.ok("medic.call", {"kelurahan": "kranggan"}, BUYER)["request"]
    medical = next(id_ for id_, view in world.tables["dispatch"].items() if view["type"] == "alarm")
    assert medical.startswith(request)
    assert world.no("alarm.take", {"alarm": medical}, MARKET).code == "not_found"
    world.ok("alarm.take", {"alarm": medical}, MEDICS)
    assert world.view("dispatch", medical)["taken_by"] == "Wulan"
