"""The keys of a city's file, and what each may hold.

A checker takes what stands in the file and gives the value back as the hub uses it, or raises `ValueError` with what
was expected. Whatever a file leaves out is as in Kota Mojokerto, but for what makes a city this one: its code, name
and polygons.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from difflib import get_close_matches
from itertools import pairwise
from typing import Any, Final

from hub.members import DESKS
from hub.oidc_table import Post
from hub.zones import ZONES

Check = Callable[[object], Any]

LANGUAGES: Final = ("id", "en", "jv")
"""Those with a file of words; Indonesian is always there."""
CATEGORIES: Final = ("food", "goods", "made_to_order")
ENDED: Final = ("request", "order", "want")
RETAIN: Final[Mapping[str, int]] = {"place": 30, "phone": 30, "name": 365, "note": 30, "address": 90, "health": 30}
"""Personal field -> how many days the long memory keeps it where a file says nothing."""
WAVES: Final = 4
ROLES: Final = "oidc.roles"
"""A table of groups, each with its post."""
BOUND: Final = {"medic": "", "dispatcher": "desk", "plut": "", "crew": "van", "admin": ""}
"""Roles that a group of the city's account may open, and what each is bound to."""
DAYS: Final = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_HOST: Final = re.compile(r"(?!-)[a-z0-9-]{1,63}(?<!-)(\.(?!-)[a-z0-9-]{1,63}(?<!-))*")
_PHONE: Final = re.compile(r"\+?[0-9]{3,15}")


def _text(longest: int) -> Check:
    def check(value: object) -> str:
        if not isinstance(value, str) or not 1 <= len(value.strip()) <= longest or not value.isprintable():
            raise ValueError(f"a text of 1 to {longest} characters")
        return value.strip()

    return check


def _number(least: int, most: int) -> Check:
    def check(value: object) -> int:
        if not isinstance(value, int) or isinstance(value, bool) or not least <= value <= most:
            raise ValueError(f"a whole number from {least} to {most}")
        return value

    return check


def _code(value: object) -> str:
    if not isinstance(value, str) or not re.fullmatch(r"[1-9][0-9]\.[0-9]{2}", value):
        raise ValueError('a Kemendagri code of a city or regency in quotes, such as "35.76"')
    return value


def _phone(value: object) -> str:
    if not isinstance(value, str) or not _PHONE.fullmatch(value):
        raise ValueError('a phone number in quotes, digits alone, such as "119"')
    return value


def _zone(value: object) -> str:
    """One of Indonesia's: days, opening hours and timetables are reckoned in it."""
    if not isinstance(value, str) or value not in ZONES:
        known = ", ".join(f"{zone.name} ({zone.letters})" for zone in ZONES.values())
        raise ValueError(f"one of Indonesia's time zones, {known}" + meant(str(value), ZONES))
    return value


def _some(known: tuple[str, ...], always: str = "") -> Check:
    """Several words of a few, none twice, in the file's order."""

    def check(value: object) -> tuple[str, ...]:
        if not isinstance(value, list) or not value or len(set(map(str, value))) != len(value):
            raise ValueError("a list of " + ", ".join(known) + ", none of them twice")
        for one in value:
            if one not in known:
                raise ValueError(f"some of {', '.join(known)}" + meant(str(one), known))
        if always and always not in value:
            raise ValueError(f"a list with {always!r} in it")
        return tuple(value)

    return check


def _day(value: object) -> str:
    if value != "never" and value not in DAYS:
        raise ValueError(f"one of {', '.join(DAYS)}, or never" + meant(str(value), [*DAYS, "never"]))
    return str(value)


def _hosts(value: object) -> tuple[str, ...]:
    if not isinstance(value, list):
        raise ValueError('a list of host names, such as ["mojokerto.example.id"]')
    for one in value:
        if not isinstance(one, str) or not _HOST.fullmatch(one) or len(one) > 253:
            raise ValueError(f"host names in lower case, without scheme, port or path, got {one!r}")
    if len(set(value)) != len(value):
        raise ValueError("host names, none of them twice")
    return tuple(value)


def _origin(value: object) -> str:
    found = re.fullmatch(r"https?://([^/:?#@\s]+)(:[0-9]{1,5})?", value) if isinstance(value, str) else None
    if found is None or not _HOST.fullmatch(found[1]):
        raise ValueError('an origin without a path, such as "https://mojokerto.example.id"')
    return found[0]


