"""A van's tracker at the public hub: its key, its limits, its buffers."""

from __future__ import annotations

import json
import logging
import time
from typing import Any
from urllib.parse import urlencode

import pytest

from channels.vans import Vans
from hub.commit import unpack
from hub.contract import SYSTEM
from tests.channels.van_world import CITY, CREW, FILE, SEED
from tests.support.http import http
from tests.support.live import Hub, on_loop, running_hub

PATH = "/v1/trackers/osmand"
T01, T02 = FILE["stops"][0], FILE["stops"][1]


async def key_of(hub: Hub) -> str:
    """A seeded van's fresh key. The limit does not hold a test up: it is of one key."""
    await hub.node.dispatch.run("van.seed", SEED, SYSTEM, "s1")
    answer = await hub.node.dispatch.run("van.tracker", {"van": "v1"}, CREW, f"key-{time.monotonic()}")
    assert answer.data is not None
    return str(answer.data["key"])


async def get(hub: Hub, key: str, **query: Any) -> tuple[int, dict[str, str], Any]:
    return await http(hub.port, "GET", f"{PATH}?{urlencode({'id': key, **query})}")


def fixes(key: str, now: int, seconds: range, stop: dict[str, Any] = T01) -> list[dict[str, Any]]:
    """Traccar's messages, so many seconds ago."""
    coords = {"latitude": stop["lat"], "longitude": stop["lon"], "accuracy": 5, "speed": 0}
    return [{"device_id": key, "location": {"timestamp": now - ago * 1000, "coords": {**coords}}} for ago in seconds]


async def post(hub: Hub, body: Any) -> tuple[int, dict[str, str], Any]:
    kind = {"Content-Type": "application/json"}
    return await http(hub.port, "POST", PATH, json.dumps(body).encode(), headers=kind)


async def views(hub: Hub, topic: str) -> tuple[Any, Any]:
    """The thing of a topic's table and its fix."""
    table = await hub.store.table("bulk", topic)
    return [[unpack(value) for value in part.values()] for part in (table.things, table.fixes)]  # type: ignore[return-value]


