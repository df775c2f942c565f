"""AsyncAPI 3 of `/v1/live`: the frames of both sides, every topic with its views, lane and who may join, close codes.

One channel is the socket itself; the others are topics, whose frames travel on it. Both formats carry the same maps.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

from hub import wire
from hub.catalog import Asked, Faces, Shown
from hub.closing import MEANING, may_return
from hub.errors import CODES
from hub.frames import FROM_CLIENT, FROM_HUB
from hub.openapi import AGE, UUID, told
from hub.schema import EXAMPLES, Schema, Schemas

IN_TOPICS: Final = ("state", "resumed", "change", "folded", "moved")
"""Frames that tell of a topic."""
REF: Final = {"type": ["integer", "string"], "description": "comes back in the reply"}
FORMATS: Final = {
    wire.JSON: {"frames": "text", "contentType": "application/json"},
    wire.MSGPACK: {"frames": "binary", "contentType": "application/msgpack"},
}


def asyncapi(
    asked: Sequence[Asked], shown: Sequence[Shown], faces: Faces, schemas: Schemas, title: str, hosts: tuple[str, str]
) -> dict[str, Any]:
    """The document.

    Args:
        schemas: of the frames, the views and the commands' data.
        hosts: base addresses of the public and of the help hub.
    """
    messages = _messages(asked, faces, schemas)
    return {
        "asyncapi": "3.0.0",
        "info": {"title": title, "version": "1",
                 "description": "Topics are small live tables that a hub replicates to every screen that joined them."},
        "defaultContentType": "application/json",
        "servers": {name: _server(base, name) for name, base in zip(("public", "help"), hosts, strict=True)},
        "channels": {"live": _live(messages), **{_name(one): _topic(one, schemas) for one in shown}},
        "operations": {
            "say": _operation("receive", "live", [name for name in messages if name not in FROM_HUB]),
            "hear": _operation("send", "live", list(FROM_HUB)),
            **{f"show.{_name(one)}": _operation("send", _name(one), IN_TOPICS) for one in shown},
        },
        "components": {"messages": messages, "schemas": _named(schemas.components)},
        "x-refusals": [{"code": code, "text": text} for code, text in CODES.items()],
    }  # fmt: skip


def _named(value: Any) -> Any:
    """The same schemas, `discriminator` as AsyncAPI has it: a property's name, where OpenAPI maps its values too."""
    if isinstance(value, list):
        return [_named(one) for one in value]
    if not isinstance(value, dict):
        return value
    named = {key: _named(one) for key, one in value.items()}
    if isinstance(tagged := named.get("discriminator"), dict) and "propertyName" in tagged:
        named["discriminator"] = tagged["propertyName"]
    return named


def _server(base: str, name: str) -> dict[str, Any]:
    scheme, _, host = base.partition("://")
    lanes = {"public": "all topics but `help/*` and `dispatch`", "help": "`help/*`, `dispatch`, `warnings`"}
    return {"host": host, "protocol": "wss" if scheme == "https" else "ws", "description": lanes[name]}


def _live(messages: dict[str, Any]) -> dict[str, Any]:
    """The socket."""
    return {
        "address": "/v1/live",
        "description": "First frame: `hello`, within 5 s. One frame is one map with key `t`; unknown keys are ignored.",
        "messages": {name: {"$ref": f"#/components/messages/{name}"} for name in messages},
        "bindings": {"ws": {"bindingVersion": "0.1.0", "method": "GET", "headers": {
            "type": "object", "required": ["Sec-WebSocket-Protocol"],
            "properties": {"Sec-WebSocket-Protocol": {"type": "string", "enum": list(FORMATS)}},
        }}},
        "x-subprotocols": FORMATS,
        "x-max-frame-bytes": wire.MAX_FRAME_BYTES,
        "x-max-data-bytes": wire.MAX_DATA_BYTES,
        "x-close-codes": [{"code": code, "text": text, "comeBack": code >= 4000 and may_return(code)}
                          for code, text in MEANING.items()],
    }  # fmt: skip


def _name(shown: Shown) -> str:
    """A topic's key: `wants.kelurahan.category`."""
    return shown.pattern.translate({ord("/"): ".", ord("<"): None, ord(">"): None})


def _topic(shown: Shown, schemas: Schemas) -> dict[str, Any]:
    channel: dict[str, Any] = {
        "address": shown.pattern.replace("<", "{").replace(">", "}"),
        "messages": {name: {"name": name, "payload": _of_topic(name, shown, schemas)} for name in IN_TOPICS},
        "x-lane": shown.lane,
        "x-anyone": shown.anyone,
        "x-join": [dict(one) for one in shown.joins],
        "x-store-asked": shown.asks,
        "x-views": [schemas.ref(view) for view in shown.views],
    }
    if shown.segments:
        channel["parameters"] = {name: _parameter(name) for name in shown.segments}
    return channel


def _parameter(name: str) -> dict[str, Any]:
    example = EXAMPLES.get(name)
    said = {"description": f"the {name} of the topic's name"}
    return said if example is None else {**said, "examples": [example]}


def _of_topic(name: str, shown: Shown, schemas: Schemas) -> Schema:
    """A frame as this topic has it: its views are the topic's."""
    view: Schema = {"anyOf": [schemas.ref(one) for one in shown.views]} if shown.views else {"type": "object"}
    gone: Schema = {"anyOf": [view, {"type": "null"}]}
    holds: dict[str, Schema] = {
        "state": {"things": {"type": "object", "additionalProperties": view}},
        "resumed": {"changes": {"type": "array", "items": {"type": "object", "properties": {"view": gone}}}},
        "change": {"view": gone},
        "folded": {"things": {"type": "object", "additionalProperties": gone}},
        "moved": {},
    }
    frame = schemas.ref(FROM_HUB[name])
    return {"allOf": [frame, {"type": "object", "properties": holds[name]}]} if holds[name] else frame


def _messages(asked: Sequence[Asked], faces: Faces, schemas: Schemas) -> dict[str, Any]:
    """Every frame; `call` and `tell` once more for each command."""
    frames = {name: {"name": type_.__struct_config__.tag, "payload": schemas.ref(type_)}
              for name, type_ in {**FROM_CLIENT, **FROM_HUB}.items()}  # fmt: skip
    commands = {
        f"{'tell' if one.fleeting else 'call'}.{one.key}": {
            "name": one.cmd, "payload": _command(one, schemas), **told(one, faces, schemas),
        }
        for one in asked
    }  # fmt: skip
    return {**frames, **commands}


def _command(one: Asked, schemas: Schemas) -> Schema:
    named: Schema = {"cmd": {"type": "string", "enum": [one.cmd]}, "data": schemas.ref(one.spec.data)}
    if one.fleeting:
        fields: Schema = {"t": {"type": "string", "enum": ["tell"]}, **named}
        return {"type": "object", "properties": fields, "required": list(fields)}
    fields = {"t": {"type": "string", "enum": ["call"]}, "ref": REF, "id": UUID, **named}
    return {"type": "object", "properties": {**fields, "age_ms": AGE}, "required": list(fields)}


def _operation(action: str, channel: str, messages: Sequence[str]) -> dict[str, Any]:
    at = f"#/channels/{channel}"
    return {
        "action": action,
        "channel": {"$ref": at},
        "messages": [{"$ref": f"{at}/messages/{one}"} for one in messages],
    }
