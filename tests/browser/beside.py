"""What a form says is wrong, beside the field."""

from __future__ import annotations

from playwright.sync_api import Locator, Page, expect


def said_beside(root: Page | Locator, field: str, words: str) -> None:
    """The field is marked and described by a visible line with these words; "" for neither."""
    control = root.locator(f'[name="{field}"]')
    page = root if isinstance(root, Page) else root.page
    line = page.locator(f"#{control.get_attribute('aria-describedby')}")
    if not words:
        expect(line).to_be_empty()
        expect(control).not_to_have_attribute("aria-invalid", "true")
        return
    expect(line).to_be_visible()
    expect(line).to_contain_text(words)
    expect(control).to_have_attribute("aria-invalid", "true")
