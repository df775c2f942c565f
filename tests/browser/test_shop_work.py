"""The shop's other panels: pause and busy, goods, hours, the second contact, the day's figures, paper."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, expect

from tests.browser.city import City
from tests.browser.phone import Phones
from tests.browser.seeker import Seeker
from tests.browser.seen import seen

pytestmark = pytest.mark.timeout(120)


def at_work(phones: Phones, city: City, shop: str, panel: str = "") -> Page:
    page: Page = phones(bypass_csp=True).sign_in(city.enrol("seller", "Sri", shop=shop))
    expect(page.locator('#shop-state[data-state="open"]')).to_be_visible(timeout=15_000)
    page.evaluate("panel => { window.location.hash = panel; }", panel)
    return page


# What the bar takes of taps in the moment in which it comes.
AS_IT_COMES = """() => {
  const bar = document.querySelector("#ringbar");
  new MutationObserver((_, watch) => {
    if (bar.hidden) return;
    watch.disconnect();
    window.kt_taken = getComputedStyle(bar).pointerEvents;
  }).observe(bar, { attributes: true });
}"""


def test_a_paused_shop_says_so_takes_orders_for_later_and_resumes(phones: Phones, city: City, seeker: Seeker) -> None:
    """A pause says until when; an order meanwhile does not ring until the shop is opened again with one tap."""
    page = at_work(phones, city, "s18", "#toko")
    page.locator('[data-act="shop.pause"][data-minutes="30"]').click()
    expect(page.locator("#standing")).to_contain_text("Toko dijeda. Buka lagi pukul")
    expect(page.locator("#shop-state")).to_have_text("Dijeda")
    page.evaluate("window.location.hash = ''")
    expect(page.locator('#closed-why[data-why="paused"]')).to_be_visible()
    later = seeker.order("s18", 18_000)
    card = page.locator(f'#open [data-id="{later}"]')
    expect(card).to_contain_text("Titip untuk nanti. Berbunyi saat toko buka, pukul")
    expect(card).to_have_attribute("data-ringing", "false")
    seen(page, "shop/later")
    page.locator('#mend[data-act="shop.resume"]').click()
    expect(page.locator("#closed-why")).to_be_hidden()
    expect(card).to_have_attribute("data-ringing", "true")
    card.locator('[data-act="order.accept"][data-prep="5"]').click()
    expect(card).to_have_attribute("data-state", "accepted")


def test_a_busy_shop_adds_its_minutes(phones: Phones, city: City, seeker: Seeker) -> None:
    """ "+20 menit" says until when, and the next order is accepted with it."""
    page = at_work(phones, city, "s20", "#toko")
    page.locator('[data-act="shop.busy"][data-minutes="20"]').click()
    expect(page.locator("#busy-now")).to_contain_text("ditambah 20 menit, sampai pukul")
    expect(page.locator('[data-act="shop.busy"][data-minutes="20"]')).to_have_attribute("aria-pressed", "true")
    page.evaluate("window.location.hash = ''")
    order = seeker.order("s20", 15_000)
    card = page.locator(f'#open [data-id="{order}"]')
    expect(card).to_contain_text("+20 menit, ramai")
    card.locator('[data-act="order.accept"][data-prep="5"]').click()
    expect(card).to_have_attribute("data-state", "accepted")
    view = seeker.read(order)
    assert view["ready_at"] == view["times"]["accepted"] + 25 * 60_000


def test_sold_out_in_one_tap_is_seen_on_both_phones(phones: Phones, city: City) -> None:
    """ "Habis" and "ada lagi" are one tap; the other phone of the shop shows it too; counted goods go up and down."""
    page, other = (at_work(phones, city, "s21", "#barang") for _ in range(2))
    row = '[data-type="product"][data-id="p1"]'
    page.locator(f'{row} [data-act="product.stock"][data-to="sold_out"]').click()
    for each in (page, other):
        expect(each.locator(f'{row}[data-state="sold_out"]')).to_contain_text("Habis")
    page.locator(f'{row} [data-name="less"]').click()
    expect(page.locator(f'{row} [role="alert"]')).to_have_text("Sudah 0, tidak bisa kurang lagi.")
    for _ in range(3):
        page.locator(f'{row} [data-name="more"]').click()
    expect(page.locator(f'{row} [role="alert"]')).to_have_count(0)
    expect(other.locator(f'{row}[data-state="available"]')).to_contain_text("sisa 3")
    page.locator(f'{row} [data-name="less"]').click()
    expect(other.locator(row)).to_contain_text("sisa 2")
    page.locator(f'{row} [data-act="product.stock"][data-to="sold_out"]').click()
    page.locator(f'{row} [data-act="product.stock"][data-to="available"]').click()
    expect(other.locator(f'{row}[data-state="available"]')).not_to_contain_text("sisa")


def test_goods_are_added_changed_and_taken_away(phones: Phones, city: City) -> None:
    """A form says in words what is wrong, keeps what was typed, and shows nothing as done before the hub has it."""
    page = at_work(phones, city, "s22", "#barang")
    page.locator("#product-add").click()
    form = page.locator("#product-new form")
    form.locator('[data-act="product.save"]').click()
    expect(form.locator(".why").nth(0)).to_have_text("Tulis namanya dulu.")
    expect(form.locator('[name="name"]')).to_be_focused()
    form.locator('[name="name"]').fill("Jam weker")
    form.locator('[name="price"]').fill("-500")
    form.locator('[data-act="product.save"]').click()
    expect(form.locator(".why").nth(1)).to_contain_text("kurang dari nol")
    expect(form.locator('[name="name"]')).to_have_value("Jam weker")
    form.locator('[name="price"]').fill("Rp 85.000")
    form.locator('[name="stock"]').fill("4")
    form.locator('[name="made_here"]').check()
    form.locator('[data-act="product.save"]').click()
    row = page.locator('[data-type="product"]', has_text="Jam weker")
    for text in ("Rp85.000", "sisa 4", "Buatan Mojokerto"):
        expect(row).to_contain_text(text)
    expect(form).to_have_count(0)
    row.locator('[data-name="edit"]').click()
    row.locator('[name="price"]').fill("90000")
    row.locator('[data-act="product.save"]').first.click()
    expect(row).to_contain_text("Rp90.000")
    expect(row).to_contain_text("sisa 4")
    row.locator('[data-name="edit"]').click()
    row.locator('[data-open="remove"]').click()
    row.locator('[data-act="product.save"][data-gone="true"]').click()
    expect(row).to_have_count(0)


def test_hours_and_address_are_the_shops_own(phones: Phones, city: City) -> None:
    """Hours for all days at once; a time that is none is named; closed by them, the page says when it opens."""
    page = at_work(phones, city, "s23", "#toko")
    page.locator("#hours summary").click()
    page.locator('#hours [value="same"]').check()
    page.locator('#hours [name="to-0-0"]').fill("")
    page.locator('#hours [data-act="shop.save"]').click()
    expect(page.locator("#hours-why")).to_contain_text("tulis jamnya")
    page.locator('#hours [name="from-0-0"]').fill("08:30")
    page.locator('#hours [name="to-0-0"]').fill("08:30")  # Until the same time: all day long.
    page.locator('#hours [data-act="shop.save"]').click()
    expect(page.locator("#hours-now")).to_have_text("Tiap hari 08.30-08.30")
    expect(page.locator("#shop-state")).to_have_attribute("data-state", "open")
    page.locator("#hours summary").click()
    page.locator('#hours [value="days"]').check()
    for day in range(7):
        page.locator(f'#hours [data-day="{day}"] .step').click()
    page.locator('#hours [data-act="shop.save"]').click()
    expect(page.locator("#hours-now")).to_have_text("Hari ini tutup")
    expect(page.locator("#standing")).to_have_text("Toko tutup.")
    page.locator("#hours summary").click()
    page.locator('#hours [value="always"]').check()
    page.locator('#hours [data-act="shop.save"]').click()
    expect(page.locator("#shop-state")).to_have_attribute("data-state", "open")
    page.locator("#address summary").click()
    page.locator('#address [name="address"]').fill("Jalan Bhayangkara 5")
    page.locator('#address [name="phone"]').fill("nol delapan")
    page.locator('#address [data-act="shop.save"]').click()
    expect(page.locator("#address .why").nth(1)).to_contain_text("Tulis nomor HP")
    page.locator('#address [name="phone"]').fill("0321 399 888")
    page.locator('#address [data-act="shop.save"]').click()
    expect(page.locator("#address-now")).to_have_text("Jalan Bhayangkara 5")


def test_the_days_figures_and_the_list_to_print(phones: Phones, city: City, seeker: Seeker) -> None:
    """Today's orders stand as a plot with its meaning in words, and on paper as a list and nothing else."""
    page = at_work(phones, city, "s25")
    taken, refused = seeker.order("s25", 11_000), seeker.order("s25", 11_000, quantity=2, note="Dibungkus")
    page.locator(f'[data-id="{taken}"] [data-act="order.accept"][data-prep="5"]').click()
    page.locator(f'[data-id="{refused}"] [data-open="reject"]').click()
    page.locator(f'[data-id="{refused}"] [data-act="order.reject"][data-reason="other"]').click()
    expect(page.locator(f'[data-id="{refused}"][data-state="rejected"]')).to_be_attached()
    page.evaluate("window.location.hash = '#hari'")
    spoken = re.compile(r"^2 pesanan hari ini; paling ramai pukul \d\d, .+ Diterima 1, ditolak 1, tidak terjawab 0\.$")
    expect(page.get_by_role("img", name=spoken)).to_be_visible()
    expect(page.locator('.figure[data-end="accepted"]')).to_contain_text("1")
    seen(page, "shop/day")
    page.emulate_media(media="print")
    expect(page.locator("#print-title")).to_contain_text("Warung Mbak Ita, pesanan")
    expect(page.locator("#print-rows tr")).to_have_count(2)
    expect(page.locator("#print-rows tr").nth(1)).to_contain_text("Dibungkus")
    expect(page.locator("header")).to_be_hidden()
    expect(page.locator("#tabs")).to_be_hidden()


