"""A room's own authority: kept, narrow, and made anew only when it has to be."""

from __future__ import annotations

import ipaddress
import ssl
import stat
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.serialization import load_pem_private_key
from cryptography.x509.oid import ExtendedKeyUsageOID

from hub import lan
from hub.errors import StartError
from hub.lan import Room, der, own_address, room

NOW = datetime.now(UTC)
DAY = timedelta(days=1)


def loaded(path: Path) -> x509.Certificate:
    return x509.load_pem_x509_certificate(path.read_bytes())


def handshake(found: Room, host: str) -> None:
    """A TLS handshake in memory by this name, with the authority as the only root.

    Raises:
        ssl.SSLError: a client does not take it.
    """
    server = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    server.load_cert_chain(found.server.cert, found.server.key)
    client = ssl.create_default_context(cafile=str(found.ca))
    there, back = ssl.MemoryBIO(), ssl.MemoryBIO()
    asker = client.wrap_bio(back, there, server_hostname=host)
    answerer = server.wrap_bio(there, back, server_side=True)
    for side in (asker, answerer, asker, answerer):
        try:
            side.do_handshake()
        except ssl.SSLWantReadError:
            continue


def test_a_phone_that_trusts_the_authority_takes_the_hub(tmp_path: Path) -> None:
    """By the address that it is for, and by no other."""
    found = room(tmp_path / "lan", "192.168.1.5", NOW)
    handshake(found, "192.168.1.5")
    with pytest.raises(ssl.SSLCertVerificationError):
        handshake(found, "192.168.1.6")
    assert ":" in found.fingerprint
    assert x509.load_der_x509_certificate(der(found.ca)) == loaded(found.ca)


@pytest.mark.parametrize("elsewhere", ["8.8.8.8", "192.168.2.5", "10.0.0.1"])
def test_the_authority_cannot_sign_the_world(tmp_path: Path, elsewhere: str) -> None:
    """Signed with its key, an address of another network is refused by whoever trusts it; so is any name."""
    found = room(tmp_path, "192.168.1.5", NOW)
    key = load_pem_private_key((tmp_path / "ca.key").read_bytes(), None)
    assert isinstance(key, lan.Key)
    lan._made_server(found.server, ipaddress.ip_address(elsewhere), loaded(found.ca), key, NOW)
    with pytest.raises(ssl.SSLCertVerificationError, match="permitted subtree violation"):
        handshake(found, elsewhere)


def test_a_name_of_the_world_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A bank's certificate under this authority is no certificate."""
    found = room(tmp_path, "192.168.1.5", NOW)
    key = load_pem_private_key((tmp_path / "ca.key").read_bytes(), None)
    assert isinstance(key, lan.Key)
    monkeypatch.setattr(x509, "IPAddress", lambda value: x509.DNSName("bank.example"))
    lan._made_server(found.server, ipaddress.ip_address("192.168.1.5"), loaded(found.ca), key, NOW)
    with pytest.raises(ssl.SSLCertVerificationError, match="permitted subtree violation"):
        handshake(found, "bank.example")


def test_keys_are_the_owners_alone_and_bounds_are_kept(tmp_path: Path) -> None:
    """0600 from the first byte; a server's certificate says `serverAuth`, names the address, and is short."""
    found = room(tmp_path / "a" / "lan", "192.168.1.5", NOW)
    for key in (found.ca.with_suffix(".key"), found.server.key):
        assert stat.S_IMODE(key.stat().st_mode) == 0o600
    assert stat.S_IMODE(found.ca.parent.stat().st_mode) == 0o700
    root, own = loaded(found.ca), loaded(found.server.cert)
    assert own.not_valid_after_utc - own.not_valid_before_utc <= 398 * DAY
    usage = own.extensions.get_extension_for_class(x509.ExtendedKeyUsage).value
    assert list(usage) == [ExtendedKeyUsageOID.SERVER_AUTH]
    names = own.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    assert names.get_values_for_type(x509.IPAddress) == [ipaddress.ip_address("192.168.1.5")]
    constraint = root.extensions.get_extension_for_class(x509.NameConstraints)
    assert constraint.critical
    basic = root.extensions.get_extension_for_class(x509.BasicConstraints).value
    assert (basic.ca, basic.path_length) == (True, 0)


