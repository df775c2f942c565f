"""The query process, from its start to its end, against a real store."""

from __future__ import annotations

import asyncio
import signal
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import redis

from hub.store import Store
from tests.support.asking import ask
from tests.support.live import on_loop, opened
from tests.support.market import View, commits, many, product, shop
from tests.support.processes import Process, start_query
from tests.support.servers import running_store

FOUND_S = 2.0
Start = Callable[..., Process]


@pytest.fixture
def query(valkey_url: str, sockets: Path) -> Iterator[Start]:
    """Starts query processes on the empty store; kills what is left of them."""
    started: list[Process] = []

    def start(*more: str, store: str = valkey_url, listen: str = f"unix:{sockets}/q", demo: bool = False) -> Process:
        process = start_query(store, listen, *more, demo=demo)
        started.append(process)
        return process

    yield start
    for process in started:
        process.kill()


async def found(path: Path, true: Callable[[dict[str, Any]], object], within_s: float = FOUND_S, **params: str) -> None:
    """Seconds until an answer is as wanted.

    Raises:
        AssertionError: none was in time, with the last one.
    """
    began = time.monotonic()
    answer: Any = None
    while time.monotonic() - began < within_s:
        try:
            status, answer = await ask(path, **params)
            if status == 200 and true(answer):
                return
        except (OSError, ValueError) as exc:  # it was killed, or is not there yet
            answer = exc
        await asyncio.sleep(0.01)
    raise AssertionError(f"not found within {within_s:g} s: {answer}")


def ids(answer: dict[str, Any]) -> list[str]:
    return sorted(one["id"] for one in answer["shops"])


async def sells(store: Store, shop_id: str, *views: View) -> None:
    await commits(store, shop_id, shop(shop_id), *views)


@pytest.mark.parametrize("name", [signal.SIGTERM, signal.SIGINT])
def test_it_says_that_it_answers_and_ends_when_told(query: Start, sockets: Path, name: signal.Signals) -> None:
    """One line when there is an index; SIGTERM and Ctrl-C end it with 0 and take its socket away."""
    process = query()
    ready = process.wait_event("query_ready")
    assert ready == {"event": "query_ready", "listen": f"unix:{sockets}/q", "shops": 0, "products": 0}
    process.signal(name)
    assert process.exit_code(5) == 0
    assert process.errors == []
    assert list(sockets.iterdir()) == []


@on_loop
async def test_changes_are_found_within_two_seconds(query: Start, valkey_url: str, sockets: Path) -> None:
    """What was there at the start, what comes, a price, `habis` and a shop that closes."""
    path = sockets / "q"
    async with opened(valkey_url) as (store, _):
        await sells(store, "s1", product())
        query().wait_event("query_ready")
        await found(path, lambda answer: ids(answer) == ["s1"], q="pecel")
        await sells(store, "s2", product())
        await found(path, lambda answer: ids(answer) == ["s1", "s2"], q="pecel")
        await commits(store, "s2", product(price=7))
        await found(path, lambda answer: 7 in [one["products"][0]["price"] for one in answer["shops"]], q="pecel")
        await commits(store, "s2", product(price=7, state="sold_out", stock=0))
        await found(path, lambda answer: "sold_out" in str(answer), q="pecel")
        done = await commits(store, "s2", shop("s2", state="closed", why="deaf"))
        await found(path, lambda answer: ids(answer) == ["s1"], q="pecel", open="1")
        await found(path, lambda answer: answer["as_of"] >= done.at)


@on_loop
async def test_killed_it_goes_on_where_it_was(query: Start, valkey_url: str, sockets: Path, tmp_path: Path) -> None:
    """`kill -9` in the middle of changes; the next one reads on from the log, and has all of them, once."""
    path, data = sockets / "q", tmp_path / "data"
    async with opened(valkey_url) as (store, _):
        one = query("--data", str(data))
        one.wait_event("query_ready")
        shops = list(many(60, 2).items())
        for id_, views in shops[:30]:
            await commits(store, id_, *views)
        one.kill()
        for id_, views in shops[30:]:
            await commits(store, id_, *views)
        two = query("--data", str(data))
        two.wait_event("query_ready")
        await found(path, lambda answer: len(answer["shops"]) == 50 and answer["more"], limit="50")
        await found(path, lambda answer: answer["shops"][0]["id"] == "s60", q="Toko 60")
        assert "query_rebuild" not in "".join(two.lines)
        assert two.end(5) == 0
    assert sorted(one.name for one in data.iterdir()) == ["search.lock", "search.sqlite"]


