"""A desk's own people from a list, over HTTP: `POST /v1/staff/list` with the text of a CSV file.

The same list as `kentongan import-staff` reads (`hub.staff_sheet`). A row of a role that the asker's desk does not
enrol is an error of its line like any other; the good rows are enrolled. The links are in the answer alone.
"""

from __future__ import annotations

from typing import Any, Final

import msgspec
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from hub.dispatch import Answer
from hub.errors import DataError, StartError
from hub.members import may_enrol
from hub.sheet import Fault
from hub.staff import Staff, answered, replied
from hub.staff_import import Enrolled, enrol_all
from hub.staff_sheet import People, Person, read_people

MAX_LIST_BYTES: Final = 128 * 1024
MOST_AT_ONCE: Final = 500
"""People of one upload: each costs the store a few commands, and a hub has other work."""


class StaffList(Staff):
    """The routes of `hub.staff`, and the one for lists."""

    def routes(self) -> list[Route]:
        return [*super().routes(), Route("/v1/staff/list", self.enrol_list, methods=["POST"])]

    async def enrol_list(self, request: Request) -> Response:
        """200 `{rows, enrolled, same, errors: [{line, column, expected, got}], links: [{line, role, name, link}]}`."""
        asker = await self._asker(request)
        if isinstance(asker, Answer):
            return answered(request, asker)
        people = await _people(request, self._node.desks)
        mine = may_enrol(asker.actor, self._node.desks)
        good = [one for one in people.good if (one.role, one.desk) in mine]
        others = [_others(one, mine) for one in people.good if (one.role, one.desk) not in mine]
        for one in good:  # first: nobody is enrolled without a trace
            await self._audit("staff.enrol", asker.actor, one.id)
        done = await enrol_all(self._node.store, good)
        return replied(request, 200, self._listed(request, people, done, others))

    def _listed(self, request: Request, people: People, done: Enrolled, others: list[Fault]) -> dict[str, Any]:
        base = self._doors.addresses(request, *self._ports)["url"].rstrip("/")
        faults = sorted([*people.faults, *others, *done.faults], key=lambda fault: fault.line)
        return {
            "rows": people.rows,
            "enrolled": len(done.links),
            "same": done.same,
            "errors": msgspec.to_builtins(faults),
            "links": [
                {"line": one.line, "role": one.role, "name": one.name, "link": base + one.path} for one in done.links
            ],
        }


def _others(one: Person, mine: list[tuple[str, str | None]]) -> Fault:
    """A row of another desk's people."""
    roles = ", ".join(dict.fromkeys(role for role, _ in mine))
    if one.role == "dispatcher" and any(role == "dispatcher" for role, _ in mine):
        desks = ", ".join(desk for _, desk in mine if desk)
        return Fault(one.line, "desk", f"a desk that you enrol for: {desks}", one.desk or "")
    return Fault(one.line, "role", f"a role that you enrol: {roles}", one.role)


async def _people(request: Request, desks: tuple[str, ...]) -> People:
    """The list in the body.

    Raises:
        DataError: it is too long, or no list.
    """
    body = b""
    async for chunk in request.stream():
        body += chunk
        if len(body) > MAX_LIST_BYTES:
            raise DataError("body", f"expected at most {MAX_LIST_BYTES // 1024} KB")
    try:
        people = read_people(body, desks)
    except StartError as exc:
        raise DataError("body", str(exc)) from exc
    if people.rows > MOST_AT_ONCE:
        raise DataError("body", f"expected at most {MOST_AT_ONCE} rows, got {people.rows}")
    return people
