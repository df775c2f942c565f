"""Response times and the whole way of a request at the medic desk: what the page says is what the commands did."""

from __future__ import annotations

from collections import Counter
from typing import Any

import pytest
from playwright.sync_api import APIRequestContext, Locator, Page, ViewportSize, expect

from channels.medic_times import INTERVALS, PROOFS, bucket_of, percentile
from tests.browser.city import City
from tests.browser.hours import CLOCK
from tests.browser.phone import Phones
from tests.browser.seen import seen
from tests.browser.staff import Staff

WIDE: ViewportSize = {"width": 1280, "height": 900}
SOON = 15_000

pytestmark = pytest.mark.timeout(120)

Day = dict[str, Counter[int]]


class Desk:
    """The desk and one medic of this test, by the protocol."""

    def __init__(self, http: APIRequestContext, city: City) -> None:
        self.desk = Staff(http, city, "dispatcher", desk="medic")
        self.medic = Staff(http, city, "medic", vehicle="motor")
        before = set(self.desk.things("roster"))
        self.medic.give("medic.duty", on=True)
        (self.person,) = set(self.desk.things("roster")) - before

    def call(self, **more: object) -> str:
        where = {"source": "phone_119", "kelurahan": "meri", "landmark": "Depan pasar", "phone": "0812345678"}
        return str(self.desk.give("medic.call", **where, **more)["request"])

    def whole_way(self, request: str) -> dict[str, Any]:
        """Assign it, prove it, bring it to its end; what the desk reads of it then."""
        self.desk.give("medic.assign", request=request, medic=self.person)
        for level in ("received", "shown", "audible", "seen"):
            self.medic.give("medic.receipt", request=request, level=level)
        for to in ("en_route", "on_scene", "at_patient", "cleared"):
            self.medic.give("medic.advance", request=request, to=to)
        return self.desk.give("medic.read", request=request)

    def counted(self) -> tuple[int, Day]:
        """What the desk's table says of all days: requests, and counts by interval."""
        views = [view for view in self.desk.things("dispatch").values() if view["type"] == "figures"]
        counts: Day = {name: Counter() for name in INTERVALS}
        for view in views:
            for name, found in view["intervals"].items():
                pairs = found["counts"]
                counts[name].update(dict(zip(pairs[::2], pairs[1::2], strict=True)))
        return sum(view["requests"] for view in views), counts


@pytest.fixture
def desk(http: APIRequestContext, city: City) -> Desk:
    return Desk(http, city)


def desk_page(phones: Phones, city: City, **options: Any) -> Page:
    page = phones(**{"viewport": WIDE, "bypass_csp": True, **options}).sign_in(
        city.enrol("dispatcher", "Endah", desk="medic")
    )
    expect(page.locator("#board")).to_be_visible()
    return page


def plot(page: Page, period: str) -> Locator:
    return page.locator(f'[data-type="times"][data-id="{period}"]')


def ends_of(read: dict[str, Any]) -> dict[str, int]:
    """When each end of an interval was reached, from what the commands left behind."""
    offers, times = read["request"]["offers"], dict(read["request"]["times"])
    proven = {
        end: min((offer["receipts"][level] for offer in offers if level in offer["receipts"]), default=0)
        for end, level in PROOFS.items()
    }
    return {**times, **{end: at for end, at in proven.items() if at}}


def says(page: Page, requests: int, counts: Day) -> None:
    """Both pictures (all that was counted was counted today) show these figures."""
    for period in ("today", "week"):
        expect(plot(page, period)).to_have_attribute("data-requests", str(requests), timeout=SOON)
        for name, found in counts.items():
            mark = plot(page, period).locator(f'[data-interval="{name}"]')
            expect(mark).to_have_attribute("data-n", str(found.total()))
            if found:
                expect(mark).to_have_attribute("data-p50", str(percentile(found, 0.5)))
                expect(mark).to_have_attribute("data-p90", str(percentile(found, 0.9)))


