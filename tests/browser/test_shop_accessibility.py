"""Every state of the shop's page without a violation that axe-core can find, at a phone's width and at a desk's."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Literal

import pytest
from playwright.sync_api import Page, Playwright, ViewportSize, expect

from tests.browser.city import City
from tests.browser.phone import SMALL, Phones
from tests.browser.seeker import Seeker
from tests.browser.test_accessibility import check

WIDE: ViewportSize = {"width": 1280, "height": 800}

pytestmark = pytest.mark.timeout(180)


@pytest.fixture
def seeker(driver: Playwright, city: City) -> Iterator[Seeker]:
    http = driver.request.new_context()
    yield Seeker(http, city)
    http.dispose()


def fits(page: Page) -> None:
    """No violation, and nothing hangs over the edge, at both widths."""
    for size in (WIDE, SMALL):
        page.set_viewport_size(size)
        assert page.evaluate("document.documentElement.scrollWidth") <= size["width"]
        check(page)


def panel(page: Page, name: str) -> None:
    page.evaluate("name => { window.location.hash = name; }", name)


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_states_of_an_order_and_a_want(
    phones: Phones, city: City, seeker: Seeker, scheme: Literal["light", "dark"]
) -> None:
    """Nothing to do, a ringing order, its reasons, in work, over, a want, its price, the own answer."""
    shop = {"light": "s30", "dark": "s32"}[scheme]
    price = {"light": 14_000, "dark": 6_000}[scheme]
    page = phones(bypass_csp=True).sign_in(city.enrol("seller", "Sri", shop=shop))
    page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
    expect(page.locator('#shop-state[data-state="open"]')).to_be_visible(timeout=15_000)
    fits(page)
    order = seeker.order(shop, price, note="Pedas", fulfilment="delivery", address="Jalan Majapahit 12")
    card = page.locator(f'#open [data-id="{order}"]')
    expect(card).to_have_attribute("data-ringing", "true")
    fits(page)
    card.locator('[data-open="reject"]').click()
    fits(page)
    card.get_by_role("button", name="Kembali").click()
    card.locator('[data-act="order.accept"][data-prep="5"]').click()
    card.locator('[data-act="order.advance"][data-to="ready"]').click()
    card.locator('[data-open="cancel"]').click()
    fits(page)
    card.locator('[data-act="order.cancel"][data-reason="no_show"]').click()
    page.locator("#past summary").click()
    want = seeker.want("food", "teh manis dan gorengan", "magersari", budget=20_000)
    asked = page.locator(f'[data-type="want"][data-id="{want}"]')
    asked.locator('[data-open="price"]').click()
    asked.locator('[data-act="want.answer"]').click()
    fits(page)
    asked.locator("input").fill("2500")
    asked.locator('[data-act="want.answer"]').click()
    expect(page.locator(f'[data-type="answer"][data-id="want.{want}"]')).to_be_visible()
    fits(page)
    seeker.give("want.close", want=want)
    expect(page.locator(f'[data-id="want.{want}"][data-state="thanked"]')).to_be_visible()
    fits(page)


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_other_panels(phones: Phones, city: City, scheme: Literal["light", "dark"]) -> None:
    """Goods with their forms, the shop with all its forms open and their mistakes, paused, the day."""
    shop = {"light": "s34", "dark": "s36"}[scheme]
    page = phones(bypass_csp=True).sign_in(city.enrol("seller", "Sri", shop=shop))
    page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
    expect(page.locator('#shop-state[data-state="open"]')).to_be_visible(timeout=15_000)
    panel(page, "#barang")
    page.locator('[data-id="p1"] [data-act="product.stock"]').click()
    expect(page.locator('[data-id="p1"][data-state="sold_out"]')).to_be_visible()
    page.locator("#product-add").click()
    page.locator('#product-new [data-act="product.save"]').click()
    page.locator('[data-id="p2"] [data-name="edit"]').click()
    page.locator('[data-id="p2"] [data-open="remove"]').click()
    fits(page)
    panel(page, "#toko")
    for name in ("hours", "contact", "address"):
        page.locator(f"#{name} summary").click()
    page.locator('#hours [value="days"]').check()
    page.locator('#contact [data-act="shop.save"]').first.click()
    page.locator('[data-act="shop.busy"][data-minutes="10"]').click()
    expect(page.locator("#busy-now")).to_contain_text("ditambah 10")
    fits(page)
    page.locator('[data-act="shop.pause"]:not([data-minutes])').click()
    expect(page.locator("#standing")).to_contain_text("sampai Anda buka lagi")
    fits(page)
    panel(page, "")
    expect(page.locator("#closed-why")).to_be_visible()
    fits(page)
    panel(page, "#hari")
    expect(page.locator("#day-none")).to_be_visible()
    fits(page)


def test_a_phone_that_does_not_hear(phones: Phones, city: City) -> None:
    """Deaf, and in the ring test."""
    page = phones(heard=False, bypass_csp=True).sign_in(city.enrol("seller", "Sri", shop="s37"))
    expect(page.locator('#deaf[data-state="test"]')).to_be_visible()
    fits(page)
    page.locator('#deaf [data-act="ring.test"]').click()
    expect(page.locator('#test[data-state="asking"]')).to_be_visible(timeout=10_000)
    fits(page)
