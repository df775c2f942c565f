"""Hold views and answers against the structs that the documents are made from: an unknown or missing key fails."""

from __future__ import annotations

import functools
import operator
from typing import Any

import msgspec

from channels.answers import ANSWERS
from channels.faces import FACES
from hub.catalog import PEOPLE
from hub.contract import Actor, Change, View
from hub.services import Services


def check_view(services: Services, change: Change) -> None:
    """A change's view is one of its topic's."""
    topic = services.topic(change.topic)
    assert topic is not None, change.topic
    fits(topic.rule.pattern, change.view or {})


def fits(pattern: str, view: View) -> None:
    """A view is one of those that topics of this pattern hold.

    Raises:
        AssertionError: it is none, with the key at fault.
    """
    try:
        _decoder(pattern).decode(msgspec.msgpack.encode(view))  # as it travels: lists, not tuples
    except msgspec.ValidationError as exc:
        raise AssertionError(f"{pattern} holds no such {view.get('type')}: {exc}\n{view}") from exc


def check_answer(cmd: str, answer: dict[str, Any], actor: Actor) -> None:
    """An answer to a person is the one of its command; the hub's own commands answer nobody."""
    if actor.role not in PEOPLE:
        return
    try:
        msgspec.msgpack.decode(msgspec.msgpack.encode(answer), type=ANSWERS[cmd])
    except msgspec.ValidationError as exc:
        raise AssertionError(f"{cmd} answers no such thing: {exc}\n{answer}") from exc


@functools.cache
def _decoder(pattern: str) -> msgspec.msgpack.Decoder[Any]:
    """Made once: stories commit thousands of changes."""
    kinds: Any = functools.reduce(operator.or_, FACES[pattern])
    return msgspec.msgpack.Decoder(kinds)
