"""What a phone in a room gets before it trusts the hub."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509

from hub.lan import room
from hub.lan_door import STATIC, application, page
from tests.support.asgi import ask

URL = "https://192.168.1.5:8000"


@pytest.fixture
def door(tmp_path: Path) -> tuple[Any, Path, str]:
    found = room(tmp_path, "192.168.1.5", datetime.now(UTC))
    return application(URL, found.ca.read_bytes()), found.ca, found.fingerprint


@pytest.mark.asyncio
async def test_the_page_says_what_to_do(door: tuple[Any, Path, str]) -> None:
    """In Indonesian, or English to who reads it; with the fingerprint and both links, and no script."""
    app, _, fingerprint = door
    status, headers, body = await ask(app, "/lan")
    text = body.decode()
    assert (status, headers["content-type"]) == (200, "text/html; charset=utf-8")
    assert "script" not in headers["content-security-policy"]
    assert "<script" not in text
    assert "data-word" not in text
    assert "<!--" not in text
    assert fingerprint in text.replace("<wbr>", "")
    assert re.findall(r'<a [^>]*href="([^"]+)"', text) == ["/lan/kentongan-ca.crt", "/"]
    assert "Unduh sertifikat" in text
    english = (await ask(app, "/lan", {"accept-language": "en-GB,en;q=0.9"}))[2].decode()
    assert "Download the certificate" in english
    assert '<html lang="en">' in english
    for sheet in re.findall(r'href="(/static/[^"]+)"', text):
        assert (await ask(app, sheet))[0] == 200


@pytest.mark.asyncio
async def test_the_authority_is_a_file_that_phones_install(door: tuple[Any, Path, str]) -> None:
    """DER under the type and the ending that Android and iOS know; never the key."""
    app, ca, _ = door
    _, headers, body = await ask(app, "/lan/kentongan-ca.crt")
    assert headers["content-type"] == "application/x-x509-ca-cert"
    assert headers["content-disposition"].endswith('filename="kentongan-ca.crt"')
    assert x509.load_der_x509_certificate(body) == x509.load_pem_x509_certificate(ca.read_bytes())
    assert (await ask(app, "/lan/ca.key"))[0] == 308


@pytest.mark.asyncio
@pytest.mark.parametrize(
    ("path", "query", "to"),
    [
        ("/", "", f"{URL}/"),
        ("/medic", "as=medic", f"{URL}/medic?as=medic"),
        ("//evil.example/x", "", f"{URL}//evil.example/x"),
    ],
)
async def test_everything_else_is_over_tls(door: tuple[Any, Path, str], path: str, query: str, to: str) -> None:
    """A redirect to the hub, whatever `Host` says; never to anybody else."""
    status, headers, _ = await ask(door[0], path, {"host": "evil.example"}, query=query)
    assert (status, headers["location"]) == (308, to)


@pytest.mark.asyncio
async def test_a_secret_that_came_in_the_open_is_not_sent_on(door: tuple[Any, Path, str]) -> None:
    """Only what is read is redirected."""
    status, headers, body = await ask(door[0], "/v1/sessions", method="POST")
    assert (status, body) == (403, f"expected {URL}".encode())
    assert "location" not in headers


def test_a_place_without_a_word_is_a_fault() -> None:
    """The page is whole or not made."""
    with pytest.raises(KeyError):
        page('<p data-word="lan.none"></p>', {}, "")
    assert (STATIC / "lan" / "lan.css").exists()
