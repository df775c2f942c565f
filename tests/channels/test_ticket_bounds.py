"""Tickets and the moving range: who sets out when, and what a minute's news writes."""

from __future__ import annotations

import pytest

from channels.ticket_things import BACK_MS, MOST_TICKETS, NEAR_MS
from channels.van_days import MINUTE_MS
from tests.channels.queue_world import STOP, Followed, followed, person, saying, writing

A = person("a")


@pytest.fixture
def world() -> Followed:
    return followed()


def test_set_out_by_the_lower_end_of_what_is_foretold(world: Followed, monkeypatch: pytest.MonkeyPatch) -> None:
    """Half an hour before the bound as it is then; back to waiting only when the van is a good deal later."""
    lows = saying(monkeypatch)
    world.take(A)

    def foretell(low: int) -> None:
        lows[STOP] = low
        world.wait(max(world.now, world.timers[world.van.today, "eta"][0]))

    late = world.at(STOP).scheduled_at + 60 * MINUTE_MS + 1
    foretell(late - 20 * MINUTE_MS)
    foretell(late)
    world.wait(late - NEAR_MS - 1)
    assert world.ticket(A)["state"] == "waiting"
    world.wait(late - NEAR_MS)
    assert (world.ticket(A)["state"], world.ticket(A)["at"]) == ("go", late - NEAR_MS)
    foretell(late + 5 * MINUTE_MS)
    assert world.ticket(A)["state"] == "go"
    foretell(late + BACK_MS + 5 * MINUTE_MS)
    assert world.ticket(A)["state"] == "waiting"
    foretell(late)
    assert world.ticket(A)["state"] == "go"


@pytest.mark.parametrize("holders", [1, MOST_TICKETS])
def test_a_minutes_news_writes_the_queue_and_no_holder(monkeypatch: pytest.MonkeyPatch, holders: int) -> None:
    """However many wait, a bound that moves writes their queue once; one that does not writes nothing of it."""
    world, lows = followed(quota=1000), saying(monkeypatch)
    for number in range(holders):
        world.take(person(number))
    lows[STOP] = world.at(STOP).scheduled_at + 60 * MINUTE_MS
    world.wait(world.at(STOP).scheduled_at - 10 * MINUTE_MS)
    written = writing(world, monkeypatch)
    lows[STOP] += 5 * MINUTE_MS
    world.wait(world.now + MINUTE_MS)
    assert sorted(written) == sorted(["trip", "stop", "queue", f"stop/{STOP}", "van/v1", "dispatch/van"])
    written.clear()
    world.wait(world.now + MINUTE_MS)
    assert written == ["trip"]
