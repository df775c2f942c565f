"""One shop, two sellers' phones, a buyer: both ring, one falls asleep, then nobody is there."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import CDPSession, Locator, Page, expect

from tests.browser.city import City
from tests.browser.phone import Phone, Phones
from tests.browser.seeker import Seeker

SHOP = "s08"
QUIET, NAGASARI = "s52", 2_500
"""A shop whose goods nobody else here looks for: nothing else rings there."""
LONTONG = 13_000
NOTICED_MS = 20_000  # A phone that sleeps is noticed in 10 s; two cores are shared.

pytestmark = pytest.mark.timeout(120)


def at_work(phones: Phones, city: City, name: str, shop: str = SHOP) -> tuple[Phone, Page]:
    """A seller's phone that the hub can ring."""
    phone = phones()
    page = phone.sign_in(city.enrol("seller", name, shop=shop))
    device = page.locator('[data-type="seller"][data-state="rings"]', has_text=f"{name} (HP ini)")
    expect(device).to_be_attached(timeout=15_000)
    return phone, page


def order(page: Page, id_: str) -> Locator:
    return page.locator(f'#open [data-type="order"][data-id="{id_}"]')


def fall_asleep(page: Page) -> CDPSession:
    """Stop the page's script, as a phone in a pocket does; the socket stays open."""
    session = page.context.new_cdp_session(page)
    session.send("Debugger.enable")
    session.send("Debugger.pause")
    return session


