"""Alerts and workshops on the screens of residents, sellers and the desks that give them."""

from __future__ import annotations

import time
from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.browser.city import City
from tests.browser.phone import SMALL, Phones
from tests.browser.seen import WIDE, seen

pytestmark = pytest.mark.timeout(120)

QUIET = ("s17", "s36")
"""Shops that sell food and that no other story orders from: what rings there is this story's."""

# One command of whoever is signed in on this page; the reply.
RUN = """async ([as, cmd, data]) => {
  const { connect } = await import("/client/kentongan.js");
  window.kt_desk = window.kt_desk || connect({ as });
  return window.kt_desk.call(cmd, data);
}"""


class Desk:
    """Somebody at /dispatch, and the commands that they give through the protocol."""

    def __init__(self, page: Page) -> None:
        self.page = page

    def run(self, cmd: str, **data: Any) -> Any:
        reply = self.page.evaluate(RUN, ["dispatcher", cmd, data])
        assert reply["ok"], reply
        return reply["data"]

    def publish(self, headline: str, **more: Any) -> str:
        return self.say("alert.publish", headline, **more)

    def say(self, cmd: str, headline: str, **more: Any) -> str:
        said = {
            "category": "met", "event": "Hujan lebat", "urgency": "expected", "severity": "moderate",
            "certainty": "likely",
            "expires": int(time.time() * 1000) + 3_600_000, "areas": "city",
            "texts": {"id": {"headline": headline, "instruction": "Jauhi pohon dan tiang listrik."}},
        }  # fmt: skip
        return str(self.run(cmd, **{**said, **more})["alert"])


@pytest.fixture
def desk(phones: Phones, city: City) -> Iterator[Desk]:
    """The city's desk; what it announced is taken back afterwards."""
    page = phones(viewport=WIDE, bypass_csp=True).sign_in(city.enrol("dispatcher", "Endah", desk="city"))
    expect(page.locator('[data-desk="city"]')).to_be_visible(timeout=15_000)
    desk = Desk(page)
    yield desk
    ids = page.locator('[data-type="alert"]').evaluate_all("cards => cards.map((card) => card.dataset.id)")
    for id_ in ids:
        desk.run("alert.cancel", alert=id_, reason="Selesai")


def alert(page: Page, id_: str) -> Any:
    return page.locator(f'#alerts [data-type="alert"][data-id="{id_}"]')


def test_info_kota_reads_what_is_in_force(phones: Phones, city: City, desk: Desk) -> None:
    """Real ones stand before exercises and tests, the worst first; a cancelled one goes away by itself, one that is
    brought up to date says so."""
    page = phones(bypass_csp=True).open(f"{city.url}/#info")
    expect(page.get_by_text("Tidak ada pengumuman.")).to_be_visible()
    seen(page, "info/none")
    mild = desk.publish("Hujan sore ini", severity="minor", areas=["miji"])
    drill = desk.publish("Latihan evakuasi", severity="extreme", status="exercise", areas=["kranggan"])
    worst = desk.publish("Banjir di tepi sungai", severity="severe", areas=["kranggan", "mentikan"])
    for id_ in (mild, drill, worst):
        expect(alert(page, id_)).to_be_visible()
    order = [card.get_attribute("data-id") for card in page.locator("#alerts > li").all()]
    assert order == [worst, mild, drill]
    expect(alert(page, worst)).to_contain_text("Berbahaya")
    expect(alert(page, worst)).to_contain_text("Kranggan, Mentikan")
    expect(alert(page, worst)).to_contain_text("Jauhi pohon")
    expect(alert(page, worst)).to_contain_text("Sampai")
    expect(alert(page, worst).locator(".severity svg")).to_be_visible()
    expect(alert(page, worst)).to_contain_text("Termasuk tempat Anda")
    expect(alert(page, drill)).to_contain_text("LATIHAN")
    expect(page.locator("#warnings [data-type]")).to_have_count(0)
    seen(page, "info/alerts")
    page.locator(".page-back").click()
    expect(page.locator('.strip-line[data-type="alert"]')).to_contain_text("Banjir di tepi sungai")
    seen(page, "resident/strip")
    desk.run("alert.cancel", alert=worst, reason="Surut")
    expect(page.locator('.strip-line[data-type="alert"]')).to_contain_text("LATIHAN · Latihan evakuasi")
    page.locator("#door-info").click()
    speakers = {"event": "Pengeras suara", "texts": {"id": {"headline": "Uji pengeras suara"}}}
    test = desk.publish("", severity="unknown", status="test", category="other", **speakers)
    desk.say("alert.update", "Hujan sampai malam", alert=mild, areas=["miji"], severity="minor")
    expect(alert(page, mild)).to_contain_text("Hujan sampai malam")
    expect(alert(page, mild)).to_contain_text("Diperbarui")
    expect(alert(page, test)).to_contain_text("UJI COBA. Abaikan.")
    seen(page, "info/test", part="#page", at=f'[data-id="{test}"]')


