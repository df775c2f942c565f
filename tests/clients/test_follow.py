from __future__ import annotations

import asyncio

from clients.follow import Follow
from tests.clients.city import City, in_virtual_time


@in_virtual_time
async def test_follows_a_thing_until_it_leaves_a_state() -> None:
    """Waiting ends with the change that leaves the states, and remembers when the first wait ended."""
    city = City(seed=1)
    follow = Follow(city.screen("ani").client(), "person/ani", city.stage)
    waiting = asyncio.create_task(follow.until("o1", ("placed",), 60))
    await city.live(5)
    city.change("person/ani", "o1", state="placed")
    await city.live(5)
    assert not waiting.done()
    city.change("person/ani", "o1", state="accepted")
    view = await waiting
    assert view is not None
    assert (view["state"], follow.left_at) == ("accepted", 10.0)
    follow.close()
    assert city.screen("ani").watches["person/ani"] == []


@in_virtual_time
async def test_gives_up_in_time() -> None:
    """After its limit the wait answers with the thing as it is, or None where there is none."""
    city = City(seed=1)
    follow = Follow(city.screen("ani").client(), "person/ani", city.stage)
    assert await follow.until("o1", ("placed",), 3) is None
    city.change("person/ani", "o1", state="placed")
    view = await follow.until("o1", ("placed",), 3)
    assert view is not None
    assert follow.left_at is None
