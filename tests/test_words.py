"""What people read: one file per language, whole, nothing missing, nothing left over."""

from __future__ import annotations

import re
from functools import cache
from typing import Final

import pytest

from hub.app import STATIC
from tests.support.words import ENGLISH, INDONESIAN, WORDS, places, said, texts, tree

# Names that are put together where they are used. Each prefix must stand in a source: as `<section>.<prefix>${...}` or
# `<prefix>${...}` in a template, or as a name that is handed to who puts it together: `listed("alarm", ...)`.
DYNAMIC: Final[dict[str, str]] = {
    "resident": """act_ answer_ ask_ asking_ awake_ bad_ bleeding_ breathing_ category_ ended_ for_ no_ order_ reason_
        receipt_ reject_ same_ sheet_ standing_ step_ there_ time_ until_ van_ want_""",
    "vans": "act_ refused_ reminder_ stop_ ticket_",
    "medic": "answer_ backup_ band_ deaf_ duty_ for_ need_ next_ past_ refused_ release_ step_",
    "shop": "answer_ deaf_ device_ end_ error_ figure_ hours_mode_ mend_ reason_ shop_ state_ to_",
    "van": "already_ delay_ error_ news_stop_ news_trip_ queue_error_ queue_other_ queue_was_ reason_ state_ stop_",
    "dispatch": """alarm_ answer_ category_ desk_ for_ mark_ market_ offer_ order_ outcome_ priority_ reason_ receipt_
        refused_ reports_ roster_ source_ state_ times_ van_ what_ why_""",
    "privacy": "kept_ kind_ role_ service_ thing_ why_",
    "staff": "list_wrong_ revoke_ role_",
    "van_desk": "hub_ queue_ refused_ stop_ trip_",
    "figures": "took_",
    "info": "category_ certainty_ class_ class_for_ ring_ severity_ status_ urgency_",
}
PREFIXES: Final = {section: tuple(prefixes.split()) for section, prefixes in DYNAMIC.items()}
BUILT: Final = frozenset({"van_desk.eta_fix_one", "van_desk.eta_schedule_one"})  # van_today.js: `${key}_one`
# Where a section's words may be asked for by their own name alone: word(`van.${name}`). Other sections only in full.
OPEN: Final[dict[str, tuple[str, ...]]] = {
    "resident": ("resident", "shared"),
    "medic": ("medic",),
    "shop": ("shop", "dispatch"),
    "van": ("van", "shop"),
    "dispatch": ("dispatch", "medic"),
    "van_desk": ("dispatch",),
    "privacy": ("privacy",),
    "staff": ("dispatch",),
    "figures": ("figures",),
    "info": ("resident", "shop", "dispatch", "shared"),
}
# A name such as `alert.publish` is a command as well: these sections are looked for inside `word(...)` alone.
COMMANDS: Final = frozenset({"medic", "shop", "van", "demo", "staff"})
SECTIONS: Final = tuple(tree("id"))
NAMED: Final = re.compile(rf"""(?<!== )["'`]({"|".join(SECTIONS)})\.([a-z_0-9]+)["'`]""")
IN_PAGE: Final = re.compile(r'data-word[a-z-]*="([a-z_]+)\.([a-z_0-9]+)"')
ASKED: Final = re.compile(r"\b(?:words?|tongueOf|_say)\(")
EMERGENCY: Final = ("call_more.js", "call_view.js", "questions.js", "situation.js")
IN_EMERGENCY: Final = (
    *("ask_", "awake_", "bleeding_", "breathing_", "ended_", "fill_", "for_", "reason_", "receipt_", "same_", "sheet_"),
    *("standing_", "step_"),
)
ELSEWHERE: Final = frozenset({"ask_all", "ask_all_sellers", "for_name", "for_whom"})  # of an order, not of a call
TILES: Final = frozenset({"search", "vans", "info", "figures", "privacy"})


@cache
def sources() -> dict[str, str]:
    """Every page and module that may show a word, without its comments."""
    found = [path for kind in ("*.js", "*.html") for path in STATIC.rglob(kind) if path.parent != WORDS]
    texts_of = {str(path.relative_to(STATIC)): path.read_text("utf-8") for path in found}
    return {address: re.sub(r"^\s*//.*$", "", text, flags=re.M) for address, text in texts_of.items()}


def arguments(text: str) -> list[str]:
    """What stands between the brackets of every `word(...)`."""
    found = []
    for match in ASKED.finditer(text):
        depth, end = 1, match.end()
        while depth and end < len(text):
            depth += {"(": 1, ")": -1}.get(text[end], 0)
            end += 1
        found.append(text[match.end() : end])
    return found


def named() -> set[str]:
    """Every `section.name` that a source asks for in so many letters."""
    found: set[tuple[str, str]] = set()
    for text in sources().values():
        found |= set(IN_PAGE.findall(text))
        found |= {(section, name) for section, name in NAMED.findall(text) if section not in COMMANDS}
        found |= {pair for part in arguments(text) for pair in NAMED.findall(part)}
    return {".".join(pair) for pair in found}


