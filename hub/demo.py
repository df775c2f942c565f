"""What only a simulated city has: fresh codes for a visitor's own staff."""

from __future__ import annotations

import json
from typing import Final

from starlette.requests import Request
from starlette.responses import Response

from hub.identity import enrol
from hub.node import Node

PLACE: Final = {"lat": -7.4795, "lon": 112.4356}
"""In Kranggan: where a visitor without a fix in the city is placed."""

MEDIC_PLACE: Final = {"lat": -7.4770, "lon": 112.4365}
"""About 300 m from there, so that the visitor's medic is in wave 1."""

MEDIC: Final = "Galih"
"""The visitor's medic. No simulated medic has this name: "Diambil Galih" would be read as oneself."""

VAN: Final = "v1"
"""The visitor's van: a simulated crew drives it too, and leaves it to whoever presses."""


class Demo:
    """`POST /v1/demo`: one visitor's four phones and the board."""

    def __init__(self, node: Node) -> None:
        self._node = node

    async def start(self, request: Request) -> Response:
        """201 `{codes: {medic, seller, crew, dispatcher}, place, medic_place}`; every code is used once."""
        store = self._node.store
        medic = await enrol(store, role="medic", name=MEDIC, vehicle="motor")
        seller = await enrol(store, role="seller", name="Sri", shop="s01")
        crew = await enrol(store, role="crew", name="Joko", van=VAN)
        dispatcher = await enrol(store, role="dispatcher", name="Wulan", desk="medic")
        codes = {made.role: made.code for made in (medic, seller, crew, dispatcher)}
        body = json.dumps({"codes": codes, "place": PLACE, "medic_place": MEDIC_PLACE})
        return Response(body, 201, {"Cache-Control": "no-store"}, "application/json")
