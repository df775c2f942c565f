"""What somebody reads who was not signed in by the city's account."""

from __future__ import annotations

import re

import pytest
from starlette.requests import Request

from hub.errors import SignInError
from hub.oidc_page import FRAME, REASON, html, tongue_of, turned_away
from hub.oidc_reasons import REASONS
from tests.support.words import ENGLISH, INDONESIAN, said

NUMBERS = ("118", "112")


@pytest.mark.parametrize("reason", list(REASONS))
def test_it_says_why_and_whom_to_phone(reason: str) -> None:
    """One sentence and the city's own numbers; the way back always, again only where the page is known."""
    page = html(SignInError(reason, "a<b>"), "/medic", NUMBERS)
    assert page.count('role="status"') == 1
    assert f'data-reason="{reason}"' in page
    assert 'href="tel:118"' in page
    assert 'href="/v1/oidc/start?page=/medic&amp;lang=id"' in page
    assert "<b>" not in page.replace("<b>118", "").replace("<b>112", "")
    assert not [left for left in ("data-word", "data-reasons", "#", "{") if left in page.replace("svg#desk", "")]
    again = html(SignInError(reason), "", NUMBERS)
    assert "oidc/start" not in again
    assert 'href="/dispatch"' in again


@pytest.mark.parametrize(("tongue", "others"), [("id", ENGLISH), ("en", INDONESIAN)])
def test_it_speaks_one_language(tongue: str, others: frozenset[str]) -> None:
    """The one that is asked for, in every sentence; the next try stays in it."""
    for reason in REASONS:
        page = html(SignInError(reason), "/van", NUMBERS, tongue)
        assert f'<html lang="{tongue}">' in page
        assert f"page=/van&amp;lang={tongue}" in page
        assert not said(re.sub(r"<[^>]*>", " ", page)) & others, reason


def test_every_reason_has_its_sentence_once() -> None:
    """In the frame of the page, which has none for anything else."""
    named = [one for reasons, _ in REASON.findall(FRAME.read_text("utf-8")) for one in reasons.split()]
    assert sorted(named) == sorted(REASONS)


@pytest.mark.parametrize(
    ("said_by_page", "said_by_browser", "offered", "tongue"),
    [
        ("en", "id-ID", ("id", "en"), "en"),
        ("id", "en-GB,en;q=0.9", ("id", "en"), "id"),
        ("", "EN-gb", ("id", "en"), "en"),
        ("", "fr, en", ("id", "en"), "id"),
        ("", "", ("id", "en"), "id"),
        ("en", "en", ("id",), "id"),
        ("<script>", "", ("id", "en"), "id"),
    ],
)
def test_the_language_is_that_of_the_page_before(
    said_by_page: str, said_by_browser: str, offered: tuple[str, ...], tongue: str
) -> None:
    """Where it said none, the browser's; never one that the city does not offer."""
    request = Request({"type": "http", "headers": [(b"accept-language", said_by_browser.encode())]})
    assert tongue_of(request, said_by_page, offered) == tongue


def test_no_other_page_is_linked() -> None:
    """A fault of ours, not an address on the page."""
    request = Request({"type": "http", "headers": []})
    with pytest.raises(ValueError, match="no page of the staff"):
        turned_away(request, SignInError("state"), "//evil.example", NUMBERS)
