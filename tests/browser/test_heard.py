"""One emergency by ear, with motion reduced: each thing that happens is said once, to each who must know it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

import pytest
from playwright.sync_api import expect

from tests.browser.city import City, seeded_city
from tests.browser.heard import Said, doubles, heard, listen
from tests.browser.phone import (
    NEAR,
    Phone,
    Phones,
    accept,
    advance,
    call_button,
    medic_on_duty,
    offer,
    request_of,
    shows,
)
from tests.browser.sight import still
from tests.support.words import texts

pytestmark = pytest.mark.timeout(120)
WORDS: Final = texts("id")


def word(key: str, section: str = "resident", /, **values: object) -> str:
    return WORDS[f"{section}.{key}"].format(**values)


FIRST: Final = (word("stored"),)


def ear(phones: Phones, **options: object) -> Phone:
    """A phone that is listened to, of somebody who wants nothing to move."""
    phone = phones(**options)
    listen(phone.context)
    phone.page.emulate_media(reduced_motion="reduce")
    return phone


@pytest.fixture(scope="module")
def alone() -> Iterator[City]:
    with seeded_city() as running:
        yield running


def test_an_emergency_as_three_people_hear_it(phones: Phones, alone: City) -> None:
    """From the tap to "selesai": the caller hears each state and each new question, the medic what rings and whose
    patient it is, the desk its alarm; nothing twice, nothing moves, and the medic's focus stays at the next step."""
    caller = ear(phones).open(alone.url)
    medic = medic_on_duty(ear(phones, place=NEAR), alone.enrol("medic", "Rini", vehicle="motor"))
    desk = ear(phones, viewport={"width": 1280, "height": 800}).sign_in(
        alone.enrol("dispatcher", "Endah", desk="medic")
    )
    expect(desk.locator("#board")).to_be_visible(timeout=15_000)
    for page in (caller, medic, desk):
        page.evaluate("window.kt_heard.length = 0")
    button = call_button(caller)
    box = button.bounding_box()
    assert box is not None
    caller.mouse.move(box["x"] + 50, box["y"] + 50)
    caller.mouse.down()
    expect(button).to_have_class("call holding")
    still(caller)
    request = request_of(caller)
    caller.mouse.up()
    expect(offer(medic, request)).to_have_attribute("data-ringing", "")
    for page in (caller, medic, desk):
        still(page)
    caller.locator('[data-key="for"][data-value="family"]').click()
    caller.locator('[data-key="breathing"][data-value="no"]').click()
    expect(desk.locator(f'[data-type="alarm"][data-id="{request}.red"]')).to_have_attribute("data-state", "ringing")
    still(desk)
    accept(medic, request)
    shows(caller, "accepted")
    for step in ("en_route", "on_scene", "at_patient", "cleared"):
        advance(medic, step)
        shows(caller, step)
        expect(medic.locator("#main" if step == "cleared" else "#mission .next > [data-act]")).to_be_focused()
        still(caller)
        still(medic)
    told = heard(caller, "polite", "assertive")
    receipts = [one.text for one in told if word("receipt_sent", n=1) in one.text]
    assert [one for one in told if one.text not in receipts] == [
        *(Said("polite", one) for one in FIRST if Said("polite", one) in told),  # a fast hub leaves no time for it
        Said("polite", word("calling")),
        Said("polite", word("coming", name="Rini")),
        Said("polite", word("on_scene", name="Rini")),
        Said("polite", word("at_patient", name="Rini")),
        Said("polite", word("ended_cleared", name="Rini")),
    ]
    assert receipts == list(dict.fromkeys(receipts))
    focus = [one.text for one in heard(caller, "focus")]
    assert focus[1] == word("unsent")
    assert [one for one in focus if one.endswith("?")] == [word("ask_breathing"), word("ask_awake")]
    rung = ", ".join((word("need_yellow", "medic"), "Kranggan", word("band_lt500", "medic")))
    assert heard(medic, "polite", "assertive") == [Said("assertive", rung)]
    assert "Kranggan" in [one.text for one in heard(medic, "focus")]
    (alarm,) = heard(desk, "assertive")
    assert re.fullmatch(word("alarm_one", "dispatch", age=r"\d:\d\d"), alarm.text)
    for page in (caller, medic, desk):
        assert doubles(heard(page, "polite", "assertive")) == []
