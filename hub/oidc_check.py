"""Whether staff could sign in by the city's account now: what `kentongan check` and `city check` say of it."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from typing import Final

from hub.check import Finding
from hub.errors import SignInError, StartError
from hub.fetch import Fetcher
from hub.oidc_provider import Provider
from hub.oidc_table import Oidc, secret_of

MEANWHILE: Final = "staff sign in by one-time links alone meanwhile"


def unready(oidc: Oidc | None, public_url: str) -> Iterator[Finding]:
    """What stands in the way; the provider is asked, for 5 s at most."""
    if oidc is None:
        return
    if not public_url:
        why = f"the provider has no address to send people back to; {MEANWHILE}"
        yield Finding("phone", "KENTONGAN_PUBLIC_URL", "not set", "the address of the pages, with [oidc]", why)
    if (why_not := secret_flaw(oidc)) is not None:
        yield Finding("phone", "oidc.secret_file", str(oidc.secret_file), "a secret", f"{why_not}; {MEANWHILE}")
    if (silent := why_silent(oidc)) is not None:
        wanted = "a provider that can be asked"
        yield Finding("phone", "oidc.issuer", oidc.issuer, wanted, f"{silent}; {MEANWHILE}")


def secret_flaw(oidc: Oidc) -> str | None:
    """What is wrong with the client's secret, or None."""
    if oidc.secret_file is None:
        return None
    try:
        secret_of(oidc.secret_file)
    except StartError as exc:
        return str(exc)
    return None


def why_silent(oidc: Oidc) -> str | None:
    """Why the provider cannot be used, or None when it can."""
    try:
        asyncio.run(Provider(oidc, Fetcher()).place())
    except SignInError as exc:
        return exc.detail
    return None
