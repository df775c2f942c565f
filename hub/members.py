"""The people of each desk: an index that every enrolment writes, and what a desk reads of it.

Each desk enrols its own people. The index says who they are; what they may do stands in their sign-ins alone. Somebody
of another desk is simply not there, so that a desk learns nothing about others' people.
"""

from __future__ import annotations

from collections.abc import Collection
from typing import Final

from msgspec import Struct

from hub.contract import Actor, Presence
from hub.keys import Keys
from hub.link import Args
from hub.revoking import ID_LENGTH
from hub.services import Services
from hub.sightings import seen
from hub.store import Store

DESK_OF: Final = {"medic": "medic", "seller": "market", "crew": "van", "plut": "city", "admin": "admin"}
"""Whose people a role is; a dispatcher belongs to their own desk, a machine (`service`, `tracker`) to none."""
DESKS: Final = ("medic", "market", "van", "city")
GROUPS: Final = (*DESKS, "admin")
MOST: Final = 200
"""People in one answer, the latest enrolled ones."""
CODE_S: Final = 24 * 3600


class Member(Struct, frozen=True, omit_defaults=True):
    """Somebody who was enrolled; `enrolled_at` is the last time, in ms."""

    person: str
    role: str
    name: str
    enrolled_at: int
    vehicle: str = ""
    desk: str | None = None
    shop: str | None = None
    van: str | None = None

    @property
    def group(self) -> str | None:
        return desk_of(self.role, self.desk)


class Device(Struct, frozen=True, omit_defaults=True):
    """A sign-in that stands. `seen_at`: ms, 0 for not known."""

    id: str
    created_at: int
    expires_at: int
    live: bool
    seen_at: int = 0


class Standing(Struct, frozen=True):
    """A member's sign-ins, and whether a ring would be heard.

    Args:
        reachable: None for a role that is never rung.
        link_until: until when a code that nobody used yet is good; 0 when there is none.
        wakeable: some device of theirs can be woken by push.
    """

    member: Member
    devices: tuple[Device, ...]
    reachable: bool | None
    link_until: int
    wakeable: bool = False


def desk_of(role: str, desk: str | None) -> str | None:
    """The desk whose people somebody belongs to; None for nobody's."""
    return desk if role == "dispatcher" else DESK_OF.get(role)


def desks_of(actor: Actor) -> tuple[str, ...]:
    """The desks whose people somebody sees and signs out: their own; an admin all; everybody else none."""
    if actor.role == "admin":
        return GROUPS
    if actor.role == "dispatcher" and actor.desk is not None and actor.desk in DESKS:
        return (actor.desk,)
    return ()


def may_enrol(actor: Actor, desks: Collection[str] = DESKS) -> list[tuple[str, str | None]]:
    """The (role, desk) pairs that somebody may enrol: a desk its own people, an admin a dispatcher for each desk.

    Args:
        desks: those that this city has.
    """
    pairs: list[tuple[str, str | None]] = [] if actor.role == "admin" else [(role, None) for role in DESK_OF]
    pairs += [("dispatcher", desk) for desk in DESKS]
    mine = [desk for desk in desks_of(actor) if desk in desks]
    return [pair for pair in pairs if desk_of(*pair) in mine]


def noted(keys: Keys, member: Member, code: str) -> list[Args]:
    """The commands that write an enrolment into the index; they go before the code itself, whose digest is `code`."""
    group, person = member.group, member.person
    if group is None:
        return []
    fields: list[str | int] = []
    for name in ("role", "name", "vehicle", "desk", "shop", "van"):
        fields += [name, getattr(member, name) or ""]
    commands: list[Args] = [
        ["HSET", keys.member(person), *fields, "at", member.enrolled_at],
        ["ZADD", keys.people(group), member.enrolled_at, person],
        ["SADD", keys.codes(person), code],
        ["EXPIRE", keys.codes(person), CODE_S],
    ]
    if member.shop:
        commands.append(["ZADD", keys.people(f"shop:{member.shop}"), member.enrolled_at, person])
    return commands


async def member_of(store: Store, person: str) -> Member | None:
    """Somebody who was enrolled, whosever people they are.

    Raises:
        StoreError: the store could not be asked.
    """
    (row,) = await store.many("normal", [["HGETALL", store.keys.member(person)]])
    return _member(person, row)


