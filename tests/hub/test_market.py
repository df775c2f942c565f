"""Shops, orders and wants over real sockets of two hubs on the real store: races, joins, bad input."""

from __future__ import annotations

import asyncio
import uuid
from typing import Any

import pytest

from hub.app import services
from hub.contract import State
from hub.errors import StoreUnavailable
from tests.support.clients import client
from tests.support.http import http
from tests.support.live import on_loop, running_hub, until
from tests.support.town import Town, refusals, town

PRODUCTS = [
    {"id": "p1", "name": "Kue lumpur", "price": 3000},
    {"id": "p2", "name": "Lapis", "price": 45000, "stock": 1},
]
LAST = {"product": "p2", "quantity": 1, "price": 45000}
EMOJI = "🎂" * 4000
"""16 KB."""


def basket(**more: Any) -> dict[str, Any]:
    return {"shop": "s1", "lines": [LAST], "fulfilment": "pickup", "name": "Ani", "phone": "0812345678", **more}


def wish(**more: Any) -> dict[str, Any]:
    return {"category": "food", "words": "kue lumpur", "kelurahan": "kranggan", "name": "Ani", "phone": "0812345678",
            **more}  # fmt: skip


async def stock(city: Town) -> int:
    left: int = (await city.table("shop/s1"))["p2"]["stock"]
    return left


# -- races -------------------------------------------------------------------------------------


@pytest.mark.parametrize("buyers", [2, 20])
@on_loop
async def test_the_last_piece_is_sold_once(store_url: str, buyers: int) -> None:
    """Through two hubs, both decided before either is committed: one `ok`, the others `out_of_stock`, stock 0."""
    async with town(store_url) as city:
        await city.shop("s1", products=PRODUCTS)
        people = await city.buyers(buyers)
        city.gate()
        replies = await asyncio.gather(*(one.calls("order.place", basket()) for one in people))
        assert refusals(list(replies)) == {"ok": 1, "out_of_stock": buyers - 1}
        assert {reply["data"]["stock"] for reply in replies if not reply["ok"]} == {0}
        assert await stock(city) == 0
        assert (await city.kinds("normal"))["order.placed"] == 1
        order = next(reply["data"]["order"] for reply in replies if reply["ok"])
        winner = next(one for one, reply in zip(people, replies, strict=True) if reply["ok"])
        assert (await winner.calls("order.cancel", {"order": order, "reason": "mistake"}))["ok"]
        assert await stock(city) == 1


@on_loop
async def test_stock_is_never_negative_and_nothing_is_lost(store_url: str) -> None:
    """Five pieces, twelve buyers who take one or two at once: what was sold and what is left are five."""
    async with town(store_url) as city:
        await city.shop("s1", products=[PRODUCTS[0], {**PRODUCTS[1], "stock": 5}])
        people = await city.buyers(12)
        city.gate()
        baskets = [basket(lines=[{**LAST, "quantity": 1 + number % 2}]) for number in range(12)]
        replies = await asyncio.gather(
            *(one.calls("order.place", data) for one, data in zip(people, baskets, strict=True))
        )
        sold = sum(1 + number % 2 for number, reply in enumerate(replies) if reply["ok"])
        assert set(refusals(list(replies))) <= {"ok", "out_of_stock"}
        assert sold + await stock(city) == 5


