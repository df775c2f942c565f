"""The medic desk without a mouse: Tab, arrows, Enter, Escape; and the focus that no drawing loses."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import APIRequestContext, Locator, Page, expect

from tests.browser.city import City, seeded_city
from tests.browser.phone import ALONE, NEAR, Phones, call_button, hold, medic_on_duty
from tests.browser.seen import seen
from tests.browser.staff import Staff

pytestmark = pytest.mark.timeout(120)
KELURAHAN = ("kranggan", "blooto", "wates", "meri", "gedongan")


@pytest.fixture(scope="module")
def quiet() -> Iterator[City]:
    """A city where nobody else calls."""
    with seeded_city() as running:
        yield running


@pytest.fixture
def fitri(http: APIRequestContext, quiet: City) -> Iterator[Staff]:
    """Another dispatcher, by the protocol; closes what is open afterwards."""
    staff = Staff(http, quiet, "dispatcher", desk="medic")
    yield staff
    for id_, view in staff.things("dispatch").items():
        if view["type"] == "request" and view["state"] not in ("closed", "handed_over", "cancelled", "cleared"):
            staff.give("medic.close", request=id_, outcome="treated")


@pytest.fixture
def board(phones: Phones, quiet: City) -> Page:
    page = phones(viewport={"width": 1280, "height": 800}, bypass_csp=True).sign_in(
        quiet.enrol("dispatcher", "Endah", desk="medic")
    )
    expect(page.locator("#board")).to_be_visible(timeout=15_000)
    return page


def call(staff: Staff, n: int = 0, *, red: bool = False) -> str:
    place = KELURAHAN[n % len(KELURAHAN)]
    request = str(staff.give("medic.call", source="phone_119", kelurahan=place, landmark=f"gang {n}")["request"])
    if red:
        staff.give("medic.describe", request=request, answers={"breathing": "no"})
    return request


def card(page: Page, request: str) -> Locator:
    return page.locator(f'[data-type="request"][data-id="{request}"]')


def tab_to(page: Page, target: Locator, most: int = 40) -> None:
    """Press Tab until it is there; whatever has the focus on the way is marked as having it."""
    for _ in range(most):
        page.keyboard.press("Tab")
        assert page.evaluate("document.activeElement.matches(':focus-visible')")
        if target.evaluate("element => element === document.activeElement"):
            return
    pytest.fail(f"{most} times Tab did not lead to {target}")


def on_top(page: Page) -> None:
    """The focus is where a new page has it."""
    page.evaluate("document.activeElement.blur()")
    page.locator("body").click(position={"x": 2, "y": 2})


def test_a_call_that_nobody_hears_is_the_desks(phones: Phones, quiet: City, fitri: Staff, board: Page) -> None:
    """No medic on duty: the first page says so before the tap, 119 fills the screen after it, the desk is alarmed."""
    seen(board, "dispatch/empty")
    page = phones(place=ALONE, bypass_csp=True).open(quiet.url)
    expect(page.locator('#standing[data-state="none"]')).to_be_visible()
    seen(page, "resident/nobody-on-duty")
    hold(page, call_button(page))
    expect(page.locator("#emergency.fill #headline")).to_have_text("Telepon 119 sekarang")
    seen(page, "resident/nobody")
    request = str(page.locator("#status").get_attribute("data-id"))
    expect(board.locator(f'[data-type="alarm"][data-id^="{request}."]').first).to_be_visible()
    expect(card(board, request)).to_be_visible()


def test_a_request_from_its_alarm_to_its_end(phones: Phones, quiet: City, fitri: Staff, board: Page) -> None:
    """Taken, opened, given to a medic, closed with an outcome; each step leaves the focus where one goes on."""
    medic_on_duty(phones(place=NEAR), quiet.enrol("medic", "Rini", vehicle="motor"))
    request = call(fitri, red=True)
    alarm = board.locator(f'[data-type="alarm"][data-id="{request}.red"]')
    expect(alarm).to_have_attribute("data-state", "ringing")
    on_top(board)
    tab_to(board, alarm.locator(".alarm-take"))
    board.keyboard.press("Enter")
    expect(alarm.locator(".alarm-who")).to_contain_text("Ditangani Endah")
    expect(alarm.locator(".alarm-show")).to_be_focused()
    board.keyboard.press("Enter")
    this = card(board, request)
    expect(this).to_be_focused()
    expect(this.locator('select[name="medic"]')).to_contain_text("Rini")
    seen(board, "dispatch/alarm")
    tab_to(board, this.locator('[data-act="medic.assign"]'))
    board.keyboard.press("Enter")
    expect(this).to_have_attribute("data-state", "accepted")
    expect(this.locator('[data-act="medic.assign"]')).to_be_focused()
    board.keyboard.press("Escape")
    expect(this).to_be_focused()
    tab_to(board, this.locator('[data-open="close"]'))
    board.keyboard.press("Enter")
    expect(board.locator('#sheet textarea[name="note"]')).to_be_focused()
    seen(board, "dispatch/outcome")
    tab_to(board, board.locator('#sheet [data-outcome="treated"]'))
    board.keyboard.press("Enter")
    expect(this).to_have_attribute("data-state", "closed")
    expect(this).to_be_focused()


def test_handing_over_by_keys(fitri: Staff, board: Page) -> None:
    """The card to read out, the operator's name, Enter; Escape before that leads back to the button."""
    request = call(fitri)
    this = card(board, request)
    expect(this).to_be_visible()
    on_top(board)
    opener = this.locator('[data-open="hand_over"]')
    tab_to(board, opener)
    board.keyboard.press("Enter")
    expect(board.get_by_label("Nama operator")).to_be_focused()
    board.keyboard.press("Escape")
    expect(opener).to_be_focused()
    board.keyboard.press("Enter")
    board.keyboard.type("Wulan")
    seen(board, "dispatch/hand-over")
    board.keyboard.press("Enter")
    expect(this).to_have_attribute("data-state", "handed_over")
    expect(this).to_be_focused()


