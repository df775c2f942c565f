"""The pages run on the oldest browsers that the city promises: Chrome and WebView 80, iOS 15, syntax up to ES2020."""

from __future__ import annotations

import re
from functools import cache
from typing import Final

import pytest

from hub.app import STATIC
from tests.support.floor import Finding, files, table, unexcused
from tests.support.floor_scripts import script_findings
from tests.support.floor_sheets import sheet_findings
from tests.support.floor_tables import HARMLESS, NAMES, STYLES, WITH_PREFIX

ROOT: Final = STATIC.parent
SCRIPTS: Final = {
    **files(STATIC, ".js"),
    **{f"clients/{path}": text for path, text in files(ROOT / "clients" / "js", ".js").items()},
}
SHEETS: Final = files(STATIC, ".css")
PAGES: Final = files(STATIC, ".html")
IN_PAGE: Final = re.compile(
    r"<(?:dialog|search)\b|\b(?:popover|inert|fetchpriority|blocking)\b(?=[^<]*>)|importmap|<style"
)
"""What a page's own text may not hold: it has nobody who could ask first."""

PENDING: Final[dict[str, str]] = {}
"""`path: feature` -> who mends it; empty when all is well."""


@cache
def in_scripts() -> list[Finding]:
    return [one for path, text in SCRIPTS.items() for one in script_findings(path, text)]


@cache
def in_sheets() -> list[Finding]:
    return sheet_findings(SHEETS)


def test_no_script_is_newer_than_the_floor() -> None:
    """Syntax up to ES2020, and every newer name is asked for before it is used."""
    assert unexcused(in_scripts(), PENDING) == []


def test_no_sheet_is_newer_than_the_floor() -> None:
    """Whatever is newer stands behind `@supports`, behind a plain value, or does no harm where it is missing."""
    assert unexcused(in_sheets(), PENDING) == []


def test_no_page_is_newer_than_the_floor() -> None:
    """No element or attribute that an old browser would show as something else."""
    assert [(path, one.group()) for path, text in PAGES.items() for one in IN_PAGE.finditer(text)] == []


def test_everything_was_read() -> None:
    """The linter saw the pages' files, the client's and the worker's."""
    assert {"static/shared/worker.js", "clients/js/kentongan.js", "static/shared/dom.js"} <= set(SCRIPTS)
    assert len(SCRIPTS) > 100
    assert "static/shared/base.css" in SHEETS


@pytest.mark.parametrize("rows", [NAMES, STYLES], ids=["names", "styles"])
def test_a_table_holds_only_what_is_newer(rows: str) -> None:
    """Every row is missing in Chrome 80 or Safari 15.0; syntax alone is held to ES2020 whatever a browser takes."""
    assert [name for name, since in table(rows).items() if since.on_the_floor] == []


def test_every_excuse_is_needed() -> None:
    """Each is about a row of the tables, and what was to be mended and has been is taken out."""
    rows = {**table(NAMES), **table(STYLES)}
    assert set(HARMLESS) | WITH_PREFIX <= set(rows)
    assert set(PENDING) <= {f"{one.path}: {one.feature}" for one in [*in_scripts(), *in_sheets()]}


def test_an_old_browser_shows_where_the_focus_is() -> None:
    """The line stands at `:focus`; only what knows `:focus-visible` takes it away again from a mouse's click."""
    base = SHEETS["static/shared/base.css"]
    drawn = re.search(r"^:focus \{ outline: (?!none)", base, re.MULTILINE)
    taken = re.search(r"^:focus:not\(:focus-visible\) \{ outline: none; \}", base, re.MULTILINE)
    assert drawn is not None
    assert taken is not None
    assert drawn.start() < taken.start()


@pytest.mark.parametrize(
    ("text", "feature"),
    [
        ("class A { x = 1; }", "class-field"),
        ("class A { static x = 1; }", "class-field"),
        ("class A { #x() {} }", "private-name"),
        ("const f = (a) => #x in a;", "private-name"),
        ("class A { static { go(); } }", "static-block"),
        ("a ??= 1;", "logical-assignment"),
        ("const n = 1_000;", "numeric-separator"),
        ("await go();", "top-level-await"),
        ("const r = /a/d;", "regex-flag-d"),
        ("const r = /(?<!a)b/;", "regex-lookbehind"),
        ("const r = /(?i:a)b/;", "regex-modifier"),
        ('import a from "./a.json" with { type: "json" };', "import-attributes"),
        ("const = ;", "not parsed"),
        ('text.replaceAll("a", "b");', ".replaceAll()"),
        ("list.at(-1);", ".at()"),
        ("Object.hasOwn(a, b);", "Object.hasOwn"),
        ("structuredClone(a);", "structuredClone"),
        ("window.requestIdleCallback(go);", "requestIdleCallback"),
        ('navigator.wakeLock.request("screen");', "navigator.wakeLock"),
        ("if (list.length) navigator.vibrate(60);", "navigator.vibrate"),
        ("navigator.vibrate(60); if (navigator.vibrate) go();", "navigator.vibrate"),
        ('a.addEventListener("click", go, { signal });', "addEventListener(signal)"),
        ('a.scrollIntoView({ behavior: "smooth" });', "scrollIntoView(behavior)"),
        ('throw new Error("no", { cause: error });', "Error(cause)"),
        ("try { go(); } finally { structuredClone(a); }", "structuredClone"),
    ],
)
def test_a_script_with_something_new_is_found(text: str, feature: str) -> None:
    """Each of these alone is a finding, in the line where it stands."""
    found = script_findings("a.js", f"\n{text}\n")
    assert feature in {one.feature for one in found}
    assert {one.line for one in found} == {2}


