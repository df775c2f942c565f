"""The OpenAPI document."""

from __future__ import annotations

import json
import re
from typing import Any

from openapi_spec_validator import OpenAPIV31SpecValidator

from hub.app import HubOptions, services, source
from hub.documents import made
from hub.errors import CODES
from hub.http_calls import CALLS
from hub.settings import Settings

OPTIONS = HubOptions("public", "", 8000, 8000, 8001, Settings())
DOCUMENT, _ = made(source(OPTIONS, services()))


def operations() -> list[tuple[str, str, dict[str, Any]]]:
    return [(path, method, one) for path, methods in DOCUMENT["paths"].items() for method, one in methods.items()]


def test_it_is_openapi_3_1() -> None:
    """What the specification requires is there, and every reference leads somewhere."""
    assert DOCUMENT["openapi"] == "3.1.0"
    assert {"title", "version"} <= DOCUMENT["info"].keys()
    for name in DOCUMENT["components"]["schemas"]:
        assert re.fullmatch(r"[a-zA-Z0-9._-]+", name)
    for ref in re.findall(r'"\$ref": "#/components/schemas/([^"]+)"', json.dumps(DOCUMENT)):
        assert ref in DOCUMENT["components"]["schemas"], ref
    names = [one["operationId"] for _, _, one in operations()]
    assert len(names) == len(set(names)) == len(CALLS)


def test_another_reader_finds_no_fault() -> None:
    """Held against the specification by a validator that is not ours; a fault that is put in is found."""
    document = json.loads(json.dumps(DOCUMENT))
    assert [str(one) for one in OpenAPIV31SpecValidator(document).iter_errors()] == []
    del document["paths"]["/v1/config"]["get"]["responses"]["200"]["description"]
    assert list(OpenAPIV31SpecValidator(document).iter_errors())


def test_every_operation_says_how_it_ends() -> None:
    """Each has answers with words, and its path's parameters are required."""
    for path, method, one in operations():
        assert one["responses"], path
        assert all(said["description"] for said in one["responses"].values()), (path, method)
        assert {p["name"] for p in one.get("parameters", ()) if p["required"]} == set(re.findall(r"\{(\w+)\}", path))


def test_a_refusal_stands_at_its_status() -> None:
    """`too_many` of a tracker is a 429 with the refusal's body."""
    said = DOCUMENT["paths"]["/v1/trackers/osmand"]["post"]["responses"]["429"]
    assert "too_many" in said["description"]
    assert said["content"]["application/json"]["schema"]["$ref"].endswith("/Refusal")
    assert {one["code"] for one in DOCUMENT["x-refusals"]} == set(CODES)


def test_a_command_says_who_and_what() -> None:
    """Roles, desk, lane, data and answer of a command stand at its body."""
    call = DOCUMENT["components"]["schemas"]["command.medic.call"]
    assert (call["x-roles"], call["x-desk"], call["x-lane"]) == (["resident", "dispatcher"], "medic", "urgent")
    assert call["x-answer"]["$ref"].endswith("/Called")
    assert call["properties"]["cmd"]["enum"] == ["medic.call"]
    taken = DOCUMENT["paths"]["/v1/commands"]["post"]["requestBody"]["content"]["application/json"]["schema"]["anyOf"]
    assert {"$ref": "#/components/schemas/command.alarm.take.market"} in taken
    assert DOCUMENT["webhooks"]["changed"]["post"]["parameters"][0]["name"] == "Kentongan-Id"
