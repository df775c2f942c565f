"""`/v1/privacy`: what a city keeps and how long; for this device's person who saw their card, all of it, and its end.

What is kept is said from what the services declare and from the city's file, so no text can forget a field. The archive
is asked through the query process, as for reports; a hub reads none.
"""

from __future__ import annotations

import asyncio
import base64
import contextlib
from collections import Counter
from collections.abc import AsyncIterator
from typing import Any, Final

import msgspec
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from hub.api import MSGPACK_TYPE, STATUS, read_body
from hub.city_file import CityFile
from hub.city_keys import RETAIN
from hub.directory import Directory
from hub.dispatch import Answer, refused
from hub.doors import Doors
from hub.errors import DataError
from hub.identity import SignedIn
from hub.looks import looks_at
from hub.members import member_of
from hub.node import Node
from hub.privacy import Privacy
from hub.seal import kept_keys
from hub.trail import Row, Trail, export

PATH: Final = "/v1/privacy"
NO_STORE: Final = {"Cache-Control": "no-store", "X-Content-Type-Options": "nosniff"}
MOST_WAITING: Final = 16
"""Who ask at once to see, take or end what is kept of them: each is a look at the whole store, one after the other."""
SOMEBODY_ELSE: Final = "person: that is somebody else; everybody asks for what is their own"
ENDED_H: Final = {"request": 2, "order": 24, "want": 24}
"""How long what ended stays on screens where a city's file says nothing else."""


class PrivacyDesk:
    """The routes of one public hub."""

    def __init__(self, node: Node, doors: Doors, directory: Directory, city: CityFile) -> None:
        self._node, self._doors, self._directory, self._city = node, doors, directory, city
        self._privacy = Privacy(node.dispatch)
        self._turn, self._waiting = asyncio.Lock(), 0

    def routes(self) -> list[Route]:
        return [
            Route(PATH, self.kept),
            Route(PATH + "/mine", self.mine),
            Route(PATH + "/export", self.export),
            Route(PATH + "/erase", self.erase, methods=["POST"]),
        ]

    async def kept(self, request: Request) -> Response:
        """200 `{city, kinds, ended_h, looks_days}`: what is kept of people, where, and how long."""
        return _reply(request, 200, kept(self._node.services.channels, self._city))

    async def mine(self, request: Request) -> Response:
        """200 `{person, kept, open, sealed, looks, at}`: what stands of the asker, and who saw it."""
        signed_in = await self._who(request)
        if isinstance(signed_in, Answer):
            return _refusal(request, signed_in)
        person, store = signed_in.actor.person, self._node.store
        async with self._one() as free:
            if not free:
                return _refusal(request, _busy())
            things = await self._privacy.things(person)
        declared = self._node.services.declared
        told = {
            "person": person,
            "kept": dict(Counter(held.type for held in things)),
            "open": [held.name for held in things if declared.open(held.type, held.id, held.state, person)],
            "sealed": bool(await kept_keys(store, [person])),
            "looks": await self._looks(person),
            "at": store.now(),
        }
        return _reply(request, 200, told)

    async def _looks(self, person: str) -> list[dict[str, Any]]:
        """Who saw a card, with the name of who is still enrolled."""
        store = self._node.store
        looks = await looks_at(store, person)
        names: dict[str, str] = {}
        for viewer in dict.fromkeys(look.viewer for look in looks):
            member = await member_of(store, viewer)
            names[viewer] = member.name if member is not None else ""
        return [
            {"at": one.at, "role": one.role, "desk": one.desk, "name": names[one.viewer], "thing": one.thing}
            for one in looks
        ]

    async def export(self, request: Request) -> Response:
        """200 everything that is kept of the asker, as a file."""
        signed_in = await self._who(request)
        if isinstance(signed_in, Answer):
            return _refusal(request, signed_in)
        person = signed_in.actor.person
        async with self._one() as free:
            if not free:
                return _refusal(request, _busy())
            trail = Trail(person, self._node.services.declared)
            before = await self._archived(person)
            told = await export(self._node.dispatch, person, list(trail.of(before or ())), trail)
        if told is None:
            return _refusal(request, refused("not_found", "nothing is kept of this device's person"))
        if before is None:
            told["archive"] = "it cannot be reached now: only the newest entries of the log are here"
        headers = {**NO_STORE, "Content-Disposition": f'attachment; filename="kentongan-{person}.json"'}
        return Response(msgspec.json.format(msgspec.json.encode(told)), 200, headers, "application/json")

    async def _archived(self, person: str) -> list[Row] | None:
        """What the archive holds of somebody; None when it cannot be asked, empty when there is none."""
        line = msgspec.json.encode({"path": PATH, "person": person}) + b"\n"
        reply = await self._directory.ask(line)
        if reply is None or reply.status not in (200, 404):
            return None
        rows = msgspec.json.decode(reply.body).get("rows", ())
        return [(int(at), base64.b64decode(body)) for at, body in rows]

    async def erase(self, request: Request) -> Response:
        """200 `{ok, data}`: it is done. 409 `illegal_step` while a request of theirs is open."""
        signed_in = await self._who(request)
        if isinstance(signed_in, Answer):
            return _refusal(request, signed_in)
        if signed_in.actor.role != "resident":
            return _refusal(request, refused("not_allowed", "staff are erased by `kentongan erase`, with their desk"))
        body = await read_body(request)
        if body.get("person", signed_in.actor.person) != signed_in.actor.person:
            return _refusal(request, refused("not_allowed", SOMEBODY_ELSE))
        if body.get("sure") is not True:
            raise DataError("sure", "expected true: what is erased cannot be brought back")
        async with self._one() as free:
            if not free:
                return _refusal(request, _busy())
            answer = await self._privacy.erase(signed_in.actor.person, signed_in.actor)
        if not answer.ok:
            return _refusal(request, answer)
        response = _reply(request, 200, answer.body())
        response.delete_cookie(self._doors.cookie_name("resident"), path="/")  # a new visit is somebody new
        return response

    async def _who(self, request: Request) -> SignedIn | Answer:
        """Whoever asks; `not_allowed` for who names somebody else."""
        signed_in = await self._doors.signed_in(request, self._node.identity)
        if signed_in is None:
            return refused("not_signed_in", "no valid session for this role")
        if request.query_params.get("person", signed_in.actor.person) != signed_in.actor.person:
            return refused("not_allowed", SOMEBODY_ELSE)
        return signed_in

    @contextlib.asynccontextmanager
    async def _one(self) -> AsyncIterator[bool]:
        """One at a time; false for who would be one too many."""
        if self._waiting >= MOST_WAITING:
            yield False
            return
        self._waiting += 1
        try:
            async with self._turn:
                yield True
        finally:
            self._waiting -= 1


