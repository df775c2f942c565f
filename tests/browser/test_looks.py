"""The look that a phone chose, and what a page says in the place of what did not come."""

from __future__ import annotations

import pytest
from playwright.sync_api import Route, expect

from tests.browser.city import City
from tests.browser.phone import Phones
from tests.browser.seen import check, seen

pytestmark = pytest.mark.timeout(120)


def test_the_look_for_the_sun_is_chosen_once_for_a_phone(phones: Phones, city: City) -> None:
    """Dark at night; "Layar terik" of the first page holds after a reload and on the medic's page; a tap ends it."""
    page = phones(bypass_csp=True).open(city.url)
    page.emulate_media(color_scheme="dark", reduced_motion="reduce")
    expect(page.locator("#door-cari span")).to_have_text("Cari barang")
    check(page)
    night = page.evaluate("getComputedStyle(document.body).backgroundColor")
    switch = page.get_by_role("button", name="Layar terik")
    switch.click()
    expect(switch).to_have_attribute("aria-pressed", "true")
    assert page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(255, 255, 255)" != night
    page.reload()
    expect(page.locator('html[data-theme="sun"]')).to_be_attached()
    seen(page, "resident/sun")
    page.emulate_media(color_scheme="dark")
    page.goto(f"{city.url}/medic")
    switch = page.get_by_role("button", name="Layar terik")
    expect(switch).to_have_attribute("aria-pressed", "true")
    check(page)
    switch.click()
    assert page.evaluate("getComputedStyle(document.body).backgroundColor") == night


def test_a_page_that_did_not_come_says_so_and_leads_back(phones: Phones, city: City) -> None:
    """Behind a tile whose module is slow, and then lost, stand words, a way to try again and the way back."""
    phone = phones(bypass_csp=True)
    phone.page.add_init_script("delete Navigator.prototype.serviceWorker")  # Its copy would bring the module after all.
    page = phone.open(city.url)
    expect(page.locator("#door-info span")).to_have_text("Info kota")
    held: list[Route] = []
    page.route("**/static/resident/info.js", lambda route: held.append(route))
    page.locator("#door-info").click()
    expect(page.locator("#page [role=status]")).to_contain_text("Sedang dibuka")
    seen(page, "resident/opening")
    held.pop().abort()
    expect(page.locator("#page [role=status]")).to_contain_text("Belum bisa dibuka")
    expect(page.get_by_role("button", name="Coba lagi")).to_be_visible()
    seen(page, "resident/part-missing")
    page.locator(".page-back").click()
    expect(page.locator("#home")).to_be_visible()
