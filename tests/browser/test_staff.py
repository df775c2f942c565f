"""The people of a desk at /dispatch: enrolled by link and QR code, looked at, and signed out."""

from __future__ import annotations

from typing import Any

import pytest
from playwright.sync_api import Locator, Page, Request, expect

from tests.browser.city import City
from tests.browser.phone import Phone, Phones
from tests.browser.seen import WIDE, check, fits, seen

pytestmark = pytest.mark.timeout(120)
SHEET = "#sheet"


def desk_of(phone: Phone, city: City, **who: Any) -> Page:
    """Somebody's board with the part opened and its list read."""
    role, name = who.pop("role", "dispatcher"), who.pop("name", "Endah")
    page = phone.sign_in(city.enrol(role, name, **who))
    page.locator('[data-part="staff"] > summary').click()
    expect(page.locator('#staff[data-state="fresh"]')).to_be_visible(timeout=15_000)
    return page


def person(page: Page, name: str) -> Locator:
    return page.locator('[data-type="person"]').filter(has=page.get_by_role("heading", name=name, exact=True))


def enrol(page: Page, name: str, **fields: str) -> str:
    """Fill the form in and send it; the link that it answers with."""
    page.locator('[data-open="enrol"]').click()
    sheet = page.locator(SHEET)
    for field, value in {**fields, "name": name}.items():
        control = sheet.locator(f'[name="{field}"]')
        if field in ("role", "van", "shop"):
            control.select_option(value)
        else:
            control.fill(value)
    sheet.locator('[data-act="staff.enrol"]').click()
    expect(sheet.locator('[data-type="enrolment"][data-state="made"]')).to_be_visible()
    return sheet.locator('[name="link"]').input_value()


def yes(page: Page) -> None:
    page.locator(f'{SHEET} [data-act="staff.revoke"]').click()


def sign_out(page: Page, name: str) -> None:
    """ "Cabut" on somebody's row, and yes."""
    mine = person(page, name)
    expect(mine).to_have_attribute("data-sessions", "1", timeout=25_000)
    mine.locator("summary").click()
    mine.locator('[data-open="revoke"]').click()
    yes(page)
    expect(page.locator(SHEET)).to_be_hidden()


def test_a_medic_is_enrolled_seen_and_signed_out(phones: Phones, city: City) -> None:
    """The link signs a phone in and is in no address; the desk sees it come, and "Cabut" closes it with words."""
    phone = phones(viewport=WIDE, bypass_csp=True)
    asked: list[str] = []
    phone.page.on("request", lambda request: asked.append(_all_of(request)))
    page = desk_of(phone, city, desk="medic")
    page.locator('[data-open="enrol"]').click()
    page.locator(f'{SHEET} [data-act="staff.enrol"]').click()
    expect(page.get_by_text("Isi namanya")).to_be_visible()
    expect(page.locator(f'{SHEET} [name="name"]')).to_be_focused()
    seen(page, "dispatch/staff-form")
    page.locator(f"{SHEET} [data-close]").click()
    link = enrol(page, "Rahma Dewi", vehicle="motor")
    code = link.partition("#masuk=")[2]
    assert len(code) >= 16
    expect(page.locator(f"{SHEET} svg.qr path")).to_have_count(1)
    seen(page, "dispatch/staff-link")
    page.locator(f'{SHEET} [data-copy="link"]').click()
    expect(page.locator(f'{SHEET} [data-copy="link"][data-state]')).to_be_visible()
    page.locator(f"{SHEET} [data-close]").click()
    expect(page.locator('[name="link"]')).to_have_count(0)
    assert code not in page.content()
    mine = person(page, "Rahma Dewi")
    expect(mine).to_have_attribute("data-state", "waiting")

    medic = phones(bypass_csp=True).sign_in(link)
    expect(medic.get_by_role("button", name="Masuk", exact=True)).to_be_hidden()
    expect(mine).to_have_attribute("data-state", "reachable", timeout=25_000)
    mine.locator("summary").click()
    expect(mine.locator('[data-type="session"][data-state="live"]')).to_have_count(1)
    seen(page, "dispatch/staff-list", at="#staff")
    mine.locator('[data-open="revoke"]').click()
    expect(page.locator(SHEET)).to_contain_text("langsung keluar dari aplikasi")
    expect(page.locator(SHEET)).to_contain_text("alihkan dulu")
    seen(page, "dispatch/staff-revoke")
    yes(page)
    expect(medic.get_by_text("Minta tautan").first).to_be_visible(timeout=5_000)
    seen(medic, "medic/signed-out")
    expect(mine).to_have_attribute("data-state", "out")
    expect(page.locator(SHEET)).to_be_hidden()
    assert not [line for line in asked if code in line]


