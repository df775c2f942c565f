"""The medic desk in a crisis: the calls of the worst ten minutes foreseen within one, and the page stays calm."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.city import City, seeded_city
from tests.browser.crowd import LIMIT_S, Crowd
from tests.browser.frames import Frame, recorded
from tests.browser.phone import Phones

pytestmark = pytest.mark.timeout(300)
CALLS, OVER_S, MEDICS = 200, 60.0, 8
FRAME_MS = 100.0
HELD_UP_MS = 500.0
"""From here on the machine, not the page, kept a frame from ending: it catches up on what came meanwhile, once."""

# Every alarm that stood on the page.
SHOWN = """() => {
  window.kt_shown = new Set();
  const rows = () => document.querySelectorAll("#alarm-list > li");
  const look = () => rows().forEach((row) => window.kt_shown.add(row.dataset.id));
  new MutationObserver(look).observe(document.querySelector("#alarm-list"), { childList: true });
  look();
}"""


ON_PAGE = "() => [...document.querySelectorAll('#alarm-list > li')].map((row) => row.dataset.id)"
NEXT_TICK = "() => new Promise((done) => setTimeout(done, 200))"


@pytest.fixture(scope="module")
def crisis() -> Iterator[City]:
    """A city of its own: two hundred calls are no neighbours for other tests."""
    with seeded_city() as running:
        yield running


def desk(phones: Phones, city: City, name: str, **more: Any) -> Page:
    wide = phones(viewport={"width": 1280, "height": 800}, place=None, motion=True, **more)
    page = wide.sign_in(city.enrol("dispatcher", name, desk="medic"))
    expect(page.locator("#board")).to_be_visible(timeout=15_000)
    return page


def works(page: Page, turn: int) -> None:
    """What a second dispatcher does meanwhile: takes an alarm, looks behind a fold, calls more medics."""
    wanted = (".alarm-take:not([hidden])", ".fold button", '[data-act="medic.escalate"]:not([hidden])')
    page.evaluate("(wanted) => document.querySelector(wanted)?.click()", wanted[turn // 10 % len(wanted)])


def test_two_hundred_calls_in_a_minute(phones: Phones, browser: Browser, crisis: City) -> None:
    """No frame is 100 ms of work (see `frames`: not of the wall clock), and every alarm of the table was shown.

    One that the machine held up for half a second may hold as much again: two frames' work fell into it.
    """
    page, other = desk(phones, crisis, "Endah"), desk(phones, crisis, "Sari")
    page.evaluate(SHOWN)
    with Crowd(crisis, calls=CALLS, over_s=OVER_S, medics=MEDICS) as crowd:
        with recorded(browser, page) as frames:
            while (turn := crowd.turns.get(timeout=LIMIT_S)) < CALLS:
                assert turn >= 0, crowd.failed
                works(other, turn)
        slowest = max(frame.wall_ms for frame in frames.all)
        print(f"{len(frames.all)} frames, {slowest:.0f} ms by the wall clock, the dearest: {frames.all[:5]}")
        everything_is_counted(page, crowd)
        folds_by_kelurahan(page, crowd)
    assert len(crowd.requests) >= CALLS
    assert not [one for one in frames.all if one.work_ms > allowed_ms(one)], frames.all[:5]


def allowed_ms(frame: Frame) -> float:
    return 2 * FRAME_MS if frame.wall_ms - frame.work_ms > HELD_UP_MS else FRAME_MS


def everything_is_counted(page: Page, crowd: Crowd) -> None:
    """The page's alarms are the table's, those that came and went were on it too, and so says the headline."""
    for _ in range(50):
        table = sorted(id_ for id_, view in crowd.table().items() if view["type"] == "alarm")
        if (shown := sorted(page.evaluate(ON_PAGE))) == table:
            break
        page.evaluate(NEXT_TICK)
    else:
        pytest.fail(f"on the page {shown}, in the table {table}")
    assert len(crowd.alarms) > CALLS / 10
    lost = crowd.stood() - set(page.evaluate("[...window.kt_shown]"))
    assert not lost
    expect(page.locator("#alarm-text")).to_contain_text("belum diterima")


def folds_by_kelurahan(page: Page, crowd: Crowd) -> None:
    """Who waits stands in a card or behind the fold of a kelurahan, and none is left out."""
    waiting = {
        id_
        for id_, view in crowd.table().items()
        if view["type"] == "request" and view["state"] in ("called", "offered") and view["urgency"] != "visit"
    }
    assert len(waiting) > 10
    expect(page.locator("#waiting .fold").first).to_be_attached()
    expect(page.locator("#counts")).to_contain_text("menunggu")
    red = page.locator('#waiting > [data-type="request"][data-priority="red"]')
    assert red.count() > 0
