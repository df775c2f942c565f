"""The documents' page, as it is read on a phone and at a desk."""

from __future__ import annotations

import pytest
from playwright.sync_api import Browser, expect

from tests.browser.city import City
from tests.browser.phone import Phones
from tests.browser.seen import fits, seen

pytestmark = pytest.mark.timeout(120)

# One function writes all articles of a section: axe-core reads 12 of each, not 700 (which took 30 s).
FEWER = """() => document.querySelectorAll("section > div").forEach((list) =>
  [...list.children].slice(12).forEach((article) => article.remove()))"""


def test_the_documents_can_be_read(phones: Phones, city: City) -> None:
    """Nothing scrolls sideways, a link leads to the shape it names, targets are large, axe finds nothing."""
    page = phones(bypass_csp=True).open(f"{city.url}/docs")
    expect(page.locator("h1")).to_have_text("Dokumen Kentongan")
    boxes = [link.bounding_box() for link in page.locator("nav a").all()]
    assert len(boxes) == 8
    assert all(box is not None and box["height"] >= 48 for box in boxes)
    page.locator("#commands a", has_text="Called").first.click()
    expect(page.locator("#shape-Called")).to_be_in_viewport()
    fits(page, "docs")
    page.evaluate("scrollTo(0, 0)")
    page.evaluate(FEWER)
    seen(page, "docs/read")


def test_the_documents_need_no_script(browser: Browser, city: City) -> None:
    """With scripts turned off the same can be read."""
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(f"{city.url}/docs")
    expect(page.locator("#topics h3", has_text="wants/{kelurahan}/{category}")).to_be_visible()
    context.close()
