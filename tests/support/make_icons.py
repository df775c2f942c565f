"""Make the icons under `static/icons`: the kentongan, on each page's own ground, with its own mark.

    python tests/support/make_icons.py [FOLDER]

One drawing: a slit drum and its beater. The pages differ in the ground's colour and in a small mark, so that a medic
who also sells finds the right one on a home screen at night. Chromium draws the SVG; what it drew is written as a PNG
with a palette of few colours, a third of what the browser's own would weigh.

- `<page>.svg`, `<page>-192.png`, `<page>-512.png`: rounded, for whoever shows an icon as it is;
- `<page>-maskable-512.png`: to the edges, all that matters within the middle 80 % (a phone cuts its own shape out);
- `<page>-180.png`: to the edges, for iOS, which rounds it itself;
- `badge-96.png`: white on nothing, for a notification in the status bar.
"""

from __future__ import annotations

import base64
import struct
import sys
import zlib
from collections import Counter
from pathlib import Path
from typing import Final, NamedTuple

from playwright.sync_api import Page, sync_playwright

CHROMIUM: Final = "/usr/bin/chromium"
CREAM: Final = "#fff6e6"
SHADE: Final = "#ecd2a6"
WOOD: Final = "#5a3415"
COLOURS: Final = 40
"""In a palette: the few that are drawn, and what stands between them at an edge."""


class Look(NamedTuple):
    """What tells one page's icon from the others': the ground's colour, and a mark in a circle of radius 84."""

    ground: str
    mark: str = ""


LINE: Final = 'fill="none" stroke-width="17" stroke-linecap="round" stroke-linejoin="round"'
LOOKS: Final = {
    "resident": Look("#c4122a"),
    "medic": Look("#0b6b4b", '<path d="M-17-50h34v33h33v34h-33v33h-34v-33h-33v-34h33z"/>'),
    "shop": Look("#8a4a12", f'<path d="M-42-14h84l-9 58h-66z"/><path {LINE} d="M-23-18c0-38 46-38 46 0"/>'),
    "van": Look(
        "#0d4a5c",
        '<path d="M-56-34h66v62h-66z"/><path d="M18-18h22l18 22v24h-40z"/>'
        '<circle cx="-28" cy="32" r="15"/><circle cx="32" cy="32" r="15"/>',
    ),
    "dispatch": Look(
        "#3c2f6e",
        f'<path {LINE} d="M-40 12c0-66 80-66 80 0"/><rect x="-54" y="2" width="28" height="42" rx="12"/>'
        '<rect x="26" y="2" width="28" height="42" rx="12"/>'
        f'<path {LINE} d="M40 44c0 14-16 14-34 14"/>',
    ),
}


def drum(ground: str) -> str:
    """The drum and its beater, in a square of 512."""
    return (
        '<g transform="rotate(-30 256 256)">'
        f'<path d="M330 70 306 176" fill="none" stroke="{SHADE}" stroke-width="24" stroke-linecap="round"/>'
        f'<circle cx="304" cy="170" r="30" fill="{SHADE}"/>'
        f'<rect x="72" y="186" width="368" height="164" rx="82" fill="{SHADE}"/>'
        f'<path fill="{CREAM}" d="M154 186h204a82 82 0 0 1 81 68c-6 30-40 50-81 50h-204c-41 0-75-20-81-50'
        'a82 82 0 0 1 81-68z"/>'
        f'<path d="M122 186v164M390 186v164" stroke="{ground}" stroke-width="12"/>'
        f'<path d="M176 256h160" stroke="{WOOD}" stroke-width="36" stroke-linecap="round"/>'
        f'<circle cx="174" cy="256" r="27" fill="{WOOD}"/><circle cx="338" cy="256" r="27" fill="{WOOD}"/></g>'
    )


def marked(look: Look) -> str:
    """The page's mark, low on the right."""
    if not look.mark:
        return ""
    return (
        f'<g transform="translate(376 376)" fill="{look.ground}" stroke="{look.ground}" stroke-width="0">'
        f'<circle r="84" fill="#fff" stroke-width="14"/>{look.mark}</g>'
    )


