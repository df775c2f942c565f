"""Frames from the hub, as structs: for the documents, and for tests that hold every frame against them.

The hub itself writes maps (`hub.fanout`, `hub.connection`); what a client says stands in `hub.wire`.
"""

from __future__ import annotations

from typing import Any, Final

from msgspec import UNSET, Struct, UnsetType

from hub.wire import Call, Hello, Here, Join, Leave, Ref, Tell

View = dict[str, Any]


class Frame(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, tag_field="t"):
    """One map with key `t`."""


class Welcome(Frame, frozen=True, kw_only=True, tag="welcome"):
    """The session is up; answer every `beat` with `here`."""

    person: str
    role: str
    at: int
    beat_s: float
    node: str
    name: str
    desk: str | UnsetType = UNSET
    shop: str | UnsetType = UNSET
    van: str | UnsetType = UNSET


class State(Frame, frozen=True, kw_only=True, tag="state"):
    """A topic's table, in parts of at most 16 KB; complete with `last`."""

    ref: Ref
    topic: str
    epoch: str
    offset: int
    things: dict[str, View]
    fixes: dict[str, View]
    part: int
    last: bool


class Change(Frame, frozen=True, kw_only=True, tag="change"):
    """One durable change. `prev`: the offset of the topic's change before it. `view` null: the thing left the table.
    `more`: others of the same commit follow in this topic; apply them together."""

    topic: str
    prev: int
    offset: int
    id: str
    kind: str
    view: View | None
    at: int
    more: bool | UnsetType = UNSET


class Resumed(Frame, frozen=True, kw_only=True, tag="resumed"):
    """What was missed since the offset that was named, each shaped like `change`."""

    ref: Ref
    topic: str
    epoch: str
    offset: int
    changes: list[dict[str, Any]]


class Folded(Frame, frozen=True, kw_only=True, tag="folded"):
    """A run of changes folded for a slow socket; never of an urgent topic."""

    topic: str
    prev: int
    offset: int
    things: dict[str, View | None]


class Moved(Frame, frozen=True, kw_only=True, tag="moved"):
    """A position beside the table: `{lat, lon, accuracy_m, fix_at, ...}`; the larger `fix_at` wins. May be skipped."""

    topic: str
    id: str
    fix: dict[str, Any]
    at: int


class Done(Frame, frozen=True, kw_only=True, tag="reply"):
    """The command is decided and durable."""

    ref: Ref
    ok: bool
    data: dict[str, Any]


class Refused(Frame, frozen=True, kw_only=True, tag="reply"):
    """Refused (`retry` false), or not known to be done (`retry` true)."""

    ref: Ref | None
    ok: bool
    code: str
    message: str
    retry: bool
    data: dict[str, Any] | UnsetType = UNSET


class Beat(Frame, frozen=True, kw_only=True, tag="beat"):
    """Every `beat_s` seconds: the newest offset of each joined urgent topic."""

    at: int
    heads: dict[str, int]


class Bye(Frame, frozen=True, kw_only=True, tag="bye"):
    """The hub is about to close."""

    code: int
    reconnect: bool
    after_ms: int


FROM_HUB: Final[dict[str, type[Frame]]] = {
    "welcome": Welcome,
    "state": State,
    "resumed": Resumed,
    "change": Change,
    "folded": Folded,
    "moved": Moved,
    "reply.ok": Done,
    "reply.refused": Refused,
    "beat": Beat,
    "bye": Bye,
}
"""By the name of the message in the document."""

FROM_CLIENT: Final[dict[str, type[Struct]]] = {
    "hello": Hello,
    "join": Join,
    "leave": Leave,
    "call": Call,
    "tell": Tell,
    "here": Here,
}
