"""What of commands and things is personal, and whose: what services declare (`contract.Personal`), looked up.

Pure: nothing here seals, stores or forgets. A thing is walked in the plain form that travels (`msgspec.to_builtins`,
or MessagePack decoded without a type), so that what a backup read and what a service holds are walked the same way.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any, Final, NamedTuple, get_args, get_origin, get_type_hints

import msgspec
from msgspec import NODEFAULT, Struct

from hub.contract import ITS_ID, Actor, Command, KeyOf, Personal, State, Thing, Write


class Spot(NamedTuple):
    """One personal field of a thing. `path`: its name, with those of the parts around it."""

    person: str
    path: str
    kind: str


class Blank(NamedTuple):
    """What a field is without what was in it. `left_out`: it is not said at all."""

    left_out: bool
    value: Any


Visit = Callable[[Spot, Any, Blank], Any]
"""(field, what is in it, what it is without that) -> what it holds from now on; the `Blank` itself takes it out."""


class Declared:
    """All that the services of a city declare.

    Args:
        declared: struct -> what of it is personal. types: thing type -> its struct.

    Raises:
        ValueError: a declaration names a field that its struct does not have.
    """

    def __init__(self, declared: Mapping[type[Struct], Personal], types: Mapping[str, type[Struct]]) -> None:
        self.structs, self.types = dict(declared), types
        self._fields = {struct: {one.name: one for one in msgspec.structs.fields(struct)} for struct in self.structs}
        for struct, said in self.structs.items():
            missing = {*said.fields, *said.parts} - self._fields[struct].keys()
            if missing:
                raise ValueError(f"{struct.__name__} has no {', '.join(sorted(missing))} that could be personal")
        self._maps = {
            (struct, field): _is_map(get_type_hints(struct)[field])
            for struct, said in self.structs.items()
            for field in said.parts
        }

    @property
    def kinds(self) -> list[str]:
        """Every kind of personal field."""
        return sorted({kind for said in self.structs.values() for kind in said.fields.values()})

    # -- commands -----------------------------------------------------------------------------

    def told(self, data: Struct) -> dict[str, tuple[str, Any]]:
        """The personal fields in which a command says something: name on the wire -> (kind, what)."""
        said = self.structs.get(type(data))
        if said is None:
            return {}
        fields = self._fields[type(data)]
        return {
            fields[name].encode_name: (kind, value)
            for name, kind in said.fields.items()
            if (value := getattr(data, name)) is not msgspec.UNSET and value != _default(fields[name])
        }

    def keys_for(self, command: Command, actor: Actor, state: State) -> list[KeyOf]:
        """The keys to read for a command, as far as the state shows whom it is about."""
        if not self.told(command.data):
            return []
        of = self.structs[type(command.data)].whose
        if not of or actor.role == "resident":
            return [KeyOf(actor.person)]
        found = ((need.id, value) for need, value in state.found.items() if isinstance(need, Thing) and need.type == of)
        return [KeyOf(person) for id_, value in found if value and (person := self.owner(of, id_, value))]

    def about(self, command: Command, actor: Actor, writes: Iterable[Write]) -> str:
        """Whom a command is about: the person of the thing that it writes, else who gives it."""
        of = self.structs[type(command.data)].whose
        for write in writes if of else ():
            if write.type == of and write.state is not None:
                return self.owner(of, write.id, write.state) or actor.person
        return actor.person

    # -- things --------------------------------------------------------------------------------

    def owner(self, type_: str, id_: str, state: Struct) -> str:
        """Whose a thing is; empty for nobody's."""
        said = self.structs.get(self.types[type_])
        if said is None or not said.whose:
            return ""
        return said.called + (id_ if said.whose == ITS_ID else getattr(state, said.whose))

    def walked(self, type_: str, id_: str, plain: Any, visit: Visit) -> Any:
        """A thing in its plain form with every personal field that says something as `visit` leaves it.

        The one given stays as it was.
        """
        struct = self.types[type_]
        return self._walked(struct, id_, plain, f"{type_}/{id_}", visit) if struct in self.structs else plain

    def people(self, type_: str, id_: str, plain: Any) -> set[str]:
        """Everybody of whom a thing in its plain form holds something personal."""
        found: set[str] = set()

        def note(spot: Spot, value: Any, blank: Blank) -> Any:
            found.add(spot.person)
            return value

        self.walked(type_, id_, plain, note)
        return found

    def hers(self, type_: str, id_: str, state: Struct, person: str) -> bool:
        """Whether a thing holds something personal of theirs, or goes with them. Their id alone is nothing personal."""
        goes = self.structs[self.types[type_]].goes and self.owner(type_, id_, state) == person
        return goes or person in self.people(type_, id_, msgspec.to_builtins(state))

    def open(self, type_: str, id_: str, state: Struct, person: str) -> bool:
        """Whether a thing is this person's and under way."""
        said = self.structs[self.types[type_]]
        return self.owner(type_, id_, state) == person and getattr(state, "state", "") in said.open

    def blanked(self, type_: str, id_: str, state: Struct, person: str) -> Struct | None:
        """A thing without what is personal of this person; None when the whole thing goes."""
        said = self.structs[self.types[type_]]
        if said.goes and self.owner(type_, id_, state) == person:
            return None

        def without(spot: Spot, value: Any, blank: Blank) -> Any:
            return blank if spot.person == person else value

        plain = self.walked(type_, id_, msgspec.to_builtins(state), without)
        after: Struct = msgspec.convert(plain, self.types[type_])
        return after

    # -- the walk --------------------------------------------------------------------------------

    def _walked(self, struct: type[Struct], id_: str, plain: Any, path: str, visit: Visit) -> Any:
        said, fields = self.structs[struct], self._fields[struct]
        made = dict(plain) if isinstance(plain, dict) else list(plain)
        place = {name: number for number, name in enumerate(struct.__struct_fields__)}
        person = _person(said, id_, plain, fields, place)
        for name, kind in said.fields.items():
            key: Any = fields[name].encode_name if isinstance(made, dict) else place[name]
            blank = _blank(fields[name], isinstance(made, list))
            if _holds(made, key) and not _same(made[key], blank.value):
                value = visit(Spot(person, f"{path}.{name}", kind), made[key], blank)
                if not isinstance(value, Blank):
                    made[key] = value
                elif value.left_out:
                    del made[key]
                else:
                    made[key] = value.value
        for name, part in said.parts.items():
            key = fields[name].encode_name if isinstance(made, dict) else place[name]
            if _holds(made, key):
                made[key] = self._parts(struct, name, part, made[key], f"{path}.{name}", visit)
        return made

    def _parts(self, struct: type[Struct], name: str, part: type[Struct], plain: Any, path: str, visit: Visit) -> Any:
        if part not in self.structs:
            return plain
        if self._maps[struct, name]:
            return {key: self._walked(part, key, one, f"{path}.{key}", visit) for key, one in plain.items()}
        if isinstance(plain, dict):
            return self._walked(part, "", plain, path, visit)
        return [self._walked(part, "", one, f"{path}.{number}", visit) for number, one in enumerate(plain)]


