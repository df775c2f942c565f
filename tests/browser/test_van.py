"""The crew's page: one big button for the next stop, and the van's position for those who wait."""

from __future__ import annotations

from playwright.sync_api import Page, expect

from tests.browser.city import City
from tests.browser.phone import NEAR, Phone, Phones
from tests.browser.seen import seen
from tests.browser.van_day import Day

# A follower's client: resolves once it has the van, and keeps what it hears of its place.
FOLLOW = """async () => {
  const { connect } = await import("/client/kentongan.js");
  const kt = connect({ device: "ab".repeat(32) });
  window.kt_fixes = [];
  await new Promise((resolve) => {
    kt.join("van/v1", { onChange: resolve, onMoved: (id, { lat, lon }) => window.kt_fixes.push([lat, lon]) });
  });
}"""
NORTH = (NEAR[0] + 0.0001, NEAR[1])
FARTHER_NORTH = (NEAR[0] + 0.0002, NEAR[1])


def crew(phones: Phones, city: City) -> tuple[Phone, Page]:
    phone = phones(place=NEAR)
    page = phone.sign_in(city.enrol("crew", "Darmo", van="v1"))
    expect(page.locator('#van-state[data-id="v1"]')).to_be_visible()
    return phone, page


def test_the_next_stop_is_reached_and_left(phones: Phones, city: City) -> None:
    """ "Sudah tiba" and "Berangkat" are one tap each; then the next stop is asked for."""
    _, page = crew(phones, city)
    leave_stop(page)
    arrive = page.locator('[data-act="van.arrive"]')
    stop = arrive.get_attribute("data-stop")
    arrive.click()
    expect(page.locator('#van-state[data-state="at_stop"]')).to_be_visible()
    page.locator(f'[data-act="van.depart"][data-stop="{stop}"]').click()
    expect(page.locator(f'[data-type="stop"][data-id="{stop}"][data-state="departed"]')).to_be_attached()
    expect(arrive).not_to_have_attribute("data-stop", str(stop))


def test_a_stop_is_skipped_only_after_a_second_yes(phones: Phones, city: City) -> None:
    """ "Lewati" asks first: "Tidak" changes nothing, "Ya, lewati" leaves the stop out."""
    _, page = crew(phones, city)
    leave_stop(page)
    stop = page.locator('[data-act="van.arrive"]').get_attribute("data-stop")
    page.get_by_role("button", name="Lewati", exact=True).click()
    page.get_by_role("button", name="Tidak", exact=True).click()
    expect(page.locator('[data-act="van.arrive"]')).to_have_attribute("data-stop", str(stop))
    page.get_by_role("button", name="Lewati", exact=True).click()
    page.locator(f'[data-act="van.skip"][data-stop="{stop}"]').click()
    expect(page.locator(f'[data-type="stop"][data-id="{stop}"][data-state="skipped"]')).to_be_attached()


def test_followers_hear_where_the_van_is(phones: Phones, city: City) -> None:
    """The crew's phone sends its place while it is allowed to, and a follower's table hears it move: the last of some
    quick moves too."""
    phone, page = crew(phones, city)
    expect(page.locator('#share[data-state="sending"]')).to_be_visible()
    follower = phones().open(city.url)
    follower.evaluate(FOLLOW)
    for place in (NORTH, FARTHER_NORTH):
        phone.move(place)
        follower.wait_for_function("place => window.kt_fixes.some((fix) => `${fix}` === `${place}`)", arg=place)
    page.get_by_role("button", name="Berhenti kirim").click()
    expect(page.locator('#share[data-state="off"]')).to_be_visible()


def leave_stop(page: Page) -> None:
    """Drive on, should an earlier test have left the van at a stop."""
    departing = page.locator('.huge[data-act="van.depart"]')
    expect(page.locator(".huge")).to_be_visible()
    if departing.count():
        departing.click()
    expect(page.locator('[data-act="van.arrive"]')).to_be_visible()


def test_a_day_without_a_trip_and_one_that_is_cancelled(phones: Phones, city: City, day: Day) -> None:
    """Nothing is planned; the desk plans a trip, changes it, cancels it: each stands until the crew says it was read.

    A page that was loaded again waits for one tap before it can ring; a phone without a position says so.
    """
    phone = phones(place=NEAR, bypass_csp=True)
    page = phone.sign_in(city.enrol("crew", "Darmo", van=day.van))
    expect(page.locator('#now [data-step="no_trip"]')).to_be_visible(timeout=10_000)
    seen(page, "van/no-trip")
    day.plan()
    expect(page.locator('[data-act="van.arrive"]')).to_be_visible()
    news = page.locator(f'#news[data-type="news"][data-id="{day.van}"]')
    expect(news).to_contain_text("Hari ini ada perjalanan untuk mobil ini")
    expect(page.locator('body[data-ringing="true"]')).to_be_attached()
    news.locator('[data-act="news.seen"]').click()
    expect(news).to_have_count(0)
    expect(page.locator('body[data-ringing="false"]')).to_be_attached()
    expect(page.locator("#wake-state")).to_contain_text("Ponsel ini berbunyi")
    day.minutes[1] += 5
    left_out = day.stops.pop()
    day.minutes.pop()
    day.plan()
    expect(news.locator(f'[data-stop="{day.stops[1]}"][data-kind="moved"]')).to_contain_text("jadi pukul")
    expect(news.locator(f'[data-stop="{left_out}"][data-kind="cancelled"]')).to_contain_text("tidak didatangi")
    seen(page, "van/news")
    news.locator('[data-act="news.seen"]').click()
    expect(news).to_have_count(0)
    phone.context.clear_permissions()
    page.reload()
    expect(page.locator("#locked")).to_be_visible(timeout=10_000)
    expect(page.locator("#wake-state")).to_have_text("Ponsel ini hanya saat dibuka bisa berbunyi.")
    seen(page, "van/sound-locked")
    page.locator('#share [data-act="van.position"]').click()
    expect(page.locator("#locked")).to_be_hidden()
    expect(page.locator('#share[data-state="failed"]')).to_contain_text("Posisi tidak bisa dibaca")
    seen(page, "van/no-position", at="#share")
    day.desk.give("trip.cancel", van=day.van, reason="Mobil mogok")
    expect(page.locator('#now [data-step="cancelled"]')).to_be_visible()
    expect(page.locator("#now")).to_contain_text("Mobil mogok")
    expect(news).to_contain_text("Perjalanan hari ini dibatalkan")
    news.locator('[data-act="news.seen"]').click()
    expect(news).to_have_count(0)
    seen(page, "van/cancelled")


def test_a_van_that_is_not_there_is_said(phones: Phones, city: City) -> None:
    """A link for a van that the city does not have leads to a sentence, not to an empty page."""
    page = phones(place=NEAR, bypass_csp=True).sign_in(city.enrol("crew", "Darmo", van="v9"))
    expect(page.locator("#unknown")).to_contain_text("Mobil ini belum terdaftar. Hubungi petugas kota.")
    expect(page.locator("#desk")).to_be_hidden()
    seen(page, "van/unknown")
