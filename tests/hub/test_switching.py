"""The last part of a restore: a closed city, moved in steps, opened at once."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
import redis

from hub.contract import SYSTEM
from hub.dispatch import new_ids
from hub.errors import StartError
from hub.switching import MOVED, Switching
from hub.tracking import Line
from tests.support.backups import CITY, KEYS, city, content
from tests.support.live import on_loop, opened

FINAL = 2 * MOVED + 7


@pytest.fixture
def line(store_url: str) -> Iterator[Line]:
    with Line(store_url) as one:
        yield one


@pytest.fixture
def store(store_url: str) -> Iterator[redis.Redis]:
    """A city at commit 7, and beside it one with more keys than a step takes."""
    with redis.Redis.from_url(store_url) as client:
        city(client)
        pipe = client.pipeline()
        for number in range(FINAL):
            pipe.set(f"{KEYS.restoring}claim:{number}", number)
        pipe.hset(KEYS.restoring + "head", mapping={"kind": "real", "version": 1, "epoch": "old", "replid": "r"})
        pipe.execute()
        yield client


def test_step_by_step_into_its_place(store: redis.Redis, line: Line) -> None:
    """Closed first; then nothing of before is there but who was erased, all of the new one is, and the head last."""
    store.zadd(KEYS.erased, {"ani": 5})
    switching = Switching(line, KEYS)
    switching.close("7")
    assert switching.here
    assert store.hmget(KEYS.head, "kind", "commit") == [b"restoring", b"7"]
    assert switching.move() == FINAL
    found = content(store)
    assert set(found) == {"head", "erased", "restore:head", *(f"claim:{number}" for number in range(FINAL))}
    assert found["head"][1][b"kind"] == b"restoring"
    switching.open("new", 99)
    assert content(store)["head"][1] == {b"kind": b"real", b"version": b"1", b"epoch": b"new", b"commit": b"99"}
    assert not store.exists(KEYS.restoring + "head")


def test_a_place_without_a_city(store: redis.Redis, line: Line) -> None:
    """Nobody is here who would have to go."""
    store.delete(KEYS.head)
    switching = Switching(line, KEYS)
    switching.close("")
    assert not switching.here
    assert store.hget(KEYS.head, "kind") == b"restoring"


def test_a_city_that_moved_on_stays_open(store: redis.Redis, line: Line) -> None:
    """Nothing is changed."""
    before = content(store)
    for commit in ("6", ""):
        with pytest.raises(StartError, match="somebody wrote into the city's place meanwhile"):
            Switching(line, KEYS).close(commit)
    assert content(store) == before


def test_the_later_of_two_has_it(store: redis.Redis, line: Line) -> None:
    """The other one neither moves nor opens anything."""
    first, second = Switching(line, KEYS), Switching(line, KEYS)
    first.close("7")
    second.close("7")
    before = content(store)
    for step in (first.move, lambda: first.open("new", 99)):
        with pytest.raises(StartError, match="another restore of this city"):
            step()
    assert content(store) == before


@on_loop
async def test_whoever_was_here_commits_nothing_in_a_closed_city(valkey_url: str) -> None:
    """Even before they are let go."""
    async with opened(valkey_url, city=CITY) as (store, dispatch):
        with Line(valkey_url) as line:
            Switching(line, KEYS).close("")
        answer = await dispatch.run("lamp.switch", {"lamp": "a"}, SYSTEM, new_ids(store.now(), 1)[0])
        assert (answer.ok, answer.retry) == (False, True), answer
    with redis.Redis.from_url(valkey_url) as client:
        assert client.hmget(KEYS.head, "kind", "commit") == [b"restoring", None]
