"""Write `clients/spoken.py` from the documents: `python -m tests.support.make_spoken`."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Final

from hub.app import HubOptions, services, source
from hub.documents import made
from hub.settings import Settings

TARGET: Final = Path(__file__).parents[2] / "clients" / "spoken.py"
KINDS: Final = {"string": "str", "integer": "int", "number": "float", "boolean": "bool", "null": "None"}
HEAD: Final = '''"""What commands take and answer and what topics show, for type checkers.

`python -m tests.support.make_spoken` writes it from the documents; a test fails when that was forgotten.
"""

# Written by a program: long lines; called TypedDicts, for keys such as `from`; Union, for a quoted name has no `|`.
# ruff: noqa: E501, UP007, UP013
# fmt: off
from __future__ import annotations

from typing import Any, Final, Literal, NotRequired, Protocol, TypedDict, Union, cast, overload

from clients.client import ANSWER_S, Client

'''
TAIL: Final = '''

def spoken(client: Client) -> Spoken:
    """The same client; to a type checker one that knows every command, its data and its answer."""
    return cast(Spoken, client)
'''


def written() -> str:
    """The module."""
    openapi, asyncapi = made(source(HubOptions("public", "", 8000, 8000, 8001, Settings()), services()))
    schemas = asyncapi["components"]["schemas"]
    commands = [one for name, one in openapi["components"]["schemas"].items() if name.startswith("command.")]
    roots = [one["properties"]["data"] for one in commands] + [one["x-answer"] for one in commands]
    roots += [view for one in asyncapi["channels"].values() for view in one.get("x-views", ())]
    names = sorted({name for root in roots for name in _reached(root, schemas)})
    body = "\n".join(_typed(name, schemas[name]) for name in names)
    return f"{HEAD}{body}\n{_views(asyncapi)}\n{_calls(commands)}{TAIL}"


def _calls(commands: list[dict[str, Any]]) -> str:
    """`call` once for each command; one that several desks have takes what any of them does."""
    by_name: dict[str, list[dict[str, Any]]] = {}
    for one in commands:
        by_name.setdefault(one["properties"]["cmd"]["enum"][0], []).append(one)
    lines = ["", "class Spoken(Protocol):", '    """A client, by what it may say."""', ""]
    for cmd, same in sorted(by_name.items()):
        data = _kind({"anyOf": [one["properties"]["data"] for one in same]}).replace('"', "")
        answer = _kind(same[0]["x-answer"]).replace('"', "")
        lines += ["    @overload", f'    async def call(self, cmd: Literal["{cmd}"], data: {data}, *, '
                  f"id: str | None = None, limit_s: float = ANSWER_S) -> {answer}: ..."]  # fmt: skip
    return "\n".join(lines) + "\n"


def _reached(schema: Any, schemas: Mapping[str, Any]) -> Iterator[str]:
    """Names of a schema and of all that it is made of."""
    if isinstance(schema, list):
        for one in schema:
            yield from _reached(one, schemas)
    elif isinstance(schema, dict):
        if isinstance(ref := schema.get("$ref"), str):
            name = ref.rpartition("/")[2]
            yield name
            yield from _reached(schemas[name], schemas)
        for key, one in schema.items():
            if key not in ("default", "examples", "discriminator"):
                yield from _reached(one, schemas)


def _typed(name: str, schema: Mapping[str, Any]) -> str:
    need = schema["required"]
    fields = ", ".join(
        f'"{field}": {_kind(one) if field in need else f"NotRequired[{_kind(one)}]"}'
        for field, one in schema["properties"].items()
    )
    return f'{_name(name)} = TypedDict("{_name(name)}", {{{fields}}})'


def _views(asyncapi: Mapping[str, Any]) -> str:
    rows = [
        f'    "{one["address"]}": ({", ".join(_name(view["$ref"].rpartition("/")[2]) for view in one["x-views"])},),'
        for name, one in asyncapi["channels"].items()
        if name != "live"
    ]
    return (
        "\nVIEWS: Final[dict[str, tuple[Any, ...]]] = {\n"
        + "\n".join(rows)
        + "\n}\n"
        + '"""By the topics\' addresses."""\n'
    )


def _name(name: str) -> str:
    """`channels.order_things.Place`: `OrderThingsPlace`."""
    parts = name.split(".")[1:] if "." in name else [name]
    return "".join(part[:1].upper() + part[1:] for one in parts for part in one.split("_"))


def _kind(schema: Mapping[str, Any]) -> str:
    if "$ref" in schema:
        return f'"{_name(schema["$ref"].rpartition("/")[2])}"'
    if "anyOf" in schema:
        return f"Union[{', '.join(_kind(one) for one in schema['anyOf'])}]"
    if "enum" in schema:
        return f"Literal[{', '.join(repr(one) for one in schema['enum'])}]"
    kind = schema.get("type")
    if kind == "array":
        if "prefixItems" in schema:
            return f"list[{_kind(schema['prefixItems'][0])}]"
        return f"list[{_kind(schema['items'])}]"
    if kind == "object":
        more = schema.get("additionalProperties")
        return f"dict[str, {_kind(more) if isinstance(more, dict) else 'Any'}]"
    return KINDS.get(str(kind), "Any")


if __name__ == "__main__":
    TARGET.write_text(written(), "utf-8")
