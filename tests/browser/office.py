"""A mobile office of one test's own: its van, its stops around Kranggan, its desk and its crew, by the protocol."""

from __future__ import annotations

import itertools
import json
import time
import uuid
from typing import Any

from playwright.sync_api import APIRequestContext

from channels.van_days import DAY_MS, MINUTE_MS
from tests.browser.city import SEED, City, van_name
from tests.browser.hours import CLOCK
from tests.browser.seeker import Seeker

CORNERS: list[dict[str, Any]] = json.loads(SEED.read_text())["stops"]
_made = itertools.count()
KTP = {"service": "KTP", "papers": ["KK asli", "Surat hilang dari polisi"], "quota": 1}
KK = {"service": "KK", "papers": ["Buku nikah"]}


def minute_now() -> int:
    """Minutes since midnight in the city."""
    return (round(time.time() * 1000) + CLOCK.ms) % DAY_MS // MINUTE_MS


class Staff:
    """Somebody with a role, who gives commands by HTTP."""

    def __init__(self, http: APIRequestContext, city: City, role: str, **bound: str) -> None:
        self._http, self._url, self._role = http, city.url, role
        code = city.enrol(role, "Endah", **bound).rpartition("#")[2].rpartition("=")[2]
        answer = http.post(f"{city.url}/v1/sessions", data={"code": code})
        assert answer.status == 201, answer.text()
        self._token = answer.json()["token"]

    def run(self, cmd: str, **data: object) -> dict[str, Any]:
        answer = self._http.post(
            f"{self._url}/v1/commands?as={self._role}",
            data={"id": str(uuid.uuid4()), "cmd": cmd, "data": data},
            headers={"Authorization": f"Bearer {self._token}"},
        )
        assert answer.ok, answer.text()
        return dict(answer.json()["data"])


class Office:
    """A van that is soon to come to `stops[0]`, 30 m from `place`, then to another; each in a corner of its own."""

    def __init__(self, http: APIRequestContext, city: City) -> None:
        self._http, self._city = http, city
        self._key = ""
        self.van = van_name()
        self.name = f"Mobil {self.van.title()}"
        self.desk = Staff(http, city, "dispatcher", desk="van")
        self.desk.run("van.save", van=self.van, name=self.name, services=["KTP", "KK"])
        self.crew = Staff(http, city, "crew", van=self.van)
        corner = CORNERS[next(_made) % len(CORNERS)]
        self.kelurahan, lat, lon = corner["kelurahan"], corner["lat"] + 0.0004, corner["lon"]
        self.place = (lat, lon)
        self.stops = [
            self.stop(f"Pos Dekat {self.van}", lat + 0.0003, lon, [KTP, KK]),
            self.stop(f"Pos Jauh {self.van}", lat - 0.0012, lon, [KK]),
        ]

    def stop(self, name: str, lat: float, lon: float, services: list[dict[str, Any]]) -> str:
        data = {"name": name, "kelurahan": self.kelurahan, "lat": lat, "lon": lon, "services": services}
        return str(self.desk.run("stop.save", **data)["stop"])

    def today(self, *ahead_min: int) -> None:
        """The trip of today: its stops so many minutes from now."""
        first = minute_now()
        planned = [{"stop": stop, "minute": first + n} for stop, n in zip(self.stops, ahead_min, strict=False)]
        self.desk.run("trip.save", van=self.van, stops=planned)

    def week(self, weekday: int, minute: int) -> None:
        """The first stop is visited on every such weekday."""
        self.desk.run("trip.save", van=self.van, weekday=weekday, stops=[{"stop": self.stops[0], "minute": minute}])

    def drives(self, lat: float, lon: float, ago_s: int = 0) -> None:
        """A fix of the van's tracker, so many seconds old."""
        if not self._key:
            self._key = str(self.desk.run("van.tracker", van=self.van)["key"])
        at = int(time.time()) - ago_s
        query = f"id={self._key}&lat={lat}&lon={lon}&timestamp={at}&speed=10&accuracy=8"
        answer = self._http.get(f"{self._city.url}/v1/trackers/osmand?{query}")
        assert answer.ok, answer.text()

    def resident(self) -> Seeker:
        return Seeker(self._http, self._city)
