"""Which keys of a city hold something personal, and how a backup's sealer sees them: there and back.

    thing:<type>:<id>          its state, field by field
    table:<topic>              each view, whole
    member:<p>, looks:<p>, ... whatever is kept under a person's own name, whole

Personal fields in the audit log are sealed where they are written. What else may hold a name, a phone or a place
(deliveries that wait for a webhook, one-time codes, where somebody was last) is short-lived, and sealed with the backup
key (`secret`).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import Any, Final, Protocol

THING: Final = b"thing:"
OWN: Final = re.compile(rb"(?:member|looks):(.+)$")
SECRET: Final = re.compile(rb"(?:secret|hooks)$|(?:push|enrol|hook:item|hook:letter|fix|fixes|geo|member|looks):")


class Sealer(Protocol):
    """What makes personal fields readable with their persons' keys alone.

    What opens gets what `seal_*` gave, and has the keys that there are now: fields of somebody who has none any more
    come back empty, and what is None is left out.
    """

    def meet(self, things: Iterable[tuple[str, str, bytes]]) -> None:
        """These things (type, id, state) are sealed next: whatever takes a trip is better done for all at once."""

    def seal_thing(self, type_: str, id_: str, state: bytes) -> bytes:
        """The MessagePack of a thing, its personal fields sealed."""

    def open_thing(self, type_: str, id_: str, state: bytes) -> bytes | None: ...

    def seal_view(self, topic: str, id_: str, view: bytes) -> bytes:
        """The same of a view in a topic's table."""

    def open_view(self, topic: str, id_: str, view: bytes) -> bytes | None: ...

    def seal_own(self, person: str, name: str, value: bytes) -> bytes:
        """A value of a key that is one person's; `name`: the key's, without the city's prefix."""

    def open_own(self, person: str, name: str, value: bytes) -> bytes | None: ...


def secret(name: bytes) -> bool:
    """Whether a key is sealed with the backup key besides."""
    return SECRET.match(name) is not None


def met(sealer: Sealer, keys: Iterable[tuple[bytes, list[Any]]]) -> None:
    """Let the sealer meet the things among these keys (name, flat list)."""
    things = []
    for name, flat in keys:
        if name.startswith(THING) and b"s" in flat[::2]:
            type_, _, id_ = name.removeprefix(THING).decode("utf-8", "surrogateescape").partition(":")
            things.append((type_, id_, flat[2 * flat[::2].index(b"s") + 1]))
    if things:
        sealer.meet(things)


def blinded(sealer: Sealer, name: bytes, kind: str, flat: list[Any]) -> list[Any]:
    """A key's flat list with what is personal in it sealed."""
    return [one for pair in _each(name, kind, flat) for one in pair(sealer, True)]


def opened(sealer: Sealer, name: bytes, kind: str, flat: list[Any]) -> list[Any]:
    """The way back; what cannot be read any more is not in it."""
    return [one for pair in _each(name, kind, flat) for one in pair(sealer, False)]


class _Part(Protocol):
    """A field and its value, or a bare value, as they come out."""

    def __call__(self, sealer: Sealer, seal: bool, /) -> list[Any]: ...


def _each(name: bytes, kind: str, flat: list[Any]) -> Iterator[_Part]:
    text = name.decode("utf-8", "surrogateescape")
    part, _, rest = text.partition(":")
    if part == "thing" and kind == "hash":
        type_, _, id_ = rest.partition(":")
        yield _thing(type_, id_, flat)
    elif part == "table" and kind == "hash":
        yield from (_view(rest, id_, view) for id_, view in zip(flat[::2], flat[1::2], strict=True))
    elif (own := OWN.match(name)) is not None and kind in ("hash", "list"):
        person = own[1].decode("utf-8", "surrogateescape")
        pairs = zip(flat[::2], flat[1::2], strict=True) if kind == "hash" else ((None, one) for one in flat)
        yield from (_own(person, text, field, value) for field, value in pairs)
    else:
        yield lambda sealer, seal, /: flat


def _thing(type_: str, id_: str, flat: list[Any]) -> _Part:
    fields = dict(zip(flat[::2], flat[1::2], strict=True))

    def part(sealer: Sealer, seal: bool, /) -> list[Any]:
        if b"s" not in fields:
            return flat
        state = (sealer.seal_thing if seal else sealer.open_thing)(type_, id_, fields[b"s"])
        return [] if state is None else [one for pair in {**fields, b"s": state}.items() for one in pair]

    return part


def _view(topic: str, id_: bytes, view: bytes) -> _Part:
    def part(sealer: Sealer, seal: bool, /) -> list[Any]:
        found = (sealer.seal_view if seal else sealer.open_view)(topic, id_.decode("utf-8", "surrogateescape"), view)
        return [] if found is None else [id_, found]

    return part


def _own(person: str, name: str, field: bytes | None, value: bytes) -> _Part:
    def part(sealer: Sealer, seal: bool, /) -> list[Any]:
        found = (sealer.seal_own if seal else sealer.open_own)(person, name, value)
        return [] if found is None else [found] if field is None else [field, found]

    return part