@on_loop
async def test_two_sellers_accept_at_once_and_one_wins(store_url: str) -> None:
    """One `ok`, one `taken` that names the winner, one event; the retries hear the same again."""
    async with town(store_url) as city:
        (one,) = await city.shop("s1", products=PRODUCTS)
        issued = await city.hubs[0].staff("seller", "Tari", shop="s1")
        sellers = [one, await city.sits(issued.token, 1)]
        (buyer,) = await city.buyers(1)
        order = (await buyer.calls("order.place", basket()))["data"]["order"]
        ids = [str(uuid.uuid4()) for _ in sellers]
        city.gate()
        accept = {"order": order, "prep_min": 10}
        replies = await asyncio.gather(
            *(seller.calls("order.accept", accept, id_) for seller, id_ in zip(sellers, ids, strict=True))
        )
        assert refusals(list(replies)) == {"ok": 1, "taken": 1}
        winner = next(place for place, reply in enumerate(replies) if reply["ok"])
        names = [(city.people[0], "Penjual s1"), (issued.person, "Tari")]
        (lost,) = [reply for reply in replies if not reply["ok"]]
        assert lost["data"]["winner"] == dict(zip(("person", "name"), names[winner], strict=True))
        assert (await city.kinds("normal"))["order.accepted"] == 1
        assert (await city.table("shop/s1"))[order]["accepted_by"] == names[winner][1]
        for seller, id_, reply in zip(sellers, ids, replies, strict=True):
            again = await seller.calls("order.accept", accept, id_)
            assert (again["ok"], again.get("code"), again["data"]) == (reply["ok"], reply.get("code"), reply["data"])


@on_loop
async def test_a_seller_accepts_while_the_buyer_cancels(store_url: str) -> None:
    """One of them is first, and the other hears it: never both, and never goods that are given back and made."""
    async with town(store_url) as city:
        (seller,) = await city.shop("s1", products=PRODUCTS)
        tabs = [await city.sits(city.hubs[0].resident(1).token, place) for place in (0, 1)]
        order = (await tabs[0].calls("order.place", basket()))["data"]["order"]
        city.gate()
        accepted, cancelled = await asyncio.gather(
            seller.calls("order.accept", {"order": order, "prep_min": 1}),
            tabs[1].calls("order.cancel", {"order": order, "reason": "mistake"}),
        )
        assert cancelled["ok"]  # an accepted order may still be cancelled
        state = (await city.table("shop/s1"))[order]["state"]
        assert state == "cancelled"
        assert accepted["ok"] or accepted["code"] == "illegal_step"
        assert await stock(city) == 1


@on_loop
async def test_two_picks_of_one_want_are_one_order(store_url: str) -> None:
    """Two tabs pick two answers at once: one order, and the other hears that it is picked."""
    async with town(store_url) as city:
        sellers = await city.shop("s1", "s2", products=PRODUCTS)
        tabs = [await city.sits(city.hubs[0].resident(1).token, place) for place in (0, 1)]
        want = (await tabs[0].calls("want.post", wish()))["data"]["want"]
        city.gate()
        for reply in await asyncio.gather(
            *(one.calls("want.answer", {"want": want, "kind": "have"}) for one in sellers)
        ):
            assert reply["ok"], reply
        city.gate()
        replies = await asyncio.gather(
            *(tab.calls("want.pick", {"want": want, "answer": f"s{n}"}) for n, tab in enumerate(tabs, 1))
        )
        assert refusals(list(replies)) == {"ok": 1, "illegal_step": 1}
        kinds = await city.kinds("normal")
        assert (kinds["want.picked"], kinds["order.placed"]) == (1, 1)
        states = sorted([(await city.table(f"shop/s{n}"))[f"want.{want}"]["state"] for n in (1, 2)])
        assert states == ["thanked", "won"]


@on_loop
async def test_ten_answers_at_once_are_ten(store_url: str) -> None:
    """Twelve shops tap together through two hubs: ten are in, two are too late, none is lost."""
    async with town(store_url) as city:
        sellers = await city.shop(*[f"s{n}" for n in range(12)])
        (buyer,) = await city.buyers(1)
        want = (await buyer.calls("want.post", wish()))["data"]["want"]
        city.gate()
        replies = list(
            await asyncio.gather(*(one.calls("want.answer", {"want": want, "kind": "have"}) for one in sellers))
        )
        while again := [place for place, reply in enumerate(replies) if reply.get("code") == "unavailable"]:
            for place in again:
                replies[place] = await sellers[place].calls("want.answer", {"want": want, "kind": "have"})
        assert refusals(replies) == {"ok": 10, "too_late": 2}
        read = await buyer.calls("want.read", {"want": want})
        assert len(read["data"]["want"]["answers"]) == 10


