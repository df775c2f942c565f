"""What leaves the long memory when its time is over, and how the chain stays whole without it.

A city's `retain_days` says how long the archive keeps each kind of personal field. What an entry holds sealed of a kind
goes after that kind's days; who it was (`by`, `about`, `id`, `things`) goes with the kind that stays longest. What was
done, when, by which role, and its figures stay: reports count the same before and after.

A pruned row keeps its place, its hash and the hash before it, so the chain goes on through it. Its content no longer
makes that hash; instead a block of rows is signed (Ed25519, the key of the heads): first and last row, which kinds are
gone, when, and a 16-byte mark of each row as it was left. `kentongan audit verify` holds the rows against their marks.
Who has the database and not the key can neither prune nor change what a prune left; rows that were cut are missing.

What is signed is seven lines of text: `kentongan audit prune 1`, city, first, last, kinds, SHA-256 of the marks, time.
Rows and block are one transaction. Blocks never overlap, and none is longer than a day: a later kind is pruned from the
same rows, and the block is signed anew, as soon as all of it is old enough. Where nothing is to be taken out there is
no block, and the rows' own hashes prove them.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from hashlib import sha256
from itertools import takewhile
from typing import Final

import msgspec
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from msgspec import Struct
from msgspec.structs import replace

from hub.archive import Archive
from hub.archive_prunes import Prune, Prunes
from hub.chain import Block, Row, mark, pack, read
from hub.heads import Signer

DAY_MS: Final = 86_400_000
PAGE: Final = 500
"""Rows in a transaction, and at most in a block."""
SEALED: Final = "sealed"
"""Where an entry holds what is personal: field -> [kind, sealed bytes]."""
WHO: Final = "who"
"""The kind of what says who it was."""
IDS: Final = ("by", "id", "things", "about")


class Tier(Struct, frozen=True):
    """These kinds are gone after so many days."""

    days: int
    gone: frozenset[str]


def tiers(keeps: Mapping[str, int]) -> list[Tier]:
    """What is gone after how many days, the soonest first; each has what went before it."""
    days = {**keeps, WHO: max(keeps.values())} if keeps else {}
    return [
        Tier(one, frozenset(kind for kind, kept in days.items() if kept <= one)) for one in sorted(set(days.values()))
    ]


def spared(body: bytes, gone: Collection[str]) -> bytes:
    """An entry without these kinds; the same bytes where it holds none of them."""
    try:
        said = msgspec.msgpack.decode(body)
    except msgspec.MsgspecError:
        said = None
    if not isinstance(said, dict):  # nobody can say whose it is
        return pack({"cmd": "unreadable"}) if WHO in gone else body
    left = {key: value for key, value in said.items() if not (key in IDS and WHO in gone)}
    if SEALED in left:
        kept = {field: part for field, part in left.pop(SEALED).items() if part[0] not in gone}
        left |= {SEALED: kept} if kept else {}
    return body if left == said else pack(left)


def text(prune: Prune) -> bytes:
    """What is signed."""
    lines = (prune.city, prune.first, prune.last, prune.gone, sha256(prune.marks).hexdigest(), prune.at)
    return "".join(f"{line}\n" for line in ("kentongan audit prune 1", *lines)).encode()


def is_signed(prune: Prune, public_key: str) -> bool:
    """Whether this key signed it, for as many rows as it has marks."""
    try:
        Ed25519PublicKey.from_public_bytes(bytes.fromhex(public_key)).verify(
            bytes.fromhex(prune.signature), text(prune)
        )
    except (InvalidSignature, ValueError):
        return False
    return True


class Pruner:
    """Prunes one city's archive, a page at a time. Two do no harm: each looks anew inside its transaction."""

    def __init__(self, archive: Archive, signer: Signer, keeps: Mapping[str, int]) -> None:
        self._prunes, self._signer, self._tiers = Prunes(archive), signer, tiers(keeps)
        self._seen: dict[int, int] = {}
        """Days of a tier -> up to which row there is nothing more to take."""

    def step(self, now: int) -> int | None:
        """Prune one page; how many rows were changed, None when nothing is due.

        Raises:
            ArchiveUnavailable: nothing is known; the next step looks again.
        """
        for tier in self._tiers:
            changed = self._step(tier, now)
            if changed is not None:
                return changed
        return None

    def _step(self, tier: Tier, now: int) -> int | None:
        with self._prunes.alone():
            after = self._seen.get(tier.days, 0)
            block = self._prunes.next(after)
            here = block if block is not None and block.first <= after + 1 else None
            last = here.last if here is not None else block.first - 1 if block is not None else None
            rows = self._prunes.page(after, PAGE, last)
            until = now - tier.days * DAY_MS
            if here is None and rows:
                until = min(until, rows[0].at + DAY_MS)
            old = list(takewhile(lambda row: row.at < until, rows))
            if not old or (here is not None and len(old) < len(rows)):
                return None  # a block is pruned whole
            changed = self._prune(old, here, tier.gone, now)
            self._seen[tier.days] = old[-1].seq
            return changed

    def _prune(self, rows: list[Row], block: Prune | None, gone: frozenset[str], now: int) -> int:
        gone |= frozenset(block.gone.split()) if block is not None else frozenset()
        left = [_left(row, gone) for row in rows]
        changed = [after for before, after in zip(rows, left, strict=True) if before != after]
        if changed:
            self._prunes.rewrite(changed)
            marks = b"".join(map(mark, left))
            prune = Prune(rows[0].city, rows[0].seq, rows[-1].seq, " ".join(sorted(gone)), marks, now)
            key = self._signer.public_key
            self._prunes.put(replace(prune, public_key=key, signature=self._signer.sign(text(prune))))
        return len(changed)


def _left(row: Row, gone: frozenset[str]) -> Row:
    body = spared(row.body, gone)
    return row if body == row.body else replace(row, body=body, **read(body))


def trusted(prunes: Iterable[Prune], keys: Collection[str]) -> tuple[list[Block], int]:
    """The blocks that one of these keys signed, and how many none did."""
    blocks, doubted = [], 0
    for prune in prunes:
        if any(is_signed(prune, key) for key in keys):
            blocks.append(prune.block)
        else:
            doubted += 1
    return blocks, doubted
