"""A directory that says what a test wants: shops that are busy, shut or sold out, an index that lags or is gone.

The shapes are those of `GET /v1/shops` and `GET /v1/shops/<id>`; the shops are the seed's.
"""

from __future__ import annotations

import json
import re
import time
from difflib import SequenceMatcher
from typing import Any
from urllib.parse import parse_qs, urlsplit

from playwright.sync_api import BrowserContext, Route

from tests.browser.city import SEED

CLOSE = 0.8


class Directory:
    """Answers in the real directory's place, to the contexts it is given to.

    `open_` are the shops that are open; `changed` is merged over a shop; with `down` it answers 503.
    """

    def __init__(self, *open_: str, **changed: dict[str, Any]) -> None:
        self.shops = {shop["id"]: _shop(shop, shop["id"] in open_) for shop in json.loads(SEED.read_text())["shops"]}
        for id_, more in changed.items():
            self.shops[id_].update(more)
        self.down = False
        self.lag_ms = 0

    def answers(self, context: BrowserContext) -> None:
        context.route(re.compile(r"/v1/shops(\?|/|$)"), self._answer)

    def _answer(self, route: Route) -> None:
        if self.down:
            route.fulfill(status=503, json={"ok": False, "code": "unavailable", "message": "gone", "retry": True})
            return
        address = urlsplit(route.request.url)
        as_of = round(time.time() * 1000) - self.lag_ms
        if address.path != "/v1/shops":
            shop = self.shops.get(address.path.rpartition("/")[2])
            if shop is None:
                route.fulfill(status=404, json={"ok": False, "code": "not_found", "message": "", "retry": False})
            else:
                route.fulfill(json={"as_of": as_of, "shop": shop})
            return
        asked = {name: values[0] for name, values in parse_qs(address.query).items()}
        found = self._found(asked)
        limit = int(asked.get("limit", 20))
        route.fulfill(json={"as_of": as_of, "shops": found[:limit], "more": len(found) > limit})

    def _found(self, asked: dict[str, str]) -> list[dict[str, Any]]:
        words = _words(asked.get("q", ""))
        found = []
        for shop in self.shops.values():
            if any(asked.get(name) not in (None, shop[name]) for name in ("category", "kelurahan")):
                continue
            products = [
                {**product, "matched": bool(words) and _holds(product["name"], words)} for product in shop["products"]
            ]
            matched = any(product["matched"] for product in products)
            if words and not (matched or _holds(shop["name"], words)):
                continue
            near = {"distance_m": 350} if "near" in asked else {}
            products.sort(key=lambda product: not product["matched"])
            found.append({**shop, **near, "products": products[:3]})
        return sorted(found, key=lambda shop: shop["state"] != "open")


def _shop(shop: dict[str, Any], is_open: bool) -> dict[str, Any]:
    products = [
        {"stock": None, "made_here": False, **product, "state": "available", "matched": False}
        for product in shop["products"]
    ]
    state: dict[str, Any] = {"state": "open"} if is_open else {"state": "closed", "why": "deaf"}
    kept = {name: shop[name] for name in ("id", "name", "category", "kelurahan", "lat", "lon")}
    return {
        **kept,
        **state,
        "busy_min": 0,
        "hours": [],
        "made_here": False,
        "product_count": len(products),
        "products": products,
    }


def _words(text: str) -> list[str]:
    return re.findall(r"[a-z0-9]+", text.lower())


def _holds(text: str, words: list[str]) -> bool:
    return all(
        any(SequenceMatcher(None, word, one).ratio() >= CLOSE or one.startswith(word) for one in _words(text))
        for word in words
    )
