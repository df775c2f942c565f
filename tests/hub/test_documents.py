"""Documents as a hub serves them, and the hub driven by nothing else than them."""

from __future__ import annotations

import asyncio
import json
import re
import uuid
from collections import Counter
from typing import Any

from hub.app import services
from hub.members import DESKS
from hub.settings import Settings
from tests.support.documented import Examples, fetched
from tests.support.http import http
from tests.support.live import Hub, on_loop, running_hub

UNLIMITED = Settings(new_device_burst=0, device_burst=0)
OWN = {"shop": "s01", "van": "v1"}
STAFF: dict[str, dict[str, str]] = {
    "medic": {}, "seller": {"shop": "s01"}, "crew": {"van": "v1"}, "plut": {}, "admin": {}, "service": {},
    "tracker": {"van": "v1"}, **{f"dispatcher.{desk}": {"desk": desk} for desk in DESKS},
}  # fmt: skip
AT_ONCE = 16
NOT_BY_SHAPE = {"medic.call": "source", "van.save": "name", "stop.save": "name"}
"""Where a desk must say more than the schema asks of everybody: where a call came from, what a new thing is called."""


class Reader:
    """Somebody who has read the documents, with a sign-in of every role."""

    def __init__(self, port: int, openapi: dict[str, Any], asyncapi: dict[str, Any], now: int) -> None:
        self.port, self.openapi, self.asyncapi = port, openapi, asyncapi
        self.examples = Examples(openapi, now)
        self.people: dict[str, tuple[str, str]] = {}
        self._turn = asyncio.Semaphore(AT_ONCE)

    @classmethod
    async def at(cls, hub: Hub) -> Reader:
        _, _, config = await http(hub.port, "GET", "/v1/config")
        documents = [json.loads((await fetched(hub.port, f"/v1/{name}.json"))[2]) for name in ("openapi", "asyncapi")]
        reader = cls(hub.port, documents[0], documents[1], config["at"])
        _, _, resident = await http(hub.port, "POST", "/v1/sessions", {"device": f"{9:064x}"})
        reader.people["resident"] = (resident["token"], resident["person"])
        for name, more in STAFF.items():
            issued = await hub.staff(name.partition(".")[0], "Sari", **more)
            reader.people[name] = (issued.token, issued.person)
        return reader

    @property
    def commands(self) -> dict[str, dict[str, Any]]:
        schemas = self.openapi["components"]["schemas"]
        return {name: one for name, one in schemas.items() if name.startswith("command.")}

    def may(self, command: dict[str, Any]) -> list[str]:
        """Who may give a command, as it says."""
        return [name for name in self.people if self._may(command, *name.partition(".")[::2])]

    def _may(self, command: dict[str, Any], role: str, desk: str) -> bool:
        at_desk = role in ("dispatcher", "service") and "x-desk" in command
        return role in command["x-roles"] and not (at_desk and desk != command["x-desk"])

    async def says(self, name: str, command: dict[str, Any], data: Any) -> dict[str, Any]:
        """Give a command; its answer."""
        cmd = command["properties"]["cmd"]["enum"][0]
        body = {"id": str(uuid.uuid4()), "cmd": cmd, "data": data}
        async with self._turn:
            status, _, answer = await http(self.port, "POST", "/v1/commands", body, token=self.people[name][0])
        assert str(status) in self.openapi["paths"]["/v1/commands"]["post"]["responses"], answer
        found: dict[str, Any] = answer
        return found

    def data(self, command: dict[str, Any], *, whole: bool = False) -> Any:
        return self.examples.good(command["properties"]["data"], whole=whole)


@on_loop
async def test_documents_are_kept_and_asked_about_again(valkey_url: str) -> None:
    """The same bytes with a tag, compressed, 304 to whoever has them; a help hub has none."""
    async with running_hub(valkey_url, carried=services()) as hub:
        for path, kind in (("/v1/openapi.json", "application/json"), ("/docs", "text/html")):
            status, headers, _ = await fetched(hub.port, path, {"Accept-Encoding": "gzip"})
            assert (status, headers["content-encoding"]) == (200, "gzip")
            assert headers["content-type"].startswith(kind)
            again = {"Accept-Encoding": "gzip", "If-None-Match": headers["etag"]}
            assert (await fetched(hub.port, path, again))[0] == 304
        one, two = await asyncio.gather(*(fetched(hub.port, "/v1/asyncapi.json") for _ in range(2)))
        assert one[2] == two[2]
    async with running_hub(valkey_url, carried=services(), kind="help") as hub:
        assert (await fetched(hub.port, "/v1/openapi.json"))[0] == 404


