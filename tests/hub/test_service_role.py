"""What another system may do: the commands that name its role, and its own orders and wants. Nothing else."""

from __future__ import annotations

import uuid
from typing import Any, Final

from hub import app
from hub.contract import Actor
from hub.dispatch import Dispatch
from hub.identity import STAFF
from hub.seed import read_seed, sow
from hub.up import SEED
from tests.support.clients import client
from tests.support.http import http
from tests.support.live import Hub, on_loop, running_hub

SERVICES: Final = app.services()
COMMANDS: Final = sorted(SERVICES.commands)
NAMED: Final = {name: spec for name, (_, spec) in SERVICES.commands.items() if "service" in spec.roles}
OPEN_TO_SERVICES: Final = {name for name, spec in NAMED.items() if spec.desk is None}
ORDER: Final = {
    "shop": "s01",
    "lines": [{"product": "p1", "quantity": 2, "price": 12000}],
    "fulfilment": "pickup",
    "name": "Kasir",
    "phone": "0812 0000 0001",
}


async def asks(hub: Hub, token: str, cmd: str, data: dict[str, Any], id_: str | None = None) -> tuple[int, Any]:
    body = {"id": id_ or str(uuid.uuid4()), "cmd": cmd, "data": data}
    status, _, answer = await http(hub.port, "POST", "/v1/commands", body, token=token)
    return status, answer


async def reads(hub: Hub, token: str, topic: str) -> tuple[int, Any]:
    status, _, answer = await http(hub.port, "GET", f"/v1/topics/{topic}", token=token)
    return status, answer


def test_the_commands_of_other_systems_are_few() -> None:
    """A new command is closed to them unless it says otherwise; whoever opens one changes this line."""
    opened = ["order.cancel", "order.place", "order.read", "want.close", "want.pick", "want.post", "want.read"]
    assert sorted(OPEN_TO_SERVICES) == opened
    at_desk = {name: spec.desk for name, spec in NAMED.items() if spec.desk is not None}
    assert at_desk == dict.fromkeys(("alert.cancel", "alert.publish", "alert.update"), "city")


@on_loop
async def test_a_service_gives_only_the_commands_that_name_it(valkey_url: str) -> None:
    """Every command of every service: `not_allowed`, or its data are looked at. Fleeting ones too."""
    async with running_hub(valkey_url, carried=app.services()) as hub:
        token = (await hub.staff("service", "Kasir")).token
        for cmd in COMMANDS:
            status, answer = await asks(hub, token, cmd, {})
            refused = (403, "not_allowed") if cmd not in OPEN_TO_SERVICES else (400, "bad_data")
            assert (status, answer["code"]) == refused, cmd
        async with client(hub.port, token) as one:
            for cmd in SERVICES.tells:
                one.frames.clear()
                await one.send({"t": "tell", "cmd": cmd, "data": {}})
                reply = await one.heard(lambda frame: frame["t"] == "reply")
                assert reply["code"] == "not_allowed"


def named(pattern: str, person: str) -> str:
    """A topic of this shape whose every `<...>` is the person, or what its service knows."""
    known = {"<kelurahan>": "kranggan", "<category>": "food"}
    return "/".join(known.get(part, person if part.startswith("<") else part) for part in pattern.split("/"))


@on_loop
async def test_a_service_reads_what_anybody_may_and_its_own_topic(valkey_url: str) -> None:
    """Every topic of every service, by HTTP and by socket; named after itself it is still only `person/<id>`."""
    async with running_hub(valkey_url, carried=app.services()) as hub:
        mine, other = await hub.staff("service", "A"), await hub.staff("service", "B")
        visitor, own = Actor(person="", role="visitor"), f"person/{mine.person}"
        patterns = {rule.pattern for channel in SERVICES.channels for rule in channel.topics}
        names = {named(pattern, person) for pattern in patterns for person in (mine.person, other.person)}
        assert len(names) > len(patterns)
        async with client(hub.port, mine.token) as one:
            for name in sorted(names):
                topic = SERVICES.topic(name)
                assert topic is not None
                free = topic.allows(visitor) or name == own
                status, _ = await reads(hub, mine.token, name)
                joined = await one.joins(name)
                assert (status, joined["t"]) == ((200, "state") if free else (403, "reply")), name


