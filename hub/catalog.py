"""What the services of a hub take and show, as data: commands with who may give them, topics with who may join.

Both are asked of the services themselves: roles stand in a command's spec, and who may join a topic is found by
letting everybody try, so a document cannot say anything else than the hub does.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Final

from msgspec import Struct
from msgspec.structs import replace

from hub.contract import Actor, CommandSpec, Lane, TopicRule
from hub.members import DESKS
from hub.services import Services

PEOPLE: Final = ("resident", "medic", "seller", "crew", "dispatcher", "plut", "admin", "service", "tracker")
"""Roles that somebody signs in as; the hub's own (`timer`, `hub`, `system`) stand in no document."""
OWN: Final = ("person", "shop", "van")
"""What of who asks a topic may name."""


class Faces(Struct, frozen=True):
    """What services do not say of themselves: the views in a topic by its pattern, the answers of commands."""

    views: Mapping[str, tuple[type[Struct], ...]] = {}
    answers: Mapping[str, type[Struct]] = {}


class Asked(Struct, frozen=True):
    """A command that people give. `fleeting`: a `tell`, without an answer. `key` names it, with its desk if need be."""

    key: str
    cmd: str
    lane: Lane
    spec: CommandSpec
    roles: tuple[str, ...]
    fleeting: bool = False


class Shown(Struct, frozen=True):
    """Topics of one shape.

    Args:
        anyone: everybody may join, signed in or not.
        joins: who else may: `{role, desk?, own?}`; `own`: only the topic that names their `person`, `shop` or `van`.
        asks: the store is asked as well, and may refuse (a seller's shop must be of the topic's category).
    """

    pattern: str
    lane: Lane
    segments: tuple[str, ...]
    anyone: bool
    joins: tuple[dict[str, Any], ...]
    asks: bool
    views: tuple[type[Struct], ...]


def commands(services: Services) -> list[Asked]:
    """Every command that a person may give, in the order of the services; one that several desks have, for each."""
    found = []
    for channel in services.channels:
        for fleeting, specs in ((False, channel.commands), (True, channel.tells)):
            for cmd, spec in specs.items():
                roles = tuple(role for role in PEOPLE if role in spec.roles)
                if roles:
                    found.append(Asked(cmd, cmd, channel.lane, spec, roles, fleeting))
    names = [one.cmd for one in found]
    return [replace(one, key=f"{one.cmd}.{one.spec.desk}") if names.count(one.cmd) > 1 else one for one in found]


def topics(services: Services, faces: Faces) -> list[Shown]:
    """Every shape of topic, in the order in which its services name it."""
    found: dict[str, Shown] = {}
    for channel in services.channels:
        for rule in channel.topics:
            found.setdefault(rule.pattern, _shown(rule, faces.views.get(rule.pattern, ())))
    return list(found.values())


def _shown(rule: TopicRule, views: tuple[type[Struct], ...]) -> Shown:
    segments = tuple(part[1:-1] for part in rule.pattern.split("/") if part.startswith("<"))
    anyone = _allows(rule, segments, Actor("", "visitor"))
    joins = () if anyone else tuple(join for actor in _everybody() if (join := _join(rule, segments, actor)))
    return Shown(rule.pattern, rule.lane, segments, anyone, joins, rule.needs is not None, views)


def _everybody() -> Iterable[Actor]:
    """One of each role, and of each desk."""
    for role in PEOPLE:
        for desk in DESKS if role == "dispatcher" else (None,):
            shop, van = "shop" if role == "seller" else None, "van" if role in ("crew", "tracker") else None
            yield Actor("person", role, desk=desk, shop=shop, van=van)


def _join(rule: TopicRule, segments: tuple[str, ...], actor: Actor) -> dict[str, Any] | None:
    """How this one may join, or None."""
    who: dict[str, Any] = {"role": actor.role} | ({"desk": actor.desk} if actor.desk else {})
    if _allows(rule, segments, actor):
        return who
    own = next((what for what in OWN if rule.allow(actor, dict.fromkeys(segments, what))), None)
    return None if own is None else {**who, "own": own}


def _allows(rule: TopicRule, segments: tuple[str, ...], actor: Actor) -> bool:
    """Whether this one may join topics that are nobody's own."""
    return rule.allow(actor, dict.fromkeys(segments, "another"))