def test_an_urgent_alert_is_a_band_that_covers_nothing(phones: Phones, city: City, desk: Desk) -> None:
    """It stands above the red button and 119/112, is spoken, and stays away once it was put away."""
    page = phones(bypass_csp=True).open(city.url)
    expect(page.locator("#standing")).not_to_be_empty()
    id_ = desk.publish("Gempa kuat, jauhi bangunan", severity="extreme", category="geo", event="Gempa", areas="city")
    band = page.locator(f'#warnings [data-type="warning"][data-id="{id_}"]')
    expect(band).to_be_visible()
    expect(band).to_contain_text("SANGAT BERBAHAYA")
    expect(page.locator("#warnings")).to_have_attribute("aria-live", "assertive")
    below = band.bounding_box()
    assert below is not None
    for selector in ("#call", '#home a[href="tel:119"]', '#home a[href="tel:112"]'):
        box = page.locator(selector).bounding_box()
        assert box is not None
        assert box["y"] >= below["y"] + below["height"]
        assert box["y"] + box["height"] <= SMALL["height"]
    seen(page, "resident/warning")
    band.get_by_role("button").click()
    expect(band).to_be_hidden()
    page.reload()
    expect(page.locator('.strip-line[data-type="alert"]')).to_contain_text("Gempa kuat")
    expect(band).to_be_hidden()
    desk.run("alert.cancel", alert=id_, reason="Salah")
    expect(page.locator('.strip-line[data-type="alert"]')).to_have_count(0)


def test_the_city_desk_looks_before_it_publishes(phones: Phones, city: City, desk: Desk) -> None:
    """What is missing is said beside its field; the preview is what residents read; then it is out. An update leaves
    what it is: an exercise, a test, or real."""
    page, resident = desk.page, phones().open(f"{city.url}/#info")
    page.get_by_role("button", name="Lihat dulu").click()
    expect(page.get_by_text("Isi judulnya.")).to_be_visible()
    expect(page.get_by_text("Pilih kelurahan, atau seluruh kota.")).to_be_visible()
    seen(page, "dispatch/city-missing")
    page.get_by_label("Judul").fill("Air PDAM mati malam ini")
    page.get_by_label("Kejadian", exact=True).fill("Air mati")
    page.get_by_role("radio", name="Latihan").check()
    page.get_by_label("Berlaku berapa jam").fill("banyak")
    page.get_by_role("checkbox", name="Miji").check()
    page.get_by_role("button", name="Lihat dulu").click()
    expect(page.get_by_text("Isi angka jam")).to_be_visible()
    expect(page.get_by_label("Judul")).to_have_value("Air PDAM mati malam ini")
    page.get_by_label("Berlaku berapa jam").fill("3")
    page.get_by_role("button", name="Lihat dulu").click()
    looked_at = page.locator('[data-type="preview"]')
    expect(looked_at).to_contain_text("LATIHAN")
    expect(looked_at).to_contain_text("Untuk Miji")
    seen(page, "dispatch/city-preview", at='[data-type="preview"]')
    expect(page.locator('[data-type="alert"]')).to_have_count(0)
    page.locator('[data-act="alert.publish"]').click()
    mine = page.locator('[data-type="alert"][data-state="in_force"]')
    expect(mine).to_contain_text("Air PDAM mati malam ini")
    expect(resident.locator('#alerts [data-status="exercise"]')).to_contain_text("Air PDAM mati malam ini")
    mine.get_by_role("button", name="Perbarui").click()
    page.get_by_role("radio", name="Sungguhan").click()
    expect(page.get_by_text("Jenisnya tidak bisa diubah.")).to_be_visible()
    expect(page.get_by_role("radio", name="Latihan")).to_be_checked()
    page.get_by_label("Judul").fill("Air PDAM sudah menyala")
    page.get_by_role("button", name="Lihat dulu").click()
    page.locator('[data-act="alert.update"]').click()
    expect(mine).to_contain_text("Air PDAM sudah menyala")
    mine.get_by_role("button", name="Cabut").click()
    mine.locator('[data-act="alert.cancel"]').click()
    expect(mine.get_by_text("Isi alasannya.")).to_be_visible()
    mine.get_by_label("Alasan dicabut").fill("Latihan selesai")
    seen(page, "dispatch/city-cancel", at='[data-type="alert"]')
    mine.locator('[data-act="alert.cancel"]').click()
    expect(mine).to_have_count(0)
    expect(resident.locator("#alerts > li")).to_have_count(0)


