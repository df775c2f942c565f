"""A desk's own people, over HTTP: enrol one, see who there is, sign them out.

    POST   /v1/enrolments                       a one-time link for somebody new, or a new device's for who is enrolled
    GET    /v1/staff                            the desk's people with their sign-ins
    DELETE /v1/staff/<person>/sessions/<id|all> ends sign-ins; live sockets close at every hub

Who may do what stands in `hub.members`. What is not said there is refused, and a person of another desk is not found:
nobody learns that there is one. A code is in the answer alone, never in an address or a log.
"""

from __future__ import annotations

import asyncio
import uuid
from typing import Any, Final

import msgspec
from msgspec import Struct
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from hub import wire
from hub.api import MSGPACK_TYPE, STATUS
from hub.commit import pack
from hub.contract import Actor
from hub.dispatch import Answer, refused
from hub.doors import Doors
from hub.enrol_command import BOUND, THINGS
from hub.errors import DataError
from hub.identity import Enrolment, Leave, SignedIn, check_name, enrol, nothing_more
from hub.keys import AUDIT_MOST
from hub.limits import Buckets
from hub.link import Args
from hub.members import DESK_OF, Device, People, Standing, desks_of, may_enrol
from hub.node import Node
from hub.qr import drawn
from hub.renewing import KEPT, check_same, renew, replaced
from hub.revoking import EVERY, end_of

MAX_BODY_BYTES: Final = 4 * 1024
VEHICLE_LENGTH: Final = 40
ID_LENGTH: Final = 80
BURST: Final = 30
PER_S: Final = 1.0
"""Of one person, over the three routes: a page asks every 15 s, and nobody enrols faster by hand."""
ROLES: Final = (*DESK_OF, "dispatcher")


class Wanted(Struct, frozen=True):
    """The body of `POST /v1/enrolments`. With `person` all else is known and may be left out."""

    role: str | None = None
    name: str | None = None
    shop: str | None = None
    van: str | None = None
    desk: str | None = None
    vehicle: str | None = None
    person: str | None = None
    replace: str | bool | None = None


