"""Counts a test ring: whom of a desk's people neither a page nor a push reached, for the desk to read by name.

Which views are such calls, and which command hears the result, the services say (`hub.contract.RollCall`). It goes by
what stands in the store alone: a worker that starts again, or another one, goes on where one died; the first result
counts.
"""

from __future__ import annotations

import asyncio
import logging
import uuid
from typing import Any, Final

from redis.exceptions import RedisError

from hub.commit import unpack
from hub.contract import HUB, Presence, RollCall, View
from hub.dispatch import Dispatch
from hub.errors import StoreError
from hub.members import Member, People
from hub.push import got
from hub.store import Store

log = logging.getLogger("kentongan.roll_call")

LOOK_S: Final = 5.0
MOST_NAMED: Final = 40


class UnderWay:
    """One call: who is asked, and whose page was heard meanwhile."""

    def __init__(self, at: int, members: list[Member]) -> None:
        self.at, self.members = at, members
        self.heard: set[str] = set()


class RollCalls:
    """Those of one city.

    Args:
        look_s: `LOOK_S`, but in tests.
        lasts_ms: instead of what each call says, in tests.
    """

    def __init__(self, store: Store, dispatch: Dispatch, look_s: float = LOOK_S, lasts_ms: int | None = None) -> None:
        self._store, self._dispatch, self._look_s, self._lasts_ms = store, dispatch, look_s, lasts_ms
        self._people = People(store, dispatch.services)
        self._under_way: dict[str, UnderWay] = {}
        self._armed = False

    async def run(self) -> None:
        """Work until cancelled."""
        while True:
            try:
                await self._arm()
                for call in self._dispatch.services.roll_calls:
                    await self._look(call)
            except (StoreError, RedisError) as exc:
                log.warning("roll call: %s", exc)
            await asyncio.sleep(self._look_s)

    async def _arm(self) -> None:
        if not self._armed:
            commands = sorted({call.arm for call in self._dispatch.services.roll_calls})
            answers = [await self._dispatch.run(cmd, {}, HUB, str(uuid.uuid4())) for cmd in commands]
            self._armed = all(answer.ok for answer in answers)

    async def _look(self, call: RollCall) -> None:
        """While it rings: note who is heard; when its time is over: tell the service who was not reached."""
        (blob,) = await self._store.many("normal", [["HGET", self._store.keys.table(call.topic), call.thing]])
        view: View = {} if blob is None else unpack(blob)
        if view.get("state") != "ringing":
            self._under_way.pop(call.desk, None)
            return
        at = view["rung_at"]
        if call.desk not in self._under_way or self._under_way[call.desk].at != at:
            members = await self._people.everybody(call.desk, call.roles)
            self._under_way[call.desk] = UnderWay(at, members)
        asked = self._under_way[call.desk]
        asked.heard |= await self._heard(call, asked.members)
        lasts_ms = call.lasts_ms if self._lasts_ms is None else self._lasts_ms
        if at + lasts_ms <= self._store.now():
            await self._tell(call, asked, asked.heard | await got(self._store, call.kind, str(at)))

    async def _heard(self, call: RollCall, members: list[Member]) -> set[str]:
        state = await self._store.found("normal", [Presence(one.person) for one in members])
        reached = {one.person: state.reach(one.person) for one in members}
        seen = {one.person for one in members if one.role in call.sight and reached[one.person].visible}
        return seen | {person for person, reach in reached.items() if reach.reachable}

    async def _tell(self, call: RollCall, asked: UnderWay, reached: set[str]) -> None:
        members = asked.members
        missed = sorted((one for one in members if one.person not in reached), key=lambda one: one.name)
        data: dict[str, Any] = {
            call.thing: call.desk,
            "at": asked.at,
            "asked": len(members),
            "reached": len(members) - len(missed),
            "missed": [{"person": one.person, "role": one.role, "name": one.name} for one in missed[:MOST_NAMED]],
            "more": len(missed[MOST_NAMED:]),
        }
        answer = await self._dispatch.run(call.over, data, HUB, str(uuid.uuid4()))
        if not answer.ok:
            log.warning("roll call: %s: %s; counted again", call.over, answer.code)
