"""What is kept of one person: found, told, and forgotten.

Forget. The things of somebody are found by looking at all of the city's (rare, in slices, on the bulk link). While one
of them is under way (`Personal.open`: a call for a medic, an order) nobody is erased: the caller wins. What has ended
is blurred by its own service, with its screens, each in a commit of its own; then one script takes the key, the
sign-ins, the record, the subscriptions and what else stands under the person's name, writes `privacy.erase` into the
audit log and keeps the id in `{city}:erased`. Whatever fails before is done again by asking again. Without the key all
that was sealed with it is noise, in the log, in the archive and in every backup; ids and figures stay. It is done when
every replica that is connected has followed; else `unconfirmed`, and asking again waits for them again.
Again. A restore brings back what was erased since its backup: `again` forgets those people anew.
The bus's own log holds what screens showed for at most a day, and is not searched.
"""

from __future__ import annotations

import uuid
from collections.abc import AsyncIterator
from typing import Any, Final

import msgpack
import msgspec
from msgspec import Struct

from hub.commit import pack, unpack
from hub.contract import ITS_ID, Actor, State, Thing
from hub.dispatch import Answer, Dispatch, refused
from hub.errors import StoreUnavailable
from hub.identity import COOKIE_ROLES
from hub.link import Args
from hub.members import GROUPS, member_of
from hub.replicas import had
from hub.revoking import EVERY, end_of
from hub.store import Committed

LINK: Final = "bulk"
PAGE: Final = 1_000
TRIES: Final = 5
LONGEST: Final = 200
OPERATOR: Final = Actor(person="operator", role="system")
"""Who works at the command line."""


class Held(Struct, frozen=True):
    """One thing in which something of somebody stands."""

    type: str
    id: str
    state: Struct

    @property
    def name(self) -> str:
        return f"{self.type}/{self.id}"


