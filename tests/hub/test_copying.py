"""A consistent cut of a city that goes on working."""

from __future__ import annotations

import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import redis

from hub import copying
from hub.backup_file import Record
from hub.blinding import Sealer
from hub.copying import LARGE, Copying, Cut, wanted
from hub.errors import StoreUnavailable
from hub.person_keys import Plain
from hub.tracking import Tracked
from tests.support.backups import KEYS, Marking, city, folded, key_in

TOGETHER = "{35.76}:thing:lamp:a", "{35.76}:thing:lamp:b", "{35.76}:claim:lamp/a"


def copied(
    url: str, tmp_path: Path, *, sealer: Sealer | None = None, link: type[Tracked] = Tracked, **more: Any
) -> tuple[Cut, dict[str, Any], list[Record]]:
    """One copy: its cut, what its records come to, and the records."""
    records: list[Record] = []
    prefix = len(KEYS.prefix)
    with link(url, KEYS.prefix, lambda name: wanted(name[prefix:])) as line:
        cut = Copying(line, KEYS, records.append, key=key_in(tmp_path), sealer=sealer or Plain(), **more).run()
    return cut, folded(records, key_in(tmp_path)), records


def commit(client: redis.Redis) -> None:
    """Two things and a claim, all with the commit's number."""
    client.eval(
        "local n = redis.call('HINCRBY', KEYS[1], 'commit', 1) redis.call('HSET', KEYS[2], 'v', n, 's', n)"
        " redis.call('HSET', KEYS[3], 'v', n, 's', n) redis.call('SET', KEYS[4], n)",
        4, KEYS.head, *TOGETHER,
    )  # fmt: skip


def test_a_copy_is_the_city(store_url: str, tmp_path: Path) -> None:
    """Every key of every kind, but for logs, offsets, who is here, and persons' keys; another city's none."""
    with redis.Redis.from_url(store_url) as client:
        city(client)
        client.set("{35.77}:claim:x", "another city's")
        client.hset(KEYS.workers, "w", "x")
        client.hset(KEYS.backup, "at", 1)
        cut, found, records = copied(store_url, tmp_path)
        assert (cut.head["commit"], cut.head["epoch"], cut.lanes) == ("7", "old", {"urgent": 7, "normal": 6})
        assert set(found) == {
            "head", "lanes", "thing:lamp:a", "thing:lamp:b", "table:normal/a", "claim:lamp/a", "set:lamps", "geo:lamps",
            "timers:normal", "timer:normal", "out:siti:c1", "hookline:shop:o1", "session:d1", "sessions:siti",
            "member:siti", "secret", "hooks", "audit",
        }  # fmt: skip
        assert found["thing:lamp:a"] == client.hgetall(KEYS.thing("lamp", "a"))
        assert found["hookline:shop:o1"] == [b"one", b"two"]
        assert set(found["set:lamps"]) == {b"a", b"b"}
        assert float(found["geo:lamps"][b"a"]) == client.zscore(KEYS.geo("lamps"), "a")
        assert [row[0] for row in found["audit"]] == [id_ for id_, _ in client.xrange(KEYS.audit)]
        (expires_at,) = {record.expires_at for record in records if record.name == b"out:siti:c1"}
        assert expires_at > client.time()[0] * 1000
        assert (cut.keys, cut.things) == (17, 2)


def test_secrets_are_sealed(store_url: str, tmp_path: Path) -> None:
    """The city's own key, webhooks and devices are nowhere to be read; their names are."""
    with redis.Redis.from_url(store_url) as client:
        city(client)
        client.hset(KEYS.push("medic", "siti"), "d1", b"https://push.example/secret")
        client.set(KEYS.outcome("secret", "x"), "not one")
    _, found, records = copied(store_url, tmp_path)
    assert {record.name for record in records if record.sealed} == {
        b"secret", b"hooks", b"push:medic:siti", b"member:siti", b"geo:lamps",
    }  # fmt: skip
    raw = b"".join(record.value for record in records)
    assert b"webhook's secret" not in raw
    assert b"push.example" not in raw
    assert b"Siti Aminah" not in raw
    assert b"\x07" * 32 not in raw
    assert b"k" * 32 not in raw
    assert found["secret"] == b"\x07" * 32


