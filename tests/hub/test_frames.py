"""Frames as the documents describe them, held against what a hub sends."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from hub import wire
from hub.app import services
from hub.frames import FROM_CLIENT, FROM_HUB
from tests.support.clients import client
from tests.support.live import on_loop, running_hub

HERE = {"lat": -7.4795, "lon": 112.4356, "accuracy_m": 20.0}


def named(frame: dict[str, Any]) -> str:
    if frame["t"] != "reply":
        return str(frame["t"])
    return "reply.ok" if frame["ok"] else "reply.refused"


@pytest.mark.parametrize("fmt", ["json", "msgpack"])
@on_loop
async def test_what_a_hub_sends_is_what_stands_there(valkey_url: str, fmt: wire.Format) -> None:
    """Every frame of a caller's session is one of the document's, in both formats: no other key, none missing."""
    async with running_hub(valkey_url, carried=services()) as hub:
        caller = hub.resident(1)
        async with client(hub.port, caller.token, fmt=fmt) as one:
            await one.joins(f"help/{caller.person}")
            await one.joins("dispatch")
            assert (await one.calls("medic.call", {"location": HERE}))["ok"]
            await one.heard(lambda frame: frame["t"] == "change")
            await one.heard(lambda frame: frame["t"] == "beat", 10)
            for frame in one.frames:
                msgspec.convert(frame, FROM_HUB[named(frame)], strict=True)
            heard = {named(frame) for frame in one.frames}
    assert {"welcome", "state", "change", "reply.ok", "reply.refused", "beat"} <= heard


def test_a_frame_that_drifted_is_seen() -> None:
    """Another key is no frame of the document's; the client's frames are those that the hub takes."""
    with pytest.raises(msgspec.ValidationError, match="more"):
        msgspec.convert({"t": "beat", "at": 1, "heads": {}, "more": 1}, FROM_HUB["beat"])
    for name, type_ in FROM_CLIENT.items():
        assert type_.__struct_config__.tag == name