@on_loop
async def test_another_epoch_is_read_anew(query: Start, valkey_url: str, sockets: Path) -> None:
    """A store that was emptied under it: old shops go, new ones are found, and answers never stop."""
    path = sockets / "q"
    async with opened(valkey_url) as (store, _):
        process = query()
        process.wait_event("query_ready")
        await sells(store, "old", product())
        await found(path, lambda answer: ids(answer) == ["old"])
        with redis.Redis.from_url(valkey_url) as client:
            client.flushall()
        statuses = set()
        until = time.monotonic() + 10
        while time.monotonic() < until:
            status, answer = await ask(path)
            statuses.add(status)
            if status == 200 and ids(answer) == []:
                break
            await asyncio.sleep(0.01)
        assert statuses == {200}
        store.adopt_again()
        await asyncio.to_thread(process.wait_event, "query_rebuilt")
    async with opened(valkey_url) as (store, _):
        await sells(store, "new", product())
        await found(path, lambda answer: ids(answer) == ["new"])


@on_loop
async def test_it_outlives_a_store_that_restarts(query: Start, sockets: Path) -> None:
    """It answers meanwhile, follows on, and makes nothing anew."""
    path = sockets / "q"
    with running_store() as server:
        process = query(store=server.url)
        process.wait_event("query_ready")
        async with opened(server.url) as (store, _):
            await sells(store, "s1")
        await found(path, lambda answer: ids(answer) == ["s1"])
        server.restart()
        assert (await ask(path))[0] == 200
        async with opened(server.url) as (store, _):
            await sells(store, "s2")
        await found(path, lambda answer: ids(answer) == ["s1", "s2"], 5)
        assert process.lines[-1].startswith('{"event": "query_ready"')
        assert process.end(5) == 0


def test_two_share_neither_a_socket_nor_a_folder(query: Start, sockets: Path, tmp_path: Path) -> None:
    """The second one says so in one sentence, and the first one answers on."""
    query("--data", str(tmp_path)).wait_event("query_ready")
    for more, listen, says in (
        ((), f"unix:{sockets}/q", "somebody listens at unix:"),
        (("--data", str(tmp_path)), f"unix:{sockets}/r", "another query process keeps its index in"),
    ):
        second = query(*more, listen=listen)
        assert second.exit_code() == 2
        (line,) = second.errors
        assert line.startswith("kentongan: ")
        assert says in line
    assert asyncio.run(ask(sockets / "q"))[0] == 200


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        ({"listen": "8200"}, "--listen: expected unix:PATH or HOST:PORT, got '8200'"),
        ({"listen": "unix:/nowhere/q"}, "cannot listen at unix:/nowhere/q"),
        ({"demo": True}, "the two never mix"),
    ],
)
def test_what_cannot_start_says_why(query: Start, arguments: dict[str, Any], says: str) -> None:
    """One sentence, exit code 2."""
    query().wait_event("query_ready")  # the store holds a real city from now on
    process = query(**arguments)
    assert process.exit_code() == 2
    assert says in process.errors[-1]


def test_a_folder_that_cannot_be_written_is_named(query: Start, tmp_path: Path) -> None:
    """The folder, and why."""
    (tmp_path / "file").write_text("")
    process = query("--data", str(tmp_path / "file" / "data"))
    assert process.exit_code() == 2
    assert "cannot be written" in process.errors[-1]


def test_a_file_that_went_bad_is_made_anew(query: Start, valkey_url: str, sockets: Path, tmp_path: Path) -> None:
    """Garbage where the index was is no reason not to answer."""
    (tmp_path / "search.sqlite").write_bytes(b"\0garbage" * 4096)

    @on_loop
    async def some() -> None:
        async with opened(valkey_url) as (store, _):
            await sells(store, "s1")

    some()
    query("--data", str(tmp_path)).wait_event("query_ready", shops=1)


def test_an_index_that_fails_under_it_is_made_anew_at_the_next_start(
    query: Start, valkey_url: str, sockets: Path, tmp_path: Path
) -> None:
    """It ends with 1 and a word in the log, its file is gone, and the next start has everything."""
    process = query("--data", str(tmp_path))
    process.wait_event("query_ready")
    path = tmp_path / "search.sqlite"
    for side in ("-wal", ""):
        whole = path.with_name(path.name + side)
        whole.write_bytes(b"\xff" * whole.stat().st_size)

    @on_loop
    async def more() -> None:
        async with opened(valkey_url) as (store, _):
            for id_, views in many(40).items():
                await commits(store, id_, *views)

    more()
    assert process.exit_code(10) == 1
    assert any("the index cannot be kept" in line for line in process.errors)
    query("--data", str(tmp_path)).wait_event("query_ready", shops=40)