def test_personal_fields_go_through_the_sealer(store_url: str, tmp_path: Path) -> None:
    """Each thing, view and whatever is one person's, with its type or topic and its id; nothing else."""
    with redis.Redis.from_url(store_url) as client:
        city(client)
        state = client.hget(KEYS.thing("lamp", "a"), "s")
        view = client.hget(KEYS.table("normal/a"), "a")
    marking = Marking()
    _, found, records = copied(store_url, tmp_path, sealer=marking)
    assert {("lamp", "a"), ("lamp", "b")} == set(marking.met)
    assert found["thing:lamp:a"] == {b"v": b"7", b"s": b"sealed:lamp/a:" + state}
    assert found["table:normal/a"] == {b"a": b"sealed:normal/a/a:" + view}
    assert found["member:siti"][b"role"] == b"sealed:siti/member:siti:medic"
    clear = [one for one in records if not one.sealed]
    assert all((b"sealed:" in one.value) is one.name.startswith((b"thing:", b"table:")) for one in clear)


def test_large_collections_come_in_slices(store_url: str, tmp_path: Path) -> None:
    """More than a script reads at once: whole all the same, in several records."""
    many = {f"member-{number}": number for number in range(LARGE * 3)}
    with redis.Redis.from_url(store_url) as client:
        city(client)
        client.zadd(KEYS.timers("bulk"), many)
        client.hset(KEYS.fix("medic"), mapping=many)
        client.sadd(KEYS.set("many"), *many)
        client.rpush(KEYS.hookline("shop", "many"), *many)
    _, found, records = copied(store_url, tmp_path)
    assert {name.decode(): int(score) for name, score in found["timers:bulk"].items()} == many
    assert {name.decode(): int(value) for name, value in found["fix:medic"].items()} == many
    assert {name.decode() for name in found["set:many"]} == set(many)
    assert [name.decode() for name in found["hookline:shop:many"]] == list(many)
    assert sum(one.more for one in records) >= 3


def test_no_copy_is_between_two_commits(store_url: str, tmp_path: Path) -> None:
    """While commits go on as fast as they can, whatever was written together is there together."""
    ending, commits = threading.Event(), [0]

    def work() -> None:
        with redis.Redis.from_url(store_url) as other:
            while not ending.is_set():
                commit(other)
                commits[0] += 1

    with redis.Redis.from_url(store_url) as client:
        city(client)
        client.hset(KEYS.fix("medic"), mapping={str(number): 1 for number in range(5000)})
        worker = threading.Thread(target=work)
        worker.start()
        try:
            for _ in range(5):
                before, done = int(client.hget(KEYS.head, "commit") or 0), commits[0]
                cut, found, _ = copied(store_url, tmp_path)
                number = cut.head["commit"].encode()
                assert int(number) >= before
                assert found["head"][b"commit"] == number
                if int(number) > 7:
                    assert found["thing:lamp:a"] == found["thing:lamp:b"] == {b"v": number, b"s": number}
                    assert found["claim:lamp/a"] == number
                while commits[0] == done:
                    assert worker.is_alive()
        finally:
            ending.set()
            worker.join()


class Disturbed(Tracked):
    """Something happens behind the commit number's reading, so many times."""

    times = 0
    happens: Callable[[], None]

    def one(self, *args: Any) -> Any:
        if args == ("PING",) and type(self).times > 0:
            type(self).times -= 1
            type(self).happens()
        return super().one(*args)


