"""The vans of a simulated city, each with its crew, its line and its own kind of trouble."""

from __future__ import annotations

import sys
from typing import Any, Final

from clients.client import Refused, Unanswered
from clients.crew import Crew
from clients.drawn import lines
from clients.stage import Stage
from clients.timetable import Planner

People = dict[str, Any]

WEAK_PHONE: Final = "v2"
"""The van whose crew forgets to charge its phone."""
TRACKER: Final = "v3"
"""The van whose place a tracker app writes, not the crew's page."""


async def fleet(stage: Stage, people: People) -> list[Crew]:
    """Sign a crew in for each van and let it drive; one that cannot is named, and the others go on."""
    drawn, crews = lines(stage.ground), []
    desk = await stage.client(code=people["van_desk"]["code"]) if people.get("van_desk") and people["crew"] else None
    stops = {stop["id"]: stop for stop in people["stops"]}
    for van in people.get("vans", []):
        one = next((one for one in people["crew"] if one["van"] == van["id"]), None)
        if one is None:
            continue
        id_ = van["id"]
        line = drawn.get(id_)
        try:
            crew = Crew(
                stage,
                id_,
                [stops[stop] for stop in van["stops"]],
                await stage.client(code=one["code"], audible=True),
                line=line,
                planner=Planner(stage, id_, line, desk) if desk is not None else None,
                weak_phone=id_ == WEAK_PHONE,
                tracker=id_ == TRACKER,
            )
            await crew.start()
        except (Refused, Unanswered, OSError) as exc:
            print(f"the crew of {id_} stayed at home: {exc}", file=sys.stderr)
            continue
        crews.append(crew)
    return crews
