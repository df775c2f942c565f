"""The archive worker: follows one city's audit log into SQL (see `hub/archive.py`), signs the end each hour, and prunes
what the city keeps no longer (`hub/prunes.py`).

All SQL runs in one thread of its own; the loop, and with it every timer, never waits for a database. Whatever goes
wrong is said once, tried again with a growing pause, and shown as `lag`: it ends no other work.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, Final, TypeVar

import msgspec
from msgspec import Struct
from msgspec.structs import replace
from redis.exceptions import RedisError

from hub.archive import Archive, Head, Moved, Position, open_archive
from hub.chain import Link, Logged
from hub.commit import pack
from hub.errors import ArchiveError, StoreError
from hub.folder import write_whole
from hub.heads import HOUR_MS, Signer, kept_key, public
from hub.link import Args
from hub.prunes import Pruner
from hub.store import Store
from hub.worker_figures import Archived

log = logging.getLogger("kentongan.archive")

BATCH: Final = 500
LOOK_S: Final = 1.0
RETRY_FIRST_S, RETRY_MOST_S = 1.0, 30.0

T = TypeVar("T")


class Where(Struct, frozen=True):
    """Where a city's log goes.

    Args:
        head_file: empty: heads are in no file.
        name, zone: what the city is called, and its clock; the archive notes them.
        keeps: kind of personal field -> for how many days; empty: nothing is pruned.
    """

    url: str
    key: Path
    head_file: str = ""
    name: str = ""
    zone: str = ""
    keeps: Mapping[str, int] = {}


class Page(Struct, frozen=True):
    """What the log has behind a position. `whole`: it begins there, nothing between is missing."""

    epoch: str
    entries: list[Logged]
    whole: bool


class Archivist:
    """Archives one city. Two do no harm: whoever writes second reads on from where the first came to."""

    def __init__(
        self,
        store: Store,
        where: Where,
        *,
        open_: Callable[[str, str, str], Archive] = open_archive,
        retry_s: float = RETRY_FIRST_S,
        look_s: float = LOOK_S,
    ) -> None:
        self._store, self._where, self._open = store, where, open_
        self._retry_s, self._look_s = retry_s, look_s
        self.failures = 0
        """Since it was last well."""
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="archive")
        self._archive: Archive | None = None
        self._signer: Signer | None = None
        self._pruner: Pruner | None = None
        self._at = Position()
        self._head_at = self._pruned_at = 0
        self._back = 0
        self._why = ""
        self.figures = Archived(level_at=store.now())

    async def run(self) -> None:
        """Work until cancelled."""
        wait_s = self._retry_s
        try:
            while True:
                try:
                    more = await self.step()
                    wait_s, pause_s = self._retry_s, 0.0 if more else self._look_s
                except Exception as exc:  # whatever it is: timers run in this process
                    await self.failed(exc)
                    pause_s, wait_s = wait_s, min(wait_s * 2, RETRY_MOST_S)
                await asyncio.sleep(pause_s)
        finally:
            await self.close()

    async def close(self) -> None:
        """End the connection; what the thread is at is not waited for."""
        self._thread.submit(self._close)
        self._thread.shutdown(wait=False)

    async def step(self) -> bool:
        """Archive the next page, or sign and prune if it is time; whether there is more.

        Raises:
            ArchiveError: the archive; what was under way is read again.
            StoreError, RedisError: the store.
        """
        if self._archive is None:
            await self._begin()
        page = await self._read()
        notes = self._notes(page)
        if page.entries or notes:
            await self._append([*notes, *page.entries], page.epoch)
        await self._tell()
        more = len(page.entries) >= BATCH
        if not more:
            self._well()
            await self._sign()
            more = await self._prune()
        return more

    # -- the archive ------------------------------------------------------------------------

    async def _begin(self) -> None:
        kind = "demo" if self._store.demo else "real"
        self._archive = await self._sql(self._open, self._where.url, self._store.city, kind)
        if self._where.zone:
            await self._sql(self._archive.call, self._where.name, self._where.zone)
        self._signer = Signer(await self._sql(kept_key, self._where.key), self._store.city)
        self._pruner = Pruner(self._archive, self._signer, self._where.keeps)
        self._pruned_at = 0
        self._at = await self._sql(self._archive.position)
        ((seq, hash_),) = await self._store.many("bulk", [["HMGET", self._store.keys.archive, "seq", "hash"]])
        self._went_back(Link(int(seq or 0), bytes.fromhex((hash_ or b"").decode()) or self._at.link.hash))
        head = await self._sql(self._archive.last_head)
        if head is not None:
            await self._publish(head)

    async def _append(self, entries: list[Logged], epoch: str) -> None:
        assert self._archive is not None
        log_id = next((one.log_id for one in reversed(entries) if one.log_id), self._at.log_id)
        try:
            self._at = await self._sql(self._archive.append, self._at, entries, epoch, log_id)
        except Moved as moved:
            before, self._at = self._at.link, moved.position
            self._went_back(before)
        else:
            self._back = 0

    def _went_back(self, before: Link) -> None:
        """Whether the archive had more rows than it has, or another last one."""
        now = self._at.link
        if before.seq > now.seq or (before.seq == now.seq and before.hash != now.hash):
            self._back = before.seq
            log.error(
                "the archive ends at row %d %s, it ended at row %d %s: another one, restored, or somebody changed it",
                now.seq, now.hash.hex()[:12], before.seq, before.hash.hex()[:12],
            )  # fmt: skip

    async def _sign(self) -> None:
        assert self._archive is not None
        assert self._signer is not None
        now = self._store.now()
        if now < self._head_at + HOUR_MS or not self._at.link.seq:
            return
        last = await self._sql(self._archive.last_head)
        if last is not None and now < last.at + HOUR_MS:  # another worker's
            self._head_at = last.at
            return
        if last is not None and last.public_key != self._signer.public_key:
            log.warning(
                "the heads so far are signed by another key (%s): give all workers the same one", last.public_key
            )
        head = self._signer.head(self._at.link, now)
        await self._sql(self._archive.add_head, head)
        await self._publish(head)

    async def _prune(self) -> bool:
        """Once an hour until nothing is due, a page at a time: what is logged meanwhile goes first."""
        assert self._pruner is not None
        now = self._store.now()
        if now < self._pruned_at + HOUR_MS:
            return False
        changed = await self._sql(self._pruner.step, now)
        if changed:
            log.info("pruned what is kept no longer out of %d rows", changed)
        self._pruned_at = now if changed is None else 0
        return changed is not None

    async def _publish(self, head: Head) -> None:
        told = msgspec.json.encode(public(head))
        await self._store.many("bulk", [["HSET", self._store.keys.archive, "head", told]])
        self._head_at = head.at
        self.figures = replace(self.figures, head_at=head.at)
        if self._where.head_file:
            try:
                await self._sql(write_whole, Path(self._where.head_file), told.decode() + "\n")
            except OSError as exc:
                log.error("the head of the audit log cannot be written to %s: %s", self._where.head_file, exc)

    async def _sql(self, work: Callable[..., T], *args: Any) -> T:
        return await asyncio.get_running_loop().run_in_executor(self._thread, work, *args)

    def _close(self) -> None:
        if self._archive is not None:
            self._archive.close()
            self._archive = None

    # -- the log ------------------------------------------------------------------------------

    async def _read(self) -> Page:
        """The entries behind the position. The one at the position is still there unless the log lost something."""
        keys, at = self._store.keys, self._at.log_id
        rows, length, epoch = await self._store.many(
            "bulk",
            [["XRANGE", keys.audit, at or "-", "+", "COUNT", BATCH + 1], ["XLEN", keys.audit],
             ["HGET", keys.head, "epoch"]],
        )  # fmt: skip
        found = [_logged(*row) for row in rows]
        whole = not at or not found or found[0].log_id == at
        entries = [one for one in found if one.log_id != at][:BATCH]
        self.figures = replace(self.figures, length=length)
        return Page((epoch or b"").decode(), entries, whole)

    def _notes(self, page: Page) -> list[Logged]:
        """What the archive has to say itself about a page."""
        notes: list[tuple[str, dict[str, Any]]] = []
        if self._back:
            notes.append(("archive.back", {"before": self._back}))
        if self._at.epoch and page.epoch and page.epoch != self._at.epoch:
            notes.append(("archive.epoch", {"before": self._at.epoch, "epoch": page.epoch}))
        if not page.whole:
            log.error("the audit log no longer reaches back to %s: entries are lost", self._at.log_id)
            notes.append(("archive.gap", {"after": self._at.log_id, "next": page.entries[0].log_id}))
        base = {"id": "", "by": "archive", "role": "hub", "things": []}
        return [Logged("", 0, self._store.now(), pack({"cmd": cmd, **base, **said})) for cmd, said in notes]

    async def _tell(self) -> None:
        """The store hears how far it is: only behind that the log is trimmed."""
        link = self._at.link
        if self._at.log_id:
            told: Args = ["position", self._at.log_id, "seq", link.seq, "hash", link.hash.hex()]
            await self._store.many("bulk", [["HSET", self._store.keys.archive, *told]])

    # -- how it stands --------------------------------------------------------------------------

    def _well(self) -> None:
        if self._why:
            log.warning("the archive is back: %d rows", self._at.link.seq)
        self._why = ""
        self.figures = replace(self.figures, up=True, level_at=self._store.now(), rows=self._at.link.seq)

    async def failed(self, exc: Exception) -> None:
        """Say it once, and begin anew: the position is read from the archive again."""
        self.failures += 1
        expected = isinstance(exc, ArchiveError | StoreError | RedisError | OSError)
        if str(exc) != self._why:
            log.error("the archive waits, the audit log grows: %s", exc, exc_info=None if expected else exc)
        self._why = str(exc)
        self.figures = replace(self.figures, up=False)
        with contextlib.suppress(StoreError, RedisError):  # how far the log has grown is wanted now above all
            (length,) = await self._store.many("bulk", [["XLEN", self._store.keys.audit]])
            self.figures = replace(self.figures, length=length)
        if not isinstance(exc, StoreError | RedisError):
            await self._sql(self._close)


def _logged(id_: bytes, fields: list[bytes]) -> Logged:
    """An entry as a commit writes it; one of another make is kept with what it has."""
    said = dict(zip(fields[::2], fields[1::2], strict=True))
    commit, at = (int(said[name]) if said.get(name, b"").isdigit() else 0 for name in (b"commit", b"at"))
    return Logged(id_.decode(), commit, at, said.get(b"e", b""))
