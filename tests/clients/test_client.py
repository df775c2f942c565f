from __future__ import annotations

import asyncio
from typing import Any

import pytest

from clients.client import Client, Refused, SignedOut, Unanswered
from clients.link import Frame
from tests.clients.scripted import change, two_hubs

pytestmark = pytest.mark.asyncio


async def test_join_and_changes() -> None:
    """A join gives the whole table, and its changes come in order from what is in it."""
    async with two_hubs() as (client, _, peer, _):
        joining = asyncio.create_task(client.join("vans"))
        await peer.table(await peer.hears("join"), 3, v1={"state": "off"})
        table = await joining
        changes = client.changes("vans")
        first = await anext(changes)
        assert (first.id, first.kind, first.view) == ("v1", "state", {"state": "off"})
        await peer.send(change("vans", 3, 4, "v1", {"state": "driving"}))
        second = await anext(changes)
        assert (second.kind, second.view, second.at) == ("van.moved_on", {"state": "driving"}, 5)
        assert table.offset == 4


async def test_changes_of_one_commit_come_together() -> None:
    """Nothing is told of a commit before its last change is here."""
    async with two_hubs() as (client, _, peer, _):
        client.follow("vans")
        await peer.table(await peer.hears("join"), 3, v1={"state": "off"})
        seen: list[str] = []
        client.watch("vans", lambda one: seen.append(one.id))
        both = asyncio.Event()
        client.watch("vans", lambda one: both.set() if one.id == "v2" else None)
        await peer.send(change("vans", 3, 4, "v1", {"state": "driving"}, more=True))
        await peer.send({"t": "beat", "at": 1, "heads": {}})
        await peer.hears("here")
        assert seen == ["v1"]  # from the table
        await peer.send(change("vans", 3, 4, "v2", {"state": "off"}))
        await both.wait()
        assert seen == ["v1", "v1", "v2"]


async def test_resumes_after_a_lost_connection() -> None:
    """A cut socket comes back and goes on from its offset."""
    async with two_hubs() as (client, public, peer, _):
        client.follow("vans")
        await peer.table(await peer.hears("join"), 3, v1={"state": "off"})
        await client.join("vans")
        peer.socket.transport.abort()
        back = await public.peer()
        join = await back.hears("join")
        assert join["since"] == {"epoch": "e1", "offset": 3}
        missed = change("vans", 3, 7, "v1", None)
        changes = client.changes("vans")
        await anext(changes)
        await back.send(
            {"t": "resumed", "ref": join["ref"], "topic": "vans", "epoch": "e1", "offset": 7, "changes": [missed]}
        )
        assert (await anext(changes)).view is None
        assert client.table("vans").offset == 7


@pytest.mark.parametrize("lost", ["hole", "head"])
async def test_joins_again_for_what_is_missing(lost: str) -> None:
    """A hole, or a beat that names a newer offset than the table's, joins again with `since`."""
    async with two_hubs() as (client, _, peer, _):
        client.follow("vans")
        await peer.table(await peer.hears("join"), 3, v1={"state": "off"})
        await client.join("vans")
        if lost == "hole":
            await peer.send(change("vans", 5, 6, "v1", {"state": "off"}))
        else:
            await peer.send({"t": "beat", "at": 1, "heads": {"vans": 6}})
        join = await peer.hears("join")
        assert join["since"] == {"epoch": "e1", "offset": 3}


async def test_a_foreign_epoch_starts_over() -> None:
    """What was resumed in another epoch is a hole; the table that follows replaces everything."""
    async with two_hubs() as (client, _, peer, _):
        client.follow("vans")
        await peer.table(await peer.hears("join"), 9, v1={"state": "off"})
        await client.join("vans")
        await peer.send({"t": "beat", "at": 1, "heads": {"vans": 10}})
        join = await peer.hears("join")
        await peer.send(
            {"t": "resumed", "ref": join["ref"], "topic": "vans", "epoch": "e2", "offset": 2, "changes": []}
        )
        join = await peer.hears("join")
        state = {"t": "state", "ref": join["ref"], "topic": "vans", "epoch": "e2", "offset": 2, "part": 0, "last": True}
        gone = asyncio.Event()
        client.watch("vans", lambda one: gone.set() if one.view is None else None)
        await peer.send({**state, "things": {}, "fixes": {}})
        await gone.wait()
        assert client.table("vans").offset == 2


async def test_call_is_repeated_under_its_id() -> None:
    """After a lost reply and after `unconfirmed` the same id is sent again until a final answer."""
    async with two_hubs() as (client, public, peer, _):
        calling = asyncio.create_task(client.call("order.place", {"shop": "s02"}))
        first = await peer.hears("call")
        peer.socket.transport.abort()
        back = await public.peer()
        second = await back.hears("call")
        assert (second["id"], second["ref"], second["data"]) == (first["id"], first["ref"], {"shop": "s02"})
        unsure = {"t": "reply", "ref": second["ref"], "ok": False, "code": "unconfirmed", "message": "", "retry": True}
        await back.send({**unsure, "data": {"after_ms": 1}})
        third = await back.hears("call")
        assert third["id"] == first["id"]
        assert third["age_ms"] >= 0
        await back.send({"t": "reply", "ref": third["ref"], "ok": True, "data": {"order": "o1"}})
        assert await calling == {"order": "o1"}


