"""Personal fields, sealed with the key of the person they are about: without the key nobody reads them again.

    seal     AES-256-GCM (NIST SP 800-38D), a fresh random nonce of 96 bits in front; the value as MessagePack
    aad      city, person and what is sealed (`medic.call <id> phone`, `request/<id>.phone`): no sealed field can be
             moved to another place, person or city and be opened there
    key      32 random bytes for each person, in `{city}:person_keys` alone, made in the commit that first needs one

The audit log, the archive and its hash chain see sealed bytes only. So a key may go, and with it all that was ever
sealed with it, while the chain stays whole and every backup made before is blind. Of a command `Sealing.entry` gives
what its audit entry says; of a whole thing `sealed_state` and `unsealed_state`, for backups.
"""

from __future__ import annotations

import secrets
from collections.abc import Iterable, Mapping
from typing import Any, Final

import msgspec
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from msgspec import Struct

from hub.commit import SealKey, pack, unpack
from hub.contract import Actor, Command, Decision, KeyOf, State
from hub.errors import SealError
from hub.personal import Blank, Declared, Spot
from hub.store import Store

KEY_BYTES: Final = 32
NONCE_BYTES: Final = 12
LINK: Final = "normal"


def new_key() -> bytes:
    return secrets.token_bytes(KEY_BYTES)


def aad(city: str, person: str, what: str) -> bytes:
    """What a sealed field is bound to."""
    return pack([city, person, what])


def seal(key: bytes, bound: bytes, value: Any) -> bytes:
    """Seal a value; the same one is never the same bytes twice.

    Args:
        bound: what `aad` gives; `unseal` needs the same.
    """
    nonce = secrets.token_bytes(NONCE_BYTES)
    return nonce + AESGCM(key).encrypt(nonce, pack(value), bound)


def unseal(key: bytes, bound: bytes, sealed: bytes) -> Any:
    """What was sealed.

    Raises:
        SealError: it was sealed with another key or for another place, or somebody changed it.
    """
    try:
        return unpack(AESGCM(key).decrypt(sealed[:NONCE_BYTES], sealed[NONCE_BYTES:], bound))
    except (InvalidTag, ValueError) as exc:
        raise SealError("a sealed field does not open: another key or place, or it was changed") from exc


class Sealing:
    """Seals what the services of one city declare."""

    def __init__(self, city: str, declared: Declared) -> None:
        self._city, self.declared = city, declared

    # -- commands ---------------------------------------------------------------------------

    def entry(
        self, command: Command, actor: Actor, state: State, decision: Decision
    ) -> tuple[dict[str, Any], SealKey | None]:
        """What an audit entry says of a command's personal fields: `about`, and `sealed` name -> [kind, bytes].

        The key that is used goes into the same commit, which fails where another stands by then.
        """
        told = self.declared.told(command.data)
        if not told:
            return {}, None
        person = self.declared.about(command, actor, decision.writes)
        held: bytes | None = state.found.get(KeyOf(person))
        key = held or new_key()
        sealed = {
            name: [
                kind,
                seal(key, self._bound_entry(person, command.cmd, command.id, name), msgspec.to_builtins(value)),
            ]
            for name, (kind, value) in told.items()
        }
        return {"about": person, "sealed": sealed}, SealKey(person, key, held is None)

    def opened_entry(self, entry: Mapping[str, Any], keys: Mapping[str, bytes]) -> dict[str, Any]:
        """An audit entry with `told` (name -> what was said) instead of `sealed`; of who has no key, as it is.

        What was sealed with a key that is gone stays as it is too: somebody who was erased may have come back.
        """
        person = str(entry.get("about", ""))
        key = keys.get(person)
        if "sealed" not in entry or key is None:
            return dict(entry)
        try:
            told = {
                name: unseal(key, self._bound_entry(person, entry["cmd"], entry["id"], name), blob)
                for name, (_, blob) in entry["sealed"].items()
            }
        except SealError:
            return dict(entry)
        return {**{name: value for name, value in entry.items() if name != "sealed"}, "told": told}

    def _bound_entry(self, person: str, cmd: str, id_: str, name: str) -> bytes:
        return aad(self._city, person, f"{cmd} {id_} {name}")

    # -- whole things -------------------------------------------------------------------------

    def people(self, type_: str, id_: str, state: Any) -> set[str]:
        """Whose keys `sealed_state` needs."""
        return self.declared.people(type_, id_, _plain(state))

    def sealed_state(self, type_: str, id_: str, state: Any, keys: Mapping[str, bytes]) -> Any:
        """A whole thing in its plain form, every personal field of it sealed bytes.

        Args:
            state: its struct, or what its MessagePack says when it is decoded without a type.
            keys: person -> key, of everybody whom `people` names.

        Raises:
            KeyError: one of them is missing.
        """

        def sealed(spot: Spot, value: Any, blank: Blank) -> Any:
            return seal(keys[spot.person], aad(self._city, spot.person, spot.path), value)

        return self.declared.walked(type_, id_, _plain(state), sealed)

    def unsealed_state(self, type_: str, id_: str, sealed: Any, keys: Mapping[str, bytes]) -> Any:
        """A sealed thing in its plain form; fields of who has no key any more are blank.

        Raises:
            SealError: a field does not open with its person's key.
        """

        def opened(spot: Spot, value: Any, blank: Blank) -> Any:
            if not isinstance(value, bytes):
                return value
            key = keys.get(spot.person)
            return blank if key is None else unseal(key, aad(self._city, spot.person, spot.path), value)

        return self.declared.walked(type_, id_, sealed, opened)


def _plain(state: Any) -> Any:
    return msgspec.to_builtins(state) if isinstance(state, Struct) else state


# -- keys in the store ---------------------------------------------------------------------------


async def kept_keys(store: Store, people: Iterable[str]) -> dict[str, bytes]:
    """The keys of those who have one."""
    names = sorted(set(people))
    if not names:
        return {}
    (found,) = await store.many(LINK, [["HMGET", store.keys.person_keys, *names]])
    return {person: bytes(key) for person, key in zip(names, found, strict=True) if key is not None}


async def made_keys(store: Store, people: Iterable[str]) -> dict[str, bytes]:
    """The keys of all of them: who has none gets one now, the same for whoever asks meanwhile."""
    names = sorted(set(people))
    if names:
        await store.many(LINK, [["HSETNX", store.keys.person_keys, person, new_key()] for person in names])
    return await kept_keys(store, names)
