"""Two dispatchers at two pages: what just changed hands is said in words and shown, and nobody undoes it silently."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from msgspec import Struct
from playwright.sync_api import APIRequestContext, Locator, Page, expect

from tests.browser.city import City, seeded_city
from tests.browser.heard import heard, listen
from tests.browser.phone import NEAR, Phones, medic_on_duty
from tests.browser.seen import seen
from tests.browser.staff import Staff

pytestmark = pytest.mark.timeout(120)


# Press "Alihkan" in the moment in which the card shows that somebody holds it.
AS_IT_CHANGES = """(id) => {
  const card = document.querySelector(`[data-type="request"][data-id="${id}"]`);
  const assign = card.querySelector('[data-act="medic.assign"]');
  new MutationObserver((_, watch) => {
    watch.disconnect();
    assign.removeAttribute("aria-disabled");
    assign.click();
  }).observe(card, { attributes: true, attributeFilter: ["data-state"] });
}"""


@pytest.fixture(scope="module")
def quiet() -> Iterator[City]:
    """A city where nobody else calls."""
    with seeded_city() as running:
        yield running


class Desks(Struct):
    """Two dispatchers' pages, two medics on duty, and one open request."""

    endah: Page
    sari: Page
    rini: Page
    fitri: Staff
    request: str

    def card(self, page: Page) -> Locator:
        return page.locator(f'[data-type="request"][data-id="{self.request}"]')

    def told(self, text: str) -> int:
        """How often Endah's ear was told of it."""
        return sum(text in one.text for one in heard(self.endah, "polite", "assertive"))


@pytest.fixture
def desks(phones: Phones, quiet: City, http: APIRequestContext) -> Iterator[Desks]:
    rini = medic_on_duty(phones(place=NEAR), quiet.enrol("medic", "Rini", vehicle="motor"))
    fitri = Staff(http, quiet, "dispatcher", desk="medic")
    request = fitri.give("medic.call", source="phone_119", kelurahan="kranggan", landmark="gang 3")["request"]
    screens = [phones(viewport={"width": 1280, "height": 800}, bypass_csp=True) for _ in range(2)]
    listen(screens[0].context)
    pages = [
        screen.sign_in(quiet.enrol("dispatcher", name, desk="medic"))
        for screen, name in zip(screens, ("Endah", "Sari"), strict=True)
    ]
    made = Desks(pages[0], pages[1], rini, fitri, request)
    for page in pages:
        expect(made.card(page)).to_be_visible(timeout=15_000)
    yield made
    for id_, view in fitri.things("dispatch").items():
        if view["type"] == "request" and view["state"] not in ("closed", "handed_over", "cancelled", "cleared"):
            fitri.give("medic.close", request=id_, outcome="treated")


def test_a_sheet_over_a_request_that_another_just_ended_says_so(desks: Desks) -> None:
    """The open sheet tells who ended it; what is pressed all the same is not done, and the card shows the end."""
    desks.card(desks.endah).locator('[data-open="hand_over"]').click()
    desks.endah.get_by_label("Nama operator").fill("Wulan")
    desks.card(desks.sari).locator('[data-open="close"]').click()
    desks.sari.locator('#sheet [data-outcome="treated"]').click()
    expect(desks.card(desks.sari)).to_have_attribute("data-state", "closed")
    expect(desks.endah.locator('#sheet .error[role="status"]')).to_contain_text("baru saja ditutup oleh Sari")
    desks.endah.keyboard.press("Enter")
    expect(desks.endah.locator('#sheet .error[role="status"]')).to_contain_text("tidak dijalankan")
    desks.endah.keyboard.press("Escape")
    card = desks.card(desks.endah)
    expect(card).to_have_attribute("data-state", "closed")
    expect(card.locator('[data-part="error"]')).to_contain_text("ditutup oleh Sari")
    assert desks.fitri.things("dispatch")[desks.request]["outcome"] == "treated"


def test_closing_what_was_just_given_to_a_medic_asks_again(desks: Desks) -> None:
    """Endah closes what she saw unanswered while Sari gives it to Rini: not done, said, and done when repeated."""
    desks.card(desks.endah).locator('[data-open="close"]').click()
    expect(desks.card(desks.sari).locator('select[name="medic"]')).to_contain_text("Rini")
    desks.card(desks.sari).locator('[data-act="medic.assign"]').click()
    expect(desks.card(desks.sari)).to_have_attribute("data-state", "accepted")
    error = desks.endah.locator('#sheet .error[role="status"]')
    expect(error).to_contain_text("Baru diubah Sari: sekarang dipegang Rini (diterima)")
    unfounded = desks.endah.locator('#sheet [data-outcome="unfounded"]')
    unfounded.click()
    expect(error).to_contain_text("BELUM dijalankan")
    assert desks.told("BELUM dijalankan") == 1
    seen(desks.endah, "dispatch/changed-hands")
    expect(unfounded).not_to_have_attribute("aria-disabled", "true")
    expect(desks.card(desks.endah)).to_have_attribute("data-state", "accepted")
    expect(desks.card(desks.endah).locator('[data-part="holder"]')).to_contain_text("Rini")
    desks.endah.wait_for_timeout(1100)  # What stands there for a second counts as read.
    unfounded.click()
    expect(desks.card(desks.endah)).to_have_attribute("data-state", "closed")


def test_a_tap_on_a_card_that_just_changed_under_the_finger_is_not_sent(desks: Desks) -> None:
    """For a second nobody has read it: the card says what is so now, and the holder keeps the request."""
    assign = desks.card(desks.endah).locator('[data-act="medic.assign"]')
    expect(desks.card(desks.endah).locator('select[name="medic"]')).to_contain_text("Rini")
    medic = desks.card(desks.endah).locator('select[name="medic"]').input_value()
    desks.endah.evaluate(AS_IT_CHANGES, desks.request)
    desks.fitri.give("medic.assign", request=desks.request, medic=medic)
    expect(desks.card(desks.endah).locator('[data-part="error"]')).to_contain_text("sekarang dipegang Rini")
    assert desks.told("sekarang dipegang Rini") == 1
    expect(assign).to_have_text("Alihkan")
    assert desks.fitri.things("dispatch")[desks.request]["medic"]["name"] == "Rini"


def test_an_alarm_that_another_took_names_the_other(desks: Desks) -> None:
    """Both see one handler, whoever pressed last."""
    desks.fitri.give("medic.describe", request=desks.request, answers={"breathing": "no"})
    alarm = f'[data-type="alarm"][data-id="{desks.request}.red"]'
    desks.sari.locator(f"{alarm} .alarm-take").click()
    for page in (desks.sari, desks.endah):
        expect(page.locator(f"{alarm} .alarm-who")).to_contain_text("Ditangani Sari")
