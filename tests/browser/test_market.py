""" "Cari barang": from a word to an order that the shop answers, and what happens when it does not work out."""

from __future__ import annotations

import pytest
from playwright.sync_api import APIRequestContext, Page, expect

from tests.browser.beside import said_beside
from tests.browser.buyer import Seller, choose, on_screen, send_order, shown_id, tell_who
from tests.browser.city import City
from tests.browser.phone import Phone, Phones
from tests.browser.seen import seen

pytestmark = pytest.mark.timeout(120)


@pytest.fixture
def resident(phones: Phones) -> Phone:
    """A resident's phone that shares no place."""
    return phones(place=None, bypass_csp=True)


def seller(phones: Phones, city: City, shop: str) -> Page:
    """A shop's phone that rings."""
    page = phones().sign_in(city.enrol("seller", "Sri", shop=shop))
    expect(page.locator(f'#shop-state[data-id="{shop}"][data-state="open"]')).to_be_visible(timeout=10_000)
    return page


def reject(page: Page, order: str) -> None:
    card = page.locator(f'[data-type="order"][data-id="{order}"]').first
    card.get_by_role("button", name="Tolak").click()
    card.locator('[data-act="order.reject"][data-reason="out_of_stock"]').click()


def test_a_word_with_a_wrong_letter_becomes_an_order_that_is_accepted(
    phones: Phones, city: City, resident: Phone
) -> None:
    """ "nasi pecal" finds Bu Sri's nasi pecel; the tapped product is in the basket, name and phone are asked for
    once, the shop's phone rings, and "diterima" comes with the time."""
    shop = seller(phones, city, "s01")
    page = resident.open(f"{city.url}/#cari")
    page.locator(".search-input").fill("nasi pecal")
    page.locator('[data-type="shop"][data-id="s01"] .product-found', has_text="Nasi pecel").click()
    tell_who(page)
    send_order(page)
    order = shown_id(page, "order", "placed")
    expect(page.locator(".order-left")).to_contain_text("lagi")
    expect(page.locator(".order-heard")).to_contain_text("HP penjual berbunyi", timeout=10_000)
    shop.locator(f'[data-id="{order}"] [data-act="order.accept"][data-prep="20"]').click()
    expect(on_screen(page, "order", "accepted")).to_contain_text("Diterima, siap")
    page.goto(f"{city.url}/#")
    line = page.locator(f'#lines [data-type="order"][data-id="{order}"][data-state="accepted"]')
    line.click()
    expect(on_screen(page, "order", "accepted")).to_be_visible()
    shop.locator(f'[data-id="{order}"] [data-act="order.advance"][data-to="preparing"]').click()
    expect(on_screen(page, "order", "preparing")).to_contain_text("Disiapkan, siap")
    expect(page.locator('[data-act="order.cancel"]')).to_be_hidden()
    seen(page, "market/preparing", part="#page")


def test_who_is_asked_for_once_and_a_second_order_is_two_taps(city: City, resident: Phone) -> None:
    """Name and phone stay on the device; the order is cancelled with one tap while nobody has accepted it."""
    page = resident.open(f"{city.url}/#cari/toko/s02")
    choose(page, "p1")
    tell_who(page)
    send_order(page)
    first = shown_id(page, "order", "placed")
    expect(page.get_by_text("Berbunyi di toko")).to_be_visible()
    page.wait_for_timeout(900)  # The finger that ordered does not cancel: its second tap is ignored for a while.
    page.locator('[data-act="order.cancel"]').click()
    expect(on_screen(page, "order", "cancelled")).to_be_visible()
    seen(page, "market/cancelled")
    page.goto(f"{city.url}/#cari/toko/s02")
    choose(page, "p1")
    expect(page.locator('form [name="name"]')).to_be_hidden()
    send_order(page)
    assert shown_id(page, "order", "placed") != first


def test_a_new_price_is_shown_and_one_tap_orders_at_it(city: City, http: APIRequestContext, resident: Phone) -> None:
    """The price changed after the list was drawn: nothing is ordered, the new one is named, the next tap orders."""
    till = Seller(http, city, "s07")
    page = resident.open(f"{city.url}/#cari/toko/s07")
    row = page.locator('.order-lines [data-type="product"]').first
    product = str(row.get_attribute("data-id"))
    choose(page, product)
    tell_who(page)
    till.run("product.save", product=product, price=98_700)
    send_order(page)
    expect(page.locator(".order-said")).to_contain_text("Rp98.700")
    seen(page, "market/price-changed", at=".order-said")
    expect(page.locator(".order-total")).to_have_text("Rp98.700")
    send_order(page)
    expect(on_screen(page, "order", "placed")).to_be_visible()
    expect(page.locator(".receipt")).to_contain_text("Rp98.700")


def test_what_is_left_is_said_and_set(city: City, http: APIRequestContext, resident: Phone) -> None:
    """Three wanted, two left: the page says so, sets two, and the next tap orders them; whom the seller then cannot
    serve after all is told why, and where to look."""
    till = Seller(http, city, "s03")
    page = resident.open(f"{city.url}/#cari/toko/s03")
    choose(page, "p3", 3)
    tell_who(page)
    till.stock("p3", 2)
    send_order(page)
    expect(page.locator(".order-said")).to_contain_text("Busi tinggal 2")
    seen(page, "market/fewer-left", part="#page", at=".order-said")
    expect(page.locator('[data-id="p3"] .step-count')).to_have_value("2")
    send_order(page)
    expect(page.locator(".receipt")).to_contain_text("2 × Busi")
    order = shown_id(page, "order", "placed")
    till.run("order.accept", order=order, prep_min=10)
    till.run("order.cancel", order=order, reason="out_of_stock")
    expect(on_screen(page, "order", "cancelled")).to_contain_text("Dibatalkan penjual: barang habis")
    seen(page, "market/seller-cancelled", part="#page")