def _all_of(request: Request) -> str:
    return f"{request.url} {request.headers.get('referer', '')}"


def test_a_new_phone_replaces_a_lost_one(phones: Phones, city: City) -> None:
    """ "Tautan baru" on a row: the same person, and the lost phone is out when the new one comes in, not before."""
    page = desk_of(phones(viewport=WIDE, bypass_csp=True), city, desk="medic", name="Ganti Petugas")
    lost = phones().sign_in(city.enrol("medic", "Hilang Hapenya"))
    expect(lost.locator("#duty")).to_be_visible(timeout=15_000)
    mine = person(page, "Hilang Hapenya")
    expect(mine).to_have_attribute("data-sessions", "1", timeout=25_000)
    mine.locator('[data-open="renew"]').click()
    sheet = page.locator(SHEET)
    expect(sheet.locator('[name="replace"]')).to_have_count(2)
    sheet.get_by_text("Keluarkan semua").click()
    seen(page, "dispatch/staff-renew")
    sheet.locator('[data-act="staff.enrol"]').click()
    expect(sheet.locator('[data-type="enrolment"][data-state="made"]')).to_be_visible()
    link = sheet.locator('[name="link"]').input_value()
    sheet.locator("[data-close]").click()
    expect(lost.get_by_text("Minta tautan").first).to_be_hidden()
    new = phones().sign_in(link)
    expect(new.locator("#duty")).to_be_visible(timeout=15_000)
    expect(lost.get_by_text("Minta tautan").first).to_be_visible(timeout=5_000)
    expect(mine).to_have_attribute("data-sessions", "1", timeout=25_000)
    expect(person(page, "Hilang Hapenya")).to_have_count(1)


def test_an_unused_link_is_taken_back(phones: Phones, city: City) -> None:
    """ "Cabut semua" makes it worthless, and whoever opens it is told."""
    page = desk_of(phones(viewport=WIDE), city, desk="medic")
    link = enrol(page, "Bagus Salah Kirim")
    page.locator(f"{SHEET} [data-close]").click()
    one = person(page, "Bagus Salah Kirim")
    one.locator('[data-open="revoke_all"]').click()
    expect(page.locator(SHEET)).to_contain_text("tautan yang belum dipakai tidak berlaku lagi")
    yes(page)
    expect(one).to_have_attribute("data-state", "out")
    expect(one.locator('[data-open="revoke_all"]')).to_be_hidden()
    late = phones().open(link)
    late.get_by_role("button", name="Masuk", exact=True).click()
    expect(late.get_by_text("tidak berlaku").first).to_be_visible()


def test_the_van_desk_enrols_a_crew_of_a_van(phones: Phones, city: City) -> None:
    """The van is chosen by name, nothing else can be enrolled, and the crew's page opens with that van."""
    page = desk_of(phones(viewport=WIDE, bypass_csp=True), city, desk="van", name="Tutik Mobil")
    expect(person(page, "Tutik Mobil")).to_have_attribute("data-state", "live", timeout=20_000)
    page.locator('[data-open="enrol"]').click()
    roles = page.locator(f'{SHEET} [name="role"] option')
    expect(roles).to_have_text(["Awak mobil keliling", "Petugas pusat, meja mobil keliling"])
    page.locator(f'{SHEET} [name="name"]').fill("Joko Awak")
    page.locator(f'{SHEET} [data-act="staff.enrol"]').click()
    expect(page.get_by_text("Pilih mobilnya.")).to_be_visible()
    expect(page.locator(f'{SHEET} [name="name"]')).to_have_value("Joko Awak")
    check(page)
    page.locator(f"{SHEET} [data-close]").click()
    page.locator('[data-open="enrol"]').click()
    expect(page.locator(f'{SHEET} [name="van"] option[value="v1"]')).to_have_count(1)
    page.locator(f"{SHEET} [data-close]").click()
    link = enrol(page, "Joko Awak", role="crew", van="v1")
    assert "/van#masuk=" in link
    phone = phones(bypass_csp=True)
    crew = phone.open(link)
    expect(crew.get_by_role("button", name="Masuk", exact=True)).to_be_visible()
    seen(crew, "van/link")
    phone.sign_in(link)
    expect(crew.locator('[data-type="stop"], #now').first).to_be_visible(timeout=15_000)
    page.locator(f"{SHEET} [data-close]").click()
    sign_out(page, "Joko Awak")
    expect(crew.get_by_text("sudah dikeluarkan")).to_be_visible(timeout=5_000)
    seen(crew, "van/signed-out")


