"""What every screen sees, as one pure table; a decision's changes are its difference.

A service writes one function from a state to `{(topic, id): view}`. A change is
then never forgotten and never sent twice: it is what differs before and after.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any, Final

import msgspec

from hub.contract import Change, View

Place = tuple[str, str]
"""Topic, and the thing's id in that topic's table."""

Views = Mapping[Place, View]

ROOM = 32
"""Topics that one commit may touch."""

COMMIT_BYTES: Final = 60_000
"""What all changes of one commit may weigh; a commit holds 64 KB with all that it needs beside them."""

VIEW_BYTES: Final = 4_000
"""What a view may weigh: it stays under 4 KB."""

NAMES: Final = frozenset({"name", "shop_name", "owner"})
TEXTS: Final = NAMES | {"note", "address", "words"}
CUTS: Final = ((NAMES, 120), (NAMES, 60), (NAMES, 30), (TEXTS, 240), (TEXTS, 120), (TEXTS, 30))
"""What of a view is cut, to how many bytes: names first, what somebody wrote last, ids never."""


def differing(before: Views, after: Views) -> list[Place]:
    """Places whose view is new, other or gone, in the order of `after`, gone ones last.

    `at` (the time of the view itself) is no difference.
    """
    changed = [place for place, view in after.items() if not same(before.get(place), view)]
    return changed + [place for place in before if place not in after]


def same(one: View | None, other: View | None) -> bool:
    if one is None or other is None:
        return one is other
    if one == other:
        return True
    return one.keys() == other.keys() and {**one, "at": 0} == {**other, "at": 0}  # a shop compares 200 products


def change(place: Place, kind: str, views: Views) -> Change:
    topic, id_ = place
    return Change(topic, id_, kind, views.get(place))


def fitted(view: View, room: int = VIEW_BYTES) -> View:
    """The view with its texts cut no more than it takes to weigh at most `room` bytes."""
    for keys, most in CUTS:
        if size(view) <= room:
            break
        view = _cut(view, keys, most)
    return view


def shortened(text: str, most: int) -> str:
    """The text in at most `most` bytes, with an ellipsis where it was cut."""
    data = text.encode()
    return text if len(data) <= most else data[: most - 3].decode(errors="ignore") + "…"


def size(value: Any) -> int:
    """The bytes that something takes on the wire and in the store."""
    return len(_pack(value))


def too_big(changes: Collection[Change]) -> bool:
    """Whether one commit cannot hold these changes."""
    return len({one.topic for one in changes}) > ROOM or sum(size(one) for one in changes) > COMMIT_BYTES


def _cut(value: Any, keys: Collection[str], most: int) -> Any:
    if isinstance(value, list | tuple):
        return [_cut(one, keys, most) for one in value]
    if not isinstance(value, dict):
        return value
    return {
        key: shortened(one, most) if key in keys and isinstance(one, str) else _cut(one, keys, most)
        for key, one in value.items()
    }


_pack: Final = msgspec.msgpack.Encoder().encode
