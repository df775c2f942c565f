"""Who was shown whose card: noted once, off the urgent path, for the person whose it is."""

from __future__ import annotations

import uuid
from typing import Any

import pytest

from channels.medic import Medic
from hub.commit import unpack
from hub.contract import Actor
from hub.dispatch import Dispatch
from hub.errors import StoreError, StoreUnavailable
from hub.looks import MOST_WAITING, WINDOW_MS, Look, Looks, looks_at
from hub.store import Store
from tests.channels.world import CITY as GROUND
from tests.support.clients import Client
from tests.support.http import http
from tests.support.live import on_loop, opened, running_hub

ANI = Actor("ani", "resident")
DESK = Actor("endah", "dispatcher", name="Endah", desk="medic")
OTHER = Actor("fitri", "dispatcher", name="Fitri", desk="medic")
HERE = {"lat": -7.4795, "lon": 112.4356, "accuracy_m": 20.0}


async def called(dispatch: Dispatch, **more: Any) -> str:
    answer = await dispatch.run("medic.call", {"location": HERE, **more}, ANI, str(uuid.uuid4()))
    assert answer.data is not None
    return str(answer.data["request"])


async def view_of(store: Store, request: str) -> bytes:
    return (await store.table("urgent", "dispatch")).things[request]


async def entries(store: Store) -> list[dict[str, Any]]:
    (rows,) = await store.many("normal", [["XRANGE", store.keys.audit, "-", "+"]])
    found = [unpack(dict(zip(row[1][::2], row[1][1::2], strict=True))[b"e"]) for row in rows]
    return [one for one in found if one["cmd"] == "privacy.look"]


@on_loop
async def test_a_desks_view_is_a_look_once_in_ten_minutes(store_url: str) -> None:
    """However often it is shown and at whichever hub; each viewer has a look of their own; a resident's screen none."""
    async with opened(store_url, Medic(GROUND)) as (store, dispatch):
        request = await called(dispatch)
        view, one, other = await view_of(store, request), *(Looks(store, dispatch.services) for _ in range(2))
        for _ in range(3):
            one.shown("request", view, [DESK, ANI])
        assert await one.note() == 1
        one.shown("request", view, [DESK])
        other.shown("request", view, [DESK, OTHER])
        assert [await one.note(), await other.note()] == [0, 1]
        looks = await looks_at(store, "ani")
        assert [(look.viewer, look.role, look.desk, look.thing) for look in looks] == [
            ("fitri", "dispatcher", "medic", f"request/{request}"),
            ("endah", "dispatcher", "medic", f"request/{request}"),
        ]
        assert [(one["by"], one["about"], one["things"]) for one in await entries(store)] == [
            ("endah", "ani", [f"request/{request}"]), ("fitri", "ani", [f"request/{request}"]),
        ]  # fmt: skip
        (left_ms,) = await store.many("normal", [["PTTL", store.keys.looked("endah", f"request/{request}")]])
        assert 0 < left_ms <= WINDOW_MS


@on_loop
async def test_what_shows_nothing_personal_is_no_look(valkey_url: str) -> None:
    """A view that is no card, one without personal fields, a blurred one, and a thing that is gone."""
    async with opened(valkey_url, Medic(GROUND)) as (store, dispatch):
        bare = await dispatch.run("medic.call", {"kelurahan": "kranggan"}, ANI, str(uuid.uuid4()))
        assert bare.data is not None
        looks = Looks(store, dispatch.services)
        view = await view_of(store, bare.data["request"])
        looks.shown("request", view, [DESK])
        looks.shown("alarm", view, [DESK])
        looks.read([view], OTHER)
        assert await looks.note() == 0
        request = await called(dispatch, drill=True, phone="0812")
        gone = (await view_of(store, request)).replace(request.encode(), str(uuid.uuid4()).encode())
        looks.shown("request", gone, [DESK])
        assert await looks.note() == 0
        assert await looks_at(store, "ani") == []


@on_loop
async def test_reading_the_whole_way_is_a_look(valkey_url: str) -> None:
    """`medic.read` says whose card its answer shows; a look at a card that is read again is the same."""
    async with opened(valkey_url, Medic(GROUND)) as (store, dispatch):
        request = await called(dispatch)
        looks = Looks(store, dispatch.services)
        looks.answered("medic.read", {"request": request}, DESK)
        looks.answered("medic.close", {"request": request}, OTHER)
        looks.read([await view_of(store, request)], DESK)
        assert await looks.note() == 1
        assert [look.viewer for look in await looks_at(store, "ani")] == ["endah"]


@on_loop
async def test_what_the_store_did_not_take_is_noted_later(
    valkey_url: str, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """Nothing is lost while the store is away; what is too much is dropped, the oldest first, and said."""
    async with opened(valkey_url, Medic(GROUND)) as (store, dispatch):
        request, looks = await called(dispatch), Looks(store, dispatch.services)
        view = await view_of(store, request)
        looks.shown("request", view, [DESK])
        with monkeypatch.context() as away:

            async def gone(*args: Any, **more: Any) -> Any:
                raise StoreUnavailable("away")

            away.setattr(store, "script", gone)
            with pytest.raises(StoreError):
                await looks.note()
        assert await looks.note() == 1
        for _ in range(MOST_WAITING + 1):
            looks.shown("request", view, [OTHER])
        assert await looks.note() == 1
        assert "1 views were shown faster" in caplog.text


@on_loop
async def test_a_city_that_keeps_no_names_keeps_looks_in_the_log_alone(valkey_url: str) -> None:
    """`retain_days.name = 0`: nothing for the person to read."""
    async with opened(valkey_url, Medic(GROUND)) as (store, dispatch):
        request, looks = await called(dispatch), Looks(store, dispatch.services)
        looks.keep_days = 0
        looks.shown("request", await view_of(store, request), [DESK])
        assert await looks.note() == 1
        assert await looks_at(store, "ani") == []
        assert len(await entries(store)) == 1


@on_loop
async def test_a_hub_notes_whatever_it_gives_to_a_desk(valkey_url: str) -> None:
    """By a socket that follows the board, by a table over HTTP, and by a command that reads the whole way."""
    async with running_hub(valkey_url, Medic(GROUND)) as hub:
        caller, store = hub.resident(1), hub.store
        client = await Client.open(hub.port, caller.token)
        await client.welcome()
        reply = await client.calls("medic.call", {"location": HERE, "phone": "0812"})
        request = reply["data"]["request"]
        people = [await hub.staff("dispatcher", name, desk="medic") for name in ("Endah", "Fitri", "Gita")]
        board = await Client.open(hub.port, people[0].token)
        await board.welcome()
        await board.joins("dispatch")
        headers = {"Authorization": f"Bearer {people[1].token}"}
        assert (await http(hub.port, "GET", "/v1/topics/dispatch", headers=headers))[0] == 200
        reader = await Client.open(hub.port, people[2].token)
        await reader.welcome()
        assert (await reader.calls("medic.read", {"request": request}))["ok"]
        assert await hub.node.looks.note() == 3
        looks: list[Look] = await looks_at(store, caller.person)
        assert {look.viewer for look in looks} == {one.person for one in people}
        for one in (client, board, reader):
            await one.end()
