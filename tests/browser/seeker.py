"""A buyer who does all that a resident may: orders and wants by the protocol, without a page."""

from __future__ import annotations

import uuid
from typing import Any

from playwright.sync_api import APIRequestContext

from tests.browser.city import City


class Seeker:
    """A person of its own."""

    def __init__(self, http: APIRequestContext, city: City) -> None:
        self._http = http
        self._url = city.url
        answer = http.post(f"{city.url}/v1/sessions", data={"device": uuid.uuid4().hex * 2})
        assert answer.status == 201, answer.text()
        self._token = answer.json()["token"]

    def give(self, cmd: str, **data: object) -> dict[str, Any]:
        """Give a command; its answer."""
        answer = self._http.post(
            f"{self._url}/v1/commands",
            data={"id": str(uuid.uuid4()), "cmd": cmd, "data": data},
            headers={"Authorization": f"Bearer {self._token}"},
        )
        assert answer.ok, answer.text()
        given: dict[str, Any] = answer.json()["data"]
        return given

    def order(self, shop: str, price: int, *, product: str = "p1", quantity: int = 1, **more: object) -> str:
        """Order of one product, by default to fetch it; the order's id."""
        lines = [{"product": product, "quantity": quantity, "price": price}]
        data = {"fulfilment": "pickup", "name": "Wulan", "phone": "081234567890", **more}
        return str(self.give("order.place", shop=shop, lines=lines, **data)["order"])

    def read(self, order: str) -> dict[str, Any]:
        """The order as this buyer sees it now."""
        view: dict[str, Any] = self.give("order.read", order=order)["order"]
        return view

    def want(self, category: str, words: str, kelurahan: str, **more: object) -> str:
        """Look for something; the want's id."""
        return str(self.give("want.post", category=category, words=words, kelurahan=kelurahan, **more)["want"])
