"""Webhooks as the operator handles them: set, listed, removed; dead letters put back."""

from __future__ import annotations

import pytest

from hub import hook_desk as module
from hub.errors import DataError
from hub.hook_desk import HookDesk, check_url
from hub.hooks import Hooks
from hub.identity import Identity, enrol
from hub.store import Store
from tests.support.commits import everything
from tests.support.hooks import URL, hooked, item, leases, order, put, say, service
from tests.support.live import on_loop, opened


async def dies(store: Store, person: str, count: int, error: str = "it answered 410") -> None:
    """Give `count` deliveries up."""
    hooks = Hooks(store)
    for _ in range(count):
        (one,) = await leases(hooks, person, 1)
        assert await hooks.settle(one, "dead", error) == "dead"


@on_loop
async def test_only_a_service_account_has_a_webhook(store_url: str) -> None:
    """Known from its enrolment on, before and after its code is redeemed; nobody else, and nothing is written."""
    async with opened(store_url) as (store, _):
        desk = HookDesk(store)
        medic = await enrol(store, role="medic", name="Ani")
        before = await everything(store)
        for person in (medic.person, "nobody", ""):
            with pytest.raises(DataError, match="expected a service account"):
                await desk.set(person, URL, private=True)
        assert await everything(store) == before
        made = await enrol(store, role="service", name="Kasir")
        assert (await desk.set(made.person, URL, private=True)).url == URL
        assert await Identity(store).redeem(made.code) is not None
        assert (await desk.set(made.person, URL, private=True)).url == URL


@on_loop
async def test_setting_it_again_keeps_what_waits(store_url: str) -> None:
    """A new URL and a new secret; its changes stay from the first time on, and what waited is due at once."""
    async with opened(store_url) as (store, _):
        desk, hooks, first = HookDesk(store), Hooks(store), await hooked(store)
        await put(hooks, item(first.person, 1))
        (one,) = await leases(hooks, first.person)
        assert await hooks.settle(one, "again", "x", 3_600_000) == "again"
        assert await leases(hooks, first.person) == []
        await say(store, order(first.person, "o2"))
        second = await desk.set(first.person, URL + "2", private=True)
        assert second.secret != first.secret
        assert len(second.secret) >= 43
        assert (second.since, second.after) == (first.since, first.after)
        assert [delivery.id for delivery in await leases(hooks, first.person)] == ["e.1.0"]


@on_loop
async def test_a_city_has_a_bounded_number_of_webhooks(valkey_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """One too many is refused; one that is there may be set again."""
    monkeypatch.setattr(module, "MAX_WEBHOOKS", 1)
    async with opened(valkey_url) as (store, _):
        first, other = await hooked(store), await service(store)
        with pytest.raises(DataError, match="at most 1 webhooks"):
            await HookDesk(store).set(other, URL, private=True)
        await HookDesk(store).set(first.person, URL, private=True)


@on_loop
async def test_webhooks_are_listed_with_how_they_do(store_url: str) -> None:
    """By name: what waits, what is dead, the last success and the last failure; an error that is over is not shown."""
    async with opened(store_url) as (store, _):
        desk, hooks = HookDesk(store), Hooks(store)
        assert await desk.all() == []
        b, a = await hooked(store, name="B"), await hooked(store, name="A")
        await put(hooks, item(b.person, 1), item(b.person, 2))
        await dies(store, b.person, 1)
        first, second = await desk.all()
        assert (first.name, first.person, first.url, first.waiting, first.dead) == ("A", a.person, URL, 0, 0)
        assert (first.ok_at, first.failed_at, first.error) == (0, 0, "")
        assert (second.name, second.waiting, second.dead) == ("B", 1, 1)
        assert second.failed_at > 0
        assert second.error == "it answered 410"
        later = Hooks(store, 10)
        (one,) = await leases(later, b.person)
        assert await later.settle(one, "ok") == "ok"
        assert [(standing.error, standing.waiting) for standing in await desk.all()] == [("", 0), ("", 0)]


@on_loop
async def test_dead_letters_are_put_back(store_url: str) -> None:
    """Some or all; each behind what waits of its thing, with attempts counted anew and the same id and body."""
    async with opened(store_url) as (store, _):
        desk, hooks, hook = HookDesk(store), Hooks(store), await hooked(store)
        await put(hooks, *(item(hook.person, number, body=b'{"kind":"k","at":%d}' % number) for number in range(1, 4)))
        await dies(store, hook.person, 2)
        assert [letter.id for letter in await desk.letters(hook.person)] == ["e.1.0", "e.2.0"]
        with pytest.raises(DataError, match="expected a dead letter"):
            await desk.replay(hook.person, ["e.1.0", "e.3.0"])
        assert len(await desk.letters(hook.person)) == 2
        assert await desk.replay(hook.person, ["e.2.0"]) == 1
        assert await desk.replay(hook.person) == 1
        assert await desk.replay(hook.person) == 0
        assert await desk.letters(hook.person) == []
        order_of = []
        for _ in range(3):
            (one,) = await leases(hooks, hook.person)
            order_of.append((one.id, one.attempt, one.body))
            await hooks.settle(one, "ok")
        assert order_of == [
            ("e.3.0", 1, b'{"kind":"k","at":3}'),
            ("e.2.0", 1, b'{"kind":"k","at":2}'),
            ("e.1.0", 1, b'{"kind":"k","at":1}'),
        ]


@on_loop
async def test_what_has_no_room_stays_a_dead_letter(store_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Putting back never pushes out what waits."""
    async with opened(store_url) as (store, _):
        desk, hooks, hook = HookDesk(store), Hooks(store), await hooked(store)
        await put(hooks, *(item(hook.person, number) for number in range(1, 6)))
        await dies(store, hook.person, 3)
        monkeypatch.setattr(module, "MAX_WAITING", 4)
        assert await desk.replay(hook.person) == 2
        assert len(await desk.letters(hook.person)) == 1


@on_loop
async def test_a_removed_webhook_leaves_nothing(store_url: str) -> None:
    """What waits, what is under way and what is dead; a delivery under way ends quietly, and nothing new comes."""
    async with opened(store_url) as (store, _):
        desk, hooks, person = HookDesk(store), Hooks(store), await service(store)
        await put(hooks)
        before = await everything(store)
        await desk.set(person, URL, private=True)
        await put(hooks, *(item(person, number, f"t{number % 3}") for number in range(1, 9)))
        await dies(store, person, 2)
        under_way = await leases(hooks, person)
        gone = await desk.remove(person)
        assert (gone.waiting, gone.dead) == (6, 2)
        assert await put(hooks, item(person, 10)) == {}
        assert await hooks.settle(under_way[0], "again", "x", 1) == "gone"
        after = await everything(store)
        seq = store.keys.hookfeed.encode()
        assert {key: value for key, value in after.items() if key != seq} == {
            key: value for key, value in before.items() if key != seq
        }
        for act in (desk.remove(person), desk.letters(person), desk.replay(person)):
            with pytest.raises(DataError, match="expected one with a webhook"):
                await act


def test_a_private_address_is_refused_where_it_may_not_be() -> None:
    """By its address; a name is looked up at every delivery, so it is not looked up here."""
    for url in ("http://127.0.0.1:9/", "http://localhost/", "http://[::1]/", "http://169.254.169.254/latest"):
        with pytest.raises(DataError, match="KENTONGAN_WEBHOOK_PRIVATE"):
            check_url(url, private=False)
        check_url(url, private=True)
    check_url("https://toko.example/hook", private=False)
    check_url("https://8.8.8.8/hook", private=False)
