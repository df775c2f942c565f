"""The public figures as a file."""

from __future__ import annotations

import csv
import io

from hub.public_figures import Cell, Month, Part, Published, Released, Week
from hub.public_table import HEADS, table

CELL = Cell(12, ">7", {"lit": (5, 9)})
SMALL = Cell("<5", "-", {})
MONTH = Month("2026-11", "2026-11-02", "2026-11-29", CELL, [Week("2026-11-02", "2026-11-08", SMALL)],
              [Part("meri", CELL), Part("", SMALL)])  # fmt: skip


def test_a_line_for_each_cell() -> None:
    """Months, weeks and kelurahan; a hidden count as its mark, nothing where nothing is shown."""
    said = Released(1, 2, "WIB", False, 5, [Published("lamp", "all", "good", ("lit", "out"), [MONTH])])
    rows = list(csv.reader(io.StringIO(table(said))))
    assert rows == [
        [*HEADS, "lit_p50_s", "lit_p90_s", "out_p50_s", "out_p90_s"],
        ["lamp", "month", "2026-11-02", "2026-11-29", "", "12", ">7", "5", "9", "", ""],
        ["lamp", "week", "2026-11-02", "2026-11-08", "", "<5", "-", "", "", "", ""],
        ["lamp", "month", "2026-11-02", "2026-11-29", "meri", "12", ">7", "5", "9", "", ""],
        ["lamp", "month", "2026-11-02", "2026-11-29", "elsewhere", "<5", "-", "", "", "", ""],
    ]
