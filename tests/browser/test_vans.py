""" "Mobil keliling": stops near me, my service and its papers, a reminder that rings, a ticket, asking for a stop."""

from __future__ import annotations

import time
from datetime import timedelta

import pytest
from playwright.sync_api import APIRequestContext, Locator, Page, expect

from tests.browser.city import City
from tests.browser.hours import CLOCK
from tests.browser.office import KK, Office
from tests.browser.phone import Phones
from tests.browser.seen import seen

pytestmark = pytest.mark.timeout(120)

# Whether the sound that is shared by all that a van rings for is on.
RINGS = """async () => (await import("/static/resident/living.js")).living().ring.ringing"""
# A browser that lets a page sound only after its first touch.
BLOCKS = "HTMLMediaElement.prototype.play = () => Promise.reject(new DOMException('', 'NotAllowedError'));"


@pytest.fixture
def office(http: APIRequestContext, city: City) -> Office:
    """A van that is due in 9 minutes at its first stop."""
    made = Office(http, city)
    made.today(9, 30)
    return made


def stop_card(page: Page, id_: str) -> Locator:
    return page.locator(f'li[data-type="stop"][data-id="{id_}"]').first


def open_stop(page: Page, id_: str) -> None:
    stop_card(page, id_).locator(".stop-name a").click()
    expect(page.locator(f'section[data-type="stop"][data-id="{id_}"]')).to_be_visible()


def service(page: Page, name: str) -> Locator:
    return page.locator(f'[data-type="queue"]:has([data-act="ticket.take"][data-service="{name}"])')


def take(page: Page, name: str) -> None:
    page.locator(f'[data-act="ticket.take"][data-service="{name}"]').click()


def ticket(page: Page, state: str) -> Locator:
    return page.locator(f'.van-mine [data-type="ticket"][data-state="{state}"]')


def test_stops_near_me_say_when_the_van_comes(phones: Phones, city: City, office: Office) -> None:
    """The nearest first, with its distance, a range that is marked as the timetable's, and what has become of it."""
    page = phones(place=office.place, bypass_csp=True).open(f"{city.url}/#mobil")
    expect(page.locator(".sos .sos-call")).to_be_visible()
    near = stop_card(page, office.stops[0])
    expect(near).to_have_attribute("data-state", "expected")
    expect(near).to_contain_text("menurut jadwal")
    expect(near.locator(".stop-comes")).to_contain_text("-")
    expect(near).to_contain_text(" m ")
    assert page.locator(".stop-name").first.text_content() == near.locator(".stop-name").text_content()
    expect(page.locator(".van-map .map")).to_be_visible()
    seen(page, "vans/near")
    office.crew.run("van.arrive", van=office.van, stop=office.stops[0])
    expect(near).to_have_attribute("data-state", "arrived")
    expect(near).to_contain_text("Sudah di sini")
    seen(page, "vans/here", at=".van-near")
    office.crew.run("van.depart", van=office.van, stop=office.stops[0])
    expect(near).to_contain_text("Sudah lewat")
    office.crew.run("van.skip", van=office.van, stop=office.stops[1])
    expect(stop_card(page, office.stops[1])).to_contain_text("Dilewati")
    seen(page, "vans/passed", at=".van-near")


def test_an_old_fix_is_said_to_be_old(phones: Phones, city: City, office: Office) -> None:
    """The age of a van's place stands beside it; over 90 s it is said that the van may be elsewhere."""
    page = phones(place=office.place, bypass_csp=True).open(f"{city.url}/#mobil")
    van = page.locator(f'li[data-type="van"][data-id="{office.van}"]')
    expect(van).to_be_visible()
    office.crew.run("van.depart", van=office.van)
    office.drives(office.place[0] - 0.006, office.place[1], ago_s=240)
    expect(van).to_have_attribute("data-stale", "")
    expect(van).to_contain_text("posisi terakhir 4 mnt lalu, mungkin sudah berpindah")
    seen(page, "vans/fix-old", part="#page", at=f'li[data-id="{office.van}"]')
    office.drives(office.place[0] - 0.005, office.place[1])
    expect(van).not_to_have_attribute("data-stale", "")
    expect(van).to_contain_text("posisi")
    van.locator('[data-act="van.follow"]').click()
    expect(page.locator(f'.trip [data-type="stop"][data-id="{office.stops[0]}"]')).to_be_visible()
    seen(page, "vans/follow", at=f'li[data-id="{office.van}"]')
    office.crew.run("van.arrive", van=office.van, stop=office.stops[0])
    expect(page.locator(".arrived")).to_contain_text(f"{office.name} sudah tiba di Pos Dekat")
    seen(page, "vans/arrived", part="#page", at=".arrived")
    van.locator('[data-act="van.follow"]').click()


