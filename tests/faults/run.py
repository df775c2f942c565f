"""One run: a city, its people, what is broken, and then the comparison of all histories with the store."""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections import Counter
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from itertools import islice
from typing import Final

from msgspec import Struct

from channels.medic_commit import deadlines
from hub.app import CITY
from tests.faults import checks, escalations, requests
from tests.faults.city import City, now_ms
from tests.faults.crowd import Crowd, Size, few_at_once
from tests.faults.history import History
from tests.faults.lives import Lives
from tests.faults.replay import Replay, Violation
from tests.faults.schedule import Breaker, schedule
from tests.faults.truth import Reader, Truth

Say = Callable[[str], None]

PROGRESS_S: Final = 3.0
FINISH_S: Final = 60.0
QUIET_S: Final = 60.0
LOOK_S: Final = 0.25
LEASE_MS: Final = 5_200
ASKED_AGAIN: Final = 150
MOST: Final = 200
"""Violations that one check looks for: who has so many needs no more."""
SHOWN: Final = 5

ROWS: Final = {
    "lost": "accepted requests lost",
    "doubled": "accepted requests doubled",
    "winners": "requests with two winners",
    "patients": "medics with two patients",
    "told": "clients that went back or were told wrong",
    "tables": "tables that are not the store's",
    "escalations": "escalations missing or double",
    "log": "places where the store contradicts itself",
    "parts": "parts that died, failed or stayed deaf",
}


class Plan(Struct, frozen=True):
    """What a run is.

    Args:
        every_s: seconds between two faults, on average.
    """

    seconds: float
    seed: int
    size: Size = Size()
    every_s: float = 1.4


class Report(Struct):
    """What a run came to."""

    plan: Plan
    violations: list[Violation]
    looked_at: dict[str, str]
    figures: dict[str, str]

    @property
    def clean(self) -> bool:
        return not self.violations

    def lines(self) -> Iterator[str]:
        """The table of counts, then each violation with its story."""
        counts = Counter(one.check for one in self.violations)
        for check, words in ROWS.items():
            yield f"{words:<44}{counts[check]:>4}   {self.looked_at.get(check, '')}"
        for words, figure in self.figures.items():
            yield f"{words:<44}{figure:>4}"
        told = Counter[str]()
        for one in self.violations:
            told[one.check] += 1
            if told[one.check] <= SHOWN:
                yield f"\nVIOLATION {one.check}: {one.subject}: {one.why}"
                yield from (f"    {line}" for line in one.story)


class Run(Struct):
    """A city with its people in it, everything as it should be."""

    plan: Plan
    city: City
    crowd: Crowd
    lives: Lives
    reader: Reader
    epoch: str
    say: Say
    started: float

    @property
    def histories(self) -> list[History]:
        return [one.history for one in self.crowd.everybody]


@contextlib.asynccontextmanager
async def living_city(plan: Plan, say: Say, city: City) -> AsyncIterator[Run]:
    """Start a city, let its people come, and end all of it afterwards."""
    started = time.monotonic()
    reader = Reader(str(city.server.socket), CITY)
    crowd = Crowd(city, plan.size, plan.seed)
    try:
        await city.start()
        await crowd.come()
        say(f"{plan.size.people} people have come after {time.monotonic() - started:.1f} s")
        epoch = await asyncio.to_thread(reader.epoch)
        yield Run(plan, city, crowd, Lives(crowd), reader, epoch, say, time.monotonic())
    finally:
        await crowd.go()
        await city.close()
        reader.close()


async def run(plan: Plan, say: Say) -> Report:
    """Break a city on purpose, mend it, and compare."""
    async with living_city(plan, say, City()) as city_run:
        city = city_run.city
        breaker = Breaker(city, plan.seed, lambda words: say(f"  {_clock(city_run)}  {words}"))
        faults = schedule(plan.seed, plan.seconds, {part.name: part.kind for part in city.parts.values()}, plan.every_s)
        city_run.lives.start()
        progress = asyncio.create_task(_progress(city_run, breaker))
        try:
            await breaker.run(faults)
            report = await settle_and_compare(city_run)
        finally:
            progress.cancel()
        report.figures |= {words: str(count) for words, count in sorted(breaker.done.items())}
        return report


async def settle_and_compare(run: Run) -> Report:
    """Mend everything, wait until all is quiet, ask again, and compare with the store."""
    city, faults = run.city, list[str]()
    run.say(f"  {_clock(run)}  everything is mended")
    city.heal()
    try:
        await city.until_ready()
    except TimeoutError as exc:
        faults.append(str(exc))
    faults += await run.lives.finish(FINISH_S)
    faults += await _until(run, _unsettled, "timers are due")
    await _ask_again(run)
    stopped = now_ms()
    for worker in city.of_kind("worker"):
        await city.drain(worker)
    faults += await _until(run, _stragglers, "tables are behind")
    truth = await _truth_at_rest(run)
    city.disturbed.append((stopped, truth.now))
    faults += city.unasked + list(city.tracebacks())
    run.say(f"  {_clock(run)}  quiet at commit {truth.commit}; comparing")
    return await asyncio.to_thread(compare, run.plan, truth, run.histories, run.epoch, city.disturbed, faults)


