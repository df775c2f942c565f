"""The GTFS-Realtime feed of real hubs, read back with the official bindings."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from email.utils import parsedate_to_datetime
from typing import Any

import pytest
from google.transit import gtfs_realtime_pb2 as pb

from channels.alerts import Alerts
from channels.van_days import day_start
from channels.vans import Vans
from hub.contract import SYSTEM, Actor
from tests.channels.van_world import CITY, CREW, DESK, SEED
from tests.support.http import http
from tests.support.live import Hub, on_loop, running_hub, two_hubs, until
from tests.support.relay import Relay, relayed

FEEDS = ("vehicle-positions", "trip-updates", "alerts")
TRACKER = Actor("gps", "tracker", van="v1")
CITY_DESK = Actor("city", "dispatcher", desk="city")
T01 = SEED["stops"][0]
MINUTES = {stop["id"]: 7 * 60 + stop["scheduled_at"] for stop in SEED["stops"]}  # as the week's plan has them
HOUR = 3_600_000
FLOOD = {
    "category": "met", "event": "Banjir", "urgency": "immediate", "severity": "severe", "certainty": "observed",
    "texts": {"id": {"headline": "Banjir di Kranggan"}, "en": {"headline": "Flood in Kranggan"}}, "areas": ["kranggan"],
}  # fmt: skip


def stop_clock(*hubs: Hub, ahead_ms: int = 0) -> int:
    """From here on it is the same moment at every hub, 10 ms into a second."""
    now = hubs[0].store.now() // 1000 * 1000 + 1010 + ahead_ms
    for hub in hubs:
        hub.store.now = lambda: now  # type: ignore[method-assign]
    return now


@asynccontextmanager
async def city(url: str, *, demo: bool = False) -> AsyncIterator[Hub]:
    """A hub of a seeded city."""
    async with running_hub(url, Vans(CITY), Alerts(CITY), demo=demo) as hub:
        await run(hub, "van.seed", SYSTEM, **SEED)
        yield hub


async def run(hub: Hub, cmd: str, actor: Actor, **data: Any) -> dict[str, Any]:
    answer = await hub.node.dispatch.run(cmd, data, actor, f"{cmd}-{hub.store.seen_commit}")
    assert answer.ok, answer
    return answer.data or {}


async def moved(hub: Hub, fix_at: int) -> None:
    location = {"lat": T01["lat"], "lon": T01["lon"], "fix_at": fix_at, "speed_kmh": 18, "heading": 90}
    assert (await hub.node.dispatch.observe("van.position", {"van": "v1", "location": location}, TRACKER)).ok


async def ask(hub: Hub, name: str, method: str = "GET", **headers: str) -> tuple[int, dict[str, str], Any]:
    fields = {key.replace("_", "-"): value for key, value in headers.items()}
    return await http(hub.port, method, f"/v1/gtfs-rt/{name}.pb", headers=fields)


async def read(hub: Hub, name: str) -> pb.FeedMessage:
    status, headers, body = await ask(hub, name)
    assert (status, headers["content-type"]) == (200, "application/x-protobuf")
    message = pb.FeedMessage()
    message.ParseFromString(body)
    return message


@on_loop
async def test_a_day_of_a_van(valkey_url: str) -> None:
    """Position, stops that were, come and are skipped, and the added trip, as commands made them."""
    async with city(valkey_url) as hub:
        stop = (await run(hub, "stop.save", DESK, name="Balai Baru", kelurahan="miji"))["stop"]
        rest = [{"stop": id_, "minute": minute} for id_, minute in MINUTES.items() if id_ != "t04"]
        await run(hub, "trip.save", DESK, van="v1", stops=[*rest, {"stop": stop, "minute": 23 * 60 + 59}])
        await run(hub, "van.arrive", CREW, van="v1", stop="t01")
        await run(hub, "van.depart", CREW, van="v1")
        await run(hub, "van.skip", CREW, van="v1", stop="t02")
        now = stop_clock(hub)
        await moved(hub, now - 500)
        (entity,) = (await read(hub, "vehicle-positions")).entity
        vehicle = entity.vehicle
        day = vehicle.trip.trip_id.removeprefix("v1.")
        assert (vehicle.vehicle.id, vehicle.trip.start_date) == ("v1", day.replace("-", ""))
        assert (vehicle.stop_id, vehicle.current_status) == ("t03", pb.VehiclePosition.IN_TRANSIT_TO)
        assert (vehicle.timestamp, vehicle.position.bearing) == ((now - 500) // 1000, 90)
        (entity,) = (await read(hub, "trip-updates")).entity
        update, words = entity.trip_update, pb.TripUpdate.StopTimeUpdate
        assert update.trip.schedule_relationship == pb.TripDescriptor.ADDED
        rows = {one.stop_id: one for one in update.stop_time_update}
        assert rows["t01"].arrival.time <= rows["t01"].departure.time <= now // 1000
        assert [id_ for id_, one in rows.items() if one.schedule_relationship == words.SKIPPED] == ["t02", "t04"]
        assert (rows["t03"].arrival.time >= now // 1000, rows["t03"].arrival.uncertainty > 0) == (True, True)
        scheduled = day_start(day) // 1000 + 60 * MINUTES["t03"]
        assert rows["t03"].arrival.delay == rows["t03"].arrival.time - scheduled
        assert (stop in rows, update.timestamp) == (True, (now - 500) // 1000)


@on_loop
async def test_89_seconds_are_fresh_and_91_are_not(valkey_url: str) -> None:
    """A van whose fix is older than 90 s has no position, and no stop of its trip a time to come."""
    async with city(valkey_url) as hub:
        now = stop_clock(hub)
        await moved(hub, now - 91_000)
        assert not (await read(hub, "vehicle-positions")).entity
        (entity,) = (await read(hub, "trip-updates")).entity
        words = pb.TripUpdate.StopTimeUpdate
        assert {one.schedule_relationship for one in entity.trip_update.stop_time_update} == {words.NO_DATA}
        assert not entity.trip_update.HasField("timestamp")
        now = stop_clock(hub)
        await moved(hub, now - 89_000)
        (entity,) = (await read(hub, "vehicle-positions")).entity
        assert entity.vehicle.timestamp == (now - 89_000) // 1000


@on_loop
async def test_what_is_kept_ends_with_what_is_in_it(valkey_url: str) -> None:
    """An answer is kept for the rest of its second, and not when a fix in it becomes too old before."""
    async with city(valkey_url) as hub:
        now = stop_clock(hub)
        await moved(hub, now - 89_500)
        assert (await read(hub, "vehicle-positions")).entity
        hub.store.now = lambda: now + 501  # type: ignore[method-assign]
        assert not (await read(hub, "vehicle-positions")).entity


@on_loop
async def test_two_hubs_agree(valkey_url: str) -> None:
    """At the same moment two hubs give the same bytes, though only one of them heard the fix and the commands."""
    async with two_hubs(valkey_url, (lambda: Vans(CITY), lambda: Alerts(CITY))) as (one, two):
        await run(one, "van.seed", SYSTEM, **SEED)
        await run(one, "van.arrive", CREW, van="v1", stop="t01")
        now = stop_clock(one, two)
        await run(two, "alert.publish", CITY_DESK, **FLOOD, expires=now + HOUR)
        await moved(one, now - 3000)
        for name in FEEDS:
            (_, _, mine), (_, _, other) = await asyncio.gather(ask(one, name), ask(two, name))
            assert mine == other
            assert len(mine) > 40


@on_loop
async def test_an_alert_in_two_languages(valkey_url: str) -> None:
    """An alert in force is there in each language until it is cancelled; an exercise never is."""
    async with city(valkey_url) as hub:
        expires = hub.store.now() + HOUR
        await run(hub, "alert.publish", CITY_DESK, **FLOOD, expires=expires, status="exercise")
        alert = (await run(hub, "alert.publish", CITY_DESK, **FLOOD, expires=expires))["alert"]
        (entity,) = (await read(hub, "alerts")).entity
        assert entity.id == f"alert.{alert}"
        texts = {one.language: one.text for one in entity.alert.header_text.translation}
        assert texts == {"id": "Banjir di Kranggan", "en": "Flood in Kranggan"}
        assert entity.alert.active_period[0].end == expires // 1000
        await run(hub, "alert.cancel", CITY_DESK, alert=alert, reason="surut")
        stop_clock(hub, ahead_ms=1000)
        assert not (await read(hub, "alerts")).entity


@on_loop
async def test_an_alert_whose_time_is_over_is_gone(valkey_url: str) -> None:
    """Also before the timer that ends it has run."""
    async with city(valkey_url) as hub:
        await run(hub, "alert.publish", CITY_DESK, **FLOOD, expires=hub.store.now() + HOUR)
        stop_clock(hub, ahead_ms=HOUR)
        assert not (await read(hub, "alerts")).entity


@on_loop
async def test_a_cancelled_trip(valkey_url: str) -> None:
    """CANCELED among the trips, NO_SERVICE among the alerts."""
    async with city(valkey_url) as hub:
        await run(hub, "trip.cancel", DESK, van="v1", reason="Ban bocor")
        (trip,) = (await read(hub, "trip-updates")).entity
        assert trip.trip_update.trip.schedule_relationship == pb.TripDescriptor.CANCELED
        (entity,) = (await read(hub, "alerts")).entity
        assert (entity.alert.effect, entity.id[:12]) == (pb.Alert.NO_SERVICE, "cancelled.v1")


@on_loop
async def test_a_simulated_city(valkey_url: str) -> None:
    """Its vans say that they are simulated."""
    async with city(valkey_url, demo=True) as hub:
        await moved(hub, hub.store.now())
        (entity,) = (await read(hub, "vehicle-positions")).entity
        assert entity.vehicle.vehicle.label.startswith("SIMULASI: ")


@on_loop
async def test_an_empty_city(valkey_url: str) -> None:
    """Without vans and alerts there is a header, and nothing in it."""
    async with running_hub(valkey_url, Vans(CITY), Alerts(CITY)) as hub:
        for name in FEEDS:
            message = await read(hub, name)
            assert (message.header.gtfs_realtime_version, len(message.entity)) == ("2.0", 0)


@on_loop
async def test_a_crowd_costs_one_build(valkey_url: str) -> None:
    """Whoever asks for whichever feed within one second, the store is asked once."""
    async with city(valkey_url) as hub:
        asked: list[str] = []
        table = hub.store.table

        async def counted(lane: str, topic: str) -> Any:
            asked.append(topic)
            return await table(lane, topic)

        hub.store.table = counted  # type: ignore[method-assign]
        stop_clock(hub)
        answers = await asyncio.gather(*(ask(hub, name) for name in FEEDS * 10))
        assert {status for status, _, _ in answers} == {200}
        assert sorted(asked) == ["city", "vans"]
        stop_clock(hub, ahead_ms=1000)
        await ask(hub, "alerts")
        assert len(asked) == 4


@on_loop
async def test_head_and_conditions(valkey_url: str) -> None:
    """HEAD has the head alone; whoever has the answer already hears 304, by tag or by date."""
    async with city(valkey_url) as hub:
        date = (await ask(hub, "trip-updates"))[1]["last-modified"]
        assert parsedate_to_datetime(date).timestamp() <= time.time() - 1  # RFC 9110: not later than `Date`
        now = stop_clock(hub, ahead_ms=-10_000)
        status, headers, body = await ask(hub, "trip-updates")
        assert (status, headers["cache-control"], int(headers["content-length"])) == (200, "no-cache", len(body))
        _, head, nothing = await ask(hub, "trip-updates", "HEAD")
        assert nothing == b""
        same = ("etag", "last-modified", "content-length", "content-type")
        assert [head[key] for key in same] == [headers[key] for key in same]
        tag, date = headers["etag"], headers["last-modified"]
        assert parsedate_to_datetime(date).timestamp() == now // 1000
        for condition, expected in [
            ({"If_None_Match": f'"x", W/{tag}'}, 304),
            ({"If_None_Match": "x", "If_Modified_Since": date}, 200),
            ({"If_Modified_Since": date}, 304),
            ({"If_Modified_Since": "yesterday"}, 200),
        ]:
            status, _, body = await ask(hub, "trip-updates", **condition)
            assert (status, not body) == (expected, expected == 304), condition
        hub.store.now = lambda: now + 1000  # type: ignore[method-assign]
        assert (await ask(hub, "trip-updates", If_Modified_Since=date))[0] == 200


@pytest.mark.parametrize("name", ["nonsense", "vehicle-positions.pb/x", "..%2falerts", "Alerts", ""])
@on_loop
async def test_no_such_feed(valkey_url: str, name: str) -> None:
    """Any other path is 404, and other methods are not allowed."""
    async with running_hub(valkey_url, Vans(CITY), Alerts(CITY)) as hub:
        assert (await ask(hub, name))[0] == 404
        assert (await ask(hub, "alerts", "POST"))[0] == 405


@on_loop
async def test_a_help_hub_has_no_feed(valkey_url: str) -> None:
    """It is for emergencies."""
    async with running_hub(valkey_url, Vans(CITY), Alerts(CITY), kind="help") as hub:
        assert (await ask(hub, "alerts"))[0] == 404


async def lost(hub: Hub, relay: Relay) -> None:
    relay.refuses = True
    for wire in list(relay.wires):
        wire.cut()
    await until(lambda: not hub.store.up)


@on_loop
async def test_without_the_store_there_is_no_old_answer(valkey_url: str) -> None:
    """503 `unavailable`, even within the second of the last answer, and to everybody who waits."""
    async with relayed(valkey_url) as relay, running_hub(relay.url, Vans(CITY), Alerts(CITY)) as hub:
        stop_clock(hub)
        assert (await ask(hub, "alerts"))[0] == 200
        await lost(hub, relay)
        for status, _, body in await asyncio.gather(*(ask(hub, name) for name in FEEDS)):
            assert (status, body["code"]) == (503, "unavailable")
        relay.refuses = False
        await until(lambda: hub.store.up)
        assert (await ask(hub, "alerts"))[0] == 200


@on_loop
async def test_a_store_that_falls_silent(valkey_url: str) -> None:
    """Those who wait for one build hear together that it failed; the next one asks anew."""
    async with relayed(valkey_url) as relay, running_hub(relay.url, Vans(CITY), Alerts(CITY)) as hub:
        for wire in relay.wires:
            wire.silent = True
        answers = await asyncio.gather(*(ask(hub, name) for name in FEEDS))
        assert {status for status, _, _ in answers} == {503}
        await lost(hub, relay)
        relay.refuses = False
        await until(lambda: hub.store.up)
        assert (await ask(hub, "alerts"))[0] == 200
