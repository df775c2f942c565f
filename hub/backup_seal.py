"""The personal fields of a backup, sealed with the keys of the persons they are about.

    things       field by field, as their service declares it (`hub/seal.py`)
    views        whatever in them is word for word a personal field of their thing; in a topic of one person's own,
                 then the whole view with that person's key
    own records  the value, whole

A place that a view shows rounded is no longer what its thing holds, and stays. Without the key a field comes back
blank, and a view without what was sealed in it; of one's own topics and records nothing comes back. Who was erased
and came again has a new key: what the old one sealed is as good as without.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any, Final, cast

import msgspec
import redis

from hub.blinding import Sealer
from hub.commit import pack, unpack
from hub.errors import SealError
from hub.keys import Keys
from hub.personal import Blank, Spot
from hub.seal import Sealing, aad, new_key, seal, unseal
from hub.services import Services

MARK: Final = "\0sealed"
SHORTEST: Final = 2
OWN: Final = "person/"
Ring = Callable[[Iterable[str]], Mapping[str, bytes]]
"""Persons -> their keys, of those who have one."""

Told = tuple[str | float | None, str]

State = Callable[[str, str], bytes | None]
"""A thing's state now, by type and id."""


class PersonSealers:
    """Sealers for what the services of a city declare."""

    def __init__(self, city: str, services: Services) -> None:
        self._city, self._services = city, services

    def sealing(self, client: redis.Redis, keys: Keys) -> Sealer:
        def state(type_: str, id_: str) -> bytes | None:
            return cast(bytes | None, client.hget(keys.thing(type_, id_), "s"))

        return PersonSealer(self._city, self._services, _making(client, keys), state)

    def opening(self, kept: Mapping[str, bytes]) -> Sealer:
        def ring(people: Iterable[str]) -> Mapping[str, bytes]:
            return {person: kept[person] for person in people if person in kept}

        return PersonSealer(self._city, self._services, ring, lambda type_, id_: None)


def _making(client: redis.Redis, keys: Keys) -> Ring:
    """Keys out of the store, remembered; who has none gets one now, the same for whoever asks meanwhile."""
    known: dict[str, bytes] = {}
    for person, key in client.hscan_iter(keys.person_keys, count=1000):
        known[person.decode()] = bytes(key)

    def ring(people: Iterable[str]) -> Mapping[str, bytes]:
        missing = [person for person in people if person not in known]
        if missing:
            pipe: Any = client.pipeline(transaction=False)
            for person in missing:
                pipe.hsetnx(keys.person_keys, person, new_key())
            found = pipe.hmget(keys.person_keys, missing).execute()[-1]
            # None: erased in this very moment
            known.update((person, key) for person, key in zip(missing, found, strict=True) if key is not None)
        return {person: known.get(person) or new_key() for person in people}

    return ring


