"""OpenAPI 3.1 of one hub: its routes, every command with its data and roles, webhooks."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from msgspec import Struct

from hub import http_shapes as shapes
from hub.api import STATUS
from hub.catalog import Asked, Faces
from hub.errors import CODES
from hub.http_calls import CALLS, Call, Param, Said
from hub.schema import Schema, Schemas

MSGPACK: Final = "application/msgpack"
JSON: Final = "application/json"
AGE: Final = {"type": "integer", "minimum": 0, "description": "milliseconds since the act, by the sender's clock"}
UUID: Final = {"type": "string", "format": "uuid", "description": "made when the person acted; the same at every retry"}
HEADERS: Final = {
    "Kentongan-Id": "the delivery's id, the same at every try",
    "Kentongan-Timestamp": "seconds since the epoch",
    "Kentongan-Signature": 'v1=<hex of HMAC-SHA256(secret, "<timestamp>.<body>")>',
}


def openapi(asked: Sequence[Asked], faces: Faces, schemas: Schemas, title: str) -> dict[str, Any]:
    """The document.

    Args:
        asked: the commands that people give.
        schemas: of the commands' data, their answers and `http_types`.
    """
    by_socket = [one for one in asked if not one.fleeting]
    paths: dict[str, Any] = {}
    for call in CALLS:
        paths.setdefault(call.path, {})[call.method.lower()] = _operation(call, by_socket, schemas)
    return {
        "openapi": "3.1.0",
        "jsonSchemaDialect": "https://json-schema.org/draft/2020-12/schema",
        "info": {"title": title, "version": "1", "description": "HTTP beside the sockets. Times are milliseconds since "
                 "the epoch, positions WGS 84 degrees, distances metres, money whole rupiah."},
        "servers": [{"url": "/"}],
        "paths": paths,
        "webhooks": {"changed": {"post": _webhook(schemas)}},
        "components": {
            "schemas": {**schemas.components, **command_schemas(by_socket, faces, schemas)},
            "securitySchemes": {
                "token": {"type": "http", "scheme": "bearer", "description": "`token` of POST /v1/sessions"},
                "cookie": {"type": "apiKey", "in": "cookie", "name": "kt_resident",
                           "description": "one per page role (`kt_medic` ...), chosen by `?as=`; off the default "
                                          "ports the names end in the public port"},
            },
        },
        "x-refusals": [{"code": code, "status": STATUS.get(code, 409), "text": text} for code, text in CODES.items()],
    }  # fmt: skip


def http_types() -> list[type[Struct]]:
    """The structs that the routes speak in."""
    found: list[type[Struct]] = [shapes.Refusal, shapes.Delivery]
    for call in CALLS:
        found += [said.body for said in call.answers if said.body is not None]
        if isinstance(call.body, type):
            found.append(call.body)
    return found


def command_schemas(asked: Sequence[Asked], faces: Faces, schemas: Schemas) -> Mapping[str, Schema]:
    """`command.<key>`: the body that runs a command, with who may give it and what it answers."""
    return {f"command.{one.key}": _command(one, faces, schemas) for one in asked}


def told(one: Asked, faces: Faces, schemas: Schemas) -> Schema:
    """What both documents say of a command beside its fields."""
    more: Schema = {"x-roles": list(one.roles), "x-lane": one.lane}
    if one.spec.desk is not None and {"dispatcher", "service"} & set(one.roles):
        more["x-desk"] = one.spec.desk
    if (answer := faces.answers.get(one.cmd)) is not None:
        more["x-answer"] = schemas.ref(answer)
    return more


def _command(one: Asked, faces: Faces, schemas: Schemas) -> Schema:
    fields = {"id": UUID, "cmd": {"type": "string", "enum": [one.cmd]}, "data": schemas.ref(one.spec.data)}
    return {
        "title": one.key, "type": "object", "properties": {**fields, "age_ms": AGE},
        "required": ["id", "cmd", "data"], **told(one, faces, schemas),
    }  # fmt: skip


def _operation(call: Call, asked: Sequence[Asked], schemas: Schemas) -> dict[str, Any]:
    operation: dict[str, Any] = {
        "summary": call.text,
        "operationId": f"{call.method.lower()} {call.path}",
        "tags": [call.tag],
        "responses": _responses(call, schemas),
        "security": [{}] if call.open else [{"token": []}, {"cookie": []}],
    }
    if call.params:
        operation["parameters"] = [_param(param) for param in call.params]
    if call.body is not None:
        operation["requestBody"] = {"required": True, "content": _taken(call, asked, schemas)}
    return operation | {key: True for key, here in (("x-public-hub", call.public), ("x-demo", call.demo)) if here}


def _param(param: Param) -> dict[str, Any]:
    return {"name": param.name, "in": param.where, "required": param.where == "path", "description": param.text,
            "schema": dict(param.schema)}  # fmt: skip


def _taken(call: Call, asked: Sequence[Asked], schemas: Schemas) -> dict[str, Any]:
    if call.body == "xml":
        return {"application/xml": {"schema": {"type": "string", "description": "CAP 1.2, at most 64 KB, no DTD"}}}
    if call.body == "list":
        text = "name;role;shop;van;desk;vehicle with a header, at most 128 KB and 500 rows"
        return {"text/csv": {"schema": {"type": "string", "description": text}}}
    if call.body == "tracker":
        text = "OsmAnd's form, or Traccar Client's `{device_id, location}`, or a list of these; at most 1,440 fixes"
        kinds = ("application/x-www-form-urlencoded", JSON)
        return {kind: {"schema": {"type": ["object", "array"], "description": text}} for kind in kinds}
    if call.body == "commands":
        schema: Schema = {"anyOf": [{"$ref": f"#/components/schemas/command.{one.key}"} for one in asked]}
    else:
        schema = schemas.ref(call.body)
    return {kind: {"schema": schema} for kind in (JSON, MSGPACK)}


def _responses(call: Call, schemas: Schemas) -> dict[str, Any]:
    """What it answers; refusals by their status, with the codes that it may have."""
    found = {str(said.status): _said(said, schemas) for said in call.answers}
    for code in call.refusals:
        status = str(STATUS.get(code, 409))
        refusal = found.setdefault(status, _said(Said(int(status), "", shapes.Refusal), schemas))
        refusal["description"] = ", ".join(filter(None, [refusal["description"], f"`{code}`"]))
    found.setdefault("403", {"description": "Host or Origin is not one of this hub's", "content": {"text/plain": {}}})
    return dict(sorted(found.items()))


def _said(said: Said, schemas: Schemas) -> dict[str, Any]:
    if said.status in (101, 304):
        return {"description": said.text}
    if said.body is None:
        return {"description": said.text, "content": {said.media: {}}}
    content = {kind: {"schema": schemas.ref(said.body)} for kind in (JSON, MSGPACK)[: 1 + said.packed]}
    return {"description": said.text, "content": content}


def _webhook(schemas: Schemas) -> dict[str, Any]:
    header = {"in": "header", "required": True, "schema": {"type": "string"}}
    return {
        "summary": "A change of a service account's order or want",
        "operationId": "changed",
        "parameters": [{**header, "name": name, "description": text} for name, text in HEADERS.items()],
        "requestBody": {"required": True, "content": {JSON: {"schema": schemas.ref(shapes.Delivery)}}},
        "responses": {"2XX": {"description": "taken; anything else is tried again for 24 h, a 410 never"}},
    }
