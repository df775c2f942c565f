"""One hub put together: its process, its pages, its signals."""

from __future__ import annotations

import asyncio
import signal
import time
from collections.abc import Iterator

import pytest

from hub.app import CITY, PAGES, HubOptions, base_of, ground, internal, places, services
from hub.contract import SYSTEM
from hub.settings import Settings
from tests.support.clients import Client
from tests.support.http import http
from tests.support.live import on_loop, running_hub, until
from tests.support.processes import Process, free_ports, start_hub
from tests.support.servers import StoreServer, running_store

SOCKETS = 1000


@pytest.fixture
def server() -> Iterator[StoreServer]:
    with running_store("valkey") as one:
        yield one


@pytest.fixture
def hub(valkey_url: str) -> Iterator[tuple[Process, int]]:
    """A public hub in a process of its own."""
    port = free_ports()
    process = start_hub("public", valkey_url, port, environment={"KENTONGAN_DRAIN_S": "0.5"})
    try:
        process.wait_event("hub_ready", kind="public", port=port)
        yield process, port
    finally:
        process.kill()


async def crowd(port: int, count: int) -> list[Client]:
    """So many devices, signed in and welcomed."""

    async def one(number: int) -> Client:
        _, _, body = await http(port, "POST", "/v1/sessions", {"device": f"{number % 20:064x}"})
        made = await Client.open(port, body["token"])
        await made.welcome()
        return made

    made: list[Client] = []
    for start in range(0, count, 50):
        made += await asyncio.gather(*(one(number) for number in range(start, start + 50)))
    return made


@pytest.mark.parametrize("name", [signal.SIGTERM, signal.SIGINT])
def test_a_thousand_sockets_hear_bye_and_the_process_ends(hub: tuple[Process, int], name: signal.Signals) -> None:
    """All hear `bye` 4000 with a time to come back, spread; new ones are refused; exit code 0 soon after."""
    process, port = hub
    count = SOCKETS if name is signal.SIGTERM else 50

    @on_loop
    async def drained() -> None:
        clients = await crowd(port, count)
        process.signal(name)
        codes = await asyncio.gather(*(one.closed(10) for one in clients))
        assert set(codes) == {4000}
        for one in clients:
            bye = one.frames[-1]
            assert (bye["t"], bye["code"], bye["reconnect"]) == ("bye", 4000, True)
            await one.end()
        assert len({one.frames[-1]["after_ms"] for one in clients}) > count // 20

    drained()
    ended_at = time.monotonic()
    assert process.exit_code(10) == 0
    assert time.monotonic() - ended_at < 5
    assert not [line for line in process.errors if "Traceback" in line]


def test_sockets_that_do_not_answer_the_goodbye_hold_nobody_up(hub: tuple[Process, int]) -> None:
    """A client that neither reads nor closes is cut off: the process ends all the same."""
    process, port = hub

    @on_loop
    async def silent() -> None:
        clients = await crowd(port, 50)
        for one in clients:
            assert one._reading is not None
            one._reading.cancel()
        process.signal(signal.SIGTERM)
        assert await asyncio.to_thread(process.exit_code, 10) == 0
        for one in clients:
            one.raw.abort()

    silent()


@pytest.mark.parametrize(
    ("demo", "environment", "says"),
    [
        (True, {}, "the two never mix"),
        (False, {"KENTONGAN_BEAT_S": "0"}, "KENTONGAN_BEAT_S"),
        (False, {"KENTONGAN_ALLOWED_ORIGINS": "example.org"}, "KENTONGAN_ALLOWED_ORIGINS"),
    ],
)
def test_a_hub_that_cannot_start_says_why(valkey_url: str, demo: bool, environment: dict[str, str], says: str) -> None:
    """One sentence, exit code 2."""

    @on_loop
    async def real() -> None:
        async with internal(valkey_url):
            pass

    real()
    process = start_hub("public", valkey_url, free_ports(), demo=demo, environment=environment)
    try:
        assert process.exit_code() == 2
        (line,) = process.errors
        assert line.startswith("kentongan: ")
        assert says in line
    finally:
        process.kill()


