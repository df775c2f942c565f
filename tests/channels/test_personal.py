"""What every service declares of people: nothing that a command may say of somebody is forgotten."""

from __future__ import annotations

import types
from collections.abc import Iterator, Mapping
from typing import Annotated, Any, Final, Literal, get_args, get_origin, get_type_hints

import msgspec
import pytest
from msgspec import Meta, Struct, UnsetType

from channels import services
from hub.app import services as carried
from hub.city_file import OWN
from hub.city_keys import RETAIN
from hub.contract import Channel
from tests.channels.world import BORDERS

CHANNELS: Final = services(BORDERS)
ID: Final = ("^[A-Za-z0-9_", r"^\d", "^([0-9]")
"""How patterns begin that let nothing through but ids, days and register numbers."""


def free(hint: Any, pattern: str = "") -> bool:
    """Whether a field may hold free text, or a place."""
    if get_origin(hint) is Annotated:
        inner, *metas = get_args(hint)
        given = next((one.pattern for one in metas if isinstance(one, Meta) and one.pattern), pattern)
        return free(inner, given)
    if get_origin(hint) is Literal or hint in (int, bool, type(None), UnsetType):
        return False
    if hint is float:
        return True
    if hint is str:
        return not pattern.startswith(ID)
    if isinstance(hint, type) and issubclass(hint, Struct):
        return any(free(inner) for inner in get_type_hints(hint, include_extras=True).values())
    if get_origin(hint) in (tuple, list, dict, types.UnionType) or get_args(hint):
        return any(free(one) for one in get_args(hint) if one is not Ellipsis)
    return False


def commands() -> Iterator[tuple[Channel, type[Struct]]]:
    for channel in CHANNELS:
        for struct in dict.fromkeys(spec.data for spec in (*channel.commands.values(), *channel.tells.values())):
            yield channel, struct


def parts(hint: Any) -> Iterator[type[Struct]]:
    """The structs in a field's type."""
    if isinstance(hint, type) and issubclass(hint, Struct):
        yield hint
    for one in get_args(hint):
        yield from parts(one)


def unsaid(channel: Channel, struct: type[Struct], path: str = "") -> list[str]:
    """Fields of a struct that are neither personal nor named as nobody's."""
    said = channel.personal.get(struct)
    if struct.__name__ in channel.plain:
        return []
    found = []
    for name, hint in get_type_hints(struct, include_extras=True).items():
        known = name in channel.plain or f"{struct.__name__}.{name}" in channel.plain
        if known or (said is not None and name in said.fields) or not free(hint):
            continue
        inner = list(parts(hint))
        if inner:
            found += [one for part in inner for one in unsaid(channel, part, f"{path}{struct.__name__}.{name} ")]
        else:
            found.append(f"{path}{struct.__name__}.{name}")
    return found


@pytest.mark.parametrize(
    ("channel", "struct"), list(commands()), ids=[f"{one.name}-{struct.__name__}" for one, struct in commands()]
)
def test_every_free_field_of_a_command_is_declared(channel: Channel, struct: type[Struct]) -> None:
    """Free text, phone, name or place: personal with its kind, or named as nobody's with a reason."""
    assert unsaid(channel, struct) == []


def test_a_free_field_is_seen() -> None:
    """The rule itself."""

    class Free(Struct):
        text: str
        nested: tuple[Annotated[str, Meta(max_length=3)], ...] = ()
        id: Annotated[str, Meta(pattern=r"^[A-Za-z0-9_.:-]+\Z")] = ""
        word: Literal["a", "b"] | None = None
        n: int = 0

    hints: Mapping[str, Any] = {"text": True, "nested": True, "id": False, "word": False, "n": False}
    fields = {one.name: one.type for one in msgspec.structs.fields(Free)}
    assert {name: free(fields[name]) for name in hints} == dict(hints)


def test_every_kind_is_one_that_a_city_may_say_how_long() -> None:
    """And Kota Mojokerto says it of each; no kind is there for nothing."""
    kinds = carried().declared.kinds
    assert kinds == sorted(RETAIN)
    assert set(kinds) == set(OWN.retain_days)


def test_every_reason_is_one_and_is_needed() -> None:
    """A name in the list of what is nobody's is that of a field or a struct of the service."""
    for channel in CHANNELS:
        structs = [one for spec in channel.commands.values() for one in (spec.data, *inner(spec.data))]
        structs += [one for spec in channel.tells.values() for one in (spec.data, *inner(spec.data))]
        names = {struct.__name__ for struct in structs}
        names |= {field for struct in structs for field in struct.__struct_fields__}
        names |= {f"{struct.__name__}.{field}" for struct in structs for field in struct.__struct_fields__}
        assert not set(channel.plain) - names, channel.name
        assert all(channel.plain.values())


def inner(struct: type[Struct]) -> list[type[Struct]]:
    found = []
    for hint in get_type_hints(struct, include_extras=True).values():
        for one in parts(hint):
            found += [one, *inner(one)]
    return found


def test_whoever_declares_a_thing_can_redraw_it() -> None:
    """A service that holds somebody's things says what is left on screens without them."""
    for channel in CHANNELS:
        if any(struct in channel.personal for struct in channel.things.values()):
            assert "redrawn" in vars(type(channel)), channel.name
