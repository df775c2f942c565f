"""At 200 %: the browser's zoom halves the page's width and height, on a phone of 360 x 640 to 180 x 320."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, ViewportSize, expect

from tests.browser.city import City
from tests.browser.phone import ALONE, Phones, accept, call_button, hold, medic_on_duty, offer, request_of, shows
from tests.browser.seeker import Seeker
from tests.browser.sight import reached, whole

pytestmark = pytest.mark.timeout(120)

PHONE: ViewportSize = {"width": 180, "height": 320}
DESK: ViewportSize = {"width": 640, "height": 400}


def numbers(page: Page, place: str) -> None:
    reached(*(page.locator(f'{place} a[href="tel:{number}"]').first for number in ("119", "112")))


def test_a_call_and_the_three_tiles(phones: Phones, city: City) -> None:
    """The first screen, the sheet, the pages behind the tiles, a call that rings and one that is answered; the medic's
    page with it. The button, 119 and 112 are in reach on each."""
    page = phones(place=ALONE, viewport=PHONE).open(city.url)
    expect(page.locator("#door-cari span")).not_to_be_empty()
    whole(page)
    reached(call_button(page), page.locator("#drill"), page.locator("#visit"), page.locator("#door-info"))
    numbers(page, "#home")
    page.evaluate("document.querySelector('#visit').click()")
    whole(page)
    numbers(page, "#sheet")
    reached(page.locator("#sheet-yes"), page.locator("#sheet-no"))
    page.locator("#sheet-no").click()
    for name in ("cari", "mobil", "info", "cari/toko/s02"):
        page.goto(f"{city.url}/#{name}")
        expect(page.locator("#page h1")).to_be_attached()
        expect(page.locator("#page .card, #page .order-lines li").first).to_be_visible()
        whole(page)
        numbers(page, "#page")
    page.goto(f"{city.url}/#")
    medic = medic_on_duty(phones(place=ALONE, viewport=PHONE), city.enrol("medic", "Wira", vehicle="motor"))
    whole(medic)
    call_button(page).scroll_into_view_if_needed()
    hold(page, call_button(page))
    request = request_of(page)
    whole(page)
    numbers(page, "#emergency")
    expect(offer(medic, request)).to_be_visible()
    whole(medic)
    numbers(medic, "footer")
    accept(medic, request)
    shows(page, "accepted")
    expect(page.locator(".question")).to_be_visible()
    whole(page)
    numbers(page, "#emergency")
    reached(page.locator("#leave"), page.locator('[data-key="for"]').first)
    expect(medic.locator("#mission")).to_be_visible()
    whole(medic)
    reached(medic.locator('.next [data-act="medic.advance"]'), medic.locator('[data-open="release"]'))
    page.locator("#leave").click()
    expect(page.locator('#lines [data-type="request"]')).to_be_visible()
    whole(page)


@pytest.mark.parametrize(
    ("role", "bound", "viewport"),
    [("seller", {"shop": "s02"}, PHONE), ("crew", {"van": "v1"}, PHONE), ("dispatcher", {"desk": "medic"}, DESK)],
    ids=["shop", "van", "desk"],
)
def test_a_staff_page_at_work(
    phones: Phones, city: City, seeker: Seeker, role: str, bound: dict[str, str], viewport: ViewportSize
) -> None:
    """What there is to do stands there whole; so does what rings, and leaves the way to everything else."""
    page = phones(viewport=viewport).sign_in(city.enrol(role, "Sari", **bound))
    expect(page.locator("[data-type][data-state]:visible").first).to_be_visible()
    page.wait_for_load_state("networkidle")
    whole(page)
    if role != "crew":  # the crew's page names no number
        numbers(page, "body")
    if role == "seller":
        order = seeker.order("s02", 3_000)
        expect(page.locator("#ringing-what")).to_have_text("Pesanan baru!")
        whole(page)
        reached(*page.locator("#tabs a").all(), page.locator("#hush"))
        bar = page.locator("#ringbar").bounding_box()
        assert bar is not None
        assert bar["y"] > PHONE["height"] / 2
        seeker.give("order.cancel", order=order)