# -- who follows wants ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("topic", "code"),
    [
        ("wants/kranggan/food", None),
        ("wants/miji/food", None),
        ("wants/kranggan/goods", "not_allowed"),
        ("wants/atlantis/food", "unknown_topic"),
        ("wants/kranggan/cakes", "unknown_topic"),
    ],
)
@on_loop
async def test_sellers_follow_their_category(store_url: str, topic: str, code: str | None) -> None:
    """By socket and by HTTP, at both hubs, also where others have brought the table; residents follow none."""
    async with town(store_url) as city:
        await city.shop("s1")
        for follower in await city.shop("g1", "g2", category="goods"):
            assert (await follower.joins("wants/kranggan/goods"))["t"] == "state"
        seller, resident = await city.hubs[0].staff("seller", shop="s1"), city.hubs[0].resident()
        for hub in city.hubs:
            for token, refused in ((seller.token, code), (resident.token, code or "not_allowed")):
                async with client(hub.port, token) as one:
                    frame = await one.joins(topic)
                    status, _, body = await http(hub.port, "GET", f"/v1/topics/{topic}", token=token)
                    if refused is None:
                        assert (frame["t"], status, body["things"]) == ("state", 200, {})
                    else:
                        assert (frame["code"], body["code"]) == (refused, refused)
            status, _, body = await http(hub.port, "GET", f"/v1/topics/{topic}")
            assert body["code"] == ("unknown_topic" if code == "unknown_topic" else "not_signed_in")


@on_loop
async def test_a_followed_want_comes_and_goes(store_url: str) -> None:
    """One change when it is posted, one when it is over, with the same table at the other hub."""
    async with town(store_url) as city:
        (seller, other) = await city.shop("s1", "s2")
        (buyer,) = await city.buyers(1)
        for one in (seller, other):
            await one.joins("wants/kranggan/food")
        want = (await buyer.calls("want.post", wish()))["data"]["want"]
        for one in (seller, other):
            table = await one.knows("wants/kranggan/food", lambda table: want in table.things)
            assert table.things[want]["front"] == ["s1", "s2"]
            assert not {"name", "phone"} & table.things[want].keys()
        assert (await buyer.calls("want.close", {"want": want}))["ok"]
        for one in (seller, other):
            await one.knows("wants/kranggan/food", lambda table: not table.things)


@on_loop
async def test_leaving_while_the_store_is_asked(valkey_url: str) -> None:
    """Left before it was known whose topic it is: nothing of it comes any more, and no join is left hanging."""
    async with town(valkey_url) as city:
        await city.shop("s1")
        hub = city.hubs[0]
        seller = await hub.staff("seller", shop="s1")
        async with client(hub.port, seller.token) as one:
            gate, ask = asyncio.Event(), hub.store.found

            async def held(*args: Any) -> State:
                await gate.wait()
                return await ask(*args)

            hub.store.found = held  # type: ignore[method-assign,assignment]
            for ref, topic in ((90, "wants/kranggan/food"), (91, "wants/kranggan/goods")):
                await one.send({"t": "join", "ref": ref, "topic": topic})
                await one.send({"t": "leave", "ref": ref + 10, "topic": topic})
                await one.heard(lambda frame, ref=ref: frame.get("ref") == ref + 10)  # type: ignore[misc]
            (connection,) = [each for each in hub.node.connections if each.actor.person == seller.person]
            assert connection._joining
            gate.set()
            await one.heard(lambda frame: frame.get("ref") == 91)
            await until(lambda: not connection._joining)
            assert not connection.topics
            assert not [name for name in hub.node.fanout.topics if name.startswith("wants/")]


