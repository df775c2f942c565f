"""What a story says where a state stands: `seen(page, "shop/ring")`.

axe-core reads the state in both themes, nothing may be wider than the screen, and `make gallery` takes its pictures.
"""

from __future__ import annotations

import json
from importlib.resources import files
from typing import Any
from zlib import crc32

from playwright.sync_api import Page, ViewportSize

from tests.browser import pictures
from tests.browser.phone import SMALL
from tests.browser.states import STATES

WIDE: ViewportSize = {"width": 1280, "height": 800}

AXE = (files("axe_playwright_python") / "axe.min.js").read_text()
# A colour that is still changing is none that anybody reads.
RUN = """async ([part, rules]) => {
  for (const one of document.getAnimations()) if (one instanceof CSSTransition) one.finish();
  const options = { resultTypes: ["violations"], iframes: false, ...(rules ? { runOnly: rules } : {}) };
  const { violations } = await axe.run(part || document, options);
  const where = (nodes) => nodes.map(({ target, failureSummary }) => [target.join(" "), failureSummary]);
  return violations.map(({ id, help, nodes }) => ({ id, help, where: where(nodes) }));
}"""
# A value that nobody turned into words; `null` is a word of the documents.
RAW = r"""() => {
  const found = [], walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (walker.nextNode()) {
    const { data, parentElement } = walker.currentNode;
    const raw = /\b(?:null|undefined|NaN)\b|\[object /.test(data);
    if (raw && !parentElement.closest("script, style, code")) found.push(data.trim());
  }
  return found;
}"""
COLOURS = ["color-contrast", "link-in-text-block"]
"""The rules that a theme can break; all others read the same document in each."""


def check(page: Page, *, part: str | None = None, rules: list[str] | None = None) -> None:
    """Fail with all that axe-core finds on the page; a frame is a page of its own, checked by itself.

    Args:
        part: a selector; None reads the whole document.
        rules: ids of axe-core's rules; None runs all.
    """
    if not page.evaluate("'axe' in window"):
        page.evaluate(AXE)
    found: list[dict[str, Any]] = page.evaluate(RUN, [part, rules])
    assert not found, json.dumps(found, indent=1)


def seen(page: Page, state: str, *, part: str | None = None, at: str | None = None) -> None:
    """A state of `states.py` stands on the page: hold it to all that is asked of every state.

    Every value on it is in words: no `null`, no `undefined`. axe-core reads it whole, light, at the width that the
    page has; half of the states, the same ones each time, also dark (their colours) at the other width: all of them
    where pictures are taken. Nothing is wider than the screen. The page is left as it was. `bypass_csp` must be on
    (phone.py).

    Args:
        part: what is new in this state, when all around it is another state's.
        at: what the picture must show, when it is not at the top.
    """
    assert state in STATES, f"{state} is not in tests/browser/states.py"
    before = page.viewport_size or SMALL
    if not state.startswith("docs/"):
        assert page.evaluate(RAW) == [], state
    fits(page, state)
    check(page, part=part)
    if not (pictures.FOLDER or crc32(state.encode()) % 2):
        return
    page.set_viewport_size(WIDE if before["width"] < WIDE["width"] // 2 else SMALL)
    page.emulate_media(color_scheme="dark")
    fits(page, state)
    check(page, part=part, rules=COLOURS)
    page.emulate_media(color_scheme="light")
    if pictures.FOLDER:
        pictures.take(page, state, (SMALL, WIDE), at or part)
    page.set_viewport_size(before)


def fits(page: Page, state: str) -> None:
    """Nothing is wider than the screen; a page whose parts scroll by themselves is no higher either."""
    wide = page.evaluate("[document.documentElement.scrollWidth, window.innerWidth]")
    assert wide[0] <= wide[1], (state, wide)
    if page.evaluate("document.body.dataset.page === 'resident'"):
        high = page.evaluate("[document.documentElement.scrollHeight, window.innerHeight]")
        assert high[0] <= high[1], (state, high)
