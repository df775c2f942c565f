"""What somebody reads who was not signed in by the city's account: one sentence, the way on, and the two numbers.

A browser gets a page, in the language of the page where it began; a program the refusal. The page and its words are
files (`static/account/index.html`, the sections `account` and `common`), and nothing on it was chosen by who asked.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from functools import cache
from html import escape
from pathlib import Path
from typing import Final

from starlette.requests import Request
from starlette.responses import Response

from hub.api import STATUS
from hub.docs_page import words_of
from hub.errors import SignInError
from hub.identity import PAGES
from hub.oidc_reasons import answer_of
from hub.oidc_table import Oidc
from hub.pages import SECTION
from hub.staff import answered

STATIC: Final = Path(__file__).parent.parent / "static"
FRAME: Final = STATIC / "account" / "index.html"
TONGUES: Final = ("id", "en")
REASON: Final = re.compile(r'<p data-reasons="([a-z ]+)" (.*)\n')
AGAIN: Final = re.compile(r'<a [^>]*href="#again".*\n')
WORD: Final = re.compile(r'data-word="(\w+\.\w+)">')
LABEL: Final = re.compile(r'data-word-label="(\w+\.\w+)"')


def tongue_of(request: Request, said: str, languages: Sequence[str]) -> str:
    """The language of the page.

    Args:
        said: by the page where the sign-in was begun; where it said none, the browser does.
        languages: those that the city offers.
    """
    if said not in TONGUES:
        said = request.headers.get("accept-language", "")[:2].lower()
    return said if said in TONGUES and said in languages else TONGUES[0]


def turned_away(
    request: Request, error: SignInError, page: str, numbers: tuple[str, str], tongue: str = TONGUES[0]
) -> Response:
    """The answer.

    Args:
        page: where the sign-in was begun, one of ours; empty when that is not known.
        numbers: to phone: for a medic, and for everything.
    """
    if page not in ("", *PAGES.values()):
        raise ValueError(f"{page!r} is no page of the staff")
    if "text/html" not in request.headers.get("accept", ""):
        return answered(request, answer_of(error))
    headers = {"Cache-Control": "no-store", "Vary": "Accept-Language"}
    return Response(html(error, page, numbers, tongue), STATUS[answer_of(error).code], headers, "text/html")


def html(error: SignInError, page: str, numbers: tuple[str, str], tongue: str = TONGUES[0]) -> str:
    """The page, in Indonesian or English.

    Raises:
        KeyError: the frame has a place without a word.
    """
    words = _words(tongue)
    frame = REASON.sub(lambda found: f"<p {found[2]}\n" if error.reason in found[1].split() else "", _frame())
    text = LABEL.sub(lambda found: f'aria-label="{escape(words[found[1]])}"', frame if page else AGAIN.sub("", frame))
    text = WORD.sub(lambda found: f">{escape(words[found[1]])}", text)
    filled = {
        '<html lang="id">': f'<html lang="{tongue}">',
        "<body>": f'<body data-reason="{error.reason}">',
        "#again": f"/v1/oidc/start?page={page}&amp;lang={tongue}",
        "#back": page or PAGES["dispatcher"],
        "#119": escape(numbers[0]),
        "#112": escape(numbers[1]),
        "{claim}": escape(error.detail),
    }
    return re.sub("|".join(map(re.escape, filled)), lambda found: filled[found[0]], text)


@cache
def _frame() -> str:
    return FRAME.read_text("utf-8")


@cache
def _words(tongue: str) -> Mapping[str, str]:
    """`section.name` -> word, of the two sections that the page reads."""
    text = (STATIC / "words" / f"{tongue}.js").read_text("utf-8")
    sections = {found[1]: words_of(found[0]) for found in SECTION.finditer(text)}
    return {f"{one}.{name}": said for one in ("account", "common") for name, said in sections[one].items()}


def pages_of(oidc: Oidc | None, public_url: str) -> list[str]:
    """The pages that the city's account opens; none without an address to come back to."""
    if oidc is None or not public_url:
        return []
    return list(dict.fromkeys(PAGES[post.role] for post in oidc.roles.values()))
