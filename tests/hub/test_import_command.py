"""`kentongan import-shops`: what it prints, writes and answers, on a real store."""

from __future__ import annotations

import csv
import json
import re
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import redis

from hub import app, import_command
from hub.cli import main
from hub.errors import StoreUnavailable
from hub.keys import Keys
from hub.register import COLUMNS
from hub.services import Services
from tests.support.make_register import write_register
from tests.support.servers import StoreServer, running_store
from tests.support.shops import Shop, Shops
from tests.support.terminal import Terminal

KEYS = Keys("35.76")
HEADER = "nib;nama;kategori;kelurahan;produk\n"
GOOD = "".join(f"{number:013d};Toko {number};toko;Miji;Beras={number}000\n" for number in range(1, 5))
BAD = "0000000000001;Lagi;toko;Miji;\n123;Pendek;toko;Miji;\n0000000000009;Mahal;toko;Sooko;Emas=-1\n"


@pytest.fixture
def shops(monkeypatch: pytest.MonkeyPatch) -> Shops:
    """The city's one service. The test's own process keeps its niceness."""
    service = Shops()
    monkeypatch.setattr(app, "services", lambda *city: Services([service]))
    monkeypatch.setattr("hub.import_command.os.nice", lambda by: by)
    return service


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "register.csv"
    path.write_text(HEADER + GOOD)
    return path


@pytest.fixture
def server() -> Iterator[StoreServer]:
    with running_store() as one:
        yield one


def held(url: str) -> int:
    with redis.Redis.from_url(url) as client:
        return int(client.scard(KEYS.set("shops")))


def said(capsys: pytest.CaptureFixture[str], file: Path, *options: str, code: int = 0) -> dict[str, Any]:
    """The summary of a run with `--json`."""
    assert main(["import-shops", str(file), "--json", *options]) == code
    summary: dict[str, Any] = json.loads(capsys.readouterr().out)
    return summary


def refused(capsys: pytest.CaptureFixture[str], *options: str) -> str:
    assert main(["import-shops", *options]) == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert err.startswith("kentongan: ")
    assert err.count("\n") == 1
    return err


def test_a_register_goes_in_once(shops: Shops, file: Path, store_url: str, capsys: pytest.CaptureFixture[str]) -> None:
    """The first run writes, the second finds all as it is; both end with 0 and leave no report."""
    assert main(["import-shops", str(file), "--store", store_url]) == 0
    assert capsys.readouterr().out == "4 rows: 4 written, 0 unchanged, 0 errors\n"
    assert main(["import-shops", str(file), "--store", store_url]) == 0
    assert capsys.readouterr().out == "4 rows: 0 written, 4 unchanged, 0 errors\n"
    assert held(store_url) == 4
    assert [path.name for path in file.parent.iterdir()] == ["register.csv"]


