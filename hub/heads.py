"""Signed heads: the end of the chain at some hour, with an Ed25519 signature (RFC 8032) that anybody can check.

What is signed is five lines of text: `kentongan audit head 1`, city, seq, hash in hex, time in ms. The key is made at
first use, in a file that its owner alone may read. Who holds the key and the database can forge both: keep heads
elsewhere (another office, a newspaper), and give one to `kentongan audit verify --head`.
"""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import Any, Final

import msgspec
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, load_pem_private_key

from hub.archive import Head
from hub.archive_sql import POSTGRES, SQLITE
from hub.chain import Link
from hub.errors import ArchiveUnavailable, StartError
from hub.folder import write_whole

HOUR_MS: Final = 3_600_000
KEY_HELP: Final = "an Ed25519 key in PEM"


class Signer:
    """Signs heads of one city."""

    def __init__(self, key: Ed25519PrivateKey, city: str) -> None:
        self._key, self._city = key, city
        self.public_key = key.public_key().public_bytes_raw().hex()

    def sign(self, text: bytes) -> str:
        return self._key.sign(text).hex()

    def head(self, link: Link, at: int) -> Head:
        unsigned = Head(self._city, link.seq, link.hash, at, self.public_key, "")
        return msgspec.structs.replace(unsigned, signature=self.sign(text(unsigned)))


def text(head: Head) -> bytes:
    """What is signed."""
    return f"kentongan audit head 1\n{head.city}\n{head.seq}\n{head.hash.hex()}\n{head.at}\n".encode()


def is_signed(head: Head, public_key: str) -> bool:
    """Whether this key signed it."""
    try:
        Ed25519PublicKey.from_public_bytes(bytes.fromhex(public_key)).verify(bytes.fromhex(head.signature), text(head))
    except (InvalidSignature, ValueError):
        return False
    return True


def key_path(url: str, named: str) -> Path:
    """Where the key is: as the setting says, else beside the SQLite file, else in `var`."""
    if named:
        return Path(named)
    if url.startswith(POSTGRES):
        return Path("var/archive.key")
    return Path(url.removeprefix(SQLITE)).with_suffix(".key")


def kept_key(path: Path) -> Ed25519PrivateKey:
    """The key in a file; made at first use, readable by its owner alone.

    Raises:
        ArchiveUnavailable: the file cannot be read, written or understood.
    """
    try:
        return _loaded(path) or _made(path)
    except (OSError, ValueError, TypeError) as exc:
        raise ArchiveUnavailable(f"the key {path}: expected {KEY_HELP}: {exc}") from exc


def _loaded(path: Path) -> Ed25519PrivateKey | None:
    try:
        key = load_pem_private_key(path.read_bytes(), None)
    except FileNotFoundError:
        return None
    if not isinstance(key, Ed25519PrivateKey):
        raise ValueError("another kind of key")
    return key


def _made(path: Path) -> Ed25519PrivateKey:
    """A new key, unless somebody else made one meanwhile."""
    path.parent.mkdir(parents=True, exist_ok=True)
    key = Ed25519PrivateKey.generate()
    scratch = path.with_name(f"{path.name}.{os.getpid()}")
    write_whole(scratch, key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode(), 0o600)
    try:
        os.link(scratch, path)
    except FileExistsError:
        found = _loaded(path)
        assert found is not None
        return found
    finally:
        scratch.unlink()
    return key


def public(head: Head) -> dict[str, Any]:
    """As `GET /v1/audit/head` tells it."""
    return {
        "city": head.city, "seq": head.seq, "hash": head.hash.hex(), "at": head.at,
        "public_key": head.public_key, "signature": head.signature,
    }  # fmt: skip


def given(words: str) -> Link:
    """What somebody kept of a head: `SEQ:HASH`, the JSON of `GET /v1/audit/head`, or a file with either.

    Raises:
        StartError: it is neither.
    """
    path = Path(words)
    try:
        said = path.read_text("utf-8").strip() if "{" not in words and path.is_file() else words.strip()
        if said.startswith("{"):
            told = msgspec.json.decode(said)
            return Link(int(told["seq"]), bytes.fromhex(told["hash"]))
        if match := re.fullmatch(r"(\d+):([0-9a-f]{64})", said):
            return Link(int(match[1]), bytes.fromhex(match[2]))
    except (OSError, ValueError, KeyError, TypeError, msgspec.DecodeError):
        pass
    raise StartError(f"--head: expected SEQ:HASH, the JSON of /v1/audit/head or a file with it, got {words[:80]!r}")