def test_what_is_there_is_kept(tmp_path: Path) -> None:
    """The second start has the same authority and certificate: a phone trusts once."""
    first = room(tmp_path, "192.168.1.5", NOW)
    files = {path: path.read_bytes() for path in tmp_path.iterdir()}
    second = room(tmp_path, "192.168.1.5", NOW + 7 * DAY)
    assert (first.fresh, second.fresh) == (True, False)
    assert {path: path.read_bytes() for path in tmp_path.iterdir()} == files


def test_another_address_in_the_network_needs_no_new_trust(tmp_path: Path) -> None:
    """The router gave another one: a new certificate from the same authority. Another network: a new authority."""
    first = room(tmp_path, "192.168.1.5", NOW)
    ca, own = loaded(first.ca), loaded(first.server.cert)
    moved = room(tmp_path, "192.168.1.77", NOW)
    assert (moved.fresh, loaded(moved.ca)) == (False, ca)
    assert loaded(moved.server.cert) != own
    handshake(moved, "192.168.1.77")
    away = room(tmp_path, "10.1.2.3", NOW)
    assert away.fresh
    assert loaded(away.ca) != ca
    handshake(away, "10.1.2.3")


def test_an_end_that_comes_near_is_prevented(tmp_path: Path) -> None:
    """A month before the server's end it is made anew; before the authority's end both are."""
    room(tmp_path, "192.168.1.5", NOW)
    later = room(tmp_path, "192.168.1.5", NOW + 61 * DAY)
    assert not later.fresh
    assert loaded(later.server.cert).not_valid_after_utc > NOW + 140 * DAY
    assert room(tmp_path, "192.168.1.5", NOW + 701 * DAY).fresh


@pytest.mark.parametrize("broken", ["ca.pem", "ca.key", "server.pem", "server.key"])
def test_a_broken_file_is_made_anew(tmp_path: Path, broken: str) -> None:
    """Half a file is no certificate; what stands afterwards works."""
    room(tmp_path, "192.168.1.5", NOW)
    (tmp_path / broken).write_text("half")
    found = room(tmp_path, "192.168.1.5", NOW)
    assert found.fresh is broken.startswith("ca")
    handshake(found, "192.168.1.5")


def test_ipv6_is_a_network_of_64_bits(tmp_path: Path) -> None:
    """As routers give them."""
    handshake(room(tmp_path, "fd00:1:2:3::5", NOW), "fd00:1:2:3::5")
    assert str(lan.network_of(ipaddress.ip_address("fd00:1:2:3::5"))) == "fd00:1:2:3::/64"


@pytest.mark.parametrize("address", ["here", "192.168.1", "0.0.0.0", "224.0.0.1", ""])
def test_a_wrong_address_is_named(tmp_path: Path, address: str) -> None:
    """One sentence with what was expected, and no file."""
    with pytest.raises(StartError, match=r"^--lan: expected .* like 192\.168\.1\.5, got"):
        room(tmp_path / "lan", address, NOW)
    assert not (tmp_path / "lan").exists()


def test_a_folder_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    """With the system's own words."""
    (tmp_path / "file").write_text("")
    with pytest.raises(StartError, match="cannot be written: Not a directory"):
        room(tmp_path / "file" / "lan", "192.168.1.5", NOW)


def test_the_own_address_is_found_without_a_packet(monkeypatch: pytest.MonkeyPatch) -> None:
    """By the route that leads out; a machine in no network is told what to say."""
    monkeypatch.setattr(lan, "UNSENT", ("127.0.0.9", 9))
    assert own_address() == "127.0.0.1"
    monkeypatch.setattr(lan, "UNSENT", ("255.255.255.255", 9))
    with pytest.raises(StartError, match="in no network"):
        own_address()
