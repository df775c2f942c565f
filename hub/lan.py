"""A private authority for one room: real phones reach a demo over TLS, by this machine's address in the network.

    ca.pem, ca.key        the authority (the key 0600); phones trust it once
    server.pem, server.key  the hub's own, of the address of now

The authority may sign for this network's /24 (IPv4) or /64 (IPv6) and for one name that does not exist, nothing else:
the constraint is critical (RFC 5280, section 4.2.1.10), so a phone that trusts it trusts no forged bank. Both are kept;
the server's is made anew when the address changes or its end comes near, the authority only when the network is another
one or its own end comes near, and phones must then trust the new one.

Bounds of others that are kept here: a server's certificate lasts at most 825 days and says `serverAuth`
(https://support.apple.com/en-us/103769).
"""

from __future__ import annotations

import ipaddress
import socket
from datetime import datetime, timedelta
from pathlib import Path
from typing import Final

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_pem_private_key,
)
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID
from msgspec import Struct

from hub.errors import StartError
from hub.folder import write_whole

CA_DAYS: Final = 730
SERVER_DAYS: Final = 90
RENEW: Final = timedelta(days=30)
BACK: Final = timedelta(days=1)
"""Phones' clocks go wrong: both are valid since yesterday."""
NOBODY: Final = "kentongan.invalid"
"""The one DNS name that the authority may sign for: kinds of names that a constraint leaves out would be free."""
UNSENT: Final = ("192.0.2.1", 9)
"""An address of documentation (RFC 5737): a datagram socket that is connected there sends nothing, and says from where
it would."""

Ip = ipaddress.IPv4Address | ipaddress.IPv6Address
Key = ec.EllipticCurvePrivateKey


class Pair(Struct, frozen=True):
    """Files of a certificate and its key."""

    cert: Path
    key: Path


class Room(Struct, frozen=True):
    """What a city in a room stands on.

    Args:
        fresh: whether the authority was made just now, so that no phone trusts it yet.
        fingerprint: of the authority, SHA-256, as phones show it.
    """

    address: str
    ca: Path
    server: Pair
    fresh: bool
    fingerprint: str


def own_address() -> str:
    """This machine's address in its network, by the route that leads out of it.

    Raises:
        StartError: it is in none.
    """
    try:
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
            probe.connect(UNSENT)
            return str(probe.getsockname()[0])
    except OSError:
        raise StartError(
            "this machine is in no network: join one, or name its address there: --lan 192.168.1.5"
        ) from None


def room(folder: Path, address: str, now: datetime) -> Room:
    """The certificates for an address, as they are or made anew.

    Raises:
        StartError: no address, or the folder cannot be written.
    """
    place = _parsed(address)
    ca, server = (Pair(folder / f"{name}.pem", folder / f"{name}.key") for name in ("ca", "server"))
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        kept = _kept(ca, now)
        fresh = kept is None or not _may_sign(kept[0], place)
        root, key = _made_ca(ca, place, now) if kept is None or fresh else kept
        own = None if fresh else _kept(server, now)
        if own is None or not _is_for(own[0], place, root):
            _made_server(server, place, root, key, now)
    except OSError as exc:
        raise StartError(f"the certificates in {folder} cannot be written: {exc.strerror}") from exc
    return Room(str(place), ca.cert, server, fresh, root.fingerprint(hashes.SHA256()).hex(":").upper())


def network_of(address: Ip) -> ipaddress.IPv4Network | ipaddress.IPv6Network:
    """What the authority of an address may sign for."""
    return ipaddress.ip_network((address, 24 if address.version == 4 else 64), strict=False)


def _parsed(address: str) -> Ip:
    try:
        place = ipaddress.ip_address(address)
    except ValueError:
        raise StartError(
            f"--lan: expected this machine's address in the network, like 192.168.1.5, got {address!r}"
        ) from None
    if place.is_unspecified or place.is_multicast:
        raise StartError(f"--lan: expected an address that phones can ask, like 192.168.1.5, got {address!r}")
    return place


