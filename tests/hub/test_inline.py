"""A page as one answer: styles and first modules stand in it, and the policy knows them."""

from __future__ import annotations

import base64
import hashlib
import re

import pytest

from hub.app import STATIC, TREE, WHOLE
from hub.errors import StartError
from hub.inline import bundle, served, whole

PAGE = """<head>
  <link rel="icon" href="data:,">
  <link rel="stylesheet" href="/static/a.css">
  <script type="module" src="/static/a/main.js"></script>
</head>
"""
FILES = {
    "/static/a.css": "p { color: red }\n",
    "/static/a/main.js": 'import { two, one as first } from "./b.js";\nimport { $ } from "/static/c.js";\n'
    "$(first, two);\nimport(`./late.js?${two}`);\n",
    "/static/a/b.js": 'import { $ } from "/static/c.js";\n\nexport const one = $;\nexport async function two() {}\n',
    "/static/c.js": "let kept = 0;\nexport const $ = () => kept;\nexport class Thing {}\n",
}


def sha(text: str) -> str:
    return f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}'"


def test_styles_and_modules_stand_in_the_page() -> None:
    """Nothing is left to fetch, what is no style or module stays, and the hashes are those of the inline texts."""
    page = whole(PAGE, FILES.__getitem__)
    assert 'rel="stylesheet"' not in page.html
    assert "src=" not in page.html
    assert '<link rel="icon" href="data:,">' in page.html
    styles = re.findall(r"<style>(.*?)</style>", page.html, re.DOTALL)
    scripts = re.findall(r'<script type="module">(.*?)</script>', page.html, re.DOTALL)
    assert page.styles == tuple(map(sha, styles))
    assert page.scripts == tuple(map(sha, scripts))


def test_a_module_runs_once_and_before_those_who_import_it() -> None:
    """Two importers share it; names keep their aliases; a later import keeps its address."""
    text = bundle("/static/a/main.js", FILES.__getitem__)
    assert text.count("let kept = 0") == 1
    assert text.index("let kept") < text.index("const one = $") < text.index("$(first, two)")
    assert "const { two, one: first } = m1;" in text
    assert "return { $, Thing };" in text
    assert "import(`/static/a/late.js?${two}`)" in text
    assert "export" not in text


def test_a_module_is_served_as_one_that_gives_what_it_gave() -> None:
    """What keeps a state stays a module of its own, imported once; a list of exports counts as well."""
    files = {
        "/static/a/page.js": 'import words from "/static/words.js";\nimport { one } from "./b.js";\n'
        "export { one };\nexport function start() { return words; }\n",
        "/static/a/b.js": 'import { look } from "/static/words.js";\nexport const one = look;\n',
    }
    text = served("/static/a/page.js", files.__getitem__, ["/static/words.js"])
    assert text.startswith('import * as w0 from "/static/words.js";\n')
    assert text.count("import ") == 1
    assert "const { default: words } = w0;" in text
    assert "const { look } = w0;" in text
    assert text.endswith("export const { start, one } = m2;\n")


def test_the_modules_that_come_whole_import_nothing_but_what_is_shared() -> None:
    """The first page's second half and the client are one file each; an import inside them would be one way more."""
    for address, outside in WHOLE.items():
        text = served(address, TREE.plain, outside)
        assert re.findall(r'^import .* from "([^"]+)";', text, re.MULTILINE) == list(outside)
        assert re.search(r"^export const \{ [\w, ]+ \} = m\d+;\n\Z", text, re.MULTILINE)


@pytest.mark.parametrize(
    "line",
    [
        'import all from "./b.js";',
        'import * as b from "./b.js";',
        "export default 3;",
        "export { one as two };",
        'const text = "</script>";',
    ],
)
def test_a_form_that_is_not_known_ends_the_start(line: str) -> None:
    """One sentence with the file's address, never a page that half works."""
    with pytest.raises(StartError, match=r"/static/a/main\.js: expected"):
        bundle("/static/a/main.js", {**FILES, "/static/a/main.js": f"{line}\n"}.__getitem__)


def test_the_residents_page_is_whole() -> None:
    """Its button's code and its looks are in it; only icon, manifest and what comes later are named."""
    page = whole((STATIC / "resident" / "index.html").read_text("utf-8"), TREE.plain)
    assert len(page.scripts) == 1
    assert len(page.styles) == 3
    assert "holdable" in page.html
