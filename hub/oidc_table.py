"""The city's own account as its file says it (`[oidc]`), and the client's secret beside it."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from msgspec import Struct

from hub.errors import StartError

MAX_SECRET: Final = 1000
OTHERS: Final = 0o027
"""What nobody but the owner may do with a secret; the group may read it: that is how containers hand one over."""


class Post(Struct, frozen=True, omit_defaults=True):
    """What a group opens: a role, a dispatcher's with its desk, a crew's with its van."""

    role: str
    desk: str | None = None
    van: str | None = None


class Oidc(Struct, frozen=True):
    """An OpenID provider and what it is believed about.

    Args:
        issuer: exactly as the provider itself says it.
        roles: group -> post, in the file's order: a person has the first that they are in.
        secret_file: of the client's secret; None: a public client, by PKCE alone.
        groups_claim: of the ID token, or of `userinfo` where that has none; `realm_access.roles` is one inside another.
        max_session_h: after so long a person signs in again, and is asked about anew.
    """

    issuer: str
    client_id: str
    roles: Mapping[str, Post]
    secret_file: Path | None = None
    scopes: tuple[str, ...] = ("openid", "profile")
    groups_claim: str = "groups"
    max_session_h: int = 12


def made(values: Mapping[str, Any], folder: Path) -> Oidc:
    """The table of checked values: `issuer`, ..., `roles.<group>`; files are beside the city's."""
    roles = {key.removeprefix("roles."): post for key, post in values.items() if key.startswith("roles.")}
    own = {key: value for key, value in values.items() if not key.startswith("roles.")}
    if "secret_file" in own:
        own["secret_file"] = folder / own["secret_file"]
    return Oidc(roles=roles, **own)


def secret_of(path: Path) -> str:
    """The client's secret, read anew each time: a new one needs no restart.

    Raises:
        StartError: it cannot be read, others may read it, or it is none.
    """
    try:
        mode = path.stat().st_mode & 0o777
        text = path.read_text("utf-8").strip()
    except OSError as exc:
        raise StartError(f"the secret {path} cannot be read: {exc.strerror}") from exc
    except UnicodeDecodeError as exc:
        raise StartError(f"the secret {path}: expected text") from exc
    if mode & OTHERS:
        raise StartError(f"the secret {path} has mode {mode:03o}: expected 600, or 640 for its group")
    if not text or len(text) > MAX_SECRET or not text.isprintable():
        raise StartError(f"the secret {path}: expected one line of 1 to {MAX_SECRET} characters")
    return text
