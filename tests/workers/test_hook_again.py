"""What is delivered in place of changes that no log holds any more; `test_hook_feed.py` has it whole."""

from __future__ import annotations

import json

from hub.contract import Change
from hub.hooks import Hooks
from tests.support.hooks import hooked, order, say, view
from tests.support.live import on_loop, opened
from workers.hook_again import again


@on_loop
async def test_only_what_stands_and_changed_last_in_a_gap(store_url: str) -> None:
    """In the order of the changes; orders and wants alone; nothing without a gap, nothing of a thing that is gone."""
    async with opened(store_url) as (store, _):
        hook = await hooked(store)
        mine = f"person/{hook.person}"
        await say(store, order(hook.person, "b"), order(hook.person, "a"), order(hook.person, "gone"))
        await say(store, Change(mine, "r", "reminder.set", view("reminder", "r")))
        rows = {"order:a": 5, "order:b": 3, "reminder:r": 4}
        for name, commit in rows.items():
            await store.many("normal", [["HSET", store.keys.prefix + f"thing:{name}", "v", commit]])
        page = await Hooks(store).read(0)
        assert await again(store, page, []) == []
        found = await again(store, page, [(2, 3), (4, 9)])
        assert [(one.person, one.thing, one.commit) for one in found] == [(hook.person, "b", 3), (hook.person, "a", 5)]
        body = json.loads(found[0].body)
        assert set(body) == {"id", "at", "offset", "kind", "topic", "thing", "view"}
        assert (body["kind"], body["topic"], body["offset"]) == ("order.resent", mine, 3)
        assert [one.thing for one in await again(store, page, [(3, 5)])] == ["a"]
