"""What every screen sees, as one pure table; a decision's changes are its difference.

A service writes one function from a state to `{(topic, id): view}`. A change is
then never forgotten and never sent twice: it is what differs before and after.
"""

from __future__ import annotations

from collections.abc import Mapping

from hub.contract import Change, View

Place = tuple[str, str]
"""Topic, and the thing's id in that topic's table."""

Views = Mapping[Place, View]

ROOM = 32
"""Topics that one commit may touch."""


def differing(before: Views, after: Views) -> list[Place]:
    """Places whose view is new, other or gone, in the order of `after`, gone ones last.

    `at` (the time of the view itself) is no difference.
    """
    changed = [place for place, view in after.items() if not same(before.get(place), view)]
    return changed + [place for place in before if place not in after]


def same(one: View | None, other: View | None) -> bool:
    if one is None or other is None:
        return one is other
    return one.keys() == other.keys() and all(other[key] == value for key, value in one.items() if key != "at")


def change(place: Place, kind: str, views: Views) -> Change:
    topic, id_ = place
    return Change(topic, id_, kind, views.get(place))
