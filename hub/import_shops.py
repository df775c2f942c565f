"""Write a register into a running city, gently: a few small batches under way, with a rest after each.

Every batch is one `shop.register` through the one door, as actor SYSTEM. The same rows again write nothing, so
whoever was interrupted runs the whole import again.
"""

from __future__ import annotations

import asyncio
import re
import uuid
from collections.abc import Callable, Iterator, Sequence
from typing import Any, Final

from msgspec import Struct

from hub.commit import pack
from hub.contract import SYSTEM
from hub.dispatch import Answer, Dispatch
from hub.errors import StartError
from hub.register import Row
from hub.register_values import MAX_PRODUCTS
from hub.sheet import ROW, Fault, shown

BATCH: Final = 12
"""Shops of one command. 24 would fit (each has a topic of its own, and a commit touches 32), but the store runs one
commit at a time, and an emergency would wait twice as long behind each."""

BATCH_BYTES: Final = 44 * 1024
"""What the changes of one command may come to, estimated: a commit holds 64 KB."""

BATCH_PRODUCTS: Final = MAX_PRODUCTS
"""Products of one command: each is a change of its own."""

SHOP_BYTES, PRODUCT_BYTES = 300, 120
"""What a view adds to the data of a shop and of a product: type, state, time, the shop's id."""

AT_ONCE: Final = 4
REST: Final = 1.0
"""How long each of these waits after a batch, in times that the batch took: a busy store is left alone for longer."""

PATIENCE_S: Final = 20.0
"""How long a store may be away, or refuse for now, before the import gives up."""

PAUSE_S: Final = 0.2
NOT_HERE: Final = frozenset({"unknown_command", "not_allowed"})
_PLACE: Final = re.compile(r"data\.shops\[\d+\](?:\.(\w+))?[^:]*: (?:expected )?(.*)", re.S)


class Imported(Struct, frozen=True):
    """What became of the good rows of a register.

    `faults`: rows that the service refused, one fault each. `left`: rows that are not known to be in.
    `why`: why it ended early, "" when it did not.
    """

    written: int = 0
    same: int = 0
    faults: tuple[Fault, ...] = ()
    left: int = 0
    why: str = ""


def batches(rows: Sequence[Row]) -> Iterator[list[Row]]:
    """Rows in order, in pieces that one commit can hold."""
    batch: list[Row] = []
    size = goods = 0
    for row in rows:
        products = len(row.shop.get("products", ()))
        bytes_ = len(pack(row.shop)) + SHOP_BYTES + PRODUCT_BYTES * products
        full = len(batch) == BATCH or size + bytes_ > BATCH_BYTES or goods + products > BATCH_PRODUCTS
        if batch and full:
            yield batch
            batch, size, goods = [], 0, 0
        batch.append(row)
        size, goods = size + bytes_, goods + products
    if batch:
        yield batch


class Import:
    """One run over the good rows of a register.

    Args:
        heard: told how many more rows are decided.
        patience_s: how long the store may be away.
        rest: as `REST`; 0 hurries.
    """

    def __init__(
        self,
        dispatch: Dispatch,
        rows: Sequence[Row],
        heard: Callable[[int], None],
        *,
        patience_s: float = PATIENCE_S,
        rest: float = REST,
    ) -> None:
        self._dispatch, self._rows, self._heard = dispatch, rows, heard
        self._patience_s, self._rest = patience_s, rest
        self._written = self._same = 0
        self._faults: list[Fault] = []
        self._answered_at = 0.0
        self._why = self._nobody = ""

    async def run(self) -> Imported:
        """Write them all.

        A store that goes away for longer than the patience ends it; what is in stays.

        Raises:
            StartError: the city has no service that takes shops.
        """
        pieces = batches(self._rows)
        self._answered_at = asyncio.get_running_loop().time()
        async with asyncio.TaskGroup() as group:
            for _ in range(AT_ONCE):
                group.create_task(self._work(pieces))
        if self._nobody:
            raise StartError(f"no service here takes shops: {self._nobody}")
        done = self._written + self._same + len(self._faults)
        return Imported(self._written, self._same, tuple(self._faults), len(self._rows) - done, self._why)

    async def _work(self, pieces: Iterator[list[Row]]) -> None:
        loop = asyncio.get_running_loop()
        for piece in pieces:
            began = loop.time()
            await self._put(piece)
            if self._why:
                return
            await asyncio.sleep((loop.time() - began) * self._rest)

    async def _put(self, rows: list[Row]) -> None:
        """One batch to its end; a refused one in halves, so that one row never costs its neighbours."""
        answer = await self._answer(rows)
        if answer is None:
            return
        if answer.ok:
            data = answer.data or {}
            self._written += data["written"]
            self._same += data["same"]
            self._heard(len(rows))
        elif answer.code in NOT_HERE:
            self._why = self._nobody = answer.message
        elif len(rows) == 1:
            self._faults.append(_fault(rows[0], answer))
            self._heard(1)
        else:
            half = len(rows) // 2
            await self._put(rows[:half])
            await self._put(rows[half:])

    async def _answer(self, rows: list[Row]) -> Answer | None:
        """The final answer to one command, asked for again with the same id; None when it is given up."""
        loop, id_ = asyncio.get_running_loop(), str(uuid.uuid4())
        data: dict[str, Any] = {"shops": [row.shop for row in rows]}
        while not self._why:
            answer = await self._dispatch.run("shop.register", data, SYSTEM, id_)
            if not answer.retry:
                self._answered_at = loop.time()
                return answer
            if loop.time() - self._answered_at >= self._patience_s:
                self._why = answer.message
            else:
                await asyncio.sleep(PAUSE_S)
        return None


def _fault(row: Row, answer: Answer) -> Fault:
    """What the service said to one row, in the words of a report."""
    found = _PLACE.fullmatch(answer.message) if answer.code == "bad_data" else None
    if found is None:
        return Fault(row.line, ROW, answer.message, row.shop["id"])
    column = found[1] or ROW
    return Fault(row.line, column, found[2], shown(str(row.shop.get(column, row.shop["id"]))))
