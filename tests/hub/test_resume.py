"""Recovery over real sockets and hubs: reconnects, another hub, a deaf hub, slow readers."""

from __future__ import annotations

import asyncio

import pytest

from hub import closing, wire
from hub.outbox import BULK
from hub.recovery import Table
from hub.settings import Settings
from tests.support.clients import client
from tests.support.live import on_loop, running_hub, switch, truth, two_hubs, until
from tests.support.raw import Raw, handshake, packed
from tests.support.relay import relayed


@on_loop
async def test_a_client_resumes_after_a_reconnect(valkey_url: str) -> None:
    """It brings its position and hears exactly what it missed."""
    async with running_hub(valkey_url) as hub:
        async with client(hub.port, hub.resident().token) as one:
            await switch(hub, "x", "urgent/a", "bulk/a")
            for topic in ("urgent/a", "bulk/a"):
                await one.joins(topic)
            tables = one.tables
        missed = [await switch(hub, lamp, "urgent/a", "bulk/a") for lamp in ("y", "z", "y")]
        async with client(hub.port, hub.resident().token) as two:
            for topic, table in tables.items():
                answer = await two.joins(topic, table)
                assert answer["t"] == "resumed"
                assert [change["offset"] for change in answer["changes"]] == missed
                assert table.things == await truth(hub, topic)


@on_loop
async def test_a_client_goes_on_at_another_hub(valkey_url: str) -> None:
    """Positions are the city's, not a hub's: the other hub resumes where the first one ended."""
    async with two_hubs(valkey_url) as (one, two):
        table = Table()
        for round_ in range(4):
            hub, other = (one, two) if round_ % 2 else (two, one)
            async with client(hub.port, hub.resident().token) as each:
                answer = await each.joins("bulk/a", table)
                assert answer["t"] == ("resumed" if round_ else "state")
                number = await switch(other, f"l{round_}", "bulk/a")
                await each.knows("bulk/a", lambda table, number=number: table.offset == number)  # type: ignore[misc]
                assert not each.backward
            await switch(other, f"m{round_}", "bulk/a")
        async with client(one.port, one.resident().token) as each:
            await each.joins("bulk/a", table)
            assert table.things == await truth(one, "bulk/a")
            assert len(table.things) == 8


@on_loop
async def test_a_hub_that_started_later_resumes_what_was_before(valkey_url: str) -> None:
    """It has read the log's end at its start."""
    async with running_hub(valkey_url) as one:
        table = Table()
        async with client(one.port, one.resident().token) as each:
            await each.joins("bulk/a", table)
        missed = [await switch(one, "x", "bulk/a") for _ in range(3)]
        async with running_hub(valkey_url) as two, client(two.port, two.resident().token) as each:
            answer = await each.joins("bulk/a", table)
            assert [change["offset"] for change in answer["changes"]] == missed
            assert table.things == await truth(two, "bulk/a")


@on_loop
async def test_a_deaf_hub_is_repaired_and_no_client_misses_a_change(valkey_url: str) -> None:
    """The subscriber connection of one hub falls silent without a close: within 2 s its clients have
    everything, in order, also those who joined and resumed meanwhile."""
    async with relayed(valkey_url) as relay, running_hub(relay.url) as deaf, running_hub(valkey_url) as well:
        me = deaf.resident().token
        async with client(deaf.port, me) as one, client(deaf.port, me) as late, client(well.port, me) as other:
            for each in (one, other):
                for topic in ("urgent/a", "bulk/a"):
                    await each.joins(topic)
            first = await switch(well, "x", "urgent/a", "bulk/a")
            for each in (one, other):
                await each.knows("urgent/a", lambda table: table.offset == first)
                await each.knows("bulk/a", lambda table: table.offset == first)
            (wire,) = relay.following("bus:urgent")
            wire.silent = True
            last = [await switch(well, f"l{n}", "urgent/a", "bulk/a") for n in range(10)][-1]
            await other.knows("urgent/a", lambda table: table.offset == last, 1.0)
            await one.knows("bulk/a", lambda table: table.offset == last, 1.0)
            behind = Table()
            behind.receive(
                {**one.frames[-1], "t": "state", "epoch": well.store.epoch, "offset": first, "things": {}, "last": True}
            )
            behind.things = dict(one.tables["urgent/a"].things)
            await late.joins("urgent/a", behind)
            for each in (one, late):
                await each.knows("urgent/a", lambda table: table.offset == last, 2.0)
                assert each.tables["urgent/a"].things == await truth(well, "urgent/a")
                assert not each.backward
            changes = [f["offset"] for f in one.frames if f["t"] == "change" and f["topic"] == "urgent/a"]
            assert changes == sorted(set(changes))
            assert not one.ended


@on_loop
async def test_a_new_epoch_sends_everybody_back_for_whole_tables(valkey_url: str) -> None:
    """FLUSHALL: 4001, come back; what was known before is replaced."""
    async with running_hub(valkey_url) as hub:
        me = hub.resident().token
        async with client(hub.port, me) as one:
            await switch(hub, "x", "bulk/a")
            await one.joins("bulk/a")
            table = one.tables["bulk/a"]
            assert table.things
            await hub.store.many("normal", [["FLUSHALL"]])
            assert await one.closed() == closing.NODE_UNWELL
            assert next(f for f in one.frames if f["t"] == "bye")["reconnect"]
        await until(lambda: hub.node.unready() is None)
        async with client(hub.port, hub.resident().token) as two:
            answer = await two.joins("bulk/a", table)
            assert answer["t"] == "state"
            assert table.things == {}
            number = await switch(hub, "y", "bulk/a")
            await two.knows("bulk/a", lambda table: table.offset == number)


