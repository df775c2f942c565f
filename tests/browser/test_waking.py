"""Phones that sleep: a push becomes a notification, a receipt, and on a tap the card."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import APIRequestContext, BrowserContext, Page, Playwright, expect

from tests.browser.city import City
from tests.browser.conftest import ARGUMENTS, CHROMIUM
from tests.browser.office import Office
from tests.browser.phone import HEARD_BEFORE, SMALL
from tests.browser.seeker import Seeker
from tests.browser.seen import seen
from tests.browser.staff import Staff
from tests.browser.van_day import Day
from tests.support.push import Device

SOON = 15_000
SHOP, PRICE = "s51", 11_000
"""A shop where nobody else of these tests sells."""
PICTURES = os.environ.get("KT_PICTURES")
WHERE = {"lat": -7.4722, "lon": 112.4336, "accuracy_m": 10.0}
READY = """async () => {
  const registration = await navigator.serviceWorker.register("/medic/sw.js", { scope: "/medic" });
  while (!registration.active || registration.active.state !== "activated") {
    await new Promise((done) => setTimeout(done, 20));
  }
  return registration.scope;
}"""
SHOWN = """async (scope) => {
  const registration = await navigator.serviceWorker.getRegistration(scope);
  for (const until = Date.now() + 3000; Date.now() < until;) {
    const found = await registration.getNotifications();
    if (found.length) return found.map(({ title, body, tag }) => ({ title, body, tag }))[0];
    await new Promise((done) => setTimeout(done, 20));
  }
  return null;
}"""
TAPPED = """async () => {
  // What a tap does; a test is no person, so the browser lets it bring no page to the front.
  const [notification] = await self.registration.getNotifications();
  await touched(notification).catch(() => {});
}"""
RENEWED = """async () => {
  const kept = { toJSON: () => (SAID) };
  PushManager.prototype.subscribe = async () => kept;
  await subscribed();
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
        folder, executable_path=str(CHROMIUM), args=ARGUMENTS, viewport=SMALL, locale="id-ID", bypass_csp=True,
        permissions=["geolocation", "notifications"], geolocation={"latitude": -7.4722, "longitude": 112.4336},
    )  # fmt: skip
    context.add_init_script(HEARD_BEFORE)
    said = json.dumps(Device("https://push.invalid/one").said)
    context.add_init_script(f"({SERVICE.replace('SAID', said)})()")
    yield context
    context.close()


def deliver(page: Page, city: City, note: dict[str, str], scope: str = "/medic") -> dict[str, str]:
    """A push arrives for a page's own worker; the notification that it shows.

    A worker that the browser stops at that moment loses what this tool sends it, so it is sent again.
    """
    client = page.context.new_cdp_session(page)
    found: list[str] = []

    def told(event: dict[str, list[dict[str, str]]]) -> None:
        found.extend(one["registrationId"] for one in event["registrations"] if one["scopeURL"] == city.url + scope)

    client.on("ServiceWorker.workerRegistrationUpdated", told)
    client.send("ServiceWorker.enable")
    while not found:
        page.wait_for_timeout(20)
    for _ in range(5):
        push = {"origin": city.url, "registrationId": found[-1], "data": json.dumps(note)}
        client.send("ServiceWorker.deliverPushMessage", push)
        shown: dict[str, str] | None = page.evaluate(SHOWN, scope)
        if shown is not None:
            client.detach()
            return shown
    raise AssertionError(f"{scope} showed nothing")


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
        seen(page, "medic/woken", at="#wake")
        # It is so for as long as this session is.
        settings = context.new_cdp_session(page)
        denied = {"permission": {"name": "notifications"}, "setting": "denied", "origin": city.url}
        settings.send("Browser.setPermission", denied)
        page.reload()
        expect(wake).to_have_attribute("data-push", "denied", timeout=SOON)
        expect(page.locator("#wake-why")).to_contain_text("Izin notifikasi ditolak")
        seen(page, "medic/denied", at="#wake")
        settings.send("Browser.setPermission", {**denied, "setting": "granted"})
        assert page.evaluate(READY) == f"{city.url}/medic"
        (medic,) = set(desk.things("roster")) - before
        assert desk.things("roster")[medic]["wakeable"] is True
        page.goto("about:blank")  # the page is gone; its worker is not
        other = context.new_page()
        other.goto(city.url + "/docs")
        request = str(desk.give("medic.call", location=WHERE, source="phone_119", phone="0812345678")["request"])
        assert offer_of(desk, request, medic)["state"] == "open"
        shown = deliver(other, city, {"kind": "offer", "id": request, "city": "35.76"})
        assert shown == {
            "title": "PANGGILAN MEDIS",
            "body": "Ketuk untuk melihat dan menjawab.",
            "tag": f"offer.{request}",
        }
        while "received" not in offer_of(desk, request, medic)["receipts"]:
            other.wait_for_timeout(50)
        other.goto(f"{city.url}/medic#lihat={request}")  # where a tap on it leads
        card = other.locator(f'[data-type="offer"][data-id="{request}"]')
        expect(card).to_be_focused(timeout=SOON)
        desk.give("medic.close", request=request, outcome="unfounded")
        if PICTURES:
            other.screenshot(path=str(Path(PICTURES) / "waking.png"), full_page=True)


