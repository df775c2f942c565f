"""The headers that every answer carries."""

from __future__ import annotations

from hub.guard import policy
from hub.inline import Whole


def test_the_policy_names_both_hubs_and_the_inline_texts() -> None:
    """Nothing else inline, no other host; an outside origin also as a WebSocket."""
    first = Whole("", ("'sha256-a'",), ("'sha256-b'", "'sha256-c'"))
    rules = dict(
        rule.split(" ", 1) for rule in policy(("h", "h"), (1, 2), ("https://kota.example",), first).split("; ")
    )
    assert rules["default-src"] == "'none'"
    assert rules["script-src"] == "'self' 'sha256-a'"
    assert rules["style-src"] == "'self' 'sha256-b' 'sha256-c'"
    assert rules["connect-src"].split() == [
        "'self'", "ws://h:1", "ws://h:2", "http://h:2", "https://kota.example", "wss://kota.example",
    ]  # fmt: skip
    assert "unsafe" not in str(rules)