def kept(channels: Any, city: CityFile) -> dict[str, Any]:
    """What a city's services keep of people, as they declare it, by kind in the order of a city's file.

    `days`: how long the long memory keeps it.
    """
    fields: dict[str, set[tuple[str, str]]] = {}
    for channel in channels:
        for struct, said in getattr(channel, "personal", {}).items():
            names = {one.name: one.encode_name for one in msgspec.structs.fields(struct)}
            for field, kind in said.fields.items():
                fields.setdefault(kind, set()).add((channel.name, names[field]))
    kinds = [
        {
            "kind": kind,
            "days": city.keeps[kind],
            "services": sorted({service for service, _ in some}),
            "fields": sorted({field for _, field in some}),
        }
        for kind, some in sorted(fields.items(), key=lambda pair: list(RETAIN).index(pair[0]))
    ]
    ended = {**ENDED_H, **city.retention_h}
    return {"city": city.name, "kinds": kinds, "ended_h": ended, "looks_days": looks_days(city)}


def looks_days(city: CityFile) -> int:
    """How long people may read who saw their card: as long as names are kept."""
    return city.keeps["name"]


def _busy() -> Answer:
    return refused("unavailable", "many ask for this now; try again", retry=True)


def _refusal(request: Request, answer: Answer) -> Response:
    return _reply(request, STATUS.get(answer.code, 409), answer.body())


def _reply(request: Request, status: int, body: dict[str, Any]) -> Response:
    if MSGPACK_TYPE in request.headers.get("accept", ""):
        return Response(msgspec.msgpack.encode(body), status, NO_STORE, MSGPACK_TYPE)
    return Response(msgspec.json.encode(body), status, NO_STORE, "application/json")
