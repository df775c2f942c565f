"""The command line's part for other systems: `kentongan webhook set|list|dead|replay|remove`."""

from __future__ import annotations

import argparse
import asyncio
import json
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any, Final

from msgspec.structs import asdict

from hub.check import kind_of
from hub.city_file import OWN, read_city
from hub.hook_desk import HookDesk, Letter, Standing, check_url
from hub.settings import Settings
from hub.store import Store
from hub.zones import WIB, Zone

Work = Callable[[HookDesk, argparse.Namespace, bool], Awaitable[tuple[Any, list[str]]]]
"""One verb: the JSON value and the lines that it prints. The flag: whether private addresses may be named."""

Where = Callable[[argparse.Namespace], tuple[str, str]]
"""The store's address that the options name, and the city."""

ONCE: Final = "keep it: it is not shown again, and `webhook set` makes a new one"


def add_webhook(commands: Any, where: Where) -> None:
    """Add the command and its five verbs."""
    command = commands.add_parser("webhook", help="where the changes of a service account's orders and wants go")
    verbs = command.add_subparsers(metavar="VERB", required=True)

    def verb(name: str, help_: str, work: Work) -> argparse.ArgumentParser:
        parser: argparse.ArgumentParser = verbs.add_parser(name, help=help_)

        def run(options: argparse.Namespace, settings: Settings) -> int:
            return asyncio.run(_run(*where(options), settings, options, work))

        parser.set_defaults(run=run)
        store = parser.add_mutually_exclusive_group()
        store.add_argument("--data", type=Path, help="folder of a running `kentongan up`")
        store.add_argument("--store", metavar="URL")
        parser.add_argument("--city", type=Path, metavar="FILE", help="the city's file (Kota Mojokerto)")
        parser.add_argument("--json", action="store_true", help="one JSON value")
        return parser

    set_ = verb("set", "send them to a URL, signed; prints the secret once", _set)
    set_.add_argument("person", metavar="PERSON", help="the service account, as `enrol service` names it")
    set_.add_argument("--to", required=True, metavar="URL", help="http(s)://HOST/...")
    verb("list", "every webhook, what waits and what went wrong", _list)
    dead = verb("dead", "deliveries that were given up", _dead)
    dead.add_argument("person", metavar="PERSON", nargs="?", help="of one service account only")
    replay = verb("replay", "deliver dead letters again", _replay)
    replay.add_argument("person", metavar="PERSON")
    replay.add_argument("ids", metavar="ID", nargs="*", help="some; all when none is named")
    verb("remove", "forget it, what waits and its dead letters", _remove).add_argument("person", metavar="PERSON")


async def _run(url: str, city: str, settings: Settings, options: argparse.Namespace, work: Work) -> int:
    demo = kind_of(url, city) == "demo"
    store = Store(url, city, demo=demo)
    try:
        await store.open()
        value, lines = await work(HookDesk(store), options, settings.webhook_private or demo)
    finally:
        await store.close()
    print(json.dumps(value) if options.json else "\n".join(lines))
    return 0


async def set_webhook(store: Store, person: str, url: str, settings: Settings) -> dict[str, str]:
    """Set the webhook of a fresh service account; its `url` and `secret`."""
    made = await HookDesk(store).set(person, url, private=settings.webhook_private or store.demo)
    return {"url": made.url, "secret": made.secret}


def check_webhook(url: str, settings: Settings, *, demo: bool) -> None:
    """Refuse what can be no receiver before anybody is enrolled.

    Raises:
        DataError: no URL of a receiver.
    """
    check_url(url, private=settings.webhook_private or demo)


def secret_line(secret: str) -> str:
    return f"secret {secret} ({ONCE})"


async def _set(desk: HookDesk, options: argparse.Namespace, private: bool) -> tuple[Any, list[str]]:
    made = await desk.set(options.person, options.to, private=private)
    return {"person": made.person, "url": made.url, "secret": made.secret}, [secret_line(made.secret)]


async def _list(desk: HookDesk, options: argparse.Namespace, private: bool) -> tuple[Any, list[str]]:
    found = await desk.all()
    return [asdict(standing) for standing in found], [_standing(standing, _zone(options)) for standing in found] or [
        "no webhooks"
    ]


async def _dead(desk: HookDesk, options: argparse.Namespace, private: bool) -> tuple[Any, list[str]]:
    people = [options.person] if options.person else [standing.person for standing in await desk.all()]
    found = [letter for person in people for letter in await desk.letters(person)]
    return [asdict(letter) for letter in found], [_letter(letter, _zone(options)) for letter in found] or [
        "no dead letters"
    ]


async def _replay(desk: HookDesk, options: argparse.Namespace, private: bool) -> tuple[Any, list[str]]:
    back = await desk.replay(options.person, options.ids)
    return {"person": options.person, "replayed": back}, [f"{back} put back"]


async def _remove(desk: HookDesk, options: argparse.Namespace, private: bool) -> tuple[Any, list[str]]:
    gone = await desk.remove(options.person)
    line = f"removed; with it {gone.waiting} waiting and {gone.dead} dead letters"
    return {"person": gone.person, "waiting": gone.waiting, "dead": gone.dead}, [line]


def _zone(options: argparse.Namespace) -> Zone:
    return (OWN if options.city is None else read_city(options.city, whole=False)).clock


def _standing(standing: Standing, zone: Zone = WIB) -> str:
    does = "nothing sent yet"
    if standing.error:
        does = f"the last try failed ({zone.said(standing.failed_at)}): {standing.error}"
    elif standing.ok_at:
        does = f"well ({zone.said(standing.ok_at)})"
    who = f"{standing.person} {standing.name!r} -> {standing.url}"
    return f"{who}: {does}; {standing.waiting} waiting, {standing.dead} dead"


def _letter(letter: Letter, zone: Zone = WIB) -> str:
    tries = f"{letter.attempts} attempt{'s' * (letter.attempts != 1)}"
    what = f"{letter.person} {letter.id} {letter.kind} {letter.thing}"
    return f"{what}: {tries}, the last: {letter.error}; dead since {zone.said(letter.since)}"
