"""`/privasi`: what is kept of whoever holds the phone, who saw it, taken away and erased."""

from __future__ import annotations

from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.browser.city import City
from tests.browser.office import Staff
from tests.browser.phone import ALONE, SMALL, Phones
from tests.browser.seen import seen

pytestmark = pytest.mark.timeout(120)

# This phone's person at work, as the resident's page does it.
SIGN_IN = """async (device) => {
  localStorage.setItem("kt.device", JSON.stringify(device));
  const headers = { "Content-Type": "application/json" };
  const answer = await fetch("/v1/sessions", { method: "POST", headers, body: JSON.stringify({ device }) });
  return answer.status;
}"""
RUN = """async ([id, cmd, data]) => {
  const headers = { "Content-Type": "application/json" };
  const answer = await fetch("/v1/commands", { method: "POST", headers, body: JSON.stringify({ id, cmd, data }) });
  return answer.json();
}"""
# A look is noted within two seconds.
SEEN = """async () => {
  for (let tries = 0; tries < 100; tries += 1) {
    const answer = await fetch("/v1/privacy/mine");
    if ((await answer.json()).looks.length > 0) return true;
    await new Promise((resolve) => { setTimeout(resolve, 100); });
  }
  return false;
}"""
CALL, END = "0198d6f0-0000-7000-8000-0000000000a1", "0198d6f0-0000-7000-8000-0000000000a2"


def run(page: Page, id_: str, cmd: str, **data: Any) -> dict[str, Any]:
    reply: dict[str, Any] = page.evaluate(RUN, [id_, cmd, data])
    assert reply["ok"], reply
    return dict(reply["data"])


def state(page: Page, name: str) -> None:
    expect(page.locator(f'body[data-state="{name}"]')).to_be_attached(timeout=10_000)


def test_somebody_reads_takes_and_erases_what_is_kept(phones: Phones, city: City) -> None:
    """From nothing, over a visit that a desk looked at, to nothing again; what is under way is not erased."""
    page = phones(place=ALONE, bypass_csp=True).open(f"{city.url}/")
    page.locator('a[href="/privasi"]').click()
    expect(page.locator("h1")).to_have_text("Data Anda")
    state(page, "nothing")
    expect(page.locator('#kinds [data-kind="phone"]')).to_contain_text("30 hari")
    expect(page.locator("#kinds > li")).to_have_count(6)
    expect(page.locator("#ended")).to_contain_text("2 jam")
    seen(page, "privacy/first")
    page.route("**/v1/privacy**", lambda route: route.abort())
    page.reload()
    state(page, "failed")
    expect(page.locator("#failed")).to_be_visible()
    seen(page, "privacy/failed")
    page.unroute("**/v1/privacy**")

    assert page.evaluate(SIGN_IN, "5a" * 32) == 201
    place = {"lat": ALONE[0], "lon": ALONE[1], "accuracy_m": 12}
    request = run(page, CALL, "medic.call", location=place, urgency="visit", phone="0812345678")["request"]
    desk = Staff(page.request, city, "dispatcher", desk="medic")
    desk.run("medic.read", request=request)
    assert page.evaluate(SEEN)
    page.reload()
    state(page, "known")
    expect(page.locator("#kept")).to_contain_text("1 panggilan medis")
    expect(page.locator(f'#looks [data-thing="request/{request}"]')).to_contain_text("Petugas pusat Endah")
    for target in page.locator("#acts > *, header a").all():
        box = target.bounding_box()
        assert box is not None
        assert box["height"] >= 48
    seen(page, "privacy/known")
    with page.expect_download() as taken:
        page.locator("#export").click()
    assert "0812345678" in taken.value.path().read_text("utf-8")

    page.locator("#erase").click()
    expect(page.locator("#no")).to_be_focused()
    seen(page, "privacy/sure", part="#sheet")
    page.locator("#yes").click()
    state(page, "under-way")
    expect(page.locator("#standing")).to_contain_text("pertolongan didahulukan")
    expect(page.locator("#standing")).to_be_focused()
    seen(page, "privacy/under-way", part="#mine", at="body")
    run(page, END, "medic.cancel", request=request, reason="solved")
    page.locator("#erase").click()
    page.locator("#yes").click()
    state(page, "erased")
    seen(page, "privacy/erased", part="#mine", at="body")
    assert page.evaluate("localStorage.getItem('kt.device')") is None
    page.reload()
    state(page, "nothing")


def test_the_page_says_how_it_is_kept_in_english_too(phones: Phones, city: City) -> None:
    """Every sentence that a script puts together, in the chosen language."""
    page = phones(viewport=SMALL).open(f"{city.url}/privasi")
    state(page, "nothing")
    page.locator('[data-tongue="en"]').click()
    expect(page.locator("h1")).to_have_text("Your data")
    expect(page.locator('#kinds [data-kind="health"]')).to_contain_text("The patient's state")
    expect(page.locator("#ended")).to_contain_text("2 hours")