@pytest.mark.parametrize(
    "text",
    [
        "const a = b?.c ?? 1; async function f() { await a; for await (const x of a) go(x); }",
        "const r = /(?<name>a)(?=b)\\p{Lu}/gsu; const n = 10n; try { go(); } catch { go(); }",
        "if (navigator.vibrate) navigator.vibrate(60);",
        "navigator.vibrate && navigator.vibrate(60);",
        "navigator.wakeLock?.request();",
        'if (!("wakeLock" in navigator)) return; navigator.wakeLock.request("screen");',
        'if (typeof crypto.randomUUID === "function") crypto.randomUUID();',
        "const speech = window.speechSynthesis || null; new SpeechSynthesisUtterance(text);",
        "try { navigator.locks.request(a, go); } catch (error) { go(); }",
        "view.at = record.at; const scheduler = 1; go(scheduler); const a = { Highlight: 1 };",
        "this.with(a); import { Iterator } from './a.js'; Iterator.go();",
    ],
)
def test_a_script_that_asks_first_is_well(text: str) -> None:
    """What ES2020 has, what was asked for, and what only has the name of something new."""
    assert [str(one) for one in script_findings("a.js", text)] == []


@pytest.mark.parametrize(
    ("text", "feature"),
    [
        (".a { display: flex; gap: 8px; }", "gap-in-flex"),
        (".a { display: flex; } .a { column-gap: 8px; }", "gap-in-flex"),
        (".a { display: flex; align-items: start; }", "start-or-end-in-flex"),
        (".a { inset: 0; }", "inset:"),
        (".a { width: 1dvw; }", "dvw"),
        (".a { color: color-mix(in srgb, red, blue); }", "color-mix()"),
        (":root { --a: light-dark(#fff, #000); }", "light-dark()"),
        (".a { overflow: clip; }", "overflow:clip"),
        (".a { user-select: none; }", "user-select:"),
        (".a:has(.b) { color: red; }", ":has"),
        (".a:focus-visible { color: red; }", ":focus-visible"),
        (".a:focus-visible::after { color: red; }", ":focus-visible"),
        (".a:not(.b, .c) { color: red; }", ":not(list)"),
        (".a { .b { color: red; } }", "nesting"),
        ("@layer a { .a { color: red; } }", "@layer"),
        ("@media (width >= 600px) { .a { color: red; } }", "range-in-media"),
    ],
)
def test_a_sheet_with_something_new_is_found(text: str, feature: str) -> None:
    """Each of these alone is a finding, in the line where it stands."""
    found = sheet_findings({"a.css": f"\n{text}\n"})
    assert feature in {one.feature for one in found}, [str(one) for one in found]
    assert {one.line for one in found} == {2}


@pytest.mark.parametrize(
    "text",
    [
        ".a { display: grid; gap: 8px; align-items: start; } @media (min-width: 900px) { .a { gap: 1px; } }",
        ".a { height: 100vh; height: 100dvh; color: #000; color: oklch(0 0 0); }",
        "@supports (aspect-ratio: 1) { .a { aspect-ratio: 1; } } @supports (width: 1dvw) { .a { width: 1dvw; } }",
        ".a { -webkit-user-select: none; user-select: none; width: min(1px, 2vh); padding: clamp(1px, 2px, 3px); }",
        ":focus { outline: 1px solid; } :focus:not(:focus-visible) { outline: none; }",
        ".a { display: flex; gap: 1px; } @supports not (color: revert) { .a > * { margin: 1px; } }",
        ".a { aspect-ratio: 1; } @supports not (aspect-ratio: 1) { .a { height: 1px; } }",
    ],
)
def test_a_sheet_with_a_fallback_is_well(text: str) -> None:
    """What the floor has, and what stands behind a question or a plain value."""
    assert [str(one) for one in sheet_findings({"a.css": text})] == []


def test_a_finding_says_what_where_and_since_when() -> None:
    """One line for who mends it."""
    (found,) = script_findings("a.js", "\nlist.at(-1);")
    assert str(found) == "a.js:2: .at() (Chrome 92, Safari 15.4)"
    assert unexcused([found], {}) == [str(found)]
    assert unexcused([found], {"a.js: .at()": "somebody"}) == []
