"""The van desk: days to come, the week, trackers, wishes for stops, and new vans."""

from __future__ import annotations

import uuid

import pytest
from playwright.sync_api import APIRequestContext, expect

from channels.van_days import later, weekday
from tests.browser.city import City
from tests.browser.phone import Phones
from tests.browser.seen import seen
from tests.browser.staff import Staff
from tests.browser.van_day import SOON, Day, card_of, desk_page, fits, sheet_of, yes

pytestmark = pytest.mark.timeout(120)


def test_days_to_come_and_the_week_are_planned(phones: Phones, city: City, day: Day) -> None:
    """A day to come is an exception, a weekday the plan; times are judged beside their field and stay typed."""
    tomorrow = later(day.today)
    day.plan(weekday=weekday(tomorrow))
    page = desk_page(phones, city, bypass_csp=True)
    plan = page.locator(f'[data-type="plan"][data-id="{day.van}.week.{weekday(tomorrow)}"]')
    expect(plan).to_have_attribute("data-stops", "3")
    trip = page.locator(f'[data-type="trip"][data-id="{day.van}.{tomorrow}"]')
    expect(trip).to_have_attribute("data-stops", "3", timeout=SOON)
    trip.get_by_role("button", name="Ubah").click()
    sheet = sheet_of(page)
    expect(sheet).to_contain_text("Hanya hari itu yang berubah.")
    sheet.locator(f'[name="time-{day.stops[2]}"]').fill(day.clock(0))
    yes(page, "trip.save")
    expect(sheet.locator('[aria-invalid="true"]')).to_have_count(1)
    expect(sheet.locator(f'[name="time-{day.stops[2]}"]')).to_have_value(day.clock(0))
    seen(page, "dispatch/van-edit", part="#van-sheet")
    sheet.get_by_role("button", name=f"Hapus Titik wates {day.van}").click()
    yes(page, "trip.save")
    expect(sheet).to_be_hidden()
    expect(trip).to_have_attribute("data-stops", "2")
    expect(plan).to_have_attribute("data-stops", "3")

    plan.get_by_role("button", name="Ubah").click()
    sheet.get_by_role("button", name=f"Hapus Titik kranggan {day.van}").click()
    sheet.locator('[name="stop"]').select_option("+")
    sheet.locator('[name="stop_name"]').fill(f"Lapangan {day.van}")
    sheet.locator('[name="stop_kelurahan"]').select_option("wates")
    sheet.locator('[name="new_time"]').fill("23:55")
    sheet.locator('[data-act="stop.save"]').click()
    expect(sheet.locator('.edit-stop[data-type="stop"]')).to_have_count(3)
    yes(page, "trip.save")
    expect(sheet).to_be_hidden()
    expect(plan).to_contain_text("23.55")
    expect(trip).to_have_attribute("data-stops", "2")

    other = later(day.today, 20)
    page.locator(f'[data-plan="{day.van}"] [data-open="day"]').click()
    sheet.locator('[name="day"]').fill(later(day.today, 90))
    yes(page, "trip.save")
    expect(sheet).to_contain_text("paling jauh 60 hari")
    sheet.locator('[name="day"]').fill(other)
    sheet.locator('[name="stop"]').select_option(day.stops[0])
    sheet.locator('[name="new_time"]').fill("09:00")
    sheet.locator('[data-open="row"]').click()
    yes(page, "trip.save")
    row = page.locator(f'[data-type="trip"][data-id="{day.van}.{other}"]')
    expect(row).to_have_attribute("data-stops", "1")
    row.get_by_role("button", name="Batalkan").click()
    sheet.locator('[name="reason"]').fill("Libur")
    yes(page, "trip.cancel")
    expect(row).to_have_attribute("data-state", "cancelled")
    seen(page, "dispatch/van-plan", at=f'[data-plan="{day.van}"]')


def test_a_tracker_gets_a_new_key_and_the_old_one_is_dead(phones: Phones, city: City, day: Day) -> None:
    """One tap makes a key, shown once with what OsmAnd and Traccar Client need; the one before is refused with 404."""
    old = day.desk.give("van.tracker", van=day.van)["key"]
    page = desk_page(phones, city, bypass_csp=True)
    button = card_of(page, day.van).locator('[data-act="van.tracker"]')
    button.focus()
    page.keyboard.press("Enter")
    sheet = sheet_of(page)
    expect(sheet.locator('[data-type="tracker"][data-state="made"]')).to_contain_text("Kunci lama sudah mati")
    key = sheet.locator('[name="key"]').input_value()
    url = sheet.locator('[name="osmand"]').input_value()
    assert url.startswith(f"{city.url}/v1/trackers/osmand?id={key}&")
    assert sheet.locator('[name="traccar"]').input_value() == f"{city.url}/v1/trackers/osmand"
    seen(page, "dispatch/van-tracker", part="#van-sheet")
    sheet.locator('[data-copy="osmand"]').click()
    expect(sheet.locator('[data-copy="osmand"]')).to_have_attribute("data-state", "copied")
    sent = url.format("-7.4733", "112.4353", day.now(), "", "", "", "90")
    assert day.http.get(sent).json()["data"]["taken"] == 1
    assert day.http.get(sent.replace(key, old)).status == 404
    page.keyboard.press("Escape")
    expect(sheet).to_be_hidden()
    expect(button).to_be_focused()
    expect(page.locator("body")).not_to_contain_text(key)


def test_wishes_for_stops_are_shown(phones: Phones, city: City, http: APIRequestContext) -> None:
    """From 50 names in a month on a kelurahan stands there with its names and services; before, that there is none."""
    page = desk_page(phones, city, bypass_csp=True)
    expect(page.locator("body")).to_contain_text("Belum ada kelurahan dengan 50 nama bulan ini.")
    for number in range(50):
        services = ["KTP"] if number % 2 else ["KTP", "akta"]
        Staff(http, city, "resident").give("stop.ask", kelurahan="balongsari", services=services)
    asked = page.locator('[data-type="asked"][data-id="balongsari"]')
    expect(asked).to_have_attribute("data-names", "50")
    expect(asked).to_have_attribute("data-state", "proposed")
    expect(asked).to_contain_text("Layanan: KTP 50, akta 25")
    seen(page, "dispatch/van-wishes", at='[data-type="asked"]')


def test_a_van_is_added(phones: Phones, city: City) -> None:
    """A new van is there at once, without stops; a name that another van has is refused beside the field."""
    page = desk_page(phones, city, viewport={"width": 360, "height": 640}, bypass_csp=True)
    name = f"Mobil {uuid.uuid4().hex[:6]}"
    page.locator('[data-open="van"]').click()
    seen(page, "dispatch/van-new", part="#van-sheet")
    sheet_of(page).locator('[name="name"]').fill(name)
    sheet_of(page).locator('[name="services"]').fill("KTP, akta")
    yes(page, "van.save")
    made = card_of(page, name.lower().replace(" ", "-"))
    expect(made).to_contain_text("tanpa titik")
    page.locator('[data-open="van"]').click()
    sheet_of(page).locator('[name="name"]').fill(name)
    yes(page, "van.save")
    expect(sheet_of(page)).to_contain_text("Nama itu sudah dipakai mobil lain.")
    page.keyboard.press("Escape")
    fits(page)
