"""What a person who sees little meets on a page: words that are cut, a page wider than the screen, things that move."""

from __future__ import annotations

from playwright.sync_api import Locator, Page

CUT = """() => {
  const found = new Set();
  const name = (el) => `${el.tagName.toLowerCase()}#${el.id}.${el.className} "${el.textContent.trim().slice(0, 40)}"`;
  const wide = document.scrollingElement.scrollWidth - innerWidth;
  const beyond = (el) => el.getBoundingClientRect().right > innerWidth + 0.5;
  if (wide > 0) found.add(`${wide} px too wide: ${[...document.querySelectorAll("body *")].filter(beyond).map(name)}`);
  const texts = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (texts.nextNode()) {
    const el = texts.currentNode.parentElement;
    const aside = el.closest(".unseen, [aria-hidden=true], .skips, svg, select, noscript, script, style");
    if (aside || !texts.currentNode.data.trim() || !el.getClientRects().length) continue;
    if (el.clientWidth === 1 && el.clientHeight === 1) continue; // for the ear alone
    const range = document.createRange();
    range.selectNodeContents(texts.currentNode);
    for (const box of range.getClientRects()) {
      if (box.left < -1 || box.right > innerWidth + 1) found.add(`beside the screen: ${name(el)}`);
      let scrolled = false; // what a scroller holds is in reach, wherever it lies
      for (let up = el; up && up !== document.body && !scrolled; up = up.parentElement) {
        const { overflowX, overflowY } = getComputedStyle(up);
        const frame = up.getBoundingClientRect();
        const across = box.left < frame.left - 1 || box.right > frame.right + 1;
        const down = box.top < frame.top - 3 || box.bottom > frame.bottom + 3;
        if ((overflowX !== "visible" && across) || (overflowY === "hidden" && down)) found.add(`cut: ${name(el)}`);
        scrolled = ["auto", "scroll"].includes(overflowY);
      }
    }
  }
  for (const el of document.querySelectorAll("body *")) {
    const { overflowY } = getComputedStyle(el);
    if (!["auto", "scroll"].includes(overflowY) || !el.getClientRects().length) continue;
    const slit = el.scrollHeight > el.clientHeight + 1 && el.clientHeight < 90;
    if (slit) found.add(`a slit of ${el.clientHeight} px: ${name(el)}`);
  }
  return [...found];
}"""
MOVING = """() => {
  const long = (one) => one.effect.getComputedTiming().activeDuration > 1;
  const running = document.getAnimations().filter((one) => one.playState === "running" && long(one));
  const smooth = [...document.querySelectorAll("*")].filter((el) => getComputedStyle(el).scrollBehavior === "smooth");
  return [...running.map((one) => one.animationName || one.transitionProperty), ...smooth.map((el) => el.tagName)];
}"""


def whole(page: Page) -> None:
    """Nothing is cut, nothing lies beside the screen, nothing scrolls in a slit."""
    found = page.evaluate(CUT)
    assert not found, found


def reached(*things: Locator) -> None:
    """A tap on each meets it and nothing else, after no more than scrolling down."""
    for thing in things:
        thing.scroll_into_view_if_needed()
        thing.click(trial=True)


def still(page: Page) -> None:
    """Nothing moves by itself."""
    found = page.evaluate(MOVING)
    assert not found, found
