"""A van's day for tests of its desk, made by the protocol, and what the desk's page is asked."""

from __future__ import annotations

import time
from typing import Any

from playwright.sync_api import APIRequestContext, Locator, Page, ViewportSize, expect

from channels.van_days import MINUTE_MS, day_of, day_start
from tests.browser.city import City, van_name
from tests.browser.hours import CLOCK
from tests.browser.phone import Phones
from tests.browser.staff import Staff

WIDE: ViewportSize = {"width": 1280, "height": 900}
SOON = 15_000


class Day:
    """A van of its own with three stops of its own, made by the protocol."""

    def __init__(self, http: APIRequestContext, city: City) -> None:
        self.http, self.city = http, city
        self.desk = Staff(http, city, "dispatcher", desk="van")
        self.van = van_name()
        self.name = f"Mobil {self.van.title()}"
        self.desk.give("van.save", van=self.van, name=self.name, services=["KTP"])
        places = ("kranggan", "meri", "wates")
        services = [{"service": "KTP", "papers": ["KK"], "quota": 5}]
        self.stops = [
            str(
                self.desk.give("stop.save", name=f"Titik {place} {self.van}", kelurahan=place, services=services)[
                    "stop"
                ]
            )
            for place in places
        ]
        self.today = day_of(self.now(), CLOCK.ms)
        self.minute = (self.now() - day_start(self.today, CLOCK.ms)) // MINUTE_MS
        self.minutes = [self.minute, self.minute + 20, self.minute + 40]

    def now(self) -> int:
        return int(time.time() * 1000)

    def plan(self, **when: object) -> None:
        stops = [{"stop": stop, "minute": at} for stop, at in zip(self.stops, self.minutes, strict=True)]
        self.desk.give("trip.save", van=self.van, stops=stops, **when)

    def crew(self) -> Staff:
        return Staff(self.http, self.city, "crew", van=self.van)

    def row(self, stop: int) -> dict[str, Any]:
        trip = self.desk.things(f"van/{self.van}")[self.van]["trip"]
        return next(row for row in trip if row["stop"] == self.stops[stop])

    def clock(self, stop: int, later_min: int = 0) -> str:
        minute = self.minutes[stop] + later_min
        return f"{minute // 60:02}:{minute % 60:02}"


def desk_page(phones: Phones, city: City, **options: Any) -> Page:
    page = phones(**{"viewport": WIDE, **options}).sign_in(city.enrol("dispatcher", "Tutik", desk="van"))
    expect(page.locator('[data-desk="van"]')).to_be_visible()
    return page


def card_of(page: Page, van: str) -> Locator:
    return page.locator(f'.van-card[data-type="van"][data-id="{van}"]')


def stop_of(page: Page, day: Day, stop: int) -> Locator:
    return card_of(page, day.van).locator(f'[data-type="stop"][data-id="{day.stops[stop]}"]')


def sheet_of(page: Page) -> Locator:
    return page.locator("#van-sheet")


def yes(page: Page, act: str) -> None:
    sheet_of(page).locator(f'button[type="submit"][data-act="{act}"]').click()


def fits(page: Page) -> None:
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
