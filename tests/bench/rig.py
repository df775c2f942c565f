"""The rig: a private store, a help hub, a public hub and C load clients, each pinned to a core of its own kind.

The hubs share one core, as on the smallest machine that the city runs on; the store and all load have another.
Rate limits are off, because the city is a simulated one (`--demo`).
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
import urllib.request
import uuid
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Final

from hub.app import CITY, internal
from hub.errors import StartError
from hub.identity import Identity, enrol
from hub.up import raise_file_limit
from tests.bench.load import Lines
from tests.support.processes import Process, free_ports, start_hub, start_worker
from tests.support.servers import StoreServer, binary_of

HERE: Final = Path(__file__).parent
YIELDS: Final = "gives way to all others (SCHED_IDLE)"


def cores() -> tuple[int, int]:
    """(core of the hubs, core of store and load); the same one twice where there is only one."""
    mine = sorted(os.sched_getaffinity(0))
    return mine[0], mine[1 if len(mine) > 1 else 0]


def pin(pid: int, core: int) -> None:
    """Pin a process with all its threads, as `taskset -a -p` does."""
    for thread in Path(f"/proc/{pid}/task").iterdir():
        with contextlib.suppress(ProcessLookupError):
            os.sched_setaffinity(int(thread.name), {core})


def rss_kb(pid: int) -> int:
    """Resident memory of a process, in KB."""
    found = re.search(r"VmRSS:\s+(\d+) kB", Path(f"/proc/{pid}/status").read_text())
    assert found is not None
    return int(found[1])


def cpu_s(pid: int) -> float:
    """Processor time that a process has used, user and system."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


class Person:
    """Somebody who can sign in."""

    def __init__(self, person: str, token: str) -> None:
        self.person, self.token = person, token


