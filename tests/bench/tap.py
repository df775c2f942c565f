"""How long from a resident's tap to the medic's phone, every call on disk before anybody hears of it?"""

from __future__ import annotations

import asyncio
import contextlib
import sys
import time
import uuid
from collections.abc import AsyncIterator, Sequence
from typing import Any, Final

import uvloop
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed

from hub import wire
from tests.bench.report import Options, Report, Row, run
from tests.bench.rig import Person, Rig, rig

People = tuple[list[Person], list[Person]]
"""Medics and callers."""
MEDICS, CALLERS, PER_S, RUNS, SECONDS = 12, 40, 20.0, 5, 10.0
PLACE: Final = (-7.4720, 112.4340)
HERE_S: Final = 3.0


class Phone:
    """One person's socket at the help hub: keeps when each request was first heard of, and replies."""

    def __init__(self, socket: ClientConnection) -> None:
        self._socket = socket
        self._refs = 0
        self.heard_at: dict[str, int] = {}
        self._replies: dict[int, asyncio.Future[tuple[int, dict[str, Any]]]] = {}
        self._hearing: dict[str, asyncio.Future[int]] = {}
        self._tasks = [asyncio.create_task(self._read())]

    @classmethod
    async def open(cls, port: int, who: Person, topic: str = "") -> Phone:
        """Signed in and following a topic: the person's own at the help hub, when none is named."""
        socket = await connect(
            f"ws://127.0.0.1:{port}/v1/live",
            additional_headers={"Authorization": f"Bearer {who.token}"},
            subprotocols=[wire.MSGPACK],  # type: ignore[list-item]  # any name is one
            compression=None,
            ping_interval=None,
        )
        phone = cls(socket)
        await phone.send({"t": "hello"})
        reply = phone._expect()
        await phone.send({"t": "join", "ref": phone._refs, "topic": topic or f"help/{who.person}"})
        await reply
        return phone

    def _expect(self) -> asyncio.Future[tuple[int, dict[str, Any]]]:
        self._refs += 1
        reply = self._replies[self._refs] = asyncio.get_running_loop().create_future()
        return reply

    async def send(self, frame: dict[str, Any]) -> None:
        await self._socket.send(wire.encode(frame, "msgpack"))

    async def call(self, cmd: str, asked: dict[str, Any]) -> tuple[int, int, dict[str, Any]]:
        """(sent at, answered at, data of the reply), times in ns.

        Raises:
            RuntimeError: it was refused.
        """
        reply = self._expect()
        frame = {"t": "call", "ref": self._refs, "id": str(uuid.uuid4()), "cmd": cmd, "data": asked}
        sent_at = time.monotonic_ns()
        await self.send(frame)
        answered_at, answer = await reply
        if not answer.get("ok"):
            raise RuntimeError(f"{cmd} was refused: {answer}")
        return sent_at, answered_at, answer["data"]

    async def _read(self) -> None:
        try:
            async for payload in self._socket:
                at = time.monotonic_ns()
                assert isinstance(payload, bytes)
                frame = wire.decode(payload, "msgpack")
                if frame["t"] == "change":
                    self._hear(frame["id"], at)
                elif frame["t"] in ("reply", "state", "resumed"):
                    future = self._replies.pop(frame["ref"], None)
                    if future is not None:
                        future.set_result((at, frame))
        except ConnectionClosed:
            return

    def _hear(self, id_: str, at: int) -> None:
        self.heard_at.setdefault(id_, at)
        waiting = self._hearing.pop(id_, None)
        if waiting is not None:
            waiting.set_result(at)

    async def hears(self, id_: str) -> int:
        """When a thing's first change came, or comes, in ns."""
        if id_ in self.heard_at:
            return self.heard_at[id_]
        return await self._hearing.setdefault(id_, asyncio.get_running_loop().create_future())

    async def on_duty(self, number: int) -> None:
        """Go on duty a few hundred metres away, with a screen that rings."""
        await self._here()
        location = {"lat": PLACE[0] + number * 0.001, "lon": PLACE[1], "accuracy_m": 10.0}
        await self.call("medic.duty", {"on": True})
        await self.send({"t": "tell", "cmd": "medic.position", "data": {"location": location}})
        self._tasks.append(asyncio.create_task(self._stay(location)))

    async def _here(self) -> None:
        await self.send({"t": "here", "visible": True, "audible": True, "tested_at": time.time_ns() // 1_000_000})

    async def _stay(self, location: dict[str, float]) -> None:
        while True:
            await asyncio.sleep(HERE_S)
            await self._here()

    async def close(self) -> None:
        for task in self._tasks:
            task.cancel()
        await self._socket.close()


async def taps(callers: list[Phone], medics: list[Phone], seconds: float) -> dict[str, float]:
    """Taps at an even rate, each by a caller who has no call open; milliseconds."""
    to_medic: list[float] = []
    to_reply: list[float] = []
    tasks: set[asyncio.Task[None]] = set()
    loop = asyncio.get_running_loop()

    async def tap(caller: Phone, number: int) -> None:
        location = {"lat": PLACE[0] + number % 10 * 0.0007, "lon": PLACE[1] + 0.001, "accuracy_m": 15.0}
        sent_at, answered_at, data = await caller.call("medic.call", {"location": location, "kelurahan": "kranggan"})
        if not data["candidates"]:
            raise RuntimeError("a call found no medic: the benchmark's own fault")
        heard = [at for medic in medics if (at := medic.heard_at.get(data["request"])) is not None]
        while not heard:  # the reply may come first
            await asyncio.sleep(0.002)
            heard = [at for medic in medics if (at := medic.heard_at.get(data["request"])) is not None]
        to_medic.append((min(heard) - sent_at) / 1e6)
        to_reply.append((answered_at - sent_at) / 1e6)
        await asyncio.sleep(0.3)
        await caller.call("medic.cancel", {"request": data["request"], "reason": "mistake"})

    due, number = loop.time(), 0
    until = due + seconds
    while due < until:
        due += 1 / PER_S
        await asyncio.sleep(max(0.0, due - loop.time()))
        task = loop.create_task(tap(callers[number % len(callers)], number))
        tasks.add(task)
        number += 1
    await asyncio.gather(*tasks)
    return {
        "p50": quantile(to_medic, 0.5), "p99": quantile(to_medic, 0.99), "max": max(to_medic),
        "reply50": quantile(to_reply, 0.5), "reply99": quantile(to_reply, 0.99), "count": len(to_medic),
    }  # fmt: skip


def quantile(values: list[float], q: float) -> float:
    return sorted(values)[int((len(values) - 1) * q)]


def allowed_ms(idle_p99: float) -> float:
    """What a tap may take beside other work: a fifth more than with nothing else going on, or 2 ms."""
    return max(idle_p99 * 1.2, idle_p99 + 2.0)


def people_of(city: Rig) -> People:
    return city.staff("medic", MEDICS), city.residents(CALLERS)


@contextlib.asynccontextmanager
async def on_call(city: Rig, people: People) -> AsyncIterator[tuple[list[Phone], list[Phone]]]:
    """Callers, and medics on duty, after some taps to warm up."""
    medics = [await Phone.open(city.help_port, one) for one in people[0]]
    callers = [await Phone.open(city.help_port, one) for one in people[1]]
    for number, medic in enumerate(medics):
        await medic.on_duty(number)
    await asyncio.sleep(1.0)  # leases and positions are in the store
    await taps(callers, medics, 2.0)
    yield callers, medics
    for phone in (*medics, *callers):
        await phone.close()


async def measure(city: Rig, people: People, runs: int, options: Options) -> list[Any]:
    found = []
    async with on_call(city, people) as phones:
        for _ in range(runs):
            found.append(await taps(*phones, SECONDS))
            options.tell(f"p50 {found[-1]['p50']:.2f} ms, p99 {found[-1]['p99']:.2f} ms")
    return found


def bench(options: Options) -> Report:
    with rig("help") as city:
        city.start_worker()
        people = people_of(city)
        disk = city.disk_ms()
        runs = uvloop.run(measure(city, people, 1 if options.quick else RUNS, options))
        pinned = city.where() | {"phones": f"core {city.load_core}, one Python process"}
    return Report(
        "tap",
        f"medic.call at a resident's socket to the change at the first medic's socket, {PER_S:g} taps a second",
        [
            Row("the disk alone (write, fdatasync), p50", [disk[50]], "ms"),
            Row("the disk alone (write, fdatasync), p99", [disk[98]], "ms"),
            Row("tap to the medic's socket, p50", [one["p50"] for one in runs], "ms", gate=5.0),
            Row("tap to the medic's socket, p99", [one["p99"] for one in runs], "ms"),
            Row("tap to the medic's socket, slowest", [one["max"] for one in runs], "ms"),
            Row("tap to the caller's reply, p50", [one["reply50"] for one in runs], "ms"),
            Row("tap to the caller's reply, p99", [one["reply99"] for one in runs], "ms"),
            Row("taps in a run", [float(one["count"]) for one in runs], ""),
        ],
        "the phones' radio, the page's drawing and sound, and a city that is busy (see `lanes`, `storm`).",
        pinned,
    )


def main(arguments: Sequence[str]) -> int:
    return run("tap", bench, arguments)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
