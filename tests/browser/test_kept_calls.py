"""What a phone without a line says of the call that it keeps, in every state that the call may be in."""

from __future__ import annotations

import time
from typing import Any

import pytest
from playwright.sync_api import Page, Route, expect

from tests.browser.city import City
from tests.browser.phone import ALONE, KRANGGAN, Phones
from tests.browser.seen import seen

pytestmark = pytest.mark.timeout(180)

# The outbox (static/resident/outbox.js) as it would be if this were the one call of this phone.
KEEP = """(record) => new Promise((resolve, reject) => {
  const opening = indexedDB.open("kentongan", 1);
  opening.onupgradeneeded = () => opening.result.createObjectStore("calls", { keyPath: "id" });
  opening.onsuccess = () => {
    const change = opening.result.transaction("calls", "readwrite");
    change.objectStore("calls").clear();
    change.objectStore("calls").put(record);
    change.oncomplete = () => { opening.result.close(); resolve(); };
    change.onabort = reject;
  };
})"""
COPIED = """async () => {
  while (!navigator.serviceWorker.controller) await new Promise((done) => setTimeout(done, 50));
}"""
RINI = {"name": "Rini", "vehicle": "motor", "person": "p1"}
KEPT: dict[str, tuple[str, dict[str, Any]]] = {
    "resident/unsent": ("BELUM terkirim", {"status": "sending", "code": "unsent"}),
    "resident/unconfirmed": ("BELUM DIPASTIKAN, telepon 119", {"status": "sending", "maybe": True}),
    "resident/withdrawing": ("Membatalkan", {"status": "sending", "withdrawn": True, "withdrawn_at": 0}),
    "resident/still-needed": ("Masih butuh medis?", {"status": "sending", "acted_at": -130_000}),
    "resident/refused": ("Tidak diterima. Telepon 119", {"status": "refused", "code": "not_allowed"}),
    "resident/stored": ("Terkirim", {"status": "stored", "candidates": 3}),
}
SAID: dict[str, tuple[str, dict[str, Any]]] = {
    "resident/asked-same": ("Memanggil petugas medis", {"state": "offered", "maybe_same": ["r2"]}),
    "resident/advised": ("Memanggil petugas medis", {"state": "offered", "advice": "call_119"}),
    "resident/waiting-long": ("Memanggil petugas medis", {"state": "offered", "called_at": -90_000}),
    "resident/outside": ("Memanggil petugas medis", {"state": "called", "outside_city": True}),
    "resident/waiting-for-holder": (
        "Rini menuju Anda",
        {"state": "accepted", "medic": RINI, "waiting_for_holder": True, "called_at": -100_000},
    ),
    "resident/duplicate": ("Digabung dengan panggilan lain", {"state": "closed", "outcome": "duplicate"}),
    "resident/closed": ("Panggilan selesai", {"state": "closed", "outcome": "unfounded"}),
}
"""Calls that the hub has: the state's headline, and what is special in the view that came last."""
WANTED: dict[str, Any] = {
    "key": "want", "id": "0198d6f0-0000-7000-8000-0000000000b1", "cmd": "want.post", "state": "asking",
    "data": {"category": "food", "words": "kue klepon", "quantity": 1, "kelurahan": "kranggan", "until_s": 1800},
    "code": "unsent", "label": "kue klepon", "href": "/#cari/tanya",
}  # fmt: skip
"""A question to all sellers (static/resident/acts.js) that nobody took within its two minutes."""


def now_ms() -> int:
    return round(time.time() * 1000)


REMEMBER = """(all) => {
  for (const [key, value] of Object.entries(all)) localStorage.setItem(key, JSON.stringify(value));
}"""
LINES = """Array.from(document.querySelectorAll("#numbers b"), (number) => {
  const words = document.createRange();
  words.selectNodeContents(number);
  return words.getClientRects().length;
})"""


def kept(**special: Any) -> dict[str, Any]:
    """A call of this phone; times in `special` count from now."""
    place = {"lat": KRANGGAN[0], "lon": KRANGGAN[1], "accuracy_m": 12, "fix_at": now_ms()}
    since = {name: now_ms() + special.pop(name, -20_000) for name in ("acted_at", "withdrawn_at")}
    return {"id": "kept", "request": "r1", "finger": None, "data": {"location": place}, **since, **special}


def view(**special: Any) -> dict[str, Any]:
    """The view of it that came last."""
    called_at = now_ms() + special.pop("called_at", -20_000)
    heard = {"sent": 3, "received": 3, "audible": 2}
    return {
        "id": "r1", "type": "request", "called_at": called_at, "grace_until": called_at + 5000, "candidates": 3,
        "receipts": heard, "times": {"called": called_at, "offered": called_at}, **special,
    }  # fmt: skip


def shows(page: Page, city: City, record: dict[str, Any], headline: str) -> None:
    """Open the first page on a phone whose outbox holds this call."""
    page.goto(f"{city.url}/nothing-runs-here")
    page.evaluate(KEEP, record)
    page.goto(f"{city.url}/")
    expect(page.locator("#headline")).to_have_text(headline)
    expect(page.locator("#numbers a[href='tel:119']")).to_be_visible()
    assert set(page.evaluate(LINES)) == {1}, "a number is broken over two lines"


