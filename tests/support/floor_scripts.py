"""The browser floor in scripts: syntax newer than ES2020, and names used before anybody asked for them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

import tree_sitter_javascript
from tree_sitter import Language, Node, Parser

from tests.support.floor import NOT_PARSED, Finding, above, line_of, nodes, table, text_of
from tests.support.floor_tables import NAMES, STAND_FOR, SYNTAX

NEW_SYNTAX: Final = table(SYNTAX)
NEW_NAMES: Final = table(NAMES)
FUNCTIONS: Final = frozenset(
    {"function_declaration", "function_expression", "arrow_function", "method_definition"}
    | {"generator_function", "generator_function_declaration"}
)
KNOWN: Final = frozenset(re.sub(r"\(.*\)$", "", name).rpartition(".")[2] for name in NEW_NAMES)
GLOBAL_OBJECTS: Final = frozenset({"window", "self", "globalThis"})
ASKING: Final = frozenset({"!", "typeof", "&&", "||", "??", "===", "!==", "==", "!="})
DECLARED: Final = re.compile(r"\b(?:const|let|var|class|function)\s+(\w+)|\bimport\s*\{([^}]*)\}")
_PARSER: Final = Parser(Language(tree_sitter_javascript.language()))


def script_findings(path: str, text: str) -> list[Finding]:
    """What one module uses that an old browser does not have, in the file's order."""
    root = _PARSER.parse(text.encode()).root_node
    own = _declared(text)
    asked: set[str] = set()
    found: list[Finding] = []
    for node in nodes(root):
        # A question and what follows from it may be one expression: `navigator.vibrate && navigator.vibrate(60)`.
        asked.update(_asks(node))
        for feature in _syntax(node):
            since = NOT_PARSED if feature == "not parsed" else NEW_SYNTAX[feature]
            found.append(Finding(path, line_of(node), feature, since))
        for feature in _names(node, own):
            if not _guarded(node, feature, asked):
                found.append(Finding(path, line_of(node), feature, NEW_NAMES[feature]))
    return found


def _declared(text: str) -> set[str]:
    """Names that are the file's own, whatever a browser calls by them."""
    found: set[str] = set()
    for one, imported in DECLARED.findall(text):
        found.update([one, *re.findall(r"\w+", imported)])
    return found


def _syntax(node: Node) -> Iterator[str]:
    match node.type:
        case "ERROR":
            yield "not parsed"
        case "field_definition":
            yield "class-field"
        case "private_property_identifier":
            yield "private-name"
        case "class_static_block":
            yield "static-block"
        case "import_attribute":
            yield "import-attributes"
        case "using_declaration":
            yield "using"
        case "augmented_assignment_expression":
            if text_of(node.child_by_field_name("operator")) in ("&&=", "||=", "??="):
                yield "logical-assignment"
        case "number":
            if "_" in text_of(node):
                yield "numeric-separator"
        case "await_expression":
            if not any(one.type in FUNCTIONS for one in above(node)):
                yield "top-level-await"
        case "regex":
            yield from _regex(node)


def _regex(node: Node) -> Iterator[str]:
    pattern, flags = text_of(node.child_by_field_name("pattern")), text_of(node.child_by_field_name("flags"))
    yield from (f"regex-flag-{flag}" for flag in "dv" if flag in flags)
    if re.search(r"\(\?<[=!]", pattern):
        yield "regex-lookbehind"
    if re.search(r"\(\?[ims]*-?[ims]+:", pattern):
        yield "regex-modifier"


def _names(node: Node, own: set[str]) -> Iterator[str]:
    """The features that a node uses: a global, a member, a call, a call's options."""
    match node.type:
        case "identifier":
            name = text_of(node)
            if name in NEW_NAMES and name not in own and not _is_key(node):
                yield name
        case "member_expression":
            yield from (one for one in _member(node) if one in NEW_NAMES)
        case "call_expression" | "new_expression":
            yield from (one for one in _options(node) if one in NEW_NAMES)


def _is_key(node: Node) -> bool:
    return node.parent is not None and node.parent.type == "pair" and node.parent.child_by_field_name("key") == node


def _member(node: Node) -> Iterator[str]:
    owner, name = _last(node.child_by_field_name("object")), text_of(node.child_by_field_name("property"))
    if owner in GLOBAL_OBJECTS:
        yield name
    yield f"{owner}.{name}"
    yield f".{name}"
    if owner != "this" and _called(node):
        yield f".{name}()"


def _options(node: Node) -> Iterator[str]:
    called = node.child_by_field_name("function") or node.child_by_field_name("constructor")
    given = node.child_by_field_name("arguments")
    for one in given.named_children if given is not None else []:
        if one.type == "object":
            for pair in one.named_children:
                key = pair.child_by_field_name("key") if pair.type == "pair" else pair
                yield f"{_last(called)}({text_of(key)})"


def _last(node: Node | None) -> str:
    """`scrollTo` of `a.b.scrollTo`, `screen` of `window.screen`."""
    if node is not None and node.type == "member_expression":
        return text_of(node.child_by_field_name("property"))
    return text_of(node)


def _called(node: Node) -> bool:
    parent = node.parent
    return parent is not None and parent.type == "call_expression" and parent.child_by_field_name("function") == node


# -- whether somebody asked before -------------------------------------------------------------


def _guarded(node: Node, feature: str, asked: set[str]) -> bool:
    name = re.sub(r"\(.*\)$", "", feature).rpartition(".")[2]
    return name in asked or STAND_FOR.get(name) in asked or _caught(node)


def _caught(node: Node) -> bool:
    """Inside a `try` whose `catch` goes on without it."""
    inner = node
    for outer in above(node):
        if outer.type == "try_statement" and outer.child_by_field_name("body") == inner:
            return outer.child_by_field_name("handler") is not None
        if outer.type in FUNCTIONS:
            return False
        inner = outer
    return False


def _asks(node: Node) -> Iterator[str]:
    """Names whose being there this node asks for."""
    if node.type == "binary_expression" and text_of(node.child_by_field_name("operator")) == "in":
        yield text_of(node.child_by_field_name("left")).strip("\"'`")
    if (
        node.type in ("member_expression", "identifier")
        and _last(node) in KNOWN
        and (_in_question(node) or _optional(node))
    ):
        yield _last(node)


def _in_question(node: Node) -> bool:
    parent = node.parent
    while parent is not None and parent.type == "parenthesized_expression":
        node, parent = parent, parent.parent
    if parent is None:
        return False
    match parent.type:
        case "unary_expression" | "binary_expression":
            return text_of(parent.child_by_field_name("operator")) in ASKING
        case "if_statement" | "ternary_expression" | "while_statement":
            return parent.child_by_field_name("condition") == node
        case "arguments":
            return _last(parent.parent and parent.parent.child_by_field_name("function")) == "Boolean"
    return False


def _optional(node: Node) -> bool:
    """`navigator.wakeLock?.request()`: asked in the same breath."""
    parent = node.parent
    if parent is None or parent.type not in ("member_expression", "call_expression"):
        return False
    first = parent.child_by_field_name("object") or parent.child_by_field_name("function")
    return first == node and any(child.type in ("optional_chain", "?.") for child in parent.children)
