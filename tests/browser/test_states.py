"""The list of states, the stories that reach them, and the README's pictures say the same."""

from __future__ import annotations

import ast
import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from tests.browser.pictures import MOST_BYTES
from tests.browser.states import GALLERY, PAGES, ROOT, STATES, WIDTHS, picture

HERE = Path(__file__).parent
ALL_BYTES = 9_000_000
NAME = re.compile(rf"({'|'.join(PAGES)})/[a-z][a-z-]*")


def named(story: Path) -> Iterator[str]:
    """The states that a story names; a topic that it reads (`things("dispatch/van")`) is none."""
    nodes = list(ast.walk(ast.parse(story.read_text("utf-8"))))
    calls = (node for node in nodes if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute))
    topics = {id(call.args[0]) for call in calls if ast.unparse(call.func).endswith(".things") and call.args}
    for node in nodes:
        if isinstance(node, ast.Constant) and id(node) not in topics and NAME.fullmatch(str(node.value)):
            yield str(node.value)


def test_each_state_is_reached_by_one_story() -> None:
    """Every state of the list is named by exactly one story, and no story names another one."""
    stories = [path for path in HERE.glob("*.py") if path.name not in ("states.py", "seen.py", Path(__file__).name)]
    found = Counter(state for story in stories for state in named(story))
    assert {state: found[state] for state in STATES if found[state] != 1} == {}
    assert set(found) - set(STATES) == set()


def test_each_state_belongs_to_a_page() -> None:
    """A state's first word is a page of the gallery, and no page is without a state."""
    assert {state.partition("/")[0] for state in STATES} == set(PAGES)


def test_the_gallery_holds_the_pictures_of_the_list() -> None:
    """Two pictures of each state and none besides; each small, and all of them together."""
    sizes = {path.relative_to(ROOT).as_posix(): path.stat().st_size for path in (ROOT / GALLERY).iterdir()}
    assert set(sizes) == {picture(state, width) for state in STATES for width in WIDTHS}
    assert {path: size for path, size in sizes.items() if size > MOST_BYTES} == {}
    assert sum(sizes.values()) < ALL_BYTES