def test_errors_are_reported_and_good_rows_kept(
    shops: Shops, file: Path, valkey_url: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """Exit code 1, a report with line, column, expected and got; what the service refuses is in it, by line."""
    shops.refuses = lambda shop: "not this one" if shop.name == "Toko 3" else ""
    file.write_text(HEADER + GOOD + BAD)
    report = file.with_name("register.csv.errors.csv")
    summary = said(capsys, file, "--store", valkey_url, code=1)
    assert summary == {
        "rows": 7, "written": 3, "same": 0, "errors": 4, "left": 0, "report": str(report), "links": None,
    }  # fmt: skip
    with report.open(newline="", encoding="utf-8") as lines:
        rows = list(csv.DictReader(lines))
    assert [(row["line"], row["column"], row["got"]) for row in rows] == [
        ("4", "row", "nib-0000000000003"),
        ("6", "nib", "0000000000001"),
        ("7", "nib", "123"),
        ("8", "kelurahan", "Sooko"),
        ("8", "products", "Emas=-1"),
    ]
    assert "line 2 has it already" in rows[1]["expected"]
    assert main(["import-shops", str(file), "--store", valkey_url, "--report", str(file.with_name("r.csv"))]) == 1
    assert capsys.readouterr().out == f"7 rows: 0 written, 3 unchanged, 4 errors (see {file.with_name('r.csv')})\n"


def test_a_report_of_a_run_before_goes(
    shops: Shops, file: Path, valkey_url: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """When all is mended the old report is not left to mislead; a file of another make is."""
    report = file.with_name("register.csv.errors.csv")
    report.write_text("line,column,expected,got\n2,nib,13 digits,1\n")
    assert said(capsys, file, "--store", valkey_url)["report"] is None
    assert not report.exists()
    report.write_text("my notes\n")
    said(capsys, file, "--store", valkey_url)
    assert report.read_text() == "my notes\n"


def test_a_dry_run_needs_no_store(shops: Shops, file: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """It reads, checks and reports; nothing is written but the report."""
    assert main(["import-shops", str(file), "--dry-run", "--links", str(file.with_name("l.csv"))]) == 0
    assert capsys.readouterr().out == "4 rows: 4 good, 0 errors; nothing was written (dry run)\n"
    file.write_text(HEADER + GOOD + BAD)
    summary = said(capsys, file, "--dry-run", code=1)
    assert (summary["written"], summary["errors"], summary["left"], summary["links"]) == (0, 3, 4, None)
    assert sorted(path.name for path in file.parent.iterdir()) == ["register.csv", "register.csv.errors.csv"]
    assert shops.heard == []


def test_links_lead_to_the_running_hub(
    shops: Shops, file: Path, valkey_url: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """One for each good row, written or unchanged, at the address that the hub recorded or `--url` names."""
    links = file.with_name("links.csv")
    arguments = ("--store", valkey_url, "--links", str(links))
    assert "--url" in refused(capsys, str(file), *arguments)
    assert held(valkey_url) == 0
    assert said(capsys, file, *arguments, "--url", "https://a.example")["links"] == str(links)
    with redis.Redis.from_url(valkey_url) as client:
        client.hset(KEYS.head, "base", "https://b.example")
    file.write_text(HEADER + GOOD + BAD)
    assert said(capsys, file, *arguments, code=1)["same"] == 4
    assert links.stat().st_mode & 0o777 == 0o600
    with links.open(newline="", encoding="utf-8") as lines:
        rows = list(csv.DictReader(lines))
    assert [row["shop"] for row in rows] == [f"nib-{number:013d}" for number in range(1, 5)]
    assert all(re.fullmatch(r"https://b\.example/shop#masuk=[\w-]{22}", row["link"]) for row in rows)
    assert main(["import-shops", str(file), *arguments]) == 1
    assert f"links that work once, for 24 hours: {links}" in capsys.readouterr().out


def test_links_that_cannot_be_made_are_missed(
    shops: Shops, file: Path, valkey_url: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The rows are in, no file of links is there, and the run ends with 1."""

    async def away(*arguments: Any) -> None:
        raise StoreUnavailable("the store cannot be reached")

    monkeypatch.setattr(import_command, "seller_links", away)
    arguments = ["--store", valkey_url, "--links", str(file.with_name("l.csv")), "--url", "https://a.example"]
    assert main(["import-shops", str(file), *arguments]) == 1
    out, err = capsys.readouterr()
    assert out == "4 rows: 4 written, 0 unchanged, 0 errors\n"
    assert "no links were written: the store cannot be reached" in err
    assert not file.with_name("l.csv").exists()


def test_what_cannot_start_writes_nothing(
    shops: Shops, file: Path, valkey_url: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A file that is none, missing columns, a place that cannot be written: one sentence each, exit code 2."""
    store = ("--store", valkey_url)
    assert "cannot be read" in refused(capsys, str(tmp_path / "none.csv"), *store)
    assert "cannot be read" in refused(capsys, str(tmp_path), *store)
    assert "with --report" in refused(capsys, str(file), *store, "--report", str(tmp_path / "no" / "r.csv"))
    assert "with --links" in refused(capsys, str(file), *store, "--links", str(tmp_path))
    assert "in use as another file" in refused(capsys, str(file), *store, "--report", str(file))
    assert "nothing runs in" in refused(capsys, str(file), "--data", str(tmp_path))
    for text, why in ((b"nib;nama\n1;2\n", "missing: category"), (b"PK\x03\x04", "workbook"), (b"a\0", "line 1")):
        file.write_bytes(text)
        why_not = refused(capsys, str(file), *store)
        assert why in why_not
        assert str(file) in why_not
    assert shops.heard == []
    assert [path.name for path in tmp_path.iterdir()] == ["register.csv"]


def test_a_store_that_must_not_be_written_is_refused(
    shops: Shops, file: Path, valkey_url: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """A demo is no real city, and a store that would lose what it accepts takes no register."""
    with redis.Redis.from_url(valkey_url) as client:
        client.hset(KEYS.head, mapping={"kind": "demo", "version": 1})
    assert "demo" in refused(capsys, str(file), "--store", valkey_url)
    with running_store(durable=False) as server:
        assert "appendfsync" in refused(capsys, str(file), "--store", server.url)
    assert said(capsys, file, "--store", valkey_url, "--demo")["written"] == 4


def test_a_city_without_the_service_is_told(
    file: Path, valkey_url: str, capsys: pytest.CaptureFixture[str], shops: Shops, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where nobody takes shops the command cannot start."""
    monkeypatch.setattr(app, "services", lambda *city: Services([]))
    assert "no service here takes shops" in refused(capsys, str(file), "--store", valkey_url)


def test_what_is_odd_is_said(shops: Shops, file: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """An encoding that was guessed and columns that nobody reads are named on stderr."""
    file.write_bytes("nib;nama;kategori;kelurahan;modal\n0000000000001;Café;kuliner;Meri;5\n".encode("cp1252"))
    assert main(["import-shops", str(file), "--dry-run"]) == 0
    err = capsys.readouterr().err
    assert "read as Windows-1252" in err
    assert "columns that are not read: modal" in err


def test_a_store_that_goes_away_is_told_and_completed(
    shops: Shops,
    tmp_path: Path,
    server: StoreServer,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """How far it came, exit code 1, no links; the same command again completes it."""
    monkeypatch.setattr("hub.import_shops.Import.__init__.__kwdefaults__", {"patience_s": 0, "rest": 0})
    path, links = tmp_path / "register.csv", tmp_path / "links.csv"
    write_register(path, 300)

    def once_killed(shop: Shop) -> str:
        if len(shops.heard) == 10:
            server.kill()
        return ""

    shops.refuses = once_killed
    arguments = [str(path), "--store", server.url, "--links", str(links), "--url", "https://a.example"]
    assert main(["import-shops", *arguments]) == 1
    out, err = capsys.readouterr()
    assert re.fullmatch(r"300 rows: \d+ written, 0 unchanged, 0 errors, \d+ not written\n", out)
    assert re.search(r": \d+ of 300 rows are in; run the same command again for the rest", err)
    assert not links.exists()
    server.start()
    shops.refuses = lambda shop: ""
    assert main(["import-shops", *arguments]) == 0
    assert held(server.url) == 300
    assert len(links.read_text().splitlines()) == 301


def test_readme_names_every_column() -> None:
    """Each column stands in the README by its English and its first Indonesian name."""
    text = (Path(__file__).resolve().parents[2] / "README.md").read_text("utf-8")
    for column, others in COLUMNS.items():
        assert f"`{column}`" in text
        assert column in ("nib", "kelurahan") or f"`{others.split()[0]}`" in text


@pytest.mark.timeout(240)
def test_the_register_of_a_whole_city(
    shops: Shops, tmp_path: Path, valkey_url: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """27,900 rows with 200,000 products: all written, each once, under a bar that grows to the end."""
    path, rows = tmp_path / "register.csv", 27_900
    write_register(path, rows)
    terminal = Terminal()
    monkeypatch.setattr(sys, "stderr", terminal)
    summary = said(capsys, path, "--store", valkey_url)
    assert summary == {
        "rows": rows, "written": rows, "same": 0, "errors": 0, "left": 0, "report": None, "links": None,
    }  # fmt: skip
    drawn = [int(done.replace(",", "")) for done in re.findall(r"\] ([\d,]+) of 27,900 rows", terminal.getvalue())]
    assert len(drawn) > 3
    assert drawn == sorted(drawn)
    assert drawn[-1] == rows
    assert terminal.getvalue().endswith("\x1b[K\n")
    assert held(valkey_url) == rows
    assert sum(map(len, shops.heard)) == rows
