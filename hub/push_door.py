"""`GET /v1/push`, `/v1/push/subscriptions` and `/v1/push/received`: a page has its phone woken while it sleeps.

What a page may name here, the city's worker will call: an address is checked as a webhook's is, here and again
when it is called.
"""

from __future__ import annotations

import base64
import binascii
from typing import Annotated, Any, Final

import msgspec
from cryptography.hazmat.primitives.asymmetric import ec
from msgspec import Meta, Struct
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from hub.api import MSGPACK_TYPE, STATUS, read_body
from hub.dispatch import Answer, refused
from hub.doors import Doors
from hub.errors import DataError
from hub.hook_desk import check_url
from hub.hook_urls import target
from hub.identity import SignedIn
from hub.node import Node
from hub.push import Subscription, Subscriptions, note_got, public_key
from hub.wire import convert

PATH: Final = "/v1/push"
NO_STORE: Final = {"Cache-Control": "no-store", "X-Content-Type-Options": "nosniff"}
POINT_BYTES: Final = 65
AUTH_BYTES: Final = 16


class Received(Struct, frozen=True):
    """What a service worker says: a command's id, and what the push said (`of` is its `id`)."""

    id: Annotated[str, Meta(min_length=1, max_length=80)]
    kind: Annotated[str, Meta(min_length=1, max_length=40)]
    of: Annotated[str, Meta(min_length=1, max_length=120)]


class Push:
    """The routes of one hub."""

    def __init__(self, node: Node, doors: Doors) -> None:
        self._node, self._doors = node, doors
        self._kept = Subscriptions(node.store, node.dispatch)

    def routes(self) -> list[Route]:
        return [
            Route(PATH, self.look),
            Route(PATH + "/subscriptions", self.change, methods=["POST", "DELETE"]),
            Route(PATH + "/received", self.received, methods=["POST"]),
        ]

    async def look(self, request: Request) -> Response:
        """200 `{key, mine}`: the city's public key, and whether this sign-in has a subscription that stands."""
        signed_in = await self._doors.signed_in(request, self._node.identity)
        mine = signed_in is not None and await self._mine(signed_in) is not None
        return _reply(request, 200, {"key": base64url(public_key(self._node.store.secret)), "mine": mine})

    async def change(self, request: Request) -> Response:
        """201 `{}`: this sign-in can be woken there; 200 `{}`: not any more."""
        signed_in = await self._doors.signed_in(request, self._node.identity)
        if signed_in is None:
            return _refusal(request, refused("not_signed_in", "no valid session for this role"))
        if request.method == "DELETE":
            mine = await self._mine(signed_in)
            if mine is not None:
                await self._kept.drop(signed_in.actor.person, mine)
            return _reply(request, 200, {})
        roles = self._node.services.woken
        if signed_in.actor.role not in roles:
            return _refusal(request, refused("not_allowed", f"expected a sign-in of {', '.join(sorted(roles))}"))
        given = self._given(await read_body(request), signed_in)
        wait_ms = (
            self._node.slowed(signed_in, self._doors.address(request)) if signed_in.actor.role == "resident" else 0
        )
        if wait_ms:
            slow = refused("too_many", "too many at once; wait a little", retry=True, data={"after_ms": wait_ms})
            return _refusal(request, slow)
        await self._kept.put(signed_in.actor.person, given, signed_in.sign_in)
        return _reply(request, 201, {})

    async def received(self, request: Request) -> Response:
        """200: the phone of this sign-in has it; what the service says of `received` is done, once for each `id`."""
        signed_in = await self._doors.signed_in(request, self._node.identity)
        if signed_in is None:
            return _refusal(request, refused("not_signed_in", "no valid session for this role"))
        node, said = self._node, convert(await read_body(request), Received, "body")
        kinds = node.services.kinds()
        if said.kind not in kinds:
            raise DataError("kind", f"expected one of {', '.join(sorted(kinds))}")
        node.figures.woke(said.kind)
        receipt = kinds[said.kind]
        if receipt is None:
            await note_got(node.store, said.kind, said.of, signed_in.actor.person)
            return _reply(request, 200, {"ok": True, "data": {}})
        deadline, data = node.loop.time() + node.reply_s, {receipt.field: said.of, "level": "received"}
        answer = await node.run(receipt.cmd, data, signed_in, said.id, 0, deadline, self._doors.address(request))
        return _reply(request, 200, answer.body()) if answer.ok else _refusal(request, answer)

    async def _mine(self, signed_in: SignedIn) -> Subscription | None:
        kept = await self._kept.of(signed_in.actor.role, signed_in.actor.person)
        return next((one for one in kept if one.digest == signed_in.digest), None)

    def _given(self, body: dict[str, Any], signed_in: SignedIn) -> Subscription:
        endpoint, keys = body.get("endpoint"), body.get("keys")
        if not isinstance(endpoint, str):
            raise DataError("endpoint", "expected the address that the browser's subscription says")
        private = self._node.settings.webhook_private
        check_endpoint(endpoint, private=private)
        if not isinstance(keys, dict):
            raise DataError("keys", "expected {p256dh, auth}")
        actor = signed_in.actor
        return Subscription(
            digest=signed_in.digest, role=actor.role, name=actor.name, endpoint=endpoint,
            p256dh=_point(keys.get("p256dh")), auth=_bytes(keys.get("auth"), "keys.auth", AUTH_BYTES),
            at=self._node.store.now(), shop=actor.shop or "", desk=actor.desk or "", van=actor.van or "",
        )  # fmt: skip


def check_endpoint(endpoint: str, *, private: bool) -> None:
    """Refuse what is no push service's address.

    Raises:
        DataError: not https, or an address that is not public (unless `private`).
    """
    try:
        check_url(endpoint, private=private)
        tls = target(endpoint).tls
    except DataError as exc:
        raise DataError("endpoint", exc.expected) from exc
    if not tls and not private:
        raise DataError("endpoint", "expected https://...")


def _point(text: object) -> bytes:
    """A point of P-256, uncompressed: one that is on no curve would fail at every offer."""
    point = _bytes(text, "keys.p256dh", POINT_BYTES)
    try:
        ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), point)
    except ValueError as exc:
        raise DataError("keys.p256dh", "expected an uncompressed point of P-256") from exc
    return point


def _bytes(text: object, path: str, size: int) -> bytes:
    try:
        if isinstance(text, str) and len(text) <= 2 * size:
            plain = text.rstrip("=")
            found = base64.b64decode(plain + "=" * (-len(plain) % 4), b"-_", validate=True)
            if len(found) == size:
                return found
    except (binascii.Error, ValueError):
        pass
    raise DataError(path, f"expected {size} bytes in base64url")


def base64url(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def _refusal(request: Request, answer: Answer) -> Response:
    return _reply(request, STATUS.get(answer.code, 409), answer.body())


def _reply(request: Request, status: int, body: dict[str, Any]) -> Response:
    if MSGPACK_TYPE in request.headers.get("accept", ""):
        return Response(msgspec.msgpack.encode(body), status, NO_STORE, MSGPACK_TYPE)
    return Response(msgspec.json.encode(body), status, NO_STORE, "application/json")
