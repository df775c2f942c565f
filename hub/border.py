"""A tap across the border: a call whose place lies in another city that is served here is committed there.

The city of the page takes the command, sees where it lies, and hands it over within the process: same id, same person,
no second round trip. The answer names the city with a credential for it, by which the page follows the request
(`?city=<code>`), cancels and describes it. The same tap again comes to the same city, so it hears the same outcome.
A place that no served city has stays with the page's city, whose service marks it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

from msgspec.structs import replace

from hub.city_file import CityFile
from hub.contract import Crossing
from hub.dispatch import Answer
from hub.identity import SignedIn
from hub.node import Node

Finder = Callable[[float, float], object]
"""In which kelurahan of a city a place (lat, lon) lies; None when in none."""
MIDDLE: Final = ("lat", "lon")


class Border:
    """All cities of one hub process."""

    def __init__(self, cities: Sequence[CityFile], nodes: Mapping[str, Node], holds: Mapping[str, Finder]) -> None:
        self._cities = {city.code: city for city in cities}
        self._nodes, self._holds = nodes, holds

    def across(self, node: Node, crossing: Crossing, data: Mapping[str, Any]) -> Node | None:
        """The node of the other city in which a command lies; None when it is this one's, or nobody's."""
        if any(data.get(name) for name in crossing.stays):
            return None
        place = data.get(crossing.place)
        if not isinstance(place, dict) or not all(isinstance(place.get(one), (int, float)) for one in MIDDLE):
            return None
        lat, lon = float(place["lat"]), float(place["lon"])
        if self._holds[node.store.city](lat, lon):
            return None
        found = (code for code, holds in self._holds.items() if code != node.store.city and holds(lat, lon))
        code = next(found, None)
        return None if code is None else self._nodes[code]

    async def run(
        self,
        other: Node,
        cmd: str,
        data: dict[str, Any],
        signed_in: SignedIn,
        id_: str,
        age_ms: int,
        deadline: float,
        address: str,
        came: float | None,
    ) -> Answer | None:
        """The command in the other city, by the same person with a sign-in of that city.

        Returns:
            None when that city has signed the person out: the page's own city takes it then.

        Raises:
            StoreError: that city's store could not be asked who it is.
        """
        guest = other.identity.guest(signed_in.actor.person)
        known = await other.identity.resolve(guest.token)
        if known is None:
            return None
        answer = await other.run(cmd, data, known, id_, age_ms, deadline, address, came)
        if not answer.ok:
            return answer
        city = self._cities[other.store.city]
        said = {"code": city.code, "name": city.name, "token": guest.token, "person": guest.person}
        if city.hosts:
            said["host"] = city.hosts[0]
        return replace(answer, data={**(answer.data or {}), "city": said})
