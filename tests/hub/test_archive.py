"""The long memory on both databases: rows and position together, exactly once."""

from __future__ import annotations

import msgspec
import pytest

from hub.archive import Archive, Head, Moved, Position, open_archive, read_archive
from hub.chain import Link, Logged
from hub.errors import ArchiveForeign, ArchiveUnavailable
from tests.support.chains import CITY, chain, end, entry, fault


def opened(url: str, kind: str = "real") -> Archive:
    return open_archive(url, CITY, kind)


def filled(archive: Archive, count: int) -> Position:
    entries = [entry(number) for number in range(1, count + 1)]
    return archive.append(archive.position(), entries, "epoch", entries[-1].log_id)


def test_entries_are_kept_as_they_were_logged(archive_url: str) -> None:
    """Byte for byte, chained, with the position of the last; over several transactions and pages."""
    archive = opened(archive_url)
    position = filled(archive, 3)
    more = [entry(number) for number in range(4, 1200)]
    position = archive.append(position, more, "epoch", more[-1].log_id)
    assert archive.position() == position
    assert list(archive.rows()) == chain(1199)
    assert position == Position("epoch", more[-1].log_id, end(chain(1199)))
    assert archive.count() == 1199
    assert fault(archive.rows(), position.link) is None
    archive.close()


def test_whoever_writes_second_writes_nothing(archive_url: str) -> None:
    """It hears where the first came to."""
    first, second = opened(archive_url), opened(archive_url)
    known = second.position()
    after = filled(first, 2)
    with pytest.raises(Moved) as moved:
        second.append(known, [entry(1), entry(2)], "epoch", "1002-0")
    assert moved.value.position == after
    assert second.count() == 2
    second.append(moved.value.position, [entry(3)], "epoch", "1003-0")
    assert list(first.rows()) == chain(3)
    for one in (first, second):
        one.close()


def test_rows_and_position_are_one(archive_url: str) -> None:
    """A row that cannot be written leaves the position where it was."""
    archive = opened(archive_url)
    before = filled(archive, 2)
    archive._sql.run("UPDATE positions SET seq = 1, hash = ?", (b"x" * 32,))
    wrong = archive.position()
    with pytest.raises(ArchiveUnavailable):
        archive.append(wrong, [entry(2), entry(3)], "epoch", "1003-0")  # there is a row 2
    assert archive.position() == wrong
    assert archive.count() == before.link.seq
    archive.close()


def test_cities_and_kinds_do_not_mix(archive_url: str) -> None:
    """Two cities are two chains; the other kind of a city is refused."""
    archive, other = opened(archive_url), open_archive(archive_url, "35.78", "real")
    filled(archive, 2)
    assert (other.position(), other.count(), list(other.rows())) == (Position(), 0, [])
    for one in (archive, other):
        one.close()
    with pytest.raises(ArchiveForeign, match="holds a real city, expected demo: the two never mix"):
        opened(archive_url, "demo")


def test_reading_makes_nothing(archive_url: str) -> None:
    """No archive is an error; one that is there is read while its worker writes."""
    with pytest.raises(ArchiveForeign, match="there is no archive"):
        read_archive(archive_url, CITY)
    archive = opened(archive_url)
    reader = read_archive(archive_url, CITY)
    filled(archive, 2)
    assert (reader.count(), reader.kind()) == (2, "real")
    for one in (archive, reader):
        one.close()


def test_heads_are_kept(archive_url: str) -> None:
    """In the order of their time; the same one twice is one."""
    archive = opened(archive_url)
    assert archive.last_head() is None
    heads = [Head(CITY, seq, b"h" * 32, 100 + seq, "key", "sign") for seq in (1, 2)]
    for head in (*heads, heads[0]):
        archive.add_head(head)
    assert archive.heads() == heads
    assert archive.last_head() == heads[1]
    archive.close()


def test_figures_are_read_by_time(archive_url: str) -> None:
    """Only rows that carry some, from a time to before another, several of one millisecond and over pages."""
    archive = opened(archive_url)
    entries = [
        Logged(
            f"{number + 1}-0", number, 100 + number // 700, msgspec.msgpack.encode({"cmd": "a", "figures": [number]})
        )
        for number in range(2100)
    ]
    archive.append(Position(), [*entries, entry(1)], "epoch", "9999-0")
    found = list(archive.figures(101, 103))
    assert [at for at, _ in found] == [101] * 700 + [102] * 700
    assert [msgspec.msgpack.decode(body)["figures"] for _, body in found] == [[n] for n in range(700, 2100)]
    assert not list(archive.figures(103, 104))
    archive.close()


def test_an_empty_archive_begins_at_the_beginning(archive_url: str) -> None:
    """No epoch, no entry, no row."""
    archive = opened(archive_url)
    assert archive.position() == Position("", "", Link(0, bytes(32)))
    archive.close()
