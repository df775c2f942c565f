"""A publisher: commits changes of one topic through the store when it is told to, in a process of its own.

    python -m tests.bench.publish STORE LANE TOPIC BYTES

`BYTES` is the length of the message that a socket gets (0: as short as it is). Reads lines: `burst COUNT` commits
that many in one write, `pace PER_SECOND SECONDS` one after the other, none waiting for the one before. Each view holds
`TS=<CLOCK_MONOTONIC ns>`, the moment at which it was due. Prints one JSON object per line.
"""

from __future__ import annotations

import asyncio
import json
import os
import random
import sys
import time
from typing import Any, Final

import uvloop
from msgspec import Struct

from hub.app import CITY, internal
from hub.commit import Outcome, commit_argument
from hub.contract import Change, Decision, Lane, State, Write
from hub.dispatch import Dispatch
from hub.store import SHA, Committed
from hub.wire import encode

DIGEST: Final = bytes(32)
BUILD_NS: Final = 50_000_000


class Note(Struct, frozen=True):
    """What is written beside the change, as every service writes its thing."""

    text: str


class Publisher:
    def __init__(self, dispatch: Dispatch, lane: Lane, topic: str, size: int) -> None:
        self._dispatch, self._lane, self._topic = dispatch, lane, topic
        self._pad = ""
        self._number = 0
        self.waits_ms: list[float] = []
        self.failed = 0
        if size:
            self._pad = "." * (size - len(self._message()))

    def _view(self, due_ns: int) -> dict[str, Any]:
        text = f"TS={due_ns} {self._pad}"
        return {"type": "note", "id": "n", "state": "new", "at": self._dispatch.store.now(), "text": text}

    def _message(self) -> bytes:
        """A `change` frame as a socket gets it, for its length."""
        head = {"t": "change", "topic": self._topic, "prev": 70_000, "offset": 70_000, "id": "n", "kind": "note.set"}
        view = self._view(time.monotonic_ns())
        return encode({**head, "at": self._dispatch.store.now(), "view": view}, "msgpack")

    def _whole(self, due_ns: int) -> tuple[Decision, tuple[str, str, Outcome], dict[str, Any]]:
        """One whole commit: a thing, a change, an outcome, an audit entry."""
        view = self._view(due_ns)
        self._number += 1
        name = f"{os.getpid()}.{self._number}"
        write, change = Write("note", name, Note(view["text"])), Change(self._topic, "n", "note.set", view)
        audit = {"cmd": "note.set", "id": name}
        return Decision(writes=(write,), changes=(change,)), ("bench", name, Outcome(DIGEST, True, {})), audit

    async def commit(self) -> None:
        """As a command does it: built, sent, on disk, answered."""
        began = time.monotonic()
        decision, out, audit = self._whole(time.monotonic_ns())
        store, lane_of = self._dispatch.store, self._dispatch.services.lane_of
        result = await store.commit(
            self._lane, State(), decision, epoch=store.epoch, lane_of=lane_of, out=out, audit=audit
        )
        self.failed += not isinstance(result, Committed)
        self.waits_ms.append((time.monotonic() - began) * 1000)

    async def burst(self, count: int) -> None:
        """So many commits in one write, as if as many hubs sent them; they are built before they are due."""
        store, lane_of = self._dispatch.store, self._dispatch.services.lane_of
        due_ns = time.monotonic_ns() + BUILD_NS
        runs: list[Any] = []
        for _ in range(count):
            decision, out, audit = self._whole(due_ns)
            blob = commit_argument(
                store.keys, self._lane, State(), decision, store.epoch, lane_of, out, None, None, audit
            )
            runs.append(["EVALSHA", SHA["commit"], 1, store.keys.head, blob])
        await asyncio.sleep((due_ns - time.monotonic_ns()) / 1e9)
        began = time.monotonic()
        replies = await store.many(self._lane, runs)
        self.failed += sum(reply[0] != b"ok" for reply in replies)
        self.waits_ms.append((time.monotonic() - began) * 1000)

    async def pace(self, per_s: float, seconds: float) -> None:
        loop = asyncio.get_running_loop()
        tasks: set[asyncio.Task[None]] = set()
        due = loop.time()
        until = due + seconds
        while due < until:
            # a little chance, so that two publishers never march in step
            due += random.uniform(0.5, 1.5) / per_s
            await asyncio.sleep(max(0.0, due - loop.time()))
            task = loop.create_task(self.commit())
            tasks.add(task)
            task.add_done_callback(tasks.discard)
        if tasks:
            await asyncio.wait(tasks)


async def run(url: str, lane: Lane, topic: str, size: int) -> None:
    async with internal(url, CITY, True) as dispatch:
        publisher = Publisher(dispatch, lane, topic, size)
        say(event="opened")
        loop = asyncio.get_running_loop()
        while line := await loop.run_in_executor(None, sys.stdin.readline):
            what, *numbers = line.split()
            publisher.waits_ms.clear()
            publisher.failed = 0
            if what == "burst":
                await publisher.burst(int(numbers[0]))
            else:
                await publisher.pace(float(numbers[0]), float(numbers[1]))
            waits = sorted(publisher.waits_ms)
            say(
                event="published", count=len(waits), failed=publisher.failed,
                p50_ms=round(waits[len(waits) // 2], 3), p99_ms=round(waits[int((len(waits) - 1) * 0.99)], 3),
            )  # fmt: skip


def say(**fields: Any) -> None:
    print(json.dumps(fields), flush=True)


if __name__ == "__main__":
    store_url, of_lane, of_topic, length = sys.argv[1:]
    uvloop.run(run(store_url, of_lane, of_topic, int(length)))  # type: ignore[arg-type]  # a lane by its name
