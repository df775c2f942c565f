"""JSON Schema (2020-12) of the structs that the documents speak of.

One set of names for everything: a struct has one schema, whoever refers to it. What the hub takes and says beyond a
schema is said in `x-` keys. Unknown keys are nobody's fault (PROTOCOL section 3), so no schema forbids them.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Final

from msgspec.json import schema_components

Schema = dict[str, Any]

REF: Final = "#/components/schemas/{name}"
EXAMPLES: Final[Mapping[str, Any]] = {
    "kelurahan": "kranggan",
    "category": "food",
    "lat": -7.4722,
    "lon": 112.4338,
    "phone": "081234567890",
    "day": "2026-11-30",
    "alert": "0190c8a0-0000-7000-8000-000000000000",
    "alarm": "0190c8a0.unanswered",
    "nib": "1234567890123",
    "areas": ["kranggan"],
    "hours": [[[480, 1020]]] * 7,
    "words": "sandal kulit",
    "answer": "s01",
    "shop": "s01",
    "stop": "p1",
    "van": "v1",
    "service": "ktp",
}
"""What a field of a command may hold, where its type alone does not say it."""
TIMES: Final[Mapping[str, str]] = {
    "expires": "milliseconds since the epoch, to come",
    "starts_at": "milliseconds since the epoch, to come",
    "until": "milliseconds since the epoch, after `starts_at`",
}
"""Fields that no example can stand for: said as `x-time`."""


class Schemas:
    """The schemas of some structs and of all that they are made of.

    Args:
        types: in the order in which they are described; of two with one name both get their module's in front.
    """

    def __init__(self, types: Iterable[Any]) -> None:
        known = list(dict.fromkeys(types))
        found, components = schema_components(known, ref_template=REF)
        self._refs = dict(zip(known, found, strict=True))
        self.components: dict[str, Schema] = {
            name: _tidy({"title": name, **schema}) for name, schema in sorted(components.items())
        }

    def ref(self, type_: Any) -> Schema:
        """A reference to one of the structs."""
        return dict(self._refs[type_])


def _tidy(value: Any) -> Any:
    """As anybody's validator reads it: Python's end of text is ECMA's, an open map is open, a field has its example."""
    if isinstance(value, list):
        return [_tidy(one) for one in value]
    if not isinstance(value, dict):
        return value
    tidy = {key: _tidy(one) for key, one in value.items() if not (key == "additionalProperties" and one is False)}
    if isinstance(pattern := tidy.get("pattern"), str):
        tidy["pattern"] = pattern.replace(r"\Z", "$")
    if isinstance(words := tidy.get("description"), str):
        tidy["description"] = "\n".join(line.strip() for line in words.strip().splitlines())
    if isinstance(fields := tidy.get("properties"), dict):
        tidy["properties"] = {name: _shown(name, field) for name, field in fields.items()}
    return tidy


def _shown(name: str, field: Schema) -> Schema:
    """A field with its example."""
    if name in TIMES:
        return {**field, "x-time": TIMES[name]}
    if name not in EXAMPLES or "$ref" in field or "enum" in field:
        return field
    return {**field, "examples": [EXAMPLES[name]]}
