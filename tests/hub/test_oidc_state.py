"""What a sign-in must come back with: sealed in one browser, for ten minutes."""

from __future__ import annotations

import re

from hub.oidc_state import LASTS_MS, Begun, begun, challenge_of, nonce_of, opened, same, sealed, verifier_of

KEY, OTHER = b"k" * 32, b"o" * 32
STATE = "A-b_" * 11
NOW = 1_795_750_000_000


def test_a_cookie_is_opened_by_the_city_that_sealed_it() -> None:
    """State, page, time and language as they were; not a character may differ."""
    one = begun(STATE, "/dispatch", NOW, "en")
    cookie = sealed(KEY, one)
    assert opened(KEY, cookie, NOW + 1) == one == Begun(STATE, "/dispatch", NOW, "en")
    assert opened(OTHER, cookie, NOW) is None
    for wrong in ("", ".", "....", cookie[:-1], cookie + "x", cookie.replace("dispatch", "medic"), f"é{cookie}"):
        assert opened(KEY, wrong, NOW) is None, wrong


def test_it_lasts_ten_minutes() -> None:
    """Neither longer, nor before it was begun."""
    cookie = sealed(KEY, begun(STATE, "/van", NOW))
    assert opened(KEY, cookie, NOW + LASTS_MS) is not None
    assert opened(KEY, cookie, NOW + LASTS_MS + 1) is None
    assert opened(KEY, cookie, NOW - 1) is None


def test_the_state_is_compared_whole() -> None:
    """Also with what is no ASCII."""
    one = begun(STATE, "/van", NOW)
    assert same(one, STATE)
    assert not any(same(one, other) for other in ("", STATE[:-1], STATE + "a", "é"))


def test_what_is_derived_is_not_to_be_guessed_from_the_state() -> None:
    """Nonce and verifier need the city's key; both are their own, and as long as RFC 7636 wants them."""
    found = {nonce_of(KEY, STATE), verifier_of(KEY, STATE), nonce_of(OTHER, STATE), verifier_of(OTHER, STATE)}
    assert len(found) == 4
    assert re.fullmatch(r"[A-Za-z0-9_-]{43}", verifier_of(KEY, STATE))
    assert verifier_of(KEY, STATE) not in sealed(KEY, begun(STATE, "/van", NOW))


def test_the_challenge_is_that_of_the_standard() -> None:
    """RFC 7636, appendix B."""
    assert challenge_of("dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk") == "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"
