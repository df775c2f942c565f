"""What the store holds, read directly: no hub, no worker and no relay in between."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import msgspec
import redis
from msgspec import Struct

from channels.medic_state import Medic, Request
from channels.order_things import Order
from hub.bus import parse
from hub.commit import Outcome
from hub.contract import LANES, Lane, View
from hub.keys import Keys
from tests.faults.history import digest

PAGE = 1000
KEPT = (
    "type", "state", "request_state", "wave", "winner", "unanswered_since", "waiting_for_holder", "request",
)  # fmt: skip
_views = msgspec.msgpack.Decoder(dict)


class Change(Struct, frozen=True):
    """One logged change: its view's digest, and what of the view the checks and stories look at."""

    topic: str
    prev: int
    id: str
    kind: str
    digest: int
    view: View | None


class Logged(Struct, frozen=True):
    """One commit's entry in one lane's log."""

    lane: str
    commit: int
    epoch: str
    lane_prev: int
    at: int
    changes: tuple[Change, ...]


class Audited(Struct, frozen=True):
    """One commit that wrote something: which command it was."""

    commit: int
    at: int
    cmd: str
    id: str
    by: str
    role: str
    things: tuple[str, ...]


class Truth(Struct):
    """One city's data at one commit."""

    epoch: str
    commit: int
    now: int
    lanes: dict[str, int]
    offsets: dict[str, int]
    log: list[Logged]
    tables: dict[str, dict[str, View]]
    outcomes: dict[tuple[str, str], Outcome]
    audit: list[Audited]
    requests: dict[str, Request]
    medics: dict[str, Medic]
    orders: dict[str, Order]
    claims: dict[str, str]
    timers: dict[str, dict[str, int]]
    sets: dict[str, set[str]]


def change_of(topic: str, prev: int, id_: str, kind: str, view: View | None) -> Change:
    """A change as it is kept: ten minutes of whole views would fill the memory."""
    if view is None:
        return Change(topic, prev, id_, kind, digest(None), None)
    kept = {key: view[key] for key in KEPT if key in view}
    if "medic" in view and isinstance(view["medic"], dict):
        kept["medic"] = {"person": view["medic"].get("person", "")}
    if view.get("type") == "request" and "offers" in view:
        shown = sum(1 for offer in view["offers"] if offer["state"] == "open")
        kept["open_offers"] = shown + view["offers_more"].get("open", 0)
    return Change(topic, prev, id_, kind, digest(view), kept)


