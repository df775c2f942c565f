"""One look: tokens of one file, whatever the page; readable in each theme; drawings of one file."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Final

import pytest

from hub.app import STATIC
from tests.support.looks import BASE, THEMES, contrast, declarations, plain, tokens

PAPER_ONLY: Final = frozenset({"shop/print.css"})  # ink on paper has no theme
SHEETS: Final = sorted(
    path for path in STATIC.rglob("*.css") if path != BASE and str(path.relative_to(STATIC)) not in PAPER_ONLY
)
COLOUR: Final = re.compile(
    r"""\#[0-9a-f]{3,8}\b | \b(?:rgb|rgba|hsl|hsla|hwb|lab|lch|oklab|oklch|color|color-mix)\(
    | (?<![\w-])(?:black|white|gr[ae]y|red|maroon|green|lime|blue|navy|teal|yellow|orange|gold|purple)(?![\w-])""",
    re.X | re.I,
)
SIZES: Final = re.compile(r"var\(--text-[a-z]+\)|inherit")
SPACED: Final = re.compile(r"(?:row-|column-)?gap|padding(?:-[a-z]+)?|margin(?:-[a-z]+)?")
STEPS: Final = frozenset({2, 4, 6, 8, 12, 16, 24, 32})

# What is written, on what. 4.5 to 1 is WCAG 2.2, 1.4.3; in the sun 7 to 1 (1.4.6).
SURFACES: Final = ("paper", "card")
PALE: Final = ("danger-pale", "wait-pale", "good-pale", "van-pale", "shop-pale")
INKS: Final = ("ink", "soft", "danger-ink", "wait-ink", "good-ink", "van-ink", "shop-ink")
FILLS: Final = (
    "strong",
    "calm",
    "danger",
    "good",
    "severe",
    "moderate",
    "minor",
    "van",
    "shop",
    "call",
    "demo",
    "drill",
    "disabled",
)
WRITTEN: Final = [
    *((ink, surface) for ink in INKS for surface in SURFACES),
    *((ink, pale) for ink in ("ink", "soft") for pale in PALE),
    *((pale.replace("pale", "ink"), pale) for pale in PALE),
    *((f"on-{fill}", fill) for fill in FILLS),
    ("on-call", "call-low"), ("on-call", "call-pressed"), ("on-danger", "danger-deep"), ("on-demo", "demo-stripe"),
    ("on-drill", "drill-stripe"), ("ink", "pill"), ("soft", "map-land"), ("ink", "map-land"),
    ("on-danger", "wait"), ("on-danger", "good"), ("van", "on-van"), ("good", "on-good"),
    ("focus", "paper"), ("focus", "card"),  # a link in the documents
    ("on-stage", "stage"), ("stage-soft", "stage"), ("demo", "stage"), ("on-stage", "stage-cloth"),
]  # fmt: skip
# What bounds a control or is a drawing, on what: 3 to 1 (1.4.11).
DRAWN: Final = [
    *((line, surface) for line in ("edge", "focus", "danger", "wait", "good", "danger-ink") for surface in SURFACES),
    *((mark, "card") for mark in ("severe", "moderate-edge", "minor-edge", "plot-done", "plot-turned", "plot-late")),
    *((mark, "card") for mark in ("plot-off", "plot-open", "van-ink")),
    *((dot, "map-land") for dot in ("danger", "good", "van-ink")),
]
PICTOGRAMS: Final = STATIC / "shared" / "pictograms.svg"
ASKED: Final = re.compile(r'pictograms\.svg#([a-z_]+)|\bicon\("([a-z_]+)"\)|putIcon\([^,]+, "([a-z_]+)"\)')
BUILT: Final = re.compile(r"`([a-z]+_)\$\{|\?\s*\"([a-z_]+)\"\s*:\s*`\$\{")
SAID_AS_SIGN: Final = re.compile(
    "[\u2190-\u21ff\u2300-\u23ff\u25a0-\u27bf\u2b00-\u2bff\u2039\u203a\U0001f000-\U0001faff]"
)


def name_of(path: Path) -> str:
    return str(path.relative_to(STATIC))


def without_tokens(value: str) -> str:
    return re.sub(r"var\(--[\w-]+\)|url\([^)]*\)|\"[^\"]*\"", "", value)


@pytest.mark.parametrize("sheet", SHEETS, ids=name_of)
def test_a_page_names_no_colour_of_its_own(sheet: Path) -> None:
    """Colours have one place and a name of meaning; whoever needs another gives it a token in every theme."""
    found = [
        f"{name}: {value}" for name, value in declarations(sheet.read_text()) if COLOUR.search(without_tokens(value))
    ]
    assert found == []


@pytest.mark.parametrize("sheet", SHEETS, ids=name_of)
def test_a_page_names_no_type_of_its_own(sheet: Path) -> None:
    """No font but a token's, no size outside the scale, no shorthand that would set both."""
    found = []
    for name, value in declarations(sheet.read_text()):
        if (
            (name == "font-family" and not re.fullmatch(r"var\(--font[a-z-]*\)|inherit", value))
            or (name == "font-size" and not SIZES.fullmatch(value))
            or (name == "font" and value != "inherit")
        ):
            found.append(f"{name}: {value}")
    assert found == []