def test_an_order_rings_whatever_panel_is_open(phones: Phones, city: City, seeker: Seeker) -> None:
    """While somebody types a price the form stays; a bar says that an order rings and leads there on this page. The
    tabs stay where they are and are in reach beside it for as long as it rings; a tap that was on its way when it came
    is none on it."""
    page = at_work(phones, city, "s28", "#barang")
    page.evaluate("window.kt_loaded_once = true")
    page.locator('[data-id="p1"] [data-name="edit"]').click()
    page.locator('[data-id="p1"] [name="price"]').fill("16000")
    shop = page.locator('#tabs [data-tab="shop"]')
    place = shop.bounding_box()
    page.evaluate(AS_IT_COMES)
    order = seeker.order("s28", 15_000)
    expect(page.locator("#ringbar")).to_contain_text("Pesanan baru!")
    assert page.evaluate("window.kt_taken") == "none"
    assert shop.bounding_box() == place
    shop.click()
    expect(page.locator("#panel-shop")).to_be_visible()
    expect(page.locator("#ringbar")).to_contain_text("Pesanan baru!")
    page.locator('#tabs [data-tab="products"]').click()
    expect(page.locator('[data-id="p1"] [name="price"]')).to_have_value("16000")
    page.locator("#ringing-see").click()
    card = page.locator(f'#open [data-id="{order}"]')
    card.locator('[data-act="order.accept"][data-prep="10"]').click()
    expect(card).to_have_attribute("data-state", "accepted")
    assert page.evaluate("window.kt_loaded_once"), "the bar loaded the page anew: no line, no sound meanwhile"
    for number in ("119", "112"):
        expect(page.locator(f'header a[href="tel:{number}"]')).to_be_visible()
