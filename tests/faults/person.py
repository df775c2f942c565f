"""One simulated person: the project's own Python client, with a memory of all that it heard and was answered."""

from __future__ import annotations

import asyncio
import random
import uuid
from typing import Any, Final

from clients.client import Client, Refused, SignedOut, Unanswered
from clients.http import request
from clients.link import Frame, Link
from hub.recovery import Table
from tests.faults.city import now_ms
from tests.faults.history import Act, Answered, History, Said, Told, digest, table_digest
from tests.faults.history import Final as LastTable

ANSWER_S: Final = 300.0
KNOCK_S: Final = 0.4
FULL_EVERY: Final = 25
"""Of so many changes one is followed by a look at the whole table."""


class Person(Client):
    """A client that remembers.

    Args:
        help, live: doors (`127.0.0.1:<port>`), tried in turn, the first one first.
    """

    def __init__(
        self,
        name: str,
        rng: random.Random,
        *,
        help: list[str],
        live: list[str],
        device: str | None = None,
        code: str | None = None,
        audible: bool = False,
    ) -> None:
        self.rng = rng
        self.history = History(name)
        self._http_doors = [f"http://{door}" for door in (*live, *help)]
        super().__init__(
            self._http_doors[0],
            device=device,
            code=code,
            live=[f"ws://{door}/v1/live" for door in live],
            help=[f"ws://{door}/v1/live" for door in help],
            config={"help_url": f"http://{help[0]}"},
            audible=audible,
            chance=rng.random,
        )
        self._state_parts: dict[str, int] = {}
        self._seen = 0
        self.skip: str | None = None
        """A topic of which the next change is swallowed and believed to be known: a broken client."""

    async def __aenter__(self) -> Person:
        await super().__aenter__()
        self.history.person, self.history.role = self.person, self.role
        return self

    def link_opened(self, link: Link, welcome: Frame) -> None:
        self.history.connects += 1
        super().link_opened(link, welcome)

    @property
    def links(self) -> list[Link]:
        return list(self._links.values())

    # -- what was heard ---------------------------------------------------------

    def receive(self, link: Link, frame: Frame) -> None:
        kind = frame.get("t")
        if kind == "reply" and not frame["ok"] and frame.get("retry"):
            self.history.retries[frame["code"]] = self.history.retries.get(frame["code"], 0) + 1
        if kind not in ("state", "resumed", "change", "folded") or frame["topic"] not in self._topics:
            super().receive(link, frame)
            return
        table = self._topics[frame["topic"]].table
        before, before_epoch = table.offset, table.epoch or ""
        if kind == "change" and self.skip == frame["topic"] and not frame.get("more"):
            self.skip, table.offset = None, frame["offset"]
        super().receive(link, frame)
        self._note(frame, table, before, before_epoch)

    def _note(self, frame: Frame, table: Table, before: int, before_epoch: str) -> None:
        kind, topic = frame["t"], frame["topic"]
        said: tuple[Said, ...] = ()
        frame_table, taken = 0, True
        if kind == "change":
            said = (_said(frame),)
            if table.offset == frame["offset"] > before:
                taken = digest(table.things.get(frame["id"])) == said[0].view
        elif kind == "resumed":
            said = tuple(_said(change) for change in frame["changes"])
        elif kind == "folded":
            said = tuple(
                Said(frame["prev"], frame["offset"], id_, "folded", digest(view), False)
                for id_, view in frame["things"].items()
            )
        else:
            key = f"{topic} {frame['ref']}"
            known = 0 if frame["part"] == 0 else self._state_parts.pop(key, 0)
            frame_table = known ^ table_digest(frame["things"])
            if not frame["last"]:
                self._state_parts[key] = frame_table
                return
        self._seen += 1
        whole = table.offset != before and (kind != "change" or self._seen % FULL_EVERY == 0)
        self.history.told.append(
            Told(
                topic, kind, frame.get("epoch", ""), frame["offset"], said, frame_table, before, before_epoch,
                table.offset, table.epoch or "", table_digest(table.things) if whole else None, taken,
            )
        )  # fmt: skip

    def rest(self) -> None:
        """Remember the tables as they are now: all is quiet."""
        for topic, following in self._topics.items():
            table = following.table
            self.history.final[topic] = LastTable(table.epoch or "", table.offset, dict(table.things))

    def positions(self) -> dict[str, tuple[str, int]]:
        """Of each followed topic: epoch and offset."""
        return {topic: (one.table.epoch or "", one.table.offset) for topic, one in self._topics.items()}

    # -- what was done ----------------------------------------------------------

    async def act(self, cmd: str, data: dict[str, Any], *, both_doors: bool = False) -> Answered | None:
        """Do something under a new id and go on until it is answered for good; None when that never comes.

        Args:
            both_doors: through `POST /v1/commands` of another hub as well, at once.
        """
        id_ = str(uuid.UUID(int=self.rng.getrandbits(128), version=4))
        act = Act(self.person, self.role, id_, cmd, data, now_ms(), [])
        self.history.acts.append(act)
        ways = [self._through_socket(act)]
        if both_doors:
            ways.append(self.knock(act, self.rng.choice(self._http_doors)))
        answers = await asyncio.gather(*ways)
        return next((answer for answer in answers if answer is not None), None)

    async def _through_socket(self, act: Act) -> Answered | None:
        try:
            data = await self.call(act.cmd, act.data, id=act.id, limit_s=ANSWER_S)
            answer = Answered(True, "", data, "socket")
        except Refused as exc:
            answer = Answered(False, exc.code, exc.data, "socket")
        except (Unanswered, SignedOut):
            return None
        act.answers.append(answer)
        return answer

    async def knock(self, act: Act, door: str) -> Answered | None:
        """Ask through `POST /v1/commands` until it answers for good."""
        loop = asyncio.get_running_loop()
        until = loop.time() + ANSWER_S
        body = {"id": act.id, "cmd": act.cmd, "data": act.data}
        while loop.time() < until:
            try:
                reply = await request("POST", f"{door}/v1/commands", body, token=self.token, limit_s=4.0)
            except OSError:
                door = self.rng.choice(self._http_doors)
            else:
                said = reply.body
                if said.get("ok"):
                    answer = Answered(True, "", said["data"], "http")
                    act.answers.append(answer)
                    return answer
                if said.get("code") and not said.get("retry"):
                    answer = Answered(False, said["code"], said.get("data") or {}, "http")
                    act.answers.append(answer)
                    return answer
            await asyncio.sleep(KNOCK_S * (0.5 + self.rng.random()))
        return None

    async def ask_again(self, act: Act) -> None:
        """Repeat an act that was answered: the same answer must come."""
        await self.knock(act, self.rng.choice(self._http_doors))


def _said(change: Frame) -> Said:
    return Said(
        change["prev"], change["offset"], change["id"], change["kind"], digest(change["view"]), bool(change.get("more"))
    )
