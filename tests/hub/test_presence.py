"""Whose screens answer, over all hubs, and the change that a service hears of."""

from __future__ import annotations

import pytest

from channels.phones import Phones
from hub import presence as module
from hub.contract import Actor, Presence, Reach, State
from hub.presence import Presence as Screens
from hub.store import Store
from hub.wire import Here
from tests.channels.world import CITY
from tests.support.clients import client
from tests.support.lamps import Lamps
from tests.support.live import Hub, on_loop, opened, running_hub, two_hubs, until

SARI = Actor("m1", "medic", name="Sari")


class Screen:
    """A socket, as presence sees it."""

    def __init__(self, actor: Actor = SARI) -> None:
        self.actor = actor
        self.here: Here | None = None
        self.here_at = 0.0


def heard(lamps: Lamps) -> list[tuple[bool, bool]]:
    """(reachable, connected) of each change that the service heard."""
    return [(data.reachable, data.connected) for cmd, data in lamps.heard if cmd == "lamp.presence"]


async def reach(store: Store, person: str = "m1") -> Reach:
    state = State()
    await store.gather("normal", state, [Presence(person)], store.now(), store.deadline())
    return state.reach(person)


def audible(store: Store, ago_h: float = 1.0) -> Here:
    return Here(visible=True, audible=True, tested_at=store.now() - int(ago_h * 3_600_000))


@on_loop
async def test_a_medic_who_answers_becomes_reachable_once(store_url: str) -> None:
    """The lease is written first, then the service hears of the change, and of nothing while nothing changes."""
    lamps = Lamps()
    async with opened(store_url, lamps) as (store, dispatch):
        screens = Screens(store, dispatch, dispatch.services, "n1")
        screen = Screen()
        for _ in range(3):
            screens.receive_here(screen, audible(store))
            await until(lambda: heard(lamps))
            await until(lambda: not screens._tasks and screens._flush is None)
        assert heard(lamps) == [(True, True)]
        found = await reach(store)
        assert found.reachable
        assert abs(found.here_at - store.now()) < 2000
        screens.receive_here(screen, Here(visible=True, audible=False))
        await until(lambda: len(heard(lamps)) == 2)
        assert heard(lamps)[1] == (False, True)
        assert not (await reach(store)).reachable
        await screens.close()


@on_loop
async def test_a_lease_is_kept_of_whoever_a_test_ring_asks(valkey_url: str) -> None:
    """A crew has no service that hears of its page: whether it is on the screen is known all the same."""
    async with opened(valkey_url, Phones(CITY)) as (store, dispatch):
        screens = Screens(store, dispatch, dispatch.services, "n1")
        screens.receive_here(Screen(Actor("darmo", "crew", van="v1")), Here(visible=True, audible=False))
        screens.receive_here(Screen(Actor("ani", "resident")), Here(visible=True, audible=False))
        await until(lambda: screens._flush is None)
        assert ((await reach(store, "darmo")).visible, (await reach(store, "ani")).connected) == (True, False)
        await screens.close()


@pytest.mark.parametrize(("ago_h", "counts"), [(1, True), (23, True), (25, False)])
@on_loop
async def test_a_ring_test_counts_for_a_day(valkey_url: str, ago_h: float, counts: bool) -> None:
    """Audible needs a sound that was heard within 24 h."""
    lamps = Lamps()
    async with opened(valkey_url, lamps) as (store, dispatch):
        screens = Screens(store, dispatch, dispatch.services, "n1")
        screens.receive_here(Screen(), audible(store, ago_h))
        await until(lambda: heard(lamps))
        assert heard(lamps) == [(counts, True)]
        await screens.close()


@on_loop
async def test_one_of_many_screens_is_enough(valkey_url: str) -> None:
    """A silent tab beside a sounding one changes nothing; when the sounding one leaves, it does."""
    lamps = Lamps()
    async with opened(valkey_url, lamps) as (store, dispatch):
        screens = Screens(store, dispatch, dispatch.services, "n1")
        loud, silent = Screen(), Screen()
        screens.receive_here(loud, audible(store))
        screens.receive_here(silent, Here(visible=False, audible=False))
        await until(lambda: heard(lamps) == [(True, True)])
        screens.gone(loud)
        screens.receive_here(silent, Here(visible=False, audible=False))
        await until(lambda: len(heard(lamps)) == 2)
        assert heard(lamps)[1] == (False, True)
        await screens.close()