@pytest.mark.parametrize("lane", ["normal", "bulk"])
@on_loop
async def test_a_slow_reader_gets_the_truth_late_and_urgent_first(valkey_url: str, lane: str) -> None:
    """Normal and bulk fold, urgent arrives before what waited, and in the end its tables are right."""
    async with running_hub(valkey_url, settings=Settings(outbox_kb=64, beat_resident_s=60)) as hub:
        topic, slow = f"{lane}/a", await Raw.open(hub.port, receive_bytes=4096)
        await slow.write(handshake(hub.port, token=hub.resident().token) + packed({"t": "hello"}))
        await slow.answered()
        for ref, name in enumerate((topic, "urgent/a")):
            await slow.send({"t": "join", "ref": ref, "topic": name})
        await until(lambda: len(hub.node.fanout.topics) == 2)
        (connection,) = hub.node.connections
        for number in range(200):
            await switch(hub, f"l{number % 7}", topic, text="x" * 30_000)
            if connection.outbox.behind:
                break
        for number in range(10):
            await switch(hub, f"l{number % 7}", topic, text="y" * 30_000)
        await switch(hub, "first", "urgent/a")
        await until(lambda: connection.outbox.sizes[0])
        waiting = connection.outbox.waiting
        assert waiting < 3 * 64 * 1024
        tables, kinds, after_urgent = {topic: Table(), "urgent/a": Table()}, [], 0
        async with asyncio.timeout(5):
            while "folded" not in kinds:
                frame = await slow.hear()
                assert frame is not None
                if frame["t"] in ("state", "change", "folded"):
                    kinds.append(frame["t"])
                    assert tables[frame["topic"]].receive(frame) != "hole"
                    after_urgent += "first" in tables["urgent/a"].things and frame["topic"] == topic
        assert after_urgent > 1
        assert tables[topic].things == await truth(hub, topic)
        assert "first" in tables["urgent/a"].things
        await slow.end()


@on_loop
async def test_an_urgent_overflow_closes_with_come_back(valkey_url: str) -> None:
    """Urgent is never folded: 4008, and the client resumes."""
    settings = Settings(outbox_urgent_kb=64, beat_resident_s=60)
    async with running_hub(valkey_url, settings=settings) as hub:
        slow = await Raw.open(hub.port, receive_bytes=4096)
        await slow.write(handshake(hub.port, token=hub.resident().token) + packed({"t": "hello"}))
        await slow.answered()
        await slow.send({"t": "join", "ref": 1, "topic": "urgent/a"})
        await until(lambda: hub.node.fanout.topics)
        async with client(hub.port, hub.resident().token) as quick:
            await quick.joins("urgent/a")
            for number in range(400):
                last = await switch(hub, f"l{number % 3}", "urgent/a", text="x" * 30_000)
                if len(hub.node.fanout.topics["urgent/a"].members) == 1 or any(
                    c._closing for c in hub.node.connections
                ):
                    break
            table, bye = Table(), None
            while (frame := await slow.hear()) is not None:
                if frame["t"] in ("state", "change"):
                    assert table.receive(frame) != "hole"
                if frame["t"] == "bye":
                    bye = frame
            assert slow.closed is not None
            assert slow.closed[0] == closing.TOO_SLOW
            assert bye is not None
            assert bye["reconnect"]
            await quick.joins("urgent/a", table)
            await quick.knows("urgent/a", lambda table: table.offset == last)
        await slow.end()


@on_loop
async def test_what_all_are_sent_passes_the_outbox_only_while_nothing_waits(valkey_url: str) -> None:
    """The transport never holds more than one piece, nothing overtakes what waits, and all arrives in order."""
    async with running_hub(valkey_url, settings=Settings(beat_s=60, beat_resident_s=60)) as hub:
        slow = await Raw.open(hub.port, receive_bytes=4096)
        await slow.write(handshake(hub.port, token=hub.resident().token) + packed({"t": "hello"}))
        await slow.answered()
        await slow.hears("welcome")
        (connection,) = hub.node.connections
        assert connection.transport is not None
        pieces = [wire.framed_frame({"t": "beat", "at": n, "pad": "x" * 15_000}, "msgpack") for n in range(100)]
        written = connection.write_through(pieces)
        assert 0 < written < 20
        assert 0 < connection.transport.get_write_buffer_size() <= len(pieces[0])
        assert connection.write_through(pieces[written:]) == 0
        assert connection.outbox.push(BULK, pieces[written])
        assert [(await slow.hears("beat"))["at"] for _ in range(written + 1)] == list(range(written + 1))
        assert connection.outbox.push(BULK, pieces[written + 1])
        assert connection.write_through(pieces[written + 2 :]) == 0
        connection.flush()
        assert (await slow.hears("beat"))["at"] == written + 1
        connection.close(closing.DRAINING)
        assert connection.write_through(pieces) == 0
        await slow.end()
