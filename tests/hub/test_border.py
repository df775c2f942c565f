"""A tap across the border is committed in the city where it lies, and followed from where it was made."""

from __future__ import annotations

import uuid
from pathlib import Path
from typing import Any

import pytest

from hub.border import Border
from hub.contract import Crossing
from tests.support.live import on_loop
from tests.support.neighbour import CODE, HOST, MIDDLE, NAME, NOWHERE
from tests.support.two_cities import CityHub, two_cities

AT: dict[str, Any] = {"lat": MIDDLE[0], "lon": MIDDLE[1], "accuracy_m": 12}
HOME: dict[str, Any] = {"lat": -7.4795, "lon": 112.4356, "accuracy_m": 12}


async def call(hub: CityHub, token: str, id_: str, **data: Any) -> Any:
    body = {"id": id_, "cmd": "medic.call", "data": data}
    status, _, answer = await hub.http("POST", "/v1/commands", body, token=token)
    assert status == 200, answer
    return answer["data"]


async def requests(hub: CityHub) -> list[dict[str, Any]]:
    """What lies at a city's medic desk."""
    desk = await hub.staff("dispatcher", desk="medic")
    _, _, body = await hub.http("GET", "/v1/topics/dispatch", token=desk.token)
    return [one for one in body["things"].values() if one["type"] == "request"]


@on_loop
async def test_a_tap_across_the_border_is_committed_where_it_lies(valkey_url: str, tmp_path: Path) -> None:
    """That city's medic is offered it; the answer names the city; the same tap again hears the same."""
    async with two_cities(valkey_url, tmp_path) as (home, beside):
        medic = await beside.staff("medic")
        await beside.http(
            "POST",
            "/v1/commands",
            {"id": str(uuid.uuid4()), "cmd": "medic.duty", "data": {"on": True}},
            token=medic.token,
        )
        who, id_ = home.resident(1), str(uuid.uuid4())
        told = await call(home, who.token, id_, location=AT)
        city = told["city"]
        assert (city["code"], city["name"], city["host"]) == (CODE, NAME, HOST)
        assert city["token"].startswith(f"k1.{CODE}.")
        assert city["person"] != who.person
        (request,) = await requests(beside)
        assert (request["id"], request["kelurahan"]) == (told["request"], "lor-kulon")
        assert await requests(home) == []
        again = await call(home, who.token, id_, location=AT)
        assert (again["request"], again["city"]) == (told["request"], city)
        other = await call(home, who.token, str(uuid.uuid4()), location=AT)
        assert (other["request"], other["existing"]) == (told["request"], True)


@on_loop
async def test_its_page_follows_it_describes_it_and_cancels_it(valkey_url: str, tmp_path: Path) -> None:
    """By its own host with the token of the answer; found again after a reconnect."""
    async with two_cities(valkey_url, tmp_path) as (home, _):
        told = await call(home, home.resident(1).token, str(uuid.uuid4()), location=AT)
        request, city = told["request"], told["city"]
        # as a browser does it: with the host's own cookie, which is the other city's, and the token in `hello`
        origin = f"http://{home.host}:{home.port}"
        cookie = {"Origin": origin, "Cookie": f"kt_resident_{home.port}={home.resident(1).token}"}
        hello = {"t": "hello", "token": city["token"]}
        raw = await home.client(None, f"/v1/live?city={CODE}", hello=hello, headers=cookie)
        assert (await raw.welcome())["person"] == city["person"]
        await raw.joins(f"help/{city['person']}")
        await raw.knows(f"help/{city['person']}", lambda table: request in table.things)
        assert (await raw.calls("medic.describe", {"request": request, "note": "Pagar hijau"}))["ok"]
        body = {"id": str(uuid.uuid4()), "cmd": "medic.cancel", "data": {"request": request}}
        status, _, answer = await home.http("POST", f"/v1/commands?city={CODE}", body, token=city["token"])
        assert (status, answer["data"]["state"]) == (200, "cancelled")
        await raw.knows(f"help/{city['person']}", lambda table: table.things[request]["state"] == "cancelled")
        await raw.end()


@on_loop
async def test_a_place_in_no_served_city_stays_and_is_marked(valkey_url: str, tmp_path: Path) -> None:
    """The page's city takes it; its desk decides."""
    async with two_cities(valkey_url, tmp_path) as (home, beside):
        told = await call(
            home, home.resident(1).token, str(uuid.uuid4()), location={"lat": NOWHERE[0], "lon": NOWHERE[1]}
        )
        assert "city" not in told
        (request,) = await requests(home)
        assert request["outside_city"] is True
        assert await requests(beside) == []


@on_loop
async def test_what_stays_at_home(valkey_url: str, tmp_path: Path) -> None:
    """A drill, a named kelurahan, no place, a place at home, and a call that a desk enters."""
    async with two_cities(valkey_url, tmp_path) as (home, beside):
        stays: list[dict[str, Any]] = [{"location": AT, "drill": True}, {"location": AT, "kelurahan": "meri"}, {}]
        for number, data in enumerate([*stays, {"location": HOME}]):
            assert "city" not in await call(home, home.resident(number).token, str(uuid.uuid4()), **data)
        desk = await home.staff("dispatcher", desk="medic")
        assert "city" not in await call(home, desk.token, str(uuid.uuid4()), location=AT, source="phone_119")
        assert await requests(beside) == []


@on_loop
async def test_it_works_both_ways_and_over_a_socket(valkey_url: str, tmp_path: Path) -> None:
    """The neighbour's resident who taps in Kota Mojokerto is helped in Kota Mojokerto."""
    async with two_cities(valkey_url, tmp_path) as (home, beside):
        client = await beside.client(beside.resident(3).token)
        reply = await client.calls("medic.call", {"location": HOME})
        assert reply["ok"], reply
        assert reply["data"]["city"]["code"] == "35.76"
        (request,) = await requests(home)
        assert request["kelurahan"] == "kranggan"
        wrong = await client.calls("medic.call", {"location": {**HOME, "accuracy_m": -1}})
        assert wrong["code"] == "bad_data"
        await client.end()


@on_loop
async def test_a_person_who_was_signed_out_there_is_taken_here(valkey_url: str, tmp_path: Path) -> None:
    """A call is never lost for want of a sign-in: it stays at home, marked."""
    async with two_cities(valkey_url, tmp_path) as (home, beside):
        who = home.resident(1)
        token = (await call(home, who.token, str(uuid.uuid4()), location=AT))["city"]["token"]
        known = await beside.node.identity.resolve(token)
        assert known is not None
        assert await beside.node.identity.revoke(known, "current")
        told = await call(home, who.token, str(uuid.uuid4()), location=AT)
        assert "city" not in told
        assert [one["outside_city"] for one in await requests(home)] == [True]


@pytest.mark.parametrize("place", [None, "x", {}, {"lat": "a", "lon": 1.0}, {"lat": float("nan"), "lon": 1.0}])
def test_a_place_that_is_none_crosses_nothing(place: Any) -> None:
    """What is wrong with it is said by the city of the page."""

    class Here:
        class store:
            city = "35.76"

    border = Border((), {}, {"35.76": lambda lat, lon: False, CODE: lambda lat, lon: lat > 0})
    assert border.across(Here, Crossing("location"), {"location": place}) is None  # type: ignore[arg-type]
