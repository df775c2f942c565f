"""The error tree, and the codes that a peer may read."""

from __future__ import annotations

import inspect
import re

import pytest

from hub import errors


@pytest.mark.parametrize("code", sorted(errors.CODES))
def test_codes_are_stable_words(code: str) -> None:
    """A code is one lower-case word, with a meaning."""
    assert re.fullmatch(r"[a-z_]+", code)
    assert errors.CODES[code]


def test_the_protocols_codes_are_there() -> None:
    """Every code of PROTOCOL section 5."""
    named = (
        "bad_frame bad_data unknown_command unknown_topic not_signed_in not_allowed not_found illegal_step taken "
        "too_late too_many id_reused unavailable unconfirmed internal"
    )
    assert set(named.split()) <= set(errors.CODES)


def test_every_error_stands_in_the_tree() -> None:
    """All have one root, and the drawing above the code shows each."""
    found = [value for value in vars(errors).values() if inspect.isclass(value) and issubclass(value, Exception)]
    for error in found:
        assert issubclass(error, errors.HubError)
        assert error.__name__ in (errors.__doc__ or "")


def test_errors_hold_data_and_say_a_sentence() -> None:
    """Data in attributes, the sentence in `str`."""
    wrong = errors.DataError("data.lat", "expected a number")
    assert (wrong.path, wrong.expected, str(wrong)) == ("data.lat", "expected a number", "data.lat: expected a number")
    unsafe = errors.StoreUnsafe("appendfsync", "everysec", "always")
    assert (unsafe.setting, unsafe.found, unsafe.wanted) == ("appendfsync", "everysec", "always")
    assert str(unsafe) == "the store's appendfsync is 'everysec', expected 'always'"
