"""Every page without a violation that axe-core can find."""

from __future__ import annotations

import json
from importlib.resources import files
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.browser.city import City
from tests.browser.phone import NEAR, Phones, accept, call_button, hold, medic_on_duty, offer, request_of, shows

AXE = (files("axe_playwright_python") / "axe.min.js").read_text()
RUN = """async () => {
  const { violations } = await axe.run(document, { resultTypes: ["violations"], iframes: false });
  const where = (nodes) => nodes.map(({ target, failureSummary }) => [target.join(" "), failureSummary]);
  return violations.map(({ id, help, nodes }) => ({ id, help, where: where(nodes) }));
}"""

pytestmark = pytest.mark.timeout(120)


def check(page: Page) -> None:
    """Fail with all that axe-core finds on the page; a frame is a page of its own, checked by itself."""
    page.evaluate(AXE)
    found: list[dict[str, Any]] = page.evaluate(RUN)
    assert not found, json.dumps(found, indent=1)


def test_the_residents_page(phones: Phones, city: City) -> None:
    """The first page, the sheet, and the pages behind the three tiles."""
    page = phones(bypass_csp=True).open(city.url)
    expect(page.locator("#standing")).not_to_be_empty()
    check(page)
    hold(page, call_button(page), ms=100)
    expect(page.locator("#sheet")).to_be_visible()
    check(page)
    page.locator("#sheet-no").click()
    for address in ("#cari", "#mobil", "#info"):
        page.goto(f"{city.url}/{address}")
        expect(page.locator("#page")).to_be_visible()
        expect(page.locator("#page h1, #page h2").first).to_be_visible()
        check(page)


def test_a_running_emergency_on_both_sides(phones: Phones, city: City) -> None:
    """The caller's and the medic's pages while it rings, and while the medic is on the way."""
    caller = phones(bypass_csp=True).open(city.url)
    medic = medic_on_duty(phones(place=NEAR, bypass_csp=True), city.enrol("medic", "Rini", vehicle="motor"))
    check(medic)
    hold(caller, call_button(caller))
    request = request_of(caller)
    expect(offer(medic, request)).to_be_visible()
    check(caller)
    check(medic)
    accept(medic, request)
    shows(caller, "accepted")
    expect(medic.locator("#mission")).to_be_visible()
    check(caller)
    check(medic)


@pytest.mark.parametrize("path", ["/medic", "/shop", "/van", "/dispatch"])
def test_a_staff_page_that_nobody_is_signed_in_to(phones: Phones, city: City, path: str) -> None:
    """Signed out, a staff page says where the link comes from."""
    page = phones(bypass_csp=True).open(city.url + path)
    expect(page.get_by_text("tautan").first).to_be_visible()
    check(page)


@pytest.mark.parametrize(
    ("role", "bound"),
    [
        ("seller", {"shop": "s02"}),
        ("crew", {"van": "v1"}),
        ("dispatcher", {"desk": "medic"}),
    ],
)
def test_a_staff_page_at_work(phones: Phones, city: City, role: str, bound: dict[str, str]) -> None:
    """Signed in, with what there is to do."""
    if role == "dispatcher":
        caller = phones().open(city.url)
        hold(caller, call_button(caller))
        expect(caller.locator('#status[data-type="request"][data-id]')).to_be_visible(timeout=10_000)
    page = phones(bypass_csp=True).sign_in(city.enrol(role, "Sari", **bound))
    expect(page.get_by_role("button", name="Masuk", exact=True)).to_be_hidden()
    expect(page.locator("[data-type][data-state]:visible").first).to_be_visible()
    check(page)


def test_the_demo_before_and_after_its_first_tap(phones: Phones, demo: City) -> None:
    """The curtain with its one button, and the stage with five live frames."""
    page = phones(viewport={"width": 1440, "height": 900}, place=None, bypass_csp=True).open(f"{demo.url}/demo")
    expect(page.get_by_role("button", name="Mulai")).to_be_visible()
    check(page)
    page.get_by_role("button", name="Mulai").click()
    expect(page.locator('body[data-state="running"]')).to_be_attached(timeout=15_000)
    check(page)


@pytest.mark.parametrize("path", ["/", "/medic", "/shop", "/van", "/dispatch"])
def test_a_page_of_the_demo_under_its_band(phones: Phones, demo: City, path: str) -> None:
    """Every page of the simulated city wears the band, which is read like the rest of the page."""
    page = phones(place=None, bypass_csp=True).open(demo.url + path)
    expect(page.get_by_text("SIMULASI. Tidak ada petugas sungguhan. Darurat: telepon 119")).to_be_visible()
    check(page)
