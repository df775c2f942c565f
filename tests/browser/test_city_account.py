"""Staff sign in at /dispatch by the city's own account, in a real browser through a real provider on another site."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from hub.city_file import OWN
from tests.browser.phone import Phones
from tests.browser.seen import WIDE, seen
from tests.support import provider as p
from tests.support.processes import HELP_OFFSET, Process, free_ports
from tests.support.servers import running_store

pytestmark = pytest.mark.timeout(120)
TABLE = """
[oidc]
issuer = "{issuer}"
client_id = "{client}"
secret_file = "oidc.secret"

[oidc.roles]
pusat-medis = {{ role = "dispatcher", desk = "medic" }}
admin = {{ role = "admin" }}
medis = {{ role = "medic" }}
awak = {{ role = "crew", van = "v1" }}
"""


def city_file(folder: Path, provider: p.Provider) -> Path:
    """Kota Mojokerto's, with an account of its own."""
    (folder / "oidc.secret").write_text(p.SECRET)
    (folder / "oidc.secret").chmod(0o600)
    text = OWN.path.read_text("utf-8").replace(f'"{OWN.polygons.name}"', f'"{OWN.polygons}"')
    path = folder / "city.toml"
    path.write_text(text + TABLE.format(issuer=provider.issuer, client=p.CLIENT))
    return path


@contextmanager
def running(folder: Path, provider: p.Provider) -> Iterator[str]:
    """Both hubs of that city; where its pages are."""
    port = free_ports()
    url = f"http://127.0.0.1:{port}"
    provider.redirect_uris, provider.left_uris = {f"{url}/v1/oidc/callback"}, {f"{url}/v1/oidc/ended"}
    with running_store("valkey") as store, ExitStack() as stack:
        more = ["--store", store.url, "--port", str(port), "--city", str(city_file(folder, provider))]
        more += ["--public-url", url, "--help-url", f"http://127.0.0.1:{port + HELP_OFFSET}"]
        hubs = [Process(["-m", "hub.cli", "serve", f"--{kind}-only", *more]) for kind in ("help", "public")]
        for hub in hubs:
            stack.callback(hub.kill)
        for hub in hubs:
            hub.wait_event("hub_ready")
        yield url


def agree(page: Page) -> None:
    """At the provider, which is another site than the city: a strict cookie is not sent with the way back."""
    expect(page).to_have_title("Akun kota")
    page.locator("#yes").click()


def leave(page: Page) -> None:
    """Out of the board, by the desk's own list, and of the account as well."""
    page.locator('[data-part="staff"] > summary').click()
    mine = page.locator('[data-type="person"]').filter(has_text="Endah Lestari")
    expect(mine).to_have_attribute("data-sessions", "1", timeout=25_000)
    mine.locator("summary").click()
    mine.locator('[data-open="revoke"]').click()
    page.locator('[data-act="staff.revoke"]').click()
    way = page.locator('#sign-in [data-act="city_sign_out"]')
    expect(way).to_have_text("Keluar juga dari akun kota", timeout=10_000)
    expect(page.locator('[data-type="account"]')).to_be_hidden(timeout=10_000)
    seen(page, "dispatch/city-account-left")
    way.click()
    expect(page).to_have_title("Akun kota")
    page.locator("#out").click()
    expect(page.locator('[data-act="city_sign_in"]')).to_be_visible(timeout=15_000)


def test_a_dispatcher_and_an_admin_come_in_by_the_citys_account(phones: Phones, tmp_path: Path) -> None:
    """The door offers it; who has no role is told so and tries again; a desk and an admin see what is theirs.

    Who signs out at a desk leaves the account as well, by one more tap.
    """
    with p.standing_provider("localhost") as provider, running(tmp_path, provider) as url:
        provider.asks = provider.ends = True
        provider.person["groups"] = ["tamu"]
        phone = phones(viewport=WIDE, bypass_csp=True)
        page = phone.open(f"{url}/dispatch")
        expect(page.locator('[data-act="city_sign_in"]')).to_have_text("Masuk dengan akun kota", timeout=15_000)
        seen(page, "dispatch/city-account")
        for path in ("/medic", "/van"):
            other = phones().open(url + path)
            way = other.locator(f'[data-act="city_sign_in"][href="/v1/oidc/start?page={path}&lang=id"]')
            expect(way).to_be_visible(timeout=15_000)
        page.locator('[data-act="city_sign_in"]').click()
        agree(page)
        expect(page.locator('body[data-reason="groups"]')).to_contain_text("klaim groups")
        expect(page.locator('a[href="tel:119"]')).to_be_visible()
        seen(page, "dispatch/city-account-refused")
        provider.person["groups"] = ["pusat-medis"]
        page.get_by_text("Coba lagi").click()
        agree(page)
        expect(page.locator("#person")).to_have_text("Endah Lestari", timeout=15_000)
        expect(page.locator("#board")).to_be_visible(timeout=15_000)
        assert page.url == f"{url}/dispatch"
        soon = int(time.time() * 1000) + 1_200_000
        page.evaluate(f"document.cookie = 'kt_ends={soon}; path=/dispatch'")
        expect(page.locator('[data-type="account"][data-state="ends"]')).to_contain_text(
            "berakhir pukul", timeout=10_000
        )
        seen(page, "dispatch/city-account-ends", part=".account-ends")
        leave(page)
        assert page.url == f"{url}/dispatch"

        provider.person |= {"sub": "u-18", "name": "Kepala Kota", "groups": ["admin"]}
        chief = phones(viewport=WIDE)
        page = chief.open(f"{url}/dispatch")
        page.locator('[data-act="city_sign_in"]').click()
        agree(page)
        expect(page.locator("#person")).to_have_text("Kepala Kota", timeout=15_000)
        expect(page.locator("#staff")).to_be_visible(timeout=15_000)
