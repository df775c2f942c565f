"""One hub and two: what must reach whom, when, and through whatever breaks."""

from __future__ import annotations

import asyncio
import contextlib
import signal
from collections.abc import Iterator
from typing import Any

import pytest

from hub import closing
from hub.contract import Decision, Receipt
from hub.settings import Settings
from tests.support.clients import Client, client
from tests.support.http import http
from tests.support.lamps import Lamps
from tests.support.live import on_loop, running_hub, switch, truth, two_hubs, until
from tests.support.raw import Raw, handshake
from tests.support.servers import StoreServer, running_store


@pytest.fixture
def server() -> Iterator[StoreServer]:
    with running_store("valkey") as one:
        yield one


@on_loop
async def test_a_revoked_session_closes_on_every_hub_within_a_second(valkey_url: str) -> None:
    """Its sockets, and no others; `bye` says not to come back."""
    async with two_hubs(valkey_url) as (one, two):
        medic, other = await one.staff("medic"), await one.staff("medic")
        sockets = [await Client.open(hub.port, medic.token) for hub in (one, two, two)]
        bystander = await Client.open(two.port, other.token)
        for each in (*sockets, bystander):
            await each.welcome()
        assert (await http(one.port, "DELETE", "/v1/sessions/current", token=medic.token))[0] == 200
        codes = [await each.closed(1.0) for each in sockets]
        assert codes == [closing.SIGNED_OUT] * 3
        assert (await bystander.calls("lamp.switch", {"lamp": "a"}))["ok"]
        for each in (*sockets, bystander):
            await each.end()


@pytest.mark.parametrize("by", ["header", "hello"])
@on_loop
async def test_a_session_revoked_while_it_is_greeted_closes_too(valkey_url: str, by: str) -> None:
    """Revoked between the sign-in and the welcome: the socket does not live on until the next check."""
    async with running_hub(valkey_url) as hub:
        medic = await hub.staff("medic")
        one = await Raw.open(hub.port)
        await one.write(handshake(hub.port, token=medic.token if by == "header" else None))
        assert await one.answered() == 101
        looked, gate, resolve = asyncio.Event(), asyncio.Event(), hub.node.identity.resolve
        who = await resolve(medic.token)
        assert who is not None

        async def late(token: str) -> Any:
            found = await resolve(token)
            looked.set()
            await gate.wait()
            return found

        hub.node.identity.resolve = late  # type: ignore[method-assign]
        if by == "hello":
            await one.send({"t": "hello", "token": medic.token})
            await looked.wait()
        await until(lambda: hub.node.connections)
        seen = hub.store.seen_commit
        await hub.node.identity.revoke(who, "current")
        await until(lambda: hub.node.bus.last["urgent"] > seen)
        gate.set()
        if by == "header":
            with contextlib.suppress(ConnectionError):
                await one.send({"t": "hello"})
        assert await one.hears_close() == closing.SIGNED_OUT
        await one.end()


@on_loop
async def test_a_lost_revocation_is_found_by_the_check(valkey_url: str) -> None:
    """Every live session is compared with the store; one that no longer stands closes."""
    async with running_hub(valkey_url, settings=Settings(session_check_s=1)) as hub:
        medic = await hub.staff("medic")
        one, two = await Client.open(hub.port, medic.token), await Client.open(hub.port, hub.resident().token)
        for each in (one, two):
            await each.welcome()
        who = await hub.node.identity.resolve(medic.token)
        assert who is not None
        await hub.store.many("normal", [["HSET", hub.store.keys.session(who.digest), "revoked", "1"]])
        assert await one.closed(3.0) == closing.SIGNED_OUT
        assert not two.ended
        for each in (one, two):
            await each.end()


@on_loop
async def test_sent_is_said_once_for_each_screen_and_thing(valkey_url: str) -> None:
    """What was given to a person's socket is proven by the hub, with its role, once, by change or by table."""
    lamps = Lamps()
    lamps.receipts = {"lamp": Receipt("lamp.receipt", "id", "lamp", frozenset({"on"}))}
    actors: list[tuple[str, str]] = []

    def decision(state: Any, command: Any, facts: Any, actor: Any, now: int) -> Decision:
        if command.cmd == "lamp.receipt":
            actors.append((actor.role, actor.person))
        return Decision()

    lamps.decision = decision
    async with running_hub(valkey_url, lamps) as hub:
        me = hub.resident()
        async with client(hub.port, me.token) as one:
            await one.joins("urgent/a")
            for _ in range(3):
                await switch(hub, "x", "urgent/a", "bulk/a")
            await until(lambda: actors)
            await one.joins("bulk/a")
        async with client(hub.port, me.token) as two, client(hub.port, hub.resident(5).token) as three:
            for each in (two, three):
                await each.joins("urgent/a")
            await until(lambda: len(actors) == 2)
            await switch(hub, "y", "urgent/a", on=False)
            assert sorted(actors) == sorted([("hub", me.person), ("hub", hub.resident(5).person)])


