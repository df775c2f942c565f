"""The parts of the resident's page when the network goes while they are open: each says so, and claims nothing."""

from __future__ import annotations

import pytest
from playwright.sync_api import APIRequestContext, Page, expect

from tests.browser.buyer import on_screen, send_order, shown_id, tell_who
from tests.browser.city import City
from tests.browser.office import Office
from tests.browser.phone import Phones
from tests.browser.seen import seen
from tests.browser.test_vans import open_stop, service, take, ticket

pytestmark = pytest.mark.timeout(120)
SHOP = "s12"
"""A shop where nobody sells: what is ordered there waits."""


@pytest.fixture
def office(http: APIRequestContext, city: City) -> Office:
    """A van that is due in 9 minutes at its first stop."""
    made = Office(http, city)
    made.today(9, 30)
    return made


def test_offline_is_said(phones: Phones, city: City, office: Office) -> None:
    """Without a network each page keeps what it knew and says so; a number that was taken is not claimed, and an order
    that was cancelled not said to be."""
    phone = phones(place=office.place, bypass_csp=True)
    page = phone.open(f"{city.url}/#info")
    expect(page.get_by_text("Tidak ada pengumuman.").or_(page.locator("#alerts > li").first)).to_be_visible()
    page.goto(f"{city.url}/#cari/toko/{SHOP}/p1")
    tell_who(page)
    send_order(page)
    order = shown_id(page, "order", "placed")
    page.goto(f"{city.url}/#mobil")
    open_stop(page, office.stops[0])
    expect(page.locator('[data-act="ticket.take"][data-service="KK"]')).to_be_visible()
    phone.offline(True)
    expect(page.get_by_text("Tidak tersambung. Ini keadaan terakhir")).to_be_visible(timeout=40_000)
    take(page, "KK")
    expect(service(page, "KK")).to_contain_text("BELUM terkirim")
    expect(page.locator(".van-mine [data-type]")).to_have_count(0)
    seen(page, "vans/offline")
    parts_offline(page, city, order)
    page.goto(f"{city.url}/#mobil/titik/{office.stops[0]}")
    phone.offline(False)
    expect(ticket(page, "go")).to_be_visible(timeout=40_000)
    page.goto(f"{city.url}/#cari/pesanan/{order}")
    expect(on_screen(page, "order", "cancelled")).to_be_visible(timeout=20_000)


def parts_offline(page: Page, city: City, order: str) -> None:
    """What the city announced, a shop, an order and its cancel."""
    page.goto(f"{city.url}/#info")
    expect(page.get_by_text("Tidak tersambung. Ini keadaan terakhir.")).to_be_visible()
    seen(page, "info/offline", part="#page")
    page.goto(f"{city.url}/#cari/toko/{SHOP}")
    expect(page.get_by_text("Belum bisa diperbarui. Ini keadaan")).to_be_visible(timeout=30_000)
    seen(page, "market/shop-kept", part="#page")
    page.goto(f"{city.url}/#cari/pesanan/{order}")
    expect(page.get_by_text("Tidak tersambung. Ini keadaan terakhir.")).to_be_visible()
    page.wait_for_timeout(900)  # where "Pesan" was nothing is cancelled by the same finger
    page.locator('[data-act="order.cancel"]').click()
    expect(page.get_by_text("Pembatalan BELUM terkirim. Terus dicoba ...")).to_be_visible(timeout=10_000)
    seen(page, "market/order-offline", part="#page")
