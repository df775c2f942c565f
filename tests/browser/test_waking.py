"""A medic's phone that sleeps: a push becomes a notification, a receipt, and on a tap the card."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import APIRequestContext, BrowserContext, CDPSession, Page, Playwright, expect

from tests.browser.city import City
from tests.browser.conftest import ARGUMENTS, CHROMIUM
from tests.browser.phone import HEARD_BEFORE, SMALL
from tests.browser.staff import Staff
from tests.support.push import Device

SOON = 15_000
PICTURES = os.environ.get("KT_PICTURES")
WHERE = {"lat": -7.4722, "lon": 112.4336, "accuracy_m": 10.0}
READY = """async () => {
  const registration = await navigator.serviceWorker.register("/medic/sw.js", { scope: "/medic" });
  while (!registration.active || registration.active.state !== "activated") {
    await new Promise((done) => setTimeout(done, 20));
  }
  return registration.scope;
}"""
SHOWN = """async () => {
  const registration = await navigator.serviceWorker.getRegistration("/medic");
  for (;;) {
    const found = await registration.getNotifications();
    if (found.length) return found.map(({ title, body, tag }) => ({ title, body, tag }));
    await new Promise((done) => setTimeout(done, 20));
  }
}"""
SERVICE = """() => {
  // This browser has no push service to ask: the answers of one.
  const plain = (text) => atob(text.replace(/-/g, "+").replace(/_/g, "/"));
  let kept = null;
  PushManager.prototype.getSubscription = async () => kept;
  PushManager.prototype.subscribe = async ({ applicationServerKey }) => {
    const key = Uint8Array.from(plain(applicationServerKey), (letter) => letter.charCodeAt(0));
    kept = {
      options: { applicationServerKey: key.buffer },
      unsubscribe: async () => { kept = null; return true; },
      toJSON: () => (SAID),
    };
    return kept;
  };
}"""


@contextmanager
def phone(driver: Playwright, folder: Path) -> Iterator[BrowserContext]:
    """A browser that keeps workers and shows notifications: the whole one."""
    context = driver.chromium.launch_persistent_context(
        folder, executable_path=str(CHROMIUM), args=ARGUMENTS, viewport=SMALL, locale="id-ID",
        permissions=["geolocation", "notifications"], geolocation={"latitude": -7.4722, "longitude": 112.4336},
    )  # fmt: skip
    context.add_init_script(HEARD_BEFORE)
    said = json.dumps(Device("https://push.invalid/one").said)
    context.add_init_script(f"({SERVICE.replace('SAID', said)})()")
    yield context
    context.close()


def deliver(page: Page, city: City, note: dict[str, str]) -> CDPSession:
    """A push arrives for the medic's own worker."""
    client = page.context.new_cdp_session(page)
    found: list[str] = []

    def told(event: dict[str, list[dict[str, str]]]) -> None:
        found.extend(one["registrationId"] for one in event["registrations"] if one["scopeURL"] == f"{city.url}/medic")

    client.on("ServiceWorker.workerRegistrationUpdated", told)
    client.send("ServiceWorker.enable")
    while not found:
        page.wait_for_timeout(20)
    push = {"origin": city.url, "registrationId": found[-1], "data": json.dumps(note)}
    client.send("ServiceWorker.deliverPushMessage", push)
    return client


@pytest.mark.timeout(120)
def test_a_sleeping_phone_is_woken(driver: Playwright, http: APIRequestContext, city: City, tmp_path: Path) -> None:
    """One tap subscribes; a push shows its words and is received by POST; the card is what a tap leads to."""
    desk = Staff(http, city, "dispatcher", desk="medic")
    before = set(desk.things("roster"))
    with phone(driver, tmp_path / "phone") as context:
        page = context.new_page()
        page.goto(city.enrol("medic", "Sari"))
        page.get_by_role("button", name="Masuk", exact=True).click()
        page.locator('[data-act="medic.duty"][data-on="true"]').click()
        wake = page.locator("#wake")
        expect(wake).to_have_attribute("data-push", "off", timeout=SOON)
        page.get_by_role("button", name="Bangunkan ponsel ini").click()
        expect(wake).to_have_attribute("data-push", "on", timeout=SOON)
        expect(page.locator("#wake-state")).to_contain_text("bisa dibangunkan")
        expect(page.locator("#wake-ask")).to_be_hidden()
        assert page.evaluate(READY) == f"{city.url}/medic"
        (medic,) = set(desk.things("roster")) - before
        assert desk.things("roster")[medic]["wakeable"] is True
        page.goto("about:blank")  # the page is gone; its worker is not
        other = context.new_page()
        other.goto(city.url + "/docs")
        request = str(desk.give("medic.call", location=WHERE, source="phone_119", phone="0812345678")["request"])
        assert offer_of(desk, request, medic)["state"] == "open"
        client = deliver(other, city, {"kind": "offer", "id": request, "city": "35.76"})
        (shown,) = other.evaluate(SHOWN)
        assert shown == {
            "title": "PANGGILAN MEDIS",
            "body": "Ketuk untuk melihat dan menjawab.",
            "tag": f"offer.{request}",
        }
        while "received" not in offer_of(desk, request, medic)["receipts"]:
            other.wait_for_timeout(50)
        client.detach()
        other.goto(f"{city.url}/medic#lihat={request}")  # where a tap on it leads
        card = other.locator(f'[data-type="offer"][data-id="{request}"]')
        expect(card).to_be_focused(timeout=SOON)
        desk.give("medic.close", request=request, outcome="unfounded")
        if PICTURES:
            other.screenshot(path=str(Path(PICTURES) / "waking.png"), full_page=True)


def offer_of(desk: Staff, request: str, medic: str) -> dict[str, Any]:
    offers: list[dict[str, Any]] = desk.things("dispatch")[request]["offers"]
    return next(one for one in offers if one["person"] == medic)