class Reader:
    """Reads one city.

    Args:
        socket: the store's own Unix socket.
    """

    def __init__(self, socket: str, city: str) -> None:
        self.keys = Keys(city)
        self._store: Any = redis.Redis(unix_socket_path=socket, socket_timeout=20)

    def close(self) -> None:
        self._store.close()

    @property
    def store(self) -> Any:
        """redis-py, whose types promise text where bytes come."""
        return self._store

    def epoch(self) -> str:
        return (self._store.hget(self.keys.head, "epoch") or b"").decode()

    def now(self) -> int:
        seconds, micros = self._store.time()
        return int(seconds) * 1000 + int(micros) // 1000

    def commit(self) -> int:
        return int(self._store.hget(self.keys.head, "commit") or 0)

    def offsets(self) -> dict[str, int]:
        return {topic.decode(): int(offset) for topic, offset in self._store.hgetall(self.keys.offsets).items()}

    def timers(self) -> dict[str, dict[str, int]]:
        """Of each lane: timer id -> due, or leased until."""
        found = {}
        for lane in LANES:
            rows = self._store.zrange(self.keys.timers(lane), 0, -1, withscores=True)
            found[str(lane)] = {id_.decode(): int(due) for id_, due in rows}
        return found

    def requests(self) -> dict[str, Request]:
        decoder = msgspec.msgpack.Decoder(Request)
        return {name: decoder.decode(blob) for name, blob in self._states("request").items()}

    def truth(self) -> Truth:
        """Everything, at one commit: read again when another came in between."""
        while True:
            before = self.commit()
            truth = self._read(before)
            if self.commit() == before:
                return truth

    def _read(self, commit: int) -> Truth:
        store, keys = self._store, self.keys
        offsets = self.offsets()
        log = sorted((entry for lane in LANES for entry in self._log(lane)), key=lambda one: (one.commit, one.lane))
        medics, orders = msgspec.msgpack.Decoder(Medic), msgspec.msgpack.Decoder(Order)
        return Truth(
            epoch=self.epoch(),
            commit=commit,
            now=self.now(),
            lanes={lane.decode(): int(value) for lane, value in store.hgetall(keys.lanes).items()},
            offsets=offsets,
            log=log,
            tables=self._tables(),
            outcomes=self._outcomes(),
            audit=self._audit(),
            requests=self.requests(),
            medics={name: medics.decode(blob) for name, blob in self._states("medic").items()},
            orders={name: orders.decode(blob) for name, blob in self._states("order").items()},
            claims=self._strings("claim:"),
            timers=self.timers(),
            sets={name: {m.decode() for m in store.smembers(keys.set(name))} for name in ("medics", "requests")},
        )

    def _log(self, lane: Lane) -> list[Logged]:
        found: list[Logged] = []
        for fields in self._pages(self.keys.log(lane)):
            entry = parse(lane, fields[b"e"])
            changes = tuple(
                change_of(one.topic, one.prev, one.id, one.kind, None if one.view is None else _views.decode(one.view))
                for one in entry.changes
            )
            found.append(Logged(lane, entry.commit, entry.epoch, entry.lane_prev, entry.at, changes))
        return found

    def _pages(self, stream: str) -> Iterator[dict[bytes, bytes]]:
        """A stream's entries, a page at a time."""
        last = "-"
        while rows := self._store.xrange(stream, min=last, count=PAGE):
            yield from (fields for _, fields in rows)
            last = f"({rows[-1][0].decode()}"

    def _names(self, prefix: str) -> list[str]:
        start = self.keys.prefix + prefix
        return sorted(key.decode()[len(start) :] for key in self._store.scan_iter(match=start + "*", count=PAGE))

    def _values(self, prefix: str, command: str, *args: str) -> dict[str, bytes]:
        names, found = self._names(prefix), dict[str, bytes]()
        for place in range(0, len(names), PAGE):
            page = names[place : place + PAGE]
            with self._store.pipeline(transaction=False) as pipe:
                for name in page:
                    pipe.execute_command(command, self.keys.prefix + prefix + name, *args)
                values = pipe.execute()
            found |= {name: value for name, value in zip(page, values, strict=True) if value is not None}
        return found

    def _states(self, type_: str) -> dict[str, bytes]:
        return self._values(f"thing:{type_}:", "HGET", "s")

    def _strings(self, prefix: str) -> dict[str, str]:
        return {name: value.decode() for name, value in self._values(prefix, "GET").items()}

    def _tables(self) -> dict[str, dict[str, View]]:
        return {
            topic: {
                id_.decode(): _views.decode(view) for id_, view in self._store.hgetall(self.keys.table(topic)).items()
            }
            for topic in self._names("table:")
        }

    def _outcomes(self) -> dict[tuple[str, str], Outcome]:
        decoder = msgspec.msgpack.Decoder(Outcome)
        found = {}
        for name, blob in self._values("out:", "GET").items():
            person, _, id_ = name.partition(":")
            found[person, id_] = decoder.decode(blob)
        return found

    def _audit(self) -> list[Audited]:
        found = []
        for fields in self._pages(self.keys.audit):
            said = _views.decode(fields[b"e"])
            found.append(
                Audited(
                    int(fields[b"commit"]), int(fields[b"at"]), said["cmd"], said["id"], said["by"], said["role"],
                    tuple(said["things"]),
                )
            )  # fmt: skip
        return found