def test_an_unsafe_store_is_named_and_the_hub_becomes_ready_when_it_is_mended() -> None:
    """It starts, stays not ready, names the setting; made safe, it goes on without a restart."""
    with running_store("valkey", durable=False) as server:
        port = free_ports()
        process = start_hub("public", server.url, port)
        try:
            assert "appendfsync" in process.wait_event("hub_unready")["why"]

            @on_loop
            async def mend() -> None:
                status, _, body = await http(port, "GET", "/health/ready")
                assert (status, body["ready"]) == (503, False)
                assert "appendfsync" in body["why"]
                async with internal(server.url) as dispatch:
                    await dispatch.store.many("normal", [["CONFIG", "SET", "appendfsync", "always"]])

            mend()
            process.wait_event("hub_ready", 8)
        finally:
            process.kill()


@on_loop
async def test_pages_are_served_with_a_strict_policy(valkey_url: str) -> None:
    """Each page at its address, nothing inline, no host but the two hubs; `/demo` only in the demo."""
    async with running_hub(valkey_url, carried=services()) as hub:
        for path in [*PAGES, *(place.beside("sw.js") for place in places(""))]:
            status, headers, body = await http(hub.port, "GET", path)
            assert status == 200, path
            assert body
            policy = headers["content-security-policy"]
            assert "default-src 'none'" in policy
            assert "unsafe" not in policy
            assert f"ws://127.0.0.1:{hub.port}" in policy
            assert f"http://127.0.0.1:{hub.port + 100}" in policy
            assert headers["x-content-type-options"] == "nosniff"
        assert (await http(hub.port, "GET", "/demo"))[0] == 404
        assert (await http(hub.port, "GET", "/static/../hub/app.py"))[0] == 404
        assert (await http(hub.port, "GET", "/static/resident/index.html"))[0] == 200


@on_loop
async def test_a_help_hub_serves_no_pages(valkey_url: str) -> None:
    """Only the public hub does."""
    async with running_hub(valkey_url, kind="help", carried=services()) as hub:
        for path in (*PAGES, "/demo", "/sw.js", "/medic/manifest.json", "/static/resident/index.html"):
            assert (await http(hub.port, "GET", path))[0] == 404
        assert (await http(hub.port, "GET", "/v1/config"))[0] == 200


@pytest.mark.parametrize(
    ("host", "public_url", "base"),
    [
        ("127.0.0.1", "", "http://127.0.0.1:8001"),
        ("0.0.0.0", "", "http://127.0.0.1:8001"),
        ("0.0.0.0", "https://kentongan.example", "https://kentongan.example"),
    ],
)
def test_links_begin_where_the_pages_are_reached(host: str, public_url: str, base: str) -> None:
    """The public origin where one is set; never an address that nobody can open."""
    settings = Settings(public_url=public_url)
    assert base_of(HubOptions("public", "", 8001, 8001, 8101, settings, host=host)) == base


@on_loop
async def test_one_off_commands_use_the_same_door(valkey_url: str) -> None:
    """Seeding is a command by `system`, with all services; nobody else may give it."""
    van = {"id": "v1", "name": "Mobil 1", "services": ["KTP"]}
    stop = {"id": "st1", "name": "Balai", "kelurahan": "kranggan", "lat": -7.48, "lon": 112.43}
    async with internal(valkey_url) as dispatch:
        answer = await dispatch.run("van.seed", {"van": van, "stops": [stop]}, SYSTEM, "seed:v1")
        assert answer.ok, answer
        assert (await dispatch.store.table("bulk", "vans")).things
        assert dispatch.store.city == CITY
    async with running_hub(valkey_url, carried=services()) as hub:
        await until(lambda: hub.node.unready() is None)
        assert "v1" in (await http(hub.port, "GET", "/v1/topics/vans"))[2]["things"]


def test_the_ground_knows_its_kelurahan_and_what_is_near() -> None:
    """18 names, and places in the city or within 5 km of its border."""
    city = ground()
    assert len(city.kelurahan) == 18
    assert city.kelurahan["prajuritkulon"] == "Prajuritkulon"
    assert city.near(-7.4722, 112.4338)
    assert city.near(-7.4734, 112.3700)
    assert not city.near(-7.4734, 112.3500)
    assert not city.near(-7.2575, 112.7521)
