"""What every story relies on: a page that asks another host for anything is found out."""

from __future__ import annotations

from playwright.sync_api import Browser

from tests.browser.city import City
from tests.browser.phone import Phone

ELSEWHERE = ["http://example.com/a.png", "https://93.184.216.34/b.png"]
ASK = """(urls) => Promise.all(urls.map((url) => new Promise((done) => {
  const one = new Image();
  one.onerror = done;
  one.src = url;
})))"""


def test_another_host_is_heard_and_never_reached(browser: Browser, city: City) -> None:
    """By name or by number; the city's own is no other host."""
    phone = Phone(browser, bypass_csp=True)
    phone.open(f"{city.url}/docs").evaluate(ASK, ELSEWHERE)
    assert sorted(phone.foreign) == ELSEWHERE
    phone.close()