def until(page: Page, true: Callable[[], bool], within_ms: int = NOTICED_MS) -> None:
    for _ in range(within_ms // 200):
        if true():
            return
        page.wait_for_timeout(200)
    raise AssertionError("expected it to become true")


def test_two_phones_of_a_shop_one_asleep_then_none(phones: Phones, city: City, seeker: Seeker) -> None:
    """Both ring and one accepts, by name; the sleeping one is noticed and the shop stays open; with both gone the
    order goes to the second contact."""
    sri_phone, sri = at_work(phones, city, "Sri", QUIET)
    _, mela = at_work(phones, city, "Mela", QUIET)
    sri.goto(f"{city.url}/shop#toko")
    sri.locator("#contact summary").click()
    sri.locator('#contact input[name="name"]').fill("Bu Tutik")
    sri.locator('#contact input[name="phone"]').fill("0812 3333 4444")
    sri.locator('#contact [data-act="shop.save"]').first.click()
    expect(sri.locator("#contact-now")).to_have_text("Bu Tutik, 0812 3333 4444")
    sri.goto(f"{city.url}/shop#")

    first = seeker.order(QUIET, NAGASARI)
    for page in (sri, mela):
        expect(order(page, first)).to_have_attribute("data-ringing", "true")
        expect(page.locator("body")).to_have_attribute("data-sounding", "order")
    order(mela, first).locator('[data-act="order.accept"][data-prep="10"]').click()
    expect(order(sri, first)).to_contain_text("Diambil Mela")
    expect(order(sri, first)).to_have_attribute("data-ringing", "false")
    expect(sri.locator("body")).to_have_attribute("data-sounding", "")
    expect(order(mela, first)).not_to_contain_text("Diambil Mela")

    asleep = fall_asleep(mela)
    silent = sri.locator('[data-type="seller"]:not([data-state="rings"])', has_text="Mela")
    expect(silent).to_be_attached(timeout=NOTICED_MS)
    expect(sri.locator("#shop-state")).to_have_attribute("data-state", "open")
    second = seeker.order(QUIET, NAGASARI, quantity=2)
    expect(order(sri, second)).to_have_attribute("data-ringing", "true")
    assert not seeker.read(second).get("contacted_at")

    sri.close()
    back = sri_phone.context.new_page()
    sri_phone.watch(back)
    until(back, lambda: bool(seeker.read(second).get("contacted_at")))
    asleep.send("Debugger.disable")  # Awake again, so that it can be closed.
    back.goto(f"{city.url}/shop")
    expect(order(back, second)).to_contain_text("Juga disampaikan ke Bu Tutik")
    expect(order(back, second).locator('a[href="tel:081233334444"]')).to_be_visible()
    order(back, second).locator('[data-act="order.accept"][data-prep="5"]').click()
    expect(order(back, second)).to_have_attribute("data-state", "accepted")


def test_a_touched_order_stays_silent_after_a_reload(phones: Phones, city: City, seeker: Seeker) -> None:
    """What a person touched on this phone does not ring again there; an untouched one does."""
    _, page = at_work(phones, city, "Ning", "s11")
    touched = seeker.order("s11", 17_000)
    expect(order(page, touched)).to_have_attribute("data-ringing", "true")
    page.locator("#hush").click()
    expect(order(page, touched)).to_have_attribute("data-ringing", "false")
    page.reload()
    fresh = seeker.order("s11", 17_000)
    expect(order(page, fresh)).to_have_attribute("data-ringing", "true")
    expect(order(page, touched)).to_have_attribute("data-ringing", "false")
    for id_ in (touched, fresh):
        order(page, id_).locator('[data-open="reject"]').click()
        order(page, id_).locator('[data-act="order.reject"][data-reason="closed"]').click()
        expect(order(page, id_)).to_have_count(0)


def test_what_was_not_collected_marks_the_next_order(phones: Phones, city: City, seeker: Seeker) -> None:
    """ "Tidak diambil" ends an order that is ready, and the same buyer's next order says so."""
    _, page = at_work(phones, city, "Ning", "s13")
    order_id = seeker.order("s13", 3_000)
    order(page, order_id).locator('[data-act="order.accept"][data-prep="5"]').click()
    order(page, order_id).locator('[data-act="order.advance"][data-to="ready"]').click()
    expect(order(page, order_id)).to_have_attribute("data-state", "ready")
    order(page, order_id).locator('[data-open="cancel"]').click()
    order(page, order_id).locator('[data-act="order.cancel"][data-reason="no_show"]').click()
    ended = page.locator(f'#closed [data-id="{order_id}"][data-state="cancelled"]')
    expect(ended).to_contain_text("Dibatalkan toko: Tidak diambil")
    again = seeker.order("s13", 3_000)
    expect(order(page, again)).to_contain_text("1x tidak diambil")
    order(page, again).locator('[data-act="order.accept"][data-prep="5"]').click()
    expect(order(page, again)).to_have_attribute("data-state", "accepted")


def test_wants_are_answered_in_one_tap_and_won(phones: Phones, city: City, seeker: Seeker) -> None:
    """A want rings at the shops of its category; "Ada, Rp16.000" wins and becomes an order that rings, and who was
    not picked is thanked."""
    _, roti = at_work(phones, city, "Sari", "s10")
    _, warung = at_work(phones, city, "Cak Di", SHOP)
    want = seeker.want("food", "roti tawar", "miji", quantity=2, budget=40_000)
    asked = f'[data-type="want"][data-id="{want}"][data-state="open"]'
    for page in (roti, warung):
        expect(page.locator(asked)).to_contain_text("roti tawar")
        expect(page.locator(asked)).to_have_attribute("data-ringing", "true")
    roti.locator(asked).locator('[data-act="want.answer"][data-kind="price"]').click()
    said = f'[data-type="answer"][data-id="want.{want}"]'
    expect(roti.locator(f'{said}[data-state="open"]')).to_contain_text("Jawaban Anda: Ada, Rp16.000.")

    warung.locator(asked).locator('[data-open="price"]').click()
    form = warung.locator(asked).locator("form")
    form.locator("input").fill("seribu")
    form.locator('[data-act="want.answer"]').click()
    expect(form.locator(".why")).to_contain_text("angka bulat")
    expect(form.locator("input")).to_have_value("seribu")
    form.locator("input").fill("15.000")
    form.locator('[data-act="want.answer"]').click()
    expect(warung.locator(f'{said}[data-state="open"]')).to_contain_text("Menunggu pembeli")

    won = seeker.give("want.pick", want=want, answer="s10", name="Dewi", phone="0813111222")["order"]
    expect(order(roti, won)).to_have_attribute("data-ringing", "true")
    expect(order(roti, won)).to_contain_text("Rp32.000")
    expect(roti.locator(said)).to_have_count(0)
    expect(warung.locator(f'{said}[data-state="thanked"]')).to_contain_text("Terima kasih")
    order(roti, won).locator('[data-act="order.accept"][data-prep="10"]').click()
    expect(order(roti, won)).to_have_attribute("data-state", "accepted")


def test_a_want_without_a_price_becomes_an_order_to_talk_about(phones: Phones, city: City, seeker: Seeker) -> None:
    """ "Ada" without a price: the order says "harga dibicarakan" and not "Rp0"."""
    _, page = at_work(phones, city, "Ana", "s38")
    want = seeker.want("goods", "setrika bekas", "balongsari")
    page.locator(f'[data-type="want"][data-id="{want}"] [data-act="want.answer"][data-kind="have"]').click()
    expect(page.locator(f'[data-type="answer"][data-id="want.{want}"]')).to_be_visible()
    won = seeker.give("want.pick", want=want, answer="s38", name="Dewi", phone="0813111222")["order"]
    expect(order(page, won)).to_contain_text("harga dibicarakan")
    expect(order(page, won)).not_to_contain_text("Rp0")
    order(page, won).locator('[data-act="order.accept"][data-prep="30"]').click()
    expect(order(page, won)).to_have_attribute("data-state", "accepted")
