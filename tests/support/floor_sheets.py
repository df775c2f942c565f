"""The browser floor in style sheets: what is new, unless `@supports` asks, or a plain value stands before it."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Final

import tree_sitter_css
from tree_sitter import Language, Node, Parser

from tests.support.floor import NOT_PARSED, Finding, above, line_of, nodes, table, text_of
from tests.support.floor_tables import STYLES, WITH_PREFIX

NEW_STYLES: Final = table(STYLES)
GAPS: Final = frozenset({"gap", "row-gap", "column-gap"})
ALIGNS: Final = frozenset({"align-items", "align-content", "justify-content"})
BEFORE_84: Final = re.compile(r"not\s*\(color:\s*revert\)")
"""`revert` came to Chrome with the version that took `gap` in a flexed box, and to Safari long before the floor: what
this asks is answered yes by Chrome 80 to 83 alone. The gap itself cannot be asked for: grids had it before."""
INSTEAD: Final = re.compile(r"@supports not \(([\w-]+:)")
"""Properties for which some sheet says what an old browser gets instead."""
_PARSER: Final = Parser(Language(tree_sitter_css.language()))


def sheet_findings(sheets: Mapping[str, str]) -> list[Finding]:
    """What these sheets use that an old browser does not have; the margins of one may stand in for gaps of another."""
    parsed = {path: _PARSER.parse(text.encode()).root_node for path, text in sheets.items()}
    spaced = {one for root in parsed.values() for one in _spaced(root)}
    instead = {one for text in sheets.values() for one in INSTEAD.findall(text)}
    found = [finding for path, root in parsed.items() for finding in _of_sheet(path, root, spaced)]
    return [one for one in dict.fromkeys(found) if one.feature not in instead]


def _of_sheet(path: str, root: Node, spaced: set[str]) -> Iterator[Finding]:
    flexed = {one for rule in _rules(root) if _is_flexed(rule) for one in _selectors(rule)}
    for node in nodes(root):
        for feature in _features(node):
            if not _asked(node, feature):
                yield Finding(path, line_of(node), feature, NEW_STYLES.get(feature, NOT_PARSED))
        if node.type == "rule_set" and _gap_alone(node, flexed, spaced):
            yield Finding(path, line_of(node), "gap-in-flex", NEW_STYLES["gap-in-flex"])


def _features(node: Node) -> Iterator[str]:
    match node.type:
        case "ERROR":
            yield "not parsed"
        case "declaration":
            yield from (one for one in _of_declaration(node) if one in NEW_STYLES)
        case "pseudo_class_selector" | "pseudo_element_selector":
            yield from (one for one in _of_pseudo(node) if one in NEW_STYLES)
        case "at_keyword":
            yield from (one for one in [text_of(node)] if one in NEW_STYLES)
        case "media_statement":
            if re.search(r"[<>]", text_of(node).partition("{")[0]):
                yield "range-in-media"
        case "supports_statement":
            if "selector(" in text_of(node).partition("{")[0]:
                yield "supports-selector"
        case "rule_set":
            if any(one.type == "rule_set" for one in above(node)):
                yield "nesting"


def _of_declaration(node: Node) -> Iterator[str]:
    name = _name(node)
    if name.startswith("--"):
        name = ""  # A name of the sheet's own: what it holds is looked at all the same.
    if not (f"{name}:" in WITH_PREFIX and f"-webkit-{name}" in _block(node)):
        yield f"{name}:"
    if any(_name(one) == name for one in _before(node)):
        return  # An old browser keeps the plain value.
    for one in nodes(node):
        if one.type == "function_name":
            yield f"{text_of(one)}()"
        elif one.type == "unit":
            yield text_of(one)
        elif one.type == "plain_value":
            yield f"{name}:{text_of(one)}"
            if name in ALIGNS and text_of(one) in ("start", "end") and _is_flexed(_rule_of(node)):
                yield "start-or-end-in-flex"


def _of_pseudo(node: Node) -> Iterator[str]:
    mark = ":" if node.type == "pseudo_class_selector" else "::"
    name = _class(node)
    # "not" takes the new away again: what an old browser does not read changes nothing there.
    if not any(one.type == "arguments" and _class(one.parent) == "not" for one in above(node)):
        yield f"{mark}{name}"
    given = next((one for one in node.named_children if one.type == "arguments"), None)
    if name == "not" and given is not None and len(given.named_children) > 1:
        yield ":not(list)"


def _class(node: Node | None) -> str:
    """`hover` of `a:hover`, `after` of `a::after`: the last name of a selector."""
    names = [one for one in node.named_children if one.type in ("class_name", "tag_name")] if node is not None else []
    return text_of(names[-1]) if names else ""


def _asked(node: Node, feature: str) -> bool:
    """Inside a `@supports` that names the property, the function or the value."""
    name = feature.strip(":@()").partition(":")[0].partition("(")[0]
    asked = [text_of(one).partition("{")[0] for one in above(node) if one.type == "supports_statement"]
    return any(name in one for one in asked)


# -- a flexed box and its gap -------------------------------------------------------------------


def _gap_alone(rule: Node, flexed: set[str], spaced: set[str]) -> bool:
    """A gap that Chrome 80 does not draw, and no margin instead."""
    block = _block(rule)
    if not GAPS & set(block) or block.get("display", "flex") not in ("flex", "inline-flex"):
        return False
    mine = [one for one in _selectors(rule) if "display" in block or one in flexed]
    return not all(one in spaced for one in mine)


def _spaced(root: Node) -> Iterator[str]:
    """Selectors whose children get margins where a flexed box takes no gap."""
    for node in nodes(root):
        if node.type == "supports_statement" and BEFORE_84.search(text_of(node).partition("{")[0]):
            for rule in _rules(node):
                if any(name.startswith("margin") for name in _block(rule)):
                    yield from (re.sub(r" > \*(?: \+ \*)?$", "", one) for one in _selectors(rule) if " > *" in one)


def _rules(root: Node) -> Iterator[Node]:
    return (node for node in nodes(root) if node.type == "rule_set")


def _is_flexed(rule: Node | None) -> bool:
    return rule is not None and _block(rule).get("display") in ("flex", "inline-flex")


def _rule_of(node: Node) -> Node | None:
    return next((one for one in above(node) if one.type == "rule_set"), None)


def _selectors(rule: Node) -> list[str]:
    found = next((one for one in rule.named_children if one.type == "selectors"), None)
    return [re.sub(r"\s+", " ", text_of(one)) for one in (found.named_children if found is not None else [])]


def _block(node: Node) -> dict[str, str]:
    """Property -> value of the rule that this is, or stands in."""
    rule = node if node.type == "rule_set" else _rule_of(node)
    inside = [one for one in rule.named_children if one.type == "block"] if rule is not None else []
    found = [one for block in inside for one in block.named_children if one.type == "declaration"]
    return {_name(one): text_of(one).partition(":")[2].strip(" ;") for one in found}


def _before(node: Node) -> Iterator[Node]:
    sibling = node.prev_named_sibling
    while sibling is not None:
        if sibling.type == "declaration":
            yield sibling
        sibling = sibling.prev_named_sibling


def _name(declaration: Node) -> str:
    return next((text_of(one) for one in declaration.named_children if one.type == "property_name"), "")