class PersonSealer:
    """One backup's or restore's. `state`: of a thing whose view is sealed."""

    def __init__(self, city: str, services: Services, ring: Ring, state: State) -> None:
        self._city, self._services, self._ring, self._state = city, services, ring, state
        self._declared = services.declared
        self._sealing = Sealing(city, services.declared)
        self._seen: dict[tuple[str, str], list[Told]] = {}
        """What is personal in the things that were sealed: their views come behind them."""
        self._topic = ("", "")
        """The last one, and whose it is: the views of a topic come together."""

    # -- things -----------------------------------------------------------------------------

    def meet(self, things: Iterable[tuple[str, str, bytes]]) -> None:
        people: set[str] = set()
        for type_, id_, state in things:
            if self._personal(type_):
                told = self._seen[type_, id_] = self._told_by(type_, id_, unpack(state))
                people.update(person for _, person in told)
        self._ring(people)

    def seal_thing(self, type_: str, id_: str, state: bytes) -> bytes:
        if not self._personal(type_):
            return state
        plain = unpack(state)
        told = self._seen[type_, id_] = self._told_by(type_, id_, plain)
        keys = self._ring({person for _, person in told})
        return pack(self._sealing.sealed_state(type_, id_, plain, keys)) if told else state

    def open_thing(self, type_: str, id_: str, state: bytes) -> bytes:
        if not self._personal(type_):
            return state
        plain = unpack(state)
        keys = self._ring(self._sealing.people(type_, id_, plain))
        try:
            return pack(self._sealing.unsealed_state(type_, id_, plain, keys))
        except SealError:
            fits = {person: key for person, key in keys.items() if self._fits(type_, id_, plain, {person: key})}
            return pack(self._sealing.unsealed_state(type_, id_, plain, fits))

    def _fits(self, type_: str, id_: str, plain: Any, keys: Mapping[str, bytes]) -> bool:
        try:
            self._sealing.unsealed_state(type_, id_, plain, keys)
        except SealError:
            return False
        return True

    def _personal(self, type_: str) -> bool:
        return self._services.types.get(type_) in self._declared.structs

    # -- views ------------------------------------------------------------------------------

    def seal_view(self, topic: str, id_: str, view: bytes) -> bytes:
        said = unpack(view)
        told = dict(self._told(said)) if isinstance(said, dict) else {}
        told = {leaf: person for leaf, person in told.items() if person and leaf is not None}
        if told:
            keys = self._ring(set(told.values()))

            def marked(value: Any) -> Any:
                person = told.get(value, "") if isinstance(value, str | float) else ""
                bound = aad(self._city, person, f"{topic} {id_}")
                return {MARK: [person, seal(keys[person], bound, value)]} if person else value

            view = pack(_walked(said, marked))
        own = self._whose(topic)
        return pack({MARK: [own, self._sealed_own(own, f"{topic} {id_}", view)]}) if own else view

    def open_view(self, topic: str, id_: str, view: bytes) -> bytes | None:
        said, bound = unpack(view), f"{topic} {id_}"
        if isinstance(said, dict) and self._whose(topic) and (found := said.get(MARK)) is not None:
            whole = self.open_own(found[0], bound, found[1])
            if whole is None:
                return None
            said = unpack(whole)
        return pack(_opened(said, lambda person, blob: self._value(person, bound, blob)))

    def _value(self, person: str, bound: str, blob: bytes) -> Any:
        key = self._ring([person]).get(person)
        if key is None:
            return msgspec.UNSET
        try:
            return unseal(key, aad(self._city, person, bound), blob)
        except SealError:
            return msgspec.UNSET

    def _told(self, view: Mapping[str, Any]) -> list[Told]:
        """What is personal in the thing that a view shows."""
        card = self._services.cards.get(str(view.get("type")))
        type_, id_ = (card.type, view.get(card.id)) if card is not None else (view.get("type"), view.get("id"))
        if not isinstance(type_, str) or not isinstance(id_, str) or not self._personal(type_):
            return []
        if (type_, id_) not in self._seen:
            state = self._state(type_, id_)
            self._seen[type_, id_] = [] if state is None else self._told_by(type_, id_, unpack(state))
        return self._seen[type_, id_]

    def _told_by(self, type_: str, id_: str, plain: Any) -> list[Told]:
        """Each word and number of a thing that is personal, and whose; for a field without any None, and whose."""
        found: list[Told] = []

        def note(spot: Spot, value: Any, blank: Blank) -> Any:
            found.append((None, spot.person))
            found.extend((leaf, spot.person) for leaf in _leaves(value))
            return value

        self._declared.walked(type_, id_, plain, note)
        return found

    def _whose(self, topic: str) -> str:
        """The one person whose topic it is; empty for everybody else's."""
        if self._topic[0] != topic:
            found = self._services.topic(topic)
            segments = found.segments if found is not None else {}
            own = segments.get("person") or (segments.get("id", "") if topic.startswith(OWN) else "")
            self._topic = (topic, own)
        return self._topic[1]

    # -- what is one person's ------------------------------------------------------------------

    def seal_own(self, person: str, name: str, value: bytes) -> bytes:
        return self._sealed_own(person, name, value)

    def _sealed_own(self, person: str, name: str, value: bytes) -> bytes:
        return seal(self._ring([person])[person], aad(self._city, person, name), value)

    def open_own(self, person: str, name: str, value: bytes) -> bytes | None:
        found = self._value(person, name, value)
        return None if found is msgspec.UNSET else found


def _leaves(value: Any) -> Iterator[str | float]:
    """Words and numbers long enough to be somebody's."""
    if isinstance(value, dict):
        for one in value.values():
            yield from _leaves(one)
    elif isinstance(value, list):
        for one in value:
            yield from _leaves(one)
    elif isinstance(value, float) or (isinstance(value, str) and len(value) >= SHORTEST):
        yield value


def _walked(value: Any, visit: Callable[[Any], Any]) -> Any:
    if isinstance(value, dict):
        return {key: _walked(one, visit) for key, one in value.items()}
    if isinstance(value, list):
        return [_walked(one, visit) for one in value]
    return visit(value)


def _opened(value: Any, open_: Callable[[str, bytes], Any]) -> Any:
    """What was sealed in it opened, or left out."""
    if isinstance(value, dict):
        if MARK in value:
            return open_(*value[MARK])
        made = {key: _opened(one, open_) for key, one in value.items()}
        return {key: one for key, one in made.items() if one is not msgspec.UNSET}
    if isinstance(value, list):
        return [made for one in value if (made := _opened(one, open_)) is not msgspec.UNSET]
    return value
