"""One receiver's deliveries: signed, in order per thing, tried again, given up; against a real local server."""

from __future__ import annotations

import asyncio
import hmac
import logging
from collections.abc import Mapping

import pytest

from hub.errors import StoreUnconfirmed
from hub.hook_desk import HookDesk
from hub.hook_urls import Target
from hub.hooks import LEASE_MS, TRY_FOR_MS, Hooks, packed
from hub.store import Store
from tests.support.hooks import hooked, item, put
from tests.support.live import on_loop, opened, until
from tests.support.processes import free_ports
from tests.support.receivers import FAULT, GARBAGE, GONE, HALF, REDIRECT, SILENT, always, post, standing, tries
from workers import receiver as module
from workers.post import Answer
from workers.receiver import NO_SECRET, Receiver, signature, wait_ms


async def standing_of(store: Store) -> tuple[int, int, str]:
    (one,) = await HookDesk(store).all()
    return one.waiting, one.dead, one.error


@on_loop
async def test_a_delivery_is_signed_byte_for_byte(store_url: str) -> None:
    """HMAC-SHA256 over `<timestamp>.<body>` with the secret that was printed once; checked by other lines."""
    async with opened(store_url) as (store, _), standing() as stand:
        hook, body = await hooked(store, stand.url), '{"view":{"note":"é\\u2028 "}}'.encode()
        await put(Hooks(store), item(hook.person, 7, body=body))
        await tries(Receiver(Hooks(store), hook.person, post()))
        (heard,) = stand.heard
        assert heard.body == body
        assert heard.headers["content-type"] == "application/json"
        assert heard.headers["kentongan-id"] == "e.7.0"
        stamp, signed = heard.headers["kentongan-timestamp"], heard.headers["kentongan-signature"]
        mac = hmac.new(bytes(hook.secret, "ascii"), digestmod="sha256")
        mac.update(bytes(stamp, "ascii"))
        mac.update(b".")
        mac.update(heard.body)
        assert signed == "v1=" + mac.digest().hex()
        assert abs(int(stamp) * 1000 - store.now()) < 60_000
        assert await standing_of(store) == (0, 0, "")


@on_loop
async def test_without_its_secret_nothing_is_sent(valkey_url: str) -> None:
    """What does not open signs nothing: it is said where webhooks are listed, and the delivery waits for a new one."""
    async with opened(valkey_url) as (store, _), standing() as stand:
        hook, hooks = await hooked(store, stand.url), Hooks(store)
        await put(hooks, item(hook.person, 1))
        bad = packed({"url": stand.url, "sealed": "AAAA", "since": 1, "after": 0})
        await store.many("normal", [["HSET", store.keys.hooks, hook.person, bad]])
        await tries(Receiver(hooks, hook.person, post()))
        assert (await standing_of(store), stand.heard) == ((1, 0, NO_SECRET), [])


def test_the_signature_is_a_promise() -> None:
    """A fixed example: whoever verifies with other lines must go on being right."""
    assert signature("rahasia", "1767225600", b'{"id":"e.1.0"}') == (
        "v1=aa05cb89b70e58ee920c1935a4c5c5f2b52d7b55a15d30db0259d85607254b67"
    )


@pytest.mark.parametrize(
    ("said", "error"),
    [
        (FAULT, "it answered 500"),
        (SILENT, "no answer within 0.1 s"),
        (HALF, "it closed the connection before it answered"),
        (GARBAGE, "it answered no HTTP"),
        (REDIRECT, "it answered 307 (redirects are not followed)"),
    ],
)
@on_loop
async def test_a_receiver_that_fails_is_tried_again(valkey_url: str, said: bytes | None, error: str) -> None:
    """500, no answer, half an answer, garbage, a redirect: same id and body, fresh timestamp, until it is taken."""
    async with opened(valkey_url) as (store, _), standing() as stand:
        hook, hooks = await hooked(store, stand.url), Hooks(store)
        await put(hooks, item(hook.person, 1))
        receiver = Receiver(hooks, hook.person, post(0.1 if said is None else 5.0))
        stand.answering = always(said)
        await tries(receiver, 2)  # the second finds nothing due yet
        assert len(stand.heard) == 1
        assert await standing_of(store) == (1, 0, error)
        hooks.ahead_ms = 5000
        stand.answering = always(b"HTTP/1.1 204 No Content\r\n\r\n")
        await tries(receiver)
        first, second = stand.heard
        assert (first.id, first.body) == (second.id, second.body)
        assert int(second.headers["kentongan-timestamp"]) - int(first.headers["kentongan-timestamp"]) in (5, 6)
        assert first.headers["kentongan-signature"] != second.headers["kentongan-signature"]
        assert await standing_of(store) == (0, 0, "")


@on_loop
async def test_a_receiver_that_refuses_is_tried_again(valkey_url: str) -> None:
    """The fifth way: nobody listens."""
    async with opened(valkey_url) as (store, _):
        hook, hooks = await hooked(store, f"http://127.0.0.1:{free_ports()}/"), Hooks(store)
        await put(hooks, item(hook.person, 1))
        await tries(Receiver(hooks, hook.person, post()))
        assert await standing_of(store) == (1, 0, "no connection: Connection refused")


