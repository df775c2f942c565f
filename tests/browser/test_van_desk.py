"""The van desk: a real day beside its timetable, and every change that a desk makes to it."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from channels.van_days import MINUTE_MS, day_start
from tests.browser.city import City
from tests.browser.hours import CLOCK
from tests.browser.phone import Phones
from tests.browser.seen import check, seen
from tests.browser.staff import Staff
from tests.browser.van_day import SOON, Day, card_of, desk_page, fits, sheet_of, stop_of, yes

# A follower's client: keeps each view of the van that it hears.
FOLLOW = """async (van) => {
  const { connect } = await import("/client/kentongan.js");
  const kt = connect({ device: "cd".repeat(32) });
  await new Promise((resolve) => {
    const topic = kt.join(`van/${van}`, { onChange: () => { window.kt_van = topic.things.get(van); resolve(); } });
  });
}"""
ROW = """([stop, key]) => {
  const row = (window.kt_van.trip || []).find((one) => one.stop === stop);
  return row && row[key];
}"""

pytestmark = pytest.mark.timeout(120)


def test_a_day_is_followed_beside_its_timetable(phones: Phones, city: City, day: Day) -> None:
    """Arrivals stand beside the timetable with their delay, predictions are counted, and both plots say the figures."""
    page = desk_page(phones, city, bypass_csp=True)
    card = card_of(page, day.van)
    expect(card).to_have_attribute("data-trip", "planned")
    expect(card).to_contain_text("tanpa titik")
    plot = page.locator(f'[data-type="punctuality"][data-id="{day.van}"]')
    expect(plot).to_have_attribute("data-state", "empty")
    expect(plot).to_contain_text("belum ada kedatangan")
    score = page.locator('[data-type="eta_score"]')
    before = {key: int(score.get_attribute(f"data-{key}") or 0) for key in ("good", "all")}
    day.plan()
    first = stop_of(page, day, 0)
    expect(first).to_have_attribute("data-eta", "schedule", timeout=SOON)
    expect(first).to_contain_text("menurut jadwal")
    crew = day.crew()
    for stop, cmd in ((0, "van.arrive"), (0, "van.depart"), (1, "van.arrive")):
        crew.give(cmd, van=day.van, stop=day.stops[stop])
    expect(first).to_have_attribute("data-state", "departed")
    expect(card).to_have_attribute("data-state", "at_stop")
    for stop in (0, 1):
        row = day.row(stop)
        late = (row["arrived_at"] - row["scheduled_at"]) / MINUTE_MS
        shown = float(stop_of(page, day, stop).get_attribute("data-late") or "nan")
        assert abs(shown - late) <= 0.06
        mark = plot.locator(f'[data-type="arrival"][data-stop="{day.stops[stop]}"]')
        assert float(mark.get_attribute("data-late") or "nan") == shown
        expect(mark).to_have_attribute("data-ontime", str(-1 <= late <= 5).lower())
    expect(stop_of(page, day, 1)).to_contain_text("lebih awal")
    expect(plot).to_have_attribute("data-all", "2")
    expect(plot.locator("figcaption")).to_contain_text("1 dari 2 kedatangan tepat waktu (50%)")
    scored = day.desk.things("dispatch/van")[day.van]["eta_score"]
    assert sum(many for _, many in scored.values()) >= 1
    all_ = before["all"] + sum(many for _, many in scored.values())
    expect(score).to_have_attribute("data-all", str(all_))
    for bucket, (good, many) in scored.items():
        bar = score.locator(f'[data-bucket="{bucket}"]')
        assert int(bar.get_attribute("data-good") or -1) >= good
        assert int(bar.get_attribute("data-all") or -1) >= many
    seen(page, "dispatch/van-day", at=f'.van-card[data-id="{day.van}"]')


def test_where_a_van_is_is_as_old_as_its_fix(phones: Phones, city: City, day: Day) -> None:
    """A tracker's fix puts the van on the map with its age; without one the desk says that there is none."""
    page = desk_page(phones, city)
    line = card_of(page, day.van).locator('[data-part="fix"]')
    expect(line).to_have_attribute("data-fix", "none")
    key = day.desk.give("van.tracker", van=day.van)["key"]
    query = f"id={key}&lat=-7.4733&lon=112.4353"
    assert day.http.get(f"{city.url}/v1/trackers/osmand?{query}").ok
    expect(line).to_have_attribute("data-fix", "fresh")
    expect(page.locator(".van-map .dot-van").first).to_be_visible()


def test_queues_stand_at_their_stop(phones: Phones, city: City, day: Day) -> None:
    """Tickets are counted beside the stop they are for, and a change there says how many people will hear of it."""
    day.plan()
    for _ in range(2):
        Staff(day.http, city, "resident").give("ticket.take", stop=day.stops[1], service="KTP")
    page = desk_page(phones, city, bypass_csp=True)
    queue = stop_of(page, day, 1).locator('[data-type="queue"]')
    expect(queue).to_have_attribute("data-waiting", "2")
    expect(queue).to_have_attribute("data-state", "open")
    expect(queue).to_contain_text("2 dari 5 nomor")
    stop_of(page, day, 1).get_by_role("button", name="Lewati").click()
    expect(sheet_of(page)).to_contain_text("Juga 2 orang yang menunggu di antrean.")
    seen(page, "dispatch/van-skip", part="#van-sheet")
    sheet_of(page).get_by_role("button", name="Tidak jadi").click()
    expect(sheet_of(page)).to_be_hidden()
    assert day.row(1)["state"] == "expected"


