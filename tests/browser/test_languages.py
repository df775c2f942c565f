"""The pages in another language, and an emergency that is read aloud."""

from __future__ import annotations

import re
from typing import Any

import pytest
from playwright.sync_api import Page, Route, expect

from tests.browser.city import City
from tests.browser.phone import NEAR, Phones, accept, call_button, hold, medic_on_duty, request_of, shows
from tests.browser.seen import check, seen
from tests.support.words import ENGLISH, said

pytestmark = pytest.mark.timeout(120)

# A phone with voices, and a record of what they said.
VOICES = """
  window.kt_said = [];
  const voices = %s.map((lang) => ({ lang, localService: true }));
  const speech = {
    getVoices: () => voices,
    speak: (one) => window.kt_said.push([one.lang, one.text]),
    cancel: () => window.kt_said.push("cancel"),
  };
  Object.defineProperty(window, "speechSynthesis", { value: speech });
  window.SpeechSynthesisUtterance = class { constructor(text) { this.text = text; } };
"""
KEPT = """async () => {
  const wait = () => new Promise((done) => setTimeout(done, 50));
  while (!navigator.serviceWorker.controller) await wait();
  const tongue = localStorage.getItem("kt.lang");
  while (tongue && !(await caches.match(`/static/words/resident/${tongue}.js`))) await wait();
}"""
FORGET = "navigator.serviceWorker.getRegistrations().then((all) => Promise.all(all.map((one) => one.unregister())))"


def choose(page: Page, tongue: str) -> None:
    page.locator(f'#tongues [data-tongue="{tongue}"]').click()
    expect(page.locator("html")).to_have_attribute("lang", tongue)
    expect(page.locator(f'#tongues [data-tongue="{tongue}"]')).to_have_attribute("aria-pressed", "true")


def spoken(page: Page) -> list[Any]:
    """What the voices said, without the silences."""
    return [one for one in page.evaluate("window.kt_said") if one != "cancel"]


def test_a_call_goes_on_through_two_changes_of_language(phones: Phones, city: City) -> None:
    """English, then Indonesian, then Javanese: the same call, every sentence of it in the language chosen last."""
    page = phones(bypass_csp=True).open(city.url)
    choose(page, "en")
    expect(page.locator(".call-word")).to_have_text("CALL A MEDIC")
    expect(page.locator("#door-cari span")).to_have_text("Find goods")
    seen(page, "resident/english")
    hold(page, call_button(page), ms=100)
    expect(page.locator("#sheet-title")).to_have_text("Call a medic?")
    page.locator("#sheet-no").click()
    hold(page, call_button(page))
    shows(page, "called", "offered")
    expect(page.locator("#headline")).to_have_text(re.compile("^Call"))
    expect(page.locator("#question")).to_have_text("Who is it for?")
    seen(page, "resident/call-english")
    request = page.locator("#status").get_attribute("data-id")
    page.locator("#leave").click()
    choose(page, "id")
    expect(page.locator("#strip [data-type='request']")).to_contain_text(re.compile("Memanggil|Telepon 119"))
    page.locator("#strip [data-type='request']").click()
    expect(page.locator("#question")).to_have_text("Untuk siapa?")
    page.locator("#leave").click()
    choose(page, "jv")
    expect(page.locator(".call-word")).to_have_text("NYUWUN MEDIS")
    expect(page.locator(".call-word")).not_to_have_attribute("lang", re.compile(""))
    expect(page.locator("#door-cari span")).to_have_attribute("lang", "id")
    seen(page, "resident/javanese")
    page.locator("#strip [data-type='request']").click()
    expect(page.locator("#question")).to_have_text("Kangge sinten?")
    seen(page, "resident/call-javanese")
    assert page.locator("#status").get_attribute("data-id") == request
    page.get_by_role("button", name="Wurungaken panyuwunan").click()
    page.get_by_role("button", name="Klentu mencet").press("Enter")  # a finger would be blind for a moment
    shows(page, "cancelled")
    expect(page.locator("#headline")).to_have_text("Sampun wurung")