@pytest.mark.parametrize("sheet", SHEETS, ids=name_of)
def test_a_page_keeps_to_the_steps_of_space(sheet: Path) -> None:
    """What stands between things, up to 32 px, is a step of the scale."""
    found = []
    for name, value in declarations(sheet.read_text()):
        if SPACED.fullmatch(name):
            raw = [int(px) for px in re.findall(r"(?<![\w.-])-?(\d+)px", without_tokens(value))]
            found += [f"{name}: {value}" for px in raw if 1 < px <= max(STEPS)]
    assert found == []


@pytest.mark.parametrize("sheet", SHEETS, ids=name_of)
def test_a_page_has_no_theme_of_its_own(sheet: Path) -> None:
    """Light, dark and sun are three sets of tokens: a page neither asks which one it is in nor sets a token."""
    text = plain(sheet.read_text())
    assert "prefers-color-scheme" not in text
    assert "data-theme" not in text
    assert sorted({name for name, _ in declarations(text) if name.removeprefix("--") in tokens("light")}) == []


def used() -> set[str]:
    """Every token that some sheet or script asks for."""
    files = [*STATIC.rglob("*.css"), *STATIC.rglob("*.js"), *STATIC.rglob("*.svg")]
    return {name for path in files for name in re.findall(r"var\(--([\w-]+)", path.read_text("utf-8"))}


def own() -> set[str]:
    """What a page's sheet or script sets for its own parts: the colour of a need, the height of the tabs."""
    sheets = {name for sheet in SHEETS for name in re.findall(r"--([\w-]+)\s*:", plain(sheet.read_text("utf-8")))}
    return sheets | {"px"}  # map.js


def test_no_token_is_missing_and_none_is_left_over() -> None:
    """A sheet asks for no token that there is not, and a token that nobody asks for goes."""
    assert sorted(used() - set(tokens("light")) - own()) == []
    assert sorted(set(tokens("light")) - used()) == []


@pytest.mark.parametrize("theme", sorted(THEMES))
def test_a_theme_names_only_what_there_is(theme: str) -> None:
    """Dark and sun say other values for the light theme's tokens, never a token of their own."""
    assert sorted(set(tokens(theme)) - set(tokens("light"))) == []


def colour(theme: str, name: str) -> str:
    found = tokens(theme)[name]
    return tokens(theme)[found.removeprefix("var(--").removesuffix(")")] if found.startswith("var(") else found


@pytest.mark.parametrize("theme", sorted(THEMES))
def test_what_is_written_can_be_read(theme: str) -> None:
    """Each pair of ink and ground that the pages put together has 4.5 to 1, in the sun 7 to 1."""
    least = 7.0 if theme == "sun" else 4.5
    found = {
        f"{ink} on {ground}": round(contrast(colour(theme, ink), colour(theme, ground)), 2) for ink, ground in WRITTEN
    }
    assert {pair: ratio for pair, ratio in found.items() if ratio < least} == {}


