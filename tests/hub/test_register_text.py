"""A register's bytes: encodings recognised or refused with the line, records with the line each begins on."""

from __future__ import annotations

import codecs

import pytest

from hub.errors import StartError
from hub.register_text import MOST_LINES, Lines, decoded

TEXT = "nib;nama\n1;Café Bu Sri “Ayu”\n2;Warung\n"


@pytest.mark.parametrize(
    ("data", "encoding"),
    [
        (TEXT.encode(), "UTF-8"),
        (codecs.BOM_UTF8 + TEXT.encode(), "UTF-8"),
        (codecs.BOM_UTF16_LE + TEXT.encode("utf-16-le"), "UTF-16"),
        (codecs.BOM_UTF16_BE + TEXT.encode("utf-16-be"), "UTF-16"),
        (TEXT.encode("cp1252"), "Windows-1252"),
    ],
)
def test_what_spreadsheets_save_is_read(data: bytes, encoding: str) -> None:
    """Each encoding that a spreadsheet saves gives the same text, without its mark."""
    assert decoded(data) == (TEXT, encoding)


@pytest.mark.parametrize(
    ("data", "line", "got"),
    [
        (TEXT.encode("utf-16-le"), "line 1", "NUL"),
        (b"a\n" + "é,ü\n".encode() + b"x,\xe9\n", "line 3", "0xe9 in a file that is UTF-8 elsewhere"),
        (codecs.BOM_UTF8 + b"a\r\nb\r\n\xff\r\n", "line 3", "0xff in a file that is marked as UTF-8"),
        (b"a\rb\rCaf\x82\r", "line 3", "0x82, as in another code page"),
        (b"a\nCaf\x8e\n", "line 2", "0x8e"),
        (b"a\n\x81\n", "line 2", "0x81"),
        (codecs.BOM_UTF16_LE + "a\nb".encode("utf-16-le") + b"\0", "line 2", "cut off"),
        (b"PK\x03\x04rest", "", "an Excel workbook"),
        (b"\xd0\xcf\x11\xe0", "", "an old Excel workbook"),
        (codecs.BOM_UTF32_LE + TEXT.encode("utf-32-le"), "", "UTF-32"),
        (b"%PDF-1.7", "", "a PDF"),
    ],
)
def test_what_would_be_guessed_wrong_is_refused(data: bytes, line: str, got: str) -> None:
    """Bytes of no known encoding are refused in one sentence: what was expected, what was there, on which line."""
    with pytest.raises(StartError) as refused:
        decoded(data)
    said = str(refused.value)
    assert "expected CSV text in UTF-8, UTF-16 with a byte order mark, or Windows-1252" in said
    assert line in said
    assert got in said
    assert "\n" not in said


def found(text: str, separator: str = ",", width: int = 0) -> list[tuple[int, list[str]]]:
    return [(record.line, record.fields) for record in Lines(text).records(separator, width)]


def test_a_record_knows_the_line_that_it_begins_on() -> None:
    """Quoted line breaks, empty rows and rows of separators alone are counted, and the latter are no records."""
    text = 'a,b\r\n1,"two\r\nlines, ""quoted"""\r\n\r\n , \r\n2,x\r\n,,\r\n'
    assert found(text) == [(1, ["a", "b"]), (2, ["1", 'two\r\nlines, "quoted"']), (6, ["2", "x"])]


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_lines_end_in_any_of_three_ways(end: str) -> None:
    """Unix, Windows and old Macs."""
    assert found(f"a;b{end}1;2{end}", ";") == [(1, ["a", "b"]), (2, ["1", "2"])]


def test_a_quote_within_a_field_is_a_letter() -> None:
    """An inch sign does not open a quote."""
    assert found('1,Pipa 5" PVC,x\n2,y,z\n') == [(1, ["1", 'Pipa 5" PVC', "x"]), (2, ["2", "y", "z"])]


@pytest.mark.parametrize(
    "row", ['1,"Toko Berkah,x', '1,"Toko" Berkah,x', '1,"Toko\n2,b,c\n3,"d",e'], ids=["open", "after", "far"]
)
def test_a_broken_quote_costs_one_row(row: str) -> None:
    """A quote that is never closed, or closed within a field, spoils the row that it stands in and no other."""
    records = list(Lines(f"{row}\n8,f,g\n9,h,i\n").records(",", 3))
    assert records[0].line == 1
    assert records[0].fault.startswith("quotes that close")
    assert records[0].fields == [row.split("\n")[0]]
    assert [record.fields[0] for record in records if not record.fault] == (
        ["8", "9"] if "\n" not in row else ["2", "3", "8", "9"]
    )


def test_a_quote_that_swallows_rows_is_seen_by_its_columns() -> None:
    """A quote that happens to be closed rows later makes a record with too many columns: its first row is at fault."""
    text = '1,"a,b\n2,c","d,e\n3,f,g\n'
    records = list(Lines(text).records(",", 2))
    assert [(record.line, bool(record.fault)) for record in records] == [(1, True), (2, True), (3, False)]


def test_a_field_may_hold_many_lines_but_not_the_file() -> None:
    """Up to 40 lines belong to one field; a quote that is open for longer was never closed."""
    held = "x\n" * (MOST_LINES - 1)
    assert len(found(f'1,"{held}"\n2,y\n')) == 2
    assert found(f'1,"{held}\n\n\n"\n2,y\n')[0] == (1, ['1,"x'])


def test_excel_may_name_its_separator() -> None:
    """A first line `sep=;` is no record, and is counted."""
    lines = Lines("sep=;\r\nnib;nama\r\n")
    assert lines.separator == ";"
    assert next(lines.records(";")).line == 2
    assert Lines("").separator is None
    assert list(Lines("").records(",")) == []
