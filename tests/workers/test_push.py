"""Waking phones, whole: from a call's commit to a push service that may be anything."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping

import pytest
from msgspec import structs

from channels.rings import OFFERS
from hub.commit import pack, unpack
from hub.contract import View, Wake
from tests.support.live import on_loop, until
from tests.support.push import (
    ANI,
    DARMO,
    ELSEWHERE,
    ENDAH,
    JOKO,
    SRI,
    TARI,
    WULAN,
    notes,
    order,
    pushing,
    shop_of,
    trip_of,
    ward,
)
from tests.support.receivers import FAULT, GONE, OK, SILENT, always, standing
from workers import push as module
from workers.post import Answer
from workers.push_feed import Shown
from workers.timers import Timers

CREATED = b"HTTP/1.1 201 Created\r\nContent-Length: 0\r\n\r\n"
BUSY = b"HTTP/1.1 429 Too Many Requests\r\nRetry-After: 0\r\nContent-Length: 0\r\n\r\n"
FORBIDDEN = b"HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\n\r\n"


@on_loop
async def test_an_offer_wakes_each_device_of_a_sleeping_medic_once(valkey_url: str) -> None:
    """Urgent, for 60 s at most; the body says a kind, an id and the city alone, to this device alone."""
    async with ward(valkey_url) as city, standing() as stand:
        stand.answering = always(CREATED)
        _, devices = await city.sleeper(stand.url + "&n=1", stand.url + "&n=2")
        async with pushing(city), pushing(city):
            request = await city.call()
            await until(lambda: len(stand.heard) == 2)
            other = await city.call()  # the medic has another offer now: two more, and no more of the first
            await until(lambda: len(stand.heard) == 4)
        for number, device in enumerate(devices, 1):
            mine = [heard for heard in stand.heard if f"n={number}" in heard.line]
            assert [heard.headers["urgency"] for heard in mine] == ["high", "high"]
            assert all(0 < int(heard.headers["ttl"]) <= 60 for heard in mine)
            assert notes(mine, device) == [{"kind": "offer", "id": id_, "city": "35.76"} for id_ in (request, other)]


@on_loop
async def test_a_worker_that_starts_again_wakes_for_what_is_open_still(valkey_url: str) -> None:
    """What was offered in the last minute and is open is sent; what was sent is not sent again."""
    async with ward(valkey_url) as city, standing() as stand:
        medic, (device,) = await city.sleeper(stand.url)
        declined = await city.call()
        await city.give("medic.decline", medic, request=declined)
        request = await city.call()
        for _ in range(2):
            async with pushing(city) as pushes:
                await until(lambda: stand.heard and not pushes._tasks and pushes._known)
        assert [note["id"] for note in notes(stand.heard, device)] == [request]


@on_loop
async def test_who_hears_is_not_woken(valkey_url: str) -> None:
    """Nothing goes to a medic whose page answers and received the offer; one that is silent is woken after all."""
    async with ward(valkey_url) as city, standing() as stand:
        medic, (device,) = await city.sleeper(stand.url)
        await city.hear(medic)
        async with pushing(city, patience_s=0.5) as pushes:
            heard = await city.call()
            await city.give("medic.receipt", medic, request=heard, level="received")
            await until(lambda: pushes._known and not pushes._tasks)
            assert stand.heard == []
            await city.hear(medic)
            silent = await city.call()
            await until(lambda: stand.heard)
        assert [note["id"] for note in notes(stand.heard, device)] == [silent]


@on_loop
async def test_a_drill_says_so(valkey_url: str) -> None:
    """Nobody is woken by a practised call without being told that it is one."""
    async with ward(valkey_url) as city, standing() as stand:
        medic, (device,) = await city.sleeper(stand.url)
        await city.give("medic.duty", medic, on=True, drills=True)
        async with pushing(city):
            await city.call(drill=True)
            await until(lambda: stand.heard)
        assert notes(stand.heard, device)[0]["kind"] == "drill"


@pytest.mark.parametrize("fault", [FAULT, BUSY, b""])
@on_loop
async def test_a_push_service_that_fails_is_asked_again(valkey_url: str, fault: bytes) -> None:
    """500, 429 and a connection that is closed: until it takes it; the phone is woken once."""
    async with ward(valkey_url) as city, standing() as stand:
        stand.answering = lambda heard: fault if len(stand.heard) == 1 else OK
        await city.sleeper(stand.url)
        async with pushing(city) as pushes:
            await city.call()
            await until(lambda: len(stand.heard) == 2 and not pushes._tasks)
        assert len(stand.heard) == 2
        assert (pushes.figures.sent, pushes.figures.failed, pushes.figures.accepted) == (2, 1, 1)


@pytest.mark.parametrize("answer", [GONE, GONE.replace(b"410", b"404")])
@on_loop
async def test_a_dead_subscription_is_forgotten_and_an_alarm(valkey_url: str, answer: bytes) -> None:
    """404 and 410: the device is forgotten, its page says so, and the desk hears of a medic whom nothing reaches."""
    async with ward(valkey_url) as city, standing() as stand:
        stand.answering = always(answer)
        medic, _ = await city.sleeper(stand.url)
        async with pushing(city) as pushes:
            await city.call()
            await until(lambda: stand.heard and not pushes._tasks)
        assert len(stand.heard) == 1
        assert (await city.kept.of("medic", medic.person), pushes.figures.dead) == ([], 1)
        alarms = (await city.store.table("urgent", "dispatch")).things
        assert {f"{medic.person}.deaf", f"{medic.person}.unwakeable"} <= alarms.keys()


@on_loop
async def test_a_refusal_is_final_and_forgets_nothing(valkey_url: str) -> None:
    """403: the same would be refused again; another offer is tried."""
    async with ward(valkey_url) as city, standing() as stand:
        stand.answering = always(FORBIDDEN)
        medic, _ = await city.sleeper(stand.url)
        async with pushing(city) as pushes:
            await city.call()
            await until(lambda: stand.heard and not pushes._tasks)
        assert len(stand.heard) == 1
        assert (len(await city.kept.of("medic", medic.person)), pushes.figures.refused) == (1, 1)


@on_loop
async def test_a_silent_push_service_delays_nobody_else(valkey_url: str) -> None:
    """Twenty devices at one that never answers: at most 16 at once there, and another's device is woken at once."""
    async with ward(valkey_url) as city, standing() as silent, standing() as well:
        silent.answering = always(SILENT)
        for number in range(2):
            await city.sleeper(*(f"{silent.url}&n={number}.{one}" for one in range(10)))
        await city.sleeper(well.url)
        async with pushing(city):
            await city.call()
            await until(lambda: well.heard, within_s=3)
            await until(lambda: silent.most == module.PER_SERVICE)
        assert silent.most == module.PER_SERVICE


