"""Somebody with a role, by the protocol alone: a crew that drives, a desk that plans."""

from __future__ import annotations

import uuid
from typing import Any

from playwright.sync_api import APIRequestContext

from tests.browser.city import City


class Staff:
    """One enrolled person.

    Args:
        role: `crew` (`van="v1"`), `dispatcher` (`desk="van"`), or `resident` for a device of its own.
    """

    def __init__(self, http: APIRequestContext, city: City, role: str, **bound: str) -> None:
        self._http, self._url = http, city.url
        if role == "resident":
            credentials = {"device": uuid.uuid4().hex * 2}
        else:
            credentials = {"code": city.enrol(role, "Sari", **bound).rpartition("#")[2].rpartition("=")[2]}
        answer = http.post(f"{city.url}/v1/sessions", data=credentials)
        assert answer.status == 201, answer.text()
        self._token = answer.json()["token"]

    def give(self, cmd: str, **data: object) -> dict[str, Any]:
        """Give a command; its answer."""
        answer = self._http.post(
            f"{self._url}/v1/commands",
            data={"id": str(uuid.uuid4()), "cmd": cmd, "data": data},
            headers={"Authorization": f"Bearer {self._token}"},
        )
        assert answer.ok, answer.text()
        given: dict[str, Any] = answer.json()["data"]
        return given

    def things(self, topic: str) -> dict[str, Any]:
        """A topic's table as this person may read it."""
        answer = self._http.get(f"{self._url}/v1/topics/{topic}", headers={"Authorization": f"Bearer {self._token}"})
        assert answer.ok, answer.text()
        things: dict[str, Any] = answer.json()["things"]
        return things
