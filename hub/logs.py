"""What a process logs: lines for people, or one JSON object per line (`KENTONGAN_LOG_JSON=true`), on standard error.

    {"at": 1764140400123, "level": "warning", "logger": "kentongan.bus", "pid": 7, "text": "...", "error": {...}}

Nobody's name, phone or place is in a JSON line. Our own calls log ids, codes and counts; what else could carry a
person's words is kept out here: the text of an exception that is not ours, objects, everything after the first line
of a text, and whatever looks like a phone or a coordinate.
"""

from __future__ import annotations

import json
import logging
import os
import re
import traceback
from pathlib import Path
from typing import Any, Final

from redis.exceptions import RedisError

from hub.errors import HubError

PLAIN: Final = "%(name)s: %(message)s"
ROOT: Final = Path(__file__).resolve().parent.parent
MOST_FRAMES: Final = 12
_PHONE: Final = re.compile(r"(?<![\w-])(?:\+?62|0)[ .-]?8[\d .-]{6,14}\d(?![\w-])|\+\d[\d .-]{6,14}\d")
_PLACE: Final = re.compile(r"(?<![\w.])-?\d{1,3}\.\d{3,}")
_SAID_BY_US: Final = (HubError, RedisError, OSError, TimeoutError)
"""Exceptions whose text names settings, addresses and fields, and no values of people."""


def set_up(*, as_json: bool) -> None:
    """Log warnings and worse of this process from here on."""
    logging.basicConfig(level=logging.WARNING, format=PLAIN)
    if as_json:
        for handler in logging.getLogger().handlers:
            handler.setFormatter(JsonLines())
        logging.captureWarnings(True)


class JsonLines(logging.Formatter):
    """One record as one JSON object."""

    def format(self, record: logging.LogRecord) -> str:
        line: dict[str, Any] = {
            "at": int(record.created * 1000),
            "level": record.levelname.lower(),
            "logger": record.name,
            "pid": os.getpid(),
            "text": _text(record),
        }
        if record.exc_info and record.exc_info[1] is not None:
            line["error"] = _error(record.exc_info[1])
        return json.dumps(line, ensure_ascii=False)


def _text(record: logging.LogRecord) -> str:
    args = record.args
    try:
        if isinstance(args, dict):
            said = str(record.msg) % {name: _safe(value) for name, value in args.items()}
        else:
            said = str(record.msg) % tuple(_safe(value) for value in args) if args else str(record.msg)
    except (TypeError, ValueError):
        said = str(record.msg)
    return scrubbed(said.partition("\n")[0])


def _safe(value: object) -> object:
    if isinstance(value, str | int | float | bytes | type | Path | None):
        return value
    if isinstance(value, BaseException):
        return _words(value)
    return type(value).__name__


def _words(error: BaseException) -> str:
    kind = type(error).__name__
    return f"{kind}: {error}" if isinstance(error, _SAID_BY_US) else kind


def _error(error: BaseException) -> dict[str, Any]:
    """Its kind and where it went through our code and others'; causes are named, not told."""
    frames = traceback.extract_tb(error.__traceback__)[-MOST_FRAMES:]
    cause = error.__cause__ or error.__context__
    return {
        "type": scrubbed(_words(error).partition("\n")[0]),
        "cause": type(cause).__name__ if cause is not None else None,
        "stack": [f"{_short(frame.filename)}:{frame.lineno} {frame.name}" for frame in frames],
    }


def _short(filename: str) -> str:
    """A file's path within the project, or its last two parts."""
    path = Path(filename)
    return str(path.relative_to(ROOT)) if path.is_relative_to(ROOT) else "/".join(path.parts[-2:])


def scrubbed(text: str) -> str:
    """Without what looks like a phone or a coordinate."""
    return _PLACE.sub("[place]", _PHONE.sub("[phone]", text))