@on_loop
async def test_a_help_hub_has_urgent_topics_only(valkey_url: str) -> None:
    """The others are joined at a public hub; every command is taken by both."""
    async with running_hub(valkey_url, kind="help") as hub, client(hub.port, hub.resident().token) as one:
        refused = await one.joins("bulk/a")
        assert refused["code"] == "unknown_topic"
        assert (await one.joins("urgent/a"))["t"] == "state"
        assert (await one.calls("lamp.switch", {"lamp": "x", "topics": ["urgent/a", "bulk/a"]}))["ok"]
        await one.knows("urgent/a", lambda table: table.things)
        place = {"lamp": "x", "lat": -7.4, "lon": 112.4, "fix_at": 50}
        await one.send({"t": "tell", "cmd": "lamp.moved", "data": place})
        await one.knows("urgent/a", lambda table: table.fixes)


@on_loop
async def test_draining_says_bye_to_all_and_lets_staff_back_first(valkey_url: str) -> None:
    """4000 for everybody; medics and dispatchers may return at once, residents a little later."""
    async with running_hub(valkey_url) as hub:
        tokens = [hub.resident(n).token for n in range(20)] + [(await hub.staff("medic")).token for _ in range(3)]
        sockets = [await Client.open(hub.port, token) for token in tokens]
        for each in sockets:
            await each.welcome()
        await hub.node.drain(0.05)
        for each in sockets:
            assert await each.closed() == closing.DRAINING
            (bye,) = (f for f in each.frames if f["t"] == "bye")
            medic = (await each.welcome())["role"] == "medic"
            assert (bye["code"], bye["reconnect"]) == (closing.DRAINING, True)
            assert bye["after_ms"] <= 200 if medic else 200 <= bye["after_ms"] <= 2000
            await each.end()


@pytest.mark.parametrize("happens", ["frozen", "killed"])
@on_loop
async def test_a_store_that_goes_and_comes_back(server: StoreServer, happens: str) -> None:
    """Within 2 s each pending command is answered, `ready` is 503, sockets stay; and when the store is back
    all goes on without a restart, nothing doubled, nothing missed."""
    async with running_hub(server.url) as hub, client(hub.port, hub.resident().token) as one:
        await one.joins("urgent/a")
        assert (await one.calls("lamp.switch", {"lamp": "a", "topics": ["urgent/a"]}))["ok"]
        ids = [f"0198d6f0-0000-7000-8000-00000000000{n}" for n in range(6)]
        loop, gone_at = asyncio.get_running_loop(), asyncio.get_running_loop().time()
        if happens == "frozen":
            server.signal(signal.SIGSTOP)
        else:
            await asyncio.to_thread(server.kill)
        lamps = [{"lamp": f"l{number}", "topics": ["urgent/a"]} for number in range(len(ids))]
        refs = [await one.asks("lamp.switch", lamp, id_) for lamp, id_ in zip(lamps, ids, strict=True)]
        for ref in refs:
            reply = await one.replied(ref, 2.5)
            assert (reply["code"] in ("unavailable", "unconfirmed"), reply["retry"]) == (True, True)
        assert loop.time() - gone_at < 2.5
        await until(lambda: hub.node.unready(), 1)
        assert (await http(hub.port, "GET", "/health/ready"))[0] == 503
        assert (await http(hub.port, "GET", "/health/live"))[0] == 200
        if happens == "frozen":
            server.signal(signal.SIGCONT)
        else:
            await asyncio.to_thread(server.start)
        await until(lambda: hub.node.unready() is None)
        assert (await http(hub.port, "GET", "/health/ready"))[0] == 200
        for lamp, id_ in zip(lamps, ids, strict=True):
            reply = await one.calls("lamp.switch", lamp, id_)
            assert reply["data"] == {"count": 1}
        table = await one.knows("urgent/a", lambda table: len(table.things) == 7)
        assert table.things == await truth(hub, "urgent/a")
        assert not one.ended