class People:
    """Reads of the index.

    Raises (every method):
        StoreError: the store could not be asked.
    """

    def __init__(self, store: Store, services: Services) -> None:
        self._store, self._keys, self._rung = store, store.keys, services.presence

    async def one(self, person: str) -> Member | None:
        return await member_of(self._store, person)

    async def newest(self, groups: tuple[str, ...], shop: str | None = None) -> tuple[list[Member], int]:
        """The people of these desks, the latest enrolled first, at most `MOST`; and how many more there are.

        Args:
            shop: only those who sell there.
        """
        indexes = [self._keys.people(f"shop:{shop}" if shop is not None else group) for group in groups]
        lists = await self._store.many("normal", [["ZREVRANGE", key, 0, MOST - 1] for key in indexes])
        all_ = sum(await self._store.many("normal", [["ZCARD", key] for key in indexes]))
        people = [name.decode() for names in lists for name in names]
        kept = [one for one in await self._members(people) if one is not None and one.group in groups]
        if shop is not None:
            kept = [one for one in kept if one.shop == shop]
        kept.sort(key=lambda one: -one.enrolled_at)
        return kept[:MOST], all_ - len(people) + len(kept[MOST:])

    async def everybody(self, group: str, roles: Collection[str]) -> list[Member]:
        """All people of a desk in these roles who have a sign-in that stands, however many; a page at a time."""
        (names,) = await self._store.many("normal", [["ZRANGE", self._keys.people(group), 0, -1]])
        found: list[Member] = []
        for place in range(0, len(names), MOST):
            page = await self._members([name.decode() for name in names[place : place + MOST]])
            members = [one for one in page if one is not None and one.group == group and one.role in roles]
            found += [one.member for one in await self.standing(members) if one.devices]
        return found

    async def _members(self, people: list[str]) -> list[Member | None]:
        rows = await self._store.many("normal", [["HGETALL", self._keys.member(person)] for person in people])
        return [_member(person, row) for person, row in zip(people, rows, strict=True)]

    async def standing(self, members: list[Member]) -> list[Standing]:
        """What each of them has: sign-ins that stand, an open code, and whether they can be reached."""
        keys, many = self._keys, self._store.many
        digests = await many("normal", [["SMEMBERS", keys.sessions(one.person)] for one in members])
        codes = await many("normal", [["SMEMBERS", keys.codes(one.person)] for one in members])
        devices = await self._devices([name.decode() for names in digests for name in names])
        left = await self._left([name.decode() for names in codes for name in names])
        rung = [Presence(one.person) for one in members if one.role in self._rung]
        state = await self._store.found("normal", rung)
        wakeable = await many("normal", [["HEXISTS", keys.wakeable, f"{one.role}:{one.person}"] for one in members])
        standing = []
        for member, names, made, wakes in zip(members, digests, codes, wakeable, strict=True):
            own = [device for name in names if (device := devices.get(name.decode())) is not None]
            own.sort(key=lambda device: (-device.live, -device.created_at))
            reachable = state.reach(member.person).reachable if member.role in self._rung else None
            until = max((left.get(name.decode(), 0) for name in made), default=0)
            standing.append(Standing(member, tuple(own), reachable, until, bool(wakes)))
        return standing

    async def _devices(self, digests: list[str]) -> dict[str, Device]:
        """The sign-ins that stand, by digest."""
        keys, now, found = self._keys, self._store.now(), {}
        fields = ("created", "expires", "revoked")
        rows = await self._store.many("normal", [["HMGET", keys.session(one), *fields] for one in digests])
        notes = await self._store.many("normal", [["HGETALL", keys.seen(one)] for one in digests])
        for digest, (created, expires, revoked), noted_at in zip(digests, rows, notes, strict=True):
            if created is not None and revoked is None and int(expires) > now:
                live, at = seen(noted_at, now)
                found[digest] = Device(digest[:ID_LENGTH], int(created), int(expires), live, at)
        return found

    async def _left(self, codes: list[str]) -> dict[str, int]:
        """Until when each code that is still good is so."""
        left = await self._store.many("normal", [["PTTL", self._keys.enrol(code)] for code in codes])
        now = self._store.now()
        return {code: now + ms for code, ms in zip(codes, left, strict=True) if ms > 0}


def _member(person: str, row: list[bytes]) -> Member | None:
    fields = {row[place].decode(): row[place + 1].decode() for place in range(0, len(row), 2)}
    if not fields:
        return None
    return Member(
        person,
        fields["role"],
        fields["name"],
        int(fields["at"]),
        fields["vehicle"],
        fields["desk"] or None,
        fields["shop"] or None,
        fields["van"] or None,
    )
