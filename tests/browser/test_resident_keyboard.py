"""The resident's page without a finger: Tab, Enter and Space; the focus is always seen and never lost."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from tests.browser.city import City
from tests.browser.keys import kept, press, tab_to, watch
from tests.browser.phone import FARTHER, Phones, medic_on_duty, request_of, shows

pytestmark = pytest.mark.timeout(120)


@pytest.fixture
def page(phones: Phones, city: City) -> Page:
    phone = phones(place=FARTHER)
    watch(phone.context)
    opened = phone.open(city.url)
    expect(opened.locator("#standing")).not_to_have_attribute("data-state", "unknown")
    return opened


def cancel(page: Page, key: str) -> None:
    """Within grace with one key, after it with a reason: the button under the focus may change into the other."""
    press(page, page.locator(".cancel button").first, key)
    reason = page.locator('[data-reason="mistake"]')
    expect(page.locator('#status[data-state="cancelled"]').or_(reason)).to_be_visible()
    if reason.is_visible():
        press(page, reason, key)
    shows(page, "cancelled")


def test_a_call_an_answer_a_cancel_and_a_drill(phones: Phones, city: City, page: Page) -> None:
    """Called, cancelled, called again, two questions answered, cancelled once more; a drill from its button to its end.
    Each screen begins where the focus is put."""
    medic_on_duty(phones(place=FARTHER), city.enrol("medic", "Tono", vehicle="motor"))
    press(page, page.locator("#call"))
    expect(page.locator("#sheet-yes")).to_be_focused()
    kept(page)
    page.keyboard.press("Enter")
    expect(page.locator("#headline")).to_be_focused()
    first = request_of(page)
    cancel(page, "Space")
    kept(page)
    press(page, page.locator('.cancel [data-act="medic.call"]'))
    assert request_of(page) != first
    kept(page)
    press(page, page.locator('[data-key="for"][data-value="family"]'))
    expect(page.locator('[data-key="breathing"]').first).to_be_visible()
    kept(page)
    press(page, page.locator('[data-key="breathing"][data-value="yes"]'), "Space")
    expect(page.locator('[data-key="awake"]').first).to_be_visible()
    kept(page)
    cancel(page, "Enter")
    press(page, page.locator(".cancel .quiet"))
    expect(page.locator("#call")).to_be_focused()
    press(page, page.locator("#drill"))
    expect(page.locator("#sheet-yes")).to_be_focused()
    page.keyboard.press("Space")
    expect(page.locator("#drill-band")).to_be_visible()
    request_of(page)
    press(page, page.locator("#drill-band button"))
    expect(page.locator("#home")).to_be_visible()
    kept(page)


def test_the_three_tiles_and_an_order(page: Page) -> None:
    """Each tile opens its page at its heading and "back" leads to the tile again; from a typed word to an order and its
    cancellation."""
    for name in ("mobil", "info", "cari"):
        press(page, page.locator(f"#door-{name}"))
        expect(page.locator("#page h1")).to_be_focused()
        kept(page)
        press(page, page.locator(".page-back"))
        expect(page.locator(f"#door-{name}")).to_be_focused()
        kept(page)
    page.keyboard.press("Enter")
    tab_to(page, page.locator(".search-input"))
    page.keyboard.type("nasi pecal")
    page.keyboard.press("Enter")
    found = page.locator('[data-type="shop"][data-id="s01"] .product-found', has_text="Nasi pecel")
    press(page, found)
    expect(page.locator("#page h1")).to_be_focused()
    kept(page)
    press(page, page.locator('.order-lines [data-step="1"]').first, "Space")
    for field, text in (("name", "Wulan"), ("phone", "081234567890")):
        tab_to(page, page.locator(f'form [name="{field}"]'))
        page.keyboard.type(text)
    press(page, page.locator('.order-foot [data-act="order.place"]'))
    expect(page.locator('section[data-type="order"][data-state="placed"]')).to_be_visible()
    kept(page)
    press(page, page.locator('[data-act="order.cancel"]'))
    expect(page.locator('section[data-type="order"][data-state="cancelled"]')).to_be_visible()
    kept(page)
