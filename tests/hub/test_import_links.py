"""One-time links for the sellers of a register, and the file that holds them."""

from __future__ import annotations

import asyncio
import csv
from pathlib import Path

import pytest

from hub.errors import StoreError
from hub.identity import Identity
from hub.import_links import AT_ONCE, seller_links, seller_of, table, write_links
from tests.support.live import opened
from tests.support.servers import running_store

SHOPS = [
    {"id": f"nib-{number:013d}", "name": f"Toko {number}", **({"owner": "Sri"} if number == 3 else {})}
    for number in range(3 * AT_ONCE)
]


@pytest.mark.asyncio
async def test_each_link_signs_the_seller_of_its_shop_in_once(valkey_url: str) -> None:
    """In the order of the shops, by the owner's name where there is one; the person is the same in every file."""
    async with opened(valkey_url) as (store, _):
        heard: list[int] = []
        links = await seller_links(store, SHOPS, "https://kota.example/", heard.append)
        again = await seller_links(store, SHOPS[:1], "https://kota.example/", heard.append)
        assert [link[:2] for link in links] == [(shop["id"], shop["name"]) for shop in SHOPS]
        assert sum(heard) == len(SHOPS) + 1
        assert len({link for _, _, link in [*links, *again]}) == len(SHOPS) + 1
        identity = Identity(store)
        for place, name in ((3, "Sri"), (4, "Toko 4")):
            start, _, code = links[place][2].partition("#masuk=")
            assert start == "https://kota.example/shop"
            redeemed = await identity.redeem(code)
            assert redeemed is not None
            actor = redeemed[1]
            assert (actor.role, actor.shop, actor.name) == ("seller", SHOPS[place]["id"], name)
            assert actor.person == seller_of(SHOPS[place]["id"])
            assert await identity.redeem(code) is None


@pytest.mark.asyncio
async def test_a_store_that_is_away_gives_no_links() -> None:
    """Half a file of links would look like a whole one: the first failure ends all, and no task is left behind."""
    with running_store() as server:
        async with opened(server.url) as (store, _):
            server.kill()
            with pytest.raises(StoreError):
                await seller_links(store, SHOPS, "https://kota.example", lambda count: None)
            assert not [task for task in asyncio.all_tasks() if "work" in repr(task.get_coro())]


def test_the_file_is_its_owners_alone(tmp_path: Path) -> None:
    """`shop,name,link`, whole, readable by nobody else; a name is never a formula."""
    path = tmp_path / "links.csv"
    write_links(path, [("nib-1", "=cmd|'x'!A1", "https://a/#masuk=b"), ("nib-2", 'Toko "A", B', "https://a/#masuk=c")])
    assert path.stat().st_mode & 0o777 == 0o600
    with path.open(newline="", encoding="utf-8") as file:
        assert list(csv.reader(file)) == [
            ["shop", "name", "link"],
            ["nib-1", "'=cmd|'x'!A1", "https://a/#masuk=b"],
            ["nib-2", 'Toko "A", B', "https://a/#masuk=c"],
        ]


@pytest.mark.parametrize(
    ("cell", "written"),
    [
        ("+62 812-3456", "+62 812-3456"),
        ("-7.47 112.43", "-7.47 112.43"),
        ("-7+cmd", "'-7+cmd"),
        ("@SUM(A1)", "'@SUM(A1)"),
        ("a=b", "a=b"),
    ],
)
def test_numbers_stay_and_formulas_do_not(cell: str, written: str) -> None:
    """A cell that a spreadsheet would reckon with begins with an apostrophe; a phone and a place are mere numbers."""
    assert table(("x",), [(cell,)]).splitlines()[1] == written
