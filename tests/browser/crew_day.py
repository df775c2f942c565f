"""A day of a mobile office that a test makes for itself: a van of its own, its stops, its desk."""

from __future__ import annotations

import uuid
from datetime import datetime
from typing import Any

from playwright.sync_api import APIRequestContext

from tests.browser.city import City
from tests.browser.hours import CLOCK

QUOTA = 3


class Desk:
    """A van desk that works by the protocol."""

    def __init__(self, http: APIRequestContext, city: City) -> None:
        self._http, self._url = http, city.url
        code = city.enrol("dispatcher", "Sari", desk="van").rpartition("=")[2]
        answer = http.post(f"{city.url}/v1/sessions", data={"code": code})
        assert answer.status == 201, answer.text()
        self._token = answer.json()["token"]

    def give(self, cmd: str, **data: object) -> dict[str, Any]:
        """Give a command; its answer."""
        answer = self._http.post(
            f"{self._url}/v1/commands?as=dispatcher",
            data={"id": str(uuid.uuid4()), "cmd": cmd, "data": data},
            headers={"Authorization": f"Bearer {self._token}"},
        )
        assert answer.ok, answer.text()
        given: dict[str, Any] = answer.json()["data"]
        return given

    def office(self, van: str, stops: int = 2) -> list[str]:
        """A van with a trip of today: each stop with KTP (a quota of three) and KK; the stops' ids."""
        self.give("van.save", van=van, name=f"Mobil {van}", services=["KTP", "KK"])
        ids = [self._stop(f"{van}{place}", place) for place in range(1, stops + 1)]
        self.give("trip.save", van=van, stops=[self._planned(stop, place) for place, stop in enumerate(ids)])
        return ids

    def _stop(self, name: str, place: int) -> str:
        services = [{"service": "KTP", "papers": ["KK asli"], "quota": QUOTA}, {"service": "KK", "papers": []}]
        saved = self.give("stop.save", name=f"Balai RW {place} {name}", kelurahan="kranggan", services=services)
        return str(saved["stop"])

    @staticmethod
    def _planned(stop: str, place: int) -> dict[str, object]:
        """Around now, but not before the day."""
        at = datetime.now(CLOCK.info)
        first = max(at.hour * 60 + at.minute - 20, 0)
        return {"stop": stop, "minute": first + 30 * place}
