"""Going through a page by Tab, Enter and Space alone, and where the focus is on the way."""

from __future__ import annotations

import pytest
from msgspec import Struct, convert
from playwright.sync_api import BrowserContext, Locator, Page, expect

# The focus is lost when it has been nowhere for 400 ms, and had been somewhere before.
WATCH = """
(() => {
  const lost = (window.kt_lost = []);
  let last = "";
  let since = null;
  document.addEventListener("keydown", ({ key }) => { if (key === "Tab") last = ""; });
  setInterval(() => {
    const at = document.activeElement;
    const gone = !at || at === document.body || at === document.documentElement;
    if (!gone) {
      last = `${at.tagName} ${at.id} ${at.className} ${at.textContent.slice(0, 40)}`;
      since = null;
    } else if (last && since === null) {
      since = performance.now();
    } else if (last && performance.now() - since > 400) {
      lost.push(`${last} @ ${location.hash}`);
      last = "";
    }
  }, 50);
})();
"""
AT = """(target) => {
  const at = document.activeElement;
  const box = at.getBoundingClientRect();
  const drawn = (style) => style.outlineStyle !== "none" && parseFloat(style.outlineWidth) >= 2;
  const lines = [null, "::after", "::before"].map((part) => drawn(getComputedStyle(at, part)));
  return {
    name: `${at.tagName} ${at.id} ${at.className} ${at.textContent.slice(0, 40)}`,
    reached: at.tabIndex >= 0,
    there: at === target,
    marked: at.matches(":focus-visible") && lines.includes(true),
    in_sight: box.width > 0 && box.bottom > 0 && box.top < innerHeight && box.right > 0 && box.left < innerWidth,
  };
}"""


class At(Struct, frozen=True):
    """What has the focus. `reached` by Tab, else a script put it there, on a heading that is only read; `there` is what
    was looked for."""

    name: str
    reached: bool
    there: bool
    marked: bool
    in_sight: bool


def watch(context: BrowserContext) -> None:
    """Note every loss of the focus, from the next page on."""
    context.add_init_script(WATCH)


def kept(page: Page) -> None:
    """The focus was never lost, and is now where a person sees it."""
    assert page.evaluate("window.kt_lost") == []
    at = where(page)
    assert not at.name.startswith("BODY"), at
    if at.reached:
        assert at.marked, at
        assert at.in_sight, at


def where(page: Page) -> At:
    return convert(page.evaluate(AT, None), At)


def tab_to(page: Page, target: Locator, most: int = 40) -> None:
    """Press Tab until it is there; every stop on the way is marked and on the screen."""
    target.wait_for()
    for _ in range(most):
        page.keyboard.press("Tab")
        at = convert(target.evaluate(AT), At)
        if at.name.startswith("BODY"):
            continue  # Past the page's end the browser's own bar has it, then the page's beginning.
        assert at.marked, at
        assert at.in_sight, at
        if at.there:
            return
    pytest.fail(f"{most} times Tab did not lead to {target}")


def press(page: Page, target: Locator, key: str = "Enter") -> None:
    """Go there, press the key; afterwards the focus is somewhere, in sight."""
    tab_to(page, target)
    page.keyboard.press(key)
    expect(page.locator("body")).not_to_be_focused()