def test_a_fourth_open_order_is_refused_in_words(city: City, resident: Phone) -> None:
    """Three orders are open: the fourth is not sent, and the page says what to do."""
    page = resident.open(f"{city.url}/#cari/toko/s04")
    for number in range(4):
        if number:
            page.goto(f"{city.url}/#cari/toko/s04")
        choose(page, "p2")
        if not number:
            tell_who(page)
        send_order(page)
        if number < 3:
            expect(on_screen(page, "order", "placed")).to_be_visible()
    expect(page.locator(".order-said")).to_contain_text("Sudah ada 3 yang berjalan")
    seen(page, "market/too-many", at=".order-said")


def test_a_rejected_order_goes_elsewhere_with_one_tap(phones: Phones, city: City, resident: Phone) -> None:
    """Rejected: the nearest open shop with such goods is named with its price; one tap orders there."""
    first, second = seller(phones, city, "s01"), seller(phones, city, "s05")
    page = resident.open(f"{city.url}/#cari/toko/s01/p1")
    tell_who(page)
    send_order(page)
    reject(first, shown_id(page, "order", "placed"))
    expect(on_screen(page, "order", "rejected")).to_contain_text("barang habis")
    page.locator('.elsewhere [data-act="order.place"][data-shop="s05"]').click()
    order = shown_id(page, "order", "placed")
    expect(second.locator(f'[data-id="{order}"][data-state="placed"]').first).to_be_visible()
    expect(page.locator(".receipt")).to_contain_text("Nasi campur")


def test_a_rejected_order_is_asked_of_all_sellers_with_one_tap(phones: Phones, city: City, resident: Phone) -> None:
    """Rejected: one tap asks all sellers in the words of the order."""
    shop = seller(phones, city, "s01")
    page = resident.open(f"{city.url}/#cari/toko/s01")
    choose(page, "p2", 2)
    tell_who(page)
    send_order(page)
    reject(shop, shown_id(page, "order", "placed"))
    page.locator('.elsewhere [data-act="want.post"]').click()
    expect(on_screen(page, "want", "open")).to_contain_text("2 buah")
    expect(page.locator(".market h1")).to_have_text("Soto ayam")


def test_an_order_without_a_network_says_so_and_arrives_once(city: City, resident: Phone) -> None:
    """Offline the page says that nothing is certain and keeps what was typed; back online the order is there once."""
    page = resident.open(f"{city.url}/#cari/toko/s06")
    choose(page, "p1", 2)
    tell_who(page)
    resident.offline(True)
    send_order(page)
    pending = page.locator('.order-said[data-state="unsent"], .order-said[data-state="unconfirmed"]')
    expect(pending).to_be_visible(timeout=10_000)
    seen(page, "market/unsent", at=".order-said")
    command = pending.get_attribute("data-id")
    page.goto(f"{city.url}/#")
    expect(page.locator(f'#lines [data-id="{command}"]')).to_be_visible()
    page.locator(f'#lines [data-id="{command}"]').click()
    expect(page.locator('[data-id="p1"] .step-count')).to_have_value("2")
    resident.offline(False)
    order = shown_id(page, "order", "placed")
    page.goto(f"{city.url}/#cari")
    expect(page.locator('.mine [data-type="order"]')).to_have_count(1)
    expect(page.locator(".mine")).to_contain_text("Apotek Kranggan")
    assert page.locator('.mine [data-type="order"]').get_attribute("data-id") == order
    page.reload()
    expect(page.locator('.mine [data-type="order"]')).to_have_count(1)
    seen(page, "market/mine", part="#page")


def test_a_closed_shop_says_that_it_is_for_later(city: City, resident: Phone) -> None:
    """Before the tap a closed shop says "titip untuk nanti"; the order then waits for the opening."""
    page = resident.open(f"{city.url}/#cari/toko/s08")
    expect(page.get_by_text("Titip untuk nanti")).to_be_visible()
    page.locator('.order-lines [data-step="1"]').first.click()
    tell_who(page)
    expect(page.locator('.order-foot [data-act="order.place"]')).to_have_text("Titip pesanan")
    seen(page, "market/closed-shop")
    send_order(page)
    expect(on_screen(page, "order", "placed")).to_contain_text("Dititipkan")
    seen(page, "market/later", part="#page")


def test_what_is_missing_is_said_in_words(city: City, resident: Phone) -> None:
    """A name, a real number, an address for a delivery: said beside each field, kept, and nothing is sent before."""
    page = resident.open(f"{city.url}/#cari/toko/s09")
    page.locator('.order-lines [data-step="1"]').first.click()
    page.locator('[value="delivery"]').check()
    page.locator('[name="phone"]').fill("lupa")
    for field, right, words in (
        ("address", "Wulan", "Isi dulu alamat antarnya."),
        ("name", "Wulan", "Isi dulu nama Anda."),
        ("phone", "0812 3456 7890", "Nomor HP belum benar."),
    ):
        send_order(page)
        expect(page.locator(f'[name="{field}"]')).to_be_focused()
        said_beside(page, field, words)
        if field == "phone":
            seen(page, "market/missing", at='[name="phone"]')
        page.locator(f'[name="{field}"]').fill(right)
        said_beside(page, field, "")
    send_order(page)
    expect(on_screen(page, "order", "placed")).to_be_visible()