def test_the_day_is_changed_and_followers_see_it(phones: Phones, city: City, day: Day) -> None:
    """A stop is moved, skipped, taken back, added, and the trip cancelled with its reason: a follower sees each."""
    day.plan()
    follower = phones().open(city.url)
    follower.evaluate(FOLLOW, day.van)
    page = desk_page(phones, city, bypass_csp=True)

    def followed(stop: int, key: str, value: object) -> None:
        follower.wait_for_function(
            f"([stop, key, value]) => ({ROW})([stop, key]) === value", arg=[day.stops[stop], key, value]
        )

    stop_of(page, day, 1).get_by_role("button", name="Pindah jam").click()
    expect(sheet_of(page)).to_contain_text("Yang diberi tahu: warga yang mengikuti mobil ini")
    seen(page, "dispatch/van-move", part="#van-sheet")
    time_field = sheet_of(page).locator('[name="time"]')
    expect(time_field).to_be_focused()
    time_field.fill(day.clock(2))
    yes(page, "trip.save")
    expect(sheet_of(page).locator(".why").first).to_contain_text("Jam ini sudah dipakai Titik wates")
    expect(time_field).to_have_value(day.clock(2))
    time_field.fill(day.clock(1, 5))
    yes(page, "trip.save")
    expect(sheet_of(page)).to_be_hidden()
    followed(1, "scheduled_at", day_start(day.today, CLOCK.ms) + (day.minutes[1] + 5) * MINUTE_MS)

    stop_of(page, day, 2).get_by_role("button", name="Lewati").click()
    yes(page, "trip.save")
    followed(2, "state", "cancelled")
    expect(stop_of(page, day, 2)).to_have_attribute("data-state", "cancelled")
    stop_of(page, day, 2).get_by_role("button", name="Jadikan lagi").click()
    yes(page, "trip.save")
    followed(2, "state", "expected")

    card = card_of(page, day.van)
    card.get_by_role("button", name="Tambah titik").click()
    yes(page, "trip.save")
    expect(sheet_of(page)).to_contain_text("Pilih titiknya dulu.")
    sheet_of(page).locator('[name="stop"]').select_option("+")
    sheet_of(page).locator('[name="stop_name"]').fill(f"Pasar {day.van}")
    sheet_of(page).locator('[name="stop_kelurahan"]').select_option("miji")
    sheet_of(page).locator('[name="time"]').fill(day.clock(0, 30))
    seen(page, "dispatch/van-add", part="#van-sheet")
    yes(page, "trip.save")
    expect(card.locator('[data-type="stop"]')).to_have_count(4)
    follower.wait_for_function("name => window.kt_van.trip.some((row) => row.name === name)", arg=f"Pasar {day.van}")

    card.get_by_role("button", name="Batalkan perjalanan").click()
    yes(page, "trip.cancel")
    expect(sheet_of(page)).to_contain_text("Tulis alasannya")
    check(page, part="#van-sheet")
    sheet_of(page).locator('[name="reason"]').fill("Ban bocor di Jalan Gajah Mada")
    yes(page, "trip.cancel")
    expect(card).to_have_attribute("data-trip", "cancelled")
    expect(card).to_contain_text("Alasan: Ban bocor di Jalan Gajah Mada")
    follower.wait_for_function("() => window.kt_van.reason === 'Ban bocor di Jalan Gajah Mada'")
    seen(page, "dispatch/van-cancelled", part=f'.van-card[data-id="{day.van}"]')
    card.get_by_role("button", name="Jalankan lagi").click()
    yes(page, "trip.save")
    follower.wait_for_function("() => window.kt_van.trip_state === 'planned' && !window.kt_van.reason")


def test_what_the_hub_refuses_is_said_and_kept(phones: Phones, city: City, day: Day) -> None:
    """A trip that was over meanwhile cannot be cancelled: the sheet stays, says so, and keeps what was typed."""
    day.plan()
    page = desk_page(phones, city, bypass_csp=True)
    card_of(page, day.van).get_by_role("button", name="Batalkan perjalanan").click()
    sheet_of(page).locator('[name="reason"]').fill("Mogok")
    day.desk.give("trip.cancel", van=day.van, reason="Hujan")
    yes(page, "trip.cancel")
    expect(sheet_of(page)).to_contain_text("Perjalanan ini sudah berubah.")
    seen(page, "dispatch/van-refused", part="#van-sheet")
    expect(sheet_of(page).locator('[name="reason"]')).to_have_value("Mogok")


def test_the_desk_fits_a_phone_and_its_keys(phones: Phones, city: City, day: Day) -> None:
    """At 360 px nothing runs off the screen, and with the Tab key every button of the day is reached."""
    day.plan()
    page = desk_page(phones, city, viewport={"width": 360, "height": 640})
    buttons = card_of(page, day.van).locator("button:visible")
    expect(stop_of(page, day, 2)).to_be_visible()
    fits(page)
    many = buttons.count()
    buttons.first.focus()
    for _ in range(many - 1):
        page.keyboard.press("Tab")
    expect(buttons.last).to_be_focused()
    assert min(box["height"] for one in buttons.all() if (box := one.bounding_box())) >= 48