def test_no_word_is_missing() -> None:
    """Whatever a page asks for by name is there."""
    there = {".".join(name.split(".")[:2]) for name in texts("id")}
    assert not named() - there, " ".join(sorted(named() - there))


def own_names(section: str) -> set[str]:
    """What stands in quotes, or behind the section in a template, where the section's words may be asked for."""
    folders = tuple(f"{folder}/" for folder in OPEN[section])
    there = [text for address, text in sources().items() if address.startswith(folders)]
    return {name for text in there for name in re.findall(r"""["'`.]([a-z_0-9]+)["'`]""", text)}


def test_no_word_is_left_over() -> None:
    """Every word is asked for: by its full name, by its own name where that is done, or by a prefix listed above."""
    full = named() | BUILT | {".".join(pair) for text in sources().values() for pair in NAMED.findall(text)}
    left = []
    for section, names in tree("id").items():
        own = own_names(section) if section in OPEN else set()
        known = {name for name in names if name in own or name.startswith(PREFIXES.get(section, ()))}
        left += [f"{section}.{name}" for name in names if name not in known and f"{section}.{name}" not in full]
    assert not left, " ".join(left)


@pytest.mark.parametrize(("section", "prefix"), [(section, one) for section, all_ in PREFIXES.items() for one in all_])
def test_a_listed_prefix_is_used(section: str, prefix: str) -> None:
    """The list of prefixes holds no dead entry: a module puts such a name together, and the file has such words."""
    everything = "\n".join(sources().values())
    made = (
        f"`{section}.{prefix}${{",
        f"}}.{prefix}${{",
        f"`{prefix}${{",
        f'"{section}.{prefix[:-1]}"',
        f'"{prefix[:-1]}"',
    )
    assert any(one in everything for one in made), f"{section}.{prefix}"
    assert any(name.startswith(prefix) for name in tree("id")[section])


def test_english_has_every_word() -> None:
    """The English file has the names of the Indonesian one, no more and no fewer, in the same order of sections."""
    ours, theirs = texts("id"), texts("en")
    assert not set(ours) - set(theirs), " ".join(sorted(set(ours) - set(theirs)))
    assert not set(theirs) - set(ours), " ".join(sorted(set(theirs) - set(ours)))
    assert list(tree("en")) == list(tree("id"))


@pytest.mark.parametrize("language", ["en", "jv"])
def test_a_text_takes_what_the_indonesian_one_takes(language: str) -> None:
    """The same {names} to fill in; empty where the Indonesian text is empty, and only there."""
    ours, theirs = texts("id"), texts(language)
    wrong = [name for name, text in theirs.items() if name in ours and places(text) != places(ours[name])]
    assert wrong == []
    assert [name for name, text in theirs.items() if name in ours and bool(text) != bool(ours[name])] == []


def test_javanese_has_names_that_there_are_and_marks_each_for_review() -> None:
    """No name of its own; `needs_review` names words of its section, and the switch says "percobaan" while it does."""
    assert sorted(set(texts("jv")) - set(texts("id"))) == []
    marked = set()
    for section, names in tree("jv").items():
        review = names.pop("needs_review")
        assert len(review) == len(set(review))
        assert set(review) <= set(names), section
        marked |= set(review)
    assert bool(marked) == ('jv: "(percobaan)"' in sources()["shared/tongues.js"])


def test_javanese_has_the_whole_emergency() -> None:
    """From the first screen to the end of a call no sentence falls back to Indonesian."""
    asked = {name for module in EMERGENCY for name in re.findall(r'"([a-z_]+)"', sources()[f"resident/{module}"])}
    shell = set(re.findall(r'data-word(?:-label)?="resident\.([a-z_]+)"', sources()["resident/index.html"])) - TILES
    wanted = {
        name for name in tree("id")["resident"] if name in asked | shell or name.startswith(IN_EMERGENCY)
    } - ELSEWHERE
    assert not wanted - set(tree("jv")["resident"]), " ".join(sorted(wanted - set(tree("jv")["resident"])))


def test_no_english_word_on_an_indonesian_page() -> None:
    """Neither in the file of words nor in what a page says before its script has come."""
    found = {name: said(text) & ENGLISH for name, text in texts("id").items()}
    for address, text in sources().items():
        if address.endswith(".html"):
            found[address] = said(re.sub(r"<[^>]*>", " ", text)) & ENGLISH
    assert {name: words for name, words in found.items() if words} == {}


def test_no_indonesian_word_on_an_english_page() -> None:
    """But for things that have no other name here: what one buys, and papers."""
    kept = {"resident.search_hint", "van_desk.van_services_hint"}
    found = {name: said(text) & INDONESIAN for name, text in texts("en").items() if name not in kept}
    assert {name: words for name, words in found.items() if words} == {}
