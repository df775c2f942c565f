"""A desk's reports out of the archive: what the page draws is what the commands did."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest
from playwright.sync_api import APIRequestContext, Page, Route, expect

from channels.medic_times import INTERVALS
from tests.browser.city import City
from tests.browser.phone import Phones
from tests.browser.seen import seen
from tests.browser.test_medic_times import Desk, desk_page

SOON = 20_000

pytestmark = pytest.mark.timeout(180)


def opened(page: Page) -> None:
    page.locator('[data-part="reports"] > summary').click()


def asked(page: Page) -> int:
    """Ask until a request that went its whole way is counted (the archive follows within seconds); how many are."""
    report = page.locator('[data-type="report"][data-id="medic"]')
    for _ in range(30):
        expect(report).to_be_visible(timeout=SOON)
        took = report.locator('[data-id="all"] [data-took]')
        counted = took.evaluate_all("all => all.map((one) => Number(one.dataset.n))")
        if len(counted) == len(INTERVALS) and min(counted):
            return int(report.get_attribute("data-n") or 0)
        with page.expect_response("**/v1/reports/medic*"):
            page.locator('[data-open="report"]').click()
    raise AssertionError("the archive did not follow")


def test_a_desk_sees_and_saves_its_own_report(
    phones: Phones, city: City, http: APIRequestContext, tmp_path: Path
) -> None:
    """Every interval of a request that is over, its shares, a table by kelurahan, a file; a wrong day and a hub that
    does not answer are said beside the form; at 360 pixels too."""
    desk = Desk(http, city)
    desk.whole_way(desk.call())
    page = desk_page(phones, city)
    opened(page)
    n = asked(page)
    report = page.locator('[data-type="report"][data-id="medic"]')
    whole = report.locator('[data-type="report_plot"][data-id="all"]')
    for name in INTERVALS:
        assert int(whole.locator(f'[data-took="{name}"]').get_attribute("data-n") or 0) >= 1, name
    expect(whole.locator('[data-share="accepted"]')).to_have_attribute("data-of", str(n))
    expect(whole.locator("figcaption")).to_contain_text(f"{n} dihitung.")
    report.locator("summary").click()
    expect(report.locator("tbody tr").first).to_contain_text("Semua")
    seen(page, "dispatch/reports", at="#reports")
    with page.expect_download() as saved:
        report.locator("a[download]").click()
    saved.value.save_as(tmp_path / "medic.csv")
    rows = list(csv.DictReader((tmp_path / "medic.csv").read_text().splitlines()))
    assert (rows[0]["n"], rows[0]["kelurahan"]) == (str(n), "")
    page.set_viewport_size({"width": 360, "height": 640})
    assert page.evaluate("document.documentElement.scrollWidth") <= 360
    _wrong(page)


def _wrong(page: Page) -> None:
    said = page.locator('[data-part="reports"] [role="status"]')
    until = page.locator("#reports-to").input_value()
    page.locator("#reports-from").fill("2030-01-01")
    page.locator('[data-open="report"]').click()
    expect(said).to_have_text("Tanggal awal harus diisi dan tidak boleh sesudah tanggal akhir.")
    expect(page.locator("#reports-from")).to_be_focused()
    seen(page, "dispatch/reports-wrong", at="#reports")
    page.locator("#reports-from").fill(until)

    def gone(route: Route) -> None:
        route.fulfill(status=503, json={"ok": False, "code": "unavailable", "message": "x", "retry": True})

    page.route("**/v1/reports/medic*", gone)
    page.locator('[data-open="report"]').click()
    expect(said).to_have_text("Laporan belum bisa dibuka. Coba lagi sebentar.")


def test_another_desk_sees_its_own_and_the_city_s_has_none(phones: Phones, city: City) -> None:
    """Nothing counted yet is said as that; a desk without reports has no such part."""
    page = phones(bypass_csp=True).sign_in(city.enrol("dispatcher", "Fitri", desk="van"))
    opened(page)
    report = page.locator('[data-type="report"]')
    expect(report).to_have_attribute("data-id", "van", timeout=SOON)
    expect(report.locator("figcaption").first).to_contain_text("belum ada yang dihitung.")
    seen(page, "dispatch/reports-empty", at="#reports")
    page = phones().sign_in(city.enrol("dispatcher", "Gita", desk="city"))
    expect(page.locator('[data-part="staff"]')).to_be_visible(timeout=SOON)
    expect(page.locator('[data-part="reports"]')).to_be_hidden()