# -- what is there ------------------------------------------------------------------


def _kept(pair: Pair, now: datetime) -> tuple[x509.Certificate, Key] | None:
    """A pair that fits and lasts, or None when it has to be made."""
    try:
        cert = x509.load_pem_x509_certificate(pair.cert.read_bytes())
        key = load_pem_private_key(pair.key.read_bytes(), None)
    except (FileNotFoundError, ValueError, TypeError):
        return None
    if not isinstance(key, ec.EllipticCurvePrivateKey) or key.public_key() != cert.public_key():
        return None
    if not cert.not_valid_before_utc <= now < cert.not_valid_after_utc - RENEW:
        return None
    return cert, key


def _may_sign(root: x509.Certificate, address: Ip) -> bool:
    try:
        allowed = root.extensions.get_extension_for_class(x509.NameConstraints).value.permitted_subtrees or []
    except x509.ExtensionNotFound:
        return False
    return any(isinstance(one, x509.IPAddress) and one.value == network_of(address) for one in allowed)


def _is_for(own: x509.Certificate, address: Ip, root: x509.Certificate) -> bool:
    names = own.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    try:
        own.verify_directly_issued_by(root)
    except (ValueError, TypeError, InvalidSignature):
        return False
    return names.get_values_for_type(x509.IPAddress) == [address]


# -- what is made -------------------------------------------------------------------


def _made_ca(pair: Pair, address: Ip, now: datetime) -> tuple[x509.Certificate, Key]:
    key = ec.generate_private_key(ec.SECP256R1())
    number = x509.random_serial_number()
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, f"Kentongan {network_of(address)} {number % 10_000:04}")])
    allowed = x509.NameConstraints([x509.IPAddress(network_of(address)), x509.DNSName(NOBODY)], None)
    cert = (
        _begun(name, name, key, number, now, CA_DAYS)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(allowed, critical=True)
        .add_extension(_usage(signs=True), critical=True)
        .sign(key, hashes.SHA256())
    )
    _write(pair, cert, key)
    return cert, key


def _made_server(pair: Pair, address: Ip, root: x509.Certificate, signer: Key, now: datetime) -> None:
    key = ec.generate_private_key(ec.SECP256R1())
    # A common name that could be a DNS name would be held against the constraint on those.
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, f"Kentongan {address}")])
    issuer = root.public_key()
    assert isinstance(issuer, ec.EllipticCurvePublicKey)
    cert = (
        _begun(name, root.subject, key, x509.random_serial_number(), now, SERVER_DAYS)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(address)]), critical=False)
        .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False)
        .add_extension(_usage(signs=False), critical=True)
        .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(issuer), critical=False)
        .sign(signer, hashes.SHA256())
    )
    _write(pair, cert, key)


def _begun(
    subject: x509.Name, issuer: x509.Name, key: Key, number: int, now: datetime, days: int
) -> x509.CertificateBuilder:
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key.public_key())
        .serial_number(number)
        .not_valid_before(now - BACK)
        .not_valid_after(now + timedelta(days=days))
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
    )


def _usage(*, signs: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=not signs, key_cert_sign=signs, crl_sign=signs, content_commitment=False,
        key_encipherment=False, data_encipherment=False, key_agreement=False, encipher_only=False, decipher_only=False,
    )  # fmt: skip


def _write(pair: Pair, cert: x509.Certificate, key: Key) -> None:
    """The key first, and for its owner alone: a certificate without its key would be of no use to anybody."""
    secret = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    write_whole(pair.key, secret.decode(), 0o600)
    write_whole(pair.cert, cert.public_bytes(Encoding.PEM).decode())


def der(ca: Path) -> bytes:
    """The authority as phones take it: iOS and Android both read DER under `application/x-x509-ca-cert`."""
    return x509.load_pem_x509_certificate(ca.read_bytes()).public_bytes(Encoding.DER)
