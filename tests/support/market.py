"""Shops and products as their service commits them, for whoever follows or searches them without the service."""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Mapping
from typing import Any

import msgspec

from hub.bus import BusChange, Entry
from hub.contract import Change, Decision, SetEntry
from hub.store import Committed, Store
from tests.support.commits import commit
from workers.find import Question
from workers.search import Index, Table
from workers.words import words

View = dict[str, Any]
LAT, LON = -7.47, 112.435
PRIVATE = {
    "owner": "Rahasia", "phone": "081234567890", "contact": {"name": "Rahasia", "phone": "081298765432"},
    "nib": "1234567890123", "deaf": False, "listening": 2, "expired": 1, "self_paused": True,
}  # fmt: skip


def shop(id_: str = "s1", name: str = "Warung Bu Sri", **more: Any) -> View:
    """A shop's view, with what is nobody's business."""
    view = {
        "type": "shop", "id": id_, "state": "open", "at": 1, "name": name, "category": "food", "kelurahan": "kranggan",
        "lat": LAT, "lon": LON, "busy_min": 0, "hours": [], **PRIVATE,
    }  # fmt: skip
    return {**view, **more}


def product(id_: str = "p1", name: str = "Nasi pecel", price: int = 12_000, **more: Any) -> View:
    view = {
        "type": "product", "id": id_, "state": "available", "at": 1, "shop": "s1", "name": name, "price": price,
        "stock": None, "made_here": False,
    }  # fmt: skip
    return {**view, **more}


def order(id_: str = "o1", name: str = "Rahasia") -> View:
    """An order in the shop's topic: personal."""
    return {
        "type": "order", "id": id_, "state": "placed", "at": 1, "shop": "s1", "name": name, "phone": "081234567890",
        "lines": [{"product": "p1", "name": "Nasi rahasia", "quantity": 1, "price": 1}], "note": "rahasia",
    }  # fmt: skip


def named(views: Iterable[View]) -> dict[str, bytes]:
    """Views by their id, encoded as a table has them."""
    return {view["id"]: msgspec.msgpack.encode(view) for view in views}


def table(shop_id: str, *views: View, offset: int = 1) -> Table:
    return Table(shop_id, offset, named(views))


def entry(commit_: int, shop_id: str, *views: View, gone: Iterable[str] = (), topic: str = "shop/") -> Entry:
    """One commit's changes in one shop's topic."""
    changes = [BusChange(topic + shop_id, 0, id_, "k", view) for id_, view in named(views).items()]
    changes += [BusChange(topic + shop_id, 0, id_, "k", None) for id_ in gone]
    return Entry("normal", commit_, "e1", commit_ - 1, 1000 + commit_, changes)


def holding(*shops: tuple[View, ...]) -> Index:
    """A temporary index of shops, each with its products."""
    index = Index()
    index.put(table(views[0]["id"], *views) for views in shops)
    return index


def asks(index: Index, text: str | None = None, **more: Any) -> list[str]:
    """Ids of the shops that these words find."""
    question = Question(None if text is None else words(text), **more)
    return [found["id"] for found in index.find(question, 0)["shops"]]


async def commits(store: Store, shop_id: str, *views: View, gone: Iterable[str] = ()) -> Committed:
    """Commit views of a shop's topic, and its place in the set index, straight at the store."""
    topic = f"shop/{shop_id}"
    changes = [Change(topic, view["id"], "shop.saved", view) for view in views]
    changes += [Change(topic, id_, "shop.gone", None) for id_ in gone]
    member = SetEntry("shops", shop_id)
    done = await commit(store, Decision(changes=tuple(changes), index=(member,)))
    assert isinstance(done, Committed), done
    return done


def many(count: int, products: int = 3) -> Mapping[str, tuple[View, ...]]:
    """So many shops, `Toko 1` and on, with as many products each."""
    numbers = itertools.count(1)
    return {
        f"s{number}": (
            shop(f"s{number}", f"Toko {number}"),
            *(product(f"p{place}", f"Barang {number * 1000 + place}") for place in range(products)),
        )
        for number in itertools.islice(numbers, count)
    }


def distance(one: str, two: str) -> int:
    """Letters changed, added, left out, or swapped with their neighbour (each letter once), counted slowly."""
    rows = [[max(i, j) for j in range(len(two) + 1)] for i in range(len(one) + 1)]
    for i in range(1, len(one) + 1):
        for j in range(1, len(two) + 1):
            same = one[i - 1] == two[j - 1]
            rows[i][j] = min(rows[i - 1][j] + 1, rows[i][j - 1] + 1, rows[i - 1][j - 1] + (not same))
            if i > 1 and j > 1 and one[i - 2 : i] == two[j - 1] + two[j - 2]:
                rows[i][j] = min(rows[i][j], rows[i - 2][j - 2] + 1)
    return rows[-1][-1]
