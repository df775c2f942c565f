from __future__ import annotations

import asyncio
from typing import Any

import pytest

from clients.link import Frame, Link
from tests.clients.scripted import scripted

pytestmark = pytest.mark.asyncio


class Told:
    """What a link told its owner."""

    def __init__(self) -> None:
        self.events: asyncio.Queue[tuple[str, Any]] = asyncio.Queue()

    def link_opened(self, link: Link, welcome: Frame) -> None:
        self.events.put_nowait(("opened", welcome["person"]))

    def link_closed(self, link: Link) -> None:
        self.events.put_nowait(("closed", None))

    def link_ended(self, link: Link, code: int) -> None:
        self.events.put_nowait(("ended", code))

    def receive(self, link: Link, frame: Frame) -> None:
        self.events.put_nowait((frame["t"], frame))


def no_chance() -> float:
    raise AssertionError("expected no jitter, but chance was asked")


async def test_bearer_and_greeting() -> None:
    """The token goes in the handshake's header, and the link is open after `welcome`."""
    async with scripted() as hub:
        told = Told()
        link = Link(told, [hub.url], "k1.secret", no_chance)
        link.start()
        assert await told.events.get() == ("opened", "ani")
        assert (hub.headers, link.open) == (["Bearer k1.secret"], True)
        await link.close()
        assert not link.open


@pytest.mark.parametrize("code", [4000, 4001, 4008, 4029, 1011])
async def test_comes_back(code: int) -> None:
    """A close that lets the same credentials return is followed by another try."""
    async with scripted() as hub:
        told = Told()
        link = Link(told, [hub.url], "t", lambda: 0.0)
        link.start()
        await told.events.get()
        await (await hub.peer()).close(code)
        assert await told.events.get() == ("closed", None)
        assert await told.events.get() == ("opened", "ani")
        await link.close()


@pytest.mark.parametrize("code", [4501, 4503, 4504])
async def test_stays_away(code: int) -> None:
    """A close that does not is the end."""
    async with scripted() as hub:
        told = Told()
        link = Link(told, [hub.url], "t", no_chance)
        link.start()
        await told.events.get()
        await (await hub.peer()).close(code)
        await told.events.get()
        assert await told.events.get() == ("ended", code)
        assert link.ended == code
        await link.close()


async def test_bye_says_when() -> None:
    """`bye.after_ms` overrides the jitter."""
    async with scripted() as hub:
        told = Told()
        link = Link(told, [hub.url], "t", no_chance)
        link.start()
        await told.events.get()
        peer = await hub.peer()
        await peer.send({"t": "bye", "code": 4000, "reconnect": True, "after_ms": 1})
        await peer.close(4000)
        assert [(await told.events.get())[0] for _ in range(3)] == ["bye", "closed", "opened"]
        await link.close()


async def test_refused_at_the_door() -> None:
    """Credentials that are closed with 4501 before any greeting end the link."""
    async with scripted() as hub:
        hub.refusing = True
        told = Told()
        link = Link(told, [hub.url], "t", no_chance)
        link.start()
        assert await told.events.get() == ("ended", 4501)
        await link.close()


async def test_another_address_at_every_try() -> None:
    """A dead address is followed by the next one, with full jitter between."""
    async with scripted() as hub:
        told = Told()
        asked: list[int] = []

        def chance() -> float:
            asked.append(1)
            return 0.0

        link = Link(told, ["ws://127.0.0.1:9/v1/live", hub.url], "t", chance)
        link.start()
        assert await told.events.get() == ("opened", "ani")
        assert (link.tries, len(asked)) == (2, 1)
        await link.close()


async def test_silent_hub_is_left() -> None:
    """A hub that says nothing for two and a half beats is gone, though its socket is open."""
    async with scripted() as hub:
        told = Told()
        link = Link(told, [hub.url], "t", lambda: 0.0)
        hub.beat_s = 0.01
        link.start()
        assert [(await told.events.get())[0] for _ in range(3)] == ["opened", "closed", "opened"]
        await link.close()


async def test_send_without_a_socket() -> None:
    """What cannot be sent is said to be unsent."""
    link = Link(Told(), ["ws://127.0.0.1:9"], "t", no_chance)
    assert not link.send({"t": "leave", "ref": 1, "topic": "vans"})
