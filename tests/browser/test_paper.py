"""What must be on paper when nothing works: "Hub down" of the sheet for the person on call, on one page."""

from __future__ import annotations

import html
import re

from playwright.sync_api import Browser

from tests.support.processes import ROOT

MARGIN = "18mm"
STYLE = "body { font: 11pt/1.35 sans-serif } h1 { font-size: 18pt; margin: 0 } h2 { font-size: 15pt; margin: 6px 0 }"


def first_page() -> str:
    """The sheet up to its second part."""
    title, heading, rest = (ROOT / "deploy" / "ONCALL.md").read_text("utf-8").partition("## Hub down\n")
    return title + heading + rest.partition("\n## ")[0]


def printed(text: str) -> str:
    """As a printer of Markdown has it: headings, paragraphs, items moved in."""
    parts = []
    for item in re.split(r"\n\n|\n(?=\s*(?:\d\.|-) )", text):
        level = len(item) - len(item.lstrip("#"))
        words = re.sub(r"\*\*([^*]+)\*\*", r"<b>\1</b>", html.escape(" ".join(item.lstrip("# ").split())))
        listed = re.match(r"( *)(\d\.|-) ", item)
        moved = 4 * (len(listed[1]) + 3) if listed else 0
        parts.append(
            f"<h{level}>{words}</h{level}>" if level else f'<p style="margin: 3px 0 3px {moved}px">{words}</p>'
        )
    return f"<style>{STYLE}</style>{''.join(parts)}"


def test_hub_down_is_one_page_of_paper(browser: Browser) -> None:
    """A4, in a type that can be read at night."""
    page = browser.new_page()
    page.set_content(printed(first_page()))
    sides = dict.fromkeys(("top", "bottom", "left", "right"), MARGIN)
    paper = page.pdf(format="A4", margin=sides)  # type: ignore[arg-type]  # all four sides
    page.close()
    assert len(re.findall(rb"/Type\s*/Page\b", paper)) == 1
