"""The command line: `kentongan up`, `serve`, `work`, `query`, `enrol`, `webhook`, `seed`, `import-shops`,
`import-trips`, `import-staff`, `city`, `check`, `audit`, `report`, `erase`, `export`, `backup`, `restore`, `simulate`,
`score-eta`, `bench`.

Exit codes: 0 done, 1 something is not as it should be (`check`, imports), 2 cannot start: one sentence says why.
"""

from __future__ import annotations

import argparse
import asyncio
import importlib
import importlib.util
import json
import sys
from collections.abc import Sequence
from contextlib import AbstractAsyncContextManager
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from hub import (
    audit_command,
    backup_command,
    check_command,
    enrol_command,
    import_command,
    import_staff_command,
    place,
    privacy_command,
    report_command,
    restore_command,
    trips_command,
)
from hub.address import address_of
from hub.check import refuse_other_kind
from hub.city_command import add_city
from hub.city_file import OWN, CityFile, read_cities, read_city
from hub.dispatch import Dispatch
from hub.errors import HubError, StartError
from hub.folder import running_url
from hub.hook_commands import add_webhook
from hub.person_keys import Sealers
from hub.settings import Settings

BENCHES: Final = ("tap", "lanes", "storm", "fanout", "idle", "market", "vans", "search", "backup")
REPORTS: Final = ("medic", "order", "van")
LOADS: Final = ("normal", "heavy", "crisis")
ROOT: Final = Path(__file__).resolve().parent.parent
DEFAULT_DATA: Final = {True: Path("var/demo"), False: Path("var/real")}


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; its exit code."""
    given = sys.argv[1:] if arguments is None else list(arguments)
    if given[:1] == ["simulate"]:
        return _module("clients.simulate", given[1:])
    if given[:1] == ["score-eta"]:
        return _score_eta(given[1:])
    if given[:1] == ["bench"] and given[1:2] not in ([], ["-h"], ["--help"]):
        return _bench(given[1], given[2:])
    options = _parser().parse_args(given)
    try:
        settings = Settings.from_environment(options=place.given(options))
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
    place.arguments(up)
    place.room_argument(up)
    up.add_argument("--data", type=Path, help="folder of the store (var/real, in the demo var/demo)")
    up.add_argument("--load", choices=LOADS, default="", help="in the demo: as much as on such a day, not a show")
    up.add_argument("--json", action="store_true", help="one JSON object per line")
    _cities(up)

    serve = commands.add_parser("serve", help="hubs on a store that is there")
    serve.set_defaults(run=_serve)
    _store(serve)
    place.arguments(serve)
    only = serve.add_mutually_exclusive_group()
    only.add_argument("--help-only", dest="only", action="store_const", const="help", help="one help hub (N + 100)")
    only.add_argument("--public-only", dest="only", action="store_const", const="public", help="one public hub")
    serve.add_argument("--query", default="", metavar="ADDRESS", help="unix:PATH or HOST:PORT of the query process")
    serve.add_argument("--json", action="store_true", help="one JSON object per line")
    _cities(serve)

    work = commands.add_parser("work", help="workers on a store that is there")
    work.set_defaults(run=_work)
    _store(work)
    work.add_argument("--demo", action="store_true", help="a simulated city")
    _cities(work)

    query = commands.add_parser("query", help="search, on a store that is there")
    query.set_defaults(run=_query)
    _store(query)
    query.add_argument("--listen", metavar="ADDRESS", help="unix:PATH or HOST:PORT (the socket of a hub on port 8000)")
    query.add_argument("--data", type=Path, metavar="DIR", help="keep the index there (a temporary file)")
    query.add_argument("--demo", action="store_true", help="a simulated city")
    query.add_argument("--json", action="store_true", help="one JSON object per line")
    _city_of(query)

    staff = commands.add_parser("enrol", help="a sign-in link for staff, good once and for a day")
    staff.set_defaults(run=_enrol)
    enrol_command.arguments(staff)
    _city_of(staff)

    add_webhook(commands, _where)

    seed = commands.add_parser("seed", help="write shops, van and stops from a file")
    seed.set_defaults(run=_seed)
    seed.add_argument("file", type=Path, metavar="FILE")
    _store(seed)
    seed.add_argument("--demo", action="store_true", help="a simulated city")
    _city_of(seed)

    shops = commands.add_parser("import-shops", help="write the whole register of shops from a CSV file")
    shops.set_defaults(run=_import_shops)
    import_command.arguments(shops)
    _city_of(shops)

    trips = commands.add_parser("import-trips", help="write vans, stops and their trips from a CSV file")
    trips.set_defaults(run=_import_trips)
    trips_command.arguments(trips)
    _city_of(trips)

    people = commands.add_parser("import-staff", help="enrol people for the desks from a CSV file, a link for each")
    people.set_defaults(run=_import_staff)
    import_staff_command.arguments(people)
    _city_of(people)

    add_city(commands)

    check = commands.add_parser("check", help="whether a store keeps what it accepts, and what a phone would miss")
    check.set_defaults(run=_check)
    check_command.arguments(check)
    _city_of(check)

    erase = commands.add_parser("erase", help="forget a person: key, sign-ins, record; ids and figures stay")
    erase.set_defaults(run=_erase)
    privacy_command.erase_arguments(erase)
    _city_of(erase)

    export = commands.add_parser("export", help="everything that is kept of a person")
    export.set_defaults(run=_export)
    privacy_command.export_arguments(export)
    _city_of(export)

    audit_command.add_audit(commands, DEFAULT_DATA)
    report_command.add_report(
        commands, DEFAULT_DATA, REPORTS, lambda: importlib.import_module("channels.figures").REPORTS
    )

    backup_command.add_backup(commands, _where, DEFAULT_DATA, _sealers, lambda options: _city(options).clock)
    restore_command.add_restore(commands, _city, DEFAULT_DATA, _sealers, _after)

    commands.add_parser("simulate", help="simulated people in a running demo", add_help=False)
    commands.add_parser("score-eta", help="how good predicted arrivals are on simulated days", add_help=False)
    bench = commands.add_parser("bench", help="measure: " + (", ".join(_benches()) or "from the repository only"))
    bench.set_defaults(run=lambda options, settings: bench.error("expected the name of a benchmark"))
    return parser


def _store(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--store", required=True, metavar="URL", help="redis://host:port/0 or unix:///path.sock")


def _cities(parser: argparse.ArgumentParser) -> None:
    help_ = "a city's file, several times for several cities (Kota Mojokerto); `kentongan city check FILE`"
    parser.add_argument("--city", type=Path, action="append", metavar="FILE", help=help_)


def _city_of(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--city", type=Path, metavar="FILE", help="the city's file (Kota Mojokerto)")


def _city(options: argparse.Namespace) -> CityFile:
    """The one city that the options name."""
    path: Path | None = getattr(options, "city", None)
    return OWN if path is None else read_city(path)


# -- commands ------------------------------------------------------------------


def _up(options: argparse.Namespace, settings: Settings) -> int:
    from hub.report import Report
    from hub.up import Up, raise_file_limit, run_until_told

    raise_file_limit()
    data = options.data or DEFAULT_DATA[options.demo]
    here = (
        place.of(options, settings)
        if options.lan is None
        else place.in_room(options, settings, data.with_name(f"{data.name}-lan"), datetime.now(UTC))
    )
    up = Up(here, data, Report(as_json=options.json), options.load)
    return run_until_told(up.run)


def _serve(options: argparse.Namespace, settings: Settings) -> int:
    from hub.app import HubOptions, run
    from hub.report import Report
    from hub.up import raise_file_limit, run_until_told, serve

    raise_file_limit()
    here = place.of(options, settings)
    for city in here.cities:
        address_of(here.query_of(city), "--query")
        refuse_other_kind(options.store, city.code, demo=options.demo)
    if options.only is None:
        report = Report(as_json=options.json)
        return run_until_told(lambda told: serve(here, options.store, report, told))
    port = here.help_port if options.only == "help" else here.port
    place.check_ports(here.host, port)
    return run(
        HubOptions(
            kind=options.only,
            store=options.store,
            cities=here.cities,
            host=options.host,
            port=port,
            help_port=here.help_port,
            public_port=here.port,
            demo=options.demo,
            query=here.query,
            settings=settings,
        )
    )


def _work(options: argparse.Namespace, settings: Settings) -> int:
    from hub.up import raise_file_limit

    raise_file_limit()
    given = ["--store", options.store] + ["--demo"] * options.demo
    for city in read_cities(options.city):
        refuse_other_kind(options.store, city.code, demo=options.demo)
    for path in options.city or ():
        given += ["--city", str(path)]
    return _module("workers.__main__", given)


def _query(options: argparse.Namespace, settings: Settings) -> int:
    if options.listen is not None:
        address_of(options.listen, "--listen")
    refuse_other_kind(options.store, _city(options).code, demo=options.demo)
    given = ["--store", options.store] + ["--demo"] * options.demo + ["--json"] * options.json
    for name in ("listen", "data", "city"):
        value = getattr(options, name)
        given += [f"--{name}", str(value)] if value is not None else []
    return _module("workers.query", given)


def _enrol(options: argparse.Namespace, settings: Settings) -> int:
    enrol_command.check(options)
    made = asyncio.run(enrol_command.enrolled(options, settings, *_where(options)))
    print(json.dumps(made) if options.json else "\n".join(enrol_command.lines(made, qr=options.qr)))
    return 0


def _where(options: argparse.Namespace) -> tuple[str, str]:
    """The store that the options name, or one that runs here, and the city."""
    return options.store or _running(options.data), _city(options).code


def _running(data: Path | None) -> str:
    """The store that runs in a folder; without one, in whichever of the usual folders something runs."""
    folders = [data] if data is not None else [DEFAULT_DATA[False], DEFAULT_DATA[True]]
    for folder in folders:
        url = running_url(folder)
        if url is not None:
            return url
    raise StartError(f"nothing runs in {' or '.join(map(str, folders))}: start `kentongan up`, or name --store")


def _sealers(options: argparse.Namespace) -> Sealers:
    """What seals the personal fields of a city's backups."""
    from hub.app import services
    from hub.backup_seal import PersonSealers

    city = _city(options)
    return PersonSealers(city.code, services(city))


