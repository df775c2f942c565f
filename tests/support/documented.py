"""What can be said with nothing but the documents: good and bad examples of a schema."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Iterator, Mapping
from http.client import HTTPConnection
from typing import Any

Schema = Mapping[str, Any]
HOUR_MS = 3_600_000
TEXTS = ("contoh", "s01", "081234567890", "2026-11-30", "1234567890123", "a.b", "0" * 64)
VALUES: tuple[Any, ...] = ({"x": 1}, "contoh", 7, True, [])
KINDS = {dict: "object", str: "string", int: "integer", bool: "boolean", list: "array"}


async def fetched(port: int, path: str, headers: Mapping[str, str] | None = None) -> tuple[int, dict[str, str], bytes]:
    """(status, headers, body as it came) of one GET: a document is deeper than a frame may be."""

    def get() -> tuple[int, dict[str, str], bytes]:
        connection = HTTPConnection("127.0.0.1", port, timeout=10)
        try:
            connection.request("GET", path, headers=dict(headers or {}))
            answer = connection.getresponse()
            return answer.status, {key.lower(): value for key, value in answer.getheaders()}, answer.read()
        finally:
            connection.close()

    return await asyncio.to_thread(get)


class Examples:
    """Values for the schemas of one document, at one time."""

    def __init__(self, document: Schema, now: int) -> None:
        self._schemas: Mapping[str, Schema] = document["components"]["schemas"]
        self._now = now

    def resolved(self, schema: Schema) -> Schema:
        while "$ref" in schema:
            schema = self._schemas[schema["$ref"].removeprefix("#/components/schemas/")]
        return schema

    def options(self, schema: Schema) -> list[Schema]:
        """What a value may be, one of these; null left out."""
        schema = self.resolved(schema)
        if "anyOf" not in schema:
            return [schema]
        return [one for each in schema["anyOf"] for one in self.options(each) if one.get("type") != "null"]

    def good(self, schema: Schema, *, whole: bool = False) -> Any:
        """A value that fits; of a map with what it must have, or with all that it may have."""
        own, schema = schema, self.options(schema)[0]
        for said in (own, schema):
            if "x-time" in said:
                return self._now + HOUR_MS * (2 if "after" in said["x-time"] else 1)
            if "examples" in said:
                return said["examples"][0]
        if "enum" in schema:
            return schema["enum"][0]
        match schema.get("type"):
            case "object":
                return self._map(schema, whole)
            case "array":
                return self._list(schema, whole)
            case "integer" | "number":
                return max(1, schema.get("minimum", 1))
            case "boolean":
                return False
            case "string":
                return next(text for text in TEXTS if fits(schema, text))
        raise AssertionError(f"nothing is known of {schema}")

    def _map(self, schema: Schema, whole: bool) -> dict[str, Any]:
        names = schema.get("properties", {}) if whole else schema.get("required", ())
        return {name: self.good(schema["properties"][name], whole=whole) for name in names}

    def _list(self, schema: Schema, whole: bool) -> list[Any]:
        if "prefixItems" in schema:
            return [self.good(one, whole=whole) for one in schema["prefixItems"]]
        return [self.good(schema["items"], whole=whole)] * max(1, schema.get("minItems", 0))

    def bad(self, schema: Schema, value: Any, path: str = "data") -> Iterator[tuple[str, str, Any]]:
        """(path at fault, what is wrong with it, the value with that fault), for every field of a good value."""
        options = self.options(schema)
        yield from ((path, why, wrong) for why, wrong in self._wrong(schema, options))
        if len(options) > 1:
            return
        (schema,) = options
        if isinstance(value, dict):
            yield from self._bad_fields(schema, value, path)
        elif isinstance(value, list) and value and "prefixItems" not in schema and "items" in schema:
            for inner, why, wrong in self.bad(schema["items"], value[0], f"{path}[0]"):
                yield inner, why, [wrong, *value[1:]]

    def _bad_fields(self, schema: Schema, value: dict[str, Any], path: str) -> Iterator[tuple[str, str, Any]]:
        for name in schema.get("required", ()):
            yield f"{path}.{name}", "missing", {key: one for key, one in value.items() if key != name}
        for name, one in value.items():
            for inner, why, wrong in self.bad(schema["properties"][name], one, f"{path}.{name}"):
                yield inner, why, {**value, name: wrong}

    def _wrong(self, schema: Schema, options: list[Schema]) -> Iterator[tuple[str, Any]]:
        kinds = {kind for one in options for kind in kinds_of(one)}
        yield "another type", next(value for value in VALUES if KINDS[type(value)] not in kinds)
        if len(options) > 1:
            return
        (one,) = options
        if "enum" in one:
            yield "unknown value", "nothing-of-the-kind"
        if "maxLength" in one:
            yield "too long", "1" * (one["maxLength"] + 1)
        if one.get("minLength"):
            yield "too short", ""
        for key, beyond in (("maximum", 1), ("exclusiveMaximum", 0), ("minimum", -1)):
            if key in one:
                yield "out of range", one[key] + beyond
        if "pattern" in one and not re.search(one["pattern"], "\n\n"):
            yield "another form", "\n\n"
        if "maxItems" in one and "prefixItems" not in one:
            yield "too many", self._list(one, False)[:1] * (one["maxItems"] + 1)
        if one.get("minItems") and "prefixItems" not in one:
            yield "too few", []


def kinds_of(schema: Schema) -> list[str]:
    """Types that fit; an integer is a number as well."""
    if "enum" in schema:
        return ["string"]
    kind = schema.get("type", "object")
    return ["integer", "number"] if kind == "number" else [kind]


def fits(schema: Schema, text: str) -> bool:
    long_enough = schema.get("minLength", 0) <= len(text) <= schema.get("maxLength", len(text))
    return long_enough and re.search(schema.get("pattern", ""), text) is not None
