"""The figures of several cities in one text: every sample says whose it is."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final

_SAMPLE: Final = re.compile(r"(\w+)(?:\{(.*)\})? (\S+)")


def together(texts: Mapping[str, str]) -> str:
    """One exposition (format 0.0.4), in which all samples of a name stand together behind its help and type.

    Args:
        texts: city -> its own figures.
    """
    heads: dict[str, list[str]] = {}
    samples: dict[str, list[str]] = {}
    for city, text in texts.items():
        family = ""
        for line in text.splitlines():
            if line.startswith("#"):
                family = line.split(" ", 3)[2]
                head = heads.setdefault(family, [])
                if line not in head:
                    head.append(line)
            elif found := _SAMPLE.fullmatch(line):
                labels = f'city="{city}"' + (f",{found[2]}" if found[2] else "")
                samples.setdefault(family, []).append(f"{found[1]}{{{labels}}} {found[3]}")
    lines = [line for family, head in heads.items() for line in (*head, *samples.get(family, ()))]
    return "\n".join(lines) + "\n"