def test_arrows_go_from_card_to_card_and_enter_into_one(fitri: Staff, board: Page) -> None:
    """Down and up over the lists, Enter to the first thing to do, Escape back."""
    first, second = call(fitri, 1), call(fitri, 2)
    expect(card(board, second)).to_be_visible()
    on_top(board)
    tab_to(board, card(board, first).locator("button, select").first)
    board.keyboard.press("Tab")
    board.keyboard.press("Escape")
    expect(card(board, first)).to_be_focused()
    board.keyboard.press("ArrowDown")
    expect(card(board, second)).to_be_focused()
    board.keyboard.press("ArrowUp")
    board.keyboard.press("Enter")
    assert card(board, first).evaluate(
        "card => card !== document.activeElement && card.contains(document.activeElement)"
    )


def test_others_calls_never_take_the_focus(fitri: Staff, board: Page) -> None:
    """A card in hand keeps the focus while redder ones come and others end; ended itself, it has it still."""
    mine, other = call(fitri, 1), call(fitri, 2)
    this = card(board, mine)
    expect(this).to_be_visible()
    on_top(board)
    button = this.locator('[data-open="close"]')
    tab_to(board, button)
    above = call(fitri, 3, red=True)
    expect(board.locator("#waiting > li").first).to_have_attribute("data-id", above)
    expect(button).to_be_focused()
    fitri.give("medic.close", request=other, outcome="treated")
    expect(card(board, other)).to_have_attribute("data-state", "closed")
    expect(button).to_be_focused()
    fitri.give("medic.close", request=mine, outcome="treated")
    expect(this).to_have_attribute("data-state", "closed")
    expect(this).to_be_focused()


def test_a_fold_that_is_gone_leaves_the_focus_on_the_list(fitri: Staff, board: Page) -> None:
    """Over ten wait and fold; when fewer do, the focus of the fold goes to what took its place."""
    made = [call(fitri, n) for n in range(12)]
    fold = board.locator("#waiting .fold button").first
    expect(fold).to_be_visible()
    on_top(board)
    tab_to(board, fold)
    board.keyboard.press("Enter")
    expect(fold).to_have_attribute("aria-expanded", "true")
    expect(fold).to_be_focused()
    seen(board, "dispatch/fold-open", at="#waiting .fold")
    for request in made[:4]:
        fitri.give("medic.close", request=request, outcome="treated")
    expect(board.locator("#waiting .fold")).to_have_count(0)
    assert board.evaluate("document.querySelector('.requests').contains(document.activeElement)")


def test_skip_links_lead_past_everything(fitri: Staff, board: Page) -> None:
    """The first Tab shows them; each lands on its heading."""
    on_top(board)
    for heading in ("requests-heading", "enter-heading", "roster-heading"):
        link = board.locator(f'#skips a[href="#{heading}"]')
        board.evaluate("document.querySelector('#skips a').focus()")
        for _ in range(4):
            if link.evaluate("element => element === document.activeElement"):
                break
            board.keyboard.press("Tab")
        expect(link).to_be_in_viewport()
        board.keyboard.press("Enter")
        expect(board.locator(f"#{heading}")).to_be_focused()


def test_the_board_at_both_widths(fitri: Staff, board: Page) -> None:
    """Nothing is wider than the screen, and axe finds nothing, with cards, alarms and folds."""
    for n in range(12):
        call(fitri, n, red=n % 6 == 0)
    expect(board.locator("#waiting .fold").first).to_be_visible()
    seen(board, "dispatch/board")
