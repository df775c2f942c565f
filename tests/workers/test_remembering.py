"""What the archive holds of one person, for hubs that ask."""

from __future__ import annotations

import base64
from pathlib import Path

from hub.archive import Position, open_archive
from hub.chain import Logged
from hub.commit import pack
from hub.dispatch import Answer
from hub.personal import NOBODY
from tests.support.chains import CITY
from tests.support.live import on_loop
from workers.remembering import MOST_BYTES, Remembering, bounded

MINE = pack({"cmd": "x", "by": "ani"})


@on_loop
async def test_a_persons_rows_are_answered(archive_url: str) -> None:
    """With their times, as they were logged; nobody else's."""
    archive = open_archive(archive_url, CITY, "real")
    entries = [Logged("1-0", 1, 7, MINE), Logged("2-0", 2, 8, pack({"cmd": "x", "by": "budi"}))]
    archive.append(Position(), entries, "e", "2-0")
    archive.close()
    remembering = Remembering(archive_url, CITY, NOBODY)
    assert await remembering.answer("ani") == {"rows": [[7, base64.b64encode(MINE).decode()]]}
    remembering.close()


@on_loop
async def test_without_an_archive_there_is_nothing(tmp_path: Path) -> None:
    """None configured: not found. One that cannot be read now: to be tried again."""
    for url, code, retry in (("", "not_found", False), (f"sqlite:{tmp_path}/none.sqlite", "unavailable", True)):
        remembering = Remembering(url, CITY, NOBODY)
        answer = await remembering.answer("ani")
        assert isinstance(answer, Answer)
        assert (answer.code, answer.retry) == (code, retry)
        remembering.close()


def test_one_answer_holds_the_newest() -> None:
    """A person with more than an answer holds gets the latest entries, in their order."""
    rows = [(number, bytes(MOST_BYTES // 2)) for number in range(5)]
    assert [at for at, _ in bounded(rows)] == [3, 4]
    assert bounded(rows[:1]) == rows[:1]