class Rig:
    """A running city of benchmarks; use `rig()`."""

    def __init__(self, folder: Path, store: StoreServer, port: int) -> None:
        self.folder, self.store, self.port = folder, store, port
        self.hub_core, self.load_core = cores()
        self.help_port = port + 100
        self.hubs: dict[str, Process] = {}
        self._stack = contextlib.ExitStack()

    def close(self) -> None:
        self._stack.close()

    def start_hubs(self, *kinds: str) -> None:
        for kind in kinds:
            hub = start_hub(kind, self.store.url, self.port, demo=True)
            self._stack.callback(hub.kill)
            pin(hub.pid, self.hub_core)
            self.hubs[kind] = hub
        for hub in self.hubs.values():
            hub.wait_event("hub_ready")
            pin(hub.pid, self.hub_core)

    def start_worker(self) -> None:
        worker = start_worker(self.store.url, demo=True)
        self._stack.callback(worker.kill)
        worker.wait_event("worker_ready")
        pin(worker.pid, self.load_core)

    # -- C programs and publishers -------------------------------------------------

    def program(self, name: str, *arguments: object, core: int | None = None, yields: bool = False) -> Lines:
        """Start one of the C programs of this folder."""
        binary = self.folder / name
        if not binary.exists():
            compile_c(name, binary)
        return self.lines([str(binary), *map(str, arguments)], self.load_core if core is None else core, yields)

    def publisher(self, lane: str, topic: str, size: int = 0) -> Lines:
        """A process of its own that commits through the store when told to (`tests.bench.publish`)."""
        lines = self.lines([*python("tests.bench.publish"), self.store.url, lane, topic, str(size)], self.load_core)
        lines.wait("opened")
        return lines

    def lines(self, arguments: Sequence[str], core: int, yields: bool = False) -> Lines:
        lines = Lines(arguments, core, yields=yields)
        self._stack.callback(lines.end)
        return lines

    # -- people -----------------------------------------------------------------------

    def residents(self, count: int, first: int = 0) -> list[Person]:
        """Distinct devices, signed in as `POST /v1/sessions` would."""
        return asyncio.run(self._residents(count, first))

    async def _residents(self, count: int, first: int) -> list[Person]:
        async with internal(self.store.url, CITY, True) as dispatch:
            identity = Identity(dispatch.store)
            issued = [identity.resident(f"{number:064x}") for number in range(first, first + count)]
        return [Person(one.person, one.token) for one in issued]

    def staff(self, role: str, count: int = 1, **more: str) -> list[Person]:
        return asyncio.run(self._staff(role, [more] * count))

    def sellers(self, shops: Sequence[str]) -> list[Person]:
        """One seller a shop."""
        return asyncio.run(self._staff("seller", [{"shop": shop} for shop in shops]))

    async def _staff(self, role: str, bound: Sequence[dict[str, str]]) -> list[Person]:
        people = []
        async with internal(self.store.url, CITY, True) as dispatch:
            identity = Identity(dispatch.store)
            for number, one in enumerate(bound):
                made = await enrol(dispatch.store, role=role, name=f"Petugas {number + 1}", **one)
                redeemed = await identity.redeem(made.code)
                assert redeemed is not None
                people.append(Person(redeemed[0].person, redeemed[0].token))
        return people

    def tokens(self, people: Sequence[Person]) -> Path:
        """A file of tokens for a swarm."""
        path = self.folder / f"tokens-{uuid.uuid4().hex[:8]}"
        path.write_text("".join(f"{one.token} {one.person}\n" for one in people))
        return path

    # -- figures of the hubs ----------------------------------------------------------

    def metric(self, kind: str, name: str) -> float:
        """One figure of a hub's `GET /metrics`."""
        port = self.help_port if kind == "help" else self.port
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/metrics", timeout=10) as reply:
            said = reply.read().decode()
        found = re.search(rf"^kentongan_{name} (\S+)$", said, re.MULTILINE)
        assert found is not None, name
        return float(found[1])

    def disk_ms(self, count: int = 100) -> list[float]:
        """What the disk alone takes: writes of 1 KB, each followed by fdatasync, in ms, sorted."""
        path, took = self.store.folder / "yardstick", []
        with path.open("wb", buffering=0) as file:
            for _ in range(count):
                time.sleep(0.01)
                began = time.monotonic()
                file.write(bytes(1024))
                os.fdatasync(file.fileno())
                took.append((time.monotonic() - began) * 1000)
        path.unlink()
        return sorted(took)

    def where(self) -> dict[str, str]:
        """What is pinned where, in words."""
        pinned = {"hubs": f"core {self.hub_core}", "store": f"core {self.load_core}", "load": f"core {self.load_core}"}
        if self.hub_core == self.load_core:
            pinned["load"] += " (one core for all: hub and load are measured together)"
        return pinned


def python(module: str) -> list[str]:
    return [sys.executable, "-m", module]


def compile_c(name: str, binary: Path) -> None:
    """Compile one C file of this folder.

    Raises:
        StartError: there is no gcc, or it refused.
    """
    if shutil.which("gcc") is None:
        raise StartError(
            "gcc is missing: the load client and the server to compare with are C; "
            "install it with: sudo apt-get install gcc libc6-dev"
        )
    done = subprocess.run(
        ["gcc", "-O2", "-o", str(binary), str(HERE / f"{name}.c")], capture_output=True, text=True, check=False
    )
    if done.returncode:
        raise StartError(f"gcc did not compile {name}.c: {done.stderr.strip().splitlines()[-1:]}")


@contextlib.contextmanager
def rig(*kinds: str) -> Iterator[Rig]:
    """A store with these hubs (`help`, `public`), and nothing left of it afterwards."""
    raise_file_limit()
    folder = Path(tempfile.mkdtemp(prefix="kt-bench-"))
    store = StoreServer(binary_of("valkey"))
    built = Rig(folder, store, free_ports())
    before = os.sched_getaffinity(0)
    try:
        compile_c("swarm", folder / "swarm")
        store.start()
        os.sched_setaffinity(0, {built.load_core})
        pin(store.pid, built.load_core)
        built.start_hubs(*kinds)
        yield built
    finally:
        built.close()
        store.remove()
        shutil.rmtree(folder, ignore_errors=True)
        os.sched_setaffinity(0, before)