def _after(options: argparse.Namespace, settings: Settings) -> restore_command.After:
    """What forgets anew, after a restore, who was erased since the backup, and waits for replicas."""
    from hub.app import internal, services
    from hub.privacy import Privacy
    from hub.replicas import had

    city = _city(options)

    async def after(url: str, demo: bool, since: int) -> tuple[list[str], int, int]:
        async with internal(url, city.code, demo, services(city), settings.replicas) as dispatch:
            await had(dispatch.store, restore_command.FOLLOW_S)
            erased = await Privacy(dispatch).again(since)
            told = await had(dispatch.store, 1.0)
            return erased, told.wanted, told.have

    return lambda url, demo, since: asyncio.run(after(url, demo, since))


def _erase(options: argparse.Namespace, settings: Settings) -> int:
    code, gone = privacy_command.erase(options, lambda: _door(options, settings))
    if gone:
        url = options.store or _running(options.data or DEFAULT_DATA[options.demo])
        backup_command.erased(url, _city(options).code, settings)
    return code


def _seed(options: argparse.Namespace, settings: Settings) -> int:
    from hub.app import internal, services
    from hub.seed import read_seed, sow

    seed, city = read_seed(options.file), _city(options)
    refuse_other_kind(options.store, city.code, demo=options.demo)

    async def run() -> int:
        async with internal(options.store, city.code, options.demo, services(city), settings.replicas) as dispatch:
            return await sow(dispatch, seed)

    print(f"{asyncio.run(run())} commands done")
    return 0


