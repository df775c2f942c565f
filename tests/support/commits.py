"""Short ways to read and commit straight at a store, without a service."""

from __future__ import annotations

from typing import Any

from hub.commit import Outcome
from hub.contract import Change, Decision, Lane, State, Thing, Write
from hub.store import Committed, Conflict, Store
from tests.support.lamps import Lamp

DONE = Outcome(b"digest", True, {"n": 1})


def lane_of(topic: str) -> Lane:
    lane: Lane = "urgent" if topic.startswith("urgent") else "bulk" if topic.startswith("bulk") else "normal"
    return lane


async def commit(
    store: Store, decision: Decision, *reads: tuple[str, str], state: State | None = None, **more: Any
) -> Committed | Conflict | Outcome:
    """Commit a decision that read these things first."""
    if state is None:
        state = await read(store, *reads)
    return await store.commit(
        "normal", state, decision, **{"epoch": store.epoch, "lane_of": lane_of, "out": None, **more}
    )


async def read(store: Store, *things: tuple[str, str]) -> State:
    state = State()
    needs = [Thing(*thing) for thing in things]
    await store.gather("normal", state, needs, store.now(), store.deadline())
    return state


async def everything(store: Store) -> dict[bytes, bytes]:
    """Every key with its contents, as the store dumps it."""
    (names,) = await store.many("normal", [["KEYS", "*"]])
    dumps = await store.many("normal", [["DUMP", name] for name in sorted(names)])
    return dict(zip(sorted(names), dumps, strict=True))


def lamp(id_: str = "a", **more: Any) -> Write:
    return Write("lamp", id_, Lamp(id_, **more))


def topics(count: int, view: Any = None) -> tuple[Change, ...]:
    return tuple(Change(f"bulk/{number}", "a", "k", view or {"v": 1}) for number in range(count))
