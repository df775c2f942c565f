"""A tap across the border in a real browser: the page of one city follows its call in the other."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
from playwright.sync_api import expect
from redis import Redis

from tests.browser.phone import Phones, call_button, hold, shows
from tests.browser.seen import seen
from tests.support.neighbour import CODE, MIDDLE, NAME, city_file, home_file
from tests.support.processes import Process, free_ports
from tests.support.servers import running_store

pytestmark = pytest.mark.timeout(120)


@pytest.fixture
def two(tmp_path: Path) -> Iterator[tuple[str, str]]:
    """Two cities in one hub, Kota Mojokerto as 127.0.0.1: its address, and the store's."""
    for name in ("home", "beside"):
        (tmp_path / name).mkdir()
    home = home_file(tmp_path / "home")
    home.write_text(home.read_text().replace("mojokerto.example", "127.0.0.1"))
    files = ["--city", str(home), "--city", str(city_file(tmp_path / "beside", hosts='["localhost"]'))]
    port = free_ports()
    with running_store("valkey") as store, ExitStack() as stack:
        serve = Process(["-m", "hub.cli", "serve", "--store", store.url, "--port", str(port), "--json", *files])
        stack.callback(serve.kill)
        work = Process(["-m", "hub.cli", "work", "--store", store.url, *files])
        stack.callback(work.kill)
        serve.wait_event("ready", within_s=60)
        yield f"http://127.0.0.1:{port}", store.url


def test_a_call_in_the_other_city_is_followed_and_cancelled_from_this_page(
    phones: Phones, two: tuple[str, str]
) -> None:
    """Its card says whose it is; loaded anew the page finds it again; the cancel arrives over there. Before it, where
    the city has no van."""
    url, store = two
    phone = phones(place=MIDDLE, bypass_csp=True)
    page = phone.open(url)
    expect(page.locator("#standing")).to_have_attribute("data-state", "none", timeout=20_000)
    page.goto(f"{url}/#mobil")
    expect(page.get_by_text("Belum ada perhentian.")).to_be_visible()
    expect(page.get_by_text("Belum ada mobil hari ini.")).to_be_visible()
    seen(page, "vans/none")
    page.goto(f"{url}/#")
    hold(page, call_button(page))
    shows(page, "called")
    expect(page.locator("#emergency .note")).to_contain_text(NAME)
    seen(page, "resident/other-city")
    request = page.locator("#status").get_attribute("data-id")
    page.reload()
    shows(page, "called")
    expect(page.locator("#status")).to_have_attribute("data-id", str(request))
    expect(page.locator("#emergency .note")).to_contain_text(NAME)
    page.locator('[data-act="medic.cancel"], .cancel button').first.click()
    reason = page.locator('[data-reason="solved"]')
    if page.locator("#status").get_attribute("data-state") != "cancelled" and reason.count():
        reason.click()
    shows(page, "cancelled")
    with Redis.from_url(store) as client:
        assert client.exists(f"{{{CODE}}}:thing:request:{request}")
        assert not client.exists(f"{{35.76}}:thing:request:{request}")
