"""Asking all sellers: the question goes out, answers come in live, one tap makes an order of one."""

from __future__ import annotations

import pytest
from playwright.sync_api import APIRequestContext, Page, expect

from tests.browser.beside import said_beside
from tests.browser.buyer import Seller, on_screen, send_order, shown_id, tell_who
from tests.browser.city import City
from tests.browser.phone import Phone, Phones
from tests.browser.seen import seen

pytestmark = pytest.mark.timeout(120)

UNTIL_S = 1800
"""How long a question waits when nobody says how long."""


@pytest.fixture
def resident(phones: Phones) -> Phone:
    return phones(place=None, bypass_csp=True)


def ask(page: Page, city: City, words: str) -> str:
    """Search for something that is not there and ask all sellers for it; the want's id."""
    page.goto(f"{city.url}/#cari")
    page.locator(".search-input").fill(words)
    expect(page.get_by_text("tidak ketemu.")).to_be_visible()
    page.get_by_role("link", name="Tidak ketemu? Tanyakan ke semua penjual").click()
    expect(page.locator('[name="words"]')).to_have_value(words)
    page.locator("label.chip", has_text="Makanan").click()
    page.locator('[name="kelurahan"]').select_option("kranggan")
    page.locator('[data-act="want.post"]').click()
    return shown_id(page, "want", "open")


def test_two_answers_come_in_and_the_one_picked_is_an_order(
    city: City, http: APIRequestContext, resident: Phone
) -> None:
    """The searched words are in the form; both answers appear live; picking asks who, once, and is an order there."""
    page = resident.page
    want = ask(page, city, "kue klepon")
    expect(on_screen(page, "want", "open")).to_contain_text("Ditanyakan ke")
    Seller(http, city, "s02").answer(want, "price", 2_500)
    Seller(http, city, "s01").answer(want, "can_order")
    expect(page.locator('[data-type="answer"]')).to_have_count(2)
    melati = page.locator('[data-type="answer"][data-id="s02"]')
    expect(melati).to_contain_text("Ada, Rp2.500")
    melati.locator('[data-act="want.pick"]').click()
    tell_who(page)
    page.get_by_role("button", name="Pilih Toko Kue Melati").last.click()
    expect(on_screen(page, "order", "placed")).to_be_visible()
    expect(page.locator(".receipt")).to_contain_text("1 × kue klepon")
    page.goto(f"{city.url}/#cari/tanya/{want}")
    expect(on_screen(page, "want", "picked")).to_be_visible()
    expect(page.get_by_role("link", name="Lihat pesanan")).to_be_visible()
    seen(page, "market/picked")


def test_a_question_is_closed_and_asked_again(city: City, resident: Phone) -> None:
    """One tap closes it; asking again opens the form with the same words."""
    page = resident.page
    ask(page, city, "dawet ayu")
    page.locator('[data-act="want.close"]').click()
    expect(on_screen(page, "want", "closed")).to_be_visible()
    seen(page, "market/question-closed")
    page.get_by_role("link", name="Tanyakan lagi").click()
    expect(page.locator('[name="words"]')).to_have_value("dawet ayu")


def test_what_is_missing_is_said_before_anything_is_sent(city: City, resident: Phone) -> None:
    """Words, kind, price and kelurahan: said beside each field, and what was typed stays."""
    page = resident.open(f"{city.url}/#cari/tanya")
    send = page.locator('[data-act="want.post"]')
    page.locator('[name="budget"]').fill("murah")
    send.click()
    expect(page.locator('[name="words"]')).to_be_focused()
    said_beside(page, "words", "Tulis dulu apa yang dicari.")
    said_beside(page, "budget", "angka saja")
    said_beside(page, "kelurahan", "Pilih dulu kelurahannya.")
    expect(page.get_by_role("group", name="Jenis")).to_have_accessible_description("Pilih dulu jenisnya.")
    expect(page.locator('[name="budget"]')).to_have_value("murah")
    seen(page, "market/ask-missing", part="#page")
    page.locator('[name="words"]').fill("sepatu bola")
    said_beside(page, "words", "")
    page.locator("label.chip", has_text="Barang").click()
    send.click()
    expect(page.locator('[name="budget"]')).to_be_focused()
    expect(page.locator('[name="words"]')).to_have_value("sepatu bola")


def test_the_strip_leads_back_to_a_question(city: City, http: APIRequestContext, resident: Phone) -> None:
    """On the first page one line says how many answers there are, and leads to them; once its time is over nothing of
    it can be picked, and it can be asked again."""
    page = resident.page
    want = ask(page, city, "wedang ronde")
    page.goto(f"{city.url}/#")
    Seller(http, city, "s02").answer(want, "have")
    line = page.locator(f'#lines [data-type="want"][data-id="{want}"]')
    expect(line).to_have_text("1 jawaban · wedang ronde")
    seen(page, "resident/mine", part="#home")
    line.click()
    expect(page.locator('[data-type="answer"][data-id="s02"]')).to_be_visible()
    city.later(UNTIL_S, "want.expire", want=want)
    expect(on_screen(page, "want", "expired")).to_contain_text("Waktunya habis")
    expect(page.get_by_role("link", name="Tanyakan lagi")).to_be_visible()
    expect(page.locator('[data-act="want.pick"]:visible')).to_have_count(0)
    seen(page, "market/question-expired", part="#page")


def test_what_sellers_do_to_it_reads_well_for_everybody(city: City, http: APIRequestContext, phones: Phones) -> None:
    """A rejected order, a question with answers, the fields it asks for, an order that is accepted, ready, over."""
    page = phones(place=None, bypass_csp=True).open(f"{city.url}/#cari/toko/s02/p1")
    tell_who(page)
    send_order(page)
    till = Seller(http, city, "s02")
    till.run("order.reject", order=shown_id(page, "order", "placed"), reason="too_busy")
    expect(on_screen(page, "order", "rejected")).to_be_visible()
    seen(page, "market/rejected")
    page.locator('.elsewhere [data-act="want.post"]').click()
    till.answer(shown_id(page, "want", "open"), "price", 3_500)
    page.locator(".who-known button").click()
    seen(page, "market/answers")
    page.locator('[data-type="answer"] [data-act="want.pick"]').click()
    order = shown_id(page, "order", "placed")
    till.run("order.accept", order=order, prep_min=15)
    expect(on_screen(page, "order", "accepted")).to_be_visible()
    seen(page, "market/accepted")
    till.run("order.advance", order=order, to="ready")
    expect(on_screen(page, "order", "ready")).to_be_visible()
    seen(page, "market/ready")
    till.run("order.advance", order=order, to="completed")
    expect(on_screen(page, "order", "completed")).to_be_visible()
    seen(page, "market/completed")
