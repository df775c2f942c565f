"""The provider asked over HTTP: kept for a while, asked no more often than said, and never believed blindly."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from hub import fetch
from hub.errors import SignInError
from hub.fetch import Fetcher
from hub.oidc_provider import EXCHANGES, FAILED_S, KEEP_S, KEYS_AGAIN_S, Provider
from hub.oidc_table import Oidc, Post
from tests.support import provider as p
from tests.support.live import on_loop, until

CONFIGURATION = "/.well-known/openid-configuration"
JSON = {"Content-Type": "application/json"}


@pytest.fixture
def city() -> Iterator[p.Provider]:
    with p.standing_provider() as standing:
        yield standing


class Clock:
    now = 1000.0

    def __call__(self) -> float:
        return self.now


def asked(city: p.Provider, clock: Clock | None = None, secret: Path | None = None) -> Provider:
    return Provider(Oidc(city.issuer, p.CLIENT, {"a": Post("admin")}, secret), Fetcher(), clock or Clock())


async def reason(waiting: Any) -> tuple[str, str]:
    with pytest.raises(SignInError) as refused:
        await waiting
    return refused.value.reason, refused.value.detail


@on_loop
async def test_where_it_is_is_asked_once_an_hour(city: p.Provider) -> None:
    """However many ask at once; after an hour anew."""
    clock = Clock()
    provider = asked(city, clock)
    places = await asyncio.gather(*(provider.place() for _ in range(5)))
    assert {place.authorization for place in places} == {city.issuer + "/authorize"}
    assert city.count(CONFIGURATION) == 1
    clock.now += KEEP_S
    await provider.place()
    assert city.count(CONFIGURATION) == 2


DISCOVERY: list[tuple[str, Callable[[p.Claims], p.Claims], str]] = [
    ("another issuer", lambda told: {**told, "issuer": "https://evil.example"}, "another issuer"),
    ("no endpoint", lambda told: {**told, "token_endpoint": None}, "is no https address"),
    ("plain elsewhere", lambda told: {**told, "jwks_uri": "http://192.168.1.5/jwks"}, "is no https address"),
    ("no address", lambda told: {**told, "authorization_endpoint": "javascript:alert(1)"}, "is no https address"),
    ("with a fragment", lambda told: {**told, "authorization_endpoint": "https://a.example/#x"}, "is no https address"),
    ("no PKCE", lambda told: {**told, "code_challenge_methods_supported": ["plain"]}, "PKCE"),
]


@pytest.mark.parametrize(("name", "edit", "says"), DISCOVERY)
@on_loop
async def test_a_discovery_document_is_not_believed_blindly(
    city: p.Provider, name: str, edit: Callable[[p.Claims], p.Claims], says: str
) -> None:
    """It must be this issuer's and lead over TLS."""
    city.discovery = edit
    why, detail = await reason(asked(city).place())
    assert why == "provider"
    assert says in detail


@pytest.mark.parametrize(
    ("answer", "says"),
    [
        ((500, JSON, b"{}"), "it answered 500"),
        ((302, {"Location": "https://evil.example/"}, b""), "it answered 302"),
        ((200, JSON, b"[]"), "no JSON"),
        ((200, JSON, b"[" * 100_000), "no JSON"),
        ((200, JSON, b"x" * 300_000), "longer than 256 KB"),
    ],
)
@on_loop
async def test_a_provider_that_is_ill_is_said_and_left_alone(
    city: p.Provider, answer: tuple[int, dict[str, str], bytes], says: str
) -> None:
    """Whoever comes within 5 s hears the same, and it is asked no second time; then it is."""
    clock = Clock()
    provider, city.answers[CONFIGURATION] = asked(city, clock), answer
    told = await asyncio.gather(*(reason(provider.place()) for _ in range(5)))
    assert {why for why, _ in told} == {"provider"}
    assert says in told[0][1]
    assert city.count(CONFIGURATION) == 1
    city.answers.clear()
    clock.now += FAILED_S
    assert (await provider.place()).token == city.issuer + "/token"


