"""A link drawn as a QR code."""

from __future__ import annotations

import re

import segno

from hub.qr import drawn, in_terminal

LINK = "https://kentongan.mojokertokota.go.id/medic#masuk=" + "a" * 22
BOX = re.compile(r"M(\d+) (\d+)h(\d+)v1h-(\d+)z")


def test_the_path_draws_the_three_corners() -> None:
    """Three finder patterns stand in their corners (ISO/IEC 18004), and every box lies within the drawing."""
    code = drawn(LINK)
    boxes = [tuple(int(part) for part in found) for found in BOX.findall(code.path)]
    assert "".join(f"M{x} {y}h{wide}v1h-{back}z" for x, y, wide, back in boxes) == code.path
    dark = {(x + n, y) for x, y, wide, _ in boxes for n in range(wide)}
    assert all(0 <= x < code.size and 0 <= y < code.size for x, y in dark)
    last = code.size - 7
    for left, top in ((0, 0), (last, 0), (0, last)):
        rows = ["".join("#" if (left + x, top + y) in dark else "." for x in range(7)) for y in range(7)]
        assert rows == ["#######", "#.....#", "#.###.#", "#.###.#", "#.###.#", "#.....#", "#######"]
    assert (code.size - 17) % 4 == 0


def test_the_text_stands_in_no_address() -> None:
    """The drawing is shapes alone, and another link is another drawing."""
    assert set(drawn(LINK).path) <= set("Mhvz -0123456789")
    assert drawn(LINK) == drawn(LINK)
    assert drawn(LINK) != drawn(LINK[:-1] + "b")


def test_a_terminal_shows_the_same_code() -> None:
    """Half blocks, two rows a line, the quiet zone around; read back, they are the modules."""
    text = "https://192.168.1.5:8000/medic#masuk=abcdefgh"
    lines = [line.removeprefix("\x1b[30;107m").removesuffix("\x1b[0m") for line in in_terminal(text).split("\n")]
    upper = [[cell in "█▀" for cell in line] for line in lines]
    lower = [[cell in "█▄" for cell in line] for line in lines]
    rows = [row for pair in zip(upper, lower, strict=True) for row in pair]
    wanted = segno.make(text, error="l", micro=False, boost_error=False).matrix
    size = len(wanted)
    assert [row[2 : 2 + size] for row in rows[2 : 2 + size]] == [[bool(cell) for cell in row] for row in wanted]
    assert not any(any(row) for row in rows[:2] + rows[2 + size :])
    assert len({len(line) for line in lines}) == 1
