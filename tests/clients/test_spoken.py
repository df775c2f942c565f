"""The Python client's types, from the same source as the documents."""

from __future__ import annotations

from typing import cast

from clients.client import Client
from clients.spoken import VIEWS, spoken
from tests.support.make_spoken import TARGET, written


def test_they_are_fresh() -> None:
    """What was changed in a command, an answer or a view stands in the client's types."""
    assert TARGET.read_text("utf-8") == written()


def test_a_client_stays_what_it_is() -> None:
    """Types are for the checker alone: the client is the same object."""
    client = cast(Client, object())
    assert cast(object, spoken(client)) is client


def test_views_are_found_by_topic() -> None:
    """What a topic's table may hold, with what must be there and what may be left out."""
    (request, *_) = VIEWS["help/{person}"]
    assert {"type", "id", "state", "for"} <= request.__required_keys__
    assert "medic" in request.__optional_keys__


async def typed(client: Client) -> int:
    """Never run: a checker refuses this file when the call, its data or its answer does not fit."""
    called = await spoken(client).call("medic.call", {"kelurahan": "kranggan", "urgency": "now"})
    await spoken(client).call("order.accept", {"order": "o1"})  # type: ignore[call-overload]
    return called["candidates"]
