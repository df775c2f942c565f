"""The city's gateway: told of what no device received, signed, whatever becomes of it."""

from __future__ import annotations

import asyncio
import contextlib
import hmac
from collections.abc import AsyncIterator

import pytest

from hub.settings import Settings
from tests.support.live import on_loop, until
from tests.support.push import ANI, SRI, WULAN, Ward, order, shop_of, ward
from tests.support.receivers import FAULT, GARBAGE, OK, SILENT, Stand, always, standing
from workers import gateway as module
from workers.gateway import Gateway

SECRET = "sixteen characters"


@contextlib.asynccontextmanager
async def telling(city: Ward, stand: Stand, after_ms: int = 300) -> AsyncIterator[Gateway]:
    gateway = Gateway(
        city.store, city.dispatch.services, Settings(notify_url=stand.url, notify_secret=SECRET), after_ms=after_ms
    )
    running = asyncio.create_task(gateway.run())
    try:
        yield gateway
    finally:
        running.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await running


@on_loop
async def test_what_no_device_received_is_told_once_and_signed(valkey_url: str) -> None:
    """Two workers, one message; it names a person's id and no name, place or need. A received one is not told."""
    async with ward(valkey_url) as city, standing() as stand:
        medic, _ = await city.sleeper("https://push.example/1")
        async with telling(city, stand) as one, telling(city, stand) as other:
            received = await city.call()
            await city.give("medic.receipt", medic, request=received, level="received")
            request = await city.call()
            await until(lambda: stand.heard and not one._tasks and not other._tasks)
        (heard,) = stand.heard
        assert heard.told.keys() == {"kind", "id", "role", "person", "city", "at"}
        assert (heard.told["id"], heard.told["person"], heard.told["city"]) == (request, medic.person, "35.76")
        stamp = heard.headers["kentongan-timestamp"]
        made = hmac.new(SECRET.encode(), stamp.encode() + b"." + heard.body, "sha256").hexdigest()
        assert heard.headers["kentongan-signature"] == f"v1={made}"


@on_loop
async def test_not_before_its_time_and_never_of_a_drill(valkey_url: str) -> None:
    """An offer is the phones' for 10 s; what was answered in them is nobody's business."""
    async with ward(valkey_url) as city, standing() as stand:
        medic, _ = await city.sleeper("https://push.example/1")
        await city.give("medic.duty", medic, on=True, drills=True)
        async with telling(city, stand, after_ms=1_500) as gateway:
            await city.call(drill=True)
            request = await city.call()
            await until(lambda: gateway._tasks)
            assert len(gateway._tasks) == 1
            await city.give("medic.decline", medic, request=request)
            await until(lambda: not gateway._tasks)
        assert stand.heard == []


@pytest.mark.parametrize("fault", [FAULT, GARBAGE, b"", b"HTTP/1.1 302 Found\r\nLocation: /x\r\n\r\n", SILENT])
@on_loop
async def test_a_gateway_that_fails_is_told_again(
    valkey_url: str, monkeypatch: pytest.MonkeyPatch, fault: bytes | None
) -> None:
    """500, no HTTP, closed, elsewhere, silent: the same bytes, until it takes them."""
    monkeypatch.setattr(module, "TRY_S", 0.3)
    async with ward(valkey_url) as city, standing() as stand:
        stand.answering = lambda heard: fault if len(stand.heard) == 1 else OK
        await city.sleeper("https://push.example/1")
        async with telling(city, stand, after_ms=0) as gateway:
            await city.call()
            await until(lambda: len(stand.heard) == 2 and not gateway._tasks)
        assert stand.heard[0].body == stand.heard[1].body


@on_loop
async def test_it_is_given_up_after_a_minute(valkey_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """The ladder has gone on."""
    monkeypatch.setattr(module, "TRIED_MS", 500)
    async with ward(valkey_url) as city, standing() as stand:
        stand.answering = always(FAULT)
        await city.sleeper("https://push.example/1")
        async with telling(city, stand, after_ms=0) as gateway:
            await city.call()
            await until(lambda: gateway._known and not gateway._tasks)
        assert stand.heard
        assert (gateway.figures.late, gateway.figures.failed) == (1, len(stand.heard))


@on_loop
async def test_a_shops_second_contact_is_told_when_no_phone_of_the_shop_has_the_order(valkey_url: str) -> None:
    """At the number that the shop gave for it, by no name; an order that somebody answered is told no more."""
    async with ward(valkey_url) as city, standing() as stand:
        await shop_of(city, SRI)
        await city.give("shop.save", SRI, shop="s1", contact={"name": "Joko", "phone": "0811222333"})
        async with telling(city, stand, after_ms=0) as gateway:
            placed = (await city.give("order.place", ANI, **order()))["order"]
            assert stand.heard == []
            await city.deafen(SRI)
            await until(lambda: stand.heard and not gateway._tasks)
        told = next(one.told for one in stand.heard if one.told["kind"] == "contact")
        assert told == {"kind": "contact", "id": placed, "role": "contact", "shop": "s1", "phone": "0811222333",
                        "city": "35.76", "at": told["at"]}  # fmt: skip


@on_loop
async def test_an_alarm_that_no_desk_took_is_told(valkey_url: str) -> None:
    """Once, with the desk and the id of what it is about, and no need; one that is taken is not."""
    async with ward(valkey_url) as city, standing() as stand, telling(city, stand, after_ms=300) as gateway:
        taken = await city.call()
        await city.give("alarm.take", WULAN, alarm=f"{taken}.no_candidates")
        request = await city.call()
        await until(lambda: stand.heard and not gateway._tasks)
        assert [(one.told["kind"], one.told["id"]) for one in stand.heard] == [("alarm", request)]
        assert stand.heard[0].told.keys() == {"kind", "id", "role", "desk", "city", "at"}
        assert stand.heard[0].told["desk"] == "medic"