def icon(look: Look, *, rounded: bool = True, scale: float = 1.0) -> str:
    """A page's icon as SVG; `scale` makes the drawing smaller, never the ground."""
    corners = ' rx="112"' if rounded else ""
    inner = drum(look.ground) + marked(look)
    if scale != 1:
        inner = f'<g transform="translate(256 256) scale({scale:g}) translate(-256 -256)">{inner}</g>'
    return (
        '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 512 512">'
        f'<rect width="512" height="512"{corners} fill="{look.ground}"/>{inner}</svg>\n'
    )


def badge() -> str:
    """The drum as one flat shape with its slit cut out."""
    return (
        '<svg xmlns="http://www.w3.org/2000/svg" viewBox="-36 -36 584 584">'
        '<g transform="rotate(-30 256 256)" fill="#fff">'
        '<path fill-rule="evenodd" d="M112 170h288a100 100 0 0 1 0 200h-288a100 100 0 0 1 0-200z'
        'M150 236a34 34 0 0 0 0 68h212a34 34 0 0 0 0-68z"/>'
        '<path d="M330 10 310 112" stroke="#fff" stroke-width="36" stroke-linecap="round"/>'
        '<circle cx="308" cy="104" r="40"/>'
        "</g></svg>\n"
    )


def pictures() -> dict[str, tuple[str, int]]:
    """File name -> its drawing and its side in pixels."""
    found = {"badge-96.png": (badge(), 96)}
    for page, look in LOOKS.items():
        found[f"{page}-192.png"] = icon(look), 192
        found[f"{page}-512.png"] = icon(look), 512
        found[f"{page}-maskable-512.png"] = icon(look, rounded=False, scale=0.8), 512
        found[f"{page}-180.png"] = icon(look, rounded=False, scale=0.92), 180
    return found


DRAW: Final = """async ([drawing, side]) => {
  const image = new Image();
  image.src = "data:image/svg+xml;base64," + btoa(drawing);
  await image.decode();
  const canvas = Object.assign(document.createElement("canvas"), { width: side, height: side });
  const context = canvas.getContext("2d");
  context.drawImage(image, 0, 0, side, side);
  const { data } = context.getImageData(0, 0, side, side);
  let text = "";
  for (let at = 0; at < data.length; at += 32768) text += String.fromCharCode(...data.subarray(at, at + 32768));
  return btoa(text);
}"""


def drawn(page: Page, drawing: str, side: int) -> bytes:
    """The drawing's pixels, four bytes each: red, green, blue, and how solid."""
    return base64.b64decode(page.evaluate(DRAW, [drawing, side]))


def packed(pixels: bytes, side: int) -> bytes:
    """A PNG with a palette: the most frequent colours, and for each other pixel the nearest of them."""
    every = [pixels[at : at + 4] for at in range(0, len(pixels), 4)]
    counted = Counter(every)
    palette = [colour for colour, _ in counted.most_common(COLOURS)]
    place = {colour: min(range(len(palette)), key=lambda n: _far(palette[n], colour)) for colour in counted}
    rows = b"".join(b"\0" + bytes(place[one] for one in every[y * side : (y + 1) * side]) for y in range(side))
    chunks = [
        (b"IHDR", struct.pack(">IIBBBBB", side, side, 8, 3, 0, 0, 0)),
        (b"PLTE", b"".join(colour[:3] for colour in palette)),
        (b"tRNS", bytes(colour[3] for colour in palette)),
        (b"IDAT", zlib.compress(rows, 9)),
        (b"IEND", b""),
    ]
    return b"\x89PNG\r\n\x1a\n" + b"".join(_chunk(kind, data) for kind, data in chunks)


def _far(one: bytes, other: bytes) -> int:
    return sum((a - b) ** 2 for a, b in zip(one, other, strict=True))


def _chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def main(folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    for page, look in LOOKS.items():
        (folder / f"{page}.svg").write_text(icon(look))
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        blank = browser.new_page()
        for name, (drawing, side) in pictures().items():
            data = packed(drawn(blank, drawing, side), side)
            (folder / name).write_bytes(data)
            print(f"{folder / name} {len(data)} bytes")
        browser.close()


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else Path("static/icons"))