def test_a_commit_before_the_cut_makes_it_look_again(store_url: str, tmp_path: Path) -> None:
    """The number has moved: the cut is made anew, and is of the later commit."""
    with redis.Redis.from_url(store_url) as client:
        city(client)

        class Link(Disturbed):
            times = 3
            happens = staticmethod(lambda: commit(client))

        cut, found, _ = copied(store_url, tmp_path, link=Link)
        assert (cut.head["commit"], cut.tries) == ("10", 4)
        assert found["thing:lamp:a"][b"s"] == found["claim:lamp/a"] == b"10"


def test_a_backup_that_gets_no_turn_asks_for_one(store_url: str, tmp_path: Path) -> None:
    """However slow it is beside a busy city: commits wait for one cut, it is a whole one, and they go on."""
    ending, more, commits = threading.Event(), threading.Condition(), [0]

    def work() -> None:
        with redis.Redis.from_url(store_url) as other:
            while not ending.is_set():
                commit(other)
                with more:
                    commits[0] += 1
                    more.notify_all()

    def next_commit() -> None:
        with more:
            seen = commits[0]
            more.wait_for(lambda: commits[0] > seen + 1, 0.02)

    class Slow(Disturbed):
        times = 1_000_000
        happens = staticmethod(next_commit)

    with redis.Redis.from_url(store_url) as client:
        city(client)
        worker = threading.Thread(target=work)
        worker.start()
        try:
            cut, found, _ = copied(store_url, tmp_path, link=Slow)
            with more:
                done = commits[0]
                assert more.wait_for(lambda: commits[0] > done, 5)
        finally:
            ending.set()
            worker.join()
    number = cut.head["commit"].encode()
    assert found["thing:lamp:a"] == found["thing:lamp:b"] == {b"v": number, b"s": number}
    assert found["claim:lamp/a"] == number
    assert cut.tries > copying.PATIENCE
    assert cut.paused_ms > 0


def test_what_went_meanwhile_is_gone(store_url: str, tmp_path: Path) -> None:
    """A key that was copied and then deleted is in no backup; one that came is."""
    with redis.Redis.from_url(store_url) as client:
        city(client)

        def happens() -> None:
            client.delete(KEYS.thing("lamp", "b"))
            client.set(KEYS.claim("new"), 1)

        class Link(Disturbed):
            times = 1

        Link.happens = staticmethod(happens)
        cut, found, _ = copied(store_url, tmp_path, link=Link)
        assert "thing:lamp:b" not in found
        assert found["claim:new"] == b"1"
        assert (cut.keys, cut.things) == (17, 1)


def test_a_city_that_never_stands_still_is_left(
    store_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """After a minute it is said, and nothing is made of what was read."""
    monkeypatch.setattr(copying, "CUT_S", 0.05)
    monkeypatch.setattr(copying, "PATIENCE", 1_000_000)
    with redis.Redis.from_url(store_url) as client:
        city(client)

        class Link(Disturbed):
            times = 1_000_000
            happens = staticmethod(lambda: commit(client))

        with pytest.raises(StoreUnavailable, match="did not stand still"):
            copied(store_url, tmp_path, link=Link)


def test_the_audit_log_begins_where_the_archive_is(store_url: str, tmp_path: Path) -> None:
    """With the entry at its position, up to the cut's commit and no further."""
    with redis.Redis.from_url(store_url) as client:
        city(client)
        client.xadd(KEYS.audit, {"commit": 8, "at": 1, "e": b"later"})
        ids = [id_.decode() for id_, _ in client.xrange(KEYS.audit)]
    _, found, _ = copied(store_url, tmp_path, audit_from=ids[4])
    assert [row[0].decode() for row in found["audit"]] == ids[4:7]


def test_an_unknown_type_is_a_fault(store_url: str, tmp_path: Path) -> None:
    """A stream that nobody knows must not be left out in silence."""
    with redis.Redis.from_url(store_url) as client:
        city(client)
        client.xadd(KEYS.prefix + "diary", {"a": 1})
    with pytest.raises(StoreUnavailable, match=r"\{35\.76\}:diary is a stream"):
        copied(store_url, tmp_path)
