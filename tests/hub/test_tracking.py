"""A connection that hears which keys change, on both servers."""

from __future__ import annotations

import pytest
import redis

from hub.errors import StoreUnavailable
from hub.tracking import Line, Tracked


def test_what_changed_is_known_after_a_ping(store_url: str) -> None:
    """Every wanted key that was written, by a command, a script or its expiry, once; not another city's."""
    with (
        redis.Redis.from_url(store_url) as client,
        Tracked(store_url, "{35.76}:", lambda name: not name.endswith(b"log")) as link,
    ):
        client.set("{35.76}:a", 1)
        client.set("{35.76}:a", 2)
        client.set("{35.77}:a", 1)
        client.xadd("{35.76}:log", {"e": 1})
        client.eval("redis.call('HSET', KEYS[1], 'f', 1) redis.call('DEL', '{35.76}:a')", 1, "{35.76}:b")
        link.one("PING")
        assert link.changed == {b"{35.76}:a", b"{35.76}:b"}
        link.changed.clear()
        client.set("{35.76}:c", 1, px=1)
        while client.exists("{35.76}:c"):
            pass
        link.one("PING")
        assert link.changed == {b"{35.76}:c"}


def test_replies_come_in_order(store_url: str) -> None:
    """Many in one write; a reply that is none of ours ends it in the store's words."""
    with Line(store_url) as line:
        assert line.ask([["SET", "a", 1], ["GET", "a"], ["GET", "none"]]) == [b"OK", b"1", None]
        with pytest.raises(StoreUnavailable, match="the store refuses: ERR unknown command"):
            line.ask([["PING"], ["NONSENSE"]])


def test_a_store_that_is_emptied_is_noticed(store_url: str) -> None:
    """What was copied so far is no city's."""
    with redis.Redis.from_url(store_url) as client, Tracked(store_url, "{35.76}:", lambda name: True) as link:
        client.flushall()
        with pytest.raises(StoreUnavailable, match="emptied meanwhile"):
            link.one("PING")


def test_a_store_that_is_gone_is_said(store_url: str) -> None:
    """At the start and in the middle."""
    with pytest.raises(StoreUnavailable, match="cannot be asked"):
        Line("unix:///nowhere.sock")
    with redis.Redis.from_url(store_url) as client, Line(store_url) as line:
        client.client_kill_filter(_type="normal", skipme=True)
        with pytest.raises(StoreUnavailable, match="went away"):
            line.ask([["PING"], ["PING"]])
