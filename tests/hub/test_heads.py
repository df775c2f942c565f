"""Signed heads: a key of the archive's own, signatures that anybody can check, heads that people keep."""

from __future__ import annotations

import json
import stat
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed448 import Ed448PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from msgspec.structs import replace

from hub.chain import Link
from hub.errors import ArchiveUnavailable, StartError
from hub.heads import Signer, given, is_signed, kept_key, key_path, public, text

LINK = Link(7, bytes(range(32)))


def test_a_key_is_made_once_and_for_its_owner(tmp_path: Path) -> None:
    """Mode 0600 from the first byte; the next start has the same one; nothing else is left behind."""
    path = tmp_path / "deep" / "archive.key"
    made = kept_key(path)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert kept_key(path).private_bytes_raw() == made.private_bytes_raw()
    assert list(path.parent.iterdir()) == [path]


@pytest.mark.parametrize(
    "content", [b"", b"garbage", b"-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n"]
)
def test_what_is_no_key_is_said(tmp_path: Path, content: bytes) -> None:
    """The file is named and left as it is."""
    path = tmp_path / "archive.key"
    path.write_bytes(content)
    with pytest.raises(ArchiveUnavailable, match=r"archive\.key: expected an Ed25519 key in PEM"):
        kept_key(path)
    assert path.read_bytes() == content


def test_another_kind_of_key_is_refused(tmp_path: Path) -> None:
    """A key of another curve signs nothing here."""
    path = tmp_path / "archive.key"
    path.write_bytes(Ed448PrivateKey.generate().private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
    with pytest.raises(ArchiveUnavailable, match="another kind of key"):
        kept_key(path)


def test_every_part_of_a_head_is_signed(tmp_path: Path) -> None:
    """City, row, hash and time; by that key alone."""
    signer = Signer(kept_key(tmp_path / "a.key"), "35.76")
    head = signer.head(LINK, 1234)
    assert text(head) == f"kentongan audit head 1\n35.76\n7\n{LINK.hash.hex()}\n1234\n".encode()
    assert is_signed(head, signer.public_key)
    for changed in ({"city": "35.78"}, {"seq": 8}, {"hash": bytes(32)}, {"at": 1235}, {"signature": "zz"}):
        assert not is_signed(replace(head, **changed), signer.public_key)
    other = Signer(kept_key(tmp_path / "b.key"), "35.76")
    assert not is_signed(head, other.public_key)
    assert not is_signed(head, "no key")


def test_the_key_lies_beside_the_data() -> None:
    """Unless a setting says where."""
    assert key_path("sqlite:var/real/archive.sqlite", "") == Path("var/real/archive.key")
    assert key_path("postgresql://db/city", "") == Path("var/archive.key")
    assert key_path("postgresql://db/city", "/etc/k.key") == Path("/etc/k.key")


def test_a_kept_head_is_read_in_every_form(tmp_path: Path) -> None:
    """SEQ:HASH, the JSON of the hub, or a file with either."""
    head = Signer(kept_key(tmp_path / "a.key"), "35.76").head(LINK, 1)
    words = [f"7:{LINK.hash.hex()}", json.dumps(public(head))]
    for word in words:
        file = tmp_path / "kept"
        file.write_text(word + "\n")
        assert given(word) == given(str(file)) == LINK


@pytest.mark.parametrize("words", ["", "7", "x:y", "7:00", "{}", '{"seq": 7, "hash": 1}', "{", "/nowhere/at/all"])
def test_a_head_that_is_none_is_said(words: str) -> None:
    """One sentence with what was expected."""
    with pytest.raises(StartError, match="--head: expected SEQ:HASH"):
        given(words)
