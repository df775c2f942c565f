"""One emergency, told by everybody's page: caller, two medics, dispatcher."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from msgspec import Struct
from playwright.sync_api import Locator, Page, expect

from tests.browser.city import City
from tests.browser.phone import (
    ALONE,
    FARTHER,
    NEAR,
    Phone,
    Phones,
    accept,
    advance,
    call_button,
    hold,
    medic_on_duty,
    offer,
    request_of,
    shows,
)
from tests.browser.seen import seen

pytestmark = pytest.mark.timeout(120)


class Scene(Struct):
    """Everybody's page: the caller's, two medics' on duty, the board."""

    caller: Phone
    rini: Page
    joko: Page
    board: Page


@pytest.fixture
def scene(phones: Phones, city: City) -> Scene:
    caller = phones(motion=True)
    caller.open(city.url)
    rini = medic_on_duty(phones(place=NEAR), city.enrol("medic", "Rini", vehicle="motor"))
    joko = medic_on_duty(phones(place=FARTHER), city.enrol("medic", "Joko", vehicle="ambulans"))
    wide = phones(viewport={"width": 1280, "height": 800})
    board = wide.sign_in(city.enrol("dispatcher", "Endah", desk="medic"))
    return Scene(caller, rini, joko, board)


def numbers_in_reach(place: Locator) -> None:
    """119 and 112 are on the screen, and a tap on them meets nothing else."""
    for number in ("119", "112"):
        link = place.locator(f'a[href="tel:{number}"]')
        expect(link).to_be_in_viewport(ratio=0.99)
        link.click(trial=True)


def by_holding(page: Page) -> None:
    hold(page, call_button(page))


def by_tap_and_sheet(page: Page) -> None:
    hold(page, call_button(page), ms=120)
    page.wait_for_timeout(500)  # The sheet is blind to a second tap of the same finger.
    page.locator("#sheet-yes").click()


def by_keyboard(page: Page) -> None:
    for _ in range(20):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement.id") == "call":
            break
    page.keyboard.press("Enter")
    expect(page.locator("#sheet-yes")).to_be_focused()
    page.keyboard.press("Enter")


def on_board(board: Page, request: str, state: str) -> None:
    expect(board.locator(f'[data-type="request"][data-id="{request}"][data-state="{state}"]').first).to_be_visible()


@pytest.mark.parametrize("call", [by_holding, by_tap_and_sheet, by_keyboard])
def test_a_call_brings_a_medic_and_ends(scene: Scene, call: Callable[[Page], None]) -> None:
    """Both medics ring; the first to accept is named to all; each step shows on the caller's page and the board."""
    caller = scene.caller.page
    call(caller)
    request = request_of(caller)
    on_board(scene.board, request, "offered")
    for medic in (scene.rini, scene.joko):
        expect(offer(medic, request)).to_have_attribute("data-ringing", "")
    accept(scene.rini, request)
    shows(caller, "accepted")
    expect(caller.locator("#headline")).to_contain_text("Rini")
    expect(offer(scene.joko, request, "stood_down")).to_contain_text("Rini")
    on_board(scene.board, request, "accepted")
    for step in ("en_route", "on_scene", "at_patient", "cleared"):
        advance(scene.rini, step)
        shows(caller, step)
    expect(scene.rini.locator('[data-type="duty"][data-state="on"]')).to_be_visible()


def test_a_short_press_alone_sends_nothing(scene: Scene) -> None:
    """Letting go early opens the sheet with 119 and 112 on it; "Tidak jadi" leads back, and nobody's phone has rung."""
    caller = scene.caller.page
    hold(caller, call_button(caller), ms=300)
    numbers_in_reach(caller.locator("#sheet"))
    caller.locator("#sheet-no").click()
    expect(call_button(caller)).to_be_visible()
    expect(caller.locator("#strip [data-type='request']")).to_have_count(0)


