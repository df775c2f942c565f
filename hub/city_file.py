"""A city is one file: TOML, with its kelurahan as GeoJSON beside it.

Decoded strictly: an unknown key, a wrong value and a hole between two kelurahan are each one sentence with the line
they stand on, and nothing of such a file is used. `OWN` is Kota Mojokerto's, which comes with the program and is read
the same way.
"""

from __future__ import annotations

import json
import re
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Final

from msgspec import Struct

from hub.city_ground import Ground, flaws_of
from hub.city_keys import KEYS, REQUIRED, RETAIN, ROLES, TABLES, TOGETHER, check_of, meant
from hub.errors import StartError
from hub.oidc_table import Oidc, Post
from hub.oidc_table import made as oidc_made
from hub.zones import Zone, zone_of

OWN_FILE: Final = Path(__file__).resolve().parent.parent / "static" / "data" / "mojokerto.toml"
MAX_BYTES: Final = 8 * 1024 * 1024


class Medic(Struct, frozen=True):
    """How calls ring here; see `channels.rules`."""

    grace_s: int = 5
    waves_s: tuple[int, ...] = (0, 20, 40, 80)
    repeat_s: int = 30
    wave_size: int = 3
    red_size: int = 5


class TestRing(Struct, frozen=True):
    """When all phones of the city's people are rung as a test: once a week, at this hour; `never`: not at all."""

    day: str = "monday"
    hour: int = 10


class CityFile(Struct, frozen=True):
    """One city as its file says it, valid once read.

    Args:
        path: of the file.
        polygons: of its GeoJSON; `geojson` is what stands there.
        hosts: names by which its pages are asked for; none: every name, when it is the only city.
        retain_days: personal field -> how many days the long memory keeps it.
        oidc: the city's own account for staff; None: one-time links alone.
    """

    path: Path
    polygons: Path
    geojson: Mapping[str, Any]
    code: str
    name: str
    short: str = "Mojokerto"
    zone: str = "Asia/Jakarta"
    languages: tuple[str, ...] = ("id", "en", "jv")
    desks: tuple[str, ...] = ("medic", "market", "van", "city")
    hosts: tuple[str, ...] = ()
    public_url: str = ""
    help_url: str = ""
    emergency: Mapping[str, str] = {}
    medic: Medic = Medic()
    test_ring: TestRing = TestRing()
    accept_s: Mapping[str, int] = {}
    retention_h: Mapping[str, int] = {}
    retain_days: Mapping[str, int] = {}
    oidc: Oidc | None = None

    @property
    def numbers(self) -> tuple[str, str]:
        """The numbers to phone: for a medic, and for everything."""
        return self.emergency.get("medical", "119"), self.emergency.get("all", "112")

    @property
    def clock(self) -> Zone:
        return zone_of(self.zone)

    @property
    def keeps(self) -> Mapping[str, int]:
        """`retain_days`, whole: what the file leaves out is as in Kota Mojokerto."""
        return {**RETAIN, **self.retain_days}

    @property
    def kelurahan(self) -> int:
        return len(self.geojson["features"])


class Inspected(Struct, frozen=True):
    """What a look at a file found. `city`: None when anything is wrong; `ground`: None when it cannot be drawn."""

    city: CityFile | None
    ground: Ground | None
    flaws: Sequence[Flaw]


class Flaw(Struct, frozen=True):
    """One thing that is wrong with a file. `line` 0: it stands on none; `key` "": it is about the whole file."""

    line: int
    key: str
    says: str

    def sentence(self, path: Path) -> str:
        place = f"{path}, line {self.line}" if self.line else str(path)
        return f"the city file {place}: {self.key + ': ' if self.key else ''}{self.says}"


def read_city(path: Path, *, whole: bool = True) -> CityFile:
    """The city of a file.

    Args:
        whole: look at its polygons too; the program's own were looked at by its tests.

    Raises:
        StartError: something is wrong with it: the first thing, in one sentence.
    """
    found = inspected(path, whole=whole)
    if found.city is None:
        more = len(found.flaws) - 1
        raise StartError(
            found.flaws[0].sentence(path) + (f" (and {more} more: `kentongan city check` lists all)" if more else "")
        )
    return found.city


def read_cities(paths: list[Path] | None) -> tuple[CityFile, ...]:
    """The cities that one hub serves; Kota Mojokerto when no file is named.

    Raises:
        StartError: a file is wrong, or two cities cannot be told apart.
    """
    cities = tuple(read_city(path) for path in paths) if paths else (OWN,)
    check_together(cities)
    return cities


def check_together(cities: tuple[CityFile, ...]) -> None:
    """Refuse cities among which a host name would pick none or two.

    Raises:
        StartError: names the two files, or the one without hosts.
    """
    codes: dict[str, CityFile] = {}
    hosts: dict[str, CityFile] = {}
    for city in cities:
        if city.code in codes:
            raise StartError(f"{codes[city.code].path} and {city.path} are both the city {city.code}")
        codes[city.code] = city
        if not city.hosts and len(cities) > 1:
            raise StartError(f"the city file {city.path}: hosts: expected names: {len(cities)} cities are served here")
        for host in city.hosts:
            if host in hosts:
                raise StartError(f"{hosts[host].path} and {city.path} both have the host {host}")
            hosts[host] = city


def inspected(path: Path, *, whole: bool = True) -> Inspected:
    """The city of a file, or everything that is wrong with it, in the order of its lines."""
    read = _read(path)
    if isinstance(read, Flaw):
        return Inspected(None, None, [read])
    text, data = read
    lines = _lines(text)
    values: dict[str, Any] = {}
    flaws = list(_decoded(data, values, lines))
    ground = _polygons(path, values, whole, lines, flaws) if "polygons" in values else None
    city = _made(path, ground, values) if ground is not None and not flaws else None
    return Inspected(city, ground, sorted(flaws, key=lambda flaw: flaw.line or len(text)))


