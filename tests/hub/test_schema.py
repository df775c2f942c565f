"""JSON Schema of structs."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Annotated, Any

from msgspec import Meta, Struct

from channels.answers import ANSWERS
from channels.faces import FACES
from hub.app import services
from hub.catalog import commands
from hub.frames import FROM_CLIENT, FROM_HUB
from hub.openapi import http_types
from hub.schema import Schemas

KEYWORDS: dict[str, Any] = {
    "$ref": str, "title": str, "description": str, "type": (str, list), "properties": dict, "required": list,
    "additionalProperties": dict, "propertyNames": dict, "items": (dict, bool), "prefixItems": list, "minItems": int,
    "maxItems": int, "enum": list, "anyOf": list, "minimum": (int, float), "maximum": (int, float),
    "exclusiveMaximum": (int, float), "exclusiveMinimum": (int, float), "minLength": int, "maxLength": int,
    "pattern": str, "default": object, "examples": list, "discriminator": dict,
}  # fmt: skip
"""What JSON Schema 2020-12 lets stand under each keyword; `discriminator` is OpenAPI's."""


class Lid(Struct, frozen=True, forbid_unknown_fields=True):
    """A lid.

    Round.
    """

    name: Annotated[str, Meta(pattern=r"^a\Z")]
    lat: float = 0.0


def everything() -> Schemas:
    data = [one.spec.data for one in commands(services())]
    views = [view for views in FACES.values() for view in views]
    return Schemas([*data, *ANSWERS.values(), *views, *FROM_CLIENT.values(), *FROM_HUB.values(), *http_types()])


def schemas_in(schema: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """A schema and all those inside it."""
    yield schema
    inner = [*schema.get("properties", {}).values(), *schema.get("anyOf", ()), *schema.get("prefixItems", ())]
    inner += [one for key in ("items", "additionalProperties") if isinstance(one := schema.get(key), dict)]
    for one in inner:
        yield from schemas_in(one)


def test_a_schema_reads_as_anybodys_validator_reads() -> None:
    """The end of a text is ECMA's, a map is open, the docstring is its description, a known field has an example."""
    (lid,) = Schemas([Lid]).components.values()
    assert lid["properties"]["name"]["pattern"] == "^a$"
    assert "additionalProperties" not in lid
    assert lid["description"] == "A lid.\n\nRound."
    assert lid["properties"]["lat"]["examples"] == [-7.4722]
    assert Schemas([Lid]).ref(Lid) == {"$ref": "#/components/schemas/Lid"}


def test_every_schema_is_json_schema() -> None:
    """Known keywords alone, each with what may stand under it; every reference leads somewhere."""
    components = everything().components
    for name, component in components.items():
        for schema in schemas_in(component):
            for key, value in schema.items():
                if not key.startswith("x-"):
                    assert isinstance(value, KEYWORDS[key]), (name, key, value)
            if "$ref" in schema:
                assert schema["$ref"].removeprefix("#/components/schemas/") in components, name
            assert set(schema.get("required", ())) <= set(schema.get("properties", {})), name
    json.dumps(components)
