"""The three services through one door, on real pages."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from tests.browser.buyer import choose, on_screen, send_order, shown_id, tell_who
from tests.browser.city import City
from tests.browser.phone import NEAR, Phones, accept, call_button, hold, medic_on_duty, offer, request_of, shows


@pytest.mark.timeout(120)
def test_a_call_an_order_and_a_van_reach_those_they_are_for(phones: Phones, city: City) -> None:
    """The held button rings at the medic and comes back accepted; an order rings at the shop and comes back
    accepted; the van's arrival comes to its follower."""
    resident = phones()
    home = resident.open(city.url)

    medic = medic_on_duty(phones(place=NEAR), city.enrol("medic", "Rini", vehicle="motor"))
    hold(home, call_button(home))
    request = request_of(home)
    expect(offer(medic, request)).to_have_attribute("data-ringing", "")
    accept(medic, request)
    shows(home, "accepted")
    expect(home.locator("#headline")).to_contain_text("Rini")

    shop = phones().sign_in(city.enrol("seller", "Sri", shop="s01"))
    expect(shop.locator('#shop-state[data-id="s01"]')).to_be_visible()
    other = phones()
    order_from(other.open(f"{city.url}/#cari"), "s01")
    order = shown_id(other.page, "order", "placed")
    placed = shop.locator(f'[data-id="{order}"][data-state="placed"]')
    expect(placed).to_have_attribute("data-ringing", "true")
    placed.locator('[data-act="order.accept"][data-prep="10"]').click()
    expect(on_screen(other.page, "order", "accepted")).to_be_visible()

    crew = phones(place=NEAR).sign_in(city.enrol("crew", "Darmo", van="v1"))
    follower = phones().open(f"{city.url}/#mobil")
    follower.locator('[data-type="van"][data-id="v1"] [data-act="van.follow"]').click()
    arriving = crew.locator('[data-act="van.arrive"]')
    stop = arriving.get_attribute("data-stop")
    arriving.click()
    expect(crew.locator(f'[data-type="stop"][data-id="{stop}"][data-state="arrived"]')).to_be_visible()
    expect(follower.locator('[data-type="van"][data-id="v1"][data-state="at_stop"]:visible').first).to_be_visible()
    expect(follower.locator(f'.trip [data-type="stop"][data-id="{stop}"][data-state="arrived"]')).to_be_visible()


def order_from(page: Page, shop: str) -> None:
    """Order the shop's first product for pickup, as a person with a name and a number."""
    page.locator(f'[data-type="shop"][data-id="{shop}"] h2 a').click()
    choose(page, "p1")
    tell_who(page)
    send_order(page)
