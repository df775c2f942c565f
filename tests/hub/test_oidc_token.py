"""Whether an ID token is believed: every fault by its reason, and what a good one says."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

import jwt
import pytest
from jwt.algorithms import RSAAlgorithm

from hub.errors import SignInError
from hub.identity import NAME_LENGTH
from hub.oidc_table import Oidc, Post
from hub.oidc_token import MAX_TOKEN, Claims, Said, claims_of, key_for, keys_of, said_by
from tests.support import provider as p

ISSUER, NONCE = "https://sso.example/realms/kota", "n-1"
OIDC = Oidc(ISSUER, p.CLIENT, {"pusat": Post("admin")})
KEYS = keys_of({"keys": p.jwks()})


def token(sign: p.Sign = p.signed_rs256, without: str = "", **more: Any) -> str:
    now = int(time.time())
    own = {"iss": ISSUER, "aud": p.CLIENT, "sub": "u-1", "iat": now, "exp": now + 300, "nonce": NONCE, "name": "Endah"}
    claims = {**own, "groups": ["pusat"], **more}
    claims.pop(without, None)
    return sign(claims)


def read(text: str, oidc: Oidc = OIDC) -> Claims:
    key = key_for(text, KEYS)
    if key is None:
        raise SignInError("key")
    return claims_of(said_by(text, key, oidc, NONCE, time.time()), {}, oidc)


@pytest.mark.parametrize("sign", [p.signed_rs256, p.signed_es256])
def test_a_good_token_says_who_it_is(sign: p.Sign) -> None:
    """By either algorithm."""
    assert read(token(sign)) == Claims("u-1", "Endah", ("pusat",))


FAULTS: list[tuple[str, Callable[[], str]]] = [
    ("algorithm", lambda: token(p.unsigned)),
    ("algorithm", lambda: token(p.signed_by_public_key)),
    ("algorithm", lambda: token(lambda claims: jwt.encode(claims, p.rsa_key(), "RS512", {"kid": "rsa-0"}))),
    ("signature", lambda: token(p.tampered)),
    ("signature", lambda: token(lambda claims: p.signed_rs256(claims, which=1))),
    ("key", lambda: token(lambda claims: p.signed_rs256(claims, kid="rsa-9"))),
    ("key", lambda: token(lambda claims: jwt.encode(claims, p.rsa_key(), "RS256", {"kid": "ec-0"}))),
    ("key", lambda: token(lambda claims: p.signed_rs256(claims, kid="enc-0"))),
    ("token", lambda: "what is this"),
    ("token", lambda: ""),
    ("token", lambda: "x" * (MAX_TOKEN + 1)),
    ("issuer", lambda: token(iss="https://sso.example/realms/lain")),
    ("issuer", lambda: token(iss=ISSUER + "/")),
    ("audience", lambda: token(aud="another")),
    ("audience", lambda: token(aud=[p.CLIENT, "another"])),
    ("audience", lambda: token(aud=[p.CLIENT, "another"], azp="another")),
    ("audience", lambda: token(azp="another")),
    ("expired", lambda: token(exp=int(time.time()) - 61)),
    ("expired", lambda: token(iat=int(time.time()) - 700)),
    ("early", lambda: token(iat=int(time.time()) + 100)),
    ("early", lambda: token(nbf=int(time.time()) + 100)),
    ("nonce", lambda: token(nonce="n-2")),
    ("nonce", lambda: token(nonce=["n-1"])),
    ("claims", lambda: token(sub="")),
    ("claims", lambda: token(sub="x" * 256)),
    ("token", lambda: token(iat=float("inf"))),
    ("token", lambda: token(exp="soon")),
    ("token", lambda: token(sub=17)),
    *((("claims", lambda name=name: token(without=name))) for name in ("iss", "sub", "aud", "exp", "iat", "nonce")),
    ("name", lambda: token(name="  ")),
    ("name", lambda: token(name=["Endah"])),
    ("name", lambda: token(name="En\u202edah")),
]


@pytest.mark.parametrize(("reason", "made"), FAULTS)
def test_a_fault_is_refused_by_its_reason(reason: str, made: Callable[[], str]) -> None:
    """Nothing of such a token is used."""
    with pytest.raises(SignInError) as refused:
        read(made())
    assert refused.value.reason == reason


def test_clocks_may_differ_a_little() -> None:
    """A minute, at each end."""
    now = int(time.time())
    assert read(token(iat=now + 50, exp=now + 55)).subject == "u-1"
    assert read(token(exp=now - 50)).subject == "u-1"


def test_several_audiences_are_good_when_we_are_the_party() -> None:
    """`azp` says for whom it was made."""
    assert read(token(aud=[p.CLIENT, "account"], azp=p.CLIENT)).subject == "u-1"


def test_a_token_without_a_key_id_has_the_only_key() -> None:
    """With two of its kind there is no telling which."""
    text = token(lambda claims: p.signed_rs256(claims, kid=None))
    assert read(text).subject == "u-1"
    assert key_for(text, (*KEYS, KEYS[0])) is None


@pytest.mark.parametrize(
    ("claim", "more", "groups"),
    [
        ("groups", {"groups": ["a", "b", 7]}, ("a", "b")),
        ("groups", {"groups": "a"}, ("a",)),
        ("groups", {"groups": {"a": 1}}, ()),
        ("roles", {}, ()),
        ("realm_access.roles", {"realm_access": {"roles": ["a"]}}, ("a",)),
        ("realm_access.roles", {"realm_access": ["roles"]}, ()),
        ("https://kota.example/groups", {"https://kota.example/groups": ["a"]}, ("a",)),
    ],
)
def test_groups_stand_where_the_city_says(claim: str, more: dict[str, Any], groups: tuple[str, ...]) -> None:
    """In a claim or in one inside another; what are no words is left out."""
    oidc = Oidc(ISSUER, p.CLIENT, {}, groups_claim=claim)
    assert read(token(**more), oidc).groups == groups


@pytest.mark.parametrize(
    ("said", "more", "claims"),
    [
        (Said("u", "A", None), {"groups": ["a"], "name": "B"}, Claims("u", "A", ("a",))),
        (Said("u", None, ()), {"groups": ["a"], "name": "B"}, Claims("u", "B", ())),
        (Said("u", None, ("b",)), {"groups": ["a"], "preferred_username": "b"}, Claims("u", "b", ("b",))),
        (Said("u", "A", None), {"groups": {"a": 1}}, Claims("u", "A", ())),
        (Said("u", "A", None), {}, Claims("u", "A", ())),
    ],
)
def test_what_the_token_leaves_out_the_provider_may_say(said: Said, more: dict[str, Any], claims: Claims) -> None:
    """Never what the token has said, also when it said that there is none."""
    assert claims_of(said, more, OIDC) == claims
    assert not said.whole


def test_a_name_fits_the_roster() -> None:
    """Blanks are one each, too long is cut; the account's name where there is no other."""
    assert read(token(name="  Endah \n Lestari ")).name == "Endah Lestari"
    assert read(token(name="x" * 200)).name == "x" * NAME_LENGTH
    assert read(token(without="name", preferred_username="endah")).name == "endah"


def test_only_keys_that_may_sign_are_kept() -> None:
    """Not symmetric ones, not those for encryption, not short ones, not other curves or algorithms, not broken ones."""
    assert [key.key_id for key in KEYS] == ["rsa-0", "ec-0"]
    rsa, ec = p.jwks()[:2]
    short = RSAAlgorithm.to_jwk(p.rsa_key(2, 1024).public_key(), as_dict=True)
    wrong = [short, {**rsa, "alg": "RS512"}, {**rsa, "n": 7}, {**ec, "crv": "P-384"}, {**ec, "x": "AA"}, {}, "x"]
    assert keys_of({"keys": wrong}) == ()
    assert keys_of({"keys": "x"}) == keys_of({}) == ()
    assert len(keys_of({"keys": [rsa] * 100})) == 32
