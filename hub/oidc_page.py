"""What somebody reads who was not signed in by the city's account: one sentence, the way on, and the two numbers.

A browser gets a page, a program the refusal. Nothing on it was chosen by who asked.
"""

from __future__ import annotations

from html import escape
from typing import Final

from starlette.requests import Request
from starlette.responses import Response

from hub.api import STATUS
from hub.errors import SignInError
from hub.identity import PAGES
from hub.oidc_reasons import answer_of, words_of
from hub.oidc_table import Oidc
from hub.staff import answered

SHEETS: Final = ("base", "floor", "door", "small")


def turned_away(request: Request, error: SignInError, page: str, numbers: tuple[str, str]) -> Response:
    """The answer.

    Args:
        page: where the sign-in was begun, one of ours; empty when that is not known.
        numbers: to phone: for a medic, and for everything.
    """
    if page not in ("", *PAGES.values()):
        raise ValueError(f"{page!r} is no page of the staff")
    if "text/html" not in request.headers.get("accept", ""):
        return answered(request, answer_of(error))
    headers = {"Cache-Control": "no-store"}
    return Response(html(error, page, numbers), STATUS[answer_of(error).code], headers, "text/html")


def html(error: SignInError, page: str, numbers: tuple[str, str]) -> str:
    """The page, in Indonesian."""
    sheets = "".join(f'<link rel="stylesheet" href="/static/shared/{name}.css">' for name in SHEETS)
    again = f'<a class="big go" href="/v1/oidc/start?page={page}">Coba lagi</a>' if page else ""
    back = f'<a class="quiet" href="{page or PAGES["dispatcher"]}">Kembali ke halaman petugas</a>'
    phones = "".join(
        f'<a href="tel:{escape(number)}"><b>{escape(number)}</b><span>{what}</span></a>'
        for number, what in zip(numbers, ("medis", "darurat"), strict=True)
    )
    return (
        '<!doctype html><html lang="id"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>Kentongan · Belum masuk</title>{sheets}</head>"
        f'<body data-reason="{error.reason}"><main class="door-alone"><section class="door">'
        '<svg class="icon" aria-hidden="true"><use href="/static/shared/pictograms.svg#desk"></use></svg>'
        f'<h1>Belum bisa masuk</h1><p role="status">{escape(words_of(error))}</p>{again}{back}'
        f'<nav class="door-numbers" aria-label="Telepon darurat">{phones}</nav></section></main></body></html>'
    )


def pages_of(oidc: Oidc | None, public_url: str) -> list[str]:
    """The pages that the city's account opens; none without an address to come back to."""
    if oidc is None or not public_url:
        return []
    return list(dict.fromkeys(PAGES[post.role] for post in oidc.roles.values()))
