"""Several cities in one hub: the host picks the one, and no match is said in words."""

from __future__ import annotations

from pathlib import Path

import pytest
from msgspec.structs import replace

from hub.cities import settings_of
from hub.city_file import OWN
from hub.settings import Settings
from tests.support.http import http
from tests.support.live import on_loop
from tests.support.neighbour import CODE, HOME_HOST, HOST, NAME
from tests.support.raw import Raw, handshake
from tests.support.two_cities import two_cities, two_files


@on_loop
async def test_the_host_picks_the_city(valkey_url: str, tmp_path: Path) -> None:
    """Configuration, pages, polygons and links are those of the name that was asked for."""
    async with two_cities(valkey_url, tmp_path) as cities:
        for hub, code, name, host, wards in zip(
            cities, ("35.76", CODE), ("Kota Mojokerto", NAME), (HOME_HOST, HOST), (18, 4), strict=True
        ):
            _, _, config = await hub.http("GET", "/v1/config")
            assert (config["city"], config["city_name"]) == (code, name)
            assert config["url"] == f"http://{host}:{hub.port}"
            assert [one["code"] for one in config["neighbours"]] == [CODE if code == "35.76" else "35.76"]
            status, headers, page = await hub.http("GET", "/")
            assert status == 200
            assert name in page.decode()
            assert f"ws://{host}:{hub.port}" in headers["content-security-policy"]
            _, _, polygons = await hub.http("GET", "/static/data/kelurahan.geojson")
            assert len(polygons["features"]) == wards
            desk = await hub.staff("dispatcher", desk="medic")
            body = {"role": "medic", "name": "Sari"}
            _, _, made = await hub.http("POST", "/v1/enrolments", body, token=desk.token)
            assert made["link"].startswith(f"http://{host}:{hub.port}/medic#masuk=")


@on_loop
async def test_a_name_that_no_city_has_is_404_in_words(valkey_url: str, tmp_path: Path) -> None:
    """A page with the numbers to phone, JSON for a program, a refused handshake: each says what is served."""
    async with two_cities(valkey_url, tmp_path) as (home, _):
        headers = {"Host": f"lain<b>.example:{home.port}"}
        status, _, page = await http(home.port, "GET", "/", headers=headers)
        assert status == 404
        text = page.decode()
        assert "Tidak ada kota di alamat lain&lt;b&gt;.example" in text
        assert '<a href="tel:119">119</a>' in text
        assert HOST in text
        status, _, body = await http(home.port, "GET", "/v1/config", headers=headers)
        assert (status, body["code"]) == (404, "not_found")
        assert f"{NAME} ({HOST})" in body["message"]
        raw = await Raw.open(home.port, fmt="json")
        await raw.write(handshake(home.port, headers={"Host": "lain.example"}))
        assert await raw.answered() == 404
        await raw.end()
        named = await home.http("GET", "/v1/topics/city?city=99.99")
        assert named[0] == 404


@on_loop
async def test_this_machines_own_names_answer_for_the_whole_hub(valkey_url: str, tmp_path: Path) -> None:
    """Probes and scrapers know no city: ready when all are, one text of figures, each sample with its city."""
    async with two_cities(valkey_url, tmp_path) as (home, beside):
        assert (await http(home.port, "GET", "/health/live"))[2] == {"live": True}
        assert (await http(home.port, "GET", "/health/ready"))[2] == {"ready": True}
        beside.node.draining = True
        status, _, body = await http(home.port, "GET", "/health/ready")
        assert (status, body) == (503, {"ready": False, "why": f"{CODE}: draining"})
        beside.node.draining = False
        text = (await http(home.port, "GET", "/metrics"))[2].decode()
        assert 'kentongan_sockets{city="35.76"} 0' in text
        assert f'kentongan_sockets{{city="{CODE}"}} 0' in text
        assert (await http(home.port, "GET", "/v1/config"))[0] == 404
        assert (await home.http("GET", "/health/ready"))[0] == 200


@on_loop
async def test_a_page_of_one_city_may_knock_at_the_other_only_as_a_guest(valkey_url: str, tmp_path: Path) -> None:
    """`?city=` counts for the calls that a guest needs, and for nothing else."""
    async with two_cities(valkey_url, tmp_path) as (home, _):
        assert (await home.http("GET", f"/v1/config?city={CODE}"))[2]["city"] == "35.76"
        page = (await home.http("GET", f"/?city={CODE}"))[2].decode()
        assert NAME not in page
        assert (await home.http("GET", f"/v1/staff?city={CODE}"))[0] == 401


def test_settings_are_each_citys_own(tmp_path: Path) -> None:
    """All hosts may be asked for and are pages of ours; addresses come from the city's file before the settings."""
    cities = two_files(tmp_path)
    behind = Settings(public_url="https://all.example:8443", help_url="https://help.example")
    made = settings_of(behind, cities[0], cities, "10.0.0.1", 8000)
    assert {HOME_HOST, HOST, "127.0.0.1", "10.0.0.1"} <= set(made.allowed_hosts)
    assert {f"http://{HOME_HOST}:8000", f"http://{HOST}:8000"} <= set(made.allowed_origins)
    assert {f"https://{HOME_HOST}", f"https://{HOST}"} <= set(made.allowed_origins)
    assert (made.public_url, made.help_url) == (f"https://{HOME_HOST}:8443", "https://help.example")
    own = replace(cities[0], public_url="https://kota.example")
    assert settings_of(behind, own, cities, "10.0.0.1", 8000).public_url == "https://kota.example"


def test_one_city_without_hosts_changes_no_setting() -> None:
    """As it was before there were several."""
    settings = Settings()
    assert settings_of(settings, OWN, (OWN,), "127.0.0.1", 8000) is settings


@pytest.mark.parametrize(("port", "origin"), [(80, "http://watugede.example"), (8000, "http://watugede.example:8000")])
def test_a_default_port_is_not_said(tmp_path: Path, port: int, origin: str) -> None:
    """As browsers write an origin."""
    cities = two_files(tmp_path)
    assert origin in settings_of(Settings(), cities[1], cities, "0.0.0.0", port).allowed_origins