@on_loop
async def test_nobody_else_reads_a_services_topic(valkey_url: str) -> None:
    """Not even an admin."""
    bound = {"seller": {"shop": "s01"}, "crew": {"van": "v"}, "tracker": {"van": "v"}, "dispatcher": {"desk": "market"}}
    async with running_hub(valkey_url, carried=app.services()) as hub:
        service = await hub.staff("service", "A")
        others = [await hub.staff(role, "B", **bound.get(role, {})) for role in STAFF]
        for other in (*others, hub.resident()):
            assert (await reads(hub, other.token, f"person/{service.person}"))[0] == 403, other.role
        assert (await http(hub.port, "GET", f"/v1/topics/person/{service.person}"))[0] == 401


@on_loop
async def test_a_service_places_and_reads_its_own_orders_and_wants(valkey_url: str) -> None:
    """The same id is the same order; another service, a resident and a shop's seller see their own only."""
    carried = app.services()
    async with running_hub(valkey_url, carried=carried) as hub:
        await sow(Dispatch(hub.store, carried), {"shops": read_seed(SEED)["shops"][:3]})
        mine, other = await hub.staff("service", "A"), await hub.staff("service", "B")
        id_ = str(uuid.uuid4())
        status, placed = await asks(hub, mine.token, "order.place", ORDER, id_)
        assert status == 200, placed
        assert await asks(hub, mine.token, "order.place", ORDER, id_) == (200, placed)
        order = placed["data"]["order"]
        want = {"category": "goods", "words": "sepatu", "kelurahan": "kranggan"}
        status, posted = await asks(hub, mine.token, "want.post", want)
        assert status == 200, posted
        _, topic = await reads(hub, mine.token, f"person/{mine.person}")
        assert topic["things"][order]["total"] == 24000
        assert topic["things"][posted["data"]["want"]]["type"] == "want"
        assert (await asks(hub, mine.token, "order.read", {"order": order}))[1]["data"]["order"]["id"] == order
        strangers = [other.token, hub.resident(1).token, (await hub.staff("seller", "C", shop="s02")).token]
        for token in strangers:
            for cmd, data in (
                ("order.read", {"order": order}),
                ("order.cancel", {"order": order, "reason": "mistake"}),
                ("want.read", {"want": posted["data"]["want"]}),
                ("want.close", {"want": posted["data"]["want"]}),
            ):
                status, answer = await asks(hub, token, cmd, data)
                assert status in (403, 404), (cmd, answer)
                assert "Kasir" not in str(answer)
                assert "0812" not in str(answer)
        _, topic = await reads(hub, other.token, f"person/{other.person}")
        assert topic["things"] == {}
        assert (await asks(hub, mine.token, "order.cancel", {"order": order, "reason": "mistake"}))[0] == 200


@on_loop
async def test_a_revoked_service_is_nobody(valkey_url: str) -> None:
    """Signed out, its token does nothing; a fresh code for the same account does, and it finds its orders."""
    carried = app.services()
    async with running_hub(valkey_url, carried=carried) as hub:
        await sow(Dispatch(hub.store, carried), {"shops": read_seed(SEED)["shops"][:1]})
        first = await hub.staff("service", "A")
        _, placed = await asks(hub, first.token, "order.place", ORDER)
        assert (await http(hub.port, "DELETE", "/v1/sessions/current", token=first.token))[0] == 200
        assert (await asks(hub, first.token, "order.place", ORDER))[0] == 401
        again = await hub.staff("service", "A", person=first.person)
        _, topic = await reads(hub, again.token, f"person/{first.person}")
        assert list(topic["things"]) == [placed["data"]["order"]]
