"""Whose screens answer: `here` frames, leases in the store, and the change that a service hears of.

A person is reachable when some page of theirs answered within 10 s and its
sound works. Each hub leases what it knows (`here:<person>`, its node); the
service reads the leases of all hubs. When a hub dies its leases run out, and
the worker's sweep tells the service.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import uuid
from typing import Final, Protocol

from hub.contract import Actor
from hub.dispatch import Dispatch
from hub.errors import StoreError
from hub.services import Services
from hub.store import Store
from hub.wire import Here

log = logging.getLogger("kentongan.presence")

LEASE_MS: Final = 10_000
TESTED_MS: Final = 24 * 3600 * 1000
KEEP_MS: Final = 24 * 3600 * 1000
SWEEP_S: Final = 1.0
LEFT_S: Final = 3.0
FLUSH_S: Final = 0.05


class Screen(Protocol):
    """A socket, as presence sees it."""

    @property
    def actor(self) -> Actor: ...

    here: Here | None
    here_at: float


class Left:
    """A socket that closed: for a reconnect of a few seconds its person does not count as gone."""

    __slots__ = ("actor", "here", "here_at")

    def __init__(self, screen: Screen, now: float) -> None:
        self.actor, self.here = screen.actor, screen.here
        self.here_at = min(screen.here_at, now - LEASE_MS / 1000 + LEFT_S)


class Person:
    __slots__ = ("actor", "reachable", "screens")

    def __init__(self, actor: Actor) -> None:
        self.actor = actor
        self.screens: set[Screen | Left] = set()
        self.reachable: tuple[bool, bool] = (False, False)


class Presence:
    """The screens of one hub."""

    def __init__(self, store: Store, dispatch: Dispatch, services: Services, node: str) -> None:
        self._store, self._dispatch, self._services, self._node = store, dispatch, services, node
        self._people: dict[str, Person] = {}
        self._dirty: set[str] = set()
        self._tasks: set[asyncio.Task[None]] = set()
        self._flush: asyncio.Task[None] | None = None
        self._sweeper: asyncio.Task[None] | None = None

    def start(self) -> None:
        self._sweeper = asyncio.create_task(self._sweep(), name="presence sweep")

    async def close(self) -> None:
        for task in [*self._tasks, *filter(None, (self._sweeper, self._flush))]:
            task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await task

    def receive_here(self, screen: Screen, here: Here) -> None:
        """A page's script answered a beat."""
        screen.here, screen.here_at = here, asyncio.get_running_loop().time()
        actor = screen.actor
        if actor.role not in self._services.asked and not here.push:
            return  # nobody asks whether they hear: neither a service nor who would wake their phone
        person = self._people.setdefault(actor.person, Person(actor))
        person.screens.add(screen)
        person.screens -= {left for left in person.screens if isinstance(left, Left)}
        self._touch(actor.person)

    def gone(self, screen: Screen) -> None:
        """A socket closed; its person has a few seconds to come back."""
        person = self._people.get(screen.actor.person)
        if person is not None and screen in person.screens:
            person.screens.discard(screen)
            person.screens.add(Left(screen, asyncio.get_running_loop().time()))

    def _touch(self, name: str) -> None:
        self._dirty.add(name)
        if self._flush is None:
            self._flush = asyncio.create_task(self._write(), name="presence flush")

    async def _write(self) -> None:
        """Lease what changed in one trip, then tell the services whose answer changed."""
        try:
            while self._dirty:
                await asyncio.sleep(FLUSH_S)
                names, self._dirty = self._dirty, set()
                await self._write_all(names)
        finally:
            self._flush = None

    async def _write_all(self, names: set[str]) -> None:
        now, wall = asyncio.get_running_loop().time(), self._store.now()
        commands: list[list[str | int]] = []
        changed: list[str] = []
        for name in names:
            person = self._people.get(name)
            if person is None:
                continue
            face = _face(person.screens, now, wall)
            key = self._store.keys.here(name)
            if person.screens:
                value = f"{wall + LEASE_MS} {int(face[2])} {int(face[1])} {wall}"
                commands.append(["HSET", key, self._node, value])
                commands.append(["PEXPIRE", key, KEEP_MS])
                member = f"{person.actor.role}:{name}"
                if person.actor.role in self._services.presence:
                    commands.append(["ZADD", self._store.keys.prefix + "leases", wall + LEASE_MS, member])
            else:
                commands.append(["HDEL", key, self._node])
                del self._people[name]
            if face[:2] != person.reachable:
                person.reachable = face[:2]
                changed.append(name)
                self._tell(name, person)
        if commands:
            try:
                await self._store.many("normal", commands)
            except StoreError:
                self._dirty |= {name for name in names if name in self._people}

    def _tell(self, name: str, person: Person) -> None:
        if person.actor.role not in self._services.presence:
            return
        _, cmd = self._services.presence[person.actor.role]
        connected, audible = person.reachable
        data = {"person": name, "reachable": connected and audible, "connected": connected}
        task = asyncio.create_task(self._run(cmd, data, _hub_for(person.actor)))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _run(self, cmd: str, data: dict[str, object], hub: Actor) -> None:
        await asyncio.sleep(FLUSH_S)  # the lease first: the service reads it
        id_ = str(uuid.uuid4())
        for _ in range(5):
            answer = await self._dispatch.run(cmd, data, hub, id_)
            if answer.ok or not answer.retry:
                return
            await asyncio.sleep(0.5)

    async def _sweep(self) -> None:
        """Notice pages that stopped to answer, and renew the leases of those that do."""
        while True:
            await asyncio.sleep(SWEEP_S)
            now = asyncio.get_running_loop().time()
            for name, person in list(self._people.items()):
                for screen in list(person.screens):
                    if now - screen.here_at > LEASE_MS / 1000:
                        person.screens.discard(screen)
                        self._touch(name)


def _hub_for(actor: Actor) -> Actor:
    """The hub itself, with the name, shop, van or desk of the person it speaks of."""
    return Actor(person="hub", role="hub", name=actor.name, shop=actor.shop, van=actor.van, desk=actor.desk)


def _face(screens: set[Screen | Left], now: float, wall: int) -> tuple[bool, bool, bool]:
    """(connected, audible, visible) over the screens that answered within the lease."""
    live = [screen.here for screen in screens if screen.here is not None and now - screen.here_at <= LEASE_MS / 1000]
    audible = any(here.audible and here.tested_at is not None and wall - here.tested_at < TESTED_MS for here in live)
    return bool(live), audible, any(here.visible for here in live)
