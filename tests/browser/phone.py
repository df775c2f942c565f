"""One person's phone: a browser context of its own, with what a person does on it."""

from __future__ import annotations

from collections.abc import Callable
from urllib.parse import urlsplit

from playwright.sync_api import Browser, ConsoleMessage, Locator, Page, Request, ViewportSize, expect

SMALL: ViewportSize = {"width": 360, "height": 640}
HOLD_MS = 1500

# Where people stand: the caller in Kranggan, medics around.
KRANGGAN = (-7.4733, 112.4353)
NEAR = (-7.4749, 112.4372)
FARTHER = (-7.4790, 112.4400)
ALONE = (-7.4871, 112.4462)  # Far from every other test's calls: nobody asks whether they are the same.

# The ring test was done today; the tap that signs in unlocks the sound.
HEARD_BEFORE = """
  try { localStorage.setItem("kt.ring_tested_at", String(Date.now())); } catch (error) { /* No origin. */ }
"""


class Phone:
    """A context with a place, a page, and whatever went wrong on it.

    Args:
        place: latitude and longitude, None for a person who does not share it.
        heard: the ring test counts as done.
        bypass_csp: for axe-core, which styles elements to measure them.
        motion: what pulses does; else its owner asked for less of it, which costs the machine less as well.
    """

    def __init__(
        self,
        browser: Browser,
        *,
        place: tuple[float, float] | None = KRANGGAN,
        heard: bool = True,
        viewport: ViewportSize = SMALL,
        bypass_csp: bool = False,
        motion: bool = False,
    ) -> None:
        self.context = browser.new_context(
            viewport=viewport,
            bypass_csp=bypass_csp,
            reduced_motion="no-preference" if motion else "reduce",
            locale="id-ID",
            geolocation=None if place is None else {"latitude": place[0], "longitude": place[1], "accuracy": 12},
            permissions=[] if place is None else ["geolocation"],
        )
        if heard:
            self.context.add_init_script(HEARD_BEFORE)
        self.faults: list[str] = []
        self.foreign: list[str] = []
        self.page: Page = self.context.new_page()
        self.watch(self.page)

    def watch(self, page: Page) -> None:
        page.on("pageerror", lambda error: self.faults.append(f"{page.url}: {error}"))
        page.on("console", self._heard_console)
        page.on("requestfailed", self._heard_request)

    def _heard_console(self, message: ConsoleMessage) -> None:
        if message.type == "error" and "Content Security Policy" in message.text:
            self.faults.append(message.text)

    def _heard_request(self, request: Request) -> None:
        address = urlsplit(request.url)
        if address.scheme.startswith(("http", "ws")) and address.hostname != "127.0.0.1":
            self.foreign.append(request.url)

    def open(self, url: str) -> Page:
        self.page.goto(url)
        return self.page

    def sign_in(self, url: str) -> Page:
        """Open an enrolment link and tap "Masuk"."""
        self.open(url)
        self.page.get_by_role("button", name="Masuk", exact=True).click()
        return self.page

    def move(self, place: tuple[float, float]) -> None:
        self.context.set_geolocation({"latitude": place[0], "longitude": place[1], "accuracy": 12})

    def offline(self, away: bool) -> None:
        self.context.set_offline(away)

    def close(self) -> None:
        self.context.close()


Phones = Callable[..., Phone]


# -- what people do -----------------------------------------------------------------


def hold(page: Page, button: Locator, ms: int = HOLD_MS + 250) -> None:
    """Press and hold, as a finger does: the hold itself is what is tested, so it takes its time."""
    button.wait_for()
    box = button.bounding_box()
    assert box is not None
    page.mouse.move(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    page.mouse.down()
    page.wait_for_timeout(ms)
    page.mouse.up()


def call_button(page: Page) -> Locator:
    return page.locator('button#call[data-act="medic.call"]')


def medic_on_duty(phone: Phone, url: str) -> Page:
    """Sign a medic in, go on duty, and wait until the hub knows that the phone is heard."""
    page = phone.sign_in(url)
    page.locator('[data-act="medic.duty"][data-on="true"]').click()
    expect(page.locator('[data-type="duty"][data-state="on"][data-reachable="true"]')).to_be_visible(timeout=15_000)
    return page


def offer(page: Page, request: str, state: str = "open") -> Locator:
    """The card of one request on a medic's page; other people's calls may stand beside it."""
    return page.locator(f'[data-type="offer"][data-id="{request}"][data-state="{state}"]')


def accept(page: Page, request: str) -> None:
    offer(page, request).locator('[data-act="medic.accept"]').click()


def advance(page: Page, to: str) -> None:
    page.locator(f'.next [data-act="medic.advance"][data-to="{to}"]').click()


def shows(page: Page, *states: str) -> None:
    """The caller's page shows the request in one of these states."""
    any_of = ", ".join(f'#status[data-type="request"][data-state="{state}"]' for state in states)
    expect(page.locator(any_of)).to_be_visible(timeout=10_000)


def request_of(page: Page) -> str:
    """The id of the caller's request, once the hub has given it."""
    shows(page, "offered", "accepted")
    found = page.locator('#status[data-type="request"]').get_attribute("data-id")
    assert found
    return found
