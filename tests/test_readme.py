"""The README says what the code does today."""

from __future__ import annotations

import re
from typing import Any

import pytest

from hub.contract import Actor
from hub.dispatch import Dispatch
from hub.services import Services
from hub.store import Store
from tests.support.readme import README, written


def test_generated_parts_are_fresh() -> None:
    """Diagrams, codes and settings in the README are those of the code (`python -m tests.support.readme`)."""
    text = README.read_text("utf-8")
    assert written(text) == text


@pytest.mark.asyncio
async def test_the_example_service_works(valkey_url: str) -> None:
    """The README's example of a new service reports a lamp, mends it once, and refuses the second time by name."""
    found = re.search(r"```python\n(.*?)```", README.read_text("utf-8"), re.S)
    assert found is not None
    names: dict[str, Any] = {}
    exec(compile(found[1], "README.md", "exec"), names)
    services = Services([names["Lamps"]()])
    store = Store(valkey_url, "35.76", demo=False, types=services.types)
    await store.open()
    try:
        dispatch = Dispatch(store, services)
        resident = Actor(person="r1", role="resident")
        desk = Actor(person="d1", role="dispatcher", desk="city")
        reported = await dispatch.run("lamp.report", {"street": "Jalan Majapahit"}, resident, "c1")
        assert reported.ok
        assert reported.data is not None
        lamp = reported.data["lamp"]
        assert (await dispatch.run("lamp.mend", {"lamp": lamp}, resident, "c2")).code == "not_allowed"
        assert (await dispatch.run("lamp.mend", {"lamp": lamp}, desk, "c3")).ok
        assert (await dispatch.run("lamp.mend", {"lamp": lamp}, desk, "c4")).code == "illegal_step"
        assert (await dispatch.run("lamp.mend", {"lamp": lamp}, desk, "c3")).ok
        table = await store.table("bulk", "lamps")
        assert list(table.things) == [lamp]
    finally:
        await store.close()


ASSESSOR = README.read_text("utf-8").partition("## For the assessor\n")[2].partition("\n## ")[0]
ASPECTS = (
    "kebijakan internal terkait tata kelola SPBE", "perencanaan strategis SPBE", "teknologi informasi dan komunikasi",
    "penyelenggara SPBE", "penerapan manajemen SPBE", "audit TIK", "administrasi pemerintahan berbasis elektronik",
    "layanan publik berbasis elektronik",
)  # fmt: skip
FUNCTIONS = (
    "autentikasi", "manajemen sesi", "persyaratan kontrol akses", "validasi input",
    "kriptografi pada verifikasi statis", "penanganan eror dan pencatatan log", "proteksi data",
    "keamanan komunikasi", "pengendalian kode berbahaya",
    "logika bisnis", "file", "keamanan API dan web service", "keamanan konfigurasi",
)  # fmt: skip


def assessed() -> list[list[str]]:
    """The cells of every row of both tables."""
    rows = [line.strip("|").split("|") for line in ASSESSOR.splitlines() if line.startswith("| ")]
    return [[cell.strip() for cell in row] for row in rows if row[0].strip() not in ("domain, aspect",)]


def test_every_test_that_the_readme_names_is_there() -> None:
    """Whoever follows a row finds what it promises."""
    named = set(re.findall(r"`(tests/[\w/]+\.py)`", README.read_text("utf-8")))
    assert len(named) > 50
    assert not [path for path in sorted(named) if not (README.parent / path).is_file()]


def test_the_assessor_finds_every_aspect_and_function() -> None:
    """Each as the regulation names it; what is there has a test beside it, an empty row says what is not here."""
    names = [row[0] for row in assessed()]
    assert all(any(f"*{aspect}*" in name for name in names) for aspect in ASPECTS)
    assert [name.strip("*") for name in names if name.strip("*") in FUNCTIONS] == list(FUNCTIONS)
    for name, there, missing, shown in (row for row in assessed() if not row[0].startswith("function of")):
        assert there or missing, name
        assert bool(shown) == bool(there and there != "the second table"), name
