"""The backup key: what must not lie open in a folder of backups is sealed with it.

A file of one line, 64 hex digits, mode 0600, made at first use. Sealed are the city's own key, secrets of webhooks,
devices that can be woken, the key that signs heads, and the file of person keys (AES-256-GCM, a fresh nonce each,
bound to the city and the name of what is sealed). Keep a copy of the key away from the machine *and* from the
backups: who has only one of the two reads nothing.
"""

from __future__ import annotations

import hashlib
import os
import secrets
from pathlib import Path
from typing import Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from hub.errors import StartError
from hub.folder import write_whole

DEFAULT: Final = Path("var/backup.key")
KEY_BYTES: Final = 32
NONCE_BYTES: Final = 12


class BackupKey:
    """Seals and opens for one city.

    Attributes:
        mark: tells keys apart and says nothing of them.
    """

    def __init__(self, key: bytes, city: str) -> None:
        self._aead, self._city = AESGCM(key), city
        self.mark = hashlib.sha256(b"kentongan backup key" + key).hexdigest()[:12]

    def seal(self, name: bytes, plain: bytes) -> bytes:
        nonce = secrets.token_bytes(NONCE_BYTES)
        return nonce + self._aead.encrypt(nonce, plain, self._bound(name))

    def open(self, name: bytes, sealed: bytes) -> bytes:
        """What was sealed under this name.

        Raises:
            StartError: with another key, for another city or name, or it was changed.
        """
        try:
            return self._aead.decrypt(sealed[:NONCE_BYTES], sealed[NONCE_BYTES:], self._bound(name))
        except (InvalidTag, ValueError) as exc:
            raise StartError(f"{name.decode()} does not open with the backup key {self.mark}") from exc

    def _bound(self, name: bytes) -> bytes:
        return self._city.encode() + b"\0" + name


def kept_key(path: Path, city: str) -> BackupKey:
    """The key in a file.

    Raises:
        StartError: it is not there, cannot be read, or holds something else.
    """
    try:
        key = bytes.fromhex(path.read_text("ascii").strip())
    except FileNotFoundError:
        raise StartError(f"there is no backup key at {path}: name its file with --key") from None
    except OSError as exc:
        raise StartError(f"the backup key {path} cannot be read: {exc.strerror}") from exc
    except ValueError:
        key = b""
    if len(key) != KEY_BYTES:
        raise StartError(f"{path} holds no backup key: expected one line of {2 * KEY_BYTES} hex digits")
    return BackupKey(key, city)


def made_key(path: Path, city: str) -> tuple[BackupKey, bool]:
    """The same, made when it is not there yet; whether it was.

    Raises:
        StartError: as `kept_key`, or it cannot be written.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        scratch = path.with_name(f"{path.name}.{os.getpid()}")
        fresh = not path.exists()
        if fresh:
            write_whole(scratch, secrets.token_hex(KEY_BYTES) + "\n", 0o600)
            try:
                os.link(scratch, path)
            except FileExistsError:  # somebody else made one meanwhile
                fresh = False
            finally:
                scratch.unlink()
    except OSError as exc:
        raise StartError(f"the backup key {path} cannot be written: {exc.strerror}") from exc
    return kept_key(path, city), fresh
