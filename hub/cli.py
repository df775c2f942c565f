"""The command line: `kentongan up`, `serve`, `work`, `query`, `enrol`, `seed`, `check`, `simulate`, `bench`.

Exit codes: 0 done, 1 something is not as it should be (`check`), 2 cannot start: one sentence says why.
"""

from __future__ import annotations

import argparse
import asyncio
import importlib
import importlib.util
import json
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

from hub.address import address_of
from hub.check import asked, faults_of, kind_of, refuse_other_kind
from hub.errors import HubError, StartError
from hub.folder import running_url
from hub.identity import DESKS, STAFF, enrol, recorded_base
from hub.settings import Settings
from hub.store import Store

# What a role is bound to when it is enrolled; others to nothing.
BOUND: Final = {"seller": "shop", "crew": "van", "tracker": "van", "dispatcher": "desk"}
BENCHES: Final = ("tap", "lanes", "storm", "fanout", "idle")
DEFAULT_DATA: Final = {True: Path("var/demo"), False: Path("var/real")}


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; its exit code."""
    given = sys.argv[1:] if arguments is None else list(arguments)
    if given[:1] == ["simulate"]:
        return _module("clients.simulate", given[1:])
    if given[:1] == ["bench"] and given[1:2] not in ([], ["-h"], ["--help"]):
        return _bench(given[1], given[2:])
    options = _parser().parse_args(given)
    try:
        settings = Settings.from_environment()
        return int(options.run(options, settings))
    except HubError as exc:
        print(f"kentongan: {exc}", file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        return 130


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="kentongan", description="One tap brings a medic.")
    commands = parser.add_subparsers(metavar="COMMAND", required=True)

    up = commands.add_parser("up", help="everything on one machine, with a store of its own")
    up.set_defaults(run=_up)
    _place(up)
    up.add_argument("--data", type=Path, help="folder of the store (var/real, in the demo var/demo)")
    up.add_argument("--json", action="store_true", help="one JSON object per line")

    serve = commands.add_parser("serve", help="hubs on a store that is there")
    serve.set_defaults(run=_serve)
    _store(serve)
    _place(serve)
    only = serve.add_mutually_exclusive_group()
    only.add_argument("--help-only", dest="only", action="store_const", const="help", help="one help hub (N + 100)")
    only.add_argument("--public-only", dest="only", action="store_const", const="public", help="one public hub")
    serve.add_argument("--query", default="", metavar="ADDRESS", help="unix:PATH or HOST:PORT of the query process")
    serve.add_argument("--json", action="store_true", help="one JSON object per line")

    work = commands.add_parser("work", help="workers on a store that is there")
    work.set_defaults(run=_work)
    _store(work)
    work.add_argument("--demo", action="store_true", help="a simulated city")

    query = commands.add_parser("query", help="search, on a store that is there")
    query.set_defaults(run=_query)
    _store(query)
    query.add_argument("--listen", metavar="ADDRESS", help="unix:PATH or HOST:PORT (the socket of a hub on port 8000)")
    query.add_argument("--data", type=Path, metavar="DIR", help="keep the index there (a temporary file)")
    query.add_argument("--demo", action="store_true", help="a simulated city")
    query.add_argument("--json", action="store_true", help="one JSON object per line")

    staff = commands.add_parser("enrol", help="a sign-in link for staff, good once and for a day")
    staff.set_defaults(run=_enrol)
    staff.add_argument("role", choices=STAFF, metavar="ROLE", help=", ".join(STAFF))
    staff.add_argument("--name", required=True)
    bound = staff.add_mutually_exclusive_group()
    bound.add_argument("--shop", metavar="ID")
    bound.add_argument("--van", metavar="ID")
    bound.add_argument("--desk", choices=DESKS)
    staff.add_argument("--vehicle", default="", help="what a medic drives (motor, mobil, ambulans)")
    staff.add_argument("--url", metavar="BASE", help="address in the link (the one the running hub recorded)")
    where = staff.add_mutually_exclusive_group()
    where.add_argument("--data", type=Path, help="folder of a running `kentongan up`")
    where.add_argument("--store", metavar="URL")
    staff.add_argument("--json", action="store_true", help="{person, role, code, url, expires_at}")

    seed = commands.add_parser("seed", help="write shops, van and stops from a file")
    seed.set_defaults(run=_seed)
    seed.add_argument("file", type=Path, metavar="FILE")
    _store(seed)
    seed.add_argument("--demo", action="store_true", help="a simulated city")

    check = commands.add_parser("check", help="whether a store keeps what it accepts")
    check.set_defaults(run=_check)
    _store(check)

    commands.add_parser("simulate", help="simulated people in a running demo", add_help=False)
    bench = commands.add_parser("bench", help="measure: " + (", ".join(_benches()) or "from the repository only"))
    bench.set_defaults(run=lambda options, settings: bench.error("expected the name of a benchmark"))
    return parser


def _store(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--store", required=True, metavar="URL", help="redis://host:port/0 or unix:///path.sock")


def _place(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--demo", action="store_true", help="a simulated city; never mixes with a real one")
    parser.add_argument("--port", type=_port, default=8000, metavar="N", help="8000; the help hub takes N + 100")
    parser.add_argument("--host", default="127.0.0.1", help="address to listen on (127.0.0.1)")


def _port(text: str) -> int:
    if not text.isdecimal() or not 1 <= int(text) <= 65_435:
        raise argparse.ArgumentTypeError("expected a port from 1 to 65435")
    return int(text)


# -- commands ------------------------------------------------------------------


def _up(options: argparse.Namespace, settings: Settings) -> int:
    from hub.report import Report
    from hub.up import Place, Up, raise_file_limit, run_until_told

    raise_file_limit()
    place = Place(options.host, options.port, options.demo)
    up = Up(place, options.data or DEFAULT_DATA[options.demo], Report(as_json=options.json))
    return run_until_told(up.run)


def _serve(options: argparse.Namespace, settings: Settings) -> int:
    from hub.app import CITY, HubOptions, run
    from hub.report import Report
    from hub.up import Place, check_ports, raise_file_limit, run_until_told, serve

    raise_file_limit()
    place = Place(options.host, options.port, options.demo, options.query)
    address_of(place.query, "--query")
    refuse_other_kind(options.store, CITY, demo=options.demo)
    if options.only is None:
        report = Report(as_json=options.json)
        return run_until_told(lambda told: serve(place, options.store, report, told))
    port = place.help_port if options.only == "help" else place.port
    check_ports(place.host, port)
    return run(
        HubOptions(
            kind=options.only,
            store=options.store,
            city=CITY,
            host=options.host,
            port=port,
            help_port=place.help_port,
            public_port=place.port,
            demo=options.demo,
            query=place.query,
            settings=settings,
        )
    )


def _work(options: argparse.Namespace, settings: Settings) -> int:
    from hub.app import CITY
    from hub.up import raise_file_limit

    raise_file_limit()
    refuse_other_kind(options.store, CITY, demo=options.demo)
    return _module("workers.__main__", ["--store", options.store] + ["--demo"] * options.demo)


def _query(options: argparse.Namespace, settings: Settings) -> int:
    from hub.app import CITY

    refuse_other_kind(options.store, CITY, demo=options.demo)
    given = ["--store", options.store] + ["--demo"] * options.demo + ["--json"] * options.json
    for name in ("listen", "data"):
        value = getattr(options, name)
        given += [f"--{name}", str(value)] if value is not None else []
    return _module("workers.query", given)


def _enrol(options: argparse.Namespace, settings: Settings) -> int:
    wanted = BOUND.get(options.role)
    for name in ("shop", "van", "desk"):
        if (getattr(options, name) is not None) != (name == wanted):
            raise StartError(
                f"a {options.role} is enrolled with --{wanted}" if wanted else f"a {options.role} takes no --{name}"
            )
    made = asyncio.run(_enrolled(options))
    print(json.dumps(made) if options.json else made["url"])
    return 0


async def _enrolled(options: argparse.Namespace) -> dict[str, Any]:
    from hub.app import CITY

    url = options.store or _running(options.data)
    store = Store(url, CITY, demo=kind_of(url, CITY) == "demo")
    try:
        await store.open()
        made = await enrol(
            store,
            role=options.role,
            name=options.name,
            shop=options.shop,
            van=options.van,
            desk=options.desk,
            vehicle=options.vehicle,
        )
        base = options.url or await recorded_base(store)
    finally:
        await store.close()
    if base is None:
        raise StartError("no hub has run on this store yet: start one, or name the address of the link with --url")
    return {
        "person": made.person,
        "role": made.role,
        "code": made.code,
        "url": base.rstrip("/") + made.url_path,
        "expires_at": made.expires_at,
    }


def _running(data: Path | None) -> str:
    """The store that runs in a folder; without one, in whichever of the usual folders something runs."""
    folders = [data] if data is not None else [DEFAULT_DATA[False], DEFAULT_DATA[True]]
    for folder in folders:
        url = running_url(folder)
        if url is not None:
            return url
    raise StartError(f"nothing runs in {' or '.join(map(str, folders))}: start `kentongan up`, or name --store")


def _seed(options: argparse.Namespace, settings: Settings) -> int:
    from hub.app import CITY, internal
    from hub.seed import read_seed, sow

    seed = read_seed(options.file)
    refuse_other_kind(options.store, CITY, demo=options.demo)

    async def run() -> int:
        async with internal(options.store, CITY, options.demo) as dispatch:
            return await sow(dispatch, seed)

    print(f"{asyncio.run(run())} commands done")
    return 0


def _check(options: argparse.Namespace, settings: Settings) -> int:
    with asked(options.store) as client:
        faults = faults_of(client)
    for fault in faults:
        print(fault)
    print("not ready" if faults else "ok: every commit is on disk before it is answered")
    return 1 if faults else 0


# -- other modules -------------------------------------------------------------


def _module(name: str, arguments: Sequence[str]) -> int:
    return int(importlib.import_module(name).main(list(arguments)) or 0)


def _benches() -> list[str]:
    """The benchmarks that are here: they live beside the tests, which an installed package does not have."""
    folder = Path(__file__).resolve().parent.parent / "tests" / "bench"
    return [name for name in BENCHES if (folder / f"{name}.py").exists()]


def _bench(name: str, arguments: Sequence[str]) -> int:
    if name not in _benches():
        known = ", ".join(_benches())
        print(f"kentongan: no benchmark {name}: {known or 'they run from the repository'}", file=sys.stderr)
        return 2
    return _module(f"tests.bench.{name}", arguments)


if __name__ == "__main__":
    sys.exit(main())
