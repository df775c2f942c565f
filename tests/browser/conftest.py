"""One browser for all browser tests and one city for each file of them; every person has a context of their own."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import APIRequestContext, Browser, Playwright, sync_playwright

from tests.browser.buyer import Buyer
from tests.browser.city import City, demo_city, seeded_city
from tests.browser.phone import Phone, Phones
from tests.browser.seeker import Seeker
from tests.browser.van_day import Day

CHROMIUM = Path("/usr/bin/chromium")
SHELL = Path("/usr/bin/chromium-headless-shell")
"""The same engine without the window around it: less than half the processor time for a page. What asks the browser
itself (installable, push) needs the whole one."""
ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--mute-audio",
    # Who asks another host is not served, and is heard failing (phone.py).
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1, EXCLUDE localhost",
]

# The browser ends with this package: its event loop must not be running in other tests.


@pytest.fixture(scope="package")
def driver() -> Iterator[Playwright]:
    with sync_playwright() as playwright:
        yield playwright


@pytest.fixture(scope="package")
def browser(driver: Playwright) -> Iterator[Browser]:
    if not CHROMIUM.exists():
        pytest.fail(f"{CHROMIUM} is missing; install it with: sudo apt-get install chromium")
    path = SHELL if SHELL.exists() else CHROMIUM
    opened = driver.chromium.launch(executable_path=str(path), args=ARGUMENTS)
    yield opened
    opened.close()


# A city is one file's: stories of another would find each other's shops, stops and medics.


@pytest.fixture(scope="module")
def city() -> Iterator[City]:
    with seeded_city() as running:
        yield running


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[City]:
    with demo_city(tmp_path_factory.mktemp("demo")) as running:
        yield running


@pytest.fixture
def phones(browser: Browser) -> Iterator[Phones]:
    """Make phones; afterwards none may have met a script error, a policy violation or another host."""
    made: list[Phone] = []

    def make(**options: object) -> Phone:
        made.append(Phone(browser, **options))  # type: ignore[arg-type]  # the phone's own, by name
        return made[-1]

    yield make
    faults = [fault for phone in made for fault in phone.faults]
    foreign = [url for phone in made for url in phone.foreign]
    for phone in made:
        phone.close()
    assert not faults
    assert not foreign


@pytest.fixture
def http(driver: Playwright) -> Iterator[APIRequestContext]:
    context = driver.request.new_context()
    yield context
    context.dispose()


@pytest.fixture
def buyer(http: APIRequestContext, city: City) -> Buyer:
    return Buyer(http, city)


@pytest.fixture
def seeker(http: APIRequestContext, city: City) -> Seeker:
    return Seeker(http, city)


@pytest.fixture
def day(http: APIRequestContext, city: City) -> Day:
    """A van of its own with three stops of its own, and no trip yet."""
    return Day(http, city)