async def _until(run: Run, missing: Callable[[Run], Sequence[str]], what: str) -> list[str]:
    """Wait until nothing is missing, twice in a row; what is after a long while."""
    until, calm = time.monotonic() + QUIET_S, 0
    while True:
        left = await asyncio.to_thread(missing, run)
        calm = 0 if left else calm + 1
        if calm == 2:
            return []
        if time.monotonic() > until:
            return [f"{len(left)} {what} after {QUIET_S:g} s: {list(left)[:6]}"]
        await asyncio.sleep(LOOK_S)
        for part in run.city.parts.values():
            for relay in (part.store, part.door):
                if relay is not None:
                    relay.bury()


def _unsettled(run: Run) -> list[str]:
    """Timers that are due or leased: what is only to come does not count."""
    reader = run.reader
    waiting, now = reader.timers(), reader.now()
    known = {
        f"request/{one.id}/{name}": due
        for one in reader.requests().values()
        for name, (due, _) in deadlines(one).items()
    }
    return [
        id_
        for timers in waiting.values()
        for id_, due in timers.items()
        if due <= now - 500 or (due <= now + LEASE_MS and known.get(id_) != due and not id_.endswith("/deaf"))
    ]


def _stragglers(run: Run) -> list[str]:
    """Clients that do not stand where the store does, and hubs that are not ready."""
    offsets = run.reader.offsets()
    return [
        f"{one.history.name} {topic} at {offset}, the store at {offsets.get(topic, 0)}"
        for one in run.crowd.everybody
        for topic, (epoch, offset) in one.positions().items()
        if not epoch or offset != offsets.get(topic, 0)
    ]


async def _ask_again(run: Run) -> None:
    """A sample of all acts again, through any hub: the recorded answers must come."""
    acts = [(one, act) for one in run.crowd.everybody for act in one.history.acts if act.answers]
    some = acts[:: max(1, len(acts) // ASKED_AGAIN)]
    await few_at_once(one.ask_again(act) for one, act in some)


async def _truth_at_rest(run: Run) -> Truth:
    """The store and all tables at one time, as far as they can be had."""
    for _ in range(3):
        truth = await asyncio.to_thread(run.reader.truth)
        for one in run.crowd.everybody:
            one.rest()
        finals = [(topic, final.offset) for one in run.histories for topic, final in one.final.items()]
        if all(offset == truth.offsets.get(topic, 0) for topic, offset in finals):
            break
    return truth


def compare(
    plan: Plan,
    truth: Truth,
    histories: list[History],
    epoch: str,
    disturbed: Sequence[escalations.Window],
    faults: Sequence[str] = (),
) -> Report:
    """Everything that was done and heard against the store."""
    replay, rows, figures = Replay(truth.log), requests.rows_of(truth), escalations.Figures()
    found = [Violation("parts", "the city", fault) for fault in faults]
    for seen in (
        checks.check_log(truth, replay, epoch),
        checks.check_lost(truth, histories),
        checks.check_doubled(truth, histories),
        checks.check_told(truth, replay, histories),
        checks.check_tables(truth, histories),
        requests.check_winners(truth, rows, histories),
        requests.check_patients(truth),
        requests.check_names(truth),
        escalations.check_escalations(truth, rows, disturbed, figures),
    ):
        found += islice(seen, MOST)
    acts = checks.acts_of(histories)
    ok = sum(1 for act in acts if act.ok)
    told = sum(len(one.told) for one in histories)
    accepts = [act for act in acts if act.cmd == "medic.accept"]
    won = sum(1 for act in accepts if act.ok)
    retries = Counter(code for one in histories for code, count in one.retries.items() for _ in range(count))
    looked_at = {
        "lost": f"of {ok} answered ok, {len(acts)} acts",
        "doubled": f"of {len(truth.audit)} commits, {sum(len(act.answers) for act in acts)} answers",
        "winners": f"of {len(rows)} requests, {won} accepts won, {len(accepts) - won} lost",
        "patients": f"of {len(truth.medics)} medics",
        "told": f"of {told} frames, {sum(one.connects for one in histories)} connections",
        "tables": f"of {sum(len(one.final) for one in histories)}",
        "escalations": f"of {figures.waves} waves, {figures.timers} timers; latest {figures.late_ms} ms",
        "log": f"in {len(truth.log)} entries, {len(replay.steps)} topics",
    }
    fired = Counter(one.cmd for one in truth.audit if one.by == "timer")
    figures_ = {f"told to repeat: {code}": str(count) for code, count in sorted(retries.items())}
    figures_ |= {f"timer {cmd}": str(count) for cmd, count in sorted(fired.items())}
    return Report(plan, found, looked_at, figures_)


def _clock(run: Run) -> str:
    return f"{time.monotonic() - run.started:6.1f} s"


async def _progress(run: Run, breaker: Breaker) -> None:
    """One line every few seconds."""
    while True:
        await asyncio.sleep(PROGRESS_S)
        acts = checks.acts_of(run.histories)
        answered = sum(1 for act in acts if act.answers)
        calls = sum(1 for act in acts if act.cmd == "medic.call" and act.ok)
        taken = sum(1 for act in acts if act.cmd == "medic.accept" and act.ok)
        told = sum(len(one.told) for one in run.histories)
        run.say(
            f"  {_clock(run)}  {sum(breaker.done.values())} faults, {run.crowd.connected} of "
            f"{run.plan.size.people} people connected, {answered} of {len(acts)} acts answered, "
            f"{calls} calls, {taken} accepted, {told} frames"
        )
