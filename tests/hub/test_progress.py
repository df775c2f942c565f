"""How far a long piece of work has come, on a terminal and elsewhere."""

from __future__ import annotations

import io

from hub.progress import Progress
from tests.support.terminal import Terminal


class Clock:
    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


def test_elsewhere_a_line_every_five_seconds() -> None:
    """A log gets whole lines, none in the first five seconds, and none for work that was done by then."""
    out, clock = io.StringIO(), Clock()
    progress = Progress("rows", 1000, out, clock)
    for _ in range(6):
        clock.now += 2
        progress.advance(100)
    progress.close()
    assert out.getvalue() == "300 of 1,000 rows (30%), 50 a second\n600 of 1,000 rows (60%), 50 a second\n"


def test_a_terminal_gets_one_bar() -> None:
    """The bar is drawn over itself ten times a second, and its line is ended once, with all that was done."""
    out, clock = Terminal(), Clock()
    progress = Progress("rows", 28_000, out, clock)
    clock.now += 0.05
    progress.advance(1000)
    assert out.getvalue() == ""
    clock.now += 6.95
    progress.advance(13_000)
    drawn = "\r[##############..............] 14,000 of 28,000 rows  50%  2,000/s  0:07 left\x1b[K"
    assert out.getvalue() == drawn
    clock.now += 7
    progress.advance(14_000)
    progress.close()
    assert out.getvalue().endswith("28,000 of 28,000 rows 100%  2,000/s  0:00 left\x1b[K\n")
    assert out.getvalue().count("\n") == 1


def test_nothing_to_do_is_not_worth_a_bar() -> None:
    """Without work there is no output."""
    out = Terminal()
    Progress("rows", 0, out, Clock()).close()
    assert out.getvalue() == ""