@pytest.mark.parametrize("state", ["medic/flight", "shop/flight", "van/flight", "dispatch/flight"])
def test_a_staff_page_without_a_line(phones: Phones, city: City, state: str) -> None:
    """Loaded without one: not connected, in words, and whom to ring."""
    phone = phones(bypass_csp=True)
    page = phone.open(f"{city.url}/{state.partition('/')[0]}")
    page.evaluate(COPIED)
    phone.offline(True)
    page.reload()
    expect(page.locator("main > .flight")).to_contain_text("Tidak tersambung")
    seen(page, state)


def worded(page: Page) -> None:
    """No code of the hub's is on the page: whoever reads it is in need, and learns nothing from "(not_allowed)"."""
    said = page.locator("#status, #emergency > .note").all_inner_texts()
    assert "_" not in "".join(said)


def test_each_state_of_a_kept_call_says_what_is_known(phones: Phones, city: City) -> None:
    """Loaded without a line: how sure it is that the call is with the hub, or what the hub said last; 119 beside it."""
    phone = phones(bypass_csp=True)
    page = phone.open(city.url)
    empty = "<!doctype html><title>Kentongan</title>"
    page.route("**/nothing-runs-here", lambda route: route.fulfill(content_type="text/html", body=empty))
    page.evaluate(COPIED)
    phone.offline(True)
    page.reload()
    expect(page.locator('#standing[data-state="offline"]')).to_be_visible(timeout=10_000)
    seen(page, "resident/offline")
    for state, (headline, record) in KEPT.items():
        shows(page, city, kept(**record), headline)
        worded(page)
        seen(page, state)
    for state, (headline, said) in SAID.items():
        shows(page, city, kept(status="stored", view=view(**said)), headline)
        seen(page, state)
    refused = kept(status="stored", trouble="illegal_step", view=view(state="offered"))
    shows(page, city, refused, "Memanggil petugas medis")
    expect(page.locator("#emergency .note")).to_contain_text("Belum berhasil")
    seen(page, "resident/trouble")
    shows(page, city, kept(status="stored", existing=True, view=view(state="offered")), "Memanggil petugas medis")
    expect(page.locator(".existing")).to_be_visible()
    seen(page, "resident/already-open")
    place = {"lat": ALONE[0], "lon": ALONE[1], "accuracy_m": 12}
    rini = {**RINI, "location": place, "fix_at": now_ms() - 600_000, "eta_s": [120, 300], "distance_m": 1800}
    shows(page, city, kept(status="stored", view=view(state="en_route", medic=rini)), "Rini menuju Anda")
    expect(page.locator(".medic")).to_contain_text("posisi 10 mnt lalu")
    seen(page, "resident/position-old")
    told = {"for": "family", "breathing": "yes", "awake": "yes", "bleeding": "none"}
    shows(page, city, kept(status="stored", said=told, view=view(state="offered")), "Memanggil petugas medis")
    page.locator(".question input").fill("lupa")
    page.get_by_role("button", name="Kirim").click()
    expect(page.locator(".question .why")).to_have_text("Nomor HP belum benar. Misalnya 0812 3456 7890.")
    seen(page, "resident/asked-wrong", part=".question")
    page.get_by_role("button", name="Lewati").click()
    expect(page.locator("#question")).to_have_text("Yang perlu petugas tahu")
    seen(page, "resident/asked-note", part=".question")
    the_hub_in_trouble(page, city)
    the_market_without_a_line(page, city)


def the_hub_in_trouble(page: Page, city: City) -> None:
    """It answers, and cannot take the call."""

    def refuse(route: Route) -> None:
        route.fulfill(status=503, json={"ok": False, "code": "unavailable", "message": "", "retry": True})

    page.route("**/v1/*s", refuse)
    shows(page, city, kept(status="sending", code="unavailable"), "BELUM terkirim")
    expect(page.locator("#detail")).to_contain_text("Pusat sedang terganggu.")
    seen(page, "resident/unsent-hub")
    page.unroute("**/v1/*s")


def the_market_without_a_line(page: Page, city: City) -> None:
    """Nothing was found before, an order cannot be read, a question was not sent in time."""
    asking = {**WANTED, "acted_at": now_ms() - 130_000, "since": now_ms() - 130_000}
    draft = {**WANTED["data"], "budget": "", "at": now_ms()}
    page.evaluate(REMEMBER, {"kt.acts": [asking], "kt.want": draft})
    page.goto(f"{city.url}/#cari")
    expect(page.get_by_text("Tidak ada sambungan. Dicoba lagi ...")).to_be_visible()
    expect(page.locator(".mine")).to_contain_text("BELUM terkirim · kue klepon")
    seen(page, "market/offline-first", part="#page")
    page.goto(f"{city.url}/#cari/pesanan/x")
    expect(page.get_by_text("Belum bisa dibuka. Dicoba lagi ...")).to_be_visible(timeout=10_000)
    seen(page, "market/order-unread", part="#page")
    page.goto(f"{city.url}/#cari/tanya")
    expect(page.get_by_text("BELUM terkirim. Masih mau dikirim?")).to_be_visible()
    seen(page, "market/ask-unsent", part="#page")
