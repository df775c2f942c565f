"""`kentongan enrol`: a one-time link for somebody of the staff, or a service account."""

from __future__ import annotations

import argparse
import sys
from typing import Any, Final

from hub.check import kind_of
from hub.errors import StartError
from hub.hook_commands import check_webhook, secret_line, set_webhook
from hub.identity import enrol, is_service, recorded_base
from hub.qr import in_terminal
from hub.settings import Settings
from hub.store import Store

BOUND: Final = {"seller": "shop", "crew": "van", "tracker": "van", "dispatcher": "desk"}
"""What a role is bound to when it is enrolled; others to nothing."""
MAY_BIND: Final = {"service": "desk"}
"""What a role may be bound to as well: a weather office's system publishes alerts from the city's desk."""
THINGS: Final = ("shop", "van")


def check(options: argparse.Namespace) -> None:
    """Refuse options that do not go together.

    Raises:
        StartError: names the option.
    """
    wanted = BOUND.get(options.role)
    for name in ("shop", "van", "desk"):
        given = getattr(options, name) is not None
        if given != (name == wanted) and not (given and MAY_BIND.get(options.role) == name):
            raise StartError(
                f"a {options.role} is enrolled with --{wanted}" if wanted else f"a {options.role} takes no --{name}"
            )
    for name in ("webhook", "person"):
        if getattr(options, name) is not None and options.role != "service":
            raise StartError(f"a {options.role} takes no --{name}")


def lines(made: dict[str, Any], *, qr: bool = False) -> list[str]:
    """What a person reads: the link, below its QR code when asked for, and what else a service account needs."""
    lines = [in_terminal(made["url"]), made["url"]] if qr else [made["url"]]
    if made["role"] == "service":
        lines.append(f"person {made['person']}")
    if "webhook" in made:
        lines.append(secret_line(made["webhook"]["secret"]))
    return lines


async def enrolled(options: argparse.Namespace, settings: Settings, url: str, city: str) -> dict[str, Any]:
    """Make the code in the store at `url`: `{person, role, code, url, expires_at}`.

    Raises:
        StartError: nobody could use the link.
        StoreError: the store could not be asked.
    """
    store = Store(url, city, demo=kind_of(url, city) == "demo")
    if options.webhook is not None:
        check_webhook(options.webhook, settings, demo=store.demo)
    try:
        await store.open()
        base = options.url or await recorded_base(store)
        if base is None:
            raise StartError("no hub has run on this store yet: start one, or name the address of the link with --url")
        if options.person is not None and not await is_service(store, options.person):
            raise StartError(f"{options.person[:80]!r} is no service account: without --person a new one is made")
        made = await enrol(
            store,
            role=options.role,
            name=options.name,
            person=options.person,
            shop=options.shop,
            van=options.van,
            desk=options.desk,
            vehicle=options.vehicle,
        )
        await _note_unknown(store, options)
        hook = await set_webhook(store, made.person, options.webhook, settings) if options.webhook is not None else None
    finally:
        await store.close()
    return {
        "person": made.person,
        "role": made.role,
        "code": made.code,
        "url": base.rstrip("/") + made.url_path,
        "expires_at": made.expires_at,
        **({"webhook": hook} if hook is not None else {}),
    }


async def _note_unknown(store: Store, options: argparse.Namespace) -> None:
    """Say that the link will open an empty page: the shop or van may be there later, so it is no refusal."""
    for kind in THINGS:
        id_ = getattr(options, kind)
        if id_ is None:
            continue
        (there,) = await store.many("normal", [["EXISTS", store.keys.thing(kind, id_)]])
        if not there:
            print(f"kentongan: this city has no {kind} {id_} yet; the link works once it has", file=sys.stderr)
