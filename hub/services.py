"""The services that this process carries, and what their names mean.

The machinery asks here; it knows no service by name.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import TypeVar

from msgspec import Struct

from hub.contract import (
    Actor,
    Card,
    Channel,
    CommandSpec,
    Lane,
    Need,
    Notice,
    Personal,
    Receipt,
    RollCall,
    State,
    TopicRule,
    View,
    Wake,
    Waking,
)
from hub.personal import Declared

K = TypeVar("K")
V = TypeVar("V")
_SEGMENT = re.compile(r"[A-Za-z0-9_.:-]{1,80}")


class Topic(Struct, frozen=True):
    """A topic name that some service knows."""

    name: str
    rule: TopicRule
    segments: Mapping[str, str]

    @property
    def lane(self) -> Lane:
        return self.rule.lane

    def allows(self, actor: Actor) -> bool:
        return self.rule.allow(actor, self.segments)

    def needs(self, actor: Actor) -> tuple[Need, ...]:
        """What the store must be asked before this actor may join; empty for most topics."""
        return () if self.rule.needs is None else self.rule.needs(actor, self.segments)

    def known(self, actor: Actor, state: State) -> bool:
        return self.rule.known(actor, self.segments, state)


class Services:
    """Look-ups over all channels, checked once at start.

    Raises:
        ValueError: two channels claim the same command, thing or topic shape.
    """

    def __init__(self, channels: Sequence[Channel]) -> None:
        self.channels = tuple(channels)
        self.commands: dict[str, tuple[Channel, CommandSpec]] = {}
        self._at_desk: dict[tuple[str, str], tuple[Channel, CommandSpec]] = {}
        self.tells: dict[str, tuple[Channel, CommandSpec]] = {}
        self.types: dict[str, type[Struct]] = {}
        self.receipts: dict[str, Receipt] = {}
        self.presence: dict[str, tuple[Channel, str]] = {}
        self.cards: dict[str, Card] = {}
        personal: dict[type[Struct], Personal] = {}
        self.wakeable: dict[str, str] = {}
        self.devices: dict[str, str] = {}
        self.waking: dict[tuple[str, str], Waking] = {}
        self.roll_calls: list[RollCall] = []
        self._rules: list[tuple[list[str], TopicRule]] = []
        self._lanes: dict[str, Lane] = {}
        for channel in self.channels:
            for name, spec in channel.commands.items():
                if spec.desk is not None:
                    _once(self._at_desk, (name, spec.desk), (channel, spec))
                    if name in self.commands and self.commands[name][1].desk is not None:
                        continue
                _once(self.commands, name, (channel, spec))
            for name, spec in channel.tells.items():
                _once(self.tells, name, (channel, spec))
            for name, type_ in channel.things.items():
                _once(self.types, name, type_)
            for name, receipt in channel.receipts.items():
                _once(self.receipts, name, receipt)
            for role, cmd in channel.presence.items():
                _once(self.presence, role, (channel, cmd))
            # Services that were written before these came, and inherit nothing, are services all the same.
            for view, card in getattr(channel, "cards", Channel.cards).items():
                _once(self.cards, view, card)
            personal.update(getattr(channel, "personal", Channel.personal))
            for waking in getattr(channel, "waking", Channel.waking):
                _once(self.waking, (waking.pattern, waking.type), waking)
            for name, into in (("wakeable", self.wakeable), ("devices", self.devices)):
                for role, cmd in getattr(channel, name, getattr(Channel, name)).items():
                    _once(into, role, cmd)
            self.roll_calls += getattr(channel, "roll_calls", Channel.roll_calls)
            for rule in channel.topics:
                shape = rule.pattern.split("/")
                if all(rule.pattern != other.pattern for _, other in self._rules):
                    self._rules.append((shape, rule))
        self.declared = Declared(personal, self.types)
        self.asked = frozenset(self.presence).union(*(call.roles for call in self.roll_calls))
        """Roles of whom somebody asks whether a page of theirs is heard: a service, or who counts a test ring."""
        # literal shapes first, so that `dispatch/market` never meets `dispatch/<desk>`
        self._rules.sort(key=lambda pair: sum(part.startswith("<") for part in pair[0]))
        self._heads = {pattern.partition("/")[0] for pattern, _ in self.waking}

    def channel_of(self, type_: str) -> Channel:
        """The service that keeps things of a type."""
        return next(channel for channel in self.channels if type_ in channel.things)

    def command(self, name: str, desk: str | None = None) -> tuple[Channel, CommandSpec] | None:
        """Who answers a command; one that several desks have (`alarm.take`) belongs to the service of the asker's."""
        return self._at_desk.get((name, desk)) or self.commands.get(name) if desk else self.commands.get(name)

    def topic(self, name: str) -> Topic | None:
        """The topic of this name, or None when no service knows it."""
        parts = name.split("/")
        for shape, rule in self._rules:
            if len(shape) != len(parts):
                continue
            segments: dict[str, str] = {}
            for want, part in zip(shape, parts, strict=True):
                if want.startswith("<"):
                    if not _SEGMENT.fullmatch(part):
                        break
                    segments[want[1:-1]] = part
                elif want != part:
                    break
            else:
                return Topic(name, rule, segments) if rule.exists(segments) else None
        return None

    def lane_of(self, name: str) -> Lane:
        """A topic's lane; a service that changes an unknown topic is at fault."""
        lane = self._lanes.get(name)
        if lane is None:
            topic = self.topic(name)
            if topic is None:
                raise ValueError(f"a service changed topic {name!r}, which no rule knows")
            if len(self._lanes) > 100_000:
                self._lanes.clear()
            lane = self._lanes[name] = topic.lane
        return lane

    # -- phones that ring ---------------------------------------------------------

    @property
    def woken(self) -> frozenset[str]:
        """Roles whose phones may ring."""
        return frozenset(role for waking in self.waking.values() for role in waking.roles)

    @property
    def ringing_lanes(self) -> list[Lane]:
        """The lanes in which something that rings may be told."""
        patterns = {pattern for pattern, _ in self.waking}
        return sorted({rule.lane for _, rule in self._rules if rule.pattern in patterns})

    def kinds(self) -> dict[str, Receipt | None]:
        """What a phone may be told -> the command that hears that it received it, if there is one."""
        return {kind: self.receipts.get(one.type) for one in self.waking.values() for kind in one.kinds}

    def may_ring(self, topic: str) -> bool:
        """Whether views of this topic are worth a look; a quick no for most."""
        return topic.partition("/")[0] in self._heads

    def wakes(self, topic: str, view: View) -> tuple[Wake, ...]:
        """Whose phones ring for this view."""
        found, waking = self._waking(topic, view)
        return () if waking is None or found is None else tuple(waking.wakes(found.segments, view))

    def notices(self, topic: str, view: View) -> tuple[Notice, ...]:
        """What the city's gateway is told of this view."""
        found, waking = self._waking(topic, view)
        return () if waking is None or found is None else tuple(waking.notices(found.segments, view))

    def _waking(self, topic: str, view: View) -> tuple[Topic | None, Waking | None]:
        found = self.topic(topic)
        return found, None if found is None else self.waking.get((found.rule.pattern, str(view.get("type"))))


def _once(into: dict[K, V], name: K, value: V) -> None:
    if name in into:
        raise ValueError(f"two services claim {name!r}")
    into[name] = value