def test_a_class_from_plut_to_the_seller(phones: Phones, city: City) -> None:
    """PLUT publishes in words, a seller takes a seat in one tap, is rung at the start, and PLUT reads the name."""
    plut = phones(viewport=WIDE, bypass_csp=True).sign_in(city.enrol("plut", "Wahyu"))
    expect(plut.locator('[data-desk="plut"]')).to_be_visible(timeout=15_000)
    plut.get_by_role("button", name="Buat kelas").click()
    expect(plut.get_by_text("Isi nama kelasnya.")).to_be_visible()
    seen(plut, "dispatch/plut-missing", at=".desk-form")
    plut.get_by_label("Nama kelas").fill("Foto produk")
    plut.get_by_label("Jumlah kursi").fill("1")
    plut.get_by_role("button", name="Buat kelas").click()
    card = plut.locator('[data-type="workshop"][data-state="open"]')
    expect(card).to_contain_text("0 dari 1 kursi terisi")
    id_ = card.get_attribute("data-id")
    food = [shop for shop in seed_shops() if shop["id"] in QUIET]
    pages = [phones(bypass_csp=True).sign_in(city.enrol("seller", "Sri", shop=shop["id"])) for shop in food]
    for page in pages:
        page.locator('#tabs [data-tab="shop"]').click()
    mine = pages[0].locator(f'#classes [data-type="workshop"][data-id="{id_}"]')
    expect(mine).to_contain_text("sisa 1 kursi")
    mine.locator('[data-act="workshop.join"]').click()
    expect(mine).to_have_attribute("data-state", "joined")
    expect(mine).to_contain_text("Anda punya kursi")
    other = pages[1].locator(f'#classes [data-type="workshop"][data-id="{id_}"]')
    expect(other.locator('[data-act="workshop.join"]')).to_have_text("Masuk daftar tunggu")
    other.locator('[data-act="workshop.join"]').click()
    expect(other).to_contain_text("Anda berikutnya")
    card.locator("summary").click()
    expect(card.locator('[data-type="sign_up"][data-state="joined"]')).to_contain_text(food[0]["name"])
    seen(plut, "dispatch/plut")
    seen(pages[1], "shop/class-waits", at="#classes")
    mine.locator('[data-act="workshop.leave"]').click()
    expect(other).to_contain_text("Anda dapat kursi")
    expect(pages[1].locator("#ringbar")).to_be_visible()
    pages[1].locator("#ringing-see").click()
    expect(pages[1].locator("#classes")).to_be_in_viewport()
    pages[1].locator("#hush").click()
    expect(pages[1].locator("#ringbar")).to_be_hidden()
    plut.locator(f'[data-id="{id_}"] [data-act="workshop.start"]').click()
    expect(other).to_contain_text("Kelas mulai sekarang")
    expect(other).to_have_attribute("data-ringing", "")
    seen(pages[1], "shop/class-rings", at="#classes")
    other.locator(".class-title").click()
    expect(pages[1].locator("#ringbar")).to_be_hidden()
    started = plut.locator(f'[data-id="{id_}"][data-state="started"]')
    started.get_by_role("button", name="Batalkan kelas").click()
    started.get_by_label("Alasan").fill("Guru sakit")
    started.locator('[data-act="workshop.cancel"]').click()
    expect(other).to_contain_text("Kelas dibatalkan: Guru sakit")


def seed_shops() -> list[dict[str, Any]]:
    from hub.seed import read_seed
    from tests.browser.city import SEED

    return list(read_seed(SEED)["shops"])
