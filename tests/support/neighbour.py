"""A city beside Kota Mojokerto that is made up: four kelurahan in a square, and its file."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Final

CODE: Final = "35.99"
NAME: Final = "Kota Watugede"
HOST: Final = "watugede.example"
HOME_HOST: Final = "mojokerto.example"
WEST, SOUTH, SIDE = 112.48, -7.49, 0.02
MIDDLE: Final = (SOUTH + SIDE / 2, WEST + SIDE / 2)
"""In Lor Kulon (lat, lon)."""
NOWHERE: Final = (-7.60, 112.20)
"""In neither of the two."""
WARDS: Final = {"Lor Kulon": (0, 0), "Lor Wetan": (1, 0), "Kidul Kulon": (0, 1), "Kidul-Wetan": (1, 1)}

Ring = list[list[float]]


def block(west: float, south: float, side: float) -> Ring:
    """A square, so many degrees wide."""
    east, north = west + side, south + side
    return [[west, south], [east, south], [east, north], [west, north], [west, south]]


def square(column: int, row: int) -> Ring:
    return block(WEST + column * SIDE, SOUTH + row * SIDE, SIDE)


def with_hole() -> dict[str, Any]:
    """The four kelurahan, Lor Kulon with a hole of about 30 ha."""
    whole = collection()
    whole["features"][0]["geometry"]["coordinates"].append(block(WEST + 0.005, SOUTH + 0.005, 0.005))
    return whole


def feature(name: str, number: int, *rings: Ring) -> dict[str, Any]:
    properties = {"name": name, "code": f"{CODE}.01.{1000 + number}"}
    return {"type": "Feature", "properties": properties, "geometry": {"type": "Polygon", "coordinates": list(rings)}}


def collection(features: Sequence[dict[str, Any]] | None = None) -> dict[str, Any]:
    """The four kelurahan, or others."""
    own = [feature(name, number, square(*place)) for number, (name, place) in enumerate(WARDS.items())]
    return {"type": "FeatureCollection", "features": own if features is None else list(features)}


def city_file(folder: Path, *, geojson: Any = None, without: Sequence[str] = (), more: str = "", **top: str) -> Path:
    """Write the file of the made-up city, its keys as they are given in TOML.

    Args:
        without: keys that are left out. more: lines at the end: tables.
    """
    keys: Mapping[str, str] = {
        "code": f'"{CODE}"', "name": f'"{NAME}"', "hosts": f'["{HOST}"]', "polygons": '"wards.geojson"', **top,
    }  # fmt: skip
    lines = [f"{key} = {value}" for key, value in keys.items() if key not in without]
    (folder / "wards.geojson").write_text(json.dumps(collection() if geojson is None else geojson))
    path = folder / "city.toml"
    path.write_text("\n".join([*lines, more, ""]))
    return path


def home_file(folder: Path, host: str = HOME_HOST, zone: str = "Asia/Jakarta") -> Path:
    """Kota Mojokerto's own file, for a hub that serves others too: with a host ("": none), by a clock."""
    from hub.city_file import OWN

    text = OWN.path.read_text("utf-8").replace('zone = "Asia/Jakarta"', f'zone = "{zone}"')
    text = text.replace("hosts = []", f'hosts = ["{host}"]' if host else "hosts = []")
    path = folder / "mojokerto.toml"
    path.write_text(text.replace(f'"{OWN.polygons.name}"', f'"{OWN.polygons}"'))
    return path
