"""Needs as questions to the store, and its answers as what a service reads."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import msgspec
from msgspec import Struct

from hub.contract import ClaimOf, Fix, FixOf, Hit, KeyOf, Members, Near, Need, Presence, Reach, State, Thing
from hub.keys import Keys, indexed_lat
from hub.link import Args

_fix = msgspec.msgpack.Decoder(Fix)


class Gathering:
    """Asks for needs and decodes what comes back.

    Args:
        types: thing type -> struct, from the services.
    """

    def __init__(self, keys: Keys, types: Mapping[str, type[Struct]]) -> None:
        self._keys = keys
        self._decoders = {name: msgspec.msgpack.Decoder(type_) for name, type_ in types.items()}

    def question(self, need: Need) -> Args:
        """The store's command for one need."""
        keys = self._keys
        match need:
            case Thing(type_, id_):
                return ["HMGET", keys.thing(type_, id_), "v", "s"]
            case ClaimOf(name):
                return ["GET", keys.claim(name)]
            case Near():
                return [
                    "GEOSEARCH", keys.geo(need.index), "FROMLONLAT", need.lon, indexed_lat(need.lat),
                    "BYRADIUS", need.radius_m, "m", "ASC", "COUNT", need.limit, "WITHDIST",
                ]  # fmt: skip
            case Members():
                return ["SMEMBERS", keys.set(need.index)]
            case FixOf(type_, id_):
                return ["HMGET", keys.fix(type_), id_, f"{id_}|v"]
            case Presence(person):
                return ["HGETALL", keys.here(person)]
            case KeyOf(person):
                return ["HGET", keys.person_keys, person]

    def answer(self, state: State, need: Need, reply: Any, now: int) -> Any:
        """What the command's reply means; a thing's version goes into `state`."""
        match need:
            case Thing(type_, id_):
                version, blob = reply
                state.versions[type_, id_] = int(version or 0)
                return None if blob is None else self._decoders[type_].decode(blob)
            case ClaimOf():
                return None if reply is None else reply.decode()
            case Near():
                return tuple(Hit(name.decode(), float(distance)) for name, distance in reply)
            case Members():
                return tuple(sorted(name.decode() for name in reply))[: need.limit]
            case FixOf(type_, id_):
                blob, version = reply
                state.fixes[type_, id_] = int(version or 0)
                return None if blob is None else _fix.decode(blob)
            case Presence():
                return _reach(reply, now)
            case KeyOf():
                return reply


def _reach(flat: list[bytes], now: int) -> Reach:
    """Join the leases of all hubs: any page that answered within the lease counts."""
    connected = audible = visible = False
    here_at = 0
    for value in flat[1::2]:
        until, seen, heard, at = (int(part) for part in value.split())
        here_at = max(here_at, at)
        if until >= now:
            connected = True
            visible = visible or bool(seen)
            audible = audible or bool(heard)
    return Reach(connected, audible, visible, here_at)