class Staff:
    """The routes of one hub.

    Args:
        ports: of the public and the help hub.
        leave: what the answer says more to who has signed themselves out.
    """

    def __init__(self, node: Node, doors: Doors, ports: tuple[int, int], leave: Leave = nothing_more) -> None:
        self._node, self._doors, self._ports, self._leave = node, doors, ports, leave
        self._people = People(node.store, node.services)
        self._limit = Buckets(BURST, PER_S)

    def routes(self) -> list[Route]:
        return [
            Route("/v1/enrolments", self.enrol, methods=["POST"]),
            Route("/v1/staff", self.staff),
            Route("/v1/staff/{person}/sessions/{id}", self.revoke, methods=["DELETE"]),
        ]

    # -- the three routes -------------------------------------------------------------

    async def enrol(self, request: Request) -> Response:
        """201 `{person, role, link, code, expires_at, qr: {size, path}}`."""
        asker = await self._asker(request)
        if isinstance(asker, Answer):
            return answered(request, asker)
        wanted = await _wanted(request)
        if wanted.person is not None:
            return await self._renew(request, asker, wanted, wanted.person)
        if wanted.replace is not None:
            raise DataError("replace", "expected with `person`: somebody new has nothing to replace")
        role, why = _refused(wanted, asker.actor, self._node.desks)
        if why is not None:
            return answered(request, why)
        await self._check_thing(wanted)
        person = str(uuid.uuid4())
        await self._audit("staff.enrol", asker.actor, person)  # first: nobody is enrolled without a trace
        made = await enrol(
            self._node.store, role=role, name=(wanted.name or "").strip(), person=person, shop=wanted.shop,
            van=wanted.van, desk=wanted.desk, vehicle=(wanted.vehicle or "").strip(),
        )  # fmt: skip
        return replied(request, 201, await self._told(request, made))

    async def _renew(self, request: Request, asker: SignedIn, wanted: Wanted, person: str) -> Response:
        """The same for a new device of somebody of the asker's desk."""
        member = await self._people.one(person[:ID_LENGTH])
        if member is None or member.group not in desks_of(asker.actor):
            return answered(request, refused("not_found", "person: no such person at this desk"))
        check_same(member, {name: getattr(wanted, name) for name in KEPT})
        replace = await replaced(self._node.store, member, wanted.replace)
        await self._audit("staff.replace" if replace else "staff.renew", asker.actor, person)
        return replied(request, 201, await self._told(request, await renew(self._node.store, member, replace)))

    async def staff(self, request: Request) -> Response:
        """200 `{people, more, may, at}`; `?shop=` those of one shop, `?desk=` (an admin's) those of one desk."""
        asker = await self._asker(request)
        if isinstance(asker, Answer):
            return answered(request, asker)
        groups, shop = _asked(request, desks_of(asker.actor))
        if not groups:  # a desk that is not theirs, as if there were none
            return answered(request, refused("not_found", "no such people at this desk"))
        members, more = await self._people.newest(groups, shop)
        people = [_person(one, asker.digest) for one in await self._people.standing(members)]
        may = [_pair(*pair) for pair in may_enrol(asker.actor, self._node.desks)]
        return replied(request, 200, {"people": people, "more": more, "may": may, "at": self._node.store.now()})

    async def revoke(self, request: Request) -> Response:
        """200 `{revoked}`: how many sign-ins were ended."""
        person, which = request.path_params["person"][:ID_LENGTH], request.path_params["id"]
        asker = await self._asker(request)
        if isinstance(asker, Answer):
            return answered(request, asker)
        member = await self._people.one(person)
        if member is None or member.group not in desks_of(asker.actor):
            return answered(request, refused("not_found", "no such person at this desk"))
        await self._audit("staff.revoke", asker.actor, person)
        revoked = await end_of(self._node.store, person, which)
        if not revoked and which != EVERY:
            return answered(request, refused("not_found", "no such session of this person"))
        own = person == asker.actor.person and (which == EVERY or asker.digest.startswith(which))
        return replied(request, 200, {"revoked": revoked, **(await self._leave(asker) if own else {})})

    # -- who asks, and about what -----------------------------------------------------------

    async def _asker(self, request: Request) -> SignedIn | Answer:
        """Somebody whose desk enrols people and who does not ask too often, or why not."""
        signed_in = await self._doors.signed_in(request, self._node.identity)
        if signed_in is None:
            return refused("not_signed_in", "no valid session for this role")
        if not desks_of(signed_in.actor):
            return refused("not_allowed", "expected a dispatcher or an admin")
        wait_ms = self._limit.take(signed_in.actor.person, self._node.loop.time())
        if wait_ms:
            message = "too many requests; wait a little"
            return refused("too_many", message, retry=True, data={"after_ms": wait_ms})
        return signed_in

    async def _check_thing(self, wanted: Wanted) -> None:
        """A shop or a van that is not there would be a link to an empty page.

        Raises:
            DataError: it is not there.
        """
        for kind in THINGS:
            id_ = getattr(wanted, kind)
            if id_ is not None:
                (there,) = await self._node.store.many("normal", [["EXISTS", self._node.store.keys.thing(kind, id_)]])
                if not there:
                    raise DataError(kind, f"expected a {kind} of this city, got {id_[:ID_LENGTH]!r}")

    # -- what is told ------------------------------------------------------------------------

    async def _told(self, request: Request, made: Enrolment) -> dict[str, Any]:
        link = self._doors.addresses(request, *self._ports)["url"].rstrip("/") + made.url_path
        qr = await asyncio.to_thread(drawn, link)  # milliseconds that emergencies do not wait for
        told = {"person": made.person, "role": made.role, "link": link, "code": made.code}
        return {**told, "expires_at": made.expires_at, "qr": {"size": qr.size, "path": qr.path}}

    async def _audit(self, cmd: str, actor: Actor, person: str) -> None:
        store = self._node.store
        done = {"cmd": cmd, "id": "", "by": actor.person, "role": actor.role, "things": [f"person/{person}"]}
        kept: Args = ["XADD", store.keys.audit, "MAXLEN", "~", AUDIT_MOST, "*"]
        await store.many("normal", [[*kept, "commit", 0, "at", store.now(), "e", pack(done)]])


