"""What a phone would miss at the addresses that pages and links are given."""

from __future__ import annotations

import ssl
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from threading import Thread

import pytest

from hub.reach import HELP, MIXED, PLAIN, PUBLIC, missed, why_silent
from hub.settings import Settings

PEM = Path(__file__).resolve().parents[1] / "support" / "localhost.pem"


def said(public: str = "", help_: str = "", recorded: str = "") -> list[tuple[str, str]]:
    """(what, why) of each finding, with every address answering."""
    settings = Settings(public_url=public, help_url=help_)
    found = missed(settings, recorded, lambda url: None)
    assert all(one.level == "phone" and one.wanted for one in found)
    return [(one.what, one.why) for one in found]


def test_a_city_with_tls_at_both_doors_misses_nothing() -> None:
    """Both addresses with HTTPS and a name that everybody finds."""
    assert said("https://kota.example", "https://darurat.kota.example") == []


def test_without_an_address_links_lead_nowhere() -> None:
    """Neither setting nor recorded address: there is nothing that a phone could open."""
    ((what, why),) = said()
    assert what == PUBLIC
    assert "no address" in why


@pytest.mark.parametrize("host", ["127.0.0.1:8000", "localhost", "[::1]:8000", "0.0.0.0", "kota.localhost"])
def test_a_loopback_address_is_the_phone_itself(host: str) -> None:
    """What the hub recorded of itself on one machine is no address for a phone; more is not said of it."""
    ((what, why),) = said(recorded=f"http://{host}")
    assert what == PUBLIC
    assert "finds itself" in why


@pytest.mark.parametrize("host", ["10.0.0.5", "192.168.1.4:8000", "balaikota", "balaikota.local"])
def test_a_private_address_serves_its_network_only(host: str) -> None:
    """Over plain HTTP that is said as well."""
    near, plain = said(recorded=f"http://{host}")
    assert "same network" in near[1]
    assert plain == (PUBLIC, PLAIN)


def test_plain_http_costs_position_and_privacy() -> None:
    """At each door that has it."""
    assert said("http://kota.example", "http://kota.example:8100") == [(PUBLIC, PLAIN), (HELP, PLAIN)]


def test_the_help_door_needs_tls_when_pages_have_it() -> None:
    """A page over HTTPS opens no plain socket: a help address without TLS, or none at all, is said once."""
    assert said("https://kota.example", "http://kota.example:8100") == [(HELP, MIXED)]
    ((what, why),) = said("https://kota.example")
    assert what == HELP
    assert "100 ports above" in why


class _Live(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        self.send_response(200 if self.path == "/health/live" else 404)
        self.end_headers()

    def log_message(self, format: str, *args: object) -> None:
        pass


def serving(tls: bool) -> Iterator[str]:
    server = HTTPServer(("127.0.0.1", 0), _Live)
    if tls:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(PEM)
        server.socket = context.wrap_socket(server.socket, server_side=True)
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    thread.start()
    yield f"http{'s' * tls}://localhost:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture
def plain() -> Iterator[str]:
    yield from serving(tls=False)


@pytest.fixture
def self_signed() -> Iterator[str]:
    yield from serving(tls=True)


def test_an_address_is_tried_as_a_phone_would(plain: str, self_signed: str) -> None:
    """An answer is enough; a certificate that nobody signed, another server and a closed port are told apart."""
    assert why_silent(plain) is None
    assert "404" in str(why_silent(plain + "/other"))
    assert "certificate" in str(why_silent(self_signed)).lower()
    assert "does not answer" in str(why_silent("http://127.0.0.1:1"))


def test_only_addresses_of_the_settings_are_tried() -> None:
    """What a hub recorded is looked at, not called; a set one that is silent is named with the reason."""
    tried: list[str] = []

    def silent(url: str) -> str:
        tried.append(url)
        return "it does not answer"

    assert missed(Settings(), "https://kota.example", silent) == []
    settings = Settings(public_url="https://kota.example", help_url="https://kota.example:8100")
    found = missed(settings, "", silent)
    assert tried == [settings.public_url, settings.help_url]
    assert [(one.what, one.why) for one in found] == [(PUBLIC, "it does not answer"), (HELP, "it does not answer")]
