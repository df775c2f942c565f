"""`kentongan check --store URL`: whether an acknowledgement could be lost there and why, and what a phone would miss.

Exit codes: 0 nothing is wrong with the store, 1 something is, 2 it could not be asked. What a phone would miss is
said and changes no code: a city may be tried out on one machine.
"""

from __future__ import annotations

import argparse
import json
import time
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from typing import Any

import msgspec
from msgspec import Struct

from hub import certificate
from hub.check import Finding, asked, findings, server_of
from hub.city_file import CityFile
from hub.errors import StartError
from hub.keys import Keys
from hub.oidc_check import unready
from hub.reach import missed, why_silent
from hub.settings import Settings


class Checked(Struct, frozen=True):
    """What `--json` prints; `loses`: an accepted command could be lost there."""

    ok: bool
    loses: bool
    server: str
    findings: Sequence[Finding]


def arguments(parser: argparse.ArgumentParser) -> None:
    """What the command takes."""
    parser.add_argument("--store", required=True, metavar="URL", help="redis://host:port/0 or unix:///path.sock")
    parser.add_argument("--json", action="store_true", help="{ok, loses, server, findings}")


def run(options: argparse.Namespace, settings: Settings, city: CityFile) -> int:
    """Ask the store, the addresses and the city's own provider, and say what was found; the exit code.

    Raises:
        StoreUnavailable: the store could not be asked.
    """
    with asked(options.store) as client:
        server = server_of(client)
        found = findings(client, city.code, replicas=settings.replicas, local_ms=time.time_ns() // 1_000_000)
        recorded: Any = client.hget(Keys(city.code).head, "base") or b""
    found += [*missed(settings, recorded.decode(), why_silent), *_certificate(settings)]
    found += unready(city.oidc, city.public_url or settings.public_url)
    levels = {one.level for one in found}
    checked = Checked(not levels & {"lost", "fault"}, "lost" in levels, server, found)
    print(json.dumps(msgspec.to_builtins(checked)) if options.json else "\n".join(lines(checked)))
    return 0 if checked.ok else 1


def _certificate(settings: Settings) -> Iterator[Finding]:
    """The hub's own, where the settings name one: whether phones take it, and for how long still."""
    now = datetime.now(UTC)
    try:
        found = certificate.of(settings, now)
    except StartError as exc:
        yield Finding("phone", "KENTONGAN_TLS_CERT", settings.tls_cert or "not set", "one that is valid", str(exc))
        return
    if found is not None and (soon := found.soon(now)) is not None:
        yield Finding("phone", "KENTONGAN_TLS_CERT", found.path, "one that lasts", soon)


def lines(checked: Checked) -> Iterator[str]:
    """For a person: what is wrong with the store, the verdict, then what phones miss."""
    yield from (str(one) for one in checked.findings if one.level != "phone")
    if checked.ok:
        yield "ok: every commit is on disk before it is answered"
    else:
        yield "not ready: what is accepted there could be lost" if checked.loses else "not ready"
    yield from (f"phones: {one}" for one in checked.findings if one.level == "phone")
