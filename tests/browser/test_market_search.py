"""The search's own states, the emergency above all of it, and everything by keyboard and for screen readers."""

from __future__ import annotations

import re
import time

import pytest
from playwright.sync_api import Page, Route, expect

from tests.browser.buyer import choose, on_screen, send_order, tell_who
from tests.browser.city import City
from tests.browser.directory import Directory
from tests.browser.hours import CLOCK
from tests.browser.phone import KRANGGAN, Phones
from tests.browser.seen import seen

pytestmark = pytest.mark.timeout(120)
HOUR_MS = 3_600_000
GONE = {
    "#cari/toko/x": ("Toko ini tidak ada lagi.", "market/shop-gone"),
    "#cari/pesanan/x": ("Pesanan ini sudah tidak ada.", "market/gone"),
    "#cari/tanya/x": ("Pertanyaan ini sudah tidak ada.", "market/question-gone"),
}


def now_ms() -> int:
    return round(time.time() * 1000)


def searching(phones: Phones, city: City, directory: Directory, **options: object) -> Page:
    phone = phones(**{"place": None, "bypass_csp": True, **options})
    directory.answers(phone.context)
    page = phone.open(f"{city.url}/#cari")
    expect(page.locator('[data-type="shop"]').first).to_be_visible()
    return page


def test_open_shops_come_first_and_closed_ones_say_when_they_open(phones: Phones, city: City) -> None:
    """A busy shop says how much longer, a closed one when it opens, sold-out goods that they are, local goods so."""
    directory = Directory(
        "s02", s02={"busy_min": 10, "made_here": True}, s01={"why": "hours", "opens_at": now_ms() + HOUR_MS}
    )
    directory.shops["s02"]["products"][0].update(stock=0, state="sold_out")
    page = searching(phones, city, directory)
    card = page.locator('[data-type="shop"][data-id="s02"]')
    expect(card).to_contain_text("Buka, +10 mnt")
    expect(card).to_contain_text("Buatan Mojokerto")
    expect(card).to_contain_text("Kue lumpur habis")
    page.locator(".search-input").fill("nasi")
    expect(page.locator('[data-type="shop"][data-id="s01"] .pill')).to_have_text(clock_text(now_ms() + HOUR_MS))


def test_a_shop_that_sells_much_is_looked_through(phones: Phones, city: City) -> None:
    """Thirty goods first and a field to look through all; what is sold out stands last and cannot be ordered."""
    directory = Directory("s02", s02={"busy_min": 10, "made_here": True})
    goods = directory.shops["s02"]["products"]
    goods[0].update(stock=0, state="sold_out")
    goods[1].update(stock=3)
    goods += [{**goods[2], "id": f"q{n}", "name": f"Kue kotak isi {n}"} for n in range(1, 38)]
    page = searching(phones, city, directory)
    page.goto(f"{city.url}/#cari/toko/s02")
    rows = page.locator(".order-lines > li")
    expect(rows).to_have_count(30)
    seen(page, "market/shop-much", part="#page")
    page.get_by_role("button", name="Lihat semua barang").click()
    expect(rows).to_have_count(40)
    expect(rows.last).to_contain_text("Habis")
    expect(rows.last.locator('[data-step="1"]')).to_be_hidden()
    page.get_by_placeholder("Cari di toko ini").fill("helikopter")
    expect(page.get_by_text("Tidak ada barang dengan kata itu.")).to_be_visible()


def clock_text(at: int) -> re.Pattern[str]:
    return re.compile(rf"Tutup\. Buka (besok )?{CLOCK.at(at).hour:02d}\.\d\d")


def test_only_a_tap_asks_for_the_position(phones: Phones, city: City) -> None:
    """ "Dekat saya" brings distances where the place is shared, and says what to do where it is not."""
    page = searching(phones, city, Directory("s02"), place=KRANGGAN)
    expect(page.locator(".shop-where").first).to_have_text("Kranggan")
    page.get_by_role("button", name="Dekat saya").click()
    expect(page.locator(".shop-where").first).to_contain_text("350 m")
    shy = searching(phones, city, Directory("s02"))
    shy.get_by_role("button", name="Dekat saya").click()
    expect(shy.get_by_text("Izin lokasi ditolak")).to_be_visible()
    seen(shy, "market/place-denied", part="#page")