@pytest.mark.parametrize("theme", sorted(THEMES))
def test_what_bounds_a_control_can_be_seen(theme: str) -> None:
    """Edges, the focus, marks and drawings have 3 to 1 with what they lie on."""
    found = {
        f"{line} on {ground}": round(contrast(colour(theme, line), colour(theme, ground)), 2) for line, ground in DRAWN
    }
    assert {pair: ratio for pair, ratio in found.items() if ratio < 3} == {}


def drawings() -> set[str]:
    return set(re.findall(r'<symbol id="([a-z_]+)"', PICTOGRAMS.read_text("utf-8")))


def pages_and_modules() -> dict[str, str]:
    """Address -> text, comments left off, of whatever draws."""
    found = [path for kind in ("*.js", "*.html") for path in STATIC.rglob(kind) if path.parent.name != "words"]
    return {
        name_of(path): re.sub(r"^\s*//[^\n]*$|/\*\*.*?\*/", "", path.read_text("utf-8"), flags=re.M | re.S)
        for path in found
    }


def test_every_drawing_that_is_asked_for_is_there() -> None:
    """By its full name in a page or a module; names that are put together are found by what they begin with."""
    asked = {name for text in pages_and_modules().values() for match in ASKED.findall(text) for name in match if name}
    assert sorted(asked - drawings()) == []


def test_no_drawing_is_left_over() -> None:
    """Each stands in a page, or is asked for by name or by its kind: `need_${...}`."""
    everything = "\n".join(pages_and_modules().values())
    prefixes = ("standing_", "severity_", "need_")
    questions = re.findall(r'key: "([a-z]+)"', pages_and_modules()["resident/questions.js"])
    kinds = tuple(prefix for prefix in prefixes if f"`{prefix}${{" in everything) + tuple(
        f"{key}_" for key in questions
    )
    named = {name for name in drawings() if re.search(rf"""["#'`]{name}["'`]""", everything)}
    assert sorted(name for name in drawings() - named if not name.startswith(kinds)) == []


def test_drawings_share_one_grid_and_take_the_colour_of_their_words() -> None:
    """24 by 24, and no colour but the ink of what they stand beside."""
    text = PICTOGRAMS.read_text("utf-8")
    assert text.count("<symbol ") == text.count('viewBox="0 0 24 24"')
    assert set(re.findall(r'(?:fill|stroke)="([^"]+)"', text)) <= {"currentColor", "none"}


def test_no_button_is_dead_without_a_word() -> None:
    """A button stays alive: what is missing stands beside it, and while a tap is under way it is off (`turnOff`), which
    keeps the focus. Only a form's fields are locked while they are on their way."""
    dead = re.compile(r"""\bdisabled\s*(?:=(?!=)|:)|["']disabled["']|<button[^>]*\sdisabled\b""")
    fields = {"this.details.disabled = busy;", "this.fields.disabled = busy;"}
    found = {
        f"{address}: {line.strip()}"
        for address, text in pages_and_modules().items()
        for line in text.splitlines()
        if dead.search(line) and line.strip() not in fields
    }
    assert sorted(found) == []


def test_no_sign_stands_for_a_drawing() -> None:
    """No emoji, arrow or dot of a font in a page, a module or a sheet: fonts differ, and a screen reader names them."""
    texts = {**pages_and_modules(), **{name_of(sheet): plain(sheet.read_text("utf-8")) for sheet in [BASE, *SHEETS]}}
    found = {address: sorted(set(SAID_AS_SIGN.findall(text))) for address, text in texts.items()}
    assert {address: signs for address, signs in found.items() if signs} == {}


@pytest.mark.parametrize("page", ["resident", "medic", "shop", "van"])
def test_a_page_for_outdoors_has_the_switch_for_the_sun(page: str) -> None:
    """One switch of one module, with a drawing and words, on every page that people use outdoors."""
    html = (STATIC / page / "index.html").read_text("utf-8")
    assert re.search(
        r'<button [^>]*id="sun" aria-pressed="false"><svg class="icon" aria-hidden="true">.*?data-word="common.sun"',
        html,
    )
    scripts = "\n".join(path.read_text("utf-8") for path in (STATIC / page).glob("*.js"))
    assert scripts.count('offerSun($("#sun"))') == 1
