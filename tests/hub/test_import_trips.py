"""Writing a timetable through the one door: patience with a store that is away, and what is left."""

from __future__ import annotations

from typing import Any

from hub.app import ground
from hub.contract import Actor
from hub.dispatch import Answer, Dispatch, refused
from hub.import_trips import TripImport
from hub.timetable import read_timetable
from tests.support.live import on_loop, opened

FILE = b"mobil,hari,jam,titik,kelurahan\nv1,Senin,08:00,Balai Miji,Miji\nv1,Senin,09:00,Balai Meri,Meri\n"


class Door(Dispatch):
    """Answers as the test says."""

    def answers(self, *answers: Answer) -> None:
        self.said = list(answers)
        self.heard: list[tuple[str, str]] = []

    async def run(self, cmd: str, data: dict[str, Any], actor: Actor, id_: str, **more: Any) -> Answer:
        self.heard.append((cmd, id_))
        return self.said.pop(0) if len(self.said) > 1 else self.said[0]


@on_loop
async def test_a_store_that_is_away(valkey_url: str) -> None:
    """Asked again with the same id; beyond the patience the import ends and says what is left."""
    table = read_timetable(FILE, ground())
    async with opened(valkey_url) as (store, dispatch):
        door = Door(store, dispatch.services)
        door.answers(refused("unavailable", "away", retry=True), Answer(True, {}))
        done = await TripImport(door, table, lambda rows: None).run()
        assert (done.written, done.left, done.why) == (2, 0, "")
        assert door.heard[0] == door.heard[1]
        door.answers(refused("unavailable", "away", retry=True))
        done = await TripImport(door, table, lambda rows: None, patience_s=0).run()
        assert (done.written, done.left, done.why) == (0, 2, "away")


@on_loop
async def test_a_refusal_has_its_line(valkey_url: str) -> None:
    """The path that the service names becomes line and column."""
    table = read_timetable(FILE, ground())
    async with opened(valkey_url) as (store, dispatch):
        door = Door(store, dispatch.services)
        fine = Answer(True, {})
        door.answers(fine, fine, fine, refused("bad_data", "data.stops[1].minute: expected later than 500"))
        done = await TripImport(door, table, lambda rows: None).run()
        ((line, column),) = [(fault.line, fault.column) for fault in done.faults]
        assert (line, column, done.left) == (3, "time", 1)
