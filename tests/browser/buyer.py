"""Who buys and sells: by HTTP, as a till or another system does, and on the resident's page."""

from __future__ import annotations

import uuid

from playwright.sync_api import APIRequestContext, Locator, Page, expect

from tests.browser.city import City

# The first product's price of the shops that are ordered from (clients/seed.json).
PRICE = {"s01": 12_000, "s02": 3_000, "s03": 48_000}


class Buyer:
    """A person of its own; orders are made for pickup."""

    def __init__(self, http: APIRequestContext, city: City) -> None:
        self._http = http
        answer = http.post(f"{city.url}/v1/sessions", data={"device": uuid.uuid4().hex * 2})
        assert answer.status == 201, answer.text()
        self._token = answer.json()["token"]
        self._url = city.url

    def order(self, shop: str, **more: object) -> str:
        """Order two of the shop's first product; the order's id."""
        lines = [{"product": "p1", "quantity": 2, "price": PRICE[shop]}]
        data = {"shop": shop, "lines": lines, "fulfilment": "pickup", "name": "Wulan", "phone": "081234567890", **more}
        answer = self._http.post(
            f"{self._url}/v1/commands",
            data={"id": str(uuid.uuid4()), "cmd": "order.place", "data": data},
            headers={"Authorization": f"Bearer {self._token}"},
        )
        assert answer.ok, answer.text()
        return str(answer.json()["data"]["order"])


class Seller:
    """A till of a shop: it runs a seller's commands, and nobody hears it ring."""

    def __init__(self, http: APIRequestContext, city: City, shop: str) -> None:
        self._http, self._url, self._shop = http, city.url, shop
        code = city.enrol("seller", "Kasir", shop=shop).rpartition("#")[2].rpartition("=")[2]
        answer = http.post(f"{city.url}/v1/sessions", data={"code": code})
        assert answer.status == 201, answer.text()
        self._token = answer.json()["token"]

    def run(self, cmd: str, **data: object) -> dict[str, object]:
        """Run one command; what the hub said of it."""
        answer = self._http.post(
            f"{self._url}/v1/commands?as=seller",
            data={"id": str(uuid.uuid4()), "cmd": cmd, "data": data},
            headers={"Authorization": f"Bearer {self._token}"},
        )
        assert answer.ok, answer.text()
        return dict(answer.json()["data"])

    def price(self, product: str, price: int) -> None:
        self.run("product.save", product=product, price=price)

    def stock(self, product: str, stock: int | None) -> None:
        self.run("product.stock", product=product, stock=stock)

    def answer(self, want: str, kind: str, price: int | None = None) -> None:
        self.run("want.answer", want=want, kind=kind, **({} if price is None else {"price": price}))


# -- on the resident's page ---------------------------------------------------------


def choose(page: Page, product: str, times: int = 1) -> None:
    """Put a product of the shop on the screen into the basket."""
    row = page.locator(f'.order-lines [data-type="product"][data-id="{product}"]')
    for _ in range(times):
        row.locator('[data-step="1"]').click()


def tell_who(page: Page) -> None:
    """Name and phone, which are asked for once."""
    page.locator('form [name="name"]').fill("Wulan")
    page.locator('form [name="phone"]').fill("0812 3456 7890")


def send_order(page: Page) -> None:
    page.locator('.order-foot [data-act="order.place"]').click()


def on_screen(page: Page, type_: str, state: str) -> Locator:
    """The order or want on the screen, in this state."""
    return page.locator(f'section[data-type="{type_}"][data-state="{state}"]')


def shown_id(page: Page, type_: str, state: str) -> str:
    """Its id, once it is there."""
    card = on_screen(page, type_, state)
    expect(card).to_be_visible(timeout=10_000)
    return str(card.get_attribute("data-id"))