def test_the_figures_are_those_of_the_commands(phones: Phones, city: City, desk: Desk) -> None:
    """A request brought to its end is in every interval, a visit in none, also after a reload; words say the same."""
    page = desk_page(phones, city)
    requests, counts = desk.counted()
    visit = desk.call(urgency="visit")
    desk.desk.give("medic.close", request=visit, outcome="treated")
    ends = ends_of(desk.whole_way(desk.call()))
    for name, (from_, to) in INTERVALS.items():
        counts[name][bucket_of(ends[to] - ends[from_])] += 1
    says(page, requests + 1, counts)
    expect(plot(page, "today").locator("figcaption")).to_contain_text(f"Hari ini: {requests + 1} panggilan selesai.")
    table = plot(page, "week").locator("details")
    table.locator("summary").click()
    expect(table.locator("tbody tr")).to_have_count(len(INTERVALS))
    seen(page, "dispatch/times", at="#times")
    again = page.context.new_page()  # where nobody touched anything yet: no sound
    again.goto(f"{city.url}/dispatch")
    page.close()
    says(again, requests + 1, counts)
    expect(again.locator("#locked")).to_be_visible()
    seen(again, "dispatch/sound-locked")


def test_a_drill_is_marked_and_in_no_figure(phones: Phones, city: City, http: APIRequestContext, desk: Desk) -> None:
    """It stands under "LATIHAN", in no list and with nothing to press; after its end the figures are what they were."""
    page = desk_page(phones, city)
    requests, counts = desk.counted()
    caller = Staff(http, city, "resident")
    drill = caller.give("medic.call", drill=True, kelurahan="meri")["request"]
    card = page.locator(f'#drills [data-type="drill"][data-id="{drill}"]')
    expect(card).to_contain_text("LATIHAN")
    expect(card).to_contain_text("Meri")
    expect(page.locator(f'.req[data-id="{drill}"]')).to_have_count(0)
    expect(card.locator("button, a, select")).to_have_count(0)
    caller.give("medic.cancel", request=drill, reason="other")
    expect(card).to_have_attribute("data-state", "cancelled", timeout=SOON)
    seen(page, "dispatch/drill", at="#drills")
    expect(plot(page, "today")).to_have_attribute("data-requests", str(requests))
    assert desk.counted() == (requests, counts)


def test_the_whole_way_of_a_request(phones: Phones, city: City, desk: Desk) -> None:
    """Every step with who, the one who was asked with the reason, and each receipt with its milliseconds."""
    page = desk_page(phones, city)
    request = desk.call()
    read = desk.whole_way(request)
    card = page.locator(f'#done [data-type="request"][data-id="{request}"]')
    card.locator('[data-act="medic.read"]').click()
    whole = page.locator(f'#sheet [data-type="timeline"][data-id="{request}"]')
    expect(whole).to_have_attribute("data-state", "cleared")
    steps = whole.locator(".whole-steps li")
    assert [step.get_attribute("data-what") for step in steps.all()] == [one["what"] for one in read["timeline"]]
    expect(whole.locator('[data-what="assigned"]')).to_contain_text("Sari")
    expect(whole.locator('[data-what="called"] time')).to_have_text(clock(read["request"]["called_at"]))
    mine = whole.locator(f'[data-type="offer"][data-id="{desk.person}"]')
    expect(mine).to_contain_text("ditugaskan")
    (offer,) = [one for one in read["request"]["offers"] if one["person"] == desk.person]
    for level, at in offer["receipts"].items():
        proof = mine.locator(f'[data-level="{level}"]')
        expect(proof).to_have_attribute("data-ms", str(at - offer["offered_at"]))
        expect(proof).to_contain_text("ms")
    expect(mine.locator('[data-level="sent"]')).to_contain_text("belum terbukti")
    seen(page, "dispatch/way", at="#sheet .whole-steps")
    page.keyboard.press("Escape")
    expect(page.locator("#sheet")).to_be_hidden()


def test_the_sheet_is_read_anew(phones: Phones, city: City, desk: Desk) -> None:
    """On a phone: what happened since it was opened is there after a tap, and nothing is wider than the screen."""
    page = desk_page(phones, city, viewport={"width": 360, "height": 640})
    request = desk.call()
    page.locator(f'[data-type="request"][data-id="{request}"] [data-act="medic.read"]').click()
    whole = page.locator(f'#sheet [data-type="timeline"][data-id="{request}"]')
    expect(whole.locator('[data-what="called"]')).to_be_attached()
    expect(whole.locator('[data-what="handed_over"]')).to_have_count(0)
    desk.desk.give("medic.hand_over", request=request, operator="Rudi PSC")
    page.locator('#sheet [data-act="medic.read"]').click()
    expect(whole.locator('[data-what="handed_over"]')).to_contain_text("Rudi PSC")
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")


def clock(at_ms: int) -> str:
    """The time of day in the city, to the second."""
    seconds = (at_ms + CLOCK.ms) // 1000 % 86_400
    return f"{seconds // 3600:02}.{seconds // 60 % 60:02}.{seconds % 60:02}"
