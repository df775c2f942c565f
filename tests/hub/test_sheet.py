"""A CSV file with a header that people made (what the register makes of it is tested there)."""

from __future__ import annotations

import pytest

from hub.errors import StartError
from hub.sheet import ROW, Columns, Sheet, shown

COLUMNS = Columns({"name": "nama", "opens_at": "buka jam_buka"}, {"name": "name (nama)"}, frozenset({"opens_at"}))


def test_rows() -> None:
    """Columns by any of their names, cells cleaned, each row with its line; what is not read is named."""
    sheet = Sheet(b"Jam Buka;NAMA;Lain\n08.00;  Toko   A ;x\n\n;B\n", COLUMNS)
    assert sheet.unread == ["Lain"]
    assert list(sheet.rows()) == [
        (2, {"name": "Toko A", "opens_at": "08.00"}, None),
        (4, {"name": "B", "opens_at": ""}, None),
    ]


def test_a_row_that_does_not_fall_into_columns() -> None:
    """It is a fault of the whole row."""
    ((line, cells, fault),) = Sheet(b"nama\nA,B\n", COLUMNS).rows()
    assert fault is not None
    assert (line, cells, fault.column) == (2, {}, ROW)


@pytest.mark.parametrize(("data", "says"), [(b"", "empty"), (b"buka\n8\n", "missing"), (b"nama,nama\n", "got two")])
def test_no_sheet(data: bytes, says: str) -> None:
    """One sentence says what is missing."""
    with pytest.raises(StartError, match=says):
        Sheet(data, COLUMNS)


def test_shown() -> None:
    """What was there, on one line and not too long."""
    assert shown(" a \n b ") == "a b"
    assert len(shown("x" * 500)) == 120
