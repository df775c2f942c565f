"""What an answer says of a shop and of its products."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from typing import Any, Final

from workers.shop_views import ShopView, restored
from workers.steps import How, Wanted

PLACES: Final = "n > ? << 8 AND n < (? + 1) << 8"
"""The numbers of one shop's products."""

SHOWN_PRODUCTS: Final = 3


def shown(db: sqlite3.Connection, n: int, wanted: Sequence[Wanted], how: How, now: int) -> dict[str, Any]:
    """A shop that was found, with the few of its products that the question is about.

    `matched` is a product that holds as many of the question's words as any product of this shop. A wrong
    letter counts only where it is what brought the shop.
    """
    _, face = _face(db, n, now)
    rows = products(db, n)
    held = [_held(row[-1], wanted, "close" if how == "close" else "begun") for row in rows]
    best = max(held, default=0)
    order = sorted(range(len(rows)), key=lambda place: (-held[place], rows[place][3] != "available", place))
    few = [_product(rows[place], held[place] == best > 0) for place in order[:SHOWN_PRODUCTS]]
    return {**face, **_counted(rows), "products": few}


def one_shop(db: sqlite3.Connection, id_: str, now: int) -> dict[str, Any] | None:
    """One shop with its hours and all its products, or None."""
    row = db.execute("SELECT n FROM shop WHERE id = ? AND view IS NOT NULL", (id_,)).fetchone()
    if row is None:
        return None
    view, face = _face(db, row[0], now)
    rows = products(db, row[0])
    return {**face, **_counted(rows), "hours": view.hours, "products": [_product(one, False) for one in rows]}


def products(db: sqlite3.Connection, n: int) -> list[tuple[Any, ...]]:
    """A shop's products by their ids (`p2` before `p10`), whatever way they came; their words are the last field."""
    fields = "id, name, price, state, stock, made_here, words"
    return db.execute(f"SELECT {fields} FROM product WHERE {PLACES} ORDER BY length(id), id", (n, n)).fetchall()


def _held(some: str, wanted: Sequence[Wanted], how: How) -> int:
    """How many words of the question a product's words hold."""
    here = frozenset(some.split())
    return sum(one.within(here, how) for one in wanted)


def _face(db: sqlite3.Connection, n: int, now: int) -> tuple[ShopView, dict[str, Any]]:
    """A shop's view, and what an answer says of it."""
    (stored,) = db.execute("SELECT view FROM shop WHERE n = ?", (n,)).fetchone()
    view = restored(stored)
    busy = view.busy_until is None or view.busy_until > now
    face = {
        "id": view.id, "name": view.name, "category": view.category, "kelurahan": view.kelurahan,
        "address": view.address, "lat": view.lat, "lon": view.lon, "state": view.state,
        "why": view.why, "opens_at": view.opens_at, "busy_min": view.busy_min if busy else 0,
    }  # fmt: skip
    return view, {key: value for key, value in face.items() if value is not None or key in ("lat", "lon")}


def _product(row: tuple[Any, ...], matched: bool) -> dict[str, Any]:
    id_, name, price, state, stock, made_here, _ = row
    return {
        "id": id_, "name": name, "price": price, "stock": stock, "state": state, "made_here": bool(made_here),
        "matched": matched,
    }  # fmt: skip


def _counted(rows: Sequence[tuple[Any, ...]]) -> dict[str, Any]:
    return {"made_here": any(row[5] for row in rows), "product_count": len(rows)}