def test_a_cancel_in_grace_silences_every_phone(scene: Scene) -> None:
    """In the first seconds one tap cancels without a reason, and the offers are withdrawn."""
    caller = scene.caller.page
    by_holding(caller)
    request = request_of(caller)
    expect(offer(scene.rini, request)).to_be_visible()
    caller.locator('.cancel [data-act="medic.cancel"]').click()
    shows(caller, "cancelled")
    for medic in (scene.rini, scene.joko):
        expect(offer(medic, request, "withdrawn")).to_be_attached()


def test_a_call_made_offline_goes_out_when_the_network_is_back(scene: Scene) -> None:
    """Offline the page opens, keeps the call and says "BELUM terkirim" beside 119; back online it rings."""
    phone, caller = scene.caller, scene.caller.page
    caller.wait_for_function("navigator.serviceWorker.ready.then(() => navigator.serviceWorker.controller !== null)")
    phone.offline(True)
    caller.reload()
    by_holding(caller)
    expect(caller.locator('#status[data-phase="unsent"]')).to_be_visible()
    expect(caller.locator("#headline")).to_contain_text("BELUM")
    expect(caller.locator('#numbers a[href="tel:119"]')).to_be_visible()
    phone.offline(False)
    request = request_of(caller)
    expect(offer(scene.rini, request)).to_be_visible()


def test_a_reload_in_mid_call_shows_the_same_call(scene: Scene) -> None:
    """The caller's page is loaded again while medics ring and after one accepted: the same request stands there."""
    caller = scene.caller.page
    by_holding(caller)
    request = request_of(caller)
    caller.reload()
    assert request_of(caller) == request
    accept(scene.joko, request)
    shows(caller, "accepted")
    caller.reload()
    shows(caller, "accepted")
    expect(caller.locator("#headline")).to_contain_text("Joko")


def test_a_medic_who_reloads_keeps_the_patient(scene: Scene) -> None:
    """The holder's page is loaded again: the patient, the place, the next step, 119 and 112 are there."""
    caller = scene.caller.page
    by_holding(caller)
    request = request_of(caller)
    accept(scene.rini, request)
    shows(caller, "accepted")
    scene.rini.reload()
    expect(scene.rini.locator(f'#mission[data-id="{request}"]')).to_be_visible()
    expect(scene.rini.locator('[data-link="geo"]')).to_be_visible()
    numbers_in_reach(scene.rini.locator("footer"))
    advance(scene.rini, "en_route")
    shows(caller, "en_route")


def test_what_was_missed_offline_is_caught_up(scene: Scene) -> None:
    """A caller who loses the network in mid-call sees the newest state when it is back."""
    phone, caller = scene.caller, scene.caller.page
    by_holding(caller)
    request = request_of(caller)
    phone.offline(True)
    accept(scene.rini, request)
    expect(scene.rini.locator("#mission")).to_be_visible()
    phone.offline(False)
    shows(caller, "accepted")


def test_answers_after_the_tap_reach_the_medic_who_holds(scene: Scene) -> None:
    """ "Tidak bernapas" after the tap makes the request red for the medic who holds it."""
    caller = scene.caller.page
    scene.caller.move(ALONE)
    by_holding(caller)
    request = request_of(caller)
    accept(scene.rini, request)
    caller.locator('[data-act="medic.describe"][data-key="for"][data-value="family"]').click()
    caller.locator('[data-act="medic.describe"][data-key="breathing"][data-value="no"]').click()
    expect(scene.rini.locator(f'#mission[data-id="{request}"] [data-part="need"][data-need="red"]')).to_be_visible()


def test_a_caller_without_a_place_is_asked_in_which_kelurahan(phones: Phones, city: City) -> None:
    """18 tiles whose names fit at 360 pixels; the tapped one is where the request is."""
    caller = phones(place=None, bypass_csp=True).open(city.url)
    by_holding(caller)
    tiles = caller.locator(".tiles.kelurahan button")
    expect(tiles).to_have_count(18)
    assert (
        tiles.evaluate_all(
            "all => all.filter((one) => one.scrollWidth > one.clientWidth).map((one) => one.textContent)"
        )
        == []
    )
    seen(caller, "resident/where")
    tiles.filter(has_text="Gununggedangan").click()
    expect(tiles).to_have_count(0)
