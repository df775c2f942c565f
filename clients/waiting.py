"""Simulated people who wait for a van: they follow it, set reminders, take numbers, and ask for stops.

Of those who took a number most come when it is called, some do not, and some give it back before. Whoever stops
following makes room for another who begins.
"""

from __future__ import annotations

import asyncio
from typing import Any, Final

from clients.client import Client, Refused, Unanswered
from clients.follow import Follow
from clients.loads import Crowd, next_at_vans
from clients.residents import device_of
from clients.stage import Stage

View = dict[str, Any]

FIRST_DEVICE: Final = 100_000
"""Their devices are others than the residents' who call and order."""
COME_PER_S: Final = 10.0
STAY_S: Final = (240.0, 1_200.0)
NEAR_STOPS: Final = 2
"""People wait for the stops that come next."""
COMES: Final = 0.8
GIVES_BACK: Final = 0.12
GIVE_BACK_S: Final = (15.0, 90.0)
HOUR_S: Final = 3_600.0
MINUTES: Final = (5, 10, 10, 15, 30)
DISMISS_S: Final = (2.0, 9.0)


class Waiting:
    """The crowd at the vans."""

    def __init__(self, stage: Stage, people: dict[str, Any], seed: str, crowd: Crowd) -> None:
        self._stage, self._crowd, self._seed = stage, crowd, seed
        self._names: list[str] = people["residents"]
        self._vans: list[View] = people["vans"]
        self._stops: dict[str, View] = {stop["id"]: stop for stop in people["stops"]}
        self._eyes: Client | None = None
        self._free: dict[int, Client] = {}
        """Followers with no number or reminder under way."""

    async def live(self) -> None:
        """Come one after another, and do something as often as the crowd does."""
        self._eyes = await self._device(FIRST_DEVICE)
        for van in self._vans:
            await self._eyes.join(f"van/{van['id']}")
        self._stage.spawn(self._come(), "followers")
        while True:
            pause_s, what = next_at_vans(self._crowd, self._stage.rng)
            await asyncio.sleep(pause_s)
            self._begin(what)

    def coming(self, *states: str) -> list[tuple[str, str]]:
        """(van, stop) of the next stops of each van that are in one of these states."""
        assert self._eyes is not None
        found = []
        for van in self._vans:
            view = self._eyes.table(f"van/{van['id']}").things.get(van["id"], {})
            rows = [row["stop"] for row in view.get("trip", ()) if row["state"] in states]
            found += [(van["id"], stop) for stop in rows[:NEAR_STOPS] if stop in self._stops]
        return found

    # -- following ----------------------------------------------------------------

    async def _device(self, number: int) -> Client:
        return await self._stage.client(device=device_of(self._seed, number))

    async def _come(self) -> None:
        for number in range(self._crowd.followers):
            await asyncio.sleep(1 / COME_PER_S)
            self._stage.spawn(self._follow(number), f"follower {number}")

    async def _follow(self, number: int) -> None:
        """Follow a van or one of its stops for some minutes, then another."""
        rng, client = self._stage.rng, await self._device(FIRST_DEVICE + 1 + number)
        self._free[number] = client
        while True:
            van = rng.choice(self._vans)
            topic = f"van/{van['id']}" if rng.random() < 0.6 else f"stop/{rng.choice(van['stops'])}"
            await client.join(topic)
            await asyncio.sleep(rng.uniform(*STAY_S))
            await client.leave(topic)

    # -- acts ---------------------------------------------------------------------

    def _begin(self, what: str) -> None:
        # Whoever sees the van at the stop needs no reminder, but may still take a number.
        coming = self.coming("expected", *(["arrived"] if what == "number" else []))
        if not self._free or (what != "wish" and not coming):
            return
        number = self._stage.rng.choice(list(self._free))
        self._stage.spawn(self._act(what, number, coming), what)

    async def _act(self, what: str, number: int, coming: list[tuple[str, str]]) -> None:
        client = self._free.pop(number)
        try:
            if what == "wish":
                await self._ask(client)
            elif what == "number":
                await self._take(client, self._names[number % len(self._names)], *self._stage.rng.choice(coming))
            else:
                await self._remind(client, self._stage.rng.choice(coming)[1])
        except (Refused, Unanswered):
            return  # the quota is used up, or the van has just left: they go home
        finally:
            self._free[number] = client

    async def _ask(self, client: Client) -> None:
        """A wish for a stop at home; one line each, with how many there are."""
        rng, stage = self._stage.rng, self._stage
        kelurahan = rng.choice(list(stage.ground.names))
        service = rng.choice(self._vans)["services"][0]["service"]
        said = await client.call("stop.ask", {"kelurahan": kelurahan, "services": [service]})
        event = {"event": "asked", "kelurahan": stage.name(kelurahan), "names": said["names"]}
        stage.emit({**event, "text": f"asks for a stop of the van, {said['names']} this month"})

    async def _take(self, client: Client, name: str, van: str, stop: str) -> None:
        """Take a number, then come, give it back, or forget about it."""
        rng, stage = self._stage.rng, self._stage
        services = next(one["services"] for one in self._vans if one["id"] == van)
        topic = f"person/{client.person}"
        follow = Follow(client, topic, stage)
        data = {"stop": stop, "service": rng.choice(services)["service"], "name": name}
        ticket = ""
        try:
            await client.join(topic)
            said = await client.call("ticket.take", data)
            ticket = str(said["ticket"])
            stage.holders[ticket] = rng.random() < COMES
            if rng.random() < GIVES_BACK:
                await asyncio.sleep(rng.uniform(*GIVE_BACK_S))
                await client.call("ticket.cancel", {"ticket": ticket})
                return
            view = await follow.until(ticket, ("waiting", "go", "called"), HOUR_S)
            if view is not None and view["state"] in ("waiting", "go"):
                await client.call("ticket.cancel", {"ticket": ticket})
        finally:
            follow.close()
            stage.holders.pop(ticket, None)
            await client.leave(topic)

    async def _remind(self, client: Client, stop: str) -> None:
        """Set a reminder, and touch it when it rings; one line when it does."""
        rng, stage = self._stage.rng, self._stage
        topic = f"person/{client.person}"
        follow = Follow(client, topic, stage)
        try:
            await client.join(topic)
            minutes = rng.choice(MINUTES)
            await client.call("reminder.set", {"stop": stop, "minutes": minutes})
            view = await follow.until(stop, ("set",), HOUR_S)
            if view is None or view["state"] != "ringing":
                return
            event = reminder_event(stage, self._stops[stop], minutes, view)
            stage.emit({**event, "text": reminder_text(event)})
            await asyncio.sleep(rng.uniform(*DISMISS_S))
            await client.call("reminder.dismiss", {"stop": stop})
        finally:
            follow.close()
            await client.leave(topic)


def reminder_event(stage: Stage, stop: View, minutes: int, view: View) -> View:
    """A reminder that rang: how long before the van may come it was to ring, and did."""
    ahead = round(max(0, view["eta"] - stage.now_ms()) / 60_000, 1) if view.get("eta") else None
    event = {"event": "reminder", "kelurahan": stage.name(stop["kelurahan"]), "stop": stop["name"]}
    return {**event, "minutes": minutes, "ahead_min": ahead}


def reminder_text(event: View) -> str:
    """The same as one sentence."""
    text = f"reminder of {event['stop']} rang, set to {event['minutes']} min before"
    return text if event["ahead_min"] is None else f"{text}; the van may come in {event['ahead_min']:.1f} min"
