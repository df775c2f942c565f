"""What leaves the archive when its time is over: the chain stays whole, and whatever else is done to it shows."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import msgspec
import pytest

from hub.archive import Archive, open_archive
from hub.archive_prunes import Prunes
from hub.archive_sql import connect
from hub.chain import Row
from hub.prunes import WHO, Tier, is_signed, spared, tiers
from tests.support.chains import CITY
from tests.support.pruning import KEEPS, START, checked, filled, pruned, sealed, signer


def said(row: Row) -> dict[str, Any]:
    found: dict[str, Any] = msgspec.msgpack.decode(row.body)
    return found


def held(archive: Archive) -> list[tuple[list[str], str]]:
    """Of each row: the kinds that it still holds, and who it was."""
    return [(sorted(kind for kind, _ in said(row).get("sealed", {}).values()), row.person) for row in archive.rows()]


def test_each_kind_goes_after_its_own_days() -> None:
    """The soonest first; who it was goes with what stays longest."""
    assert tiers({"place": 30, "phone": 30, "name": 365}) == [
        Tier(30, frozenset({"place", "phone"})),
        Tier(365, frozenset({"place", "phone", "name", WHO})),
    ]
    assert tiers({}) == []


def test_an_entry_is_left_without_what_is_gone() -> None:
    """What was done, by which role, and its figures stay; an entry that holds nothing of it stays byte for byte."""
    body = sealed(1).body
    left = msgspec.msgpack.decode(spared(body, {"place"}))
    assert (left["sealed"], left["by"]) == ({"called": ["name", b"n" * 40]}, "person-1")
    last = msgspec.msgpack.decode(spared(body, {"place", "name", WHO}))
    assert set(last) == {"cmd", "role", "figures"}
    assert spared(body, {"address"}) is body
    assert spared(b"\xc1", {"place"}) == b"\xc1"
    assert msgspec.msgpack.decode(spared(b"\xc1", {WHO})) == {"cmd": "unreadable"}


def test_a_prune_is_no_fault(archive_url: str, tmp_path: Path) -> None:
    """Day after day, kind after kind: the chain is whole, the figures are all there, and so is the last hash."""
    archive, by = filled(archive_url, 10), signer(tmp_path)
    last = archive.position().link
    assert pruned(archive, by, 5) == 2
    assert held(archive)[:3] == [(["name"], "person-1"), (["name"], "person-2"), (["name", "place"], "person-3")]
    assert pruned(archive, by, 10) == 5 + 4, "five lose their place, four their name"
    assert pruned(archive, by, 10) == 0
    kinds = [kinds for kinds, _ in held(archive)]
    assert kinds == [[]] * 4 + [["name"]] * 3 + [["name", "place"]] * 3
    found = checked(archive_url, by.public_key)
    assert (found.ok, found.rows, found.hash, found.pruned, found.doubted) == (True, 10, last.hash.hex(), 7, 0)
    assert len(list(archive.figures(START, START + 10**12))) == 10
    archive.close()


def test_a_big_archive_is_pruned_page_by_page(
    archive_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each page is one block, none longer than a day; a row that is not old enough ends it."""
    monkeypatch.setattr("hub.prunes.PAGE", 4)
    archive, by = filled(archive_url, 20, 6), signer(tmp_path)
    pruned(archive, by, 5)
    blocks = [(one.first, one.last) for one in Prunes(archive).all()]
    assert blocks == [(1, 4), (5, 8), (9, 12)]
    monkeypatch.setattr("hub.prunes.PAGE", 500)
    pruned(archive, by, 6)
    assert [(one.first, one.last) for one in Prunes(archive).all()] == [*blocks, (13, 18)]
    assert checked(archive_url, by.public_key).ok
    archive.close()


