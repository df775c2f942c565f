"""Accepted means on disk: here, and on every replica that was asked for."""

from __future__ import annotations

import asyncio
import signal
from collections.abc import Iterator
from typing import Any

import pytest
import redis
from redis.exceptions import ResponseError

from hub.contract import Change, Decision, State
from hub.errors import StoreUnconfirmed
from hub.safety import SAFE, WHY, fields, unsafe
from hub.store import Committed, Store
from tests.support.servers import StoreServer, running_pair

GOOD: list[Any] = [[setting.encode(), wanted.encode()] for setting, wanted in SAFE.items()]


def replies(*, slaves: int = 0, version: str = "7.2.4") -> list[Any]:
    return [*GOOD, f"role:master\r\nconnected_slaves:{slaves}\r\n".encode(), f"redis_version:{version}\r\n".encode()]


def test_a_store_that_keeps_what_it_accepts_is_safe() -> None:
    """With every setting as wanted and no replicas nothing is wrong, whatever the version."""
    assert unsafe(replies(), 0) is None
    assert unsafe(replies(version="7.0.15"), 0) is None


def test_every_setting_has_its_reason() -> None:
    """What comes of a wrong setting is said for each."""
    assert WHY.keys() == SAFE.keys()


@pytest.mark.parametrize("place", range(len(SAFE)))
def test_a_wrong_setting_is_named(place: int) -> None:
    """The first setting that differs is named, and one that may not be read counts as wrong."""
    setting = list(SAFE)[place]
    for answer in ([setting.encode(), b"other"], [], ResponseError("unknown command")):
        given = replies()
        given[place] = answer
        found = unsafe(given, 0)
        assert found is not None
        assert found.setting == setting


def test_replicas_need_waitaof_and_must_be_there() -> None:
    """Fewer replicas than asked for are named; with replicas a store before 7.2 is not safe."""
    too_few = unsafe(replies(slaves=1), 2)
    assert too_few is not None
    assert too_few.setting == "connected_slaves"
    old = unsafe(replies(slaves=1, version="7.0.15"), 0)
    assert old is not None
    assert "WAITAOF" in str(old)
    assert unsafe(replies(slaves=1), 1) is None


def test_fields_are_the_lines_with_a_colon() -> None:
    """`INFO` is read line by line; headings are no fields."""
    assert fields(b"# Server\r\nredis_version:7.2.4\r\n\r\nexecutable:/a:b\r\n") == {
        "redis_version": "7.2.4",
        "executable": "/a:b",
    }


@pytest.fixture
def pair() -> Iterator[tuple[StoreServer, StoreServer]]:
    """A store and its replica, both with every write on disk."""
    with running_pair() as servers:
        yield servers


async def commit(store: Store, number: int) -> object:
    change = Change("lamps", f"l{number}", "lamp.lit", {"type": "lamp", "id": f"l{number}", "state": "lit", "at": 1})
    return await store.commit(
        "urgent", State(), Decision(changes=(change,)),
        epoch=store.epoch, lane_of=lambda topic: "urgent", out=None, deadline=asyncio.get_running_loop().time() + 1.5,
    )  # fmt: skip


@pytest.mark.asyncio
async def test_a_commit_waits_for_the_replicas_disk(pair: tuple[StoreServer, StoreServer]) -> None:
    """Accepted with a replica means that the replica has it; while the replica is frozen it is `unconfirmed`."""
    primary, replica = pair
    store = Store(primary.url, "35.76", demo=False, replicas=1)
    await store.open()
    try:
        assert store.up
        assert isinstance(await commit(store, 1), Committed)
        with redis.Redis.from_url(replica.url) as there:
            assert there.hexists(store.keys.table("lamps"), "l1")
        replica.signal(signal.SIGSTOP)
        with pytest.raises(StoreUnconfirmed):
            await commit(store, 2)
        replica.signal(signal.SIGCONT)
        async with asyncio.timeout(10):
            while True:
                try:
                    if isinstance(await commit(store, 3), Committed):
                        break
                except StoreUnconfirmed:
                    continue
    finally:
        await store.close()
