"""Import arrows: who may know whom. The machinery knows no service; services know nothing that runs."""

from __future__ import annotations

import ast
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
PACKAGES = ("hub", "channels", "workers", "clients")

CORE = {"contract", "machine", "wire", "session", "recovery", "closing", "errors"}
CORE_MAY = {"msgpack", "msgspec"}
# Where the parts are put together: these may know everything.
ROOTS = {"hub.app", "hub.cli", "workers.__main__"}
# Above the line nothing runs, waits, or is left to chance.
CORE_NEVER = {"asyncio", "random", "secrets", "socket", "threading", "time", "uuid"}
CLIENTS_MAY = {"hub.wire", "hub.recovery", "hub.closing", "hub.errors"}


def sources() -> list[tuple[str, Path]]:
    """(module name, file) of every source file."""
    found = []
    for package in PACKAGES:
        for path in sorted((ROOT / package).rglob("*.py")):
            parts = list(path.relative_to(ROOT).with_suffix("").parts)
            found.append((".".join(parts[:-1] if parts[-1] == "__init__" else parts), path))
    return found


def imported(module: str, tree: ast.AST) -> set[str]:
    """Every module named by an import statement, wherever it stands; `from hub import x` counts as `hub.x`."""
    names: set[str] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{module}: relative import"
            if node.module in PACKAGES:
                names |= {f"{node.module}.{alias.name}" for alias in node.names}
            else:
                names.add(str(node.module))
    return names


def fault(module: str, name: str) -> str | None:
    """Why `module` may not import `name`, or None."""
    package, _, rest = module.partition(".")
    top = name.partition(".")[0]
    ours = top in PACKAGES
    if package == "hub" and rest in CORE:
        if ours:
            return None if name in {f"hub.{part}" for part in CORE} else "core knows only core"
        if top in CORE_NEVER:
            return "core is told the time, ids and chance; it never fetches them"
        return None if top in sys.stdlib_module_names or top in CORE_MAY else "core needs no more than msgpack, msgspec"
    if package == "channels":
        if ours:
            return None if name in ("hub.contract", "hub.machine") or top == "channels" else "a service is pure"
        if top in CORE_NEVER:
            return "a service is told the time, ids and chance; it never fetches them"
        return None if top in sys.stdlib_module_names or top == "msgspec" else "a service needs no more than msgspec"
    if not ours or module in ROOTS:
        return None
    if package == "clients":
        return None if top == "clients" or name in CLIENTS_MAY else "clients know the wire and nothing behind it"
    if package == "workers":
        return None if top in ("hub", "workers") else "workers know the machinery, never a service"
    if name == "hub.cli":
        return "nobody stands above the command line"
    return None if top == "hub" else "the machinery knows no service and nobody who uses it"


@pytest.mark.parametrize(("module", "path"), sources(), ids=lambda value: value if isinstance(value, str) else "")
def test_imports_follow_the_arrows(module: str, path: Path) -> None:
    """Every import of a source file goes along an arrow."""
    names = imported(module, ast.parse(path.read_text()))
    faults = {name: why for name in sorted(names) if (why := fault(module, name)) is not None}
    assert not faults


@pytest.mark.parametrize(
    ("module", "name"),
    [
        ("hub.machine", "asyncio"),
        ("hub.wire", "redis"),
        ("hub.session", "hub.store"),
        ("channels.medic", "hub.store"),
        ("channels.medic", "time"),
        ("channels.medic", "redis.asyncio"),
        ("hub.dispatch", "channels"),
        ("hub.up", "channels.medic"),
        ("hub.store", "hub.cli"),
        ("workers.timers", "channels"),
        ("clients.python", "hub.store"),
    ],
)
def test_a_crossed_arrow_is_seen(module: str, name: str) -> None:
    """The rule itself: each of these imports is a fault."""
    assert fault(module, name) is not None


@pytest.mark.parametrize(
    ("module", "name"),
    [
        ("hub.machine", "hub.contract"),
        ("hub.wire", "msgpack"),
        ("channels.medic", "channels.geo"),
        ("channels.medic", "hub.machine"),
        ("hub.app", "channels"),
        ("workers.__main__", "channels"),
        ("clients.simulate", "hub.recovery"),
        ("clients.simulate", "websockets.asyncio.client"),
    ],
)
def test_an_arrow_is_followed(module: str, name: str) -> None:
    """The rule itself: each of these imports is allowed."""
    assert fault(module, name) is None
