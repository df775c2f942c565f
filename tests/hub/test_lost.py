"""What a restore loses, as far as somebody still knows."""

from __future__ import annotations

from pathlib import Path

import redis
from msgspec.structs import replace

from hub.archive import open_archive
from hub.lost import Lost, archive_says, lost, store_says
from tests.support.backups import AT, CITY, KEYS, city
from tests.support.chains import entry

SEEN = [(8, 1008, "request/r1 medic/m1"), (9, 1009, "order/o1"), (9, 1009, "order/o1 order/o2")]


def test_witnesses_are_put_together() -> None:
    """Each commit once, the newest of all, ids by type in the order in which they were written, each once."""
    found = lost(7, 1007, {"one": SEEN, "two": [(12, 1012, ""), (9, 1009, "order/o2 order/o3")]}, None, 0)
    assert found == Lost(
        after_commit=7, after_at=1007, newest_commit=12, newest_at=1012, commits=2, witnesses=["one", "two"],
        things={"medic": ["m1"], "order": ["o1", "o2", "o3"], "request": ["r1"]},
    )  # fmt: skip


def test_a_signed_head_counts_when_it_is_younger() -> None:
    """It says how many entries there were; of one from before the backup nothing follows."""
    found = lost(7, 1007, {}, {"seq": 30, "at": 2000}, 20)
    assert (found.head_at, found.head_rows, found.newest_commit) == (2000, 10, 0)
    found = lost(7, 1007, {}, {"seq": 30, "at": 1000}, 20)
    assert (found.head_at, found.head_rows) == (0, 0)
    assert lost(7, 1007, {}, {"seq": 10, "at": 2000}, 20).head_rows == 0


def test_an_archive_knows_the_commits_behind_the_cut(archive_url: str) -> None:
    """On both databases: commit, time and things of each; no archive knows nothing."""
    archive = open_archive(archive_url, CITY, "real")
    archive.append(archive.position(), [entry(number) for number in range(1, 10)], "e", "9-0")
    archive.close()
    name, seen, rows = archive_says(archive_url, CITY, 7)
    assert seen == [(8, 5008, "lamp/8"), (9, 5009, "lamp/9")]
    assert rows == 9
    assert "@" not in name


def test_no_archive_says_nothing(tmp_path: Path) -> None:
    """None named, none there, something else: a restore goes on without a witness."""
    (tmp_path / "word").write_text("no database, and long enough to be looked at as one " * 20)
    for url in ("", f"sqlite:{tmp_path / 'none'}", f"sqlite:{tmp_path / 'word'}"):
        assert archive_says(url, CITY, 7) == ("", [], 0)


def test_the_city_that_is_replaced_knows_its_own(valkey_url: str) -> None:
    """Its head, and its audit log back to the cut."""
    with redis.Redis.from_url(valkey_url) as client:
        city(client, 1200)
        client.xadd(KEYS.audit, {"commit": 1200, "at": AT + 1200, "e": b"\xc1"})
        seen = list(store_says(client, CITY, 3))
        assert seen[0] == (1200, AT, "")
        assert seen[1] == (1200, AT + 1200, "")
        assert [one[0] for one in seen[2:]] == list(range(1200, 3, -1))
        assert seen[-1] == (4, AT + 4, "lamp/4")
        assert list(store_says(client, CITY, 1200)) == []


def test_numbers_of_another_city_are_not_ours(archive_url: str) -> None:
    """One archive may hold several."""
    for code in (CITY, "35.77"):
        archive = open_archive(archive_url, code, "real")
        archive.append(archive.position(), [replace(entry(9), log_id="9-0")], "e", "9-0")
        archive.close()
    assert len(archive_says(archive_url, CITY, 7)[1]) == 1
