"""How little of `/` has to arrive before it helps, and how much it is in all."""

from __future__ import annotations

from playwright.sync_api import Route, expect

from tests.browser.city import City
from tests.browser.phone import Phone, Phones
from tests.browser.seen import seen

FIRST_LOAD = 60 * 1024
FIRST = 20 * 1024


def test_the_button_works_when_nothing_but_the_page_itself_has_come(phones: Phones, city: City) -> None:
    """One round trip: with every other file held back the button asks, keeps the call and sends it."""
    phone = phones(bypass_csp=True)
    held: list[Route] = []
    sent: list[str] = []

    def hold(route: Route) -> None:
        path = route.request.url.removeprefix(city.url)
        if path == "/":
            route.continue_()
        elif path.startswith("/v1/"):
            sent.append(path)
            route.continue_()
        else:
            held.append(route)

    phone.page.route("**/*", hold)
    phone.page.goto(f"{city.url}/", wait_until="commit")
    expect(phone.page.locator("html:not(.no-js)")).to_have_count(1)
    expect(phone.page.locator("#call")).to_be_visible()
    assert phone.page.locator('a[href="tel:119"]').first.is_visible()
    box = phone.page.locator("#call").bounding_box()
    assert box is not None
    assert box["height"] >= 0.45 * 640
    seen(phone.page, "resident/bare")
    phone.page.locator("#call").click()
    expect(phone.page.locator("#sheet")).to_be_visible()
    phone.page.wait_for_timeout(500)  # the sheet is blind for 450 ms on purpose
    phone.page.locator("#sheet-yes").click()
    expect(phone.page.locator("#emergency")).to_be_visible()
    expect(phone.page.locator("#headline")).to_have_text("Terkirim")
    assert "/v1/commands" in sent
    for route in held:
        route.abort()
    phone.page.unroute("**/*")


def test_a_first_visit_is_small(phones: Phones, city: City) -> None:
    """On the wire, heads and all: the page itself under 20 KB, everything of `/` under 60."""
    phone = phones()
    sizes = sizes_of(phone)
    phone.page.goto(f"{city.url}/")
    expect(phone.page.locator("#door-cari span")).to_have_text("Cari barang")
    phone.page.wait_for_load_state("networkidle")
    assert sizes[f"{city.url}/"] <= FIRST
    assert sum(sizes.values()) <= FIRST_LOAD, dict(sorted(sizes.items(), key=lambda one: -one[1]))


def sizes_of(phone: Phone) -> dict[str, int]:
    """Address -> bytes on the wire, filled while the page loads."""
    client = phone.context.new_cdp_session(phone.page)
    addresses: dict[str, str] = {}
    sizes: dict[str, int] = {}
    client.send("Network.enable")
    client.on("Network.requestWillBeSent", lambda said: addresses.update({said["requestId"]: said["request"]["url"]}))
    client.on(
        "Network.loadingFinished",
        lambda said: sizes.update({addresses.get(said["requestId"], "?"): int(said["encodedDataLength"])}),
    )
    return sizes
