"""What a log that no longer reaches back would have told webhooks, as far as it still stands.

After a restore no lane has a log, and changes that were not yet deliveries at the backup's cut would never be told.
What stands in a service account's own table and changed last in the gap is delivered once as it stands now
(`order.resent`, `want.resent`), at its own offset. What changed again since is in the log; what has left the table is
known to nobody.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import msgspec

from hub.commit import unpack
from hub.hooks import BATCH, LINK, Item, Page
from hub.link import Args
from hub.store import Store

TYPES: Final = ("order", "want")
TOPIC: Final = "person/"
RESENT: Final = "resent"

Gap = tuple[int, int]
"""After a commit, up to another."""


async def again(store: Store, page: Page, gaps: Sequence[Gap]) -> list[Item]:
    """The deliveries in place of those that are gone, in the order of their changes."""
    if not gaps:
        return []
    found = [one for person in page.webhooks for one in await _of(store, page.epoch, person, gaps)]
    return sorted(found, key=lambda one: one.commit)


async def _of(store: Store, epoch: str, person: str, gaps: Sequence[Gap]) -> list[Item]:
    topic = f"{TOPIC}{person}"
    views = [(id_, unpack(blob)) for id_, blob in (await store.table(LINK, topic)).things.items()]
    mine = [(id_, view) for id_, view in views if view.get("type") in TYPES]
    found = []
    for place in range(0, len(mine), BATCH):
        part = mine[place : place + BATCH]
        # read behind the views: what changes in between has a commit that is in the log
        asked: list[Args] = [["HGET", store.keys.thing(view["type"], id_), "v"] for id_, view in part]
        for (id_, view), told in zip(part, await store.many(LINK, asked), strict=True):
            commit = int(told or 0)
            if any(after < commit <= to for after, to in gaps):
                body = {
                    "id": f"{epoch}.{commit}.{id_}", "at": store.now(), "offset": commit,
                    "kind": f"{view['type']}.{RESENT}", "topic": topic, "thing": id_, "view": view,
                }  # fmt: skip
                found.append(Item(person, body["id"], commit, id_, msgspec.json.encode(body)))
    return found
