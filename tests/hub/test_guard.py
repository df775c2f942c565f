"""The headers that every answer carries."""

from __future__ import annotations

import pytest
from starlette.responses import Response

from hub.doors import Doors
from hub.guard import Guard, policy
from hub.inline import Whole
from hub.settings import Settings
from tests.support.asgi import ask


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


def test_a_path_and_tls_are_no_matter_of_the_policy() -> None:
    """A source is an origin: with its path it would fit that one file alone; hubs with TLS are named so."""
    first = Whole("", (), ())
    urls = ("https://kota.example", "https://kota.example/help")
    rule = policy(("h",), (1, 2), urls, first, secure=True).rpartition("connect-src ")[2]
    assert rule.split() == [
        "'self'", "wss://h:1", "wss://h:2", "https://h:2", "https://kota.example", "wss://kota.example",
    ]  # fmt: skip


@pytest.mark.asyncio
async def test_a_name_over_tls_is_bound_to_it() -> None:
    """HSTS where the proxy says that the client came over TLS, on every answer, refusals aside; not in the open."""
    doors = Doors(Settings(public_url="https://kota.example", trusted_proxies=("192.168.1.77",)), "127.0.0.1", 8000)
    guarded = Guard(Response("ok"), doors, "default-src 'none'")
    over = {"host": "kota.example", "x-forwarded-proto": "https"}
    assert (await ask(guarded, "/", over))[1]["strict-transport-security"] == "max-age=31536000"
    for plain in ({**over, "x-forwarded-proto": "http"}, {"host": "kota.example"}):
        assert "strict-transport-security" not in (await ask(guarded, "/", plain))[1]