@on_loop
async def test_a_silent_provider_is_given_up(city: p.Provider, monkeypatch: pytest.MonkeyPatch) -> None:
    """All who wait hear it after one bound, not one after the other."""
    monkeypatch.setattr(fetch, "WITHIN_S", 0.1)
    city.silent = {CONFIGURATION}
    provider = asked(city)
    told = await asyncio.gather(*(reason(provider.place()) for _ in range(20)))
    assert {detail.rpartition(": ")[2] for _, detail in told} == {"no whole answer within 0.1 s"}
    assert city.count(CONFIGURATION) == 1


@on_loop
async def test_an_unknown_key_is_looked_for_once_a_minute(city: p.Provider) -> None:
    """A provider that changed its keys is followed; a token with a made-up key costs it nothing."""
    clock = Clock()
    provider, claims = asked(city, clock), city.claims("n")
    assert (await provider.key(p.signed_rs256(claims))).key_id == "rsa-0"
    city.keys = [{**city.keys[0], "kid": "rsa-1"}]
    new = p.signed_rs256(claims, kid="rsa-1")
    for _ in range(3):
        assert (await reason(provider.key(new)))[0] == "key"
    assert city.count("/jwks") == 1
    clock.now += KEYS_AGAIN_S
    assert (await provider.key(new)).key_id == "rsa-1"
    assert (await reason(provider.key(p.signed_rs256(claims))))[0] == "key"  # the old one is published no more
    assert city.count("/jwks") == 2


@on_loop
async def test_keys_that_are_taken_back_are_forgotten(city: p.Provider) -> None:
    """After an hour at most, unasked; while they cannot be read nobody is let in by old ones."""
    clock = Clock()
    provider, token = asked(city, clock), p.signed_rs256(city.claims("n"))
    await provider.key(token)
    clock.now += KEEP_S
    city.answers["/jwks"] = (500, {}, b"")
    assert (await reason(provider.key(token)))[0] == "provider"
    city.answers.clear()
    city.keys = []
    clock.now += FAILED_S
    assert (await reason(provider.key(token)))[0] == "key"


@pytest.mark.parametrize(
    ("answer", "why"),
    [
        ((400, JSON, b'{"error": "invalid_grant", "error_description": "<script>"}'), "code"),
        ((401, JSON, b'{"error": "invalid_client"}'), "setup"),
        ((400, JSON, b'{"error": "invalid_request"}'), "provider"),
        ((500, JSON, b"oh"), "provider"),
        ((302, {"Location": "https://evil.example/"}, b""), "provider"),
        ((200, JSON, b"x" * 300_000), "provider"),
        ((200, JSON, b"{}"), "token"),
        ((200, JSON, b'{"id_token": 7}'), "token"),
    ],
)
@on_loop
async def test_a_code_that_becomes_no_token_has_its_reason(
    city: p.Provider, answer: tuple[int, dict[str, str], bytes], why: str
) -> None:
    """Ours, the person's, or the provider's fault; nothing that it wrote is passed on."""
    city.answers["/token"] = answer
    found, detail = await reason(asked(city).tokens("c", "v", "https://kota.example/v1/oidc/callback"))
    assert found == why
    assert "script" not in detail


@on_loop
async def test_the_secret_goes_where_the_provider_wants_it(city: p.Provider, tmp_path: Path) -> None:
    """As HTTP Basic, or in the form where it says so; a public client has none; one that cannot be read is `setup`."""
    secret = tmp_path / "s"
    secret.write_text(p.SECRET)
    secret.chmod(0o600)
    for methods, header in ((["client_secret_post"], False), (["client_secret_basic", "client_secret_post"], True)):
        city.discovery = lambda told, methods=methods: {**told, "token_endpoint_auth_methods_supported": methods}  # type: ignore[misc]
        assert (await reason(asked(city, secret=secret).tokens("c", "v", "u")))[0] == "code"
        _, form, headers = city.asked[-1]
        assert ("authorization" in headers, "client_secret" in form) == (header, not header)
    assert (await reason(asked(city).tokens("c", "v", "u")))[0] == "setup"
    secret.chmod(0o644)
    why, detail = await reason(asked(city, secret=secret).tokens("c", "v", "u"))
    assert (why, "mode 644" in detail) == ("setup", True)