def _read(path: Path) -> tuple[str, Mapping[str, Any]] | Flaw:
    try:
        if path.stat().st_size > MAX_BYTES:
            return Flaw(0, "", f"expected at most {MAX_BYTES // 1024**2} MB")
        text = path.read_text("utf-8")
        return text, tomllib.loads(text)
    except OSError as exc:
        return Flaw(0, "", f"it cannot be read: {exc.strerror}")
    except UnicodeDecodeError:
        return Flaw(0, "", "expected UTF-8")
    except tomllib.TOMLDecodeError as exc:
        found = re.search(r"line (\d+)", str(exc))
        return Flaw(int(found[1]) if found else 0, "", f"this is no TOML: {exc}")


def _decoded(data: Mapping[str, Any], values: dict[str, Any], lines: Mapping[str, int]) -> Iterator[Flaw]:
    """Every key looked at; good values are put into `values` by their dotted key."""
    for key, value in _flat(data):
        check, line = check_of(key), lines.get(key, lines.get(key.partition(".")[0], 0))
        if check is None:
            if key in TABLES:
                yield Flaw(line, key, f"expected a table, as in [{key}]")
            else:
                yield Flaw(line, key, "there is no such key" + meant(key, [*KEYS, *TABLES]))
            continue
        try:
            values[key] = check(value)
        except ValueError as exc:
            yield Flaw(line, key, f"expected {exc}" + (f", got {value!r}" if "did you mean" not in str(exc) else ""))
    for key in REQUIRED:
        if key not in data:
            yield Flaw(0, key, "expected one: every city has its own")
    yield from _oidc_flaws(data, values, lines)


def _oidc_flaws(data: Mapping[str, Any], values: Mapping[str, Any], lines: Mapping[str, int]) -> Iterator[Flaw]:
    """What each key of `[oidc]` by itself does not show."""
    table = data.get("oidc")
    if not isinstance(table, dict):
        return
    for key in TOGETHER:
        if not table.get(key.removeprefix("oidc.")):
            yield Flaw(0, key, "expected one, with [oidc]")
    for key, post in values.items():
        if isinstance(post, Post) and post.desk is not None and post.desk not in values.get("desks", (post.desk,)):
            yield Flaw(
                lines.get(key, lines.get("oidc", 0)), key, f"expected one of this city's desks, got {post.desk!r}"
            )


def _flat(data: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    """Dotted key -> value; only the tables that are known are opened, one level deep, and that of groups in one."""
    for key, value in data.items():
        if key not in TABLES or not isinstance(value, dict):
            yield key, value
            continue
        for inner, one in value.items():
            name = f"{key}.{inner}"
            if name == ROLES and isinstance(one, dict):
                yield from ((f"{name}.{group}", post) for group, post in one.items())
            else:
                yield name, one


def _lines(text: str) -> dict[str, int]:
    """Dotted key -> the line it stands on; tables by their header. TOML's reader does not say."""
    found: dict[str, int] = {}
    table = ""
    for number, line in enumerate(text.splitlines(), 1):
        if header := re.match(r"\s*\[+\s*([\w.-]+)\s*\]", line):
            table = f"{header[1]}."
            found.setdefault(header[1], number)
        elif key := re.match(r"""\s*(?:"([^"]+)"|'([^']+)'|([\w.-]+))\s*=""", line):
            found.setdefault(table + (key[1] or key[2] or key[3]), number)
    return found


def _polygons(
    path: Path, values: Mapping[str, Any], whole: bool, lines: Mapping[str, int], flaws: list[Flaw]
) -> Ground | None:
    """The kelurahan of the GeoJSON that the file names; what is wrong with them is added to `flaws`."""
    place, line = path.parent / values["polygons"], lines.get("polygons", 0)
    try:
        if place.stat().st_size > MAX_BYTES:
            raise ValueError(f"at most {MAX_BYTES // 1024**2} MB")
        ground = Ground.of(json.loads(place.read_text("utf-8")), values.get("code", ""))
    except OSError as exc:
        flaws.append(Flaw(line, "polygons", f"{place.name} cannot be read: {exc.strerror}"))
        return None
    except (ValueError, RecursionError) as exc:
        says = "it is no JSON" if isinstance(exc, (json.JSONDecodeError, UnicodeDecodeError)) else f"expected {exc}"
        flaws.append(Flaw(line, "polygons", f"{place.name}: {says}"))
        return None
    flaws += [Flaw(line, "polygons", f"{place.name}: {says}") for says in (flaws_of(ground) if whole else ())]
    return ground


def _made(path: Path, ground: Ground, values: Mapping[str, Any]) -> CityFile:
    top: dict[str, Any] = {key: value for key, value in values.items() if "." not in key and key != "polygons"}
    tables: dict[str, Any] = {}
    for key, value in values.items():
        table, dot, inner = key.partition(".")
        if dot:
            tables.setdefault(table, {})[inner] = value
    own: dict[str, Any] = {} if "short" in top else {"short": re.sub(r"^(Kota|Kabupaten) ", "", top["name"])}
    medic, test = Medic(**tables.pop("medic", {})), TestRing(**tables.pop("test_ring", {}))
    if "oidc" in tables:
        tables["oidc"] = oidc_made(tables["oidc"], path.parent)
    place = path.parent / values["polygons"]
    return CityFile(
        path=path, polygons=place, geojson=ground.geojson, medic=medic, test_ring=test, **top, **own, **tables
    )


OWN: Final = read_city(OWN_FILE, whole=False)
"""Kota Mojokerto, which comes with the program."""