class Privacy:
    """One city's people, as far as they may know and decide themselves.

    Raises (every method):
        StoreError: the store could not be asked.
    """

    def __init__(self, dispatch: Dispatch) -> None:
        self._dispatch, self._store, self._services = dispatch, dispatch.store, dispatch.services
        self._declared = dispatch.services.declared
        self._types = [type_ for type_, struct in self._services.types.items() if struct in self._declared.structs]

    # -- finding ----------------------------------------------------------------------------

    async def things(self, person: str) -> list[Held]:
        """Every thing that holds something personal of theirs, or is theirs and under way."""
        needles = {person} | {
            person.removeprefix(said.called)
            for said in self._declared.structs.values()
            if said.called and person.startswith(said.called)
        }
        found = []
        async for type_, id_, blob in self._blobs():
            if id_ not in needles and not any(one.encode() in blob for one in needles):
                continue
            state: Struct = msgspec.msgpack.decode(blob, type=self._services.types[type_])
            if self._declared.hers(type_, id_, state, person) or self._declared.open(type_, id_, state, person):
                found.append(Held(type_, id_, state))
        return sorted(found, key=lambda one: one.name)

    async def _blobs(self) -> AsyncIterator[tuple[str, str, bytes]]:
        """(type, id, state as it is kept) of every thing that may be somebody's."""
        start = self._store.keys.thing("", "").removesuffix(":")
        async for names in self._names(f"{start}*"):
            wanted = []
            for name in names:
                type_, _, id_ = name.removeprefix(start).partition(":")
                if type_ in self._types:
                    wanted.append((type_, id_, name))
            blobs = await self._store.many(LINK, [["HGET", name, "s"] for _, _, name in wanted]) if wanted else []
            for (type_, id_, _), blob in zip(wanted, blobs, strict=True):
                if blob is not None:
                    yield type_, id_, bytes(blob)

    async def _names(self, pattern: str) -> AsyncIterator[list[str]]:
        """The names of keys, a page at a time; one may come twice."""
        cursor: bytes | int = 0
        while True:
            ((cursor, names),) = await self._store.many(LINK, [["SCAN", cursor, "MATCH", pattern, "COUNT", PAGE]])
            yield [name.decode() for name in names]
            if int(cursor) == 0:
                return

    async def erased_at(self, person: str) -> int:
        """When they were erased, in ms; 0 for never."""
        (at,) = await self._store.many(LINK, [["ZSCORE", self._store.keys.erased, person]])
        return int(float(at)) if at is not None else 0

    async def known(self, person: str, things: list[Held] | None = None) -> bool:
        """Whether anything is kept of them."""
        keys = self._store.keys
        asked: list[Args] = [
            ["HEXISTS", keys.person_keys, person],
            ["EXISTS", keys.sessions(person), keys.member(person)],
        ]
        return bool(things) or any(await self._store.many(LINK, asked))

    # -- forgetting ----------------------------------------------------------------------------

    async def erase(self, person: str, by: Actor) -> Answer:
        """Forget somebody.

        Returns:
            `{person, things, at}`. `illegal_step` while something of theirs is under way (`data.open` names it),
            `not_found` for who is not known or is erased already, `not_allowed` for what is no person; `unconfirmed`
            when it is done and a replica has not said that it follows.
        """
        (service,) = await self._store.many(LINK, [["HEXISTS", self._store.keys.services, person]])
        if service:
            return refused("not_allowed", f"{person} is a service account, no person: revoke it instead")
        things = await self.things(person)
        if not await self.known(person, things):
            return await self._nobody(person)
        if (answer := self._under_way(person, things)) is not None:
            return answer
        id_ = str(uuid.uuid4())
        for held in things:
            answer = await self._blur(held, person, by, id_)
            if answer is not None:
                return answer
        at = await self._forget(person, by, id_, things)
        return await self._followed(person, Answer(True, {"person": person, "things": len(things), "at": at}))

    async def _followed(self, person: str, answer: Answer) -> Answer:
        """The answer, once no replica can read anything of theirs."""
        told = await had(self._store)
        if told.by_all:
            return answer
        message = (
            f"{person[:LONGEST]} is erased here, and {told.have} of {told.wanted} replicas followed so far: ask again"
        )
        more = {**(answer.data or {}), "replicas": told.wanted, "have": told.have}
        return refused("unconfirmed", message, retry=True, data=more)

    async def _nobody(self, person: str) -> Answer:
        if await self.erased_at(person):
            already = refused("not_found", f"{person[:LONGEST]} was erased already: nothing is kept but the id")
            return await self._followed(person, already)
        return refused("not_found", f"nothing is kept of {person[:LONGEST]}")

    def _under_way(self, person: str, things: list[Held]) -> Answer | None:
        open_ = [held.name for held in things if self._declared.open(held.type, held.id, held.state, person)]
        if not open_:
            return None
        return refused("illegal_step", f"{open_[0]} is under way: end it first, then erase", data={"open": open_})

    async def _blur(self, held: Held, person: str, by: Actor, id_: str) -> Answer | None:
        """One thing without what is personal of this person; None when it is done."""
        channel, thing = self._services.channel_of(held.type), Thing(held.type, held.id)
        for _ in range(TRIES):
            state: State = await self._store.found(LINK, [thing])
            before: Struct | None = state.found[thing]
            if before is None or not self._declared.hers(held.type, held.id, before, person):
                return None
            if (answer := self._under_way(person, [Held(held.type, held.id, before)])) is not None:
                return answer
            after = self._declared.blanked(held.type, held.id, before, person)
            if after == before:
                return None
            decision = channel.redrawn(held.type, held.id, before, after, self._store.now())
            result = await self._store.commit(
                channel.lane, state, decision, epoch=self._store.epoch, lane_of=self._services.lane_of, out=None,
                audit={**_said(by, id_, person), "things": [held.name]},
            )  # fmt: skip
            if isinstance(result, Committed):
                return None
        raise StoreUnavailable("too much happens to it at once; try again")

    async def _forget(self, person: str, by: Actor, id_: str, things: list[Held]) -> int:
        keys = self._store.keys
        staff = await member_of(self._store, person)
        if staff is not None:
            await end_of(self._store, person, EVERY)
        digests, codes = await self._store.many(
            LINK, [["SMEMBERS", keys.sessions(person)], ["SMEMBERS", keys.codes(person)]]
        )
        names = [digest.decode() for digest in digests]
        ends = await self._store.many(LINK, [["HGET", keys.session(name), "expires"] for name in names])
        now = self._store.now()
        sessions = [
            [keys.session(name), str(int(until))]
            for name, until in zip(names, ends, strict=True)
            if staff is not None and until is not None and int(until) > now
        ]
        gone = [keys.session(name) for name in names] + [keys.seen(name) for name in names]
        gone += [keys.enrol(code.decode()) for code in codes]
        gone += [keys.sessions(person), keys.codes(person), keys.member(person), keys.here(person), keys.looks(person)]
        gone += [keys.push(role, person) for role in COOKIE_ROLES] + await self._claims(person)
        commands: list[list[str]] = [["DEL", name] for name in gone]
        commands += [["HDEL", keys.wakeable, f"{role}:{person}"] for role in COOKIE_ROLES]
        groups = [*GROUPS, *([f"shop:{staff.shop}"] if staff is not None and staff.shop else [])]
        commands += [["ZREM", keys.people(group), person] for group in groups]
        commands += [["HDEL", keys.fix(type_), person, f"{person}|at", f"{person}|v"] for type_ in self._moving()]
        audit = pack({**_said(by, id_, person), "things": [held.name for held in things][:100]})
        told = {"p": keys.prefix, "person": person, "commands": commands, "sessions": sessions, "audit": audit}
        return int(await self._store.script(LINK, "erase", msgpack.packb(told, use_bin_type=False)))

    async def _claims(self, person: str) -> list[str]:
        """Names that were taken for them; whatever held one has ended."""
        return [name async for names in self._names(self._store.keys.claim(f"*/{person}")) for name in names]

    def _moving(self) -> list[str]:
        """Types whose things are people, and may have a newest fix."""
        return [one for one in self._types if self._declared.structs[self._services.types[one]].whose == ITS_ID]

    async def again(self, since: int = 0) -> list[str]:
        """Forget anew whoever was erased since then (ms) and is known again: what a restore brought back.

        Returns:
            whom.
        """
        (people,) = await self._store.many(LINK, [["ZRANGEBYSCORE", self._store.keys.erased, since, "+inf"]])
        done = []
        for name in people:
            answer = await self.erase(name.decode(), OPERATOR)
            if answer.ok or "things" in (answer.data or {}):  # it is done, whether replicas follow or not
                done.append(name.decode())
        return done


def _said(by: Actor, id_: str, person: str) -> dict[str, Any]:
    return {"cmd": "privacy.erase", "id": id_, "by": by.person, "role": by.role, "about": person}


def entry_of(body: bytes) -> dict[str, Any]:
    """An audit entry, whatever it is."""
    try:
        said = unpack(body)
    except msgspec.MsgspecError:
        return {}
    return said if isinstance(said, dict) else {}
