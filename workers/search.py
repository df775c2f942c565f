"""The index of shops and products: what was committed, found by words.

One transaction takes entries of the log and the position they lead to, so that an index that was
killed says exactly how far it got. It knows nothing of the network; its tables are described in
`workers.search_file`, what it finds in `workers.find`.
"""

from __future__ import annotations

import contextlib
import logging
import sqlite3
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Final

import msgspec
from msgspec import Struct

from hub.bus import BusChange, Entry
from hub.errors import StartError
from workers.find import NOWHERE, Question, find, point
from workers.search_file import SIDES, opened, removed
from workers.shop_views import ProductView, ShopView, by_shop, public
from workers.shown import PLACES, one_shop
from workers.words import CUT_LETTERS, cuts, words

log = logging.getLogger("kentongan.query")

CATEGORY_WORDS: Final[Mapping[str, str]] = {
    "food": "makanan minuman kuliner",
    "goods": "barang dagangan",
    "made_to_order": "pesanan buatan kerajinan",
}
"""What people call a category; a question may use these words."""

MOST_PRODUCTS: Final = 255
"""A shop has at most 200."""


class Position(Struct, frozen=True):
    """How far an index has got in the city's normal lane: its last entry's epoch, commit and time (ms)."""

    epoch: str = ""
    commit: int = 0
    at: int = 0


class Table(Struct, frozen=True):
    """A shop's topic as the store had it, whole; `offset` is the commit of its last change."""

    shop: str
    offset: int
    views: Mapping[str, bytes]