def _waves(value: object) -> tuple[int, ...]:
    """Four: the nearest, more of them, everybody, everybody again."""
    wanted = f"{WAVES} whole numbers of seconds, the first of them 0, each more than the one before, at most 3600"
    if not isinstance(value, list) or len(value) != WAVES:
        raise ValueError(wanted)
    if any(not isinstance(one, int) or isinstance(one, bool) for one in value) or value[0] != 0 or value[-1] > 3600:
        raise ValueError(wanted)
    if any(late <= early for early, late in pairwise(value)):
        raise ValueError(wanted)
    return tuple(value)


def _issuer(value: object) -> str:
    """The provider's name, which is an address as well (OpenID Connect Discovery 1.0, section 2)."""
    wanted = 'the issuer as the provider says it, such as "https://sso.example.id/realms/kota"'
    found = (
        re.fullmatch(r"(https?)://([^/:?#@\s]+)(:[0-9]{1,5})?(/[^?#\s]*)?", value) if isinstance(value, str) else None
    )
    if found is None or not found[0].isascii():
        raise ValueError(wanted)
    if found[1] == "http" and found[2] not in ("localhost", "127.0.0.1"):
        raise ValueError(f"{wanted}: over https, but on this machine itself")
    return found[0]


def _scopes(value: object) -> tuple[str, ...]:
    """RFC 6749 section 3.3."""
    good = isinstance(value, list) and all(isinstance(one, str) and re.fullmatch(r"[!#-\[\]-~]+", one) for one in value)
    if not isinstance(value, list) or not good or "openid" not in value or len(set(value)) != len(value):
        raise ValueError('a list of scopes with "openid" in it, none of them twice')
    return tuple(value)


def _post(value: object) -> Post:
    """What a group opens."""
    if not isinstance(value, dict) or value.get("role") not in BOUND:
        near = meant(str(value.get("role")), BOUND) if isinstance(value, dict) else ""
        raise ValueError(f'a role of {", ".join(BOUND)}, such as {{ role = "dispatcher", desk = "medic" }}{near}')
    role: str = value["role"]
    for name in value.keys() - {"role", "desk", "van"}:
        raise ValueError(f"no {name} beside the role")
    for name in ("desk", "van"):
        if (name in value) != (name == BOUND[role]):
            raise ValueError(f"{name} beside the role {role}" if name == BOUND[role] else f"no {name} for a {role}")
    if role == "dispatcher" and value["desk"] not in DESKS:
        raise ValueError(f"a desk of {', '.join(DESKS)}" + meant(str(value["desk"]), DESKS))
    if role == "crew" and not (isinstance(value["van"], str) and re.fullmatch(r"[A-Za-z0-9_.:-]{1,80}", value["van"])):
        raise ValueError("a van's id")
    return Post(**value)


def check_of(key: str) -> Check | None:
    """What looks at a key's value; a group's name may be anything. None: there is no such key."""
    return _post if key.startswith(f"{ROLES}.") else KEYS.get(key)


def meant(word: str, known: Any) -> str:
    """` (did you mean ...?)`, or nothing when no known word is near."""
    near = get_close_matches(word, list(known), 1, 0.6)
    return f" (did you mean {near[0]}?)" if near else ""


REQUIRED: Final = ("code", "name", "polygons")
TOGETHER: Final = ("oidc.issuer", "oidc.client_id", ROLES)
"""What a table must have once it is there."""
KEYS: Final[Mapping[str, Check]] = {
    "code": _code,
    "name": _text(60),
    "short": _text(40),
    "zone": _zone,
    "languages": _some(LANGUAGES, always="id"),
    "desks": _some(DESKS, always="medic"),
    "polygons": _text(400),
    "hosts": _hosts,
    "public_url": _origin,
    "help_url": _origin,
    "emergency.medical": _phone,
    "emergency.all": _phone,
    "medic.grace_s": _number(0, 30),
    "medic.waves_s": _waves,
    "medic.repeat_s": _number(10, 600),
    "medic.wave_size": _number(1, 20),
    "medic.red_size": _number(1, 20),
    "test_ring.day": _day,
    "test_ring.hour": _number(0, 23),
    **{f"accept_s.{name}": _number(30, 7 * 86_400) for name in CATEGORIES},
    **{f"retention_h.{name}": _number(1, 24 * 31) for name in ENDED},
    **{f"retain_days.{name}": _number(0, 3650) for name in RETAIN},
    "oidc.issuer": _issuer,
    "oidc.client_id": _text(200),
    "oidc.secret_file": _text(400),
    "oidc.scopes": _scopes,
    "oidc.groups_claim": _text(100),
    "oidc.max_session_h": _number(1, 168),
}
TABLES: Final = tuple(dict.fromkeys(key.partition(".")[0] for key in KEYS if "." in key))
