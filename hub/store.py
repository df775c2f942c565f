"""The live truth: load, gather, commit, tables, fixes and timers on Redis or Valkey.

Accepted means on disk: with `appendfsync always` the store answers only after
its fsync. A commit is one script, all or nothing; a script that was sent and
not answered is `StoreUnconfirmed`, never "not accepted".
"""

from __future__ import annotations

import asyncio
import hashlib
import secrets
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, Final

import msgspec
from msgspec import Struct
from redis.exceptions import (
    BusyLoadingError,
    ClusterDownError,
    NoScriptError,
    OutOfMemoryError,
    ReadOnlyError,
    RedisError,
)

from hub.commit import Due, Outcome, SealKey, SignIn, commit_argument, pack, unpack
from hub.contract import Decision, Fix, Lane, Need, State
from hub.errors import StoreForeign, StoreUnavailable, StoreUnconfirmed, StoreUnsafe
from hub.gathering import Gathering
from hub.keys import CLOSED, LAYOUT_VERSION, RESTORING, Keys, indexed_lat
from hub.link import Args, Link
from hub.safety import QUESTIONS, fields, unsafe

_outcome: Final = msgspec.msgpack.Decoder(Outcome)
LINKS: Final = ("urgent", "normal", "bulk", "watch")
COMMITS: Final = "commit "

_LUA: Final = Path(__file__).parent / "lua"
SCRIPTS: Final = {path.stem: path.read_bytes() for path in sorted(_LUA.glob("*.lua"))}
SHA: Final = {name: hashlib.sha1(text, usedforsecurity=False).hexdigest() for name, text in SCRIPTS.items()}

IN_FLIGHT: Final = {"urgent": 1000, "normal": 16, "bulk": 4}
"""Commits of a lane that one process has under way at once: the store has one thread, and emergencies want it."""


class Loaded(Struct, frozen=True):
    """The first trip: the clock, the epoch, and an outcome recorded before."""

    now: int
    epoch: str
    outcome: Outcome | None


class Committed(Struct, frozen=True):
    commit: int
    at: int


class Conflict(Struct, frozen=True):
    """Something read has changed: reload and decide again."""

    what: str


class Snapshot(Struct, frozen=True):
    """A topic's table at one commit; views and fixes still encoded."""

    epoch: str
    offset: int
    things: dict[str, bytes]
    fixes: dict[str, bytes]


