"""A one-time link for the seller of every imported shop, and the file that holds them."""

from __future__ import annotations

import asyncio
import csv
import io
import re
import uuid
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Any, Final

from hub.folder import write_whole
from hub.identity import enrol
from hub.store import Store

# A shop's seller of the register is the same person in every file of links.
SELLERS: Final = uuid.UUID("0c6f3c8a-2d5e-5b0f-9f3a-35760000a11b")
AT_ONCE: Final = 16
# What a spreadsheet would reckon with, unless it is a mere number.
_FORMULA: Final = re.compile(r"[=@\t\r]|[+-](?![\d .,()-]*$)")


def seller_of(shop: str) -> str:
    """The person who sells in a shop of the register: the same whenever a link is made for it."""
    return str(uuid.uuid5(SELLERS, shop))


async def seller_links(
    store: Store, shops: Sequence[dict[str, Any]], base: str, heard: Callable[[int], None]
) -> list[tuple[str, str, str]]:
    """(shop, its name, a link that signs its seller in once, within a day), in the order of `shops`.

    Raises:
        StoreError: the store went away; no link is worth anything then.
    """
    links = [("", "", "")] * len(shops)
    places = iter(range(len(shops)))

    async def work() -> None:
        for place in places:
            shop = shops[place]
            made = await enrol(
                store,
                role="seller",
                name=shop.get("owner", shop["name"]),
                person=seller_of(shop["id"]),
                shop=shop["id"],
            )
            links[place] = (shop["id"], shop["name"], base.rstrip("/") + made.url_path)
            heard(1)

    workers = [asyncio.create_task(work()) for _ in range(AT_ONCE)]
    try:
        await asyncio.gather(*workers)
    finally:
        for worker in workers:
            worker.cancel()
        await asyncio.wait(workers)
    return links


def write_links(path: Path, links: Iterable[tuple[str, str, str]]) -> None:
    """Replace a file by these links, whole or not at all: nobody but its owner may read it."""
    write_whole(path, table(("shop", "name", "link"), links), mode=0o600)


def table(header: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    """CSV. A cell that a spreadsheet would take for a formula begins with an apostrophe."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(header)
    writer.writerows([_inert(str(cell)) for cell in row] for row in rows)
    return out.getvalue()


def _inert(cell: str) -> str:
    return f"'{cell}" if _FORMULA.match(cell) else cell
