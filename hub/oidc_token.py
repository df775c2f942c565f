"""Whether an ID token is to be believed (OpenID Connect Core 1.0, section 3.1.3.7), and what it says of the person.

PyJWT checks signature, issuer, audience and times. The algorithms are these two whatever a token or key says: never
`none`, and never a public key as an HMAC's (RFC 8725, sections 2.1 and 3.1).
"""

from __future__ import annotations

import hmac
from collections.abc import Mapping, Sequence
from typing import Any, Final

import jwt
from msgspec import Struct

from hub.errors import SignInError
from hub.identity import NAME_LENGTH
from hub.oidc_table import Oidc

ALGORITHMS: Final = ("RS256", "ES256")
KINDS: Final = {"RSA": "RS256", "EC P-256": "ES256"}
LEEWAY_S: Final = 60
OLDEST_S: Final = 600
MAX_TOKEN: Final = 32 * 1024
MAX_KEYS: Final = 32
RSA_BITS: Final = 2048
REQUIRED: Final = ("iss", "sub", "aud", "exp", "iat", "nonce")
NAMES: Final = ("name", "preferred_username")
_WRONG: Final[tuple[tuple[type[Exception], str], ...]] = (
    (jwt.ExpiredSignatureError, "expired"),
    (jwt.ImmatureSignatureError, "early"),
    (jwt.InvalidIssuerError, "issuer"),
    (jwt.InvalidAudienceError, "audience"),
    (jwt.InvalidSignatureError, "signature"),
    (jwt.InvalidAlgorithmError, "algorithm"),
)


class Claims(Struct, frozen=True):
    """Who the provider says somebody is."""

    subject: str
    name: str
    groups: tuple[str, ...]


class Said(Struct, frozen=True):
    """What a believed token says of them. None: it does not say it, and the provider may be asked."""

    subject: str
    name: str | None
    groups: tuple[str, ...] | None

    @property
    def whole(self) -> bool:
        return self.name is not None and self.groups is not None


def keys_of(document: Mapping[str, Any]) -> tuple[jwt.PyJWK, ...]:
    """The keys of a JWK Set (RFC 7517) that may sign here; others are left out, as its section 5 asks."""
    found = []
    rows = document.get("keys")
    for row in (rows if isinstance(rows, list) else [])[:MAX_KEYS]:
        if not isinstance(row, dict) or row.get("use", "sig") != "sig":
            continue
        name = KINDS.get(f"{row.get('kty')} {row.get('crv', '')}".strip())
        if name is None or row.get("alg", name) != name:
            continue
        try:
            key = jwt.PyJWK(row, name)
        except (jwt.PyJWTError, ValueError, TypeError):
            continue
        if name != "RS256" or key.key.key_size >= RSA_BITS:
            found.append(key)
    return tuple(found)


def key_for(token: str, keys: Sequence[jwt.PyJWK]) -> jwt.PyJWK | None:
    """The key that a token names; one that names none has the only one of its kind. None: there is no such key.

    Raises:
        SignInError: it is no token, or signed in another way.
    """
    if len(token) > MAX_TOKEN:
        raise SignInError("token")
    try:
        head = jwt.get_unverified_header(token)
    except jwt.PyJWTError as exc:
        raise SignInError("token") from exc
    if head.get("alg") not in ALGORITHMS:
        raise SignInError("algorithm")
    kind = [key for key in keys if key.algorithm_name == head["alg"]]
    if head.get("kid") is None:
        return kind[0] if len(kind) == 1 else None
    return next((key for key in kind if key.key_id == head["kid"]), None)


def said_by(token: str, key: jwt.PyJWK, oidc: Oidc, nonce: str, now_s: float) -> Said:
    """What a token says, once all of it is as it must be.

    Raises:
        SignInError: names what is not.
    """
    told = _decoded(token, key, oidc)
    parties = told["aud"] if isinstance(told["aud"], list) else [told["aud"]]
    if told.get("azp", None if len(parties) > 1 else oidc.client_id) != oidc.client_id:
        raise SignInError("audience")
    if now_s - told["iat"] > OLDEST_S + LEEWAY_S:
        raise SignInError("expired")
    if not isinstance(told["nonce"], str) or not hmac.compare_digest(told["nonce"].encode(), nonce.encode()):
        raise SignInError("nonce")
    if not 1 <= len(told["sub"]) <= 255:
        raise SignInError("claims", "sub")
    return Said(told["sub"], _name(told), _groups(told, oidc.groups_claim))


def claims_of(said: Said, more: Mapping[str, Any], oidc: Oidc) -> Claims:
    """What the token says, and of the rest what the provider said beside it (`hub.oidc_provider`'s `userinfo`).

    Raises:
        SignInError: neither says a name. Groups that neither says are none.
    """
    name = said.name if said.name is not None else _name(more)
    if name is None:
        raise SignInError("name")
    groups = said.groups if said.groups is not None else _groups(more, oidc.groups_claim)
    return Claims(said.subject, name, groups or ())


def _decoded(token: str, key: jwt.PyJWK, oidc: Oidc) -> dict[str, Any]:
    try:
        told: dict[str, Any] = jwt.decode(
            token, key, algorithms=list(ALGORITHMS), audience=oidc.client_id, issuer=oidc.issuer, leeway=LEEWAY_S,
            options={"require": list(REQUIRED)},
        )  # fmt: skip
    except jwt.MissingRequiredClaimError as exc:
        raise SignInError("claims", exc.claim) from exc
    except jwt.PyJWTError as exc:
        raise SignInError(next((reason for kind, reason in _WRONG if isinstance(exc, kind)), "token")) from exc
    except (ValueError, TypeError, OverflowError) as exc:  # a time that is no number
        raise SignInError("claims", "exp, iat") from exc
    if not isinstance(told["iat"], int | float):
        raise SignInError("claims", "iat")
    return told


def _name(told: Mapping[str, Any]) -> str | None:
    for claim in NAMES:
        value = told.get(claim)
        if isinstance(value, str) and (name := " ".join(value.split())) and name.isprintable():
            return name[:NAME_LENGTH]
    return None


def _groups(told: Mapping[str, Any], claim: str) -> tuple[str, ...] | None:
    """The groups of a claim, or of one inside another (`realm_access.roles`); none when it holds no words.

    None when there is no such claim. One that is there and empty is an answer: nobody else is asked.
    """
    value: Any = told
    for part in (claim,) if claim in told else claim.split("."):
        value = value.get(part) if isinstance(value, dict) else None
    if value is None:
        return None
    if isinstance(value, str):
        return (value,)
    return tuple(one for one in value if isinstance(one, str)) if isinstance(value, list) else ()
