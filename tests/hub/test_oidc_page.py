"""What somebody reads who was not signed in by the city's account."""

from __future__ import annotations

import pytest
from starlette.requests import Request

from hub.errors import SignInError
from hub.oidc_page import html, turned_away
from hub.oidc_reasons import REASONS

NUMBERS = ("118", "112")


@pytest.mark.parametrize("reason", list(REASONS))
def test_it_says_why_and_whom_to_phone(reason: str) -> None:
    """One sentence and the city's own numbers; the way back always, again only where the page is known."""
    page = html(SignInError(reason, "a<b>"), "/medic", NUMBERS)
    assert 'href="tel:118"' in page
    assert 'href="/v1/oidc/start?page=/medic"' in page
    assert "<b>" not in page.replace("<b>118", "").replace("<b>112", "")
    again = html(SignInError(reason), "", NUMBERS)
    assert "oidc/start" not in again
    assert 'href="/dispatch"' in again


def test_no_other_page_is_linked() -> None:
    """A fault of ours, not an address on the page."""
    request = Request({"type": "http", "headers": []})
    with pytest.raises(ValueError, match="no page of the staff"):
        turned_away(request, SignInError("state"), "//evil.example", NUMBERS)
