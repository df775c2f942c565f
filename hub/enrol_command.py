"""`kentongan enrol`: a one-time link for somebody of the staff, or a service account."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import Any, Final

from hub.check import kind_of
from hub.errors import StartError
from hub.hook_commands import check_webhook, secret_line, set_webhook
from hub.identity import STAFF, Enrolment, enrol, is_service, recorded_base
from hub.members import DESKS, member_of
from hub.qr import in_terminal
from hub.renewing import KEPT, check_same, renew, replaced
from hub.revoking import EVERY
from hub.settings import Settings
from hub.store import Store

BOUND: Final = {"seller": "shop", "crew": "van", "tracker": "van", "dispatcher": "desk"}
"""What a role is bound to when it is enrolled; others to nothing."""
MAY_BIND: Final = {"service": "desk"}
"""What a role may be bound to as well: a weather office's system publishes alerts from the city's desk."""
THINGS: Final = ("shop", "van")
MACHINES: Final = ("service", "tracker")
"""Roles that are no person of a desk."""


def arguments(parser: argparse.ArgumentParser) -> None:
    """What the command takes."""
    parser.add_argument("role", choices=STAFF, metavar="ROLE", help=", ".join(STAFF))
    parser.add_argument("--name", help="needed, but with --person of a member of staff")
    bound = parser.add_mutually_exclusive_group()
    bound.add_argument("--shop", metavar="ID")
    bound.add_argument("--van", metavar="ID")
    bound.add_argument("--desk", choices=DESKS)
    parser.add_argument("--vehicle", default="", help="what a medic drives (motor, mobil, ambulans)")
    parser.add_argument(
        "--person", metavar="ID", help="one more device of somebody who is enrolled, or a service's code"
    )
    ends = "with --person: which of their sign-ins ends when the link is used (none named: all)"
    parser.add_argument("--replace", nargs="?", const=EVERY, metavar="SESSION", help=ends)
    parser.add_argument("--webhook", metavar="URL", help="where a service's changes go (see `webhook set`)")
    parser.add_argument("--url", metavar="BASE", help="address in the link (the one the running hub recorded)")
    where = parser.add_mutually_exclusive_group()
    where.add_argument("--data", type=Path, help="folder of a running `kentongan up`")
    where.add_argument("--store", metavar="URL")
    parser.add_argument("--qr", action="store_true", help="the link as a QR code above it, for a phone's camera")
    parser.add_argument("--json", action="store_true", help="{person, role, code, url, expires_at, webhook?}")


def check(options: argparse.Namespace) -> None:
    """Refuse options that do not go together.

    Raises:
        StartError: names the option.
    """
    known = options.person is not None and options.role not in MACHINES
    _check_bound(options, known)
    if options.webhook is not None and options.role != "service":
        raise StartError(f"a {options.role} takes no --webhook")
    if options.person is not None and options.role == "tracker":
        raise StartError("a tracker takes no --person")
    if options.replace is not None and not known:
        raise StartError("--replace goes with --person, of somebody who signs in to a page")
    if options.name is None and not known:
        raise StartError(f"a {options.role} is enrolled with --name")


def _check_bound(options: argparse.Namespace, known: bool) -> None:
    wanted = BOUND.get(options.role)
    for name in (*THINGS, "desk"):
        given = getattr(options, name) is not None
        if known and name == wanted:
            continue
        if given != (name == wanted) and not (given and MAY_BIND.get(options.role) == name):
            raise StartError(
                f"a {options.role} is enrolled with --{wanted}" if wanted else f"a {options.role} takes no --{name}"
            )


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
        StartError: nobody could use the link, or there is no such person.
        DataError: they are enrolled as something else, or have no such sign-in.
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
        made = await _made(store, options)
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


async def _made(store: Store, options: argparse.Namespace) -> Enrolment:
    if options.person is not None and options.role not in MACHINES:
        return await _renewed(store, options, options.person)
    if options.person is not None and not await is_service(store, options.person):
        raise StartError(f"{options.person[:80]!r} is no service account: without --person a new one is made")
    return await enrol(
        store,
        role=options.role,
        name=options.name,
        person=options.person,
        shop=options.shop,
        van=options.van,
        desk=options.desk,
        vehicle=options.vehicle,
    )


async def _renewed(store: Store, options: argparse.Namespace, person: str) -> Enrolment:
    """One more device of somebody who is enrolled as this role."""
    member = await member_of(store, person)
    if member is None:
        raise StartError(f"{person[:80]!r} is nobody who was enrolled here: without --person somebody new is made")
    check_same(member, {name: getattr(options, name) or None for name in KEPT})
    return await renew(store, member, await replaced(store, member, options.replace))


async def _note_unknown(store: Store, options: argparse.Namespace) -> None:
    """Say that the link will open an empty page: the shop or van may be there later, so it is no refusal."""
    for kind in THINGS:
        id_ = getattr(options, kind)
        if id_ is None:
            continue
        (there,) = await store.many("normal", [["EXISTS", store.keys.thing(kind, id_)]])
        if not there:
            print(f"kentongan: this city has no {kind} {id_} yet; the link works once it has", file=sys.stderr)
