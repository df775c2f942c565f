"""What only a simulated city has."""

from __future__ import annotations

from channels.geo import City, distance_m
from hub import wire
from hub.app import GEOJSON, services
from hub.demo import MEDIC, MEDIC_PLACE, PLACE
from hub.seed import read_seed
from hub.up import SEED
from tests.support.http import http
from tests.support.live import on_loop, running_hub


@on_loop
async def test_a_visitor_gets_fresh_codes_for_people_of_their_own(valkey_url: str) -> None:
    """A code for each staff frame, redeemed once; every visitor has a medic of their own."""
    async with running_hub(valkey_url, demo=True, carried=services()) as hub:
        page = {"Origin": f"http://127.0.0.1:{hub.port}"}
        people = []
        for _ in range(2):
            status, _, body = await http(hub.port, "POST", "/v1/demo", {}, headers=page)
            assert status == 201
            assert set(body["codes"]) == {"medic", "seller", "crew", "dispatcher"}
            for role, code in body["codes"].items():
                status, _, issued = await http(hub.port, "POST", "/v1/sessions", {"code": code}, headers=page)
                assert (status, issued["role"]) == (201, role)
                people.append(issued["person"])
        assert len(set(people)) == 8
        assert (await http(hub.port, "GET", "/v1/config"))[2]["demo"] is True
        assert (await http(hub.port, "GET", "/demo"))[0] == 200


@on_loop
async def test_a_foreign_page_gets_none(valkey_url: str) -> None:
    """The Origin is checked, and a real city has no such door."""
    async with running_hub(valkey_url, demo=True, carried=services()) as hub:
        assert (await http(hub.port, "POST", "/v1/demo", {}, headers={"Origin": "http://evil.example"}))[0] == 403
        assert (await http(hub.port, "GET", "/v1/demo"))[0] == 405


@on_loop
async def test_a_real_city_has_no_demo(valkey_url: str) -> None:
    """404 for the page and the codes."""
    async with running_hub(valkey_url, carried=services()) as hub:
        assert (await http(hub.port, "POST", "/v1/demo", {}))[0] == 404
        assert (await http(hub.port, "GET", "/v1/config"))[2]["demo"] is False


def test_the_visitor_stands_in_kranggan_and_the_medic_near() -> None:
    """Inside the polygon, about 300 m apart, so that the visitor's medic is in wave 1."""
    city = City(wire.decode(GEOJSON.read_bytes(), "json"))
    assert city.kelurahan_at(PLACE["lat"], PLACE["lon"]) == "kranggan"
    assert 200 < distance_m(PLACE["lat"], PLACE["lon"], MEDIC_PLACE["lat"], MEDIC_PLACE["lon"]) < 400


def test_no_simulated_medic_is_called_like_the_visitors() -> None:
    """ "Diambil <nama>" on the visitor's frame always names somebody else."""
    assert MEDIC not in {medic["name"] for medic in read_seed(SEED)["medics"]}
