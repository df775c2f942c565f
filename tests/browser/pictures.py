"""The gallery's pictures, taken only where `GALLERY_PICTURES` names a folder (`make gallery`)."""

from __future__ import annotations

import base64
import os
from collections.abc import Sequence
from pathlib import Path

from playwright.sync_api import Page, ViewportSize

FOLDER = os.environ.get("GALLERY_PICTURES", "")
MOST_BYTES = 40_000

# Browsers write WebP, Playwright does not: the picture is drawn once more on a page of its own, smaller each time
# until it is small enough. What differs from the picture that is there in a clock or an age alone is not written.
WRITE = """async ([taken, kept, most]) => {
  const drawn = async (type, data) => {
    const image = new Image();
    image.src = `data:image/${type};base64,${data}`;
    await image.decode();
    const canvas = document.createElement("canvas");
    [canvas.width, canvas.height] = [image.width, image.height];
    const pen = canvas.getContext("2d", { willReadFrequently: true });
    pen.drawImage(image, 0, 0);
    return { canvas, dots: () => pen.getImageData(0, 0, image.width, image.height).data };
  };
  const now = await drawn("png", taken);
  if (kept) {
    const before = (await drawn("webp", kept)).dots();
    const dots = now.dots();
    let other = before.length === dots.length ? 0 : Infinity;
    for (let n = 0; n < dots.length && other < Infinity; n += 4) {
      const apart = [0, 1, 2].some((colour) => Math.abs(dots[n + colour] - before[n + colour]) > 64);
      if (apart) other += 1;
    }
    if (other < dots.length / 4 / 100) return "";
  }
  for (const quality of [0.2, 0.1]) {
    const data = now.canvas.toDataURL("image/webp", quality).split(",")[1];
    if (data.length * 0.75 < most || quality === 0.1) return data;
  }
}"""
SHOW = """(at) => {
  const element = at && document.querySelector(at);
  if (element) element.scrollIntoView({ block: element.offsetHeight > innerHeight ? "start" : "center" });
  else window.scrollTo(0, 0);
}"""


def take(page: Page, state: str, sizes: Sequence[ViewportSize], at: str | None) -> None:
    """Write the state's picture at each size; the page keeps the last of them.

    A picture that shows the same but for a clock, an age or a number (under 1 % of it) stays as it is: delete the
    folder's pictures to have all of them anew.
    """
    for size in sizes:
        page.set_viewport_size(size)
        page.evaluate(SHOW, at)
        path = Path(FOLDER) / f"{state.replace('/', '-')}-{size['width']}.webp"
        kept = base64.b64encode(path.read_bytes()).decode() if path.exists() else ""
        taken = base64.b64encode(page.screenshot(animations="disabled")).decode()
        if data := _written(page, taken, kept):
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(base64.b64decode(data))


def _written(page: Page, taken: str, kept: str) -> str:
    browser = page.context.browser
    assert browser is not None
    desk = browser.new_page()
    data: str = desk.evaluate(WRITE, [taken, kept, MOST_BYTES])
    desk.close()
    return data
