"""One backup, one file: whole, checked, and never half-written."""

from __future__ import annotations

import random
import resource
from pathlib import Path
from typing import Any

import msgspec
import pytest
from msgspec.structs import replace

from hub.backup_file import BLOCK_BYTES, HEADER_BYTES, MAGIC, Backup, Header, Record, Writer, backups, name_of
from hub.errors import StartError

HEADER = Header(
    city="35.76", kind="real", layout=1, epoch="e", commit=7, at=1_790_000_000_000, lanes={"urgent": 7}, keys=3,
    things=1, key="mark", archive=None,
)  # fmt: skip
RECORDS = [
    Record(b"thing:lamp:a", "hash", b"abc"),
    Record(b"big", "string", b"x" * (BLOCK_BYTES + 1), expires_at=9, sealed=True),
    Record(b"big", "string", b"y", more=True),
    Record(b"\xff", "none", b""),
]


def written(folder: Path, header: Header = HEADER) -> Path:
    writer = Writer(folder, header.city)
    for record in RECORDS:
        writer.put(record)
    return writer.finish(header)[0]


def test_what_was_written_is_read(tmp_path: Path) -> None:
    """Header and records, in their order, over several blocks; for its owner alone, with nothing beside it."""
    path = written(tmp_path / "new")
    backup = Backup.open(path)
    assert replace(backup.header, sha256="") == HEADER
    assert list(backup.records()) == RECORDS
    assert path.stat().st_mode & 0o777 == 0o600
    assert [one.name for one in path.parent.iterdir()] == [name_of(HEADER)]


def test_its_first_line_is_for_people(tmp_path: Path) -> None:
    """`head -2` shows what it is and of what."""
    first, second, _ = written(tmp_path).read_bytes()[:HEADER_BYTES].split(b"\n")
    assert first + b"\n" == MAGIC
    assert msgspec.json.decode(second)["commit"] == 7


def test_every_byte_counts(tmp_path: Path) -> None:
    """A changed byte anywhere, one less, one more: refused, with what to do."""
    path = written(tmp_path)
    whole = path.read_bytes()
    commit = whole.index(b'"commit":7') + len(b'"commit":')
    for place in (commit, HEADER_BYTES, HEADER_BYTES + 9, len(whole) // 2, len(whole) - 1):
        path.write_bytes(whole[:place] + bytes([whole[place] ^ 1]) + whole[place + 1 :])
        with pytest.raises(StartError, match=r"is damaged: .*; take an older one"):
            Backup.open(path)
    for other in (whole[:-1], whole + b"\0"):
        path.write_bytes(other)
        with pytest.raises(StartError, match="its checksum is not that of what it holds"):
            Backup.open(path)


@pytest.mark.parametrize(
    ("said", "why"),
    [
        (b"PK\x03\x04", "is no backup of Kentongan"),
        (b"", "is no backup of Kentongan"),
        (MAGIC + b"{", "its header cannot be read"),
        (MAGIC + b'{"format": 1}', "its header cannot be read"),
        (MAGIC + b'{"format": 2, "new": true}', r"written by a newer Kentongan \(format 2, this one knows 1\)"),
    ],
)
def test_what_is_none_is_named(said: bytes, why: str, tmp_path: Path) -> None:
    """Something else, half a header, a newer version's: each its own sentence."""
    path = tmp_path / "x.backup"
    path.write_bytes(said)
    with pytest.raises(StartError, match=why):
        Backup.open(path)


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    """The reason is the system's."""
    with pytest.raises(StartError, match=r"x\.backup cannot be read: No such file"):
        Backup.open(tmp_path / "x.backup")


def test_one_at_a_time(tmp_path: Path) -> None:
    """A second one of this city is refused while the first is written; another city's is not."""
    writer = Writer(tmp_path, "35.76")
    with pytest.raises(StartError, match=r"another backup of 35\.76 is being written"):
        Writer(tmp_path, "35.76")
    Writer(tmp_path, "35.77").abandon()
    writer.abandon()
    writer.abandon()
    assert list(tmp_path.iterdir()) == []
    with pytest.raises(StartError, match="cannot be written"):
        Writer(written(tmp_path), "35.76")


def test_what_a_killed_one_left_is_written_over(tmp_path: Path) -> None:
    """Half a backup of before is no part of the next one."""
    (tmp_path / "kentongan-35.76.new").write_bytes(b"z" * 10_000_000)
    assert list(Backup.open(written(tmp_path)).records()) == RECORDS


def test_a_full_disk_is_a_sentence(tmp_path: Path) -> None:
    """Whenever it is noticed, in the middle or at the end; nothing is left."""
    held = resource.getrlimit(resource.RLIMIT_FSIZE)
    noise = random.Random(1).randbytes(BLOCK_BYTES)

    def fill(writer: Writer, blocks: int) -> None:
        for _ in range(blocks):
            writer.put(Record(b"a", "string", noise))
        writer.finish(HEADER)

    for room, blocks in ((2 * HEADER_BYTES, 1), (2 * BLOCK_BYTES + HEADER_BYTES, 2)):
        writer = Writer(tmp_path, "35.76")
        resource.setrlimit(resource.RLIMIT_FSIZE, (room, held[1]))
        try:
            with pytest.raises(StartError, match=f"the folder {tmp_path} cannot be written: File too large"):
                fill(writer, blocks)
            writer.abandon()
        finally:
            resource.setrlimit(resource.RLIMIT_FSIZE, held)
        assert list(tmp_path.iterdir()) == []


def test_names_stand_in_their_order(tmp_path: Path) -> None:
    """The oldest first, this city's alone."""
    times: list[dict[str, Any]] = [{"at": 1_790_000_000_000}, {"at": 1_790_000_000_001}, {"at": 1_800_000_000_000}]
    paths = [written(tmp_path, replace(HEADER, **one)) for one in times]
    written(tmp_path, replace(HEADER, city="35.77"))
    assert backups(tmp_path, "35.76") == paths
