"""Write a timetable into a running city: vans that are not there, stops, then trips, one command after the other.

All as actor SYSTEM through the one door. The same timetable again changes nothing, so whoever was interrupted runs the
whole import again.
"""

from __future__ import annotations

import asyncio
import re
import uuid
from collections.abc import Callable, Sequence
from typing import Any, Final

from hub.contract import SYSTEM
from hub.dispatch import Answer, Dispatch
from hub.import_shops import PATIENCE_S, PAUSE_S, Imported
from hub.sheet import ROW, Fault, shown
from hub.timetable import Timetable, TripRows

_STOP: Final = re.compile(r"data\.stops\[(\d+)\]")
_COLUMN: Final = {"minute": "time", "stop": "stop", "name": "stop", "day": "date"}


class TripImport:
    """One run over a timetable.

    Args:
        heard: told how many more rows are decided.
        patience_s: how long the store may be away.
    """

    def __init__(
        self, dispatch: Dispatch, timetable: Timetable, heard: Callable[[int], None], *, patience_s: float = PATIENCE_S
    ) -> None:
        self._dispatch, self._timetable, self._heard, self._patience_s = dispatch, timetable, heard, patience_s
        self._faults: list[Fault] = []
        self._refused: set[str] = set()
        self._why = ""

    async def run(self) -> Imported:
        """Write it all; a store that goes away for longer than the patience ends it, what is in stays."""
        trips = self._timetable.trips
        for van, name in {trip.data["van"]: trip.van_name for trip in trips}.items():
            await self._put("van.save", {"van": van, "name": name}, _lines(trips, van)[0])
        for stop in self._timetable.stops:
            if not await self._put("stop.save", stop.data, stop.line):
                self._refused.add(stop.data["stop"])
        written = same = decided = 0
        for trip in trips:
            answer = None if self._held_up(trip) else await self._trip(trip)
            if answer is not None:
                decided += len(trip.lines)
                written += 0 if answer.get("same") else len(trip.lines)
                same += len(trip.lines) if answer.get("same") else 0
            self._heard(len(trip.lines))
        wrong = len({fault.line for fault in self._faults})
        rows = sum(len(trip.lines) for trip in trips)
        return Imported(written, same, tuple(self._faults), max(0, rows - decided - wrong), self._why)

    def _held_up(self, trip: TripRows) -> bool:
        """Whether a stop of the trip was refused: half a trip would tell people that the rest is cancelled."""
        return any(stop["stop"] in self._refused for stop in trip.data["stops"])

    async def _trip(self, trip: TripRows) -> dict[str, Any] | None:
        answer = await self._answer("trip.save", trip.data)
        if answer is None:
            return None
        if answer.ok:
            return answer.data or {}
        place = _STOP.match(answer.message)
        line = trip.lines[int(place[1])] if place else trip.lines[0]
        self._faults.append(_fault(line, answer, trip.data["van"]))
        return None

    async def _put(self, cmd: str, data: dict[str, Any], line: int) -> bool:
        answer = await self._answer(cmd, data)
        if answer is not None and not answer.ok:
            self._faults.append(_fault(line, answer, str(data.get("name"))))
        return answer is not None and answer.ok

    async def _answer(self, cmd: str, data: dict[str, Any]) -> Answer | None:
        """The final answer to one command, asked for again with the same id; None when it is given up."""
        loop, id_ = asyncio.get_running_loop(), str(uuid.uuid4())
        until = loop.time() + self._patience_s
        while not self._why:
            answer = await self._dispatch.run(cmd, data, SYSTEM, id_)
            if not answer.retry:
                return answer
            if loop.time() >= until:
                self._why = answer.message
            else:
                await asyncio.sleep(PAUSE_S)
        return None


def _lines(trips: Sequence[TripRows], van: str) -> list[int]:
    return [line for trip in trips if trip.data["van"] == van for line in trip.lines]


def _fault(line: int, answer: Answer, got: str) -> Fault:
    """What the service said, in the words of a report."""
    path, _, expected = answer.message.partition(": ")
    if answer.code != "bad_data" or not path.startswith("data."):
        return Fault(line, ROW, answer.message, shown(got))
    field = path.rpartition(".")[2]
    return Fault(line, _COLUMN.get(field, field), expected.removeprefix("expected "), shown(got))