def _import_shops(options: argparse.Namespace, settings: Settings) -> int:
    from hub.app import ground

    return import_command.run(options, ground(_city(options)), lambda: _door(options, settings))


def _import_trips(options: argparse.Namespace, settings: Settings) -> int:
    from hub.app import ground

    return trips_command.run(options, ground(_city(options)), lambda: _door(options, settings))


def _import_staff(options: argparse.Namespace, settings: Settings) -> int:
    return import_staff_command.run(options, _city(options).desks, lambda: _door(options, settings))


def _export(options: argparse.Namespace, settings: Settings) -> int:
    return privacy_command.exported(options, settings, DEFAULT_DATA, _city(options), lambda: _door(options, settings))


def _door(options: argparse.Namespace, settings: Settings) -> AbstractAsyncContextManager[Dispatch]:
    """The city that an import's options name."""
    from hub.app import internal, services

    city = _city(options)
    url = options.store or _running(options.data or DEFAULT_DATA[options.demo])
    refuse_other_kind(url, city.code, demo=options.demo)
    return internal(url, city.code, options.demo, services(city), settings.replicas)


def _check(options: argparse.Namespace, settings: Settings) -> int:
    return check_command.run(options, settings, _city(options))


# -- other modules -------------------------------------------------------------


def _module(name: str, arguments: Sequence[str]) -> int:
    return int(importlib.import_module(name).main(list(arguments)) or 0)


def _score_eta(arguments: Sequence[str]) -> int:
    """Here the service's predictor meets the simulated days: neither knows the other."""
    from channels import van_replay, van_score
    from clients import score_eta

    return score_eta.main(arguments, van_replay.Replay, van_score)


def _benches() -> list[str]:
    """The benchmarks that are here: they live beside the tests, which an installed package does not have."""
    return [name for name in BENCHES if (ROOT / "tests" / "bench" / f"{name}.py").exists()]


def _bench(name: str, arguments: Sequence[str]) -> int:
    if name not in _benches():
        known = ", ".join(_benches())
        print(f"kentongan: no benchmark {name}: {known or 'they run from the repository'}", file=sys.stderr)
        return 2
    if str(ROOT) not in sys.path:  # an installed script finds the packages, and not the tests beside them
        sys.path.insert(0, str(ROOT))
    return _module(f"tests.bench.{name}", arguments)


if __name__ == "__main__":
    sys.exit(main())