def test_a_part_that_is_not_in_javanese_says_so(phones: Phones, city: City) -> None:
    """Behind the tiles all is Indonesian and marked as such; in English nothing is."""
    page = phones().open(city.url)
    choose(page, "jv")
    page.locator("#door-info").click()
    expect(page.locator("#page h1")).to_have_text("Info kota")
    expect(page.locator("#page")).to_have_attribute("lang", "id")
    page.locator(".page-back").click()
    choose(page, "en")
    page.locator("#door-info").click()
    expect(page.locator("#page h1")).to_have_text("City news")
    assert page.locator("#page").get_attribute("lang") is None


def test_flight_mode_speaks_the_chosen_language(phones: Phones, city: City) -> None:
    """Loaded again without a network: the button, the numbers and the unsent call are in English."""
    phone = phones(bypass_csp=True)
    page = phone.open(city.url)
    choose(page, "en")
    page.evaluate(KEPT)
    phone.offline(True)
    page.reload()
    expect(page.locator(".call-word")).to_have_text("CALL A MEDIC")
    hold(page, call_button(page))
    expect(page.locator("#headline")).to_have_text("NOT sent yet")
    page.locator('.cancel [data-act="medic.cancel"]').click()
    phone.offline(False)


def test_a_language_that_does_not_come_changes_nothing(phones: Phones, city: City) -> None:
    """It says so, stays Indonesian, keeps no choice, and the next tap tries again."""
    page = phones(bypass_csp=True).open(city.url)
    expect(page.locator('#tongues [data-tongue="id"]')).to_have_attribute("aria-pressed", "true")
    page.context.route("**/words/resident/en.js*", lambda route: route.abort())
    page.locator('#tongues [data-tongue="en"]').click()
    expect(page.locator("#tongues [role=status]")).to_have_text("Bahasa ini belum bisa dibuka. Periksa sambungan.")
    assert page.locator("html").get_attribute("lang") == "id"
    seen(page, "resident/language-failed")
    page.context.unroute("**/words/resident/en.js*")
    choose(page, "en")
    expect(page.locator("#tongues [role=status]")).to_be_empty()


def test_the_switch_leaves_the_button_its_height(phones: Phones, city: City) -> None:
    """At 360 x 640 all is on the screen in each language, the red button at least 45 % of it."""
    page = phones().open(city.url)
    for tongue in ("en", "jv", "id"):
        choose(page, tongue)
        box = call_button(page).bounding_box()
        assert box is not None
        assert box["height"] >= 0.45 * 640
        expect(page.locator("#tongues button").last).to_be_in_viewport(ratio=1)
        assert page.evaluate("document.documentElement.scrollWidth") <= 360


def test_a_call_is_read_aloud_only_when_asked(phones: Phones, city: City) -> None:
    """Silent until "Bacakan"; then this state and the next, by the voice of the language, with 119 as digits."""
    phone = phones(bypass_csp=True)
    phone.context.add_init_script(VOICES % '["en-US", "id-ID"]')
    page = phone.open(city.url)
    medic = medic_on_duty(phones(place=NEAR), city.enrol("medic", "Rini", vehicle="motor"))
    hold(page, call_button(page))
    request = request_of(page)
    expect(page.locator("#read")).to_have_text("Bacakan")
    assert spoken(page) == []
    page.locator("#read").click()
    expect(page.locator("#read")).to_have_text("Berhenti membaca")
    assert spoken(page)[0] == ["id-ID", "Memanggil petugas medis"]
    accept(medic, request)
    shows(page, "accepted")
    page.wait_for_function("window.kt_said.some((one) => one[1] === 'Rini menuju Anda')")
    seen(page, "resident/read-aloud")
    page.locator("#read").click()
    expect(page.locator("#read")).to_have_text("Bacakan")
    assert page.evaluate("window.kt_said").pop() == "cancel"
    said_before = len(spoken(page))
    medic.locator('.next [data-act="medic.advance"][data-to="en_route"]').click()
    medic.locator('.next [data-act="medic.advance"][data-to="on_scene"]').click()
    shows(page, "on_scene")
    assert len(spoken(page)) == said_before


