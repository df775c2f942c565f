"""HTTP beside the sockets: sessions, commands, snapshots, health, metrics, and the handshake route.

Bodies are JSON, or MessagePack with `Content-Type: application/msgpack`.
"""

from __future__ import annotations

import asyncio
import math
from typing import Any, Final

import msgspec
from starlette.requests import Request
from starlette.responses import Response
from starlette.websockets import WebSocket

from hub import wire
from hub.closing import SIGNED_OUT
from hub.connection import Connection
from hub.contract import Actor
from hub.dispatch import Answer, refused
from hub.doors import Doors
from hub.errors import DataError, StoreError, WireError
from hub.fanout import json_view
from hub.identity import Issued, Leave, SignedIn, nothing_more
from hub.metrics import text as metrics_text
from hub.node import Node
from hub.pump import LiveTopic
from hub.server import EXTENSION, Handover

MAX_BODY_BYTES: Final = 32 * 1024
MSGPACK_TYPE: Final = "application/msgpack"
HANDSHAKES: Final = 32
"""Sign-ins looked up at once: a storm of them must not fill the store's queue."""

STATUS: Final = {
    "bad_frame": 400, "bad_data": 400, "not_signed_in": 401, "not_allowed": 403, "not_found": 404,
    "unknown_command": 404, "unknown_topic": 404, "too_many": 429, "unavailable": 503, "unconfirmed": 503,
    "internal": 500, "wrong_clock": 400,
}  # fmt: skip


