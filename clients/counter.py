"""A simulated crew at its counter: it calls the queue's next number and serves whoever comes."""

from __future__ import annotations

import asyncio
from typing import Any, Final

from clients.client import Client, Refused, Unanswered
from clients.stage import Stage

View = dict[str, Any]

CALLED_S: Final = (3.0, 6.0)
"""How long somebody takes to come to the counter."""
NOBODY_S: Final = (6.0, 12.0)
"""How long the crew waits for somebody who does not come."""
SERVE_S: Final = (5.0, 14.0)


class Counter:
    """One van's counter. Numbers whose holders nobody simulates are served: a human stands there."""

    def __init__(self, stage: Stage, van: str, stops: dict[str, View], client: Client) -> None:
        self._stage, self._stops, self._client = stage, stops, client
        self._topic = f"queue/{van}"
        self.busy = False

    async def start(self) -> None:
        await self._client.join(self._topic)

    def waiting(self, stop: str) -> bool:
        """Whether a number at this stop is still to be called."""
        queues = self._client.table(self._topic).things.values()
        mine = (queue for queue in queues if queue.get("stop") == stop and queue["state"] != "closed")
        return any(one["state"] in ("waiting", "called") for queue in mine for one in queue.get("tickets", ()))

    def begin(self, stop: str) -> None:
        """Serve one person, when nobody is being served."""
        if not self.busy:
            self.busy = True
            self._stage.spawn(self._serve(stop), f"counter at {stop}")

    async def _serve(self, stop: str) -> None:
        try:
            called = await self._call(stop)
            if called is not None:
                await self._wait_for(*called)
        finally:
            self.busy = False

    async def _call(self, stop: str) -> tuple[str, int] | None:
        """The number that was called; one that had been called before a restart goes on."""
        try:
            said = await self._client.call("ticket.call", {"stop": stop})
        except Refused as refused:
            said = refused.data or {}
        except Unanswered:
            return None
        return (str(said["ticket"]), int(said["number"])) if "ticket" in said else None

    async def _wait_for(self, ticket: str, number: int) -> None:
        stage, rng = self._stage, self._stage.rng
        began = stage.now()
        await asyncio.sleep(rng.uniform(*CALLED_S))
        comes = stage.holders.get(ticket, True)
        await asyncio.sleep(rng.uniform(*(SERVE_S if comes else NOBODY_S)))
        try:
            await self._client.call("ticket.serve" if comes else "ticket.no_show", {"ticket": ticket})
        except (Refused, Unanswered):
            return  # the human beside us was faster, or it was given back
        self._say(ticket, number, "served" if comes else "no_show", stage.now() - began)

    def _say(self, ticket: str, number: int, state: str, after_s: float) -> None:
        queue = self._client.table(self._topic).things.get(ticket.rpartition(".")[0], {})
        stop = self._stops.get(queue.get("stop", ""), {})
        event = {
            "event": "ticket",
            "kelurahan": self._stage.name(stop.get("kelurahan")),
            "ticket": ticket,
            "number": number,
            "stop": stop.get("name", ""),
            "service": queue.get("service", ""),
            "state": state,
            "after_s": round(after_s, 1),
        }
        self._stage.emit({**event, "text": ticket_text(event)})


def ticket_text(event: View) -> str:
    """What came of a number as one sentence."""
    what = f"number {event['number']} for {event['service']} called at {event['stop']}"
    done = "served" if event["state"] == "served" else "nobody came"
    return f"{what}, {done} after {event['after_s']:.0f} s"
