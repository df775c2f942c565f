"""The index: what it takes, what it passes over, how far it says it got, and what it never holds."""

from __future__ import annotations

import contextlib
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hub.bus import BusChange, Entry
from hub.errors import StartError
from tests.support.market import View, asks, entry, holding, named, order, product, shop, table
from workers.search import MOST_PRODUCTS, Index, Position


def test_what_was_applied_is_found_and_counted_in_the_same_step() -> None:
    """A shop, its products and the position come together."""
    index = Index()
    assert index.position == Position("", 0, 0)
    index.apply([entry(7, "s1", shop(), product())])
    assert index.position == Position("e1", 7, 1007)
    assert asks(index, "pecel") == ["s1"]
    assert index.count() == (1, 1)


def test_a_price_and_habis_are_shown_as_they_are_now() -> None:
    """A change of price, stock or state needs no new words to be seen."""
    index = holding((shop(), product()))
    index.apply([entry(2, "s1", product(price=13_000, state="sold_out", stock=0))])
    shown = index.shop("s1", 0)
    assert shown is not None
    (pecel,) = shown["products"]
    assert (pecel["price"], pecel["state"], pecel["stock"]) == (13_000, "sold_out", 0)


def test_a_renamed_product_is_found_by_its_new_name_alone() -> None:
    """Old words go, new ones come, those of other products stay."""
    index = holding((shop(), product("p1", "Nasi pecel"), product("p2", "Nasi uduk")))
    index.apply([entry(2, "s1", product("p1", "Rawon"))])
    assert [asks(index, word) for word in ("pecel", "rawon", "nasi", "sri")] == [[], ["s1"], ["s1"], ["s1"]]


def test_a_product_that_is_gone_is_not_found() -> None:
    """Only its own words go with it."""
    index = holding((shop(), product("p1", "Nasi pecel"), product("p2", "Nasi uduk")))
    index.apply([entry(2, "s1", gone=["p1"])])
    assert asks(index, "pecel") == []
    assert asks(index, "nasi") == ["s1"]
    assert index.count() == (1, 1)


def test_a_shop_that_is_gone_is_not_found_and_may_come_back() -> None:
    """Neither by name nor by its products; a later view brings it back whole."""
    index = holding((shop(), product()))
    index.apply([entry(2, "s1", gone=["s1"])])
    assert asks(index, "pecel") == asks(index, "sri") == asks(index) == []
    assert index.shop("s1", 0) is None
    index.apply([entry(3, "s1", shop())])
    assert asks(index, "pecel") == asks(index, "sri") == ["s1"]


def test_products_that_come_before_their_shop_wait_for_it() -> None:
    """Order within and between commits does not matter."""
    index = Index()
    index.apply([entry(1, "s1", product())])
    assert asks(index, "pecel") == []
    index.apply([entry(2, "s1", shop())])
    assert asks(index, "pecel") == ["s1"]


def test_a_change_that_a_table_has_seen_is_passed_over() -> None:
    """The log repeats what a table already shows: an older view never replaces a newer one."""
    index = Index()
    index.put([table("s1", shop(), product(price=3), offset=30)])
    index.apply([entry(20, "s1", product(price=2)), entry(30, "s1", product(price=2))])
    shown = index.shop("s1", 0)
    assert shown is not None
    assert shown["products"][0]["price"] == 3
    assert index.position.commit == 30
    index.apply([entry(31, "s1", product(price=4))])
    shown = index.shop("s1", 0)
    assert shown is not None
    assert shown["products"][0]["price"] == 4


def test_a_table_older_than_what_was_applied_is_asked_for_again() -> None:
    """`put` names the shops whose tables came too late, and leaves them as they are; gone ones stay gone."""
    index = Index()
    index.apply([entry(5, "s1", shop(name="Baru")), entry(6, "s2", shop("s2")), entry(7, "s2", gone=["s2"])])
    tables = [table("s1", shop(name="Lama"), offset=4), table("s2", shop("s2"), offset=6), table("s3", shop("s3"))]
    assert index.put(tables) == ["s1", "s2"]
    assert sorted(asks(index)) == ["s1", "s3"]
    assert asks(index, "baru") == ["s1"]
    assert index.put([table("s1", shop(name="Baru"), offset=5)]) == []


def test_a_table_replaces_all_that_was_there() -> None:
    """What a table does not have is gone."""
    index = holding((shop(), product("p1", "Nasi pecel"), product("p2", "Rawon")))
    index.put([table("s1", shop(name="Depot Barokah"), product("p2", "Soto"), offset=9)])
    assert [asks(index, word) for word in ("pecel", "rawon", "sri")] == [[], [], []]
    assert asks(index, "soto") == asks(index, "barokah") == ["s1"]
    index.put([table("s1", offset=10)])
    assert index.count() == (0, 0)


def test_orders_answers_and_people_never_enter(tmp_path: Path) -> None:
    """Not a byte of an order, an answer to a want, an owner, a phone or a second contact is in the file."""
    index = Index(tmp_path / "search.sqlite")
    answer = {"type": "answer", "id": "want.1", "want": "1", "state": "open", "at": 1, "words": "rahasia"}
    index.apply([entry(1, "s1", shop(), product(), order(), answer)])
    index.put([table("s2", shop("s2"), order("o2"), answer)])
    index.apply([entry(2, "s1", order(), gone=["o1", "want.1"]), entry(3, "s9", order(), gone=["o2"])])
    assert asks(index, "rahasia") == []
    assert index.count() == (2, 1)
    index.close()
    written = b"".join(path.read_bytes() for path in tmp_path.iterdir()).lower()
    assert b"pecel" in written
    for private in (b"rahasia", b"0812", b"1234567890123", b"o1"):
        assert private not in written, private


