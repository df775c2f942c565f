"""From the normal lane to deliveries: what a service account's own topic says becomes what its webhook is told."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Iterable, Mapping
from typing import Final

import msgspec
from msgspec import Struct

from hub.bus import BusChange, Entry
from hub.commit import unpack
from hub.hooks import PAGE, Hooks, Item, Page, Position, Webhook
from workers.hook_again import TOPIC, TYPES, Gap, again

log = logging.getLogger("kentongan.webhooks")

LAZY_ENTRIES: Final = 500
LAZY_S: Final = 5.0


class Fed(Struct, frozen=True):
    """One step: the webhooks there are, how many deliveries wait for whom got new ones, whether there is more."""

    webhooks: dict[str, Webhook]
    waiting: dict[str, int]
    more: bool


class Feed:
    """Follows the normal lane by the position in the store. Several may: one of them moves it, the others follow.

    The position is written together with the deliveries that it covers. Where
    there are none it is written now and then: whoever reads them again finds none.
    """

    def __init__(self, hooks: Hooks) -> None:
        self._hooks = hooks
        self._known: Position | None = None
        self._loaded = False
        self._written_at = 0.0
        self._count = PAGE
        self.read_to = 0

    async def step(self) -> Fed:
        """Read a page of the log and queue what it holds for webhooks."""
        if not self._loaded:
            self._moved(await self._hooks.position())
        page = await self._hooks.read(self.read_to, self._count)
        self._count = PAGE if page.webhooks else 1
        if self._known is not None and page.epoch != self._known.epoch:
            log.error(
                "webhooks: a new epoch (%s, was %s): the store may have lost its last changes, and receivers may"
                " have been told of them; going on after commit %d",
                page.epoch, self._known.epoch, self.read_to,
            )  # fmt: skip
        gaps: list[Gap] = []
        to = Position(page.epoch, self._follow(page, gaps))
        more = page.head > to.commit
        items = await again(self._hooks.store, page, gaps)
        if gaps:
            _lost(gaps, len(items))
        items += [item for entry in page.entries for item in deliveries(entry, page.webhooks)]
        if not items and not self._worth_writing(to):
            self.read_to = to.commit
            return Fed(page.webhooks, {}, more)
        put = await self._hooks.put(self._known, to, items)
        self._moved(put.position if put.position.epoch else None)
        return Fed(page.webhooks, put.waiting, more or not put.taken)

    def _moved(self, to: Position | None) -> None:
        self._known, self._loaded = to, True
        self.read_to = to.commit if to is not None else 0
        self._written_at = asyncio.get_running_loop().time()

    def _worth_writing(self, to: Position) -> bool:
        known = self._known
        if known is None or known.epoch != to.epoch or to.commit < self.read_to:
            return True
        late = asyncio.get_running_loop().time() - self._written_at > LAZY_S
        return to.commit - known.commit > (0 if late else LAZY_ENTRIES)

    def _follow(self, page: Page, gaps: list[Gap]) -> int:
        """How far the log leads from where we are; what it does not hold on the way is put into `gaps`."""
        at = self.read_to
        if page.head < at:
            log.error("webhooks: the log ends at commit %d, before our position %d; starting anew there", page.head, at)
            return page.head
        if not page.webhooks:
            return page.head  # nobody wants to know
        for entry in page.entries:
            if at and entry.lane_prev != at:
                gaps.append((at, entry.lane_prev))
            at = entry.commit
        if not page.entries and page.head > at:
            if at:
                gaps.append((at, page.head))
            return page.head
        return at


def _lost(gaps: list[Gap], resent: int) -> None:
    for after, to in gaps:
        log.error(
            "webhooks: the log no longer reaches back: commits after %d up to %d were never delivered to anybody",
            after, to,
        )  # fmt: skip
    log.error(
        "webhooks: %d orders and wants of them that still stand are delivered as they stand now; whatever else ended"
        " in them receivers see in their topic (GET /v1/topics/person/<id>)",
        resent,
    )  # fmt: skip


def deliveries(entry: Entry, webhooks: Mapping[str, Webhook]) -> Iterable[Item]:
    """What an entry says of the orders and wants of service accounts that have a webhook."""
    for place, change in enumerate(entry.changes):
        topic, _, person = change.topic.partition("/")
        hook = webhooks.get(person) if f"{topic}/" == TOPIC else None
        if hook is None or entry.commit <= hook.after:
            continue
        view = None if change.view is None else unpack(change.view)
        if not _wanted(change, view):
            continue
        id_ = f"{entry.epoch}.{entry.commit}.{place}"
        body = {
            "id": id_, "at": entry.at, "offset": entry.commit, "kind": change.kind,
            "topic": change.topic, "thing": change.id, "view": view,
        }  # fmt: skip
        yield Item(person, id_, entry.commit, change.id, msgspec.json.encode(body))


def _wanted(change: BusChange, view: object) -> bool:
    """An order, a want, or the end of one: what left the table is known by the kind alone (`order.retired`)."""
    kind = view.get("type") if isinstance(view, dict) else change.kind.partition(".")[0]
    return kind in TYPES