class Api:
    """The routes of one hub.

    Args:
        config: what `GET /v1/config` always says; addresses and medics on duty are added.
        ports: of the public and the help hub.
        leave: what the answer to a sign-out says more.
    """

    def __init__(
        self, node: Node, doors: Doors, config: dict[str, Any], ports: tuple[int, int], leave: Leave = nothing_more
    ) -> None:
        self._node, self._doors, self._config, self._ports = node, doors, config, ports
        self._leave = leave
        self._handshakes = asyncio.Semaphore(HANDSHAKES)

    # -- the handshake ------------------------------------------------------------------

    async def live(self, socket: WebSocket) -> None:
        """`GET /v1/live`: refuse what cannot be told later, accept the rest and hand the socket over."""
        node = self._node
        why = self._doors.refuses(socket)
        if why is not None:
            await socket.send_denial_response(_plain(403, why))
            return
        offered = [name for name in socket.scope["subprotocols"] if name in wire.SUBPROTOCOLS]
        if not offered:
            names = " or ".join(wire.SUBPROTOCOLS)
            await socket.send_denial_response(_plain(400, f"expected the subprotocol {names}"))
            return
        if node.draining:
            await socket.send_denial_response(_plain(503, "draining"))
            return
        token = self._doors.token(socket)
        signed_in, refuse = None, False
        if token is not None:
            try:
                async with self._handshakes:
                    signed_in = await node.identity.resolve(token)
            except StoreError:
                await socket.send_denial_response(_plain(503, "the store cannot be reached"))
                return
            refuse = signed_in is None  # a browser cannot see a refused handshake's status: accept, then close
        connection = Connection(node, wire.SUBPROTOCOLS[offered[0]], signed_in, self._doors.address(socket))
        handover: Handover = socket.scope["extensions"][EXTENSION]
        handover.connection = connection
        await socket.accept(subprotocol=offered[0])
        if refuse:
            connection.close(SIGNED_OUT)

    # -- sessions -------------------------------------------------------------------------

    async def sessions(self, request: Request) -> Response:
        if request.method == "POST":
            return await self._sign_in(request)
        signed_in = await self._who(request)
        if signed_in is None:
            return self._refusal(request, refused("not_signed_in", "no valid session"))
        return _reply(request, 200, {"sessions": await self._node.identity.sessions(signed_in.actor.person)})

    async def _sign_in(self, request: Request) -> Response:
        body = await read_body(request)
        city = body.get("city")
        if city is not None and city != self._node.store.city:
            raise DataError("city", f"expected {self._node.store.city!r}")
        if "code" in body:
            redeemed = await self._node.identity.redeem(body["code"])
            if redeemed is None:
                return self._refusal(request, refused("not_allowed", "code: it was used, is stale or was never made"))
            issued = redeemed[0]
        else:
            issued = self._node.identity.resident(body.get("device"))
        response = _reply(
            request,
            201,
            {"person": issued.person, "role": issued.role, "token": issued.token, "expires_at": issued.expires_at},
        )
        await self._set_cookie(request, response, issued)
        return response

    async def _set_cookie(self, request: Request, response: Response, issued: Issued) -> None:
        """Set the role's cookie, never replacing a valid one."""
        name = self._doors.cookie_name(issued.role)
        held = request.cookies.get(name)
        if held is not None and held != issued.token and await self._node.identity.resolve(held) is not None:
            return
        age_s = max(0, (issued.expires_at - self._node.store.now()) // 1000)
        response.set_cookie(
            name, issued.token, max_age=age_s, path="/", httponly=True, samesite="strict",
            secure=self._doors.secure(request),
        )  # fmt: skip

    async def session(self, request: Request) -> Response:
        """`DELETE /v1/sessions/<id or current>`."""
        signed_in = await self._who(request)
        if signed_in is None:
            return self._refusal(request, refused("not_signed_in", "no valid session"))
        which = request.path_params["id"]
        if not await self._node.identity.revoke(signed_in, which):
            return self._refusal(request, refused("not_found", "no such session of yours"))
        own = which == "current" or signed_in.digest.startswith(which)
        response = _reply(request, 200, await self._leave(signed_in) if own else {})
        if own:
            response.delete_cookie(self._doors.cookie_name(signed_in.actor.role), path="/")
        return response

    async def _who(self, request: Request) -> SignedIn | None:
        return await self._doors.signed_in(request, self._node.identity)

    # -- commands and tables ------------------------------------------------------------------

    async def commands(self, request: Request) -> Response:
        """`POST /v1/commands`: the same commands as `call`, the same answers."""
        node = self._node
        deadline = node.loop.time() + node.reply_s
        body = await read_body(request)
        signed_in = await self._who(request)
        if signed_in is None:
            return self._refusal(request, refused("not_signed_in", "no valid session for this role"))
        call = wire.client_frame({**body, "t": "call", "ref": 0})
        assert isinstance(call, wire.Call)
        answer = await node.run(
            call.cmd, call.data, signed_in, call.id, call.age_ms, deadline, self._doors.address(request)
        )
        return self._refusal(request, answer) if not answer.ok else _reply(request, 200, answer.body())

    async def topic(self, request: Request) -> Response:
        """`GET /v1/topics/<topic>`: a snapshot."""
        node, name = self._node, request.path_params["topic"]
        topic = node.services.topic(name)
        if topic is None:
            return self._refusal(request, refused("unknown_topic", f"no service has the topic {name[:80]!r}"))
        signed_in = await self._who(request)
        actor = signed_in.actor if signed_in is not None else None
        if actor is None or not topic.allows(actor):
            code = "not_signed_in" if actor is None else "not_allowed"
            if actor is not None or not topic.allows(Actor(person="", role="visitor")):
                return self._refusal(request, refused(code, f"{name} is not yours to read"))
        if actor is not None and not await node.known(topic, actor):
            return self._refusal(request, refused("not_allowed", f"{name} is not yours to read"))
        live: LiveTopic | None = node.fanout.topics.get(name)
        if live is not None and live.offset >= 0:
            epoch, offset, things = node.fanout.epoch, live.offset, live.things
        else:
            snapshot = await node.store.table("normal" if topic.lane == "bulk" else topic.lane, name)
            epoch, offset, things = snapshot.epoch, snapshot.offset, snapshot.things
        if actor is not None:
            node.looks.read(things.values(), actor)
        views = {id_: json_view(view) for id_, view in things.items()}
        return _reply(request, 200, {"topic": name, "epoch": epoch, "offset": offset, "things": views})

    async def config(self, request: Request) -> Response:
        """`GET /v1/config`: what a page must know before it signs in."""
        addresses = self._doors.addresses(request, *self._ports)
        medics, at = await self._on_duty(), self._node.store.now()
        return _reply(request, 200, {**self._config, **addresses, "medics_on_duty": medics, "at": at})

    async def _on_duty(self) -> int | None:
        """From the `city` topic's table; None when the store cannot be asked."""
        try:
            live = self._node.fanout.topics.get("city")
            things = live.things if live is not None and live.offset >= 0 else None
            if things is None:
                things = (await self._node.store.table("normal", "city")).things
            view = json_view(things.get("medics"))
            return int(view["on_duty"]) if view else 0
        except (StoreError, KeyError):
            return None

    # -- health ----------------------------------------------------------------------------------

    async def alive(self, request: Request) -> Response:
        return _reply(request, 200, {"live": True})

    async def ready(self, request: Request) -> Response:
        why = self._node.unready()
        if why is None:
            return _reply(request, 200, {"ready": True, "node": self._node.name})
        return _reply(request, 503, {"ready": False, "why": why})

    async def metrics(self, request: Request) -> Response:
        return Response(await metrics_text(self._node), media_type="text/plain; version=0.0.4")

    # -- faults that are answers --------------------------------------------------------------------

    def _refusal(self, request: Request, answer: Answer) -> Response:
        self._node.figures.refuse(answer.code)
        response = _reply(request, STATUS.get(answer.code, 409), answer.body())
        if answer.code == "too_many" and answer.data:
            response.headers["Retry-After"] = str(math.ceil(answer.data.get("after_ms", 1000) / 1000))
        return response

    async def failed(self, request: Request, error: Exception) -> Response:
        """Turn an error of ours into the refusal that PROTOCOL names."""
        if isinstance(error, WireError):
            return self._refusal(request, refused("bad_frame", str(error)))
        if isinstance(error, DataError):
            return self._refusal(request, refused("bad_data", str(error)))
        return self._refusal(request, refused("unavailable", "the store cannot be reached", retry=True))


async def read_body(request: Request) -> dict[str, Any]:
    """Read a body of at most 32 KB as a map, in whichever format it says it is."""
    chunks: list[bytes] = []
    size = 0
    async for chunk in request.stream():
        size += len(chunk)
        if size > MAX_BODY_BYTES:
            raise DataError("body", f"expected at most {MAX_BODY_BYTES} bytes")
        chunks.append(chunk)
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    return wire.decode(b"".join(chunks), "msgpack" if kind == MSGPACK_TYPE else "json")


def _reply(request: Request, status: int, body: dict[str, Any]) -> Response:
    """Answer in the format that was asked for."""
    headers = {"Cache-Control": "no-store", "X-Content-Type-Options": "nosniff"}
    if MSGPACK_TYPE in request.headers.get("accept", ""):
        return Response(msgspec.msgpack.encode(body), status, headers, MSGPACK_TYPE)
    return Response(msgspec.json.encode(body), status, headers, "application/json")


def _plain(status: int, why: str) -> Response:
    return Response(why, status, media_type="text/plain")
