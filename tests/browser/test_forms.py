"""Forms that are not tested where their page is: what is wrong stands beside the field, and what was typed stays."""

from __future__ import annotations

import pytest
from playwright.sync_api import APIRequestContext, expect

from tests.browser.beside import said_beside
from tests.browser.city import City
from tests.browser.phone import NEAR, Phones, call_button, hold, shows
from tests.browser.seen import check, seen
from tests.browser.staff import Staff

pytestmark = pytest.mark.timeout(120)
WIDE = {"width": 1280, "height": 800}


def test_the_medic_desk_is_told_beside_the_field(phones: Phones, city: City, http: APIRequestContext) -> None:
    """A phone number that is none, by the page and by the hub; a hand-over to nobody. Another call waits meanwhile."""
    desk = Staff(http, city, "dispatcher", desk="medic")
    other = desk.give("medic.call", source="phone_112", kelurahan="wates", landmark="gang lain")["request"]
    page = phones(viewport=WIDE, place=None, bypass_csp=True).sign_in(city.enrol("dispatcher", "Endah", desk="medic"))
    form = page.locator("#enter")
    expect(form).to_be_visible(timeout=15_000)
    expect(form.locator('[name="kelurahan"] option[value="meri"]')).to_be_attached()
    form.locator('[name="kelurahan"]').select_option("meri")
    form.locator('[name="phone"]').fill("lupa")
    form.locator('[name="landmark"]').fill("gang formulir")
    form.locator('[data-act="medic.call"]').click()
    said_beside(form, "phone", "angka saja")
    expect(form.locator('[name="phone"]')).to_be_focused()
    seen(page, "dispatch/enter-wrong", at="#enter")
    for name, value in (("kelurahan", "meri"), ("phone", "lupa"), ("landmark", "gang formulir")):
        expect(form.locator(f'[name="{name}"]')).to_have_value(value)
    form.locator('[name="phone"]').fill("0812 3456 7890")
    form.locator('[data-act="medic.call"]').click()
    expect(form.locator(".enter-said")).to_contain_text("Masuk")
    said_beside(form, "phone", "")
    # Not any text of a card: another one's list of what it could be merged into names this place as well.
    landmark = page.locator('[data-part="landmark"]', has_text="gang formulir")
    card = page.locator('[data-type="request"]').filter(has=landmark)
    card.locator('[data-open="hand_over"]').click()
    sheet = page.locator("#sheet")
    sheet.locator('[name="reference"]').fill("A-7")
    sheet.locator('[data-act="medic.hand_over"]').click()
    said_beside(sheet, "operator", "Tulis nama operatornya.")
    expect(sheet.locator('[name="reference"]')).to_have_value("A-7")
    check(page)
    sheet.locator('[name="operator"]').fill("Wulan")
    sheet.locator('[data-act="medic.hand_over"]').click()
    expect(card).to_have_attribute("data-state", "handed_over")
    desk.give("medic.close", request=other, outcome="treated")


def test_a_caller_is_told_beside_the_field(phones: Phones, city: City) -> None:
    """In the questions after a call: a phone number that is none, an empty note; in Javanese as well."""
    page = phones(place=NEAR, bypass_csp=True).open(city.url)
    page.locator('#tongues [data-tongue="jv"]').click()
    expect(page.locator("html")).to_have_attribute("lang", "jv")
    hold(page, call_button(page))
    shows(page, "called", "offered")
    question = page.locator(".question")
    for _ in range(4):
        before = page.locator("#question").inner_text()
        question.locator(".quiet").click()
        expect(page.locator("#question")).not_to_have_text(before)
    field, line = question.locator("input"), question.locator(".why")
    for typed, words in (("", "dipun serat rumiyin"), ("lupa", "dereng leres")):
        field.fill(typed)
        question.locator('[data-act="medic.describe"]').click()
        expect(line).to_contain_text(words)
        expect(field).to_have_attribute("aria-invalid", "true")
        expect(field).to_have_value(typed)
    check(page)
    field.fill("0812 3456 7890")
    expect(line).to_be_hidden()
    question.locator('[data-act="medic.describe"]').click()
    expect(question.locator("textarea")).to_be_visible()
    question.locator('[data-act="medic.describe"]').click()
    expect(line).to_contain_text("langkungi")


def test_a_wish_for_a_stop_is_told_beside_the_field(phones: Phones, city: City) -> None:
    """Which kelurahan; what was ticked stays."""
    page = phones(place=None).open(f"{city.url}/#mobil/minta")
    page.locator('label:has([name="service"][value="KTP"])').click()
    page.locator('[data-act="stop.ask"]').click()
    said_beside(page, "kelurahan", "Pilih dulu kelurahannya.")
    expect(page.locator('[name="service"][value="KTP"]')).to_be_checked()
    page.locator('[name="kelurahan"]').select_option("meri")
    said_beside(page, "kelurahan", "")