def test_without_a_place_a_kelurahan_gives_the_order(phones: Phones, city: City, office: Office) -> None:
    """Nobody is asked unawares: the page names why it asks, takes a refusal, and a kelurahan instead."""
    page = phones(place=None, bypass_csp=True).open(f"{city.url}/#mobil")
    expect(page.get_by_text("Lokasi hanya dipakai di HP ini")).to_be_visible()
    expect(page.get_by_text("Pilih kelurahan supaya yang terdekat")).to_be_visible()
    seen(page, "vans/placeless")
    page.get_by_role("button", name="Pakai lokasi saya").click()
    expect(page.get_by_text("Pilih kelurahan saja.")).to_be_visible()
    page.get_by_label("Kelurahan", exact=True).select_option("wates")
    expect(page.locator(".stop-where").first).to_contain_text("Wates")
    expect(stop_card(page, "t05").locator(".stop-where")).not_to_contain_text(" m ")


def test_my_service_and_its_papers(phones: Phones, city: City, office: Office) -> None:
    """A service leads to the stops that have it, with the numbers left; its papers are a list that stays ticked."""
    page = phones(place=office.place, bypass_csp=True).open(f"{city.url}/#mobil")
    page.locator('.chip[data-service="KTP"]').click()
    near = stop_card(page, office.stops[0])
    expect(near).to_contain_text("sisa 1 nomor")
    expect(stop_card(page, office.stops[1])).to_have_count(0)
    seen(page, "vans/service", at=".van-near")
    open_stop(page, office.stops[0])
    paper = page.get_by_label("KK asli")
    paper.check()
    seen(page, "vans/stop")
    page.reload()
    expect(page.get_by_label("KK asli")).to_be_checked()
    expect(page.get_by_label("Buku nikah")).not_to_be_checked()


def test_a_reminder_rings_wherever_the_resident_is(phones: Phones, city: City, office: Office) -> None:
    """Only while the page is open, it says; it rings on every page until it is dismissed, and is silent in a call."""
    office.today(25, 50)  # nobody foretells it yet: it may come 25 min from now, and not earlier
    page = phones(place=office.place, bypass_csp=True).open(f"{city.url}/#mobil")
    open_stop(page, office.stops[0])
    expect(page.get_by_text("Hanya berbunyi selama halaman ini terbuka")).to_be_visible()
    page.locator('[data-part="wake"] button').click()
    expect(page.get_by_text("Izin notifikasi ditolak.")).to_be_visible()
    seen(page, "vans/wake-denied", part=".van-remind")
    page.get_by_label("5 menit").check(force=True)
    page.locator('[data-act="reminder.set"]').click()
    mine = page.locator(f'.van-mine [data-type="reminder"][data-id="{office.stops[0]}"]')
    expect(mine).to_have_attribute("data-state", "set")
    expect(mine).to_contain_text("Diingatkan 5 menit sebelum")
    seen(page, "vans/reminder-set")
    page.locator(".page-back").click()
    page.locator(".page-back").click()
    expect(page.locator('.strip-line[data-type="reminder"]')).to_contain_text("Diingatkan 5 menit")
    bar = page.locator(f'#van-ring [data-type="reminder"][data-id="{office.stops[0]}"]')
    expect(bar).to_have_count(0)
    office.today(3, 30)
    expect(bar).to_be_visible(timeout=15_000)
    expect(bar).to_have_attribute("data-ringing", "")
    for selector in ("#call", '#home a[href="tel:119"]', '#home a[href="tel:112"]'):
        expect(page.locator(selector)).to_be_in_viewport(ratio=1)
    seen(page, "resident/reminder-rings")
    assert page.evaluate(RINGS)
    page.locator("#drill").click()
    page.locator("#sheet-yes").press("Enter")
    expect(page.locator("#emergency")).to_be_visible()
    expect(bar).to_be_hidden()
    page.wait_for_function(f"async () => !(await ({RINGS})())")
    page.goto(f"{city.url}/#cari")
    expect(bar).to_be_visible()
    page.wait_for_function(f"async () => await ({RINGS})()")
    expect(page.get_by_role("heading", level=1)).to_be_visible()
    seen(page, "market/reminder-rings")
    page.goto(f"{city.url}/#mobil")
    page.add_init_script(BLOCKS)
    page.reload()
    expect(page.get_by_text("Suara masih terkunci.")).to_be_visible(timeout=15_000)
    seen(page, "vans/ring-blocked")
    bar.locator('[data-act="reminder.dismiss"]').click()
    expect(bar).to_have_count(0)
    assert not page.evaluate(RINGS)
    page.goto(f"{city.url}/#mobil")
    expect(page.locator('.van-mine [data-type="reminder"]')).to_have_count(0)
    page.reload()
    expect(stop_card(page, office.stops[0])).to_be_visible(timeout=15_000)
    expect(bar).to_have_count(0)