def test_the_newest_answer_wins(phones: Phones, city: City) -> None:
    """Letters typed in a row end in what the last of them found."""
    page = searching(phones, city, Directory("s01", "s02"))
    page.locator(".search-input").press_sequentially("kue lumpur", delay=60)
    expect(page.locator('[data-type="shop"]')).to_have_count(1)
    expect(page.locator('[data-type="shop"][data-id="s02"] .product-found')).to_have_text("Kue lumpurRp3.000")


def test_a_category_and_a_kelurahan_narrow_and_the_whole_city_is_one_tap_away(phones: Phones, city: City) -> None:
    """Nothing of that kind in a kelurahan: one tap looks in the whole city."""
    page = searching(phones, city, Directory("s01", "s03"))
    page.get_by_role("button", name="Barang").click()
    expect(page.locator('[data-type="shop"]')).to_have_count(1)
    page.get_by_label("Di mana").select_option("blooto")
    expect(page.get_by_text("Belum ada yang buka di Blooto.")).to_be_visible()
    seen(page, "market/none-open", part="#page")
    page.locator(".search-input").fill("oli motor")
    expect(page.get_by_text("tidak ketemu.")).to_be_visible()
    seen(page, "market/nothing-here", part="#page")
    page.get_by_role("button", name="Cari di seluruh kota").click()
    expect(page.locator('[data-type="shop"][data-id="s03"]')).to_be_visible()


def test_an_index_that_lags_says_how_old_it_is(phones: Phones, city: City) -> None:
    """What is older than five seconds carries its age."""
    directory = Directory("s02")
    directory.lag_ms = 40_000
    page = searching(phones, city, directory)
    expect(page.locator(".found-head")).to_contain_text("data 4")


def test_without_the_directory_the_kelurahans_list_is_looked_through(phones: Phones, city: City) -> None:
    """503: the shops of one kelurahan are shown and searched on the phone, and the page says so."""
    seller = phones().sign_in(city.enrol("seller", "Mela", shop="s02"))
    expect(seller.locator('body[data-state="live"]')).to_be_attached()
    directory = Directory()
    directory.down = True
    page = searching(phones, city, directory)
    expect(page.get_by_text("Pencarian sedang gangguan. Ini daftar toko di Kranggan.")).to_be_visible()
    seen(page, "market/down")
    page.locator(".search-input").fill("lumpur")
    page.locator('[data-type="shop"][data-id="s02"] .product-found').click()
    expect(page.get_by_text("Daftar lengkap belum bisa dibuka")).to_be_visible()
    seen(page, "market/shop-part", part="#page")
    choose(page, "p1")
    directory.down = False
    page.goto(f"{city.url}/#cari")
    expect(page.get_by_text("Pencarian sedang gangguan")).to_be_hidden(timeout=10_000)


def test_without_a_network_the_last_results_stay_with_their_age(phones: Phones, city: City) -> None:
    """Slow and refused it says so, and asks again by itself; offline it says so and keeps what was found; back online
    it asks again by itself."""
    phone = phones(place=None, bypass_csp=True)
    held: list[Route] = []
    phone.context.route("**/v1/shops?*", lambda route: held.append(route))
    page = phone.open(f"{city.url}/#cari")
    expect(page.get_by_text("Masih mencari. Sambungan lambat.")).to_be_visible()
    seen(page, "market/slow", part="#page")
    held.pop().fulfill(status=400, json={"ok": False, "code": "bad_data", "message": "", "retry": False})
    expect(page.get_by_text("Belum bisa dicari. Coba kata lain.")).to_be_visible()
    expect(page.get_by_text("Mencari ...")).to_have_count(0)
    seen(page, "market/failed", part="#page")
    phone.context.unroute_all()
    Directory("s02").answers(phone.context)
    expect(page.locator('[data-type="shop"]').first).to_be_visible(timeout=10_000)
    phone.context.unroute_all()
    phone.offline(True)
    page.locator(".search-input").fill("kue")
    expect(page.get_by_text("Tidak ada sambungan. Ini hasil terakhir")).to_be_visible()
    seen(page, "market/offline")
    expect(page.locator('[data-type="shop"]').first).to_be_visible()
    Directory("s02").answers(phone.context)
    phone.offline(False)
    expect(page.get_by_text("Tidak ada sambungan")).to_be_hidden(timeout=10_000)