def _refused(wanted: Wanted, actor: Actor, desks: tuple[str, ...]) -> tuple[str, Answer | None]:
    """The role, and why somebody is not enrolled by this actor, or None.

    Raises:
        DataError: a field is wrong.
    """
    role = wanted.role
    if role is None or role not in ROLES:
        roles = dict.fromkeys(role for role, _ in may_enrol(actor, desks))
        raise DataError("role", "expected one of " + ", ".join(roles))
    bound = BOUND.get(role)
    for name in ("shop", "van", "desk"):
        if (getattr(wanted, name) is not None) != (name == bound):
            raise DataError(name, f"expected one for a {role}" if name == bound else f"a {role} has none")
    if role == "dispatcher" and wanted.desk not in desks:
        raise DataError("desk", "expected one of " + ", ".join(desks))
    if (role, wanted.desk) not in may_enrol(actor, desks):
        return role, refused("not_allowed", f"role: a {role} is enrolled by their own desk")
    check_name(wanted.name or "")
    if wanted.vehicle and role != "medic":
        raise DataError("vehicle", f"a {role} has none")
    if len(wanted.vehicle or "") > VEHICLE_LENGTH:
        raise DataError("vehicle", f"expected at most {VEHICLE_LENGTH} characters")
    return role, None


def _asked(request: Request, mine: tuple[str, ...]) -> tuple[tuple[str, ...], str | None]:
    """The desks that a list is asked of, none when they are not theirs; and the shop."""
    desk, shop = request.query_params.get("desk"), request.query_params.get("shop")
    groups = mine if desk is None else tuple(one for one in mine if one == desk)
    if shop is None:
        return groups, None
    return tuple(one for one in groups if one == DESK_OF["seller"]), shop[:ID_LENGTH]


def _pair(role: str, desk: str | None) -> dict[str, str]:
    return {"role": role} if desk is None else {"role": role, "desk": desk}


def _person(standing: Standing, own: str) -> dict[str, Any]:
    """One row of the list; what is not known is left out."""
    row: dict[str, Any] = msgspec.to_builtins(standing.member)
    row["live"] = any(device.live for device in standing.devices)
    row["sessions"] = [_device(device, own) for device in standing.devices]
    if standing.reachable is not None:
        row["reachable"] = standing.reachable
    if standing.wakeable:
        row["wakeable"] = True
    if standing.link_until:
        row["link_until"] = standing.link_until
    return row


def _device(device: Device, own: str) -> dict[str, Any]:
    row: dict[str, Any] = msgspec.to_builtins(device)
    return {**row, "current": True} if own.startswith(device.id) else row


async def _wanted(request: Request) -> Wanted:
    """The body, its wrong field named as it is there (`name`)."""
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    body = b""
    async for chunk in request.stream():
        body += chunk
        if len(body) > MAX_BODY_BYTES:
            raise DataError("body", f"expected at most {MAX_BODY_BYTES} bytes")
    value = wire.decode(body, "msgpack" if kind == MSGPACK_TYPE else "json")
    try:
        wanted: Wanted = wire.convert(value, Wanted, "")
    except DataError as exc:
        raise DataError(exc.path.lstrip("."), exc.expected) from exc
    return wanted


def answered(request: Request, answer: Answer) -> Response:
    response = replied(request, STATUS.get(answer.code, 409), answer.body())
    if answer.code == "too_many":
        response.headers["Retry-After"] = "1"
    return response


def replied(request: Request, status: int, body: dict[str, Any]) -> Response:
    headers = {"Cache-Control": "no-store", "X-Content-Type-Options": "nosniff"}
    if MSGPACK_TYPE in request.headers.get("accept", ""):
        return Response(msgspec.msgpack.encode(body), status, headers, MSGPACK_TYPE)
    return Response(msgspec.json.encode(body), status, headers, "application/json")