@on_loop
async def test_so_many_at_once_and_no_more(city: p.Provider) -> None:
    """A provider that hangs holds so many connections at most; whoever is one too many hears it at once."""
    city.silent = {"/token"}
    provider = asked(city)
    await provider.place()
    waiting = [asyncio.create_task(provider.tokens("c", "v", "u")) for _ in range(EXCHANGES)]
    await until(lambda: city.count("/token") == EXCHANGES)
    assert (await reason(provider.tokens("c", "v", "u")))[0] == "busy"
    city.ended.set()
    assert {type(one) for one in await asyncio.gather(*waiting, return_exceptions=True)} == {SignInError}


BAD_USERINFO: list[tuple[tuple[int, dict[str, str], bytes], str, str]] = [
    ((500, JSON, b"{}"), "provider", "its userinfo endpoint answered 500"),
    ((401, JSON, b'{"error": "invalid_token"}'), "provider", "answered 401"),
    ((302, {"Location": "https://evil.example/"}, b""), "provider", "answered 302"),
    ((200, {"Content-Type": "application/jwt"}, b"eyJ.eyJ.x"), "provider", "no JSON"),
    ((200, JSON, b"x" * 300_000), "provider", "longer than 256 KB"),
    ((200, JSON, b'{"sub": "u-2", "groups": ["a"]}'), "subject", ""),
    ((200, JSON, b'{"sub": ["u-1"], "groups": ["a"]}'), "subject", ""),
    ((200, JSON, b'{"groups": ["a"]}'), "subject", ""),
]


@on_loop
async def test_userinfo_that_is_not_as_it_must_be_is_not_used(
    city: p.Provider, monkeypatch: pytest.MonkeyPatch
) -> None:
    """About another subject, huge, ill, elsewhere, slow: each has its reason, and none is an answer."""
    city.apart = ("groups",)
    provider = asked(city)
    for answer, why, says in BAD_USERINFO:
        city.answers["/userinfo"] = answer
        found, detail = await reason(provider.userinfo("a", "u-1"))
        assert (found, says in detail) == (why, True), answer[2][:40]
        assert city.asked[-1][2]["authorization"] == "Bearer a"
    city.answers["/userinfo"] = (200, JSON, b'{"sub": "u-1", "groups": ["a"]}')
    assert (await provider.userinfo("a", "u-1"))["groups"] == ["a"]
    assert await reason(provider.userinfo("", "u-1")) == ("provider", "its token endpoint gave no access token")
    monkeypatch.setattr(fetch, "WITHIN_S", 0.1)
    city.silent = {"/userinfo"}
    found, detail = await reason(provider.userinfo("a", "u-1"))
    assert (found, "within 0.1 s" in detail) == ("provider", True)


@on_loop
async def test_userinfo_is_asked_only_where_it_may_be(city: p.Provider, caplog: pytest.LogCaptureFixture) -> None:
    """Nowhere when there is none, or not over TLS; an access token that cannot be sent is none."""
    assert await asked(city).userinfo("a", "u-1") == {}
    city.discovery = lambda told: {**told, "userinfo_endpoint": "http://192.168.1.5/userinfo"}
    assert await asked(city).userinfo("a", "u-1") == {}
    assert "its userinfo_endpoint is no https address; not used" in caplog.text
    for access in ("a b", "x\r\nHost: evil", "x" * 9000, "", 7):
        told = {"id_token": "t", "access_token": access}
        city.answers["/token"] = (200, JSON, json.dumps(told).encode())
        assert (await asked(city).tokens("c", "v", "u")).access == ""
