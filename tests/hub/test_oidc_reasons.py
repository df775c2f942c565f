"""Why nobody was signed in: every reason has a code and a sentence; the person's are in `test_oidc_page.py`."""

from __future__ import annotations

import ast

import pytest

from hub.errors import CODES, SignInError
from hub.oidc_reasons import REASONS, answer_of
from tests.support.processes import ROOT

SOURCES = sorted((ROOT / "hub").glob("oidc*.py"))


@pytest.mark.parametrize("reason", list(REASONS))
def test_a_reason_is_a_refusal_and_a_sentence(reason: str) -> None:
    """A code that everybody knows, the reason in `data`, no place left open."""
    answer = answer_of(SignInError(reason, "detail"))
    assert answer.code in CODES
    assert answer.data == {"reason": reason}
    assert answer.message
    assert "{" not in answer.message
    assert answer.retry == (answer.code in ("too_many", "unavailable") and reason != "setup")


def raised() -> set[str]:
    """Every reason that a source names."""
    found = set()
    for path in SOURCES:
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "SignInError":
                found |= {one.value for one in ast.walk(node.args[0]) if isinstance(one, ast.Constant)}
    return {one for one in found if isinstance(one, str)}


def test_no_reason_is_missing_or_left_over() -> None:
    """What is raised stands in the table; what stands there is raised, by name or out of PyJWT's own errors."""
    from hub.oidc_token import _WRONG

    assert raised() | {reason for _, reason in _WRONG} == set(REASONS)


def test_an_error_says_its_reason() -> None:
    """For the log."""
    assert str(SignInError("nonce")) == "nonce"
    assert str(SignInError("van", "v9")) == "van: v9"
