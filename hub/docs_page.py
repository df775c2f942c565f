"""`/docs`: both documents as one page to be read. Plain HTML; no script, nothing from elsewhere.

The frame of the page and its headings are files (`static/docs/index.html`, the section `docs` of the words); what
stands under them is technical text and comes from the documents alone.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from html import escape
from typing import Any, Final

Document = Mapping[str, Any]

WORD: Final = re.compile(r'data-word="docs\.(\w+)">')
LABEL: Final = re.compile(r'data-word-label="docs\.(\w+)"')
SAID: Final = re.compile(r'(\w+): ("(?:[^"\\]|\\.)*")')


def words_of(section: str) -> dict[str, str]:
    """The words of a section of a language's file."""
    return {name: json.loads(text) for name, text in SAID.findall(section)}


def page(openapi: Document, asyncapi: Document, frame: str, words: Mapping[str, str]) -> str:
    """The page.

    Raises:
        KeyError: the frame has a heading without a word.
    """
    parts = {
        "routes": _routes(openapi),
        "commands": _commands(asyncapi),
        "topics": _topics(asyncapi),
        "frames": _frames(asyncapi),
        "codes": _codes(openapi, asyncapi),
        "shapes": [_shape(name, one) for name, one in _shapes(openapi, asyncapi).items()],
    }
    html = LABEL.sub(lambda found: f'aria-label="{escape(words[found[1]])}"', frame)
    html = WORD.sub(lambda found: f">{escape(words[found[1]])}", html)
    for name, articles in parts.items():
        html = html.replace(f"<!--{name}-->", "\n".join(articles))
    return html


def _routes(openapi: Document) -> list[str]:
    return [
        _article(f"{method.upper()} {path}", one["summary"], [*_params(one), *_answers(one)])
        for path, methods in openapi["paths"].items()
        for method, one in methods.items()
    ]


def _params(operation: Document) -> list[str]:
    rows = [f"<code>{escape(one['name'])}</code> ({one['in']}): {_text(one['description'])}"
            for one in operation.get("parameters", ())]  # fmt: skip
    body = operation.get("requestBody", {}).get("content", {})
    kinds = ", ".join(f"<code>{escape(kind)}</code>" for kind in body)
    schema: Document = next((one["schema"] for one in body.values()), {})
    said = "any command below" if "anyOf" in schema else _kind(schema)
    return [*rows, f"body: {said}, as {kinds}"] if body else rows


def _answers(operation: Document) -> list[str]:
    rows = []
    for status, said in operation["responses"].items():
        schema = next((one["schema"] for one in said.get("content", {}).values() if "schema" in one), None)
        kind = "" if schema is None else f" {_kind(schema)}"
        rows.append(f"<code>{status}</code>{kind}: {_text(said['description'])}")
    return rows


def _commands(asyncapi: Document) -> list[str]:
    found = []
    for name, one in asyncapi["components"]["messages"].items():
        if "x-roles" not in one:
            continue
        sort, _, key = name.partition(".")
        who = ", ".join(one["x-roles"])
        desk = f"; at a desk only <code>{one['x-desk']}</code>" if "x-desk" in one else ""
        answer = f"; answers {_kind(one['x-answer'])}" if "x-answer" in one else ""
        data = _kind(one["payload"]["properties"]["data"])
        rows = [f"data: {data}{answer}", f"who: {escape(who)}{desk}", f"lane: {one['x-lane']}"]
        found.append(_article(key, "fleeting: no answer, the newest wins" if sort == "tell" else "", rows))
    return found


def _topics(asyncapi: Document) -> list[str]:
    found = []
    for name, one in asyncapi["channels"].items():
        if name == "live":
            continue
        rows = [f"who may join: {_joiners(one)}", f"lane: {one['x-lane']}"]
        rows += [f"holds {_kind(view)}" for view in one["x-views"]]
        found.append(_article(one["address"], "", rows))
    return found


def _joiners(channel: Document) -> str:
    if channel["x-anyone"]:
        return "anyone"
    people: dict[str, list[str]] = {}
    for one in channel["x-join"]:
        role = f"dispatcher ({one['desk']})" if "desk" in one else one["role"]
        people.setdefault(f"only of their own {one['own']}" if "own" in one else "", []).append(role)
    said = [" ".join(filter(None, [", ".join(roles), only])) for only, roles in people.items()]
    return escape("; ".join(said) + ("; the store is asked as well" if channel["x-store-asked"] else ""))