def test_a_number_is_taken_called_and_served(phones: Phones, city: City, office: Office) -> None:
    """My number, how many are ahead, when to set out, my turn; each in the strip too."""
    first = office.resident().give("ticket.take", stop=office.stops[0], service="KK")
    page = phones(place=office.place, bypass_csp=True).open(f"{city.url}/#mobil")
    open_stop(page, office.stops[0])
    page.get_by_label("Nama untuk dipanggil petugas").fill("Wulan")
    take(page, "KK")
    mine = ticket(page, "go")
    expect(mine).to_be_visible()
    expect(mine.locator(".ticket-number")).to_contain_text("2")
    expect(mine).to_contain_text("Berangkat sekarang")
    expect(page.locator('[data-act="ticket.take"][data-service="KK"]')).to_be_hidden()
    seen(page, "vans/ticket-go")
    office.crew.run("van.arrive", van=office.van, stop=office.stops[0])
    office.crew.run("ticket.call", service="KK")
    expect(mine).to_contain_text("Sekarang nomor 1")
    office.crew.run("ticket.serve", ticket=first["ticket"])
    called = office.crew.run("ticket.call", service="KK")
    expect(ticket(page, "called")).to_contain_text("Giliran Anda")
    seen(page, "vans/ticket-called")
    office.crew.run("ticket.no_show", ticket=called["ticket"])
    expect(ticket(page, "no_show")).to_contain_text("Masih bisa datang 2:")
    seen(page, "vans/ticket-no-show")
    office.crew.run("ticket.call", ticket=called["ticket"])
    expect(ticket(page, "called")).to_be_visible()
    office.crew.run("ticket.serve", ticket=called["ticket"])
    expect(ticket(page, "served")).to_contain_text("Selesai dilayani")
    take(page, "KTP")
    expect(ticket(page, "go")).to_be_visible()
    office.crew.run("van.depart", van=office.van, stop=office.stops[0])
    expect(ticket(page, "expired")).to_contain_text("Mobil sudah pergi")
    seen(page, "vans/ticket-over", part="#page", at=".van-mine")
    page.goto(f"{city.url}/#")
    expect(page.locator('.strip-line[data-type="ticket"][data-state="served"]')).to_contain_text("No. 2 KK")


