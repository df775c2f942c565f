"""The page of the plain door (`up --lan`), as a phone meets it that does not trust the hub yet."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from playwright.sync_api import expect

from hub.lan import room
from tests.browser.phone import Phones
from tests.browser.seen import seen
from tests.support.processes import Process, free_ports

HUB = "https://192.168.1.5:8000"


@pytest.fixture
def door(tmp_path: Path) -> Iterator[tuple[str, str]]:
    """The door of a room: its address, and the fingerprint that the host's screen shows."""
    made, port = room(tmp_path, "192.168.1.5", datetime.now(UTC)), free_ports()
    where = ["--host", "127.0.0.1", "--port", str(port), "--public-url", HUB, "--ca", str(made.ca)]
    process = Process(["-m", "hub.lan_door", *where])
    try:
        process.wait_event("lan_ready")
        yield f"http://127.0.0.1:{port}/lan", made.fingerprint
    finally:
        process.end()


def test_a_phone_reads_what_it_has_to_trust(phones: Phones, door: tuple[str, str]) -> None:
    """What to download, the fingerprint to compare, what to tap on each kind of phone; large enough, nothing cut."""
    address, fingerprint = door
    page = phones(bypass_csp=True).open(address)
    expect(page.locator("code")).to_have_text(fingerprint)
    for link in page.locator("main a").all():
        box = link.bounding_box()
        assert box is not None
        assert box["height"] >= 48
    seen(page, "lan/steps")
    with page.expect_download() as saved:
        page.get_by_role("link", name="Unduh sertifikat").click()
    assert saved.value.suggested_filename == "kentongan-ca.crt"