def _person(said: Personal, id_: str, plain: Any, fields: Mapping[str, Any], place: Mapping[str, int]) -> str:
    if said.whose == ITS_ID:
        return said.called + id_
    if not said.whose:
        return ""
    key: Any = fields[said.whose].encode_name if isinstance(plain, dict) else place[said.whose]
    return said.called + str(plain[key])


def _same(value: Any, blank: Any) -> bool:
    """Whether a field says nothing; a tuple travels as a list."""
    return bool(value == blank) or (not value and not blank and isinstance(value, (list, tuple)))


def _holds(made: Any, key: Any) -> bool:
    return key in made if isinstance(made, dict) else key < len(made)


def _is_map(hint: Any) -> bool:
    return get_origin(hint) in (dict, Mapping) or any(_is_map(one) for one in get_args(hint) if one is not Any)


def _default(field: Any) -> Any:
    if field.default is not NODEFAULT:
        return field.default
    return field.default_factory() if field.default_factory is not NODEFAULT else NODEFAULT


def _blank(field: Any, listed: bool) -> Blank:
    """Left out where it has a default; a name that must be there is empty."""
    default = _default(field)
    if default is NODEFAULT:
        return Blank(False, "")
    return Blank(not listed, msgspec.to_builtins(default))


NOBODY: Final = Declared({}, {})
