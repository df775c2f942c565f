"""A webhook's secret in the store: sealed, of one city and one account."""

from __future__ import annotations

import pytest

from hub.commit import unpack
from hub.hook_desk import HookDesk
from hub.hook_secrets import opened as read
from hub.hook_secrets import sealed
from hub.hooks import Hooks, packed
from tests.support.commits import everything
from tests.support.hooks import URL, hooked, item, leased_from, put, service
from tests.support.live import on_loop, opened

KEY, OTHER = b"k" * 32, b"o" * 32


def test_it_opens_for_its_city_and_account_alone() -> None:
    """Another key, city or account, or a change: nothing, and no error that would hold others up."""
    kept = sealed("35.76", KEY, "p", "geheim")
    assert read("35.76", KEY, "p", kept) == "geheim"
    assert "geheim" not in str(kept)
    assert sealed("35.76", KEY, "p", "geheim") != kept
    for city, key, person in (("35.77", KEY, "p"), ("35.76", OTHER, "p"), ("35.76", KEY, "q")):
        assert read(city, key, person, kept) == ""
    for spoilt in ("", "?", kept["sealed"][:-4], "A" + kept["sealed"][1:]):
        assert read("35.76", KEY, "p", {"sealed": spoilt}) == ""


def test_one_of_before_is_read_as_it_is() -> None:
    """It lies open."""
    assert read("35.76", KEY, "p", {"secret": "old"}) == "old"


@on_loop
async def test_the_store_does_not_show_it(store_url: str) -> None:
    """Set, and set again: what signs is what was printed, and it is nowhere in the store."""
    async with opened(store_url) as (store, _):
        for made in (await hooked(store), await hooked(store, name="B")):
            assert made.secret not in repr(await everything(store))
            again = await HookDesk(store).set(made.person, URL, private=True)
            assert again.secret not in repr(await everything(store))
            assert (await leased_from(Hooks(store), made.person)).webhook.secret == again.secret
        assert {one.secret for one in (await Hooks(store).read(0)).webhooks.values()} == {""}


@on_loop
async def test_those_of_before_work_and_are_sealed(store_url: str) -> None:
    """The same secret signs before and after; one that is set in that moment stays as it was set."""
    async with opened(store_url) as (store, _):
        hooks, person, other = Hooks(store), await service(store), await hooked(store)
        old = packed({"url": URL, "secret": "of before", "since": 1, "after": 0})
        await store.many("normal", [["HSET", store.keys.hooks, person, old]])
        await put(hooks, item(person, 1))
        leased = await leased_from(hooks, person)
        assert (leased.webhook.secret, len(leased.deliveries)) == ("of before", 1)
        assert await hooks.seal() == 1
        assert await hooks.seal() == 0
        assert "of before" not in repr(await everything(store))
        assert (await leased_from(hooks, person)).webhook.secret == "of before"
        assert (await leased_from(hooks, other.person)).webhook.secret == other.secret
        assert await store.script("normal", "hook_seal", store.keys.prefix, person, old, b"late") == 0
        (blob,) = await store.many("normal", [["HGET", store.keys.hooks, person]])
        assert set(unpack(blob)) == {"url", "sealed", "since", "after"}


@pytest.mark.parametrize("spoilt", ["", "AAAA"])
@on_loop
async def test_one_that_does_not_open_stops_nobody(valkey_url: str, spoilt: str) -> None:
    """Its deliveries are leased without a secret, for the receiver to say so; a new one is set as ever."""
    async with opened(valkey_url) as (store, _):
        hooks, made = Hooks(store), await hooked(store)
        bad = packed({"url": URL, "sealed": spoilt, "since": 1, "after": 0})
        await store.many("normal", [["HSET", store.keys.hooks, made.person, bad]])
        assert (await leased_from(hooks, made.person)).webhook.secret == ""
        assert len(await HookDesk(store).all()) == 1
        assert (await HookDesk(store).set(made.person, URL, private=True)).secret
