from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import Any

from clients import van_phone
from clients.gps_noise import NOISE, Heard
from clients.http import Answer
from clients.paths import Point
from clients.stage import ROUND_S
from clients.van_phone import Phone, by_page, by_tracker, fix_time
from tests.clients.city import City, in_virtual_time

PLACE = Point(-7.472, 112.434)


async def carried(city: City, seconds: float) -> list[list[Heard]]:
    """What a phone that stands still sends, request by request."""
    sent: list[list[Heard]] = []

    def send(fixes: Sequence[Heard]) -> None:
        sent.append(list(fixes))

    phone = Phone(city.stage, send)
    for _ in range(int(seconds / ROUND_S)):
        phone.carry(PLACE)
        await asyncio.sleep(ROUND_S)
    return sent


@in_virtual_time
async def test_it_misbehaves_as_the_noise_says() -> None:
    """Over a day: a fix each 15 s with about 8 m of error, spikes, duplicates, late ones, gaps, and buffers."""
    city = City(seed=3)
    sent = await carried(city, 12 * 3600)
    fixes = [fix for request in sent for fix in request]
    taken = {fix.fix_at for fix in fixes}
    assert 0.85 < len(taken) / (12 * 3600 / NOISE.fix_every_s) < 1.0
    away = sorted(city.stage.ground.metres(PLACE, Point(fix.lat, fix.lon)) for fix in fixes)
    assert away[len(away) // 2] < 12
    spikes = [metres for metres in away if metres > 200]
    assert 0.004 < len(spikes) / len(fixes) < 0.02
    assert len(fixes) > len(taken)
    order = [fix.fix_at for fix in fixes]
    assert order != sorted(order)
    assert max(len(request) for request in sent) >= 3


@in_virtual_time
async def test_a_fix_keeps_its_time() -> None:
    """A late fix says when it was taken, not when it was sent."""
    city = City(seed=1)
    await city.live(100)
    assert fix_time(city.stage, Heard(100.0, 40.0, *PLACE, 8.0)) == 40_000


@in_virtual_time
async def test_a_dead_phone_loses_what_it_had() -> None:
    """Nothing is sent while it is dead, and nothing of before afterwards."""
    city = City(seed=1)
    sent: list[Heard] = []
    phone = Phone(city.stage, sent.extend)
    phone.carry(PLACE)
    phone.die(60)
    assert phone.dead
    await city.live(59)
    phone.carry(PLACE)
    assert sent == []
    await city.live(2)
    assert not phone.dead
    phone.carry(PLACE)
    await city.live(3)
    phone.carry(PLACE)
    assert [fix.fix_at for fix in sent] == [61.0]


@in_virtual_time
async def test_the_page_tells_one_or_a_buffer() -> None:
    """One fix is a `location`, several are `locations`, each with its own time."""
    city = City(seed=1)
    send = by_page(city.stage, "v1", city.screen("darmo").client())
    await city.live(50)
    fix = Heard(50.0, 20.0, *PLACE, 8.0)
    send([fix])
    send([fix, fix._replace(fix_at=35.0)])
    (cmd, one), (_, many) = city.screens["darmo"].told
    assert (cmd, one["van"], one["location"]["fix_at"]) == ("van.position", "v1", 20_000)
    assert [place["fix_at"] for place in many["locations"]] == [20_000, 35_000]


@in_virtual_time
async def test_a_tracker_sends_as_such_apps_do(monkeypatch: Any) -> None:
    """One fix in OsmAnd's query, a buffer in Traccar's JSON, both with the key."""
    city, asked = City(seed=1), []

    async def request(method: str, url: str, body: Any = None) -> Answer:
        asked.append((method, url, body))
        return Answer(200, {})

    monkeypatch.setattr(van_phone, "request", request)
    send = by_tracker(city.stage, "se cret")
    await city.live(50)
    fix = Heard(50.0, 20.0, *PLACE, 8.0)
    send([fix])
    send([fix, fix])
    await city.live(1)
    (get, query, _), (post, url, body) = asked
    assert (get, post, url) == ("GET", "POST", "http://127.0.0.1:9/v1/trackers/osmand")
    assert query == f"{url}?id=se+cret&lat=-7.472&lon=112.434&timestamp=20000&accuracy=8.0"
    assert (body["device_id"], len(body["location"])) == ("se cret", 2)
    assert body["location"][0]["coords"] == {"latitude": -7.472, "longitude": 112.434, "accuracy": 8.0}