@on_loop
async def test_a_page_that_stops_answering_is_noticed(valkey_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """The socket stays open, `here` stays away: deaf, and the lease goes."""
    monkeypatch.setattr(module, "LEASE_MS", 400)
    monkeypatch.setattr(module, "SWEEP_S", 0.05)
    lamps = Lamps()
    async with opened(valkey_url, lamps) as (store, dispatch):
        screens = Screens(store, dispatch, dispatch.services, "n1")
        screens.start()
        screens.receive_here(Screen(), audible(store))
        await until(lambda: heard(lamps) == [(True, True), (False, False)])
        assert not (await reach(store)).connected
        await until(lambda: not screens._people)
        await screens.close()


@on_loop
async def test_a_reconnect_within_seconds_is_no_absence(valkey_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """A socket that closed counts for a few seconds; only then its person is gone."""
    monkeypatch.setattr(module, "SWEEP_S", 0.05)
    monkeypatch.setattr(module, "LEFT_S", 0.5)
    lamps = Lamps()
    async with opened(valkey_url, lamps) as (store, dispatch):
        screens = Screens(store, dispatch, dispatch.services, "n1")
        screens.start()
        first, second = Screen(), Screen()
        screens.receive_here(first, audible(store))
        await until(lambda: heard(lamps) == [(True, True)])
        screens.gone(first)
        screens.receive_here(second, audible(store))
        await until(lambda: not screens._dirty and screens._flush is None)
        assert len(screens._people["m1"].screens) == 1
        assert heard(lamps) == [(True, True)]
        screens.gone(second)
        await until(lambda: heard(lamps) == [(True, True), (False, False)])
        await screens.close()


@on_loop
async def test_residents_are_not_watched(valkey_url: str) -> None:
    """Only roles whose service asked for it; nothing is written for others."""
    lamps = Lamps()
    async with opened(valkey_url, lamps) as (store, dispatch):
        screens = Screens(store, dispatch, dispatch.services, "n1")
        screens.receive_here(Screen(Actor("ani", "resident")), audible(store))
        assert screens._people == {}
        assert screens._flush is None


@on_loop
async def test_a_resident_whose_phone_can_be_woken_is_leased(valkey_url: str) -> None:
    """So that who would wake it knows whether its page is on the screen; no service is told, and nobody sweeps it."""
    lamps = Lamps()
    async with opened(valkey_url, lamps) as (store, dispatch):
        screens = Screens(store, dispatch, dispatch.services, "n1")
        screens.receive_here(Screen(Actor("ani", "resident")), Here(visible=True, push=True))
        await until(lambda: screens._flush is None and not screens._dirty)
        (lease, swept) = await store.many(
            "normal", [["HGET", store.keys.here("ani"), "n1"], ["ZCARD", store.keys.prefix + "leases"]]
        )
        assert lease.split()[1:3] == [b"1", b"0"]
        assert (swept, heard(lamps)) == (0, [])
        await screens.close()


async def leases(hub: Hub, person: str) -> list[bytes]:
    (flat,) = await hub.store.many("normal", [["HKEYS", hub.store.keys.here(person)]])
    nodes: list[bytes] = flat
    return nodes


@on_loop
async def test_each_hub_leases_what_it_knows(valkey_url: str) -> None:
    """A medic with a page on each of two hubs has two leases, and is there while one of them stands."""
    async with two_hubs(valkey_url) as (one, two):
        medic = await one.staff("medic")
        async with client(one.port, medic.token) as here, client(two.port, medic.token) as there:
            for each in (here, there):
                await each.send({"t": "here", "visible": True, "audible": True, "tested_at": one.store.now()})
            for hub in (one, two):
                await until(lambda hub=hub: hub.node.presence._people and not hub.node.presence._dirty)  # type: ignore[misc]
                await until(lambda hub=hub: hub.node.presence._flush is None)  # type: ignore[misc]
            assert len(await leases(one, medic.person)) == 2
            assert (await reach(one.store, medic.person)).reachable


@on_loop
async def test_a_store_that_is_away_does_not_lose_a_lease(valkey_url: str) -> None:
    """What could not be written is written when the store is back."""
    lamps = Lamps()
    async with running_hub(valkey_url, lamps) as hub:
        medic = await hub.staff("medic")
        async with client(hub.port, medic.token) as one:
            for link in hub.store._links.values():
                link.kick()
            await one.send({"t": "here", "visible": True, "audible": True, "tested_at": hub.store.now()})
            await until(lambda: heard(lamps) == [(True, True)])
            assert (await reach(hub.store, medic.person)).reachable