def test_waits_grow_from_a_second_to_an_hour() -> None:
    """Doubled each time, spread by chance, never under a second nor over an hour."""
    assert [(wait_ms(n, 0.0), wait_ms(n, 1.0)) for n in (1, 2, 3, 11, 12, 13, 1000)] == [
        (1000, 2000), (2000, 4000), (4000, 8000), (1024_000, 2048_000), (1800_000, 3600_000), (1800_000, 3600_000),
        (1800_000, 3600_000),
    ]  # fmt: skip
    assert 1000 < wait_ms(1, 0.5) < 2000


@on_loop
async def test_after_24_hours_it_is_a_dead_letter(store_url: str, caplog: pytest.LogCaptureFixture) -> None:
    """By the moved clock, try by try; replayed, it is delivered with the same id."""
    async with opened(store_url) as (store, _), standing() as stand:
        hook, hooks = await hooked(store, stand.url), Hooks(store)
        await put(hooks, item(hook.person, 1))
        stand.answering = always(FAULT)
        receiver, waits = Receiver(hooks, hook.person, post(), lambda: 1.0), []
        while (await standing_of(store))[0]:
            before = len(stand.heard)
            await tries(receiver)
            waits.append(len(stand.heard) - before)
            hooks.ahead_ms += wait_ms(len(waits), 1.0) + 50
            assert len(waits) < 100
        assert set(waits) == {1}
        assert 30 < len(waits) < 40
        assert TRY_FOR_MS <= hooks.ahead_ms < TRY_FOR_MS + 2 * 3600_000
        assert "e.1.0 is a dead letter: it answered 500" in caplog.text
        (letter,) = await HookDesk(store).letters(hook.person)
        assert (letter.attempts, letter.error) == (len(waits), "it answered 500")
        stand.answering = always(b"HTTP/1.1 200 OK\r\n\r\n")
        assert await HookDesk(store).replay(hook.person) == 1
        await tries(receiver)
        assert set(stand.ids) == {"e.1.0"}
        assert len(stand.heard) == len(waits) + 1
        assert await standing_of(store) == (0, 0, "")


@on_loop
async def test_410_gives_one_delivery_up_and_no_more(valkey_url: str) -> None:
    """The receiver says itself that it is gone: no retries, but the next change is tried all the same."""
    async with opened(valkey_url) as (store, _), standing() as stand:
        hook, hooks = await hooked(store, stand.url), Hooks(store)
        await put(hooks, item(hook.person, 1), item(hook.person, 2))
        stand.answering = always(GONE)
        receiver = Receiver(hooks, hook.person, post())
        await tries(receiver)
        assert await standing_of(store) == (1, 1, "it answered 410")
        stand.answering = always(b"HTTP/1.1 200 OK\r\n\r\n")
        await tries(receiver)
        assert stand.ids == ["e.1.0", "e.2.0"]
        assert await standing_of(store) == (0, 1, "")


@on_loop
async def test_a_removed_webhook_ends_its_receiver(valkey_url: str) -> None:
    """Without another delivery."""
    async with opened(valkey_url) as (store, _), standing() as stand:
        hook, hooks = await hooked(store, stand.url), Hooks(store)
        await put(hooks, item(hook.person, 1), item(hook.person, 2))
        await HookDesk(store).remove(hook.person)
        async with asyncio.timeout(5):
            await Receiver(hooks, hook.person, post()).run()
        assert stand.heard == []


@on_loop
async def test_a_store_that_was_away_when_it_was_settled_hears_of_it(
    valkey_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A short absence costs a repetition of the settling; after a long one the lease runs out and it is sent again."""
    monkeypatch.setattr(module, "SETTLE_WAIT_S", 0.0)
    async with opened(valkey_url) as (store, _), standing() as stand:
        hook, hooks = await hooked(store, stand.url), Hooks(store)
        await put(hooks, item(hook.person, 1), item(hook.person, 2))
        real, absent = hooks.settle, 2

        async def settle(*args: object) -> str:
            nonlocal absent
            absent -= 1
            if absent >= 0:
                raise StoreUnconfirmed("lost")
            return await real(*args)  # type: ignore[arg-type]

        monkeypatch.setattr(hooks, "settle", settle)
        receiver = Receiver(hooks, hook.person, post())
        await tries(receiver)
        assert await standing_of(store) == (1, 0, "")
        absent = 100
        await tries(receiver)
        assert await standing_of(store) == (1, 0, "")
        absent = 0
        hooks.ahead_ms = LEASE_MS + 1
        await tries(receiver)
        assert stand.ids == ["e.1.0", "e.2.0", "e.2.0"]
        assert await standing_of(store) == (0, 0, "")


@on_loop
async def test_a_fault_of_ours_is_logged_and_tried_again(valkey_url: str, caplog: pytest.LogCaptureFixture) -> None:
    """Its lease runs out; the receiver's task lives on."""
    async with opened(valkey_url) as (store, _):
        hook, hooks = await hooked(store), Hooks(store)
        await put(hooks, item(hook.person, 1))
        sent: list[bytes] = []

        async def send(where: Target, headers: Mapping[str, str], body: bytes) -> Answer:
            sent.append(body)
            if len(sent) == 1:
                raise ZeroDivisionError
            return Answer(200)

        work = asyncio.create_task(Receiver(hooks, hook.person, send).run())
        with caplog.at_level(logging.ERROR):
            await until(lambda: "by our own fault" in caplog.text)
        hooks.ahead_ms = LEASE_MS + 1
        await until(lambda: len(sent) == 2)
        work.cancel()
        await asyncio.wait([work])