def test_other_topics_are_only_counted() -> None:
    """What is not a shop's own topic moves the position and nothing else."""
    index = Index()
    for commit, topic in enumerate(("shops/", "person/", "dispatch/"), 1):
        index.apply([entry(commit, "s1", shop(), topic=topic)])
    assert index.position.commit == 3
    assert asks(index) == []


def test_a_view_that_is_none_is_passed_over(caplog: pytest.LogCaptureFixture) -> None:
    """A view that cannot be read is logged by its topic, and what was there stays."""
    index = holding((shop(), product()))
    index.apply([entry(2, "s1", {**product(), "price": "free"}, {**shop("s2")})])
    index.apply([Entry("normal", 3, "e1", 2, 3, [BusChange("shop/s1", 0, "p1", "k", b"\xc1")])])
    assert asks(index, "pecel") == ["s1"]
    assert asks(index) == ["s1"]
    assert caplog.text.count("a view in shop/s1 is none of ours") == 2
    assert "free" not in caplog.text


def test_a_shop_keeps_its_most_products_and_no_more(caplog: pytest.LogCaptureFixture) -> None:
    """One too many is logged and not searched; a place that became free is taken again."""
    goods = [product(f"p{number}", f"Barang {number}") for number in range(MOST_PRODUCTS)]
    index = holding((shop(), *goods))
    index.apply([entry(2, "s1", product("q", "Payung"))])
    assert "more than 255 products" in caplog.text
    assert asks(index, "payung") == []
    index.apply([entry(3, "s1", gone=["p7"]), entry(4, "s1", product("q", "Payung"))])
    assert asks(index, "payung") == ["s1"]
    assert index.count() == (1, MOST_PRODUCTS)


def test_a_file_is_opened_where_it_was_left(tmp_path: Path) -> None:
    """Position, words and forgiven letters are there again."""
    path = tmp_path / "search.sqlite"
    index = Index(path)
    index.apply([entry(7, "s1", shop(), product())])
    index.close()
    index = Index(path)
    assert index.position == Position("e1", 7, 1007)
    assert asks(index, "pecle") == ["s1"]
    index.discard()
    assert list(tmp_path.iterdir()) == []


def test_a_killed_writer_leaves_words_and_position_of_the_same_commit(tmp_path: Path) -> None:
    """What was not committed is not there, and the position says so."""
    path = tmp_path / "search.sqlite"
    index = Index(path)
    index.apply([entry(7, "s1", shop())])
    with contextlib.suppress(ZeroDivisionError), index._transaction():
        index._set_position(Position("e1", 8, 1008))
        raise ZeroDivisionError
    assert index.position == Position("e1", 7, 1007)
    copy = tmp_path / "copy.sqlite"
    for side in ("", "-wal"):
        copy.with_name(copy.name + side).write_bytes(path.with_name(path.name + side).read_bytes())
    killed = Index(copy)
    assert killed.position == Position("e1", 7, 1007)
    assert asks(killed, "sri") == ["s1"]
    killed.close()
    index.close()


def test_a_place_that_cannot_be_written_is_one_sentence(tmp_path: Path) -> None:
    """The file is named."""
    with pytest.raises(StartError, match=r"search\.sqlite cannot be opened"):
        Index(tmp_path / "none" / "search.sqlite")


CHANGES = st.lists(
    st.tuples(
        st.sampled_from(["s1", "s2"]),
        st.sampled_from(["shop", "p1", "p2", "gone shop", "gone p1", "gone p2"]),
        st.sampled_from(["nasi", "nasi goreng", "soto", "es teh"]),
    ),
    max_size=12,
)


@given(CHANGES, st.integers(1, 4))
@settings(deadline=None)
def test_any_history_ends_as_its_last_tables_do(history: list[tuple[str, str, str]], batch: int) -> None:
    """An index that followed every change answers as one that reads the tables at the end."""
    followed = Index()
    tables: dict[str, dict[str, View]] = {"s1": {}, "s2": {}}
    entries = []
    for commit, (id_, what, name) in enumerate(history, 1):
        here = id_ if what.endswith("shop") else what.removeprefix("gone ")
        if what.startswith("gone"):
            tables[id_].pop(here, None)
            entries.append(entry(commit, id_, gone=[here]))
        else:
            view = shop(id_, name) if what == "shop" else product(what, name)
            tables[id_][here] = view
            entries.append(entry(commit, id_, view))
    for start in range(0, len(entries), batch):
        followed.apply(entries[start : start + batch])
    read = holding()
    read.put(table(id_, *views.values()) for id_, views in tables.items())
    for word in (None, "nasi", "goreng", "nasi goreng", "soto", "nasi soto", "es te", "naso"):
        assert sorted(asks(followed, word)) == sorted(asks(read, word)), word
    followed.close()
    read.close()


def test_views_are_named_by_their_id() -> None:
    """The support encodes what the store would."""
    assert set(named([shop(), product()])) == {"s1", "p1"}