def test_the_market_desk_finds_a_shop_first(phones: Phones, city: City) -> None:
    """Words find shops of the register; one shop's people can be looked at alone, whoever enrolled them."""
    city.enrol("seller", "Bu Lama", shop="s03")
    page = desk_of(phones(viewport=WIDE, bypass_csp=True), city, desk="market")
    page.locator('[data-open="enrol"]').click()
    sheet = page.locator(SHEET)
    sheet.locator('[name="shop_words"]').fill("warung")
    option = sheet.locator('[name="shop"] option').nth(1)
    expect(option).to_have_count(1)
    shop = str(option.get_attribute("value"))
    seen(page, "dispatch/staff-shop")
    sheet.locator('[name="shop"]').select_option(shop)
    sheet.locator('[name="name"]').fill("Bu Baru")
    sheet.locator('[data-act="staff.enrol"]').click()
    expect(sheet.locator('[data-type="enrolment"]')).to_be_visible()
    link = sheet.locator('[name="link"]').input_value()
    assert "/shop#masuk=" in link
    sheet.locator("[data-close]").click()
    seller = phones(bypass_csp=True).sign_in(link)
    expect(seller.locator("#shop-state")).to_be_visible()
    expect(person(page, "Bu Baru")).to_be_visible()
    expect(person(page, "Bu Lama")).to_be_visible()
    page.locator(".staff-shops summary").click()
    page.locator('#staff [name="shop_words"]').fill("warung")
    expect(page.locator(f'#staff [name="shop"] option[value="{shop}"]')).to_have_count(1)
    page.locator('#staff [name="shop"]').select_option(shop)
    expect(person(page, "Bu Lama")).to_be_hidden()
    sign_out(page, "Bu Baru")
    expect(seller.get_by_text("sudah dikeluarkan")).to_be_visible(timeout=5_000)
    seen(seller, "shop/signed-out")


def test_offline_and_refusals_are_said(phones: Phones, city: City) -> None:
    """Before the list is here its buttons say so; a list that cannot be renewed says from when it is; what was typed
    stays; too often is said so."""
    phone = phones(viewport=WIDE, bypass_csp=True)
    page = phone.page
    page.route("**/v1/staff?*", lambda route: route.abort())
    phone.sign_in(city.enrol("dispatcher", "Endah", desk="city"))
    page.locator('[data-part="staff"] > summary').click()
    expect(page.locator('#staff[data-state="failed"]')).to_be_visible()
    page.locator('[data-open="enrol"]').click()
    expect(page.locator("#say-now")).not_to_be_empty()
    expect(page.locator(SHEET)).to_be_hidden()
    page.unroute("**/v1/staff?*")
    page.locator('[data-open="enrol"]').click()
    expect(page.locator('#staff[data-state="fresh"]')).to_be_visible()
    page.locator('[data-open="enrol"]').click()
    sheet = page.locator(SHEET)
    sheet.locator('[name="name"]').fill("Wahyu")
    phone.offline(True)
    sheet.locator('[data-act="staff.enrol"]').click()
    expect(sheet).to_contain_text("BELUM terkirim")
    expect(sheet.locator('[name="name"]')).to_have_value("Wahyu")
    expect(page.locator('#staff[data-state="stale"]')).to_contain_text("mungkin sudah berubah")
    seen(page, "dispatch/offline")
    phone.offline(False)
    page.route("**/v1/enrolments?*", lambda route: route.fulfill(
        status=429, json={"ok": False, "code": "too_many", "message": "too many requests", "retry": True}
    ))  # fmt: skip
    sheet.locator('[data-act="staff.enrol"]').click()
    expect(sheet).to_contain_text("Terlalu sering")
    page.unroute("**/v1/enrolments?*")
    sheet.locator('[data-act="staff.enrol"]').click()
    expect(sheet.locator('[data-type="enrolment"]')).to_be_visible()