def test_two_workers_prune_nothing_twice(archive_url: str, tmp_path: Path) -> None:
    """Each looks at the blocks anew, and a block that another made is taken as it is."""
    one, two, by = filled(archive_url, 10), open_archive(archive_url, CITY, "real"), signer(tmp_path)
    assert pruned(one, by, 6) == 3
    assert pruned(two, by, 6) == 0
    assert pruned(two, by, 7) == 2, "the place of the fourth, the name of the first"
    assert checked(archive_url, by.public_key).ok
    for archive in (one, two):
        archive.close()


def test_what_holds_nothing_personal_stays_proven_by_its_hash(archive_url: str, tmp_path: Path) -> None:
    """No block is made where nothing was taken out."""
    archive, by = filled(archive_url, 10), signer(tmp_path)
    assert pruned(archive, by, 9, {"address": 3, "name": 100}) == 0
    assert Prunes(archive).all() == []
    assert checked(archive_url).pruned == 0
    archive.close()


BREAKS: dict[str, tuple[tuple[str, ...], str, int]] = {
    "a pruned row changed": (("UPDATE entries SET at_ms = 7 WHERE seq = 2",), "changed", 2),
    "a pruned row's column": (("UPDATE entries SET role = 'admin' WHERE seq = 2",), "changed", 2),
    "a pruned row removed": (("DELETE FROM entries WHERE seq = 3",), "removed", 3),
    "removed and renumbered": (
        (
            "DELETE FROM entries WHERE seq = 3",
            *(f"UPDATE entries SET seq = {n - 1} WHERE seq = {n}" for n in range(4, 11)),
        ),
        "removed",
        3,
    ),
    "cut behind the prune": (("DELETE FROM entries WHERE seq > 8",), "cut", 9),
    "cut within the prune, and the position with it": (
        (
            "UPDATE positions SET seq = 2, hash = (SELECT hash FROM entries WHERE seq = 2)",
            "DELETE FROM entries WHERE seq > 2",
        ),
        "cut",
        3,
    ),
    "the prune forgotten": (("DELETE FROM prunes",), "changed", 1),
    "a row that was not pruned changed": (("UPDATE entries SET at_ms = 7 WHERE seq = 9",), "changed", 9),
}


@pytest.mark.parametrize("how", BREAKS)
def test_what_somebody_else_does_shows(archive_url: str, tmp_path: Path, how: str) -> None:
    """In the pruned rows and behind them: the first row and the kind of it."""
    statements, kind, seq = BREAKS[how]
    archive, by = filled(archive_url, 10, 5), signer(tmp_path)
    assert pruned(archive, by, 4) == 5
    archive.close()
    sql = connect(archive_url, make=False)
    for statement in statements:
        sql.run(statement)
    sql.close()
    found = checked(archive_url, by.public_key)
    assert found.fault is not None
    assert (found.ok, found.fault.how, found.fault.seq) == (False, kind, seq)


def test_a_prune_of_another_key_does_not_count(archive_url: str, tmp_path: Path) -> None:
    """Who has the database and not the key cannot prune; after a new key both are named."""
    archive, by = filled(archive_url, 10, 5), signer(tmp_path)
    pruned(archive, by, 4)
    (tmp_path / "other").mkdir()
    other = signer(tmp_path / "other")
    found = checked(archive_url, other.public_key)
    assert (found.ok, found.doubted) == (False, 1)
    assert pruned(archive, other, 5) == 5
    assert not checked(archive_url, other.public_key).ok
    assert checked(archive_url, by.public_key, other.public_key).ok
    prune = Prunes(archive).all()[-1]
    assert not is_signed(msgspec.structs.replace(prune, gone=""), other.public_key)
    archive.close()


def test_a_longer_time_brings_nothing_back(archive_url: str, tmp_path: Path) -> None:
    """A city that keeps longer from now on: what is gone is gone, and no fault."""
    archive, by = filled(archive_url, 10), signer(tmp_path)
    pruned(archive, by, 7)
    assert pruned(archive, by, 9, {"place": 30, "name": 60}) == 0
    assert pruned(archive, by, 9, KEEPS) > 0
    assert checked(archive_url, by.public_key).ok
    archive.close()