class Index:
    """One index, in a file, or (`path` None) in a temporary one that leaves nothing behind.

    `as_of`: everything that the city committed up to this time (ms) is in it.

    Raises:
        StartError: the file cannot be written, or this Python's SQLite has no FTS5.
    """

    def __init__(self, path: Path | None = None) -> None:
        self.path = path
        self.as_of = 0
        try:
            self._db = opened(path)
        except sqlite3.Error as exc:
            raise StartError(f"the index {path or 'in the temporary folder'} cannot be opened: {exc}") from exc
        self.position = Position(*self._db.execute('SELECT epoch, "commit", at FROM position').fetchone())
        self.holds(self.position.at)
        self._known = {word for (word,) in self._db.execute("SELECT DISTINCT word FROM slip")}

    def close(self) -> None:
        self._db.close()

    def discard(self) -> None:
        """Close it and remove its file."""
        self.close()
        if self.path is not None:
            removed(self.path)

    def move(self, path: Path) -> None:
        """Take the place of another index, which must be closed. A crash leaves the one or the other, whole."""
        assert self.path is not None
        self._db.close()  # its journal is carried into the file and removed
        removed(path, SIDES[1:])
        self.path.replace(path)
        self.path, self._db = path, opened(path)

    def holds(self, at: int) -> None:
        """Say that everything committed before `at` is here; one more commit may still come with that very time."""
        self.as_of = max(self.as_of, at - 1)

    # -- asking -------------------------------------------------------------------------

    def find(self, question: Question, now: int) -> dict[str, Any]:
        """`{shops, more}`; `now` is the city's time in ms."""
        return find(self._db, question, now)

    def shop(self, id_: str, now: int) -> dict[str, Any] | None:
        """One shop with all its products, or None."""
        return one_shop(self._db, id_, now)

    def count(self) -> tuple[int, int]:
        """How many shops can be found, and how many products are kept."""
        (shops,) = self._db.execute("SELECT count(*) FROM place").fetchone()
        (products,) = self._db.execute("SELECT count(*) FROM product").fetchone()
        return shops, products

    # -- taking ---------------------------------------------------------------------------

    def begin(self, position: Position) -> None:
        """Count from here; the tables are still to come."""
        with self._transaction():
            self._set_position(position)

    def apply(self, entries: Sequence[Entry]) -> None:
        """Take entries of the log, in order, and their position: all of it or nothing.

        A change that its shop has seen already (the table was read later than that) is passed over.
        """
        with self._transaction() as touched:
            for entry in entries:
                for shop, changes in by_shop(entry.changes).items():
                    self._take(shop, entry.commit, changes, touched)
            last = entries[-1]
            self._set_position(Position(last.epoch, last.commit, last.at))
        self.holds(last.at)

    def put(self, tables: Iterable[Table]) -> list[str]:
        """Take whole tables as the store had them.

        Returns:
            Shops that have seen a change later than that: their tables must be read again.
        """
        late = []
        with self._transaction() as touched:
            for table in tables:
                _, seen = self._seen(table.shop)
                if seen > table.offset:
                    late.append(table.shop)
                else:
                    self._put(table, touched)
        return late

    def _set_position(self, position: Position) -> None:
        self._db.execute('UPDATE position SET epoch = ?, "commit" = ?, at = ?', msgspec.structs.astuple(position))
        self.position = position

    @contextlib.contextmanager
    def _transaction(self) -> Iterator[set[int]]:
        """All or nothing. Shops whose numbers are put into the set get their words anew before the end."""
        before = self.position
        touched: set[int] = set()
        self._db.execute("BEGIN IMMEDIATE")
        try:
            yield touched
            for n in touched:
                self._gather_words(n)
            self._db.execute("COMMIT")
        except BaseException:
            self.position = before
            with contextlib.suppress(sqlite3.Error):
                self._db.execute("ROLLBACK")
            raise

    # -- shops and products -------------------------------------------------------------------

    def _seen(self, shop: str) -> tuple[int, int]:
        """(number, commit of what it shows); zeros for a shop that is not here."""
        found: tuple[int, int] | None = self._db.execute("SELECT n, seen FROM shop WHERE id = ?", (shop,)).fetchone()
        return found or (0, 0)

    def _saw(self, n: int, shop: str, commit: int) -> int:
        """The shop's number, its row made where it is missing (`n` 0); it shows `commit` now."""
        if n:
            self._db.execute("UPDATE shop SET seen = ? WHERE n = ?", (commit, n))
            return n
        return int(self._db.execute("INSERT INTO shop (id, seen) VALUES (?, ?)", (shop, commit)).lastrowid or 0)

    def _take(self, shop: str, commit: int, changes: Sequence[BusChange], touched: set[int]) -> None:
        """What one commit changed in one shop's topic."""
        n, seen = self._seen(shop)
        if commit <= seen:
            return
        views = {c.id: public(shop, c.id, c.view) for c in changes}
        ours = [c.id for c in changes if views[c.id] is not None or (n and c.view is None)]
        if ours:
            n = self._saw(n, shop, commit)
            for id_ in ours:
                self._set(n, shop, id_, views[id_], touched)

    def _put(self, table: Table, touched: set[int]) -> None:
        n = self._saw(self._seen(table.shop)[0], table.shop, table.offset)
        views = {id_: public(table.shop, id_, view) for id_, view in table.views.items()}
        kept = {id_: view for id_, view in views.items() if view is not None}
        here = {id_ for (id_,) in self._db.execute(f"SELECT id FROM product WHERE {PLACES}", (n, n))}
        for id_ in (here | {table.shop}) - kept.keys():
            self._set(n, table.shop, id_, None, touched)
        for id_, view in kept.items():
            self._set(n, table.shop, id_, view, touched)

    def _set(self, n: int, shop: str, id_: str, view: ShopView | ProductView | None, touched: set[int]) -> None:
        """One view as it is now; None for gone."""
        if isinstance(view, ProductView) or id_ != shop:
            worded = self._set_product(n, id_, view if isinstance(view, ProductView) else None)
        else:
            worded = self._set_shop(n, view)
        if worded:
            touched.add(n)

    def _set_shop(self, n: int, view: ShopView | None) -> bool:
        """Whether its words changed. A shop that is gone keeps its row, hidden: it has seen that it went."""
        before, shown = self._db.execute("SELECT words, view IS NOT NULL FROM shop WHERE n = ?", (n,)).fetchone()
        if view is None:
            self._db.execute("UPDATE shop SET view = NULL, words = '' WHERE n = ?", (n,))
            self._db.execute("DELETE FROM place WHERE n = ?", (n,))
            return self._reword("part_words", n << 8, before, "") or bool(shown)
        now = " ".join(words(f"{view.name} {CATEGORY_WORDS.get(view.category, view.category)} {view.kelurahan}"))
        self._db.execute("UPDATE shop SET view = ?, words = ? WHERE n = ?", (msgspec.msgpack.encode(view), now, n))
        where = NOWHERE if view.lat is None or view.lon is None else point(view.lat, view.lon)
        row = (n, view.state == "open", view.category, view.kelurahan, *where)
        self._db.execute("INSERT OR REPLACE INTO place VALUES (?, ?, ?, ?, ?, ?, ?)", row)
        return self._reword("part_words", n << 8, before, now) or not shown

    def _set_product(self, n: int, id_: str, view: ProductView | None) -> bool:
        """Whether its words changed."""
        row = self._db.execute(f"SELECT n, words FROM product WHERE {PLACES} AND id = ?", (n, n, id_)).fetchone()
        if view is None:
            if row is None:
                return False
            self._db.execute("DELETE FROM product WHERE n = ?", row[:1])
            return self._reword("part_words", row[0], row[1], "")
        number, before = row or (self._free(n), "")
        if not number:
            log.error("a shop has more than %d products; one more is not searched", MOST_PRODUCTS)
            return False
        now = " ".join(words(view.name))
        fields = (number, id_, view.name, view.price, view.state, view.stock, view.made_here, now)
        self._db.execute("INSERT OR REPLACE INTO product VALUES (?, ?, ?, ?, ?, ?, ?, ?)", fields)
        return self._reword("part_words", number, before, now)

    def _free(self, n: int) -> int:
        """A number for one more product of this shop, or 0."""
        first, end = (n << 8) + 1, (n + 1) << 8
        (last,) = self._db.execute(f"SELECT max(n) FROM product WHERE {PLACES}", (n, n)).fetchone()
        if last is None or last + 1 < end:
            return first if last is None else int(last) + 1
        taken = {number for (number,) in self._db.execute(f"SELECT n FROM product WHERE {PLACES}", (n, n))}
        return next((number for number in range(first, end) if number not in taken), 0)

    # -- words ------------------------------------------------------------------------------------

    def _gather_words(self, n: int) -> None:
        """All words of a shop and its products; none for a shop that is hidden."""
        view, own, before = self._db.execute("SELECT view, words, everything FROM shop WHERE n = ?", (n,)).fetchone()
        found = dict.fromkeys(own.split())
        for (some,) in self._db.execute(f"SELECT words FROM product WHERE {PLACES}", (n, n)):
            found.update(dict.fromkeys(some.split()))
        now = " ".join(found) if view is not None else ""
        if self._reword("shop_words", n, before, now):
            self._db.execute("UPDATE shop SET everything = ? WHERE n = ?", (now, n))

    def _reword(self, table: str, row: int, before: str, now: str) -> bool:
        """Change a row's words; FTS5 keeps no copy of them, and must be told exactly what it had."""
        if before == now:
            return False
        if before:
            self._db.execute(f"INSERT INTO {table} ({table}, rowid, words) VALUES ('delete', ?, ?)", (row, before))
        if now:
            self._db.execute(f"INSERT INTO {table} (rowid, words) VALUES (?, ?)", (row, now))
            self._learn(now.split())
        return True

    def _learn(self, some: Iterable[str]) -> None:
        """Keep new words by their cuts. A word that went out of use stays until the next rebuild, and finds nothing."""
        for word in some:
            if word not in self._known:
                self._known.add(word)
                if word.isalpha() and len(word) in CUT_LETTERS:
                    self._db.executemany(
                        "INSERT OR IGNORE INTO slip VALUES (?, ?)", [(cut, word) for cut in cuts(word)]
                    )
