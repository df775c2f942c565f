"""Rules of the house: the README keeps up with the code, and every source file has its test file."""

from __future__ import annotations

import ast
import json
import re
from pathlib import Path

import pytest

from channels import services
from hub import closing, errors
from hub.settings import Settings, table

ROOT = Path(__file__).resolve().parents[1]
README = (ROOT / "README.md").read_text() if (ROOT / "README.md").exists() else ""
PACKAGES = ("hub", "channels", "workers", "clients")
BORDERS = json.loads((ROOT / "static" / "data" / "mojokerto-kelurahan.geojson").read_text())

# Source files that are tested elsewhere than in the file of their name; short, and each says where.
TESTED_ELSEWHERE: dict[str, str] = {
    "hub/contract.py": "tests/hub/test_services.py",
}


def sources(*suffixes: str) -> list[Path]:
    found = [path for package in PACKAGES for path in sorted((ROOT / package).rglob("*"))]
    return [path.relative_to(ROOT) for path in found if path.suffix in suffixes and "__pycache__" not in path.parts]


def has_code(path: Path) -> bool:
    """Whether a file is more than its docstring."""
    body = ast.parse((ROOT / path).read_text()).body
    return not all(isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant) for node in body)


def test_readme_has_the_table_of_settings() -> None:
    """The README's table of settings is the one that `hub.settings.table` draws."""
    assert table() in README


@pytest.mark.parametrize("name", list(Settings.__dataclass_fields__))
def test_every_setting_is_read(name: str) -> None:
    """A setting that nobody reads is a promise that nobody keeps."""
    read = re.compile(rf"settings\.{name}\b")
    assert any(read.search((ROOT / path).read_text()) for path in sources(".py") if path.name != "settings.py")


@pytest.mark.parametrize("code", sorted(closing.MEANING))
def test_readme_names_every_close_code(code: int) -> None:
    """Every close code stands in the README."""
    assert f"`{code}`" in README


@pytest.mark.parametrize("code", sorted(errors.CODES))
def test_readme_names_every_refusal_code(code: str) -> None:
    """Every refusal code stands in the README."""
    assert f"`{code}`" in README


def refusal_codes(path: Path) -> set[str]:
    """Codes that a source file refuses with: `Refusal("taken", ...)`, `refused("too_many", ...)`."""
    return {
        node.args[0].value
        for node in ast.walk(ast.parse((ROOT / path).read_text()))
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Name)
        and node.func.id in ("Refusal", "refused")
        and node.args
        and isinstance(node.args[0], ast.Constant)
        and isinstance(node.args[0].value, str)
    }


@pytest.mark.parametrize("path", sources(".py"), ids=str)
def test_every_refusal_has_a_known_code(path: Path) -> None:
    """Nobody is refused with a code that `hub.errors.CODES` does not explain."""
    assert refusal_codes(path) <= set(errors.CODES)


def states() -> list[tuple[str, str]]:
    """(thing, state) of every table of every service."""
    return sorted(
        {
            (thing, state)
            for channel in services(BORDERS)
            for thing, steps in channel.tables.items()
            for state in steps
            if state != "new"  # what is not there yet has no state that anybody sees
        }
    )


@pytest.mark.parametrize(("thing", "state"), states())
def test_readme_names_every_state(thing: str, state: str) -> None:
    """Every state of every service's things stands in the README, in a diagram or in words."""
    assert re.search(rf"\b{state}\b", README), f"{thing}: {state}"


def mirrors_of(path: Path) -> list[Path]:
    """Where a source file may be tested: in the file of its name; a part of a service also in the service's."""
    folder = Path("tests") / path.parent
    stem = path.stem.strip("_")
    names = [stem, stem.partition("_")[0]] if path.parts[0] == "channels" else [stem]
    return [folder / f"test_{name}.py" for name in names]


@pytest.mark.parametrize("path", [path for path in sources(".py") if has_code(path)], ids=str)
def test_every_source_file_has_its_test_file(path: Path) -> None:
    """`hub/wire.py` is tested by `tests/hub/test_wire.py`, or stands in the short list above."""
    found = [Path(TESTED_ELSEWHERE[str(path)])] if str(path) in TESTED_ELSEWHERE else mirrors_of(path)
    assert any((ROOT / test).exists() for test in found), f"expected {' or '.join(map(str, found))}"


def test_the_list_of_exceptions_holds_no_dead_entry() -> None:
    """Whoever stands in the list exists and has no test file of its own."""
    for source, test in TESTED_ELSEWHERE.items():
        path = Path(source)
        assert (ROOT / path).exists(), source
        assert (ROOT / test).exists(), test
        assert not (ROOT / mirrors_of(path)[0]).exists(), source


def test_no_lock_names_a_host() -> None:
    """Lock files hold versions and hashes, never where a package was fetched from."""
    for path in ROOT.glob("requirements*.txt"):
        assert not re.search(r"[a-z]+://|--(extra-)?index-url|--find-links", path.read_text()), path
