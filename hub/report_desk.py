"""`GET /v1/reports` and `/v1/reports/<name>`: a desk's own figures out of the long memory; `GET /v1/audit/head`.

A hub reads no archive: it asks the query process, one line each way, and a report that is late is `unavailable`.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

import msgspec
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from hub.api import MSGPACK_TYPE, STATUS
from hub.contract import Actor, Report
from hub.directory import REPORTS_PATH, Directory
from hub.dispatch import Answer, refused
from hub.doors import Doors
from hub.errors import DataError
from hub.members import desks_of
from hub.node import Node
from hub.reports import Made, days, table
from hub.zones import WIB, Zone

NO_STORE: Final = {"Cache-Control": "no-store", "X-Content-Type-Options": "nosniff"}
PARAMS: Final = ("from", "to", "format", "as")


class Reports:
    """The routes of one public hub.

    Args:
        reports: all that the services make. zone: the city's clock.
    """

    def __init__(
        self, node: Node, doors: Doors, directory: Directory, reports: Sequence[Report], zone: Zone = WIB
    ) -> None:
        self._zone = zone
        self._node, self._doors, self._directory, self._reports = node, doors, directory, reports

    def routes(self) -> list[Route]:
        return [Route(REPORTS_PATH, self.names), Route(REPORTS_PATH + "/{name}", self.report)]

    async def names(self, request: Request) -> Response:
        """200 `{reports: [{name, ms, shares}]}`: those of the asker's desk."""
        mine = await self._mine(request)
        if isinstance(mine, Answer):
            return _refusal(request, mine)
        told = [{"name": one.name, "ms": list(one.ms), "shares": one.shares} for one in mine]
        return _reply(request, 200, {"reports": told})

    async def report(self, request: Request) -> Response:
        """200 the report, as JSON or (`format=csv`) as a file."""
        mine = await self._mine(request)
        if isinstance(mine, Answer):
            return _refusal(request, mine)
        report = next((one for one in mine if one.name == request.path_params["name"]), None)
        if report is None:  # another desk's, as if there were none
            return _refusal(request, refused("not_found", "no such report at this desk"))
        asked = {name: value for name, value in request.query_params.multi_items() if name in PARAMS}
        days(asked.get("from"), asked.get("to"), self._node.store.now(), self._zone)
        if asked.get("format", "json") not in ("json", "csv"):
            raise DataError("format", "expected json or csv")
        params = [(name, asked[name]) for name in ("from", "to") if name in asked]
        line = {"path": f"{REPORTS_PATH}/{report.name}", "params": params, "report": report}
        reply = await self._directory.ask(msgspec.json.encode(line) + b"\n")
        if reply is None:
            return _refusal(request, refused("unavailable", "the reports cannot be reached; try again", retry=True))
        if reply.status != 200:
            return _reply(request, reply.status, msgspec.json.decode(reply.body))
        if asked.get("format") == "csv":
            made = msgspec.json.decode(reply.body, type=Made)
            name = f"{made.name}-{made.since}-{made.until}.csv"
            headers = {**NO_STORE, "Content-Disposition": f'attachment; filename="{name}"'}
            return Response(table(made, report), 200, headers, "text/csv")
        return _reply(request, 200, msgspec.json.decode(reply.body))

    async def _mine(self, request: Request) -> list[Report] | Answer:
        """The reports of the asker's desk, or why there are none."""
        signed_in = await self._doors.signed_in(request, self._node.identity)
        if signed_in is None:
            return refused("not_signed_in", "no valid session for this role")
        mine = reports_of(signed_in.actor, self._reports)
        return mine or refused("not_allowed", "expected a dispatcher whose desk has reports, or an admin")


def reports_of(actor: Actor, reports: Sequence[Report]) -> list[Report]:
    """An admin may read those of every desk, a dispatcher those of their own."""
    desks = desks_of(actor)
    return [one for one in reports if one.desk in desks]


async def audit_head(node: Node, request: Request) -> Response:
    """`GET /v1/audit/head`: the newest signed head of the archived audit log; anybody may keep it."""
    (told,) = await node.store.many("normal", [["HGET", node.store.keys.archive, "head"]])
    if told is None:
        return _refusal(request, refused("not_found", "no head was signed yet: no archive follows the audit log"))
    return _reply(request, 200, msgspec.json.decode(told))


def _refusal(request: Request, answer: Answer) -> Response:
    return _reply(request, STATUS.get(answer.code, 409), answer.body())


def _reply(request: Request, status: int, body: dict[str, Any]) -> Response:
    if MSGPACK_TYPE in request.headers.get("accept", ""):
        return Response(msgspec.msgpack.encode(body), status, NO_STORE, MSGPACK_TYPE)
    return Response(msgspec.json.encode(body), status, NO_STORE, "application/json")
