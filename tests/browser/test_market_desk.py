from __future__ import annotations

from playwright.sync_api import ViewportSize, expect

from tests.browser.buyer import on_screen, send_order, shown_id, tell_who
from tests.browser.city import City
from tests.browser.phone import Phones
from tests.browser.seeker import Seeker
from tests.browser.seen import seen

SHOP = "s47"


def test_the_market_desk_sees_and_hears_what_rings_in_vain(phones: Phones, city: City, seeker: Seeker) -> None:
    """An order that no phone receives alarms the desk; one tap says everywhere who handles it; no buyer is named."""
    wide: ViewportSize = {"width": 1280, "height": 800}
    first = phones(viewport=wide, bypass_csp=True).sign_in(city.enrol("dispatcher", "Endah", desk="market"))
    other = phones().sign_in(city.enrol("dispatcher", "Fitri", desk="market"))
    for page in (first, other):
        expect(page.locator("#desk")).to_have_text("Meja pasar")
        expect(page.locator("#market-counts")).to_be_visible()
    seller = phones().sign_in(city.enrol("seller", "Warni", shop=SHOP))
    expect(seller.locator('#shop-state[data-state="open"]')).to_be_visible(timeout=15_000)
    for _ in range(2):  # a shop that does not answer twice is closed by itself; the desk opens it again
        city.later(180, "order.expire", order=seeker.order(SHOP, 8_000))
    paused = first.locator(f'#market-paused [data-id="{SHOP}"]')
    expect(paused).to_contain_text("Dua pesanan tidak dijawab.")
    seen(first, "dispatch/market-paused")
    paused.locator('[data-act="shop.resume"]').click()
    expect(paused).to_have_count(0)
    want = seeker.want("food", "getuk lindri", "wates")
    expect(first.locator(f'[data-type="market_want"][data-id="{want}"]')).to_contain_text("ditanyakan ke")

    buyer = phones(place=None, bypass_csp=True).open(f"{city.url}/#cari/toko/{SHOP}/p1")
    tell_who(buyer)
    seller.context.close()  # Gone without a word: the shop is still shown open, and nobody hears.
    send_order(buyer)
    order = shown_id(buyer, "order", "placed")
    alarm = f'[data-type="alarm"][data-id="{order}.unheard"]'
    for page in (first, other):
        card = page.locator(f'#market-placed [data-type="market_order"][data-id="{order}"]')
        expect(card).to_have_attribute("data-state", "placed")
        expect(card).to_contain_text("Getuk Bu Warni, Wates")
        expect(page.locator(alarm)).to_have_attribute("data-state", "ringing", timeout=15_000)
        expect(page.locator(alarm)).to_contain_text("HP toko tidak menerima pesanan: Getuk Bu Warni")
        expect(page.locator("body")).not_to_contain_text("Wulan")
        expect(page.locator("body")).not_to_contain_text("081234567890")
    seen(first, "dispatch/market")
    expect(on_screen(buyer, "order", "placed")).to_contain_text("HP penjual belum menerima")
    seen(buyer, "market/unheard", part="#page")
    first.locator(f'{alarm} [data-act="alarm.take"]').click()
    for page in (first, other):
        expect(page.locator(alarm)).to_have_attribute("data-state", "taken")
        expect(page.locator(alarm)).to_contain_text("Ditangani Endah")
        assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
    buyer.locator('[data-act="order.cancel"]').click()
    expect(first.locator(f'[data-id="{order}"]')).to_have_count(0)
    expect(first.locator(alarm)).to_have_count(0)