class Store:
    """One process's door to one city's data.

    Args:
        url: `redis://host:port/0` or `unix:///path.sock`.
        city: the Kemendagri code, `35.76`.
        demo: which kind of city this process serves.
        types: thing type -> struct, from the services.
        replicas: how many must have a commit on disk before it is accepted; 0: the store alone.
    """

    def __init__(
        self,
        url: str,
        city: str,
        *,
        demo: bool,
        types: Mapping[str, type[Struct]] | None = None,
        replicas: int = 0,
    ) -> None:
        self.url, self.city, self.demo, self.replicas = url, city, demo, replicas
        self.keys = Keys(city)
        self._gathering = Gathering(self.keys, types or {})
        # waiting for replicas blocks a connection: commits then have their own
        names = (*LINKS, *(COMMITS + lane for lane in IN_FLIGHT)) if replicas else LINKS
        self._links: dict[str, Link] = {name: Link(url, name, self._adopt) for name in names}
        self._flights = {lane: asyncio.Semaphore(most) for lane, most in IN_FLIGHT.items()}
        self.epoch = ""
        self.seen_commit = 0
        self.secret = b""
        self.unsafe: StoreUnsafe | None = None
        self.foreign: StoreForeign | None = None
        self._ahead_ms = 0
        self.on_epoch: Callable[[str], None] = lambda epoch: None

    # -- opening --------------------------------------------------------------

    async def open(self, wait_s: float = 10.0) -> None:
        """Connect and adopt.

        Raises:
            StoreUnavailable: not reachable within `wait_s`.
            StoreForeign: the store holds the other kind of city or a newer layout.
        """
        for link in self._links.values():
            link.start()
        deadline = asyncio.get_running_loop().time() + wait_s
        for link in self._links.values():
            while not link.up:
                if self.foreign is not None:
                    raise self.foreign
                left = deadline - asyncio.get_running_loop().time()
                if left <= 0:
                    raise StoreUnavailable(f"the store at {self.url} cannot be reached: {link.failure}")
                try:
                    await link.wait_up(asyncio.get_running_loop().time() + min(left, 0.1))
                except StoreUnavailable:
                    continue

    def adopt_again(self) -> None:
        """Make every connection anew: the city's data are not the ones that were adopted."""
        for link in self._links.values():
            link.kick()

    async def close(self) -> None:
        for link in self._links.values():
            await link.close()

    @property
    def up(self) -> bool:
        """Whether every lane's link is up and the store is safe to accept on."""
        return self.unsafe is None and all(link.up for link in self._links.values())

    async def _adopt(self, link: Link) -> None:
        """Every new connection: same data as before, safe settings, scripts loaded."""
        loads: list[Args] = [["SCRIPT", "LOAD", text] for text in SCRIPTS.values()]
        info, *_ = await link.raw(["INFO", "replication"], *loads)
        ids = fields(info)
        (reply,) = await link.raw(
            [
                "EVALSHA", SHA["adopt"], 1, self.keys.head,
                secrets.token_hex(8), ids["master_replid"], ids["master_replid2"],
                "demo" if self.demo else "real", LAYOUT_VERSION,
                self.seen_commit, self.epoch, secrets.token_bytes(32),
            ]
        )  # fmt: skip
        epoch, kind, version = reply[0].decode(), reply[2].decode(), reply[3]
        if kind == RESTORING:
            raise StoreUnavailable(CLOSED)
        if kind != ("demo" if self.demo else "real"):
            self.foreign = StoreForeign(
                f"this store holds a {kind} city, expected {'demo' if self.demo else 'real'}: the two never mix"
            )
            raise self.foreign
        if version > LAYOUT_VERSION:
            self.foreign = StoreForeign(f"this store was written by a newer version (layout {version})")
            raise self.foreign
        secret, clock = await link.raw(["GET", self.keys.secret], ["TIME"])
        self._ahead_ms = int(clock[0]) * 1000 + int(clock[1]) // 1000 - _local_ms()
        self.secret = bytes(secret)
        self.unsafe = unsafe(await link.before_up(QUESTIONS), self.replicas)
        if epoch != self.epoch:
            before, self.epoch = self.epoch, epoch
            self.seen_commit = 0
            if before:
                self.on_epoch(epoch)

    async def check_safe(self) -> None:
        """Ask again whether accepted means on disk: an operator may have corrected it, or spoiled it."""
        self.unsafe = unsafe(await self._links["watch"].many(QUESTIONS, self.deadline()), self.replicas)

    # -- the raw seam -----------------------------------------------------------

    def now(self) -> int:
        """The city's time in ms: the local clock may be minutes off, the store's counts."""
        return _local_ms() + self._ahead_ms

    def deadline(self, seconds: float = 1.8) -> float:
        return asyncio.get_running_loop().time() + seconds

    async def many(self, lane: str, commands: Sequence[Args], deadline: float | None = None) -> list[Any]:
        """Commands in one write on a lane's link; replies that are errors are raised."""
        replies = await self._links[lane].many(commands, deadline or self.deadline())
        for reply in replies:
            if isinstance(reply, RedisError):
                raise reply
        return replies

    async def script(
        self, lane: str, name: str, *args: str | bytes | int | float, deadline: float | None = None
    ) -> Any:
        """Run a script once; loaded again when the store forgot it."""
        link, until = self._links[lane], deadline or self.deadline()
        try:
            return await link.one(until, "EVALSHA", SHA[name], 1, self.keys.head, *args)
        except NoScriptError:
            return await link.one(until, "EVAL", SCRIPTS[name], 1, self.keys.head, *args)

    # -- load and gather ----------------------------------------------------------

    async def load(
        self, lane: Lane, person: str, id_: str, deadline: float, state: State | None = None, needs: Iterable[Need] = ()
    ) -> Loaded:
        """The clock, the epoch, the outcome recorded for (person, id), and the first needs, in one trip."""
        wanted = list(dict.fromkeys(needs))
        first: list[Args] = [
            ["TIME"],
            ["HMGET", self.keys.head, "epoch", "at"],
            ["GET", self.keys.outcome(person, id_)],
        ]
        first += [self._gathering.question(need) for need in wanted]
        clock, head, out, *replies = await self.many(lane, first, deadline)
        now = max(int(clock[0]) * 1000 + int(clock[1]) // 1000, int(head[1] or 0))
        self._ahead_ms = now - _local_ms()
        if state is not None:
            self._fill(state, wanted, replies, now)
        outcome = None if out is None else _outcome.decode(out)
        return Loaded(now, (head[0] or b"").decode(), outcome)

    async def gather(self, lane: Lane, state: State, needs: Iterable[Need], now: int, deadline: float) -> None:
        """Fill `state` with needs it does not have yet, in one trip."""
        wanted = [need for need in dict.fromkeys(needs) if need not in state.found]
        if wanted:
            replies = await self.many(lane, [self._gathering.question(need) for need in wanted], deadline)
            self._fill(state, wanted, replies, now)

    async def found(self, lane: Lane, needs: Iterable[Need]) -> State:
        """Ask for needs outside a command."""
        state = State()
        await self.gather(lane, state, needs, self.now(), self.deadline())
        return state

    def _fill(self, state: State, wanted: list[Need], replies: list[Any], now: int) -> None:
        for need, reply in zip(wanted, replies, strict=True):
            state.found[need] = self._gathering.answer(state, need, reply, now)

    # -- commit -------------------------------------------------------------------

    async def commit(
        self,
        lane: Lane,
        state: State,
        decision: Decision,
        *,
        epoch: str,
        lane_of: Callable[[str], Lane],
        out: tuple[str, str, Outcome] | None,
        done: Due | None = None,
        sign_in: SignIn | None = None,
        audit: dict[str, Any] | None = None,
        seal: SealKey | None = None,
        deadline: float | None = None,
    ) -> Committed | Conflict | Outcome:
        """One atomic commit.

        Returns:
            `Committed`; `Conflict` when something read has changed; the recorded
            `Outcome` when this (person, id) was decided before.

        Raises:
            StoreUnavailable: certainly not done.
            StoreUnconfirmed: sent, and no answer came.
            ValueError: over 32 topics or 64 KB: a fault of the service.
        """
        if self.unsafe is not None:
            raise StoreUnavailable(str(self.unsafe))
        blob = commit_argument(self.keys, lane, state, decision, epoch, lane_of, out, done, sign_in, audit, seal)
        try:
            reply = await self._run_commit(lane, blob, deadline or self.deadline())
        except RedisError as exc:
            if _never_ran(exc):
                raise StoreUnavailable(str(exc)) from exc
            raise
        kind = reply[0]
        if kind == b"ok":
            commit = Committed(int(reply[1]), int(reply[2]))
            self.seen_commit = max(self.seen_commit, commit.commit)
            return commit
        if kind == b"known":
            return _outcome.decode(reply[1])
        if kind == b"conflict":
            return Conflict(reply[1].decode())
        return Conflict("epoch")

    async def _run_commit(self, lane: Lane, blob: bytes, deadline: float) -> Any:
        flight = self._flights[lane]
        try:
            async with asyncio.timeout_at(deadline):
                await flight.acquire()
        except TimeoutError as exc:
            raise StoreUnavailable("too much is being committed") from exc
        try:
            if self.replicas:
                return await self._run_replicated(lane, blob, deadline)
            return await self.script(lane, "commit", blob, deadline=deadline)
        finally:
            flight.release()

    async def _run_replicated(self, lane: Lane, blob: bytes, deadline: float) -> Any:
        """The script, then wait until every replica has it on disk, in one pipeline.

        `WAIT` covers what its own connection wrote: the write of `fence` makes it cover an
        outcome that another connection wrote, too. `WAITAOF` alone takes a second on Valkey 9.1.
        """
        left_ms = max(1, int((deadline - asyncio.get_running_loop().time()) * 1000))
        run: Args = ["EVALSHA", SHA["commit"], 1, self.keys.head, blob]
        while True:
            reply, _, copied, fsynced = await self._links[COMMITS + lane].many(
                [
                    run,
                    ["SET", self.keys.prefix + "fence", 1],
                    ["WAIT", self.replicas, left_ms],
                    ["WAITAOF", 1, self.replicas, left_ms],
                ],
                deadline,
            )
            if not isinstance(reply, NoScriptError):
                break
            run = ["EVAL", SCRIPTS["commit"], 1, self.keys.head, blob]
        if isinstance(reply, RedisError):
            raise reply
        if isinstance(fsynced, RedisError) or copied < self.replicas or fsynced[1] < self.replicas:
            raise StoreUnconfirmed(f"fewer than {self.replicas} replicas have it on disk")
        return reply

    # -- tables, fixes, timers ------------------------------------------------------

    async def table(self, lane: str, topic: str) -> Snapshot:
        """One topic's table, whole, at one commit."""
        epoch, offset, things, fixes = await self.script(lane, "table", self.keys.prefix, topic)
        return Snapshot(epoch.decode(), int(offset), _pairs(things), _pairs(fixes))

    async def put_fix(self, fix: Fix, at: int, state: State | None = None) -> bool | Conflict:
        """Keep a fix if it is the newest of its thing, and say `moved` to its topics.

        Returns:
            whether it moved; `Conflict` when the fix has a memory and the record that `state` found is no
            longer the one that stands: nothing was written, observe again.
        """
        face = {"lat": fix.lat, "lon": fix.lon, "accuracy_m": fix.accuracy_m, "fix_at": fix.fix_at, **fix.extra}
        pairs = [part for pair in fix.topics for part in pair]
        version = "" if fix.memory is None or state is None else state.fixes.get((fix.type, fix.id), 0)
        reply = await self.script(
            "bulk", "fix", self.keys.prefix, fix.type, fix.id, fix.fix_at, pack(fix), pack(face),
            fix.index or "", fix.lon, indexed_lat(fix.lat), pack([at, face, fix.topics]), version, *pairs,
        )  # fmt: skip
        return Conflict(f"fix/{fix.id}") if reply < 0 else reply == 1

    async def lease(self, lane: str, count: int, lease_ms: int) -> tuple[int, int, list[Due]]:
        """Lease due timers: (now, when the next is due or 0, timers)."""
        now, first, flat = await self.script(
            lane if lane in self._links else "normal", "lease", self.keys.prefix, lane, count, lease_ms
        )
        due = []
        for place in range(0, len(flat), 4):
            cmd, data = unpack(flat[place + 1])
            due.append(
                Due(lane, flat[place].decode(), flat[place + 2].decode(), cmd, data, int(float(flat[place + 3])))
            )
        return int(now), int(first), due


def _local_ms() -> int:
    return time.time_ns() // 1_000_000


def _pairs(flat: list[bytes]) -> dict[str, bytes]:
    return {flat[place].decode(): flat[place + 1] for place in range(0, len(flat), 2)}


def _never_ran(exc: RedisError) -> bool:
    """Errors that the store gives before a script's first write. redis-py strips the code where it has a class."""
    refused = OutOfMemoryError | ReadOnlyError | ClusterDownError | BusyLoadingError
    return isinstance(exc, refused) or str(exc).startswith(("MISCONF", "BUSY", "NOREPLICAS"))
