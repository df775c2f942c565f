"""`/angka`: anybody looks at how the city is served."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest
from playwright.sync_api import Route, expect

from tests.browser.city import City
from tests.browser.hours import CLOCK
from tests.browser.phone import Phones
from tests.browser.seen import seen

pytestmark = pytest.mark.timeout(120)
NONE = {"ok": False, "code": "not_found", "message": "", "retry": False}


def test_anybody_sees_how_the_city_is_served(phones: Phones, city: City, tmp_path: Path) -> None:
    """From the foot of the first page: pictures of a month, another month, in English, and a file; small counts are
    hidden; nothing is asked of who looks."""
    page = phones(bypass_csp=True).open(f"{city.url}/")
    page.get_by_role("link", name="Angka kota").click()
    medic = page.locator('[data-type="figure"][data-id="medic"]')
    expect(medic).to_be_visible(timeout=20_000)
    expect(page.locator("h1")).to_have_text("Angka Kota Mojokerto")
    assert int(medic.get_attribute("data-n") or 0) >= 100
    expect(medic.locator('[data-took="called_accepted"]')).to_be_visible()
    medic.locator('[data-part="by_place"] summary').click()
    expect(medic.locator('[data-part="by_place"] details')).to_contain_text("Kurang dari 5: Balongsari, ")
    expect(medic.locator('[data-part="by_place"] details')).to_contain_text(", Miji, ")
    expect(medic.locator('[data-row="meri"]')).to_contain_text("separuh")
    expect(page.locator('[data-part="as_of"]')).to_contain_text(f"{CLOCK.letters}. Bulan berikutnya terbit")
    for name in ("order", "van"):
        expect(page.locator(f'[data-type="figure"][data-id="{name}"]')).to_be_visible()
    boxes = [one.bounding_box() for one in page.locator("select, .figures-read a, .figures-home").all()]
    assert all(box is not None and box["height"] >= 48 for box in boxes)
    seen(page, "figures/shown")
    first = medic.get_attribute("data-month")
    page.locator("#month").select_option(index=1)
    expect(medic).not_to_have_attribute("data-month", first or "")
    expect(page.locator("#month")).to_be_focused()
    with page.expect_download() as saved:
        page.locator("a[download]").click()
    saved.value.save_as(tmp_path / "angka.csv")
    rows = list(csv.DictReader((tmp_path / "angka.csv").read_text().splitlines()))
    assert {"medic", "order", "van"} == {row["figure"] for row in rows}
    page.locator('[data-tongue="en"]').click()
    expect(page.locator("h1")).to_have_text("Figures of Mojokerto City")


def test_figures_that_do_not_come_are_said(phones: Phones, city: City) -> None:
    """With a way to ask again; and where a city keeps none, or has none yet."""
    page = phones(bypass_csp=True).page
    page.clock.install()

    def gone(route: Route) -> None:
        route.fulfill(status=503, json={"ok": False, "code": "unavailable", "message": "x", "retry": True})

    page.route("**/v1/angka", gone)
    page.goto(f"{city.url}/angka")
    for _ in range(5):
        with page.expect_response("**/v1/angka"):
            page.clock.run_for(3_000)
    expect(page.locator("#said")).to_have_text("Angkanya belum bisa dibuka. Periksa sambungan.", timeout=20_000)
    seen(page, "figures/failed")
    page.unroute("**/v1/angka")
    page.locator('[data-act="again"]').click()
    expect(page.locator('[data-type="figure"]').first).to_be_visible(timeout=20_000)
    page.route("**/v1/angka", lambda route: route.fulfill(status=404, json=NONE))
    page.reload()
    expect(page.locator("#said")).to_have_text("Kota ini belum menyimpan angka.")
    seen(page, "figures/none")
    page.unroute("**/v1/angka")
    page.route("**/v1/angka", early)
    page.reload()
    expect(page.locator("#said")).to_contain_text("Angka pertama terbit")
    seen(page, "figures/early")


def early(route: Route) -> None:
    """The city's answer before its first month is over."""
    answer = route.fetch()
    said = answer.json()
    route.fulfill(response=answer, json={**said, "figures": [{**one, "months": []} for one in said["figures"]]})