async def test_final_refusal() -> None:
    """A final refusal is raised with its code and data, and is not repeated."""
    async with two_hubs() as (client, _, peer, _):
        calling = asyncio.create_task(client.call("order.accept", {}))
        ref = (await peer.hears("call"))["ref"]
        data = {"winner": {"person": "sri", "name": "Sri"}}
        await peer.send(
            {"t": "reply", "ref": ref, "ok": False, "code": "taken", "message": "", "retry": False, "data": data}
        )
        with pytest.raises(Refused) as caught:
            await calling
        assert (caught.value.code, caught.value.data) == ("taken", data)


async def test_no_answer_in_time() -> None:
    """Without a final answer in time the caller reads that nothing is known, and the id to repeat with."""
    async with two_hubs() as (client, _, _, _):
        with pytest.raises(Unanswered) as caught:
            await client.call("order.accept", {}, id="4dff4ea3-40ff-4a10-a5c9-64a6ab4e8a3a", limit_s=0)
        assert caught.value.id == "4dff4ea3-40ff-4a10-a5c9-64a6ab4e8a3a"


async def test_urgent_things_go_to_the_help_hub() -> None:
    """Help topics and the medic's commands use the help hub, the rest a public one."""
    async with two_hubs() as (client, _, peer, help_):
        client.follow("help/ani")
        urgent = await help_.peer()
        assert (await urgent.hears("join"))["topic"] == "help/ani"
        calls = [asyncio.create_task(client.call(cmd, {})) for cmd in ("medic.call", "order.place")]
        for socket, cmd in ((urgent, "medic.call"), (peer, "order.place")):
            call = await socket.hears("call")
            assert call["cmd"] == cmd
            await socket.send({"t": "reply", "ref": call["ref"], "ok": True, "data": {}})
        await asyncio.gather(*calls)


async def test_the_other_hub_stands_in() -> None:
    """While the help hub is away a call for a medic goes through the public one."""
    async with two_hubs(help=["ws://127.0.0.1:9/v1/live"]) as (client, _, peer, _):
        calling = asyncio.create_task(client.call("medic.call", {}))
        call = await peer.hears("call")
        assert call["cmd"] == "medic.call"
        await peer.send({"t": "reply", "ref": call["ref"], "ok": True, "data": {"request": "r1"}})
        assert await calling == {"request": "r1"}


async def test_here_on_every_beat() -> None:
    """Every beat is answered with what the screen can do; a sleeping phone answers none."""
    async with two_hubs(audible=True) as (client, _, peer, _):
        first = await peer.hears("here")
        assert first == {"t": "here", "visible": True, "audible": True, "tested_at": 1000}
        client.here(visible=False)
        assert (await peer.hears("here"))["visible"] is False
        await peer.send({"t": "beat", "at": 2, "heads": {}})
        assert (await peer.hears("here"))["audible"] is True
        client.asleep = True
        await peer.send({"t": "beat", "at": 3, "heads": {}})
        client.follow("vans")
        peer.heres.clear()
        await peer.hears("join")
        assert peer.heres == []


async def test_signed_out() -> None:
    """After 4501 nothing is tried again: what waits and what comes is told."""
    async with two_hubs() as (client, _, peer, _):
        calling = asyncio.create_task(client.call("order.place", {}))
        joining = asyncio.create_task(client.join("vans"))
        await peer.hears("call")
        await peer.close(4501)
        for waiting in (calling, joining):
            with pytest.raises(SignedOut) as caught:
                await waiting
            assert caught.value.code == 4501
        with pytest.raises(SignedOut):
            await client.call("order.place", {})


async def test_join_refused() -> None:
    """Somebody else's topic is refused once and followed no more."""
    async with two_hubs() as (client, _, peer, _):
        joining = asyncio.create_task(client.join("person/budi"))
        ref = (await peer.hears("join"))["ref"]
        await peer.send({"t": "reply", "ref": ref, "ok": False, "code": "not_allowed", "message": "", "retry": False})
        with pytest.raises(Refused, match="not_allowed"):
            await joining
        with pytest.raises(KeyError):
            client.table("person/budi")


async def test_leave_ends_the_changes() -> None:
    """Who reads a topic's changes reads their end when the topic is left."""
    async with two_hubs() as (client, _, peer, _):
        client.follow("vans")
        await peer.table(await peer.hears("join"), 1)
        await client.join("vans")
        reading = asyncio.create_task(_all(client))
        await peer.send(change("vans", 1, 2, "v1", {"state": "off"}))
        seen = asyncio.Event()
        client.watch("vans", lambda one: seen.set())
        await seen.wait()
        await client.leave("vans")
        assert (await peer.hears("leave"))["topic"] == "vans"
        assert await reading == ["v1"]


async def test_tell_and_frames() -> None:
    """A fleeting command is sent once, and every frame is seen before it is applied."""
    frames: list[Frame] = []
    async with two_hubs(on_frame=lambda link, frame: frames.append(frame)) as (client, _, peer, _):
        assert client.tell("van.position", {"van": "v1"})
        assert (await peer.hears("tell"))["data"] == {"van": "v1"}
        await peer.send({"t": "beat", "at": 2, "heads": {}})
        await peer.hears("here")
        assert frames == [{"t": "beat", "at": 2, "heads": {}}]


@pytest.mark.parametrize("given", [{}, {"device": "0" * 64, "token": "t"}])
async def test_one_credential(given: dict[str, Any]) -> None:
    """Exactly one of device, token and code is taken."""
    with pytest.raises(ValueError, match="expected one of"):
        Client("http://127.0.0.1:9", **given)


async def _all(client: Client) -> list[str]:
    return [one.id async for one in client.changes("vans")]
