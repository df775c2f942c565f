"""A resident without a page: what a till or another system does by HTTP."""

from __future__ import annotations

import uuid

from playwright.sync_api import APIRequestContext

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