@on_loop
async def test_nothing_goes_to_a_sign_in_that_is_over(valkey_url: str) -> None:
    """It is not sent, and the subscription is forgotten."""
    async with ward(valkey_url) as city, standing() as stand:
        medic, _ = await city.sleeper(stand.url)
        (one,) = await city.kept.of("medic", medic.person)
        async with pushing(city) as pushes:
            pushes.sweeping = False  # what is not swept away yet is looked at before it is sent
            await city.store.many("normal", [["HSET", city.store.keys.session(one.digest), "revoked", "1"]])
            await city.call()
            for _ in range(1000):
                if not await city.kept.people():
                    break
                await asyncio.sleep(0.005)
        assert await city.kept.people() == []
        assert stand.heard == []


@on_loop
async def test_where_a_worker_died_another_goes_on(valkey_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """The claim of one that died between taking and sending runs out."""
    monkeypatch.setattr(module, "LEASE_MS", 300)
    died: asyncio.Event = asyncio.Event()

    async def never(*_: object) -> Answer:
        died.set()
        await asyncio.Event().wait()
        raise AssertionError

    async with ward(valkey_url) as city, standing() as stand:
        await city.sleeper(stand.url)
        async with pushing(city, send=never):
            await city.call()
            await died.wait()
        async with pushing(city, patience_s=0.1):
            await until(lambda: stand.heard)


# -- whatever else rings ------------------------------------------------------------------


@on_loop
async def test_an_order_and_a_want_wake_the_sellers_who_sleep(valkey_url: str) -> None:
    """Those of the shop, at the frame's moment, although another's page received it; nobody of another shop."""
    async with ward(valkey_url) as city, standing() as stand:
        sleeping = await city.device(TARI, stand.url + "&n=tari")
        for other in (SRI, ELSEWHERE):
            await city.device(other, stand.url + "&n=other")
        await shop_of(city, SRI)
        async with pushing(city, patience_s=0.2) as pushes:
            placed = (await city.give("order.place", ANI, **order()))["order"]
            await city.give("order.receipt", SRI, order=placed, level="received")
            await until(lambda: len(stand.heard) == 1)
            post = {"category": "food", "words": "soto ayam", "kelurahan": "kranggan"}
            asked = (await city.give("want.post", ANI, **post))["want"]
            await until(lambda: len(stand.heard) == 2 and not pushes._tasks)
        assert all("n=tari" in one.line for one in stand.heard)
        assert notes(stand.heard, sleeping) == [
            {"kind": "order", "id": placed, "city": "35.76"}, {"kind": "want", "id": asked, "city": "35.76"},
        ]  # fmt: skip


@on_loop
async def test_an_alarm_wakes_the_dispatchers_of_its_desk(valkey_url: str) -> None:
    """The medic desk's, who sleep; the id tells no need, and nobody of the market hears of it."""
    async with ward(valkey_url) as city, standing() as stand:
        device = await city.device(WULAN, stand.url + "&n=wulan")
        await city.device(ENDAH, stand.url + "&n=endah")
        async with pushing(city):
            request = await city.call()  # nobody is on duty: an alarm in the call's own commit
            await until(lambda: stand.heard)
        (heard,) = stand.heard
        assert "n=wulan" in heard.line
        assert device.read(heard.body) == {"kind": "alarm", "id": request, "city": "35.76"}


@on_loop
async def test_a_changed_trip_wakes_its_vans_crew_whose_page_is_not_on_the_screen(valkey_url: str) -> None:
    """Every such phone of that crew, none of another van's; once one of them read it nobody is woken any more."""
    async with ward(valkey_url) as city, standing() as stand:
        device = await city.device(DARMO, stand.url + "&n=darmo")
        await city.device(JOKO, stand.url + "&n=joko")
        looking = structs.replace(DARMO, person="dewi")
        await city.device(looking, stand.url + "&n=dewi")
        await city.hear(looking, audible=False)
        timers = asyncio.create_task(Timers(city.store, city.dispatch).run())
        async with pushing(city, patience_s=0.1) as pushes:
            await trip_of(city)
            await until(lambda: stand.heard and not pushes._tasks)
        timers.cancel()
        (heard,) = stand.heard
        rung_at = unpack((await city.store.table("normal", "crew/v1")).things["v1"])["rung_at"]
        assert ("n=darmo" in heard.line, int(heard.headers["ttl"]) > 60) == (True, True)
        assert device.read(heard.body) == {"kind": "trip", "id": str(rung_at), "city": "35.76"}
        await city.give("news.seen", DARMO, van="v1", rung_at=rung_at)
        await city.store.many("normal", [["DEL", city.store.keys.here(looking.person)]])
        async with pushing(city, patience_s=0.1) as pushes:
            await until(lambda: pushes._known and not pushes._tasks)
        assert len(stand.heard) == 1


@on_loop
async def test_a_reminder_wakes_a_phone_whose_page_is_not_on_the_screen(valkey_url: str) -> None:
    """A page on the screen rings by itself; one that fell asleep behind its last beat is not believed for long."""
    async with ward(valkey_url) as city, standing() as stand:
        device = await city.device(ANI, stand.url)
        keys, at = city.store.keys, city.store.now()
        view = {"type": "reminder", "id": "b", "state": "ringing", "at": at, "stop": "b"}
        await city.store.many("normal", [["HSET", keys.table(f"person/{ANI.person}"), "b", pack(view)]])
        await city.hear(ANI, audible=False)
        async with pushing(city, patience_s=0.1) as pushes:
            rings = pushes._rings("normal", Shown(f"person/{ANI.person}", "b", view))
            await pushes._begin(rings)
            await until(lambda: not pushes._tasks)
            assert stand.heard == []
            await city.store.many("normal", [["DEL", keys.here(ANI.person)]])
            await pushes._begin(rings)
            await until(lambda: not pushes._tasks)
            assert stand.heard == []  # this device's turn was decided
        async with pushing(city, patience_s=0.1) as pushes:
            await pushes._begin(pushes._rings("normal", Shown(f"person/{ANI.person}", "b", view)))
            await until(lambda: stand.heard)
        assert notes(stand.heard, device) == [{"kind": "reminder", "id": str(at), "city": "35.76"}]
        assert int(stand.heard[0].headers["ttl"]) > 60


@on_loop
async def test_what_is_not_taken_in_its_time_is_late(valkey_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """A push service that is gone for as long as the ring is worth anything: tried, given up, counted."""

    def short(segments: Mapping[str, str], view: View) -> list[Wake]:
        return [structs.replace(wake, lasts_ms=700) for wake in OFFERS.wakes(segments, view)]

    async with ward(valkey_url) as city, standing() as stand:
        stand.answering = always(FAULT)
        rings = structs.replace(OFFERS, wakes=short)
        monkeypatch.setitem(city.dispatch.services.waking, (OFFERS.pattern, OFFERS.type), rings)
        await city.sleeper(stand.url)
        async with pushing(city) as pushes:
            await city.call()
            await until(lambda: stand.heard and not pushes._tasks)
        assert (pushes.figures.accepted, pushes.figures.late) == (0, 1)


@on_loop
async def test_a_crowd_of_shops_keeps_no_medic_waiting(valkey_url: str) -> None:
    """Twenty sellers' devices hang at the push service that a medic's device has too: the offer goes out at once."""
    async with ward(valkey_url) as city, standing() as stand:
        stand.answering = lambda heard: SILENT if "seller" in heard.line else OK
        for seller in (TARI, structs.replace(TARI, person="tini")):
            for number in range(10):
                await city.device(seller, f"{stand.url}&seller={number}")
        await shop_of(city, SRI)
        await city.sleeper(stand.url + "&medic")
        async with pushing(city):
            await city.give("order.place", ANI, **order())
            await until(lambda: len(stand.under_way) == module.PER_SERVICE)
            await city.call()
            await until(lambda: any("medic" in one.line for one in stand.heard), within_s=2)
