"""Every page as an app: installable, opened without a network, and new after a deploy."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from playwright.sync_api import BrowserContext, Error, Page, Playwright, expect

from tests.browser.conftest import ARGUMENTS, CHROMIUM
from tests.browser.phone import SMALL, call_button
from tests.support.processes import ROOT, Process, free_ports
from tests.support.servers import running_store

PICTURES = os.environ.get("KT_PICTURES")
ADDRESSES = ("/", "/medic", "/shop", "/van", "/dispatch")
PARTS = ("hub", "channels", "workers", "clients", "static")
SHEET = "static/shared/base.css"
MARK = "--deployed"

KEPT = """async (before) => {
  const wait = () => new Promise((done) => setTimeout(done, 50));
  const script = `${location.pathname === "/" ? "" : location.pathname}/sw.js`;
  const ours = `kentongan-${location.pathname.slice(1) || "resident"}-`;
  for (const until = Date.now() + 40000; Date.now() < until; await wait()) {
    const { controller } = navigator.serviceWorker;
    const names = [];
    for (const name of await caches.keys()) {
      const ours_and_new = name.startsWith(ours) && !before.includes(name);
      // The worker wrote its pins when it took over.
      if (ours_and_new && (await caches.match("/pins", { cacheName: name }))) names.push(name);
    }
    const own = controller && controller.state === "activated" && new URL(controller.scriptURL).pathname === script;
    if (own && names.length) return names;
  }
  const registered = await navigator.serviceWorker.getRegistrations();
  const states = registered.map(({ scope, installing, waiting, active }) => [scope, installing, waiting, active]
    .map((worker) => (worker && worker.state ? worker.state : String(worker))).join(" "));
  throw new Error(`no new copy in 40 s: ${states.join("; ")}; copies ${await caches.keys()}`);
}"""
HELD = """async () => {
  const found = [];
  for (const name of await caches.keys()) {
    for (const { url } of await (await caches.open(name)).keys()) found.push(new URL(url).pathname);
  }
  return found;
}"""
DEPLOYED = f"getComputedStyle(document.documentElement).getPropertyValue('{MARK}')"
PART = f"fetch('/{SHEET}').then((answer) => answer.text()).then((text) => text.includes('{MARK}'))"


class Deployment:
    """A hub with a copy of the pages that can be changed."""

    def __init__(self, tree: Path, store_url: str) -> None:
        self.tree, self._store_url, self._port = tree, store_url, free_ports()
        self.url = f"http://127.0.0.1:{self._port}"
        self._hub: Process | None = None

    def start(self) -> None:
        arguments = ["-m", "hub.cli", "serve", "--public-only", "--store", self._store_url, "--port", str(self._port)]
        self._hub = Process(arguments, environment={"PYTHONPATH": str(self.tree)}, cwd=self.tree)
        self._hub.wait_event("hub_ready")

    def stop(self) -> None:
        assert self._hub is not None
        self._hub.kill()


@contextmanager
def deployment(tree: Path) -> Iterator[Deployment]:
    for part in PARTS:
        shutil.copytree(ROOT / part, tree / part, ignore=shutil.ignore_patterns("__pycache__"))
    with running_store("valkey") as store:
        made = Deployment(tree, store.url)
        made.start()
        try:
            yield made
        finally:
            made.stop()


@contextmanager
def phone(driver: Playwright, folder: Path) -> Iterator[BrowserContext]:
    """A browser that remembers: nothing can be installed from a private window."""
    context = driver.chromium.launch_persistent_context(
        folder, executable_path=str(CHROMIUM), args=ARGUMENTS, viewport=SMALL, locale="id-ID"
    )
    yield context
    context.close()


def kept(page: Page, before: list[str]) -> list[str]:
    """The new copy, once it is whole. One that could not be fetched is tried again at the next load, here once."""
    try:
        return list(page.evaluate(KEPT, before))
    except Error:
        page.reload()
        return list(page.evaluate(KEPT, before))


def check_installable(page: Page, address: str) -> None:
    """Chromium reads the manifest without a complaint and would install the page."""
    client = page.context.new_cdp_session(page)
    read = client.send("Page.getAppManifest")
    assert read["errors"] == []
    assert read["url"].endswith(f"{address.rstrip('/')}/manifest.json")
    assert client.send("Page.getInstallabilityErrors")["installabilityErrors"] == []
    client.detach()


def check_offline(page: Page, address: str) -> None:
    """It opens, says that it is not connected, has 119, and shows nothing that it cannot know."""
    page.reload()
    if address == "/":
        expect(call_button(page)).to_be_visible()
        expect(page.locator("#standing[data-state='offline']")).to_be_visible(timeout=10_000)
    else:
        expect(page.locator("main > .flight[role='alert']")).to_contain_text("Tidak tersambung")
        expect(page.locator("main > .flight a[href='tel:119']")).to_be_visible()
        assert page.locator("[data-type='request'], [data-type='offer'], [data-type='order']").count() == 0
    if PICTURES:
        page.screenshot(path=str(Path(PICTURES) / f"flight-{address.strip('/') or 'resident'}.png"))


@pytest.mark.timeout(300)
def test_a_page_is_installed_opens_in_flight_mode_and_follows_a_deploy(driver: Playwright, tmp_path: Path) -> None:
    """All five: kept after one visit, never `/v1`; after a deploy the first load is whole, the next one new."""
    with deployment(tmp_path / "tree") as hub, phone(driver, tmp_path / "phone") as context:
        pages = {address: context.new_page() for address in ADDRESSES}
        for address, page in pages.items():
            page.goto(hub.url + address)
            check_installable(page, address)
        copies = {address: kept(page, []) for address, page in pages.items()}
        assert not [path for path in pages["/"].evaluate(HELD) if path.startswith("/v1")]
        context.set_offline(True)
        for address, page in pages.items():
            check_offline(page, address)
        context.set_offline(False)
        hub.stop()
        with (hub.tree / SHEET).open("a") as sheet:
            sheet.write(f":root {{ {MARK}: yes; }}\n")
        hub.start()
        for page in pages.values():
            page.reload()
        for address, page in pages.items():
            assert len(kept(page, copies[address])) == 1
            # Old, but where the open page's own look for a new worker came before this load: then new, and whole too.
            new = page.evaluate(DEPLOYED) == "yes"
            assert address == "/" or page.evaluate(PART) is new, address
        for address, page in pages.items():
            page.reload()
            assert page.evaluate(DEPLOYED) == "yes", address
            assert page.evaluate(PART) is True, address
