"""The AsyncAPI document."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

from jsonschema import Draft7Validator

from hub.app import HubOptions, services, source
from hub.closing import MEANING
from hub.documents import made
from hub.settings import Settings
from hub.wire import SUBPROTOCOLS

PUBLISHED = Path(__file__).parents[1] / "support" / "asyncapi" / "3.0.0.json"
SECURE = Settings(public_url="https://kentongan.example", help_url="https://darurat.example")
OPTIONS = HubOptions("public", "", 8000, 8000, 8001, Settings())
_, DOCUMENT = made(source(OPTIONS, services()))


def at(document: dict[str, Any], ref: str) -> Any:
    found: Any = document
    for part in ref.removeprefix("#/").split("/"):
        found = found[part]
    return found


def test_it_is_asyncapi_3() -> None:
    """What the specification requires is there, and every reference leads somewhere."""
    assert DOCUMENT["asyncapi"] == "3.0.0"
    for ref in re.findall(r'"\$ref": "([^"]+)"', json.dumps(DOCUMENT)):
        at(DOCUMENT, ref)
    for name, one in DOCUMENT["operations"].items():
        assert one["action"] in ("send", "receive"), name
        channel = one["channel"]["$ref"]
        assert all(message["$ref"].startswith(f"{channel}/messages/") for message in one["messages"])


def test_the_specifications_own_schema_finds_no_fault() -> None:
    """Held against the schema that AsyncAPI's makers publish; a fault that is put in is found."""
    published = Draft7Validator(json.loads(PUBLISHED.read_text("utf-8")))
    document = json.loads(json.dumps(DOCUMENT))
    assert [(list(one.absolute_path), one.message) for one in published.iter_errors(document)] == []
    document["operations"]["say"]["action"] = "shout"
    assert [list(one.absolute_path) for one in published.iter_errors(document)] == [["operations", "say"]]


def test_a_topic_says_who_may_join_and_what_it_holds() -> None:
    """Its address with its parameters, lane, who may join, and its own views in every frame."""
    channel = DOCUMENT["channels"]["wants.kelurahan.category"]
    assert channel["address"] == "wants/{kelurahan}/{category}"
    assert channel["parameters"]["kelurahan"]["examples"] == ["kranggan"]
    assert (channel["x-lane"], channel["x-anyone"], channel["x-store-asked"]) == ("normal", False, True)
    assert channel["x-join"] == [{"role": "seller"}]
    change = channel["messages"]["change"]["payload"]["allOf"][1]["properties"]["view"]
    assert {"type": "null"} in change["anyOf"]
    assert channel["x-views"][0] in change["anyOf"][0]["anyOf"]


def test_the_socket_says_its_formats_and_codes() -> None:
    """Both subprotocols and every close code with whether to come back."""
    live = DOCUMENT["channels"]["live"]
    assert set(live["x-subprotocols"]) == set(SUBPROTOCOLS)
    assert {one["code"] for one in live["x-close-codes"]} == set(MEANING)
    back = {one["code"]: one["comeBack"] for one in live["x-close-codes"]}
    assert (back[4000], back[4501]) == (True, False)


def test_the_servers_are_both_hubs() -> None:
    """By the addresses that they are reached at, `wss` where those are secure."""
    assert DOCUMENT["servers"]["help"]["host"] == "127.0.0.1:8001"
    assert DOCUMENT["servers"]["public"]["protocol"] == "ws"
    _, secure = made(source(HubOptions("public", "", 8000, 8000, 8001, SECURE), services()))
    assert secure["servers"]["public"]["host"] == "kentongan.example"
    assert secure["servers"]["help"]["protocol"] == "wss"