@pytest.mark.parametrize(("role", "shown"), [("plut", False), ("admin", True)])
def test_plut_enrols_nobody_and_an_admin_the_desks(phones: Phones, city: City, role: str, shown: bool) -> None:
    """Where nobody may be enrolled there is no such part."""
    if not shown:
        page = phones(viewport=WIDE).sign_in(city.enrol(role, "Wahyu"))
        expect(page.locator('[data-desk="plut"]')).to_be_visible(timeout=15_000)
        expect(page.locator("#staff")).to_be_hidden()
        return
    page = desk_of(phones(viewport=WIDE, bypass_csp=True), city, role=role, name="Kepala")
    page.locator('[data-open="enrol"]').click()
    expect(page.locator(f'{SHEET} [name="role"] option')).to_have_count(4)
    seen(page, "dispatch/staff-admin")
    page.locator(f"{SHEET} [data-close]").click()
    link = enrol(page, "Petugas Keluar", role="dispatcher_medic")
    phone = phones(viewport=WIDE, bypass_csp=True)
    out = phone.open(link)
    expect(out.get_by_role("button", name="Masuk", exact=True)).to_be_visible()
    seen(out, "dispatch/link")
    phone.sign_in(link)
    expect(out.locator("#board")).to_be_visible(timeout=15_000)
    page.locator(f"{SHEET} [data-close]").click()
    sign_out(page, "Petugas Keluar")
    expect(out.get_by_text("Minta tautan").first).to_be_visible(timeout=5_000)
    expect(out.locator("#counts")).to_be_hidden()
    seen(out, "dispatch/signed-out")


def test_keys_alone_reach_all_of_it(phones: Phones, city: City) -> None:
    """Opened, filled in, sent and closed without a pointer, on a phone's width."""
    page = phones().sign_in(city.enrol("dispatcher", "Endah", desk="medic"))
    summary = page.locator('[data-part="staff"] > summary')
    expect(summary).to_be_visible()
    summary.focus()
    page.keyboard.press("Enter")
    expect(page.locator('#staff[data-state="fresh"]')).to_be_visible()
    page.locator('[data-open="enrol"]').focus()
    page.keyboard.press("Enter")
    expect(page.locator(f'{SHEET} [name="name"]')).to_be_focused()
    page.keyboard.type("Tombol Saja")
    page.keyboard.press("Enter")
    expect(page.locator(f'{SHEET} [data-copy="link"]')).to_be_focused()
    page.keyboard.press("Escape")
    expect(page.locator(SHEET)).to_be_hidden()
    expect(page.locator('[data-open="enrol"]')).to_be_focused()
    heights = [box["height"] for one in page.locator("#staff button:visible").all() if (box := one.bounding_box())]
    assert min(heights) >= 48
    fits(page, "staff")


def test_a_list_is_enrolled_and_what_is_wrong_in_it_is_said(phones: Phones, city: City) -> None:
    """A file that a spreadsheet wrote: links to save, and each wrong row with its line, in words."""
    page = desk_of(phones(viewport=WIDE, bypass_csp=True), city, desk="medic")
    page.locator('[data-open="staff_list"]').click()
    sheet = page.locator(SHEET)
    sheet.locator('[data-act="staff.list"]').click()
    expect(sheet).to_contain_text("Pilih berkasnya dulu")
    text = (
        "\ufeffnama;peran;toko;meja\r\nDaftar Satu;medis;;\r\nSri;penjual;s01;\r\nDaftar Satu;medis;;\r\n;medis;;\r\n"
    )
    file = {"name": "petugas.csv", "mimeType": "text/csv", "buffer": text.encode()}
    sheet.locator('[name="list"]').set_input_files(file)  # type: ignore[arg-type]
    sheet.locator('[data-act="staff.list"]').click()
    expect(sheet).to_contain_text("1 tautan dibuat, 0 orang sudah masuk, 3 baris salah.")
    expect(sheet.locator('.staff-faults [data-line="3"]')).to_contain_text("peran ini tidak didaftarkan di meja ini")
    expect(sheet.locator('.staff-faults [data-line="4"]')).to_contain_text("orang yang sama dengan baris 2")
    expect(sheet.locator('.staff-faults [data-line="5"]')).to_contain_text("isi namanya")
    seen(page, "dispatch/staff-file")
    with page.expect_download() as saved:
        sheet.locator('[data-act="staff.list_save"]').click()
    rows = saved.value.path().read_text("utf-8-sig").splitlines()
    assert rows[0] == '"nama","peran","tautan"'
    assert rows[1].startswith(f'"Daftar Satu","medic","{city.url}/medic#masuk=')
    sheet.locator("[data-close]").click()
    expect(person(page, "Daftar Satu")).to_have_attribute("data-state", "waiting")
