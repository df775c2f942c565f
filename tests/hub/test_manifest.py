"""What an installed page is called, and its icons."""

from __future__ import annotations

import json
import struct

import pytest

from hub.app import CITY_NAME, PAGES, STATIC, places, services
from hub.errors import StartError
from hub.manifest import head, icons, manifest
from tests.support.http import http
from tests.support.live import on_loop, running_hub
from tests.support.make_icons import LOOKS, icon, pictures

ICONS = STATIC / "icons"
LARGEST = 10_000
PAGE = """<html lang="id">
<head>
  <meta name="theme-color" content="#0d4a5c">
  <meta name="description" content="Antrean mobil">
  <title>Kentongan · Mobil keliling</title>
"""


def test_a_page_says_what_it_is_called() -> None:
    """Name, short name, language, colour and address come from the page's own head and the city."""
    said = manifest("van", "/van", PAGE, "Kota Contoh")
    assert said["name"] == "Mobil keliling · Kentongan Kota Contoh"
    assert said["short_name"] == "Mobil keliling"
    assert said["description"] == "Antrean mobil"
    assert (said["lang"], said["theme_color"]) == ("id", "#0d4a5c")
    assert said["id"] == said["start_url"] == said["scope"] == "/van"
    assert said["display"] == "standalone"


@pytest.mark.parametrize("line", range(5))
def test_a_head_that_lacks_something_ends_the_start(line: int) -> None:
    """One sentence names the page and what is missing."""
    lines = PAGE.splitlines()
    if "<head>" in lines[line]:
        assert head("/van", PAGE).title == "Kentongan · Mobil keliling"
        return
    with pytest.raises(StartError, match=r"/van: expected a page whose head says its (lang|theme|description|title)"):
        head("/van", "\n".join(lines[:line] + lines[line + 1 :]))


@on_loop
async def test_every_page_has_its_manifest(valkey_url: str) -> None:
    """At a stable address beside the page, named in its head, an app of its own with a name of its own."""
    async with running_hub(valkey_url, carried=services()) as hub:
        found = []
        for place in places(""):
            status, headers, body = await http(hub.port, "GET", place.beside("manifest.json"))
            assert (status, headers["content-type"]) == (200, "application/manifest+json; charset=utf-8")
            found.append(json.loads(body))
            page = (await http(hub.port, "GET", place.address))[2].decode()
            assert f'<link rel="manifest" href="{place.beside("manifest.json")}">' in page
            for file in (f"{place.name}.svg", f"{place.name}-180.png"):
                assert f'href="/static/icons/{file}"' in page
                assert (await http(hub.port, "HEAD", f"/static/icons/{file}"))[0] == 200
    assert [one["id"] for one in found] == list(PAGES)
    assert len({one["short_name"] for one in found}) == len(found)
    assert found[0]["name"] == f"Kentongan {CITY_NAME}"
    assert {len(one["short_name"]) <= 14 for one in found} == {True}


@pytest.mark.parametrize("page", PAGES.values())
def test_every_icon_is_what_its_manifest_says(page: str) -> None:
    """Each is there, small, a PNG of the size that is said, or the drawing itself; one may be cut to any shape."""
    for said in icons(page):
        path = STATIC / said["src"].removeprefix("/static/")
        assert path.stat().st_size <= LARGEST, path.name
        if path.suffix == ".svg":
            assert path.read_text() == icon(LOOKS[page])
        else:
            assert said["sizes"] == "{0}x{0}".format(side_of(path.read_bytes()))
    assert {said["purpose"] for said in icons(page)} == {"any", "maskable"}


def test_the_folder_holds_what_the_script_makes() -> None:
    """All pictures in their sizes, each under 10 KB, and nothing that nobody made."""
    made = pictures()
    assert {path.name for path in ICONS.iterdir()} == {*made, *(f"{page}.svg" for page in LOOKS)}
    for name, (_, side) in made.items():
        data = (ICONS / name).read_bytes()
        assert len(data) <= LARGEST, name
        assert side_of(data) == side, name


def side_of(data: bytes) -> int:
    """The side of a square PNG."""
    assert data.startswith(b"\x89PNG\r\n\x1a\n")
    width, height = struct.unpack(">II", data[16:24])
    assert width == height
    return int(width)
