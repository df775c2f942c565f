"""The test ring of each desk: whom it rings, and what is counted after it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Final

from hub.contract import RollCall, View, Wake, Waking

TEST: Final = "test_ring"
TEST_MS: Final = 120_000
"""How long phones have to say that they were rung."""

PEOPLE: Final[Mapping[str, str]] = {"medic": "medic", "seller": "market", "crew": "van", "plut": "city"}
"""Whose people a role is; a dispatcher belongs to their own desk."""
ROLES: Final = frozenset({"medic", "seller", "crew", "dispatcher"})
"""Who can be woken at all."""
SIGHT: Final = frozenset({"crew", "dispatcher"})
"""Of whom a page on the screen is enough: nobody tests their ears every day."""
DESKS: Final = ("medic", "market", "van", "city")


def desk_of(role: str, own: str | None) -> str | None:
    """The desk that hears of somebody's phone; None for who has none."""
    desk = own if role == "dispatcher" else PEOPLE.get(role)
    return desk if desk in DESKS else None


def topic_of(desk: str) -> str:
    """What a desk reads."""
    return "dispatch" if desk == "medic" else f"dispatch/{desk}"


def _tested(desk: str) -> Callable[[Mapping[str, str], View], Iterator[Wake]]:
    role = next((one for one, its in PEOPLE.items() if its == desk), "")

    def wakes(segments: Mapping[str, str], view: View) -> Iterator[Wake]:
        if view["state"] != "ringing":
            return
        id_, at = str(view["rung_at"]), view["rung_at"]
        yield Wake("test", id_, "dispatcher", desk, at, whose="desk", believed=True, sight=True, lasts_ms=TEST_MS)
        if role in ROLES:
            seen = role in SIGHT
            yield Wake("test", id_, role, "", at, whose="role", believed=True, sight=seen, lasts_ms=TEST_MS)

    return wakes


TESTS: Final = tuple(Waking(topic_of(desk), TEST, ROLES, ("test",), _tested(desk)) for desk in DESKS)
ROLL_CALLS: Final = tuple(
    RollCall(
        topic=topic_of(desk), thing=TEST, desk=desk, roles=ROLES, sight=SIGHT, kind="test",
        lasts_ms=TEST_MS, arm="phone.arm", over="phone.tested",
    )
    for desk in DESKS
)  # fmt: skip