def test_the_red_button_is_one_tap_away_from_every_view(phones: Phones, city: City) -> None:
    """On every view the emergency is the first and largest thing: to the button, 119 and 112."""
    page = searching(phones, city, Directory("s01"))
    for view in ("#cari", "#cari/toko/s01", "#cari/tanya", *GONE):
        page.goto(f"{city.url}/{view}")
        bar = page.locator(".sos")
        expect(bar.locator('a[href="tel:119"]')).to_be_in_viewport()
        expect(bar.locator('a[href="tel:112"]')).to_be_in_viewport()
        assert page.evaluate("document.documentElement.scrollWidth") <= 360
        if view in GONE:
            words, state = GONE[view]
            expect(page.get_by_text(words)).to_be_visible()
            seen(page, state)
        bar.get_by_role("link", name="PANGGIL MEDIS").click()
        expect(page.locator("#call")).to_be_in_viewport()


def test_no_view_has_a_violation_that_axe_finds(phones: Phones, city: City) -> None:
    """Search, results, no results, shop, form, order, question."""
    page = searching(phones, city, Directory("s01", "s02", s02={"busy_min": 10, "made_here": True}))
    seen(page, "market/search")
    page.locator(".search-input").fill("nasi")
    expect(page.locator('[data-type="shop"][data-id="s01"] .product-found').first).to_contain_text("Nasi")
    seen(page, "market/found")
    page.locator(".search-input").fill("helikopter")
    expect(page.get_by_text("tidak ketemu.")).to_be_visible()
    seen(page, "market/nothing")
    page.goto(f"{city.url}/#cari/toko/s01")
    choose(page, "p1", 2)
    seen(page, "market/basket")
    tell_who(page)
    send_order(page)
    expect(on_screen(page, "order", "placed")).to_be_visible()
    seen(page, "market/placed")
    page.goto(f"{city.url}/#cari/tanya")
    page.locator('[name="words"]').fill("kue lapis")
    page.locator("label.chip").first.click()
    page.locator('[name="kelurahan"]').select_option("kranggan")
    seen(page, "market/ask")
    page.locator('[data-act="want.post"]').click()
    expect(on_screen(page, "want", "open")).to_be_visible()
    seen(page, "market/asked")


def test_an_order_by_keyboard_alone(phones: Phones, city: City) -> None:
    """Words, a result, one more piece, name, phone and the button, without a pointer."""
    page = searching(phones, city, Directory("s05"))
    tab_to(page, ".search-input")
    page.keyboard.type("campur")
    tab_to(page, '[data-type="shop"][data-id="s05"] .product-found')
    page.keyboard.press("Enter")
    tab_to(page, '[data-id="p2"] [data-step="1"]')
    page.keyboard.press("Enter")
    count = page.locator('[data-id="p2"] .step-count')
    expect(count).to_have_value("2")
    count.fill("3")
    count.press("Enter")
    expect(page.locator(".order-total")).to_have_text("Rp45.000")
    tab_to(page, '[name="name"]')
    page.keyboard.type("Wulan")
    tab_to(page, '[name="phone"]')
    page.keyboard.type("081234567890")
    page.keyboard.press("Enter")
    expect(on_screen(page, "order", "placed")).to_contain_text("Dititipkan")


def tab_to(page: Page, selector: str) -> None:
    """Press Tab until the element has the focus."""
    expect(page.locator(selector)).to_be_visible()
    for _ in range(60):
        if page.evaluate("selector => document.activeElement.matches(selector)", selector):
            return
        page.keyboard.press("Tab")
    raise AssertionError(f"{selector} is not reached by Tab")
