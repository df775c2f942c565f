"""The crew's day on "/van": the queue of the stop where it stands, those to come, and what the trip came to."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import APIRequestContext, Locator, Page, Playwright, expect

from tests.browser.city import City
from tests.browser.crew_day import Desk
from tests.browser.phone import NEAR, Phone, Phones
from tests.browser.seeker import Seeker
from tests.browser.seen import check, seen

SLOW_MS = 20_000
NAMES = ("Bu Sri", "", "Pak Yanto", "Wulan")

pytestmark = pytest.mark.timeout(180)


@pytest.fixture
def desk(http: APIRequestContext, city: City) -> Desk:
    return Desk(http, city)


@pytest.fixture
def people(driver: Playwright, city: City) -> Iterator[list[Seeker]]:
    """Four residents."""
    contexts = [driver.request.new_context() for _ in NAMES]
    yield [Seeker(http, city) for http in contexts]
    for http in contexts:
        http.dispose()


def crew(phones: Phones, city: City, van: str) -> tuple[Phone, Page]:
    phone = phones(place=NEAR, bypass_csp=True)
    page = phone.sign_in(city.enrol("crew", "Darmo", van=van))
    page.set_default_timeout(SLOW_MS)
    expect(page.locator(f'#van-state[data-id="{van}"]')).to_be_visible(timeout=SLOW_MS)
    return phone, page


def reads(page: Page) -> None:
    """The crew says that it knows of the trip that its desk has just made."""
    page.locator('#news [data-act="news.seen"]').click()
    expect(page.locator("#news")).to_be_hidden(timeout=SLOW_MS)


def take(people: list[Seeker], stop: str, service: str = "KTP", count: int = 3) -> list[str]:
    """Numbers of the first few people; the tickets."""
    given = zip(people[:count], NAMES, strict=False)
    return [str(who.give("ticket.take", stop=stop, service=service, name=name)["ticket"]) for who, name in given]


def arrive(page: Page) -> None:
    page.locator('[data-act="van.arrive"]').click()
    expect(page.locator('body[data-step="serve"]')).to_be_attached(timeout=SLOW_MS)


def queue(page: Page, service: str = "KTP") -> Locator:
    return page.locator("#queue .queue", has=page.get_by_role("heading", name=service, exact=True))


def called(page: Page, ticket: str) -> Locator:
    return page.locator(f'#queue .called[data-type="ticket"][data-id="{ticket}"][data-state="called"]')


def shows(locator: Locator) -> None:
    expect(locator).to_be_visible(timeout=SLOW_MS)


def says(locator: Locator, text: str) -> None:
    expect(locator).to_contain_text(text, timeout=SLOW_MS)


def test_a_queue_is_worked_through(phones: Phones, city: City, desk: Desk, people: list[Seeker]) -> None:
    """Call, nobody comes, the next, call back within the grace, served; leaving with people waiting is asked first."""
    first, second = desk.office("q1")
    tickets = take(people, first)
    take(people, second, "KK", 2)
    _, page = crew(phones, city, "q1")
    says(page.locator("#coming summary"), "5 nomor")
    arrive(page)
    says(queue(page), "kuota 3, habis")
    says(page.locator("#coming summary"), "2 nomor")
    page.locator('[data-act="ticket.call"]').click()
    shows(called(page, tickets[0]))
    expect(called(page, tickets[0])).to_contain_text("Bu Sri")
    page.locator('[data-act="ticket.no_show"]').click()
    absent = page.locator(f'#queue .absent [data-id="{tickets[0]}"][data-state="no_show"]')
    shows(absent)
    expect(absent).to_contain_text(re.compile(r"sisa [0-2]:\d\d"))
    page.locator('.call-next[data-act="ticket.call"]').click()
    shows(called(page, tickets[1]))
    absent.locator('[data-act="ticket.call"]').click()
    says(queue(page).locator('.said[data-kind="error"]'), "Nomor 2 masih dipanggil. Selesaikan dulu.")
    page.locator('[data-act="ticket.serve"]').click()
    absent.locator('[data-act="ticket.call"]').click()
    shows(called(page, tickets[0]))
    expect(absent).to_have_count(0)
    page.locator('[data-act="ticket.serve"]').click()
    expect(called(page, tickets[0])).to_have_count(0, timeout=SLOW_MS)
    page.locator('[data-open="depart"]').click()
    says(page.locator("#now .ask"), "Masih 1 nomor belum dilayani")
    page.get_by_role("button", name="Tidak", exact=True).click()
    page.locator('.call-next[data-act="ticket.call"]').click()
    shows(called(page, tickets[2]))
    page.locator('[data-act="ticket.no_show"]').click()
    page.locator('.huge[data-act="van.depart"]').click()
    arrive(page)
    shows(queue(page, "KK"))
    page.locator('.call-next[data-act="ticket.call"]').click()
    page.locator('[data-act="ticket.serve"]').click()
    page.locator('[data-open="depart"]').click()
    page.locator('[data-act="van.depart"]').click()
    says(page.locator("#summary"), "3 orang dilayani")
    says(page.locator("#summary"), "2 didatangi, 0 dilewati")
    for name, value in (("KK", 1), ("KTP", 2), ("Dipanggil, tidak datang", 1), ("Punya nomor, belum dilayani", 1)):
        row = page.locator("#summary dl div", has=page.get_by_text(name, exact=True))
        expect(row.locator("dd")).to_have_text(f"{value} orang")


def test_two_phones_of_one_crew(phones: Phones, city: City, desk: Desk, people: list[Seeker]) -> None:
    """What one phone does is said on the other; a tap that came second changes nothing and says why."""
    first, _ = desk.office("q2")
    tickets = take(people, first)
    _, one = crew(phones, city, "q2")
    other_phone, other = crew(phones, city, "q2")
    arrive(one)
    expect(other.locator("#news")).to_be_hidden(timeout=SLOW_MS)  # who drives knows of the trip, on all phones
    shows(queue(other))
    one.locator('[data-act="ticket.call"]').click()
    shows(called(one, tickets[0]))
    says(queue(other).locator('.said[data-kind="other"]'), "Nomor 1 dipanggil dari HP lain.")
    stands(other, "van/other-phone")
    # The other phone taps what it saw before it lost its line: the first tap stands.
    other_phone.offline(True)
    shows(other.locator("#line.lost"))
    other.locator('[data-act="ticket.no_show"]').click()
    says(queue(other).locator('.said[data-kind="unsure"]'), "Belum pasti")
    one.locator('[data-act="ticket.serve"]').click()
    expect(called(one, tickets[0])).to_have_count(0, timeout=SLOW_MS)
    other_phone.offline(False)
    says(queue(other).locator('.said[data-kind="error"]'), "Nomor 1 sudah dicatat selesai. Tidak ada yang diubah.")
    expect(called(other, tickets[0])).to_have_count(0)
    expect(other.locator('[data-state="no_show"]')).to_have_count(0)
    stands(other, "van/refused")


def test_a_tap_without_a_line(phones: Phones, city: City, desk: Desk, people: list[Seeker]) -> None:
    """It is shown as not confirmed, nothing is drawn as done, and it counts once when the line is back."""
    first, _ = desk.office("q3")
    tickets = take(people, first)
    phone, page = crew(phones, city, "q3")
    arrive(page)
    shows(queue(page))
    phone.offline(True)
    shows(page.locator("#line.lost"))
    page.locator('[data-act="ticket.call"]').click()
    says(queue(page).locator('.said[data-kind="unsure"]'), "Belum pasti sampai. Mencoba lagi")
    expect(called(page, tickets[0])).to_have_count(0)
    phone.offline(False)
    shows(called(page, tickets[0]))
    expect(queue(page).locator(".said")).to_be_empty(timeout=SLOW_MS)
    says(queue(page), "2 menunggu")


def test_a_stop_is_skipped_with_a_reason_and_reached_after_all(phones: Phones, city: City, desk: Desk) -> None:
    """The reason stands in the list; "Tetap ke sini" takes the van there after all, the only undo that there is."""
    first, _ = desk.office("q4")
    _, page = crew(phones, city, "q4")
    reads(page)
    page.get_by_role("button", name="Lewati", exact=True).click()
    page.locator('[data-reason="road"]').click()
    expect(page.locator('[data-reason="road"]')).to_have_attribute("aria-pressed", "true")
    page.locator(f'[data-act="van.skip"][data-stop="{first}"]').click()
    row = page.locator(f'#trip [data-type="stop"][data-id="{first}"]')
    expect(row).to_have_attribute("data-state", "skipped", timeout=SLOW_MS)
    says(row, "dilewati: Jalan tertutup")
    row.locator('[data-open="again"]').click()
    stands(page, "van/again")
    page.locator(f'[data-act="van.arrive"][data-stop="{first}"]').click()
    expect(row).to_have_attribute("data-state", "arrived", timeout=SLOW_MS)
    says(page.locator("#queue .none"), "Belum ada yang ambil nomor")
    stands(page, "van/queue-empty")


def stands(page: Page, state: str) -> None:
    """Seen, and nothing to tap is smaller than 44 px."""
    small = page.evaluate(
        "[...document.querySelectorAll('button')].filter((each) => each.offsetParent && each.offsetHeight < 44)"
        ".map((each) => each.textContent)"
    )
    assert small == []
    seen(page, state)


def test_every_state_can_be_read(phones: Phones, city: City, desk: Desk, people: list[Seeker]) -> None:
    """Next stop, skipping, a queue before and after a call, a no-show, sunlight, offline, leaving, after the trip."""
    first, second = desk.office("anggrek")
    take(people, first)
    take(people, first, "KK", 4)
    take(people, second, "KK", 1)
    phone, page = crew(phones, city, "anggrek")
    reads(page)
    page.emulate_media(reduced_motion="reduce")
    page.locator("#coming summary").click()
    stands(page, "van/next")
    page.locator('[data-open="skip"]').click()
    page.locator('[data-reason="time"]').click()
    stands(page, "van/skip")
    page.get_by_role("button", name="Tidak", exact=True).click()
    arrive(page)
    shows(queue(page))
    queue(page).locator(".waiting summary").click()
    stands(page, "van/queue")
    queue(page).locator('[data-act="ticket.call"]').click()
    queue(page).locator('[data-act="ticket.no_show"]').click()
    queue(page).locator('.call-next[data-act="ticket.call"]').click()
    shows(queue(page).locator(".called"))
    stands(page, "van/called")
    page.locator("#sun").click()
    expect(page.locator("#sun")).to_have_attribute("aria-pressed", "true")
    stands(page, "van/sun")
    page.locator("#sun").click()
    phone.offline(True)
    shows(page.locator("#line.lost"))
    queue(page).locator('[data-act="ticket.serve"]').click()
    shows(queue(page).locator('.said[data-kind="unsure"]'))
    stands(page, "van/offline")
    phone.offline(False)
    expect(queue(page).locator(".called")).to_be_hidden(timeout=SLOW_MS)
    page.locator('[data-open="depart"]').click()
    stands(page, "van/depart")
    page.locator('[data-act="van.depart"]').click()
    page.locator('[data-open="skip"]').click()
    page.locator("#sun").click()
    check(page)
    page.locator('[data-act="van.skip"]').click()
    shows(page.locator("#summary"))
    page.locator("#sun").click()
    stands(page, "van/summary")
