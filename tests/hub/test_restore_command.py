"""`kentongan restore`, and the trial: a city whose data folder is lost while people use it."""

from __future__ import annotations

import asyncio
import contextlib
import io
import json
import shutil
import uuid
from pathlib import Path
from typing import Any

import pytest
import redis
from msgspec.structs import replace

from clients.client import Client
from hub import closing, restore_command
from hub.archive import open_archive, read_archive
from hub.backup import Plan, backed_up
from hub.cli import main
from hub.errors import StartError
from hub.folder import DataFolder, running_url
from hub.heads import kept_key
from hub.keys import Keys
from hub.lost import Lost, archive_says
from hub.restore_command import SHOWN, Restored, in_folder, lines
from hub.settings import PREFIX, Settings
from tests.hub.test_up import descendants, gone_within
from tests.support.backups import CITY, KEYS, city, content, key_in
from tests.support.chains import entry
from tests.support.clients import client
from tests.support.live import on_loop, running_hub, switch, until
from tests.support.processes import Process, free_ports
from tests.support.servers import running_pair
from tests.support.town import HERE

LATER = 9_999_999_999_999
"""After whatever a test does."""


@pytest.fixture
def made(valkey_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A backup of the small city with an archive beside it; the store is empty again."""
    monkeypatch.setenv(PREFIX + "BACKUP_KEY", str(tmp_path / "backup.key"))
    archive = f"sqlite:{tmp_path / 'old' / 'archive.sqlite'}"
    kept_key(tmp_path / "old" / "archive.key")
    opened = open_archive(archive, CITY, "real")
    opened.append(opened.position(), [entry(1), entry(2)], "old", "1002-0")
    opened.close()
    plan = Plan(url=valkey_url, city=CITY, folder=tmp_path / "to", key=tmp_path / "backup.key", archive=archive)
    with redis.Redis.from_url(valkey_url) as client:
        city(client)
        found = Path(backed_up(plan, io.StringIO()).file)
        client.flushall()
    return found


def restore(capsys: pytest.CaptureFixture[str], *arguments: str | Path) -> dict[str, Any]:
    assert main(["restore", *map(str, arguments), "--json"]) == 0
    found: dict[str, Any] = json.loads(capsys.readouterr().out)
    return found


def refused(capsys: pytest.CaptureFixture[str], *arguments: str | Path) -> str:
    """The one sentence of a restore that is refused."""
    assert main(["restore", *map(str, arguments)]) == 2
    out, err = capsys.readouterr()
    said = [line for line in err.splitlines() if line.startswith("kentongan: ")]
    assert (out, len(said)) == ("", 1)
    return said[0]


def test_into_a_store(made: Path, valkey_url: str, capsys: pytest.CaptureFixture[str]) -> None:
    """What stands, as of when, from which number on, and what the archive beside the backup knows to be lost."""
    found = restore(capsys, made, "--store", valkey_url)
    assert (found["event"], found["city"], found["kind"], found["commit"]) == ("restored", CITY, "real", 7)
    assert found["lost"]["witnesses"] == [f"sqlite:{made.parent / 'archive.sqlite'}"]
    assert (found["lost"]["commits"], found["archive"], found["erased"]) == (0, "none", [])
    with redis.Redis.from_url(valkey_url) as client:
        assert client.hget(KEYS.head, "epoch").decode() == found["epoch"] != "old"
        assert client.hget(KEYS.person_keys, "siti") == b"k" * 32
        assert client.get(KEYS.secret) == b"\x07" * 32


@on_loop
async def test_hubs_that_wait_adopt_the_city(made: Path, valkey_url: str) -> None:
    """A hub on an empty store has made a key of its own: it takes the city's, without a restart."""
    async with running_hub(valkey_url) as hub:
        before, token = hub.store.secret, hub.resident().token
        assert await asyncio.to_thread(main, ["restore", str(made), "--store", valkey_url, "--json"]) == 0
        await until(lambda: hub.store.secret == b"\x07" * 32 != before and hub.store.up, 10)
        assert hub.resident().token != token
        await until(lambda: hub.node.unready() is None, 10)


@on_loop
async def test_a_replica_follows_and_clients_read_anew(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Below hubs that wait for it: the restore says that it has the city, key for key and in the new epoch, clients
    come back to that, and commits are accepted by both; one that does not follow is said."""
    monkeypatch.setenv(PREFIX + "BACKUP_KEY", str(tmp_path / "backup.key"))
    monkeypatch.setenv(PREFIX + "REPLICAS", "1")
    with running_pair() as (primary, replica):
        place = ("--store", primary.url)

        async def ran_here(*arguments: str) -> dict[str, Any]:
            assert await asyncio.to_thread(main, [*arguments, *place, "--json"]) == 0
            found: dict[str, Any] = json.loads(capsys.readouterr().out)
            return found

        async with running_hub(primary.url, settings=Settings(replicas=1)) as hub:
            async with client(hub.port, hub.resident().token) as one:
                await one.joins("normal/a")
                await switch(hub, "kept", "normal/a")
                made = await ran_here("backup", "--to", str(tmp_path / "to"))
                await switch(hub, "lost", "normal/a")
                await one.knows("normal/a", lambda table: len(table.things) == 2)
                found = await ran_here("restore", made["file"], "--replace")
                assert (found["replicas"], found["replicas_have"], found["not_erased"]) == (1, 1, "")
                assert await one.closed() == closing.NODE_UNWELL
            async with client(hub.port, hub.resident().token) as again:
                state = await again.joins("normal/a", one.tables["normal/a"])
                assert (state["epoch"], list(state["things"])) == (found["epoch"], ["kept"])
                await switch(hub, "new", "normal/a")
        with redis.Redis.from_url(primary.url) as here, redis.Redis.from_url(replica.url) as there:
            await until(lambda: content(there) == content(here))
            assert there.hget(KEYS.head, "epoch") == found["epoch"].encode()
            assert there.dbsize() == here.dbsize()
        monkeypatch.setattr(restore_command, "FOLLOW_S", 0.2)
        monkeypatch.setenv(PREFIX + "REPLICAS", "2")
        found = await ran_here("restore", made["file"], "--replace")
        assert (found["replicas"], found["replicas_have"]) == (2, 1)


def test_into_an_empty_folder(made: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The archive and the key that signs its heads come along; `up` finds a city there; a second one is refused."""
    data = tmp_path / "real"
    found = restore(capsys, made, "--data", data)
    assert (found["place"], found["archive"]) == (str(data), "copied")
    archive = read_archive(f"sqlite:{data / 'archive.sqlite'}", CITY)
    assert archive.count() == 2
    archive.close()
    assert (data / "archive.key").read_text() == (tmp_path / "old" / "archive.key").read_text()
    assert (data / "archive.key").stat().st_mode & 0o777 == 0o600
    assert json.loads((data / "kentongan.json").read_text())["kind"] == "real"
    assert running_url(data) is None
    with contextlib.closing(DataFolder.open(data, "real")):
        assert "is in use by another Kentongan" in refused(capsys, made, "--data", data)
    assert "holds city 35.76 already" in refused(capsys, made, "--data", data)


def test_what_is_replaced_says_what_it_knew(made: Path, valkey_url: str, capsys: pytest.CaptureFixture[str]) -> None:
    """Its commits behind the cut are lost and named; who was erased there stays erased."""
    with redis.Redis.from_url(valkey_url) as client:
        city(client, 12)
        client.hdel(KEYS.person_keys, "siti")
        client.zadd(KEYS.erased, {"siti": LATER})
        before = content(client)
        assert "say --replace" in refused(capsys, made, "--store", valkey_url)
        assert content(client) == before
        found = restore(capsys, made, "--store", valkey_url, "--replace")
        gone = found["lost"]
        assert (gone["after_commit"], gone["newest_commit"], gone["commits"]) == (7, 12, 5)
        assert set(gone["things"]["lamp"]) == {"8", "9", "10", "11", "12"}
        assert found["erased"] == ["siti"]
        assert not client.exists(KEYS.person_keys, KEYS.member("siti"), KEYS.sessions("siti"))
        assert found["goes_on_at"] > 12


def test_one_that_was_broken_off_is_no_city(made: Path, valkey_url: str, capsys: pytest.CaptureFixture[str]) -> None:
    """The same again needs no `--replace` and asks nothing of it but who was erased, here or beside."""
    with redis.Redis.from_url(valkey_url) as client:
        client.hset(KEYS.head, mapping={"kind": "restoring", "commit": 12, "restore": "x", "version": 1})
        client.zadd(KEYS.restoring + "erased", {"siti": LATER})
        client.zadd(KEYS.erased, {"ani": 5})
        found = restore(capsys, made, "--store", valkey_url)
        assert (found["erased"], found["lost"]["commits"], found["commit"]) == (["siti"], 0, 7)
        assert client.hget(KEYS.head, "kind") == b"real"
        assert {name for name, _ in client.zrange(KEYS.erased, 0, -1, withscores=True)} == {b"siti", b"ani"}
        assert found["closed_ms"] >= 0


def test_an_archive_elsewhere_knows_more(
    made: Path, valkey_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """It is asked before the copy, stays as it is, and a signed head tells what even it has not."""
    elsewhere = f"sqlite:{tmp_path / 'elsewhere.sqlite'}"
    archive = open_archive(elsewhere, CITY, "real")
    archive.append(archive.position(), [entry(number) for number in range(1, 10)], "old", "1009-0")
    archive.close()
    (tmp_path / "head").write_text(json.dumps({"seq": 14, "at": LATER, "hash": "00"}))
    monkeypatch.setenv(PREFIX + "ARCHIVE_URL", elsewhere)
    monkeypatch.setenv(PREFIX + "AUDIT_HEAD_FILE", str(tmp_path / "head"))
    found = restore(capsys, made, "--store", valkey_url)
    assert (found["archive"], found["lost"]["newest_commit"], found["lost"]["commits"]) == ("kept", 9, 2)
    assert found["lost"]["things"] == {"lamp": ["8", "9"]}
    assert found["lost"]["head_rows"] == 5


def test_what_is_refused(made: Path, valkey_url: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Not a backup, damaged, another city's, the wrong key or none, a demo's folder: a sentence, nothing half-done."""
    other, key = tmp_path / "other.backup", tmp_path / "other.key"
    data = tmp_path / "real"
    other.write_bytes(made.read_bytes()[:-9])
    assert "is damaged" in refused(capsys, other, "--data", data)
    assert "is no backup" in refused(capsys, tmp_path / "backup.key", "--data", data)
    assert "cannot be read" in refused(capsys, tmp_path / "none", "--data", data)
    assert "no backup key at" in refused(capsys, made, "--data", data, "--key", key)
    key_in(tmp_path)
    key.write_text("ab" * 32)
    assert "was sealed with the backup key" in refused(capsys, made, "--data", data, "--key", key)
    demo = tmp_path / "demo"
    DataFolder.open(demo, "demo").close()
    assert "holds a demo city" in refused(capsys, made, "--data", demo)
    with redis.Redis.from_url(valkey_url) as client:
        client.hset(KEYS.head, mapping={"kind": "demo", "version": 1})
        assert "holds a demo city" in refused(capsys, made, "--store", valkey_url)
        assert len(content(client)) == 1
    (made.parent / "person-keys").write_text("word")
    assert "is no file of person keys" in refused(capsys, made, "--data", data)
    assert not data.exists()


def test_another_citys_backup(
    valkey_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Named, with what to do."""
    monkeypatch.setenv(PREFIX + "BACKUP_KEY", str(tmp_path / "backup.key"))
    with redis.Redis.from_url(valkey_url) as client:
        city(client, keys=Keys("35.77"))
    plan = Plan(url=valkey_url, city="35.77", folder=tmp_path / "to", key=tmp_path / "backup.key")
    found = backed_up(plan, io.StringIO())
    assert "is of city 35.77, expected 35.76" in refused(capsys, found.file, "--data", tmp_path / "real")


def test_a_folder_that_was_empty_is_empty_again(tmp_path: Path) -> None:
    """Whatever goes wrong in it; one that held something keeps it."""

    def fails(url: str) -> None:
        with redis.Redis.from_url(url) as client:
            client.set("half", "done")
        raise StartError("no")

    with pytest.raises(StartError, match="no"):
        in_folder(tmp_path / "new", "real", fails)
    assert not (tmp_path / "new").exists()
    DataFolder.open(tmp_path / "held", "real").close()
    with pytest.raises(StartError, match="no"):
        in_folder(tmp_path / "held", "real", fails)
    assert (tmp_path / "held" / "kentongan.json").exists()


RESTORED = Restored(
    file="f", city=CITY, kind="real", place="var/real", commit=1234, at=1_790_000_000_000, goes_on_at=12_000,
    epoch="e", keys=9, took_ms=1500, switch_ms=1, archive="copied", erased=[],
    lost=Lost(after_commit=1234, after_at=1_790_000_000_000),
)  # fmt: skip


def test_what_people_read() -> None:
    """As of when; what is lost, or that nobody knows; who was erased; what is next."""
    said = "\n".join(lines(RESTORED))
    assert "city 35.76 (real) is in var/real as of 2026-09-21 21:13:20 WIB, commit 1,234, epoch e" in said
    assert "lost: whatever came after 2026-09-21 21:13:20 WIB; no archive is here that would know" in said
    known = replace(RESTORED.lost, witnesses=["sqlite:x"])
    assert "no commit after 2026-09-21 21:13:20 WIB is known to sqlite:x" in "\n".join(
        lines(replace(RESTORED, lost=known))
    )
    ids = [f"r{number}" for number in range(SHOWN + 2)]
    gone = replace(
        known, newest_commit=1251, newest_at=1_790_000_060_000, commits=17, things={"request": ids},
        head_at=1_790_000_090_000, head_rows=3,
    )  # fmt: skip
    said = "\n".join(lines(replace(RESTORED, lost=gone, erased=["siti"], not_erased="gone", replicas=2)))
    assert (
        "lost: 17 commits after 2026-09-21 21:13:20 WIB; the newest one known is 1,251 of 2026-09-21 21:14:20 WIB"
        " (by sqlite:x)"
    ) in said
    assert f"request ({SHOWN + 2}): r0, r1, " in said
    assert "and 2 more (--json names all)" in said
    assert "a signed head of 2026-09-21 21:14:50 WIB saw 3 entries that no archive here has" in said
    assert "1 people who were erased since then are erased again" in said
    assert "NOT DONE: erasing anew who was erased since then (gone): `kentongan erase --again`" in said
    assert "NOT YET: 0 of 2 replicas have it" in said
    assert "2 of 2 replicas have it" in lines(replace(RESTORED, replicas=2, replicas_have=2))


# -- the trial ---------------------------------------------------------------------------


async def ran(environment: dict[str, str], *arguments: str) -> dict[str, Any]:
    """One command in a process of its own; its JSON."""
    process = Process(["-m", "hub.cli", *arguments, "--json"], environment=environment)
    try:
        assert await asyncio.to_thread(process.exit_code, 60) == 0, process.errors
        found: dict[str, Any] = json.loads(process.lines[-1])
        return found
    finally:
        process.kill()


class Caller:
    """A resident with a client of their own, whose calls are kept in the order of their answers."""

    def __init__(self, client: Client) -> None:
        self.client, self.topic = client, f"help/{client.person}"
        self.requests: list[str] = []

    async def calls(self, id_: str | None = None) -> str:
        answer = await self.client.call("medic.call", {"location": HERE}, id=id_, limit_s=30)
        self.requests.append(answer["request"])
        return self.requests[-1]

    async def goes_on(self, told: asyncio.Event) -> None:
        """Call and cancel, again and again."""
        while not told.is_set():
            await self.client.call("medic.cancel", {"request": await self.calls()})

    @property
    def epoch(self) -> str | None:
        return self.client.table(self.topic).epoch

    @property
    def things(self) -> dict[str, Any]:
        return self.client.table(self.topic).things


@pytest.mark.timeout(180)
@on_loop
async def test_a_lost_data_folder_comes_back(tmp_path: Path, sockets: Path) -> None:
    """A backup while calls go on, `kill -9`, no data folder, a restore, a start: clients read anew in the new epoch,
    everything that was answered before the backup began is there, and what came after it is named."""
    port, data, to = free_ports(), sockets / "real", tmp_path / "to"
    archive = f"sqlite:{tmp_path / 'elsewhere' / 'archive.sqlite'}"
    settings = {
        PREFIX + "ARCHIVE_URL": archive, PREFIX + "BACKUP_KEY": str(tmp_path / "backup.key"),
        PREFIX + "LIMIT_LOOPBACK": "false",
    }  # fmt: skip
    start = ["-m", "hub.cli", "up", "--json", "--port", str(port), "--data", str(data)]
    up = Process(start, environment=settings)
    try:
        await asyncio.to_thread(up.wait_event, "ready")
        async with contextlib.AsyncExitStack() as stack:
            callers = []
            for number in range(4):
                client = Client(f"http://127.0.0.1:{port}", device=f"{number + 1:064x}")
                callers.append(Caller(await stack.enter_async_context(client)))
                await client.join(callers[-1].topic)
            ani, budi, eko, busy = callers
            first = str(uuid.uuid4())
            await ani.calls(first)
            await budi.calls()
            told = asyncio.Event()
            going_on = asyncio.create_task(busy.goes_on(told))
            await until(lambda: len(busy.requests) > 5, 20)
            answered = list(busy.requests)
            made = await ran(settings, "backup", "--to", str(to), "--data", str(data))
            told.set()
            await going_on
            late = await eko.calls()
            old = {one.epoch for one in callers}
            assert old == {made["epoch"]}
            await until(
                lambda: any(late in things for _, _, things in archive_says(archive, CITY, made["commit"])[1]), 20
            )

            left = descendants(up.pid)
            up.kill()
            assert await asyncio.to_thread(gone_within, left, 10)
            shutil.rmtree(data)
            found = await ran(settings, "restore", made["file"], "--data", str(data))
            gone = found["lost"]
            assert late in gone["things"]["request"]
            assert not {*ani.requests, *budi.requests, *answered} & set(gone["things"]["request"])
            assert gone["newest_commit"] > made["commit"] == found["commit"]
            assert found["epoch"] not in old

            up = Process(start, environment=settings)
            await asyncio.to_thread(up.wait_event, "ready")
            await until(lambda: {one.epoch for one in callers} == {found["epoch"]}, 30)
            assert list(ani.things) == ani.requests
            assert list(budi.things) == budi.requests
            assert list(eko.things) == []
            assert await ani.calls(first) == ani.requests[0]  # the outcome is there: it is no second call
            with redis.Redis.from_url(str(running_url(data))) as store:
                assert all(store.exists(KEYS.thing("request", one)) for one in answered)
                assert int(store.hget(KEYS.head, "commit") or 0) >= found["goes_on_at"]
            again = await eko.calls()
            assert again != late
            await until(lambda: again in eko.things)
    finally:
        left = descendants(up.pid)
        up.kill()
        gone_within(left, 5)
