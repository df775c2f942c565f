"""One line of JSON in, one line out."""

from __future__ import annotations

import asyncio
import json
import socket
import sqlite3
from pathlib import Path
from typing import Any

import pytest

from hub.address import Address
from hub.directory import LINE_BYTES
from hub.errors import StartError
from tests.support.asking import KELURAHAN, ask, asked, listening
from tests.support.live import on_loop, until
from tests.support.market import holding, product, shop
from workers.answering import ASKERS, Answers
from workers.search import Index


def reply(index: Index | None, path: str = "/v1/shops", **params: str) -> tuple[int, dict[str, Any]]:
    line = json.dumps({"path": path, "params": list(params.items())}).encode()
    whole = json.loads(asyncio.run(Answers(lambda: index, lambda: 7, KELURAHAN).reply(line)))
    return whole["status"], whole["body"]


def test_a_question_is_answered_with_how_old_the_answer_is() -> None:
    """`as_of`, the shops, and whether there are more."""
    index = holding((shop(), product()), (shop("s2"), product()))
    index.holds(1001)
    status, body = reply(index, q="pecel", limit="1")
    assert status == 200
    assert (body["as_of"], body["more"], [one["id"] for one in body["shops"]]) == (1000, True, ["s1"])


def test_one_shop_is_answered_whole_or_not_found() -> None:
    """By its id, whatever that looks like."""
    index = holding((shop("nib:1"), product()))
    status, body = reply(index, "/v1/shops/nib:1")
    assert (status, body["as_of"], body["shop"]["id"]) == (200, 0, "nib:1")
    for path in ("/v1/shops/none", "/v1/shops/", "/v1/shopsnib:1", "/v2", ""):
        status, body = reply(index, path)
        assert (status, body["ok"], body["code"], body["retry"]) == (404, False, "not_found", False), path


def test_a_wrong_parameter_is_named_whether_or_not_there_is_an_index() -> None:
    """`bad_data`, the field first."""
    wrong = {"ok": False, "code": "bad_data", "message": "near: expected <lat>,<lon>", "retry": False}
    assert reply(holding(), near="here") == (400, wrong)
    assert reply(None, near="here") == (400, wrong)


def test_before_the_first_index_there_is_no_answer() -> None:
    """`unavailable`, and to be tried again."""
    for path in ("/v1/shops", "/v1/shops/s1"):
        status, body = reply(None, path)
        assert (status, body["code"], body["retry"]) == (503, "unavailable", True)


def test_an_index_that_fails_is_said_and_logged(caplog: pytest.LogCaptureFixture) -> None:
    """No word of SQLite's goes to the asker."""
    index = holding()
    index.close()
    with pytest.raises(sqlite3.Error):
        index.count()
    status, body = reply(index)
    assert (status, body["code"]) == (500, "internal")
    assert "closed" not in body["message"]
    assert "the index could not be asked" in caplog.text


@pytest.mark.parametrize("line", [b"", b"{", b"[]", b'{"path": 1}', b'{"path": "/", "params": [["q"]]}', b"\xff"])
def test_a_line_that_is_no_question_is_refused(line: bytes) -> None:
    """With words on what was expected."""
    whole = json.loads(asyncio.run(Answers(lambda: None, lambda: 0, KELURAHAN).reply(line)))
    assert (whole["status"], whole["body"]["code"]) == (400, "bad_frame")


@on_loop
async def test_askers_are_answered_side_by_side_and_again(sockets: Path) -> None:
    """One connection may ask twice; one that sends half a line holds nobody up."""
    async with listening(Address(str(sockets / "q")), holding((shop(), product()))):
        _, half = await asyncio.open_unix_connection(str(sockets / "q"))
        half.write(b'{"path": "/v1/')
        reader, writer = await asyncio.open_unix_connection(str(sockets / "q"))
        for word in ("pecel", "nasi"):
            writer.write(json.dumps({"path": "/v1/shops", "params": [["q", word]]}).encode() + b"\n")
            assert json.loads(await reader.readline())["status"] == 200
        found = await asyncio.gather(*(ask(sockets / "q", q="pecel") for _ in range(20)))
        assert {status for status, _ in found} == {200}
        for one in (half, writer):
            one.close()


@on_loop
async def test_a_line_that_is_too_long_ends_the_connection(sockets: Path) -> None:
    """And nothing else."""
    async with listening(Address(str(sockets / "q")), holding()):
        assert await asked(sockets / "q", b"x" * (2 * LINE_BYTES + 1)) == b""
        assert (await ask(sockets / "q"))[0] == 200


@on_loop
async def test_askers_are_counted(sockets: Path) -> None:
    """One more than may ask at once is closed unheard; when one goes, there is room again."""
    async with listening(Address(str(sockets / "q")), holding()) as listener:
        idle = [await asyncio.open_unix_connection(str(sockets / "q")) for _ in range(ASKERS)]
        await until(lambda: len(listener._open) == ASKERS)
        assert await asked(sockets / "q", b"") == b""
        idle[0][1].close()
        await until(lambda: len(listener._open) < ASKERS)
        assert (await ask(sockets / "q"))[0] == 200
        for _, writer in idle[1:]:
            writer.close()


@on_loop
async def test_a_socket_left_behind_is_taken_over_and_a_live_one_is_not(sockets: Path) -> None:
    """Whoever was killed is followed; two at one address never are."""
    path = sockets / "q"
    with socket.socket(socket.AF_UNIX) as left:
        left.bind(str(path))
    async with listening(Address(str(path)), holding()):
        assert (path.stat().st_mode & 0o777) == 0o600
        with pytest.raises(StartError, match="somebody listens at unix:"):
            async with listening(Address(str(path)), holding()):
                pass
        assert (await ask(path))[0] == 200
    assert not path.exists()


@on_loop
async def test_an_address_that_cannot_be_used_is_named(sockets: Path) -> None:
    """One sentence."""
    with pytest.raises(StartError, match="cannot listen at unix:"):
        async with listening(Address(str(sockets / "none" / "q")), holding()):
            pass
    (sockets / "file").write_text("mine")
    with pytest.raises(StartError, match="cannot listen at unix:"):
        async with listening(Address(str(sockets / "file")), holding()):
            pass
    assert (sockets / "file").read_text() == "mine"


@on_loop
async def test_a_host_and_port_answer_as_well(sockets: Path) -> None:
    """For a query process on another machine."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
    async with listening(Address(None, "127.0.0.1", port), holding()):
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(b'{"path": "/v1/shops"}\n')
        assert json.loads(await reader.readline())["status"] == 200
        writer.close()