def test_leaving_the_screen_ends_the_reading(phones: Phones, city: City) -> None:
    """Back on the first page it is silent, and the call's page starts silent again."""
    phone = phones(bypass_csp=True)
    phone.context.add_init_script(VOICES % '["id-ID"]')
    page = phone.open(city.url)
    page.evaluate(KEPT)
    phone.offline(True)
    hold(page, call_button(page))
    page.locator("#read").click()
    assert spoken(page)[0][1].startswith("belum terkirim")
    assert "1 1 9" in spoken(page)[0][1]
    page.locator("#leave").click()
    page.wait_for_function("window.kt_said[window.kt_said.length - 1] === 'cancel'")
    page.locator("#strip [data-type='request']").click()
    expect(page.locator("#read")).to_have_text("Bacakan")
    page.locator('.cancel [data-act="medic.cancel"]').click()
    phone.offline(False)


@pytest.mark.parametrize(("voices", "tongue"), [("[]", "id"), ('["id-ID"]', "en"), ('["id-ID", "en-GB"]', "jv")])
def test_without_a_voice_there_is_no_button(phones: Phones, city: City, voices: str, tongue: str) -> None:
    """A sentence is not read by the voice of another language."""
    phone = phones(bypass_csp=True)
    phone.context.add_init_script(VOICES % voices)
    page = phone.open(city.url)
    if tongue != "id":
        choose(page, tongue)
    expect(page.locator("#tongues button")).to_have_count(3)  # all of the page has come
    page.locator("#drill").click()
    page.wait_for_timeout(500)  # The sheet is blind to a second tap of the same finger.
    page.locator("#sheet-yes").click()
    expect(page.locator("#question")).to_be_visible()
    expect(page.locator("#read")).to_be_hidden()


@pytest.mark.parametrize("path", ["/medic", "/shop", "/van", "/dispatch"])
def test_a_staff_page_in_english_and_back(phones: Phones, city: City, path: str) -> None:
    """The switch has two languages, keeps the choice over a reload, and the page has no violation in either."""
    page = phones(bypass_csp=True).open(city.url + path)
    expect(page.locator("#tongues button")).to_have_count(2)
    assert said(page.locator("body").inner_text().replace("English", "")) & ENGLISH == set()
    page.locator('#tongues [data-tongue="en"]').click()
    expect(page.locator("html")).to_have_attribute("lang", "en")
    expect(page.get_by_text("link").first).to_be_visible()
    check(page)
    page.reload()
    expect(page.locator("html")).to_have_attribute("lang", "en")
    page.locator('#tongues [data-tongue="id"]').click()
    expect(page.get_by_text("tautan").first).to_be_visible()


def test_no_english_word_on_the_residents_pages(phones: Phones, city: City) -> None:
    """What stands on the first page and behind its tiles, but for the switch and what people wrote themselves."""
    page = phones().open(city.url)
    for address in ("", "#mobil", "#info"):
        page.goto(f"{city.url}/{address}")
        if address:
            expect(page.locator("#page h1, #page h2").first).to_be_visible()
        assert said(page.locator("body").inner_text().replace("English", "")) & ENGLISH == set(), address


def test_an_older_choice_waits_for_nothing(phones: Phones, city: City) -> None:
    """The language of the last visit comes at the next; while its file is held back all works in Indonesian."""
    page = phones().open(city.url)
    choose(page, "en")
    held: list[Route] = []
    page.context.route("**/words/resident/en.js*", lambda route: held.append(route))
    page.evaluate(FORGET)
    page.reload()
    hold(page, call_button(page), ms=100)
    expect(page.locator("#sheet-title")).to_have_text("Panggil petugas medis?")
    for route in held:
        route.continue_()
    page.locator("#sheet-no").click()
    expect(page.locator("html")).to_have_attribute("lang", "en")
    expect(page.locator(".call-word")).to_have_text("CALL A MEDIC")
