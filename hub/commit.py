"""A decision as the one argument of the commit script.

Sizes are checked here, before anything is sent: the script checks what only the
store knows, and nothing may fail after its first write.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

import msgpack
import msgspec
from msgspec import Struct

from hub.contract import Decision, GeoEntry, Lane, SetEntry, State, Timer
from hub.keys import Keys, indexed_lat

MAX_TOPICS: Final = 32
MAX_COMMIT_BYTES: Final = 64 * 1024
OUTCOME_MS: Final = 24 * 3600 * 1000

pack = msgspec.msgpack.Encoder().encode
unpack = msgspec.msgpack.decode


class Outcome(Struct, frozen=True, array_like=True):
    """What a command came to: recorded for (person, id) and replayed to retries."""

    digest: bytes
    ok: bool
    data: dict[str, Any] | None = None
    code: str = ""
    message: str = ""


class SignIn(Struct, frozen=True):
    """A session record that the first durable command writes."""

    digest: str
    person: str
    fields: tuple[str, ...]


class SealKey(Struct, frozen=True):
    """The key that sealed what is personal in the audit entry. `fresh`: made for it; else it must stand still."""

    person: str
    key: bytes
    fresh: bool


class Due(Struct, frozen=True):
    """A leased timer."""

    lane: str
    id: str
    version: str
    cmd: str
    data: dict[str, Any]
    due: int


def commit_argument(
    keys: Keys,
    command_lane: Lane,
    state: State,
    decision: Decision,
    epoch: str,
    lane_of: Callable[[str], Lane],
    out: tuple[str, str, Outcome] | None,
    done: Due | None,
    sign_in: SignIn | None,
    audit: dict[str, Any] | None,
    seal: SealKey | None = None,
) -> bytes:
    """The one argument of `commit.lua`.

    Raises:
        ValueError: over 32 topics or 64 KB: a fault of the service.
    """
    lanes: dict[Lane, list[tuple[str, str, str, Any]]] = {}
    for change in decision.changes:
        lanes.setdefault(lane_of(change.topic), []).append((change.topic, change.id, change.kind, change.view))
    topics = {change.topic for change in decision.changes}
    if len(topics) > MAX_TOPICS:
        raise ValueError(f"expected at most {MAX_TOPICS} topics in a commit, got {len(topics)}")
    touched = [(write.type, write.id) for write in decision.writes] + [(g.type, g.id) for g in decision.guards]
    packed_lanes = []
    for lane, changes in lanes.items():
        entry = pack(changes)
        if len(entry) > MAX_COMMIT_BYTES - 1024:
            raise ValueError(f"expected a commit under {MAX_COMMIT_BYTES} bytes, got {len(entry)}")
        packed_lanes.append(
            [
                lane,
                [change[0] for change in changes],
                [change[1] for change in changes],
                [False if change[3] is None else pack(change[3]) for change in changes],
                entry,
            ]
        )
    return _for_lua(
        {
            "p": keys.prefix,
            "epoch": epoch,
            "out": [keys.outcome(out[0], out[1]), OUTCOME_MS, pack(out[2])] if out else False,
            "checks": [[keys.thing(*thing), state.versions.get(thing, 0)] for thing in dict.fromkeys(touched)],
            "claims": [[keys.claim(claim.name), claim.holder, claim.free] for claim in decision.claims],
            "writes": [
                [keys.thing(write.type, write.id), False if write.state is None else pack(write.state)]
                for write in decision.writes
            ],
            "index": [_index(keys, entry) for entry in decision.index],
            "lanes": packed_lanes,
            "timers": [_timer(timer, command_lane) for timer in decision.timers],
            "done": [done.lane, done.id, done.version] if done else False,
            "session": _session(keys, sign_in) if sign_in else False,
            "audit": pack(audit) if audit else False,
            "seal": [seal.person, seal.key, seal.fresh] if seal else False,
        }
    )


def _for_lua(value: dict[str, Any]) -> bytes:
    """MessagePack for the store's Lua, whose reader knows no bin type: bytes travel as raw."""
    packed: bytes = msgpack.packb(value, use_bin_type=False)
    return packed


def _index(keys: Keys, entry: SetEntry | GeoEntry) -> list[Any]:
    if isinstance(entry, SetEntry):
        return ["srem" if entry.remove else "sadd", keys.set(entry.index), entry.member]
    if entry.lat is None or entry.lon is None:
        return ["zrem", keys.geo(entry.index), entry.member]
    return ["geoadd", keys.geo(entry.index), entry.member, repr(indexed_lat(entry.lat)), repr(entry.lon)]


def _timer(timer: Timer, lane: Lane) -> list[Any]:
    return [
        lane,
        timer_id(timer.type, timer.id, timer.name),
        False if timer.due is None else timer.due,
        pack([timer.cmd, timer.data]),
    ]


def _session(keys: Keys, sign_in: SignIn) -> list[Any]:
    return [keys.session(sign_in.digest), keys.sessions(sign_in.person), sign_in.digest, list(sign_in.fields)]


def timer_id(type_: str, id_: str, name: str) -> str:
    return f"{type_}/{id_}/{name}"
