"""The demo's first press, as a visitor meets it, and the picture that the README shows."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from playwright.sync_api import FrameLocator, Page, expect

from tests.browser.city import City
from tests.browser.phone import SMALL, Phones, call_button, hold
from tests.support.processes import ROOT

PICTURE = Path(os.environ.get("DEMO_PICTURE", ROOT / "var" / "demo.png"))
PICTURE_BYTES = 300_000
BAND = "SIMULASI. Tidak ada petugas sungguhan. Darurat: telepon 119"

pytestmark = pytest.mark.timeout(120)


def frame(page: Page, name: str) -> FrameLocator:
    return page.frame_locator(f'[data-frame="{name}"] iframe')


def begin(page: Page, city: City) -> None:
    page.goto(f"{city.url}/demo")
    press(page, "Mulai")


def press(page: Page, start: str) -> None:
    page.get_by_role("button", name=start, exact=True).click()
    expect(page.locator('body[data-state="running"]')).to_be_attached(timeout=15_000)
    on_duty = frame(page, "medic").locator('[data-type="duty"][data-state="on"][data-reachable="true"]')
    expect(on_duty).to_be_visible(timeout=20_000)


def test_the_first_press_brings_the_visitors_own_medic(phones: Phones, demo: City) -> None:
    """One tap on "Mulai" readies all frames; the held button rings on the medic's frame, "TERIMA" comes back by
    name on the resident's; the moment is kept as the README's picture."""
    page = phones(viewport={"width": 1440, "height": 900}, place=None).page
    begin(page, demo)
    for name in ("resident", "medic", "seller", "crew", "dispatcher"):
        expect(frame(page, name).get_by_text(BAND)).to_be_visible()
    expect(frame(page, "seller").locator('body[data-state="live"][data-audible="true"]')).to_be_attached()
    expect(frame(page, "crew").locator('#van-state[data-type="van"]')).to_be_visible()

    resident, medic = frame(page, "resident"), frame(page, "medic")
    hold(page, resident.locator("#call"))
    own = resident.locator('#status[data-state="offered"]')
    expect(own).to_be_attached(timeout=20_000)
    # A simulated resident may call the same medic.
    offer = medic.locator(f'[data-type="offer"][data-id*="{own.get_attribute("data-id")}"][data-ringing]')
    expect(offer).to_be_visible(timeout=20_000)
    expect(page.locator('[data-frame="medic"]')).to_have_attribute("data-ringing", "true")
    offer.locator('[data-act="medic.accept"]').click()
    accepted = resident.locator('#status[data-state="accepted"], #status[data-state="en_route"]')
    expect(accepted).to_be_visible(timeout=20_000)
    expect(resident.locator("#headline")).to_contain_text("menuju Anda")
    medic.locator('.next [data-act="medic.advance"][data-to="en_route"]').click()
    expect(resident.locator('#status[data-state="en_route"]')).to_be_visible(timeout=20_000)

    PICTURE.parent.mkdir(parents=True, exist_ok=True)
    page.screenshot(path=PICTURE)
    assert PICTURE.stat().st_size < PICTURE_BYTES


def test_a_press_that_nobody_answers_still_ends_in_a_medic_who_comes(phones: Phones, demo: City) -> None:
    """The visitor's medic does nothing: within 25 s a simulated one is on the way."""
    page = phones(place=None).open(f"{demo.url}/")
    hold(page, call_button(page))
    coming = '#status[data-state="accepted"], #status[data-state="en_route"], #status[data-state="on_scene"]'
    expect(page.locator(coming)).to_be_visible(timeout=30_000)
    expect(page.locator("#headline")).not_to_be_empty()


def test_the_demo_fits_a_phone_with_one_frame_at_a_time(phones: Phones, demo: City) -> None:
    """At 360 pixels the tabs bring each frame to the whole width, and nothing hangs over the edge."""
    page = phones(viewport=SMALL, place=None).page
    begin(page, demo)
    for name in ("medic", "seller", "crew", "dispatcher", "resident"):
        tab = page.locator(f'.tabs [data-show="{name}"]')
        tab.click()
        expect(tab).to_have_attribute("aria-pressed", "true")
        expect(page.locator(f'[data-frame="{name}"]')).to_be_in_viewport(ratio=0.9)
    assert page.evaluate("document.documentElement.scrollWidth") <= SMALL["width"]
    hold(page, frame(page, "resident").locator("#call"))
    expect(page.locator('.tabs [data-show="medic"][data-ringing="true"]')).to_be_visible()


def test_the_demo_is_read_in_the_language_that_is_chosen(phones: Phones, demo: City) -> None:
    """Before the first press, as on other pages: its own words at once, and every frame's."""
    page = phones(viewport=SMALL, place=None).page
    page.goto(f"{demo.url}/demo")
    page.locator('#tongues [data-tongue="en"]').click()
    expect(page.get_by_role("button", name="Start", exact=True)).to_be_visible()
    expect(page.locator("html")).to_have_attribute("lang", "en")
    for name in ("resident", "medic", "seller", "crew", "dispatcher"):
        expect(frame(page, name).locator("html")).to_have_attribute("lang", "en", timeout=15_000)
    assert page.evaluate("document.documentElement.scrollWidth") <= SMALL["width"]
    press(page, "Start")
