"""`kentongan erase` and `kentongan export`, on a real store and archive."""

from __future__ import annotations

import asyncio
import json
import signal
import uuid
from pathlib import Path
from typing import Any

import pytest
import redis

from channels.medic import Medic
from hub import replicas
from hub.cli import main
from hub.contract import Actor
from hub.settings import PREFIX
from tests.channels.world import CITY as GROUND
from tests.support.archives import archiving, where
from tests.support.backups import content
from tests.support.live import opened
from tests.support.servers import running_pair

HERE = {"lat": -7.4795, "lon": 112.4356, "accuracy_m": 20.0}
ANI = Actor("ani", "resident")


async def called(url: str, archive: str, tmp_path: Path) -> str:
    """A call that was made and archived; its request."""
    async with opened(url, Medic(GROUND)) as (store, dispatch):
        answer = await dispatch.run("medic.call", {"location": HERE, "phone": "0812345"}, ANI, str(uuid.uuid4()))
        async with archiving(store, where(archive, tmp_path)) as archivist:
            await archivist.step()
        assert answer.data is not None
        return str(answer.data["request"])


async def cancelled(url: str, request: str) -> None:
    async with opened(url, Medic(GROUND)) as (_, dispatch):
        assert (await dispatch.run("medic.cancel", {"request": request, "reason": "solved"}, ANI, str(uuid.uuid4()))).ok


def run(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, Any, str]:
    code = main(list(arguments))
    told = capsys.readouterr()
    return code, json.loads(told.out) if "--json" in arguments else told.out, told.err


def test_a_person_is_exported_and_erased(
    valkey_url: str, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Under way: refused. Then gone, as the export says; twice, and of nobody: one sentence each, exit code 1."""
    archive, store = f"sqlite:{tmp_path}/archive.sqlite", ("--store", valkey_url)
    monkeypatch.setenv(PREFIX + "ARCHIVE_URL", archive)
    request = asyncio.run(called(valkey_url, archive, tmp_path))
    code, told, _ = run(capsys, "export", "ani", *store, "--json")
    assert (code, told["audit"][0]["told"]["phone"], told["archive"]) == (0, "0812345", archive)
    assert "1 audit entries, 1 with what was said" in run(capsys, "export", "ani", *store)[1]
    code, _, why = run(capsys, "erase", "ani", *store)
    assert (code, why) == (1, f"kentongan: request/{request} is under way: end it first, then erase\n")
    asyncio.run(cancelled(valkey_url, request))
    code, told, _ = run(capsys, "erase", "ani", *store, "--json")
    assert (code, told["ok"], told["person"], told["things"]) == (0, True, "ani", 1)
    assert run(capsys, "erase", "ani", *store)[::2] == (
        1, "kentongan: ani was erased already: nothing is kept but the id\n",
    )  # fmt: skip
    code, said, _ = run(capsys, "export", "ani", *store)
    assert (code, "erased 20" in said, "no key of this person stands" in said) == (0, True, True)
    assert run(capsys, "export", "dewi", *store)[::2] == (1, "kentongan: nothing is kept of dewi\n")
    assert run(capsys, "erase", "dewi", *store, "--json")[1]["code"] == "not_found"


def test_after_a_restore_all_are_erased_again(
    valkey_url: str, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """`--again` names whoever it forgot anew."""
    archive, store = f"sqlite:{tmp_path}/archive.sqlite", ("--store", valkey_url)
    request = asyncio.run(called(valkey_url, archive, tmp_path))
    asyncio.run(cancelled(valkey_url, request))
    assert run(capsys, "erase", "--again", *store)[1] == "0 people erased anew\n"
    assert run(capsys, "erase", "ani", *store)[1].startswith("ani is erased: ")
    asyncio.run(cancelled(valkey_url, asyncio.run(called(valkey_url, archive, tmp_path))))
    assert run(capsys, "erase", "--again", *store, "--json")[1] == {"ok": True, "people": ["ani"]}


def test_a_store_that_is_not_there_is_one_sentence(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Exit code 2, as for every command."""
    monkeypatch.setattr("hub.check.ANSWER_S", 0.1)
    for name in ("erase", "export"):
        assert main([name, "ani", "--store", "redis://127.0.0.1:1/0"]) == 2
        assert "127.0.0.1:1" in capsys.readouterr().err


def readable(url: str) -> bytes:
    """All that a store holds but the bus's own log of a day, and recorded outcomes, which hold no such thing."""
    with redis.Redis.from_url(url) as client:
        kept = content(client)
    return repr([(name, one) for name, one in kept.items() if not name.startswith(("log:", "out:"))]).encode()


def test_a_replica_reads_nothing_of_theirs_either(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Erased is what no replica that is connected can read: one that does not follow is said, until it does."""
    monkeypatch.setattr(replicas, "WITHIN_S", 0.3)
    with running_pair() as (primary, replica):
        monkeypatch.setenv(PREFIX + "REPLICAS", "1")
        archive, store = f"sqlite:{tmp_path}/archive.sqlite", ("--store", primary.url)
        asyncio.run(cancelled(primary.url, asyncio.run(called(primary.url, archive, tmp_path))))
        with redis.Redis.from_url(primary.url) as client:
            client.set("now", 1)
            assert client.wait(1, 5_000) == 1
        assert b"0812345" in readable(replica.url)
        assert run(capsys, "erase", "ani", *store)[0] == 0
        after = readable(replica.url)
        assert b"erased" in after
        assert not [word for word in (b"0812345", b"person_keys", b"-7.4795") if word in after]
        monkeypatch.setenv(PREFIX + "REPLICAS", "0")  # a replica that hubs do not wait for is waited for here
        asyncio.run(cancelled(primary.url, asyncio.run(called(primary.url, archive, tmp_path))))
        replica.signal(signal.SIGSTOP)
        for _ in range(2):
            code, _, why = run(capsys, "erase", "ani", *store)
            assert (code, "ani is erased here, and 0 of 1 replicas followed so far: ask again" in why) == (1, True)
        code, _, why = run(capsys, "erase", "--again", *store)
        assert (code, "0 people are erased here anew, 0 of 1 replicas followed so far" in why) == (1, True)
        replica.signal(signal.SIGCONT)
        assert "was erased already" in run(capsys, "erase", "ani", *store)[2]
        assert b"person_keys" not in readable(replica.url)
