"""Every page without a violation that axe-core can find: the first page, a call on both sides, the doors, the demo."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import APIRequestContext, Page, Route, expect

from tests.browser.city import City
from tests.browser.phone import (
    ALONE,
    FARTHER,
    NEAR,
    Phones,
    accept,
    advance,
    call_button,
    hold,
    medic_on_duty,
    offer,
    request_of,
    shows,
)
from tests.browser.seen import check, fits, seen
from tests.browser.staff import Staff

pytestmark = pytest.mark.timeout(180)

# What a finger that holds the button leads to for 1.5 s.
HELD = "document.querySelector('#call').classList.toggle('holding')"


def test_the_first_page(phones: Phones, city: City) -> None:
    """Nothing runs; the button is held; a short press asks."""
    page = phones(bypass_csp=True).open(city.url)
    expect(page.locator("#standing")).not_to_be_empty()
    expect(page.locator("#tongues button")).to_have_count(3)
    seen(page, "resident/first")
    page.evaluate(HELD)
    seen(page, "resident/holding")
    page.evaluate(HELD)
    hold(page, call_button(page), ms=100)
    expect(page.locator("#sheet")).to_be_visible()
    seen(page, "resident/sheet")


def test_the_first_page_without_scripts(phones: Phones, city: City) -> None:
    """119 and 112 are there as large links, and nothing that would not work."""
    phone = phones(bypass_csp=True)
    phone.page.route(f"{city.url}/", scriptless)
    page = phone.open(f"{city.url}/")
    for number in ("119", "112"):
        expect(page.locator(f'#home a[href="tel:{number}"]')).to_be_visible()
    expect(page.locator("#drill")).to_be_hidden()
    seen(page, "resident/no-script")


def scriptless(route: Route) -> None:
    """The page as a browser without JavaScript has it: axe-core needs one that has."""
    answer = route.fetch()
    body = re.sub(r"<script.*?</script>|</?noscript>", "", answer.text(), flags=re.DOTALL)
    route.fulfill(response=answer, body=body)


SCRIPTLESS = {"/medic": "medic/no-script", "/shop": "shop/no-script", "/van": "van/no-script"}
SCRIPTLESS["/dispatch"] = "dispatch/no-script"


@pytest.mark.parametrize("path", SCRIPTLESS)
def test_a_staff_page_without_scripts(phones: Phones, city: City, path: str) -> None:
    """It says what it needs, does not say that it is being opened, and 119 and 112 can be dialled."""
    phone = phones(bypass_csp=True)
    phone.page.route(city.url + path, scriptless)
    page = phone.open(city.url + path)
    expect(page.get_by_text("perlu JavaScript")).to_be_visible()
    expect(page.locator("#loading")).to_be_hidden()
    for number in ("119", "112"):
        expect(page.locator(f'main a[href="tel:{number}"]')).to_be_visible()
    seen(page, SCRIPTLESS[path])


def answer(page: Page, key: str, value: str) -> None:
    page.locator(f'[data-act="medic.describe"][data-key="{key}"][data-value="{value}"]').click()


def asked(page: Page, words: str) -> None:
    expect(page.locator("#question")).to_have_text(words)


def test_a_call_on_both_sides(phones: Phones, city: City, http: APIRequestContext) -> None:
    """The caller's and two medics' pages from the ring to the end, every step."""
    caller = phones(bypass_csp=True).open(city.url)
    medic = medic_on_duty(phones(place=NEAR, bypass_csp=True), city.enrol("medic", "Rini", vehicle="motor"))
    other = medic_on_duty(phones(place=FARTHER, bypass_csp=True), city.enrol("medic", "Joko", vehicle="ambulans"))
    seen(medic, "medic/on-duty")
    hold(caller, call_button(caller))
    request = request_of(caller)
    asked(caller, "Untuk siapa?")
    seen(caller, "resident/calling")
    expect(offer(medic, request)).to_be_visible()
    seen(medic, "medic/ring")
    answer(caller, "for", "family")
    asked(caller, "Masih bernapas?")
    seen(caller, "resident/asked-breathing")
    answer(caller, "breathing", "yes")
    asked(caller, "Sadar?")
    seen(caller, "resident/asked-awake", part="#emergency")
    answer(caller, "awake", "yes")
    asked(caller, "Berdarah?")
    seen(caller, "resident/asked-bleeding")
    answer(caller, "bleeding", "some")
    asked(caller, "Nomor HP Anda")
    seen(caller, "resident/asked-phone")
    caller.get_by_role("button", name="Batalkan panggilan").click()
    seen(caller, "resident/cancel-reasons")
    caller.get_by_role("button", name="Jangan batalkan").click()
    accept(medic, request)
    expect(offer(other, request, "stood_down")).to_be_visible()
    seen(other, "medic/taken")
    shows(caller, "accepted")
    seen(caller, "resident/accepted")
    expect(medic.locator("#mission")).to_be_visible()
    seen(medic, "medic/accepted")
    medic.locator('[data-open="release"]').click()
    seen(medic, "medic/release")
    medic.locator("#sheet [data-close]").click()
    medic.locator('[data-open="backup"]').click()
    seen(medic, "medic/backup")
    medic.locator('#sheet [data-act="medic.backup"][data-reason="medic"]').click()
    helped = other.locator('#offers [data-type="offer"][data-state="open"]')
    expect(helped).to_contain_text("Bantuan untuk petugas lain")
    expect(helped.locator(".offer-grace")).to_be_hidden()
    seen(other, "medic/backup-ring")
    desk = Staff(http, city, "dispatcher", desk="medic")
    desk.give("medic.close", request=helped.get_attribute("data-id"), outcome="unfounded")
    for to, on_caller, on_medic in (
        ("en_route", "resident/en-route", "medic/en-route"),
        ("on_scene", "resident/on-scene", "medic/on-scene"),
        ("at_patient", "resident/at-patient", "medic/at-patient"),
    ):
        advance(medic, to)
        shows(caller, to)
        seen(caller, on_caller)
        seen(medic, on_medic)
    caller.get_by_role("button", name="Minta dibatalkan").click()
    expect(medic.locator('[data-part="cancel"]')).to_be_visible()
    seen(caller, "resident/cancel-requested")
    seen(medic, "medic/cancel-requested")
    advance(medic, "cleared")
    shows(caller, "cleared")
    seen(caller, "resident/cleared")
    expect(medic.locator("#mission")).to_be_hidden()
    seen(medic, "medic/cleared")


def test_a_call_that_ends_otherwise(phones: Phones, city: City, http: APIRequestContext) -> None:
    """Cancelled in the grace; then a medic has it who does not set out, and the desk hands it over.

    The desk gives the medic another one by name, which rings; then a drill rings, and is accepted without a line.
    """
    caller = phones(place=ALONE, bypass_csp=True).open(city.url)
    phone = phones(place=ALONE, bypass_csp=True)
    medic = medic_on_duty(phone, city.enrol("medic", "Rini", vehicle="motor"))
    hold(caller, call_button(caller))
    request = request_of(caller)
    expect(offer(medic, request)).to_be_visible()
    caller.locator('.cancel [data-act="medic.cancel"]').click()
    shows(caller, "cancelled")
    expect(offer(medic, request, "withdrawn")).to_be_visible()
    seen(medic, "medic/withdrawn")
    seen(caller, "resident/cancelled")
    # By key: a finger's tap just after it came is taken for a second one of the tap that cancelled.
    caller.get_by_role("button", name="PANGGIL LAGI").press("Enter")
    request = request_of(caller)
    accept(medic, request)
    shows(caller, "accepted")
    city.later(90, "medic.under_way", request=request)
    expect(medic.locator('[data-part="asked"]')).to_be_visible()
    seen(medic, "medic/asked")
    desk = Staff(http, city, "dispatcher", desk="medic")
    desk.give("medic.hand_over", request=request, operator="Wulan")
    shows(caller, "handed_over")
    seen(caller, "resident/handed-over")
    expect(medic.locator("#lost")).to_be_visible()
    seen(medic, "medic/lost")
    medic.get_by_role("button", name="Mengerti").click()
    person = medic.locator("#duty-state").get_attribute("data-id")
    where = {"source": "phone_119", "kelurahan": "meri", "landmark": "Depan pasar", "phone": "0812345678"}
    request = desk.give("medic.call", **where)["request"]
    desk.give("medic.assign", request=request, medic=person)
    expect(medic.locator('[data-part="assigned"]')).to_be_visible()
    expect(medic.locator('.next > [data-act="medic.advance"]')).not_to_have_attribute("aria-disabled", "true")
    seen(medic, "medic/assigned")
    desk.give("medic.close", request=request, outcome="unfounded")
    medic.get_by_role("button", name="Mengerti").click()
    medic.locator("#drills").check()
    expect(medic.locator("#duty-act")).not_to_have_attribute("aria-disabled", "true")
    place = {"lat": ALONE[0], "lon": ALONE[1], "accuracy_m": 12.0}
    drill = Staff(http, city, "resident").give("medic.call", drill=True, location=place)["request"]
    expect(offer(medic, drill)).to_contain_text("LATIHAN")
    seen(medic, "medic/drill")
    phone.offline(True)
    expect(medic.locator('#deaf[data-state="socket"]')).to_be_visible(timeout=10_000)
    accept(medic, drill)
    expect(offer(medic, drill).locator(".offer-error")).to_contain_text("BELUM")
    expect(medic.locator("#link")).not_to_have_text("Tersambung")
    seen(medic, "medic/unsure", at=".offer")


def test_a_drill_and_a_visit(phones: Phones, city: City) -> None:
    """Both are explained before they begin; the drill wears its band."""
    page = phones(bypass_csp=True).open(city.url)
    expect(page.locator("#tongues button")).to_have_count(3)
    page.locator("#drill").click()
    expect(page.locator("#sheet")).to_be_visible()
    seen(page, "resident/drill-sheet")
    page.locator("#sheet-yes").press("Enter")
    expect(page.locator("#question")).to_be_visible()
    seen(page, "resident/drill")
    page.get_by_role("button", name="Selesai latihan").click()
    page.locator("#visit").click()
    seen(page, "resident/visit-sheet", part="#sheet")
    page.locator("#sheet-yes").press("Enter")
    expect(page.locator("#headline")).to_have_text("Permintaan kunjungan tercatat")
    seen(page, "resident/visit")


DOORS = {"/medic": "medic/door", "/shop": "shop/door", "/van": "van/door", "/dispatch": "dispatch/door"}


@pytest.mark.parametrize("path", DOORS)
def test_a_staff_page_that_nobody_is_signed_in_to(phones: Phones, city: City, path: str) -> None:
    """Signed out, a staff page says where the link comes from."""
    page = phones(bypass_csp=True).open(city.url + path)
    expect(page.get_by_text("tautan").first).to_be_visible()
    seen(page, DOORS[path])


def test_a_medic_who_does_not_hear(phones: Phones, city: City) -> None:
    """The link before and after its use, off duty, the ring test, deaf, and without a line."""
    link = city.enrol("medic", "Rini", vehicle="motor")
    phone = phones(heard=False, bypass_csp=True)
    page = phone.open(link)
    expect(page.get_by_role("button", name="Masuk", exact=True)).to_be_visible()
    seen(page, "medic/link")
    phone.sign_in(link)
    on = page.locator('[data-act="medic.duty"][data-on="true"]')
    expect(on).to_be_enabled()
    seen(page, "medic/off-duty")
    on.click()
    expect(page.locator("#sheet [data-count='2']")).to_be_enabled(timeout=10_000)
    seen(page, "medic/ring-test")
    page.locator("#sheet [data-close]").click()
    expect(page.locator('#deaf[data-state="test"]')).to_be_visible()
    seen(page, "medic/deaf")
    phone.offline(True)
    expect(page.locator('#deaf[data-state="socket"]')).to_be_visible(timeout=10_000)
    seen(page, "medic/offline")
    phone.context.clear_permissions()
    phone.offline(False)
    page.reload()
    expect(page.locator('#position[data-state="denied"]')).to_be_visible(timeout=10_000)
    seen(page, "medic/no-place", at="#position")
    late = phones(bypass_csp=True).sign_in(link)
    expect(late.get_by_text("tidak berlaku")).to_be_visible()
    seen(late, "medic/link-spent")


def test_the_demo_before_and_after_its_first_tap(phones: Phones, demo: City) -> None:
    """The curtain with its one button, what it says when nothing began, and the stage with five live frames."""
    page = phones(viewport={"width": 1440, "height": 900}, place=None, bypass_csp=True).open(f"{demo.url}/demo")
    expect(page.get_by_role("button", name="Mulai")).to_be_visible()
    seen(page, "demo/curtain")
    page.route("**/v1/demo", lambda route: route.abort())
    page.get_by_role("button", name="Mulai").click()
    expect(page.locator("#hint")).to_have_text("Belum bisa mulai. Coba sekali lagi.")
    seen(page, "demo/failed")
    page.unroute("**/v1/demo")
    page.get_by_role("button", name="Mulai").click()
    expect(page.locator('body[data-state="running"]')).to_be_attached(timeout=15_000)
    seen(page, "demo/running")


@pytest.mark.parametrize("path", ["/", "/medic", "/shop", "/van", "/dispatch"])
def test_a_page_of_the_demo_under_its_band(phones: Phones, demo: City, path: str) -> None:
    """Every page of the simulated city wears the band, which is read like the rest of the page; who calls without a
    place there is told where the simulation has put them."""
    page = phones(place=None, bypass_csp=True).open(demo.url + path)
    expect(page.get_by_text("SIMULASI. Tidak ada petugas sungguhan. Darurat: telepon 119")).to_be_visible()
    if path == "/":
        seen(page, "resident/simulated")
        hold(page, call_button(page))
        expect(page.get_by_text("Simulasi: Anda ditempatkan di Kranggan.")).to_be_visible(timeout=20_000)
        seen(page, "resident/simulated-call", at=".placed")
    else:
        fits(page, path)
        check(page)
