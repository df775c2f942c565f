"""The files in `deploy/` as programs read them: the chart rendered, compose with its variables, units as sections.

The chart uses nothing of Helm's language but values, so that this much of it can be checked everywhere.
"""

from __future__ import annotations

import os
import re
import shlex
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import yaml  # type: ignore[import-untyped]

from tests.support.processes import ROOT

DEPLOY = ROOT / "deploy"
CHART = DEPLOY / "helm" / "kentongan"
ACTION = re.compile(r"\{\{ ?([^}]+?) ?\}\}")


def chart(release: str = "kota") -> Iterator[tuple[str, Any]]:
    """(file, document) of the rendered chart.

    Raises:
        KeyError: a value that `values.yaml` has not.
    """
    values = {
        "Values": loaded(CHART / "values.yaml"),
        "Chart": loaded(CHART / "Chart.yaml"),
        "Release": {"Name": release},
    }

    def value(found: re.Match[str]) -> str:
        here: Any = values
        for part in found[1].strip().lstrip(".").split("."):
            here = here[part]
        return str(here)

    for path in sorted((CHART / "templates").iterdir()):
        for document in yaml.safe_load_all(ACTION.sub(value, path.read_text("utf-8"))):
            yield path.name, document


def loaded(path: Path) -> Any:
    return yaml.safe_load(path.read_text("utf-8"))


def compose(environment: Mapping[str, str]) -> Any:
    """The compose file with its variables (`${NAME}`, `${NAME:-default}`, `${NAME:?why}`)."""

    def value(found: re.Match[str]) -> str:
        name, mark, rest = found[1], found[2], found[3]
        if name in environment:
            return environment[name]
        if mark == ":-":
            return str(rest)
        raise KeyError(name)

    text = (DEPLOY / "compose.yaml").read_text("utf-8")
    return yaml.safe_load(re.sub(r"\$\{(\w+)(?:(:[-?])([^}]*))?\}", value, text))


def unit(name: str) -> dict[str, list[tuple[str, str]]]:
    """A unit's sections, each with its settings in order; a comment is none."""
    sections: dict[str, list[tuple[str, str]]] = {}
    lines: list[tuple[str, str]] = []
    for line in (DEPLOY / "systemd" / name).read_text("utf-8").splitlines():
        if (head := re.fullmatch(r"\[(\w+)\]", line)) is not None:
            lines = sections.setdefault(head[1], [])
        elif line and not line.startswith("#"):
            key, equals, value = line.partition("=")
            assert equals, line
            lines.append((key, value))
    return sections


def environment_of(path: Path) -> dict[str, str]:
    """A file of settings as systemd reads it."""
    lines = (line for line in path.read_text("utf-8").splitlines() if line and not line.startswith("#"))
    return dict(line.split("=", 1) for line in lines)


def command_of(exec_start: str, environment: Mapping[str, str]) -> list[str]:
    """`ExecStart` as it is run: variables filled in."""
    filled = re.sub(r"\$\{(\w+)\}", lambda found: environment[found[1]], exec_start)
    return shlex.split(filled)


def units() -> list[str]:
    return sorted(name for name in os.listdir(DEPLOY / "systemd") if name.endswith(".service"))
