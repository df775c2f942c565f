"""A demo for real phones in a room: from the printed addresses to a ringing medic, with the room's authority alone."""

from __future__ import annotations

import asyncio
import json
import ssl
import subprocess
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.serialization import Encoding

from clients.client import Client
from tests.support.live import until
from tests.support.processes import ROOT, Process, free_ports

ADDRESS = "127.0.0.2"
"""An address of this machine that is not the one it listens on by itself; no other machine is asked."""
HERE = {"lat": -7.4795, "lon": 112.4356, "accuracy_m": 10.0}


@pytest.fixture
def city(tmp_path: Path) -> Iterator[tuple[Process, int]]:
    port = free_ports()
    arguments = ["up", "--demo", "--lan", ADDRESS, "--port", str(port), "--data", str(tmp_path / "demo"), "--json"]
    process = Process(["-m", "hub.cli", *arguments])
    try:
        process.wait_event("ready", 40)
        yield process, port
    finally:
        process.end()


def events(process: Process, name: str) -> list[dict[str, Any]]:
    found = [json.loads(line) for line in process.lines]
    return [event for event in found if event["event"] == name]


def got(url: str, trust: ssl.SSLContext | None = None) -> bytes:
    with urllib.request.urlopen(url, timeout=10, context=trust) as answer:
        body: bytes = answer.read()
        return body


async def rings(base: str, code: str) -> dict[str, Any]:
    """A medic opens the printed link and a resident calls; the offer on the medic's own socket."""
    async with Client(base, code=code, audible=True) as medic, Client(base, device="7" * 64) as resident:
        table = await medic.join(f"help/{medic.person}")
        assert medic.tell("medic.position", {"location": {**HERE, "age_ms": 0}})
        await medic.call("medic.duty", {"on": True})
        medic.here(audible=True, visible=True)
        things = table.things

        def heard() -> bool:
            return any(view.get("type") == "duty" and view.get("reachable") for view in things.values())

        # Simulated medics are about: whoever is not known to hear yet is not among the first three.
        await until(heard, 30)
        answer = await resident.call("medic.call", {"location": {**HERE, "age_ms": 0}, "for": "me"})
        await until(lambda: answer["request"] in things, 30)
        return dict(things[answer["request"]])


@pytest.mark.timeout(120)
def test_a_phone_in_the_room_rings(city: tuple[Process, int], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Trust what the plain door gives and nobody else: pages open, a socket opens, and a call reaches the medic."""
    process, port = city
    (trust,) = events(process, "trust")
    assert trust["url"] == f"http://{ADDRESS}:{port + 80}/lan"
    links = {event["role"]: event["url"] for event in events(process, "link")}
    base = f"https://{ADDRESS}:{port}"
    assert list(links) == ["resident", "medic", "seller", "crew", "dispatcher"]
    assert all(url.startswith(f"{base}/") for url in links.values())

    ca = x509.load_der_x509_certificate(got(f"{trust['url']}/kentongan-ca.crt"))
    assert ca.fingerprint(hashes.SHA256()).hex(":").upper() == trust["fingerprint"]
    root = tmp_path / "root.pem"
    root.write_bytes(ca.public_bytes(Encoding.PEM))
    only = ssl.create_default_context(cafile=str(root))
    for page in ("/", "/medic", "/shop", "/van", "/dispatch", "/demo"):
        assert b"<!doctype html>" in got(base + page, only)
    assert got(f"http://{ADDRESS}:{port + 80}/medic?x=1", only) == got(f"{base}/medic?x=1", only)
    with pytest.raises(urllib.error.URLError, match="certificate verify failed"):
        got(base)

    (tmp_path / "none").mkdir()
    monkeypatch.setenv("SSL_CERT_FILE", str(root))
    monkeypatch.setenv("SSL_CERT_DIR", str(tmp_path / "none"))
    offer = asyncio.run(rings(base, links["medic"].partition("#masuk=")[2]))
    assert offer["state"] == "open"
    assert not [line for line in process.errors if "Traceback" in line]


@pytest.mark.parametrize(
    ("given", "option"), [([], []), (["LAN=1"], ["--lan"]), (["LAN=192.168.1.5"], ["--lan", "192.168.1.5"])]
)
def test_make_run_takes_the_room(given: list[str], option: list[str]) -> None:
    """`make run LAN=1` finds the address, `LAN=192.168.1.5` names it."""
    shown = subprocess.run(
        ["make", "-n", "run", *given], cwd=ROOT, capture_output=True, text=True, check=True, timeout=30
    ).stdout
    (line,) = [line for line in shown.splitlines() if "hub.cli up" in line]
    assert line.partition("--data var/demo")[2].split() == option