@on_loop
async def test_a_check_that_cannot_be_made_refuses_the_join(valkey_url: str) -> None:
    """`unavailable`, which may be tried again, by socket and by HTTP; afterwards it works."""
    async with town(valkey_url) as city:
        await city.shop("s1")
        hub = city.hubs[0]
        seller = await hub.staff("seller", shop="s1")
        async with client(hub.port, seller.token) as one:
            ask = hub.store.found

            async def gone(*args: Any) -> State:
                raise StoreUnavailable("gone")

            hub.store.found = gone  # type: ignore[method-assign,assignment]
            reply = await one.joins("wants/kranggan/food")
            assert (reply["code"], reply["retry"]) == ("unavailable", True)
            status, _, body = await http(hub.port, "GET", "/v1/topics/wants/kranggan/food", token=seller.token)
            assert (status, body["code"]) == (503, "unavailable")
            hub.store.found = ask  # type: ignore[method-assign]
            assert (await one.joins("wants/kranggan/food"))["t"] == "state"


@on_loop
async def test_the_help_hub_has_no_wants(valkey_url: str) -> None:
    """They are joined at a public hub."""
    async with running_hub(valkey_url, carried=services(), kind="help") as hub:
        seller = await hub.staff("seller", shop="s1")
        async with client(hub.port, seller.token) as one:
            assert (await one.joins("wants/kranggan/food"))["code"] == "unknown_topic"


# -- bad input ---------------------------------------------------------------------------------------


BAD: list[tuple[str, str, dict[str, Any], str, str]] = [
    ("buyer", "order.place", basket(lines=[{**LAST, "price": -1}]), "bad_data", "data.lines[0].price"),
    ("buyer", "order.place", basket(lines=[{**LAST, "price": 4.5}]), "bad_data", "data.lines[0].price"),
    ("buyer", "order.place", basket(lines=[{**LAST, "quantity": 0}]), "bad_data", "data.lines[0].quantity"),
    ("buyer", "order.place", basket(lines=[{**LAST, "quantity": 10**6}]), "bad_data", "data.lines[0].quantity"),
    ("buyer", "order.place", basket(lines=[{**LAST, "product": "p3"}]), "not_found", "data.lines[0].product"),
    ("buyer", "order.place", basket(shop="s9"), "not_found", "data.shop"),
    ("buyer", "order.place", basket(note=EMOJI), "bad_data", "data"),
    ("buyer", "order.place", basket(name=EMOJI[:2000]), "bad_data", "data.name"),
    ("buyer", "order.cancel", {"order": "../s1", "reason": "mistake"}, "bad_data", "data.order"),
    ("buyer", "order.cancel", {"order": 7, "reason": "mistake"}, "bad_data", "data.order"),
    ("buyer", "order.accept", {"order": "o", "prep_min": 1}, "not_allowed", "order.accept is not for resident"),
    ("buyer", "want.post", wish(words=EMOJI[:2000]), "bad_data", "data.words"),
    ("buyer", "want.pick", {"want": "w9", "answer": "s1"}, "not_found", "no want w9"),
    ("seller", "product.save", {"name": "Kue", "price": -1}, "bad_data", "data.price"),
    ("seller", "product.save", {"name": "Kue", "price": "1"}, "bad_data", "data.price"),
    ("seller", "product.save", {"shop": "s2", "name": "Kue", "price": 1}, "not_allowed", "product.save is for"),
    ("seller", "product.stock", {"product": "p1", "stock": 10**7}, "bad_data", "data.stock"),
    ("seller", "shop.register", {"shops": []}, "not_allowed", "shop.register is not for seller"),
    ("seller", "shop.presence", {"person": "x", "reachable": True}, "not_allowed", "shop.presence is not for seller"),
    ("seller", "order.expire", {"order": "o"}, "not_allowed", "order.expire is not for seller"),
    ("seller", "alarm.take", {"alarm": "o.unheard"}, "not_allowed", "alarm.take is not for seller"),
]


