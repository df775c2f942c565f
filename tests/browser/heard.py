"""What a screen reader would have said of a page: its live regions' changes and the moves of the focus, in order.

The rules of the script are those of Chrome's accessibility tree. A region speaks when text is put into it, whole where
it is atomic (`role=alert` and `role=status` are), else only what is new. A region that comes with its text, or comes
into sight by itself, speaks as well; one that only comes into sight with the screen around it does not, unless it is an
alert. What is hidden, or taken away, says nothing.
"""

from __future__ import annotations

from itertools import pairwise

from msgspec import Struct, convert
from playwright.sync_api import BrowserContext, Page

LISTEN = """
(() => {
  const heard = (window.kt_heard = []);
  const LIVE = "[role=alert], [role=status], [role=log], [aria-live]";
  const OF_ROLE = { alert: "assertive", status: "polite", log: "polite" };
  const manner = (el) => el.getAttribute("aria-live") || OF_ROLE[el.getAttribute("role")] || "off";
  const elementOf = (node) => (node.nodeType === 1 ? node : node.parentElement);
  const shown = (el) => el.isConnected && el.getClientRects().length > 0;
  const plain = (text) => text.replace(/\\s+/g, " ").trim();
  const regionOf = (node) => {
    const el = elementOf(node);
    const found = el && el.closest(LIVE);
    return found && manner(found) !== "off" && shown(found) ? found : null;
  };
  const whole = (el) => ["alert", "status"].includes(el.getAttribute("role"));
  const atomic = (el) => (el.getAttribute("aria-atomic") || String(whole(el))) === "true";
  const say = (how, text) => { if (plain(text)) heard.push({ how, text: plain(text) }); };

  function look(changes) {
    const spoken = new Map(); // region -> what is new in it
    const add = (region, node) => spoken.set(region, [...(spoken.get(region) || []), node]);
    for (const { type, target, addedNodes, attributeName } of changes) {
      if (type === "attributes") {
        const own = regionOf(target);
        if (own) add(own, target);
        if (attributeName === "hidden" && shown(target)) {
          for (const one of target.querySelectorAll("[role=alert]")) if (shown(one) && one !== own) add(one, one);
        }
        continue;
      }
      const nodes = type === "childList" ? [...addedNodes] : [target];
      const region = regionOf(target);
      for (const node of nodes) {
        if (region) add(region, node);
        if (node.nodeType !== 1) continue;
        for (const one of [node, ...node.querySelectorAll("*")]) {
          if (one.matches(LIVE) && regionOf(one) === one && one !== region) add(one, one);
        }
      }
    }
    for (const [region, nodes] of spoken) {
      const read = (node) => (!node.isConnected ? "" : node.nodeType === 1 ? node.innerText : node.data);
      const all = atomic(region) || nodes.includes(region);
      say(manner(region), all ? region.innerText : [...new Set(nodes)].map(read).join(" "));
    }
  }

  const all = { subtree: true, childList: true, characterData: true, attributes: true, attributeFilter: ["hidden"] };
  new MutationObserver(look).observe(document, all);
  const nameOf = (el) => el.getAttribute("aria-label") || el.innerText || el.name || el.tagName;
  document.addEventListener("focusin", ({ target }) => say("focus", nameOf(target)));
})();
"""


class Said(Struct, frozen=True):
    """One utterance: `polite`, `assertive`, or `focus` for what the focus came to."""

    how: str
    text: str


def listen(context: BrowserContext) -> None:
    """Record from the next page on."""
    context.add_init_script(LISTEN)


def heard(page: Page, *hows: str) -> list[Said]:
    """Everything so far, of these manners or of all, in order."""
    said = convert(page.evaluate("window.kt_heard"), list[Said])
    return [one for one in said if not hows or one.how in hows]


def doubles(said: list[Said]) -> list[str]:
    """Texts that were spoken twice in a row, whatever the manner."""
    return [after.text for before, after in pairwise(said) if before.text == after.text]