@on_loop
async def test_good_data_is_never_bad_data(valkey_url: str) -> None:
    """What a command's schema lets through is never refused for its shape, given by each role that may give it."""
    async with running_hub(valkey_url, carried=services(), settings=UNLIMITED) as hub:
        reader = await Reader.at(hub)
        seen: dict[str, str] = {}
        for command in reader.commands.values():
            for name in reader.may(command):
                answer = await reader.says(name, command, reader.data(command))
                code = answer.get("code", "ok")
                assert code not in ("not_signed_in", "unknown_command", "internal"), answer
                if code == "bad_data":
                    seen[command["title"]] = answer["message"].partition(":")[0].removeprefix("data.")
    assert seen == NOT_BY_SHAPE


@on_loop
async def test_bad_data_names_its_field(valkey_url: str) -> None:
    """Left out, of another type, too long, out of range, of another form, unknown: `bad_data` begins with the path."""
    async with running_hub(valkey_url, carried=services(), settings=UNLIMITED) as hub:
        reader, whys = await Reader.at(hub), Counter[str]()

        async def refused(command: dict[str, Any], path: str, why: str, data: Any) -> None:
            answer = await reader.says(reader.may(command)[0], command, data)
            assert answer.get("code") == "bad_data", (command["title"], path, why, answer)
            said = re.sub(r"\[\d+\]", "", answer["message"].partition(":")[0])
            assert said.startswith(re.sub(r"\[\d+\]", "", path)) or path == "data", (
                command["title"],
                path,
                why,
                answer,
            )
            whys[why] += 1

        asked = [
            (command, path, why, data)
            for command in reader.commands.values()
            for path, why, data in reader.examples.bad(command["properties"]["data"], reader.data(command, whole=True))
        ]
        await asyncio.gather(*(refused(*one) for one in asked))
    assert {"missing", "another type", "too long", "out of range", "unknown value", "another form"} <= whys.keys()
    assert whys.total() > 400


@on_loop
async def test_only_who_is_named_may(valkey_url: str) -> None:
    """Every role that a command does not name, and every other desk, hears `not_allowed`."""
    async with running_hub(valkey_url, carried=services(), settings=UNLIMITED) as hub:
        reader = await Reader.at(hub)

        async def refused(name: str, command: dict[str, Any]) -> None:
            answer = await reader.says(name, command, reader.data(command))
            assert answer.get("code") == "not_allowed", (name, command["title"], answer)

        for cmd in {one["properties"]["cmd"]["enum"][0] for one in reader.commands.values()}:
            same = [one for one in reader.commands.values() if one["properties"]["cmd"]["enum"] == [cmd]]
            named = {name for one in same for name in reader.may(one)}
            assert named, cmd
            await asyncio.gather(*(refused(name, same[0]) for name in reader.people.keys() - named))


@on_loop
async def test_topics_let_in_whom_they_name(valkey_url: str) -> None:
    """Anybody, a role, a desk, or only the topic that is one's own: what stands at a topic is what the hub does."""
    async with running_hub(valkey_url, carried=services(), settings=UNLIMITED) as hub:
        reader = await Reader.at(hub)
        for name, channel in reader.asyncapi["channels"].items():
            if name == "live":
                continue
            for who in (None, *reader.people):
                await _joins(reader, channel, who)


async def _joins(reader: Reader, channel: dict[str, Any], who: str | None) -> None:
    """One person at one topic that is nobody's own, and at that which is theirs."""
    token, person = reader.people[who] if who is not None else (None, "")
    role, _, desk = (who or "").partition(".")
    rules = [one for one in channel["x-join"] if one["role"] == role and one.get("desk", desk) == desk]
    own = next((one["own"] for one in rules if "own" in one), None)
    for mine in (False, True) if own is not None else (False,):
        values = {"person": person, **OWN}
        named = {
            key: values[own] if mine and own is not None else said.get("examples", ["another"])[0]
            for key, said in channel.get("parameters", {}).items()
        }
        if own is not None and not mine:
            named = dict.fromkeys(named, "another")
        topic = channel["address"].format(**named)
        status, _, body = await http(reader.port, "GET", f"/v1/topics/{topic}", token=token)
        allowed = channel["x-anyone"] or (bool(rules) and (own is None or mine))
        if not allowed:
            assert body["code"] == ("not_allowed" if token else "not_signed_in"), (topic, who, body)
        elif not channel["x-store-asked"]:
            assert (status, body["topic"]) == (200, topic), (topic, who, body)
        else:
            assert status == 200 or body["code"] == "not_allowed", (topic, who, body)