@on_loop
async def test_osmand_and_traccar_move_the_van(valkey_url: str) -> None:
    """By query, form and JSON; three fixes that stand at the stop are an arrival."""
    async with running_hub(valkey_url, Vans(CITY)) as hub:
        key, now = await key_of(hub), hub.store.now()
        status, _, body = await get(hub, key, lat=T01["lat"], lon=T01["lon"], timestamp=(now - 30_000) // 1000, batt=50)
        assert (status, body["data"]) == (200, {"taken": 1, "late": 0, "quarantined": 0, "refused": 0})
        form = urlencode({"id": key, "lat": T01["lat"], "lon": T01["lon"], "timestamp": now - 15_000})
        kind = {"Content-Type": "application/x-www-form-urlencoded"}
        assert (await http(hub.port, "POST", PATH, form.encode(), headers=kind))[0] == 200
        key = await key_of(hub)
        assert (await post(hub, fixes(key, now, range(1, 2))[0]))[0] == 200
        (view,), (fix,) = await views(hub, "van/v1")
        assert (view["state"], view["stop"], fix["fix_at"]) == ("at_stop", "t01", now - 1000)
        (stop,), _ = await views(hub, "stop/t01")
        assert stop["state"] == "arrived"


@on_loop
async def test_a_replaced_key_is_dead_at_once(valkey_url: str) -> None:
    """It, and any other that is none, hears a plain 404 without a hint."""
    async with running_hub(valkey_url, Vans(CITY)) as hub:
        old = await key_of(hub)
        assert (await get(hub, old, lat=-7.47, lon=112.43))[0] == 200
        new = await key_of(hub)
        heard = [await get(hub, key, lat=-7.47, lon=112.43) for key in (old, "x", "v1")]
        assert {status for status, _, _ in heard} == {404}
        assert {body["message"] for _, _, body in heard} == {"not found"}
        assert (await get(hub, new, lat=-7.47, lon=112.43))[0] == 200
        assert (await get(hub, new))[0] == 400


@on_loop
async def test_two_requests_a_second(valkey_url: str) -> None:
    """The third at once is 429 with `Retry-After`; another key has its own two."""
    async with running_hub(valkey_url, Vans(CITY)) as hub:
        key = await key_of(hub)
        heard = [await get(hub, key, lat=-7.47, lon=112.43) for _ in range(3)]
        assert [status for status, _, _ in heard] == [200, 200, 429]
        assert heard[2][1]["retry-after"] == "1"
        assert heard[2][2]["code"] == "too_many"
        assert (await get(hub, "other", lat=-7.47, lon=112.43))[0] == 404


@pytest.mark.parametrize(
    ("query", "status", "code"),
    [
        ({"lat": 0, "lon": 0}, 400, "bad_data"),
        ({"lat": 95, "lon": 112.43}, 400, "bad_data"),
        ({"lat": -7.47, "lon": 112.43, "speed": 486}, 400, "bad_data"),
        ({"lat": -7.47, "lon": 112.43, "timestamp": "2099-01-01T00:00:00Z"}, 400, "wrong_clock"),
        ({"lat": -7.47, "lon": 112.43, "timestamp": "2020-01-01T00:00:00Z"}, 200, None),
    ],
    ids=["0,0", "latitude", "900 km/h", "next year", "long ago"],
)
@on_loop
async def test_bad_fixes(valkey_url: str, query: dict[str, Any], status: int, code: str | None) -> None:
    """What cannot be is refused with one code; what is merely late is taken, or the phone would send it for ever."""
    async with running_hub(valkey_url, Vans(CITY)) as hub:
        heard, _, body = await get(hub, await key_of(hub), **query)
        assert (heard, body.get("code")) == (status, code)


@on_loop
async def test_a_jump_is_in_quarantine(valkey_url: str) -> None:
    """900 km/h between two fixes: taken, counted and not shown."""
    async with running_hub(valkey_url, Vans(CITY)) as hub:
        key, now = await key_of(hub), hub.store.now()
        await post(hub, fixes(key, now, range(20, 21)))
        _, _, body = await post(hub, fixes(key, now, range(15, 16), T02))
        assert body["data"]["quarantined"] == 1
        _, (fix,) = await views(hub, "vans")
        assert fix["lat"] == T01["lat"]


@on_loop
async def test_a_buffer_is_taken_in_a_second(valkey_url: str) -> None:
    """1,440 fixes of two hours in one request, one of them impossible: under 1 s, and old ones announce nothing."""
    async with running_hub(valkey_url, Vans(CITY)) as hub:
        key, now = await key_of(hub), hub.store.now()
        body = fixes(key, now, range(100, 100 + 5 * 1440, 5))
        body[7]["location"]["coords"]["latitude"] = 0
        body[7]["location"]["coords"]["longitude"] = 0
        began = time.monotonic()
        status, _, said = await post(hub, body)
        took_s = time.monotonic() - began
        assert (status, said["data"]["refused"], took_s < 1.0) == (200, 1, True), took_s
        (view,), (fix,) = await views(hub, "van/v1")
        assert (view["state"], fix["fix_at"]) == ("off", now - 100_000)
        assert (await post(hub, [*body, *body]))[0] == 400


@on_loop
async def test_the_key_is_in_no_log_and_no_answer(valkey_url: str, caplog: pytest.LogCaptureFixture) -> None:
    """Neither when all is well, nor when it is refused, limited, or something fails."""
    caplog.set_level(logging.DEBUG)
    async with running_hub(valkey_url, Vans(CITY)) as hub:
        key = await key_of(hub)
        heard = [await get(hub, key, lat=0, lon=0), await get(hub, key), await get(hub, key, lat=1, lon=1)]
        heard += [await post(hub, [{"device_id": key}]), await get(hub, key[:-1], lat=1, lon=1)]
        heard += [await http(hub.port, "POST", PATH, b" " * (1 << 20) + b"xx")]
        assert [status for status, _, _ in heard] == [400, 400, 429, 400, 404, 400]
        assert key not in repr(heard)
        assert key not in caplog.text


@on_loop
async def test_the_help_hub_takes_no_trackers(valkey_url: str) -> None:
    """Bulk stays out of the emergencies' process."""
    async with running_hub(valkey_url, Vans(CITY), kind="help") as hub:
        assert (await get(hub, "x", lat=1, lon=1))[0] == 404
