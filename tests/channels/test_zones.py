"""Cities in UTC+7, +8 and +9: days, timetables and opening hours go by the city's own clock."""

from __future__ import annotations

import ast
import json
from datetime import UTC, datetime
from typing import Any

import msgspec
import pytest
from msgspec.structs import replace

from channels.asked import Asking
from channels.geo import City
from channels.medic_times import Figures, with_request
from channels.rules import Rules
from channels.shop_open import settled
from channels.shop_things import Shop
from channels.shops import Shops
from channels.van_days import day_start
from channels.van_things import Trip, Van
from channels.van_views import VAN_KIND
from channels.vans import Vans
from hub.contract import SYSTEM, Actor, Channel, Command, Decision, Facts, State, Write
from tests.channels.test_medic_times import CLEARED
from tests.channels.van_world import ROOT, SEED

HOUR = 3_600_000
GEOJSON = json.loads((ROOT / "static/data/mojokerto-kelurahan.geojson").read_text())
ZONES = [7, 8, 9]
ZONED = frozenset({"day_of", "day_start", "within", "next_opening", "next_edge", "with_request"})
LATE = int(datetime(2026, 11, 30, 15, 30, tzinfo=UTC).timestamp() * 1000)
"""22:30 WIB, 23:30 WITA, and in the next month WIT."""
EARLY = int(datetime(2026, 11, 30, 0, 30, tzinfo=UTC).timestamp() * 1000)
"""07:30 WIB, 08:30 WITA, 09:30 WIT, on a Monday."""
DAYS = {7: "2026-11-30", 8: "2026-11-30", 9: "2026-12-01"}
OFFICE = tuple(((480, 960),) for _ in range(7))


def city(hours: int) -> City:
    return City(GEOJSON, Rules(zone_ms=hours * HOUR))


def done(channel: Channel, cmd: str, data: dict[str, Any], actor: Actor, now: int, **known: Any) -> Decision:
    """A command on things that are not there, but for `known` (by type)."""
    state = State()
    command = Command("id", cmd, msgspec.convert(data, channel.commands[cmd].data))
    while missing := [need for need in channel.gather(state, command, actor) if not state.has(need)]:
        for need in missing:
            state.found[need] = known.get(getattr(need, "type", ""))
    found = channel.decide(state, command, Facts(new_ids=("0" * 36,) * 4), actor, now)
    assert isinstance(found, Decision), found
    return found


def written(writes: tuple[Write, ...], kind: type[Any]) -> Any:
    return next(write.state for write in writes if isinstance(write.state, kind))


@pytest.mark.parametrize("hours", ZONES)
def test_a_vans_day_is_the_citys(hours: int) -> None:
    """It begins at the city's midnight, its timetable counts from there, and it turns at the next one."""
    found = done(Vans(city(hours)), "van.seed", SEED, SYSTEM, LATE)
    van, trip = written(found.writes, Van), written(found.writes, Trip)
    assert (van.day, trip.day) == (DAYS[hours], DAYS[hours])
    midnight = int(datetime.fromisoformat(f"{DAYS[hours]}T00:00:00+00:00").timestamp() * 1000) - hours * HOUR
    assert trip.stops[0].scheduled_at == midnight + 8 * HOUR
    assert VAN_KIND.deadlines is not None
    assert VAN_KIND.deadlines(van)["turn"][0] == midnight + 24 * HOUR
    desk = Actor("desk", "dispatcher", desk="van")
    made = done(Vans(city(hours)), "van.save", {"van": "v9", "name": "Mobil"}, desk, LATE)
    assert written(made.writes, Van).day == DAYS[hours]


@pytest.mark.parametrize(("hours", "state"), [(7, "closed"), (8, "open"), (9, "open")])
def test_a_shop_opens_by_the_citys_clock(hours: int, state: str) -> None:
    """Registered there, its hours are the city's; a file that was mended counts from the next step on."""
    data = {"id": "s1", "name": "Toko", "category": "food", "kelurahan": "meri", "hours": OFFICE}
    found = done(Shops(city(hours)), "shop.register", {"shops": [data]}, SYSTEM, EARLY)
    shop = written(found.writes, Shop)
    assert shop.zone_ms == hours * HOUR
    opened = settled(replace(shop, sellers={}), EARLY)
    assert opened.zone_ms == hours * HOUR
    seller = Actor("sri", "seller", shop="s1")
    ears: dict[str, Any] = {"sri": {"name": "Sri", "at": 0, "reachable": True, "connected": True}}
    before = msgspec.convert(msgspec.to_builtins(replace(shop, zone_ms=0)) | {"sellers": ears}, Shop)
    after = written(done(Shops(city(hours)), "shop.resume", {"shop": "s1"}, seller, EARLY, shop=before).writes, Shop)
    assert (after.state, after.why) == (state, "" if state == "open" else "hours")


@pytest.mark.parametrize("hours", ZONES)
def test_days_and_months_of_figures_are_the_citys(hours: int) -> None:
    """Response times of a day, wishes of a month."""
    request = replace(CLEARED, times={**CLEARED.times, "cleared": LATE})
    assert list(with_request(Figures(), request, hours * HOUR).days) == [DAYS[hours]]
    found = done(Asking(city(hours)), "stop.ask", {"kelurahan": "meri"}, Actor("ani", "resident"), LATE)
    assert found.answer["month"] == DAYS[hours][:7]


def test_midnight_is_the_zones() -> None:
    """Seven, eight and nine hours before it is midnight in Greenwich."""
    assert [day_start("1970-01-02", hours * HOUR) / HOUR for hours in ZONES] == [17, 16, 15]


@pytest.mark.parametrize("path", sorted((ROOT / "channels").glob("*.py")), ids=lambda path: path.stem)
def test_no_service_forgets_the_zone(path: Any) -> None:
    """Whoever reckons a day or an hour says by which clock."""
    calls = [node for node in ast.walk(ast.parse(path.read_text())) if isinstance(node, ast.Call)]
    forgot = []
    for call in calls:
        name = getattr(call.func, "id", getattr(call.func, "attr", ""))
        if name in ZONED and len(call.args) < 2 + (name not in ("day_of", "day_start")):
            forgot.append(f"{name} in line {call.lineno}")
    assert forgot == []
