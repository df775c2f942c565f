"""The keys of a city's file: what each may hold, and what is said of what it may not."""

from __future__ import annotations

from typing import Any

import pytest

from hub.city_keys import KEYS, REQUIRED, ROLES, TABLES, TOGETHER, check_of, meant
from hub.oidc_table import Post

GOOD: dict[str, list[Any]] = {
    "code": ["35.76", "11.01"],
    "name": ["Kota Mojokerto"],
    "zone": ["Asia/Jakarta", "Asia/Pontianak", "Asia/Makassar", "Asia/Jayapura"],
    "languages": [["id"], ["jv", "id", "en"]],
    "desks": [["medic"], ["city", "medic"]],
    "hosts": [[], ["mojokerto.example.id", "localhost"]],
    "public_url": ["https://mojokerto.example.id", "http://127.0.0.1:8000"],
    "emergency.medical": ["119", "+62321123456"],
    "medic.grace_s": [0, 30],
    "medic.waves_s": [[0, 20, 40, 80], [0, 1, 2, 3600]],
    "accept_s.food": [30, 604_800],
    "retain_days.place": [0, 3650],
    "oidc.issuer": ["https://sso.example.id/realms/kota", "https://kota.example.id/", "http://127.0.0.1:8080"],
    "oidc.client_id": ["kentongan"],
    "oidc.secret_file": ["oidc.secret", "/etc/kentongan/oidc.secret"],
    "oidc.scopes": [["openid"], ["openid", "profile", "https://kota.example/groups"]],
    "oidc.groups_claim": ["groups", "realm_access.roles"],
    "oidc.max_session_h": [1, 168],
}
BAD: list[tuple[str, Any, str]] = [
    ("code", "3576", "Kemendagri"),
    ("code", 35.76, "in quotes"),
    ("name", "", "1 to 60"),
    ("name", "a\nb", "1 to 60"),
    ("zone", "Asia/Jakarta ", "did you mean Asia/Jakarta"),
    ("zone", "Asia/Jakata", "did you mean Asia/Jakarta"),
    ("zone", 7, "one of Indonesia's time zones, Asia/Jakarta (WIB), "),
    ("zone", "WITA", "Asia/Makassar (WITA)"),
    ("zone", "Europe/Berlin", "Asia/Jayapura (WIT)"),
    ("languages", ["en"], "'id'"),
    ("languages", ["id", "su"], "some of id, en, jv"),
    ("languages", "id", "a list"),
    ("desks", ["market"], "'medic'"),
    ("desks", ["medic", "medics"], "did you mean medic"),
    ("desks", ["medic", "medic"], "none of them twice"),
    ("hosts", ["https://a.id"], "without scheme"),
    ("hosts", ["a.id:8000"], "port"),
    ("hosts", ["A.id"], "lower case"),
    ("hosts", ["a.id", "a.id"], "twice"),
    ("hosts", "a.id", "a list"),
    ("public_url", "https://a.id/", "without a path"),
    ("public_url", "a.id", "origin"),
    ("emergency.all", 112, "in quotes"),
    ("emergency.all", "satu", "digits"),
    ("medic.grace_s", True, "whole number"),
    ("medic.grace_s", 31, "0 to 30"),
    ("medic.waves_s", [0, 20, 40], "4 whole numbers"),
    ("medic.waves_s", [1, 20, 40, 80], "the first of them 0"),
    ("medic.waves_s", [0, 40, 20, 80], "each more than the one before"),
    ("medic.waves_s", [0, 20, 20, 80], "each more than the one before"),
    ("medic.waves_s", [0, 20, 40, 8000], "at most 3600"),
    ("accept_s.goods", 5, "30 to"),
    ("retention_h.order", 0, "1 to"),
    ("retain_days.name", -1, "0 to"),
    ("oidc.issuer", "https://sso.example.id/?a=b", "the issuer as the provider says it"),
    ("oidc.issuer", "sso.example.id", "the issuer as the provider says it"),
    ("oidc.issuer", "http://sso.example.id", "over https"),
    ("oidc.scopes", ["profile"], '"openid"'),
    ("oidc.scopes", ["openid", "a b"], "a list of scopes"),
    ("oidc.scopes", "openid", "a list of scopes"),
    ("oidc.max_session_h", 0, "1 to 168"),
    ("oidc.roles.psc", "admin", "a role of medic"),
    ("oidc.roles.psc", {"role": "admins"}, "did you mean admin"),
    ("oidc.roles.psc", {"role": "seller"}, "a role of medic"),
    ("oidc.roles.psc", {"role": "dispatcher"}, "desk beside the role dispatcher"),
    ("oidc.roles.psc", {"role": "dispatcher", "desk": "medics"}, "did you mean medic"),
    ("oidc.roles.psc", {"role": "medic", "desk": "medic"}, "no desk for a medic"),
    ("oidc.roles.psc", {"role": "crew"}, "van beside the role crew"),
    ("oidc.roles.psc", {"role": "crew", "van": "v 1"}, "a van's id"),
    ("oidc.roles.psc", {"role": "admin", "name": "x"}, "no name beside the role"),
]


@pytest.mark.parametrize(("key", "value"), [(key, value) for key, values in GOOD.items() for value in values])
def test_a_good_value_is_taken_as_it_is(key: str, value: Any) -> None:
    """Lists come back as tuples, the rest as it stands."""
    assert KEYS[key](value) == (tuple(value) if isinstance(value, list) else value)


@pytest.mark.parametrize(("key", "value", "says"), BAD)
def test_a_bad_value_says_what_was_expected(key: str, value: Any, says: str) -> None:
    """In words that name the form, and the near word where there is one."""
    check = check_of(key)
    assert check is not None
    with pytest.raises(ValueError) as refused:
        check(value)
    assert says in str(refused.value)


def test_what_is_required_and_every_table_are_keys() -> None:
    """The three lists speak of the same file."""
    assert set(REQUIRED) <= set(KEYS)
    assert set(TABLES) == {"emergency", "medic", "accept_s", "retention_h", "retain_days", "oidc", "test_ring"}
    assert set(TOGETHER) - {ROLES} <= set(KEYS)


@pytest.mark.parametrize(
    "post", [{"role": "medic"}, {"role": "dispatcher", "desk": "van"}, {"role": "crew", "van": "v1"}, {"role": "plut"}]
)
def test_a_group_may_have_any_name_and_has_a_post(post: dict[str, str]) -> None:
    """Also with blanks and slashes; a role with what it is bound to."""
    for group in ("psc", "/kota/PSC 119", "a.b"):
        check = check_of(f"{ROLES}.{group}")
        assert check is not None
        assert check(post) == Post(**post)
    assert check_of("oidc.role") is None


def test_a_word_far_from_all_is_not_guessed_at() -> None:
    """No suggestion is better than a wrong one."""
    assert meant("host", ["hosts", "zone"]) == " (did you mean hosts?)"
    assert meant("xyz", ["hosts", "zone"]) == ""