def test_a_used_up_quota_names_the_next_chance(phones: Phones, city: City, office: Office) -> None:
    """The last number is gone: the next visit with numbers is named and taken from here, and can be cancelled; it is
    named again where today's trip is cancelled."""
    ahead = CLOCK.day(round(time.time() * 1000)) + timedelta(days=3)
    office.week(ahead.weekday(), 9 * 60)
    office.today(25, 50)  # so late that the reminder is not yet due
    office.resident().give("ticket.take", stop=office.stops[0], service="KTP")
    page = phones(place=office.place, bypass_csp=True).open(f"{city.url}/#mobil")
    open_stop(page, office.stops[0])
    card = service(page, "KTP")
    expect(card).to_have_attribute("data-state", "full")
    expect(card).to_contain_text("habis. Kesempatan berikutnya")
    expect(card).to_contain_text("09.00")
    seen(page, "vans/quota-used-up")
    take(page, "KTP")
    mine = ticket(page, "waiting")
    expect(mine).to_contain_text("09.00")
    expect(mine).to_contain_text("Anda berikutnya")
    seen(page, "vans/ticket-waiting", part="#page", at=".van-mine")
    mine.locator('[data-act="ticket.cancel"]').click()
    expect(ticket(page, "cancelled")).to_contain_text("Nomor dibatalkan")
    seen(page, "vans/ticket-cancelled")
    page.locator('[data-act="reminder.set"]').click()
    expect(page.locator('.van-mine [data-type="reminder"][data-state="set"]')).to_be_visible()
    office.desk.run("trip.cancel", van=office.van, reason="Ban bocor")
    over = page.locator('.van-mine [data-type="reminder"][data-state="over"]')
    expect(over).to_contain_text("Kunjungan dibatalkan")
    expect(over).to_contain_text("Kesempatan berikutnya")
    seen(page, "vans/reminder-over", part="#page", at=".van-mine")
    page.locator(".page-back").click()
    van = page.locator(f'li[data-type="van"][data-id="{office.van}"]')
    expect(van).to_contain_text("Perjalanan hari ini dibatalkan")
    seen(page, "vans/cancelled", part="#page", at=f'li[data-id="{office.van}"]')


def test_asking_for_a_stop_promises_nothing(phones: Phones, city: City, office: Office) -> None:
    """The name is counted, how many asked is said, and from 50 on it goes to the office; it may not come. A stop that
    no van is planned for says so, and so does one that there is not."""
    page = phones(place=None, bypass_csp=True).open(f"{city.url}/#mobil")
    page.get_by_role("link", name="Minta mobil datang ke sini").click()
    expect(page.get_by_text("Belum tentu mobil datang.")).to_be_visible()
    page.locator('[data-act="stop.ask"]').click()
    expect(page.get_by_text("Pilih dulu kelurahannya.")).to_be_visible()
    page.get_by_label("Di kelurahan").select_option("blooto")
    page.get_by_label("KTP").check(force=True)
    seen(page, "vans/ask")
    page.locator('[data-act="stop.ask"]').click()
    asked = page.locator('[data-type="asked"][data-id="blooto"]')
    expect(asked).to_contain_text("1 orang di Blooto meminta bulan ini")
    expect(asked).to_contain_text("Belum tentu mobil datang.")
    expect(page.locator('[data-act="stop.ask"]')).to_be_hidden()
    seen(page, "vans/asked")
    new = office.stop(f"Pos Baru {office.van}", *office.place, [KK])
    page.goto(f"{city.url}/#mobil/titik/{new}")
    expect(page.get_by_text("Belum ada jadwal")).to_be_visible()
    seen(page, "vans/unplanned", part="#page")
    page.goto(f"{city.url}/#mobil/titik/x")
    expect(page.get_by_text("Perhentian ini tidak ada.")).to_be_visible()
    seen(page, "vans/stop-gone", part="#page")


def test_a_reminder_ends_with_its_visit(phones: Phones, city: City, office: Office) -> None:
    """Left out, or gone again: the reminder says which."""
    office.today(25, 50)
    page = phones(place=office.place, bypass_csp=True).open(f"{city.url}/#mobil")
    open_stop(page, office.stops[0])
    over = page.locator('.van-mine [data-type="reminder"][data-state="over"]')
    page.locator('[data-act="reminder.set"]').click()
    expect(page.locator('.van-mine [data-type="reminder"][data-state="set"]')).to_be_visible()
    office.crew.run("van.skip", van=office.van, stop=office.stops[0])
    expect(over).to_contain_text("Mobil tidak mampir")
    seen(page, "vans/reminder-skipped", part="#page", at=".van-mine")
    page.goto(f"{city.url}/#mobil/titik/{office.stops[1]}")
    page.locator('[data-act="reminder.set"]').click()
    expect(page.locator('.van-mine [data-type="reminder"][data-state="set"]')).to_be_visible()
    office.crew.run("van.arrive", van=office.van, stop=office.stops[1])
    expect(page.locator(f'#van-ring [data-id="{office.stops[1]}"]')).to_be_visible()
    office.crew.run("van.depart", van=office.van, stop=office.stops[1])
    expect(over).to_contain_text("Mobil sudah pergi")
    seen(page, "vans/reminder-departed", part="#page", at=".van-mine")
