"""Whether a store's replicas have what was written: for what must be nowhere any more, and what must outlive the store.

A commit waits for its replicas by itself (`Store.commit`, with `KENTONGAN_REPLICAS`). What is none, the last step of an
erasure and a restore's switch, is asked about here: of every replica that is connected now, and of as many as hubs wait
for. A replica that is not connected is known to nobody: it follows when it comes back, by the store's own means.
"""

from __future__ import annotations

import asyncio
from typing import Final

from msgspec import Struct

from hub.safety import fields
from hub.store import Store

LINK: Final = "bulk"
WITHIN_S: Final = 5.0
SLICE_MS: Final = 50
"""WAIT holds its connection, and with it whatever else goes by this link."""


class Had(Struct, frozen=True):
    """How many replicas should have it, and how many said that they do; none and none for a store alone."""

    wanted: int = 0
    have: int = 0

    @property
    def by_all(self) -> bool:
        return self.have >= self.wanted


async def had(store: Store, within_s: float | None = None) -> Had:
    """Whether replicas have all that was written before this was asked; waits for them.

    Args:
        within_s: how long; None: `WITHIN_S`.

    Raises:
        StoreError: the store could not be asked.
    """
    (info,) = await store.many(LINK, [["INFO", "replication"]])
    wanted, have = max(store.replicas, int(fields(info).get("connected_slaves", "0"))), 0
    loop = asyncio.get_running_loop()
    until = loop.time() + (WITHIN_S if within_s is None else within_s)
    while have < wanted and loop.time() < until:
        # WAIT covers what its own connection wrote last, and so all that the store took before that
        fence = store.keys.prefix + "fence"
        _, have = await store.many(LINK, [["SET", fence, 1], ["WAIT", wanted, SLICE_MS]])
    return Had(wanted, have)
