"""A city's medics in the memory of one test."""

from __future__ import annotations

from typing import Any

import msgspec

from channels.medic import Medic as Service
from channels.medic_state import Medic, Request
from hub.contract import (
    HUB,
    Actor,
    Command,
    Fix,
    Reach,
    View,
)
from hub.services import Services
from tests.channels.world import CITY, Memory

SERVICE = Service(CITY)
HOME = CITY.point_in("kranggan")
HERE = {"lat": HOME[0], "lon": HOME[1], "accuracy_m": 20.0}
OUTSIDE = {"lat": -7.30, "lon": 112.70, "accuracy_m": 10.0}

CALLER = Actor("ani", "resident")
STRANGER = Actor("budi", "resident")
DESK = Actor("endah", "dispatcher", name="Endah", desk="medic")
OTHER_DESK = Actor("fitri", "dispatcher", name="Fitri", desk="medic")


def medic(number: int) -> Actor:
    return Actor(f"m{number}", "medic", name=f"Medic {number}", vehicle="motor")


class World(Memory):
    """A city with its medics."""

    services = Services([SERVICE])

    # -- people ---------------------------------------------------------------------

    def on_duty(self, *numbers: int, drills: bool = False, reachable: bool = True) -> list[Actor]:
        """Medics on duty north of the caller, number by number 100 m farther away."""
        found = [medic(number) for number in numbers]
        for number, actor in zip(numbers, found, strict=True):
            self.hear(actor.person, reachable=reachable)
            self.ok("medic.duty", {"on": True, "drills": drills}, actor)
            self.at(actor, HOME[0] + number * 0.0009)
        self.settle()
        return found

    def hear(self, person: str, *, reachable: bool = True) -> None:
        self.here[person] = Reach(connected=reachable, audible=reachable, here_at=self.now if reachable else 0)
        if ("medic", person) in self.things:
            self.ok("medic.presence", {"person": person, "reachable": reachable, "connected": reachable}, HUB)

    def at(self, actor: Actor, lat: float, lon: float = HOME[1], age_ms: int = 0) -> Fix | None:
        spec = SERVICE.tells["medic.position"]
        data = {"location": {"lat": lat, "lon": lon, "accuracy_m": 10.0, "age_ms": age_ms}}
        command = Command("", "medic.position", msgspec.convert(data, spec.data))
        state = self.gathered(SERVICE, command, actor)
        fix = SERVICE.observe(state, command, actor, self.now)
        if fix is not None:
            self.fixes[fix.type, fix.id] = fix
            if fix.index:
                self.geo.setdefault(fix.index, {})[fix.id] = (fix.lat, fix.lon)
        return fix

    def call(self, actor: Actor = CALLER, **data: Any) -> str:
        answer = self.ok("medic.call", {"location": HERE, **data}, actor)
        request: str = answer["request"]
        return request

    def receive(self, request: str, *actors: Actor, level: str = "received") -> None:
        for actor in actors:
            self.ok("medic.receipt", {"request": request, "level": level}, actor)

    def accept(self, request: str, actor: Actor) -> dict[str, Any]:
        return self.ok("medic.accept", {"request": request}, actor)

    # -- looking --------------------------------------------------------------------

    def request(self, id_: str) -> Request:
        request = self.things["request", id_]
        assert isinstance(request, Request)
        return request

    def duty(self, actor: Actor) -> Medic:
        duty = self.things["medic", actor.person]
        assert isinstance(duty, Medic)
        return duty

    def seen_by(self, actor: Actor, request: str) -> View:
        return self.tables[f"help/{actor.person}"][request]

    def open_offers(self, request: str) -> list[str]:
        offers = self.request(request).offers
        return [person for person, offer in offers.items() if offer.state == "open"]

    def alarms(self) -> dict[str, View]:
        """Alarms at the desk by id."""
        return {id_: view for id_, view in self.tables.get("dispatch", {}).items() if view["type"] == "alarm"}
