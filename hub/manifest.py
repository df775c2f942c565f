"""What a page is called once it is installed: its web app manifest, made from the head of the page itself.

Title, description, language and colour stand in the page already; the hub adds the city, the address and the icons. An
`id` of its own for each page makes each an app of its own: the medic's and the shop's stand side by side on one phone.

The resident's page is at `/`, so its scope holds the others' addresses (a scope is a prefix): where it was installed
first, Android's Chrome may open a staff page inside it instead of offering to install that. Staff install their own
page first, or from the browser's menu.
"""

from __future__ import annotations

import re
from typing import Any, Final

from msgspec import Struct

from hub.errors import StartError

PAPER: Final = "#faf7f2"
"""What a phone shows until the page has drawn itself."""
BRAND: Final = "Kentongan"
NEEDED: Final = {
    "title": re.compile(r"<title>([^<]+)</title>"),
    "description": re.compile(r'<meta name="description" content="([^"]+)"'),
    "lang": re.compile(r'<html lang="([^"]+)"'),
    "theme": re.compile(r'<meta name="theme-color"[^>]* content="([^"]+)"'),
}


class Head(Struct, frozen=True):
    """What a page says of itself."""

    title: str
    description: str
    lang: str
    theme: str


def head(address: str, html: str) -> Head:
    """Read it out of a page.

    Raises:
        StartError: something is missing there.
    """
    found = {name: pattern.search(html) for name, pattern in NEEDED.items()}
    for name, match in found.items():
        if match is None:
            raise StartError(f"{address}: expected a page whose head says its {name}")
    return Head(**{name: match.group(1) for name, match in found.items() if match})


def manifest(page: str, address: str, html: str, city: str) -> dict[str, Any]:
    """The manifest of the page at `address`. Its icons are those of `static/icons/`, its short name fits under one."""
    said = head(address, html)
    own = said.title.removeprefix(BRAND).lstrip(" ·")
    return {
        "id": address,
        "name": f"{own} · {BRAND} {city}" if own else f"{BRAND} {city}",
        "short_name": own or BRAND,
        "description": said.description,
        "lang": said.lang,
        "dir": "ltr",
        "start_url": address,
        "scope": address,
        "display": "standalone",
        "theme_color": said.theme,
        "background_color": PAPER,
        "icons": icons(page),
    }


def icons(page: str) -> list[dict[str, str]]:
    """Drawn for any size, in the two sizes that Chrome asks for, and once to be cut to whatever shape a phone likes."""
    at = f"/static/icons/{page}"
    return [
        {"src": f"{at}.svg", "sizes": "any", "type": "image/svg+xml", "purpose": "any"},
        {"src": f"{at}-192.png", "sizes": "192x192", "type": "image/png", "purpose": "any"},
        {"src": f"{at}-512.png", "sizes": "512x512", "type": "image/png", "purpose": "any"},
        {"src": f"{at}-maskable-512.png", "sizes": "512x512", "type": "image/png", "purpose": "maskable"},
    ]
