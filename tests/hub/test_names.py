"""Names are looked up in threads of their own: one that hangs holds up nobody else."""

from __future__ import annotations

import asyncio
import threading

import pytest

from hub import names as module
from hub.names import Names, look_up
from tests.support.live import on_loop, until


class Directory:
    """A name server under the test's hand."""

    def __init__(self) -> None:
        self.asked: list[str] = []
        self.gate = threading.Event()

    def look_up(self, host: str, port: int) -> list[str]:
        self.asked.append(host)
        if host.startswith("slow"):
            assert self.gate.wait(10)
        if host.endswith("none"):
            raise OSError("Name or service not known")
        return ["192.0.2.1", "192.0.2.2"]


@pytest.mark.parametrize(("host", "address"), [("127.0.0.1", "127.0.0.1"), ("::1", "::1"), ("0:0:0:0:0:0:0:1", "::1")])
@on_loop
async def test_an_address_is_its_own(host: str, address: str) -> None:
    """Nobody is asked for it."""
    directory = Directory()
    assert await Names(directory.look_up).addresses(host, 80) == [address]
    assert directory.asked == []


@on_loop
async def test_a_name_has_the_addresses_that_the_system_knows() -> None:
    """In its order, each once."""
    found = await Names().addresses("localhost", 80)
    assert "127.0.0.1" in found
    assert found == list(dict.fromkeys(look_up("localhost", 80)))


@on_loop
async def test_a_name_is_looked_up_once_at_a_time(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever asks meanwhile waits for the same answer; it is kept for a while, then asked anew."""
    directory = Directory()
    names = Names(directory.look_up)
    asking = [asyncio.create_task(names.addresses("slow", 80)) for _ in range(3)]
    await until(lambda: directory.asked)
    directory.gate.set()
    assert await asyncio.gather(*asking) == [["192.0.2.1", "192.0.2.2"]] * 3
    await names.addresses("slow", 80)
    assert directory.asked == ["slow"]
    monkeypatch.setattr(module, "KEEP_S", -1.0)
    await Names(directory.look_up).addresses("a", 80)
    again = Names(directory.look_up)
    await again.addresses("a", 80)
    await again.addresses("a", 80)
    assert directory.asked == ["slow", "a", "a", "a"]


@on_loop
async def test_a_name_that_hangs_holds_up_no_other() -> None:
    """Its askers give up by themselves; others are answered; what it says at last is used."""
    directory = Directory()
    names = Names(directory.look_up)
    for number in range(20):
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0):
                await names.addresses(f"slow{number}", 80)
    assert await names.addresses("quick", 80)
    await until(lambda: len(directory.asked) == 21)
    waiting = asyncio.create_task(names.addresses("slow1", 80))
    directory.gate.set()
    assert await waiting
    assert directory.asked.count("slow1") == 1


@on_loop
async def test_a_name_that_is_none_says_so_every_time() -> None:
    """A failure is not kept; nobody has to hear it."""
    directory = Directory()
    names = Names(directory.look_up)
    for _ in range(2):
        with pytest.raises(OSError, match="not known"):
            await names.addresses("none", 80)
    assert directory.asked == ["none", "none"]
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0):
            await names.addresses("slow.none", 80)
    directory.gate.set()
    await until(lambda: not names._asking)


@on_loop
async def test_look_ups_are_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    """A few hang at most."""
    monkeypatch.setattr(module, "MAX_THREADS", 2)
    directory = Directory()
    names = Names(directory.look_up)
    asking = [asyncio.create_task(names.addresses(f"slow{number}", 80)) for number in range(2)]
    await until(lambda: len(directory.asked) == 2)
    with pytest.raises(OSError, match="too many"):
        await names.addresses("third", 80)
    directory.gate.set()
    await asyncio.gather(*asking)
    assert await names.addresses("third", 80)