def _frames(asyncapi: Document) -> list[str]:
    channel = asyncapi["channels"]["live"]
    formats = [f"<code>{name}</code>: {one['frames']} frames" for name, one in channel["x-subprotocols"].items()]
    said = [_article(channel["address"], channel["description"], formats)]
    operations = asyncapi["operations"]
    for title, operation in (("from the client", "say"), ("from the hub", "hear")):
        names = [one["$ref"].rpartition("/")[2] for one in operations[operation]["messages"]]
        messages = [(name, asyncapi["components"]["messages"][name]) for name in names]
        rows = [
            f"<code>{escape(name)}</code>: {_kind(one['payload'])}" for name, one in messages if "x-roles" not in one
        ]
        said.append(_article(title, "", rows))
    return said


def _codes(openapi: Document, asyncapi: Document) -> list[str]:
    refusals = [f"<code>{one['code']}</code> ({one['status']}): {_text(one['text'])}" for one in openapi["x-refusals"]]
    closing = [f"<code>{one['code']}</code>: {_text(one['text'])}"
               for one in asyncapi["channels"]["live"]["x-close-codes"]]  # fmt: skip
    return [_article("refusals (HTTP status)", "", refusals), _article("close codes", "", closing)]


def _shapes(openapi: Document, asyncapi: Document) -> dict[str, Any]:
    both = {**openapi["components"]["schemas"], **asyncapi["components"]["schemas"]}
    return {name: one for name, one in sorted(both.items()) if not name.startswith("command.")}


def _shape(name: str, schema: Document) -> str:
    need = schema.get("required", ())
    rows = [f"<code>{escape(field)}</code>{'' if field in need else ' (may be left out)'}: {_kind(one)}"
            for field, one in schema.get("properties", {}).items()]  # fmt: skip
    return _article(name, schema.get("description", ""), rows or [_kind(schema)], f"shape-{name}")


def _kind(schema: Document) -> str:
    """A schema in a few words, with a link to what it names."""
    if "$ref" in schema:
        name = escape(schema["$ref"].rpartition("/")[2])
        return f'<a href="#shape-{name}">{name}</a>'
    if "anyOf" in schema:
        return " or ".join(_kind(one) for one in schema["anyOf"])
    if "enum" in schema:
        return " / ".join(f"<code>{escape(json.dumps(one))}</code>" for one in schema["enum"])
    if "prefixItems" in schema:
        return f"[{', '.join(_kind(one) for one in schema['prefixItems'])}]"
    said = schema.get("type", "anything")
    said = " or ".join(said) if isinstance(said, list) else said
    if said == "array":
        return f"list of {_kind(schema.get('items', {}))}{_bounds(schema)}"
    if said == "object" and isinstance(schema.get("additionalProperties"), dict):
        return f"map of {_kind(schema['additionalProperties'])}"
    return said + _bounds(schema)


def _bounds(schema: Document) -> str:
    names = {
        "minimum": "from", "exclusiveMinimum": "over", "maximum": "to", "exclusiveMaximum": "under",
        "minLength": "at least", "maxLength": "at most", "minItems": "at least", "maxItems": "at most",
    }  # fmt: skip
    said = [f"{word} {schema[key]:,}" for key, word in names.items() if key in schema]
    said += [f"<code>{escape(schema['pattern'])}</code>"] if "pattern" in schema else []
    said += [f"else {escape(json.dumps(schema['default']))}"] if "default" in schema else []
    return f" ({', '.join(said)})" if said else ""


def _text(text: str) -> str:
    """Words, with what stands in backquotes as code."""
    return re.sub(r"`([^`]+)`", r"<code>\1</code>", escape(text))


def _article(title: str, text: str, rows: Iterable[str], id_: str = "") -> str:
    name = f' id="{escape(id_)}"' if id_ else ""
    said = f"<p>{_text(text)}</p>" if text else ""
    listed = "".join(f"<li>{row}</li>" for row in rows)
    return f"<article{name}><h3>{escape(title)}</h3>{said}<ul>{listed}</ul></article>"
