"""Every state of the shop's page without a violation that axe-core can find, at a phone's width and at a desk's."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from tests.browser.buyer import on_screen, send_order, shown_id, tell_who
from tests.browser.city import City
from tests.browser.phone import Phone, Phones
from tests.browser.seeker import Seeker
from tests.browser.seen import seen

pytestmark = pytest.mark.timeout(180)

ACCEPT_S = 180
"""What a shop that sells food has to answer."""


def at_work(phones: Phones, city: City, shop: str) -> tuple[Phone, Page]:
    phone = phones(bypass_csp=True)
    page = phone.sign_in(city.enrol("seller", "Sri", shop=shop))
    page.emulate_media(reduced_motion="reduce")
    expect(page.locator('#shop-state[data-state="open"]')).to_be_visible(timeout=15_000)
    return phone, page


def panel(page: Page, name: str) -> None:
    page.evaluate("name => { window.location.hash = name; }", name)


def test_the_states_of_an_order(phones: Phones, city: City, seeker: Seeker) -> None:
    """Nothing to do, a ringing order, its reasons, ready and not fetched, no connection."""
    phone, page = at_work(phones, city, "s30")
    expect(page.locator("#tabs [aria-current]")).to_have_attribute("data-tab", "orders")
    seen(page, "shop/idle")
    order = seeker.order("s30", 14_000, note="Pedas", fulfilment="delivery", address="Jalan Majapahit 12")
    card = page.locator(f'#open [data-id="{order}"]')
    expect(card).to_have_attribute("data-ringing", "true")
    seen(page, "shop/ring")
    for part in (4, 1.5):  # a quarter, two thirds
        city.later(ACCEPT_S / part + 1, "order.ladder", order=order)
    expect(card).to_contain_text("Belum ada orang kedua")
    seen(page, "shop/ring-loud", at="#open .insist")
    card.locator('[data-open="reject"]').click()
    seen(page, "shop/reject")
    card.get_by_role("button", name="Kembali").click()
    card.locator('[data-act="order.accept"][data-prep="5"]').click()
    expect(card).to_have_attribute("data-state", "accepted")
    seen(page, "shop/accepted")
    card.locator('[data-act="order.advance"][data-to="ready"]').click()
    card.locator('[data-open="cancel"]').click()
    seen(page, "shop/cancel")
    phone.offline(True)
    expect(page.locator('#deaf[data-state="socket"]')).to_be_visible(timeout=10_000)
    seen(page, "shop/offline")
    phone.offline(False)
    card.locator('[data-act="order.cancel"][data-reason="no_show"]').click()
    expect(page.locator(f'#closed [data-id="{order}"][data-state="cancelled"]')).to_be_attached()


def test_orders_that_are_over(phones: Phones, city: City, seeker: Seeker) -> None:
    """Completed; not answered, for the shop and for the buyer; after two of those the shop has paused itself."""
    _, page = at_work(phones, city, "s45")
    over = page.locator("#closed")
    order = seeker.order("s45", 8_000)
    card = page.locator(f'#open [data-id="{order}"]')
    card.locator('[data-act="order.accept"][data-prep="5"]').click()
    for to in ("ready", "completed"):
        card.locator(f'[data-act="order.advance"][data-to="{to}"]').click()
    page.locator("#past summary").click()
    expect(over.locator(f'[data-id="{order}"][data-state="completed"]')).to_be_visible()
    seen(page, "shop/completed", at="#past")
    buyer = phones(place=None, bypass_csp=True).open(f"{city.url}/#cari/toko/s45/p1")
    tell_who(buyer)
    send_order(buyer)
    order = shown_id(buyer, "order", "placed")
    city.later(ACCEPT_S, "order.expire", order=order)
    expect(over.locator(f'[data-id="{order}"][data-state="expired"]')).to_be_visible()
    seen(page, "shop/expired", at="#past")
    expect(on_screen(buyer, "order", "expired")).to_be_visible()
    seen(buyer, "market/expired")
    city.later(ACCEPT_S, "order.expire", order=seeker.order("s45", 8_000))
    expect(page.locator('#closed-why[data-why="self_paused"]')).to_be_visible()
    seen(page, "shop/self-paused")


def test_the_states_of_a_want(phones: Phones, city: City, seeker: Seeker) -> None:
    """A want with a price that is missing, the own answer, and another one picked."""
    _, page = at_work(phones, city, "s32")
    want = seeker.want("food", "teh manis dan gorengan", "magersari", budget=20_000)
    asked = page.locator(f'[data-type="want"][data-id="{want}"]')
    expect(asked).to_have_attribute("data-ringing", "true")
    seen(page, "shop/want")
    asked.locator('[data-open="price"]').click()
    asked.locator('[data-act="want.answer"]').click()
    seen(page, "shop/want-price")
    asked.locator("input").fill("2500")
    asked.locator('[data-act="want.answer"]').click()
    expect(page.locator(f'[data-type="answer"][data-id="want.{want}"]')).to_be_visible()
    seen(page, "shop/want-answered")
    seeker.give("want.close", want=want)
    expect(page.locator(f'[data-id="want.{want}"][data-state="thanked"]')).to_be_visible()
    seen(page, "shop/want-thanked")


def test_the_other_panels(phones: Phones, city: City) -> None:
    """Goods with their forms, the shop with all its forms open and their mistakes, paused, the day."""
    _, page = at_work(phones, city, "s34")
    panel(page, "#barang")
    page.locator('[data-id="p1"] [data-act="product.stock"]').click()
    expect(page.locator('[data-id="p1"][data-state="sold_out"]')).to_be_visible()
    page.locator("#product-add").click()
    page.locator('#product-new [data-act="product.save"]').click()
    page.locator('[data-id="p2"] [data-name="edit"]').click()
    page.locator('[data-id="p2"] [data-open="remove"]').click()
    seen(page, "shop/goods")
    panel(page, "#toko")
    for name in ("hours", "contact", "address"):
        page.locator(f"#{name} summary").click()
    page.locator('#hours [value="days"]').check()
    page.locator('#contact [data-act="shop.save"]').first.click()
    page.locator('[data-act="shop.busy"][data-minutes="10"]').click()
    expect(page.locator("#busy-now")).to_contain_text("ditambah 10")
    seen(page, "shop/place")
    page.locator('[data-act="shop.pause"]:not([data-minutes])').click()
    expect(page.locator("#standing")).to_contain_text("sampai Anda buka lagi")
    seen(page, "shop/paused")
    panel(page, "")
    expect(page.locator("#closed-why")).to_be_visible()
    seen(page, "shop/closed")
    panel(page, "#hari")
    expect(page.locator("#day-none")).to_be_visible()
    seen(page, "shop/day-empty")
    panel(page, "#toko")
    page.reload()
    expect(page.locator('#deaf[data-state="locked"]')).to_be_visible(timeout=10_000)
    seen(page, "shop/sound-locked")


def test_a_phone_that_does_not_hear(phones: Phones, city: City) -> None:
    """Deaf, and in the ring test."""
    page = phones(heard=False, bypass_csp=True).sign_in(city.enrol("seller", "Sri", shop="s37"))
    expect(page.locator('#deaf[data-state="test"]')).to_be_visible()
    seen(page, "shop/deaf")
    page.locator('#deaf [data-act="ring.test"]').click()
    expect(page.locator('#test[data-state="asking"]')).to_be_visible(timeout=10_000)
    seen(page, "shop/ring-test")
