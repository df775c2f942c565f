"""A certificate and its key, judged before anything listens with them: would a phone take them, and until when?

Each thing that is wrong is one sentence that names the file, what was found and what was expected. What is read here
is public or stays here: no sentence holds a byte of a key.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat, load_pem_private_key
from msgspec import Struct

from hub.errors import StartError
from hub.settings import Settings

CERT: Final = "--tls-cert"
KEY: Final = "--tls-key"
SOON: Final = timedelta(days=7)
"""How long before its end a certificate is spoken of: whoever renews (ACME: 30 days before) has failed by then."""


class Certificate(Struct, frozen=True):
    """A server's certificate that may be used now.

    Args:
        path: its file, as it was named.
        names: what it is for: DNS names, the leftmost label may be `*`, and addresses.
    """

    path: str
    names: tuple[str, ...]
    not_after: datetime

    def soon(self, now: datetime) -> str | None:
        """One sentence when it ends within a week, else None."""
        left = self.not_after - now
        if left > SOON:
            return None
        days = left // timedelta(days=1)
        when = "today" if days < 1 else "tomorrow" if days < 2 else f"in {days} days"
        return (
            f"{CERT}: {self.path} expires {when} ({said(self.not_after)}): phones refuse it from then on; "
            "a new file under this name is taken over without a restart"
        )

    def covers(self, host: str) -> bool:
        """Whether a browser takes it for this host (RFC 9525, section 6.3: a `*` stands for one label)."""
        address = _address(host)
        if address is not None:
            return any(_address(name) == address for name in self.names)
        wanted = host.lower().rstrip(".")
        _, dot, above = wanted.partition(".")
        return any(name.lower() in (wanted, f"*.{above}" if dot else wanted) for name in self.names)


def read(cert: str, key: str, now: datetime, hosts: Iterable[tuple[str, str]] = ()) -> Certificate:
    """Read both files and judge them.

    Args:
        hosts: (what names it, host) of each address under which the certificate is shown.

    Raises:
        StartError: one sentence. Nothing was done.
    """
    found = _leaf(cert)
    _check_key(key, cert, found)
    if now > found.not_valid_after_utc:
        raise StartError(f"{CERT}: {cert} expired on {said(found.not_valid_after_utc)}: expected one that is valid now")
    if now < found.not_valid_before_utc:
        raise StartError(
            f"{CERT}: {cert} is valid from {said(found.not_valid_before_utc)} on, and this machine's clock says "
            f"{said(now)}: expected one that is valid now"
        )
    judged = Certificate(cert, _names(found), found.not_valid_after_utc)
    for named, host in hosts:
        if not judged.covers(host):
            names = ", ".join(judged.names[:5]) or "no name"
            raise StartError(f"{CERT}: {cert} is for {names}: expected {host}, as {named} says")
    return judged


def of(settings: Settings, now: datetime) -> Certificate | None:
    """The certificate that the settings name, or None when the hub speaks plain HTTP.

    Behind a proxy (`trusted_proxies`) the public address is the proxy's, and so is its certificate.

    Raises:
        StartError: it cannot be used, or does not fit the addresses that pages are given.
    """
    cert, key = settings.tls_cert, settings.tls_key
    if not cert and not key:
        return None
    if not cert or not key:
        given, missing = (CERT, KEY) if cert else (KEY, CERT)
        raise StartError(f"{missing}: expected a file beside {given}, got none")
    hosts = []
    if not settings.trusted_proxies:
        for option, url in (("--public-url", settings.public_url), ("--help-url", settings.help_url)):
            if url and not url.startswith("https://"):
                raise StartError(f"{option}: expected https://..., since the hub speaks TLS, got {url!r}")
            if url:
                hosts.append((option, urlsplit(url).hostname or ""))
    return read(cert, key, now, hosts)


def said(at: datetime) -> str:
    """A moment as sentences say it: 2026-11-28 07:00 UTC."""
    return f"{at.astimezone(UTC):%Y-%m-%d %H:%M} UTC"


def _leaf(cert: str) -> x509.Certificate:
    """The first certificate of a file: a server sends its own first (RFC 8446, section 4.4.2)."""
    try:
        return x509.load_pem_x509_certificates(_bytes(CERT, cert))[0]
    except ValueError:
        raise StartError(f"{CERT}: {cert} holds no certificate: expected PEM (-----BEGIN CERTIFICATE-----)") from None


def _check_key(key: str, cert: str, leaf: x509.Certificate) -> None:
    try:
        private = load_pem_private_key(_bytes(KEY, key), None)
    except TypeError:
        raise StartError(
            f"{KEY}: {key} is encrypted: expected a key without a passphrase, readable by the hub alone "
            "(openssl pkey -in ENCRYPTED -out PLAIN)"
        ) from None
    except (ValueError, NotImplementedError):
        raise StartError(f"{KEY}: {key} holds no private key: expected PEM (-----BEGIN PRIVATE KEY-----)") from None
    shape = (Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    if private.public_key().public_bytes(*shape) != leaf.public_key().public_bytes(*shape):
        raise StartError(
            f"{KEY}: {key} does not fit {cert}: expected the key of the first certificate there, the server's own"
        )


def _bytes(option: str, path: str) -> bytes:
    try:
        return Path(path).read_bytes()
    except OSError as exc:
        raise StartError(f"{option}: {path} cannot be read: {exc.strerror}") from exc


def _names(leaf: x509.Certificate) -> tuple[str, ...]:
    """Subject alternative names; the common name counts for no browser any more."""
    try:
        names = leaf.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    except x509.ExtensionNotFound:
        return ()
    addresses = (str(address) for address in names.get_values_for_type(x509.IPAddress))
    return (*names.get_values_for_type(x509.DNSName), *addresses)


def _address(host: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    try:
        return ipaddress.ip_address(host)
    except ValueError:
        return None
