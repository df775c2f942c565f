"""`kentongan city check FILE`: whether a city's file can be served, what is wrong with it line by line, and its map.

Exit codes: 0 it can be served, 1 something is wrong with it, 2 the map cannot be written.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec

from hub.city_file import CityFile, Flaw, Inspected, inspected
from hub.city_plot import area_km2, drawn
from hub.errors import StartError
from hub.folder import write_whole
from hub.oidc_check import secret_flaw
from hub.oidc_table import Oidc
from hub.settings import Settings


def add_city(commands: Any) -> None:
    """The command `city` with what it does."""
    city = commands.add_parser("city", help="look at a city's file before it is served")
    does = city.add_subparsers(metavar="DO", required=True)
    check = does.add_parser("check", help="what is wrong with it, line by line")
    check.add_argument("file", type=Path, metavar="FILE")
    check.add_argument("--plot", type=Path, metavar="FILE", help="draw its kelurahan as SVG, what is wrong in red")
    check.add_argument("--json", action="store_true", help="{ok, code, name, kelurahan, area_km2, hosts, flaws, plot}")
    check.set_defaults(run=run)


def run(options: argparse.Namespace, settings: Settings) -> int:
    """Look, draw, say; the exit code.

    Raises:
        StartError: the map cannot be written.
    """
    found = _with_secret(inspected(options.file))
    plot = _plotted(options.plot, found, options.file) if options.plot is not None else None
    print(json.dumps(told(found, plot), ensure_ascii=False) if options.json else "\n".join(lines(found, options.file)))
    if plot is not None and not options.json:
        print(f"map: {plot}")
    return 1 if found.flaws else 0


def _with_secret(found: Inspected) -> Inspected:
    """The same, and whether the client's secret is there: only who signs people in needs it, no start looks for it."""
    oidc = found.city.oidc if found.city is not None else None
    if oidc is None or (why := secret_flaw(oidc)) is None:
        return found
    return Inspected(found.city, found.ground, [*found.flaws, Flaw(0, "oidc.secret_file", why)])


def _plotted(path: Path, found: Inspected, file: Path) -> str | None:
    """Where the map was written; None when there is no ground to draw."""
    if found.ground is None:
        return None
    try:
        write_whole(path, drawn(found.ground, found.city.name if found.city is not None else file.name))
    except OSError as exc:
        raise StartError(f"the map {path} cannot be written: {exc.strerror}") from exc
    return str(path)


def told(found: Inspected, plot: str | None) -> dict[str, Any]:
    """What `--json` prints."""
    city, ground = found.city, found.ground
    return {
        "ok": not found.flaws,
        "code": city.code if city is not None else None,
        "name": city.name if city is not None else None,
        "kelurahan": len(ground.wards) if ground is not None else None,
        "area_km2": round(area_km2(ground), 2) if ground is not None else None,
        "hosts": list(city.hosts) if city is not None else None,
        "flaws": msgspec.to_builtins(found.flaws),
        "plot": plot,
    }


def lines(found: Inspected, path: Path) -> Iterator[str]:
    """For a person."""
    if found.city is None or found.ground is None or found.flaws:
        yield from (flaw.sentence(path) for flaw in found.flaws)
        yield f"not served: {len(found.flaws)} thing{'s' * (len(found.flaws) != 1)} to mend"
        return
    city, area = found.city, area_km2(found.ground)
    yield f"{city.name} ({city.code}): {city.kelurahan} kelurahan, {area:.1f} km2, {city.zone} ({city.clock.letters})"
    yield f"  hosts        {', '.join(city.hosts) or 'every name, as the only city of a hub'}"
    yield f"  emergency    {' and '.join(city.numbers)}"
    yield f"  languages    {', '.join(city.languages)}; desks {', '.join(city.desks)}"
    yield f"  calls        {_calls(city)}"
    if city.oidc is not None:
        yield f"  city account {city.oidc.issuer}: {_roles(city.oidc)}, for {city.oidc.max_session_h} h"
    yield "ok: it can be served"


def _roles(oidc: Oidc) -> str:
    return ", ".join(
        f"{group} opens {post.role}{f' {bound}' if (bound := post.desk or post.van) else ''}"
        for group, post in oidc.roles.items()
    )


def _calls(city: CityFile) -> str:
    waves = ", ".join(str(at) for at in city.medic.waves_s)
    return f"taken back within {city.medic.grace_s} s; waves at {waves} s, then every {city.medic.repeat_s} s"
