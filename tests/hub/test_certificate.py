"""A certificate is judged before anything listens: one sentence for each way to be wrong."""

from __future__ import annotations

import os
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from hub import certificate
from hub.certificate import Certificate, read
from hub.errors import StartError
from hub.settings import Settings
from tests.support.certificates import DAY, Authority, Pair


@pytest.fixture
def authority(tmp_path: Path) -> Authority:
    return Authority(tmp_path)


def now() -> datetime:
    return datetime.now(UTC)


def why(pair: Pair, *hosts: tuple[str, str]) -> str:
    """The one sentence with which a pair is refused."""
    with pytest.raises(StartError) as refused:
        read(*pair, now(), hosts)
    sentence = str(refused.value)
    assert "\n" not in sentence
    assert "PRIVATE KEY-----\n" not in sentence
    return sentence


def test_a_good_pair_is_read(authority: Authority) -> None:
    """Its names and its end; nothing is said of one that lasts."""
    found = read(*authority.issue("kota.example", "192.168.1.5"), now(), [("--public-url", "kota.example")])
    assert found.names == ("kota.example", "192.168.1.5")
    assert found.soon(now()) is None


@pytest.mark.parametrize(
    ("left", "when"),
    [(timedelta(hours=3), "today"), (timedelta(hours=30), "tomorrow"), (timedelta(days=6, hours=1), "in 6 days")],
)
def test_one_that_ends_soon_is_used_and_said(left: timedelta, when: str) -> None:
    """In one sentence, with the moment and what to do: it is valid now, and a city is not switched off a day early."""
    ends = datetime(2026, 11, 28, 7, 0, tzinfo=UTC)
    said = Certificate("/etc/kota.pem", ("kota.example",), ends).soon(ends - left)
    assert said == (
        f"--tls-cert: /etc/kota.pem expires {when} (2026-11-28 07:00 UTC): phones refuse it from then on; "
        "a new file under this name is taken over without a restart"
    )


def test_one_that_is_not_valid_now_is_refused(authority: Authority) -> None:
    """Expired, or not yet begun: with its date, and this machine's clock where that may be what is wrong."""
    assert "expired on 20" in why(authority.issue("a.example", begins=-3 * DAY, ends=-DAY))
    early = why(authority.issue("a.example", begins=DAY))
    assert "is valid from 20" in early
    assert "clock says 20" in early


def test_what_is_no_pair_is_refused(authority: Authority, tmp_path: Path) -> None:
    """A key of another certificate, an encrypted one, files that hold neither or are not there."""
    good, other = authority.issue("a.example"), authority.issue("a.example", name="other")
    assert "does not fit" in why(Pair(good.cert, other.key))
    assert "is encrypted" in why(authority.issue("a.example", name="hidden", passphrase=b"rahasia"))
    assert "holds no certificate" in why(Pair(good.key, good.key))
    assert "holds no private key" in why(Pair(good.cert, good.cert))
    assert why(Pair(str(tmp_path / "none.pem"), good.key)).endswith("cannot be read: No such file or directory")
    assert "cannot be read: Is a directory" in why(Pair(good.cert, str(tmp_path)))
    empty = tmp_path / "empty.pem"
    empty.write_bytes(b"")
    assert "holds no certificate" in why(Pair(str(empty), good.key))


def test_a_file_that_may_not_be_read_is_named(authority: Authority, monkeypatch: pytest.MonkeyPatch) -> None:
    """With the system's own words."""
    pair = authority.issue("a.example")

    def denied(path: Path) -> bytes:
        raise PermissionError(13, os.strerror(13), str(path))

    monkeypatch.setattr(Path, "read_bytes", denied)
    assert why(pair) == f"--tls-cert: {pair.cert} cannot be read: Permission denied"


@pytest.mark.parametrize(
    ("host", "covered"),
    [
        ("kota.example", True),
        ("KOTA.example", True),
        ("darurat.kota.example", False),
        ("a.warga.example", True),
        ("a.b.warga.example", False),
        ("warga.example", False),
        ("192.168.1.5", True),
        ("192.168.1.6", False),
        ("2001:db8::1", True),
        ("example", False),
    ],
)
def test_a_host_is_covered_as_browsers_see_it(host: str, covered: bool) -> None:
    """A star is one label; addresses are compared as addresses."""
    names = ("kota.example", "*.warga.example", "192.168.1.5", "2001:db8:0::1")
    assert Certificate("", names, now()).covers(host) is covered


def test_the_wrong_host_is_named(authority: Authority) -> None:
    """What it is for, what was expected, and which option says so."""
    pair = authority.issue("lain.example")
    assert why(pair, ("--public-url", "kota.example")) == (
        f"--tls-cert: {pair.cert} is for lain.example: expected kota.example, as --public-url says"
    )


def test_settings_name_one_or_none(authority: Authority) -> None:
    """Without files there is none; one file alone, or an address without TLS, is refused by its option."""
    cert, key = authority.issue("kota.example")
    assert certificate.of(Settings(), now()) is None
    for alone, missing in ((Settings(tls_cert=cert), "--tls-key"), (Settings(tls_key=key), "--tls-cert")):
        with pytest.raises(StartError, match=f"^{missing}: expected a file beside"):
            certificate.of(alone, now())
    both = Settings(tls_cert=cert, tls_key=key, public_url="https://kota.example")
    assert certificate.of(replace(both, help_url="https://kota.example:8100"), now()) is not None
    with pytest.raises(StartError, match="as --help-url says"):
        certificate.of(replace(both, help_url="https://h.example"), now())
    with pytest.raises(StartError, match="--public-url: expected https://"):
        certificate.of(replace(both, public_url="http://kota.example"), now())


def test_behind_a_proxy_the_address_is_the_proxys(authority: Authority) -> None:
    """A hub that speaks TLS to its proxy may have a certificate of its own."""
    cert, key = authority.issue("hub.internal")
    settings = Settings(tls_cert=cert, tls_key=key, trusted_proxies=("10.0.0.9",), public_url="https://kota.example")
    assert certificate.of(settings, now()) is not None
