"""A morning of the mobile office on four screens: crew, desk, a follower with a reminder, a holder of a number."""

from __future__ import annotations

import pytest
from playwright.sync_api import APIRequestContext, Page, expect

from tests.browser.city import City
from tests.browser.office import Office
from tests.browser.phone import Phones
from tests.browser.test_vans import open_stop, take, ticket

SLOW_MS = 20_000
pytestmark = pytest.mark.timeout(180)


@pytest.fixture
def office(http: APIRequestContext, city: City) -> Office:
    """A van that nobody foretells yet."""
    made = Office(http, city)
    made.today(25, 50)
    return made


def at_home(page: Page, url: str) -> Page:
    page.set_default_timeout(SLOW_MS)
    page.goto(f"{url}/#mobil")
    return page


def test_the_office_comes_and_everybody_knows(phones: Phones, city: City, office: Office) -> None:
    """The reminder rings as it comes nearer, the number is called and served, the desk sees both; then it leaves."""
    first, second = office.stops
    follower = at_home(phones(place=office.place).page, city.url)
    open_stop(follower, first)
    follower.get_by_label("5 menit").check(force=True)
    follower.locator('[data-act="reminder.set"]').click()
    reminder = follower.locator(f'.van-mine [data-type="reminder"][data-id="{first}"]')
    expect(reminder).to_have_attribute("data-state", "set", timeout=SLOW_MS)

    holder = at_home(phones(place=office.place).page, city.url)
    open_stop(holder, first)
    holder.get_by_label("Nama untuk dipanggil petugas").fill("Wulan")
    take(holder, "KTP")
    expect(ticket(holder, "go").locator(".ticket-number")).to_contain_text("1")

    crew_phone, desk_phone = phones(place=office.place), phones()
    crew = crew_phone.sign_in(city.enrol("crew", "Darmo", van=office.van))
    desk = desk_phone.sign_in(city.enrol("dispatcher", "Sari", desk="van"))
    row = desk.locator(f'[data-type="van"][data-id="{office.van}"] [data-type="stop"][data-id="{first}"]').first
    expect(row).to_have_attribute("data-state", "expected", timeout=SLOW_MS)

    office.today(3, 40)
    rings = follower.locator(f'#van-ring [data-type="reminder"][data-id="{first}"]')
    expect(rings).to_have_attribute("data-ringing", "", timeout=SLOW_MS)
    rings.locator('[data-act="reminder.dismiss"]').click()
    expect(rings).to_have_count(0, timeout=SLOW_MS)

    crew.locator('[data-act="van.arrive"]').click()
    sheet = follower.locator(f'section[data-type="stop"][data-id="{first}"]')
    expect(sheet).to_have_attribute("data-state", "arrived", timeout=SLOW_MS)
    expect(row).to_have_attribute("data-state", "arrived", timeout=SLOW_MS)
    crew.locator('.call-next[data-act="ticket.call"]').first.click()
    expect(ticket(holder, "called")).to_contain_text("Giliran Anda", timeout=SLOW_MS)
    expect(crew.locator('#queue .called[data-state="called"]')).to_contain_text("Wulan", timeout=SLOW_MS)
    crew.locator('[data-act="ticket.serve"]').first.click()
    expect(ticket(holder, "served")).to_be_visible(timeout=SLOW_MS)

    crew.locator('.huge[data-act="van.depart"]').click()
    expect(sheet).to_have_attribute("data-state", "departed", timeout=SLOW_MS)
    expect(row).to_have_attribute("data-state", "departed", timeout=SLOW_MS)
    expect(crew.locator("#now")).to_contain_text(f"Pos Jauh {office.van}", timeout=SLOW_MS)
    after = desk.locator(f'[data-type="van"][data-id="{office.van}"] [data-type="stop"][data-id="{second}"]').first
    expect(after).to_have_attribute("data-state", "expected", timeout=SLOW_MS)