@on_loop
async def test_bad_input_is_named_and_changes_nothing(store_url: str) -> None:
    """Each by socket and by HTTP: the code and the path, no commit; and the good one after them works."""
    async with town(store_url) as city:
        await city.shop("s1", "s2", products=PRODUCTS)
        hub = city.hubs[0]
        tokens = {"buyer": hub.resident(5).token, "seller": (await hub.staff("seller", shop="s1")).token}
        before = (await city.kinds("normal")).total()
        for who, cmd, data, code, said in BAD:
            async with client(hub.port, tokens[who]) as one:
                reply = await one.calls(cmd, data)
            assert (reply["ok"], reply["code"]) == (False, code), (cmd, reply)
            assert reply["message"].startswith(said), (cmd, reply)
            body = {"id": str(uuid.uuid4()), "cmd": cmd, "data": data}
            _, _, answer = await http(hub.port, "POST", "/v1/commands", body, token=tokens[who])
            assert (answer["code"], answer["message"]) == (reply["code"], reply["message"])
        assert (await city.kinds("normal")).total() == before
        async with client(hub.port, tokens["buyer"]) as one:
            assert (await one.calls("order.place", basket()))["ok"]


@on_loop
async def test_no_number_is_refused_with_its_path(valkey_url: str) -> None:
    """NaN and infinity, in MessagePack, which can say them."""
    async with town(valkey_url) as city:
        await city.shop("s1", products=PRODUCTS)
        (buyer,) = await city.buyers(1)
        for value in (float("nan"), float("inf")):
            ref = await buyer.asks("order.place", basket(lines=[{**LAST, "price": value}]))
            reply = await buyer.heard(lambda f: f["t"] == "reply" and not f["ok"] and f["ref"] in (ref, None))  # noqa: B023
            assert reply["code"] == "bad_data"
            assert "data.lines[0].price" in reply["message"]
            buyer.frames.clear()


@on_loop
async def test_an_answer_after_the_want_closed(store_url: str) -> None:
    """`too_late`, with how it ended, 409 by HTTP; somebody else's order is `not_allowed`."""
    async with town(store_url) as city:
        seller, stranger = await city.shop("s1", "s2", products=PRODUCTS)
        (buyer,) = await city.buyers(1)
        want = (await buyer.calls("want.post", wish()))["data"]["want"]
        assert (await buyer.calls("want.close", {"want": want}))["ok"]
        reply = await seller.calls("want.answer", {"want": want, "kind": "have"})
        assert (reply["code"], reply["data"]) == ("too_late", {"state": "closed"})
        order = (await buyer.calls("order.place", basket()))["data"]["order"]
        reply = await stranger.calls("order.accept", {"order": order, "prep_min": 1})
        assert (reply["code"], reply["message"]) == ("not_allowed", "order.accept is for a seller of the shop")


# -- alarms -------------------------------------------------------------------------------------------


@on_loop
async def test_each_desk_takes_its_own_alarms(store_url: str) -> None:
    """One command, two services: by the desk of who asks; one of two who take it hears by whom."""
    async with town(store_url) as city:
        await city.shop("s1", products=PRODUCTS)
        await city.deafen("s1", city.people[0])
        (buyer,) = await city.buyers(1)
        order = (await buyer.calls("order.place", basket()))["data"]["order"]
        alarm = {"alarm": f"{order}.unheard"}
        desks = {
            name: await city.sits((await city.hubs[0].staff("dispatcher", name, desk=desk)).token, place)
            for place, (name, desk) in enumerate(
                [("Endah", "market"), ("Fitri", "market"), ("Wulan", "medic"), ("Gita", "van")]
            )
        }
        assert (await desks["Wulan"].calls("alarm.take", alarm))["code"] == "not_found"
        assert (await desks["Gita"].calls("alarm.take", alarm))["code"] == "not_found"
        city.gate()
        replies = await asyncio.gather(*(desks[name].calls("alarm.take", alarm) for name in ("Endah", "Fitri")))
        assert refusals(list(replies)) == {"ok": 1, "taken": 1}
