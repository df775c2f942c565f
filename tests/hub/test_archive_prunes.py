"""The rows and blocks of a prune, as both databases keep them."""

from __future__ import annotations

from msgspec.structs import replace

from hub.archive_prunes import Prune, Prunes
from tests.support.chains import CITY
from tests.support.pruning import filled

BLOCK = Prune(CITY, 1, 2, "place", b"m" * 32, 7, "key", "signature")


def test_a_page_of_rows_ends_where_it_is_told(archive_url: str) -> None:
    """Behind a row, so many, up to another."""
    archive = filled(archive_url, 5)
    prunes = Prunes(archive)
    assert [row.seq for row in prunes.page(1, 2, None)] == [2, 3]
    assert [row.seq for row in prunes.page(1, 9, 4)] == [2, 3, 4]
    archive.close()


def test_a_block_takes_the_place_of_the_one_before(archive_url: str) -> None:
    """One for the same rows; the next behind a row is found."""
    archive = filled(archive_url, 5)
    prunes = Prunes(archive)
    with prunes.alone():
        prunes.put(BLOCK)
        prunes.put(replace(BLOCK, first=3, last=4))
        prunes.put(replace(BLOCK, gone="place name"))
    assert [(one.first, one.gone) for one in prunes.all()] == [(1, "place name"), (3, "place")]
    assert prunes.all()[0].block.mark(2) == b"m" * 16
    assert (prunes.next(0), prunes.next(4)) == (prunes.all()[0], None)
    assert prunes.next(2) == prunes.all()[1]
    archive.close()


def test_a_rewritten_row_keeps_its_place_and_its_hash(archive_url: str) -> None:
    """Only what is read out of its body changes."""
    archive = filled(archive_url, 3)
    row = archive.row(2)
    assert row is not None
    other = replace(row, body=b"\x80", person="", things="")
    Prunes(archive).rewrite([other])
    assert archive.row(2) == other
    archive.close()