def wakes(page: Page) -> None:
    """One tap, and the page says that this phone can be woken."""
    page.locator("#wake-ask").click()
    expect(page.locator("#wake")).to_have_attribute("data-push", "on", timeout=SOON)
    expect(page.locator("#wake-state")).to_contain_text("bisa dibangunkan")


@pytest.mark.timeout(120)
def test_a_shops_a_crews_and_a_desks_phone_are_woken(
    driver: Playwright, http: APIRequestContext, city: City, seeker: Seeker, day: Day, tmp_path: Path
) -> None:
    """Each page says which phone this is; a tap on a notification leads to the card of the page that is open; an
    address that the browser changed is known to the hub; a desk rings its phones as a test and reads who
    was not reached, and which phone is lost."""
    with phone(driver, tmp_path / "phone") as context:
        page = context.new_page()
        page.goto(city.enrol("seller", "Mela", shop=SHOP))
        page.get_by_role("button", name="Masuk", exact=True).click()
        page.locator('#tabs [data-tab="shop"]').click()
        wakes(page)
        seen(page, "shop/woken", at="#wake")
        order = seeker.order(SHOP, PRICE)
        shown = deliver(page, city, {"kind": "order", "id": order, "city": "35.76"}, "/shop")
        assert (shown["title"], shown["tag"]) == ("Pesanan baru!", f"order.{order}")
        worker = next(one for one in context.service_workers if one.url.endswith("/shop/sw.js"))
        worker.evaluate(TAPPED)
        expect(page.locator(f'#open [data-type="order"][data-id="{order}"]')).to_be_focused(timeout=SOON)
        mine = "async () => (await (await fetch('/v1/push?as=seller')).json()).mine"
        page.evaluate("async () => { await fetch('/v1/push/subscriptions?as=seller', { method: 'DELETE' }); }")
        assert page.evaluate(mine) is False
        worker.evaluate(RENEWED.replace("SAID", json.dumps(Device("https://push.invalid/two").said)))
        assert page.evaluate(mine) is True
        page.goto(city.enrol("crew", "Darmo", van=day.van))
        page.get_by_role("button", name="Masuk", exact=True).click()
        wakes(page)
        seen(page, "van/woken", at="#wake")
        day.plan()
        shown = deliver(page, city, {"kind": "trip", "id": "5", "city": "35.76"}, "/van")
        assert shown["title"] == "Perjalanan mobil diubah"
        next(one for one in context.service_workers if one.url.endswith("/van/sw.js")).evaluate(TAPPED)
        expect(page.locator('#news [data-act="news.seen"]')).to_be_focused(timeout=SOON)
        page.close()
        desk = context.new_page()
        desk.goto(city.enrol("dispatcher", "Vera", desk="van"))
        desk.get_by_role("button", name="Masuk", exact=True).click()
        wakes(desk)
        desk.locator('[data-act="phone.test"]').click()
        expect(desk.locator('[data-type="test_ring"]')).to_have_attribute("data-state", "ringing", timeout=SOON)
        shown = deliver(desk, city, {"kind": "test", "id": "1", "city": "35.76"}, "/dispatch")
        assert shown["title"] == "UJI PONSEL"
        rung_at = Staff(http, city, "dispatcher", desk="van").things("dispatch/van")["test_ring"]["rung_at"]
        vera = {"person": "vera", "role": "dispatcher", "name": "Vera"}
        city.tell("phone.tested", test_ring="van", at=rung_at, asked=3, reached=2, missed=[vera])
        expect(desk.locator("#phones-test")).to_contain_text("2 dari 3 orang terjangkau", timeout=SOON)
        expect(desk.locator(".phones-missed")).to_contain_text("Tidak terjangkau: Vera")
        seen(desk, "dispatch/phones", part="#phones")
        city.tell("phone.device", "Darmo", person="darmo", role="crew", change="lost")
        lost = desk.locator('[data-type="alarm"][data-id="darmo.unwakeable"]')
        expect(lost).to_contain_text("HP tidak bisa dibangunkan lagi", timeout=SOON)
        seen(desk, "dispatch/phone-lost")
        lost.locator('[data-act="alarm.take"]').click()
        expect(lost).to_have_count(0)


@pytest.mark.timeout(120)
def test_a_resident_is_offered_to_be_woken_for_the_van(
    driver: Playwright, http: APIRequestContext, city: City, tmp_path: Path
) -> None:
    """In the sheet where the reminder is set; a tap on the notification leads to the vans."""
    office = Office(http, city)
    office.today(20, 40)
    with phone(driver, tmp_path / "phone") as context:
        page = context.new_page()
        page.goto(f"{city.url}/#mobil/titik/{office.stops[0]}")
        wake = page.locator('.van-remind [data-part="wake"]')
        wake.locator("button").click()
        expect(wake).to_have_attribute("data-state", "on", timeout=SOON)
        expect(wake).to_contain_text("HP ini dibangunkan")
        seen(page, "vans/woken", at=".van-remind")
        shown = deliver(page, city, {"kind": "reminder", "id": "5", "city": "35.76"}, "/")
        assert shown["title"] == "Mobil keliling hampir datang"
        next(one for one in context.service_workers if one.url == f"{city.url}/sw.js").evaluate(TAPPED)
        expect(page).to_have_url(f"{city.url}/#mobil")


def offer_of(desk: Staff, request: str, medic: str) -> dict[str, Any]:
    offers: list[dict[str, Any]] = desk.things("dispatch")[request]["offers"]
    return next(one for one in offers if one["person"] == medic)
