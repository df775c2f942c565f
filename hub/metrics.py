"""The hub's figures as Prometheus text (exposition format 0.0.4), and those that workers told the store.

Names are stable. A figure that one hub counts belongs to that hub: add them up, but not those with a `worker`,
which every hub prints alike (`max by (worker, ...)`).
"""

from __future__ import annotations

import asyncio
import time
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from itertools import accumulate
from typing import TYPE_CHECKING, Final

from hub.backup_age import Backed, backed
from hub.figures import BOUNDS_S, LANES, Histogram
from hub.worker_figures import Archived, Sent, Told, workers

if TYPE_CHECKING:
    from hub.node import Node

Labels = tuple[tuple[str, object], ...]
CHUNK: Final = 512
STAGES: Final = ("decided", "committed", "carried", "written")
BOUNDS: Final = (*(f"{bound:g}" for bound in BOUNDS_S), "+Inf")


class Sockets:
    """What all live sockets come to, counted a few at a time: a hub holds thousands, and others wait meanwhile."""

    def __init__(self) -> None:
        self.by_role: Counter[tuple[str, str]] = Counter()
        self.waiting_bytes = [0] * len(LANES)
        self.waiting = 0

    async def count(self, node: Node) -> None:
        for number, connection in enumerate(list(node.connections)):
            role = connection.signed_in.actor.role if connection.signed_in is not None else "none"
            self.by_role[role, connection.fmt] += 1
            if not connection.outbox.empty:
                self.waiting += 1
                for lane, size in enumerate(connection.outbox.sizes):
                    self.waiting_bytes[lane] += size
            if number % CHUNK == CHUNK - 1:
                await asyncio.sleep(0)


async def text(node: Node) -> str:
    """Every figure of one hub, and of the workers, with its help and type."""
    sockets = Sockets()
    await sockets.count(node)
    told = await workers(node.store)
    last = await backed(node.store)
    lines: list[str] = []
    for part in (_hub(node), _sockets(node, sockets), _commands(node), _workers(node, told), _backup(node, last)):
        lines += part
    return "\n".join(lines) + "\n"


def _hub(node: Node) -> Iterator[str]:
    fanout, bus, dispatch = node.fanout, node.bus, node.dispatch
    yield from _one("sockets", "gauge", "Live sockets", len(node.connections))
    yield from _one("sockets_opened_total", "counter", "Sockets handed over since start", node.opened_total)
    yield from _one("frames_in_total", "counter", "Frames from clients", node.frames_in)
    yield from _one("topics", "gauge", "Topics that somebody here follows", len(fanout.topics))
    yield from _one("deliveries_total", "counter", "Durable changes given to sockets", fanout.pump.deliveries)
    yield from _one("commits_total", "counter", "Commands committed through this hub", dispatch.commits)
    yield from _one("conflicts_total", "counter", "Commits that had to be decided again", dispatch.conflicts)
    behind = round(bus.behind_s(), 3)
    yield from _one("bus_behind_seconds", "gauge", "How long the bus has been behind the log", behind)
    yield from _one("bus_reconnects_total", "counter", "Bus connections made anew", bus.reconnects)
    yield from _one("bus_resets_total", "counter", "Times that positions on the bus started anew", bus.resets)
    yield from _one("tasks", "gauge", "Tasks of this hub that are under way", len(node.tasks))
    pause = round(node.longest_pause_s, 4)
    yield from _one("longest_pause_seconds", "gauge", "The loop's longest pause since start", pause)
    yield from _one("ready", "gauge", "1 when ready", int(node.unready() is None))
    yield from _head("certificate_left_seconds", "gauge", "Until the hub's own certificate ends; no figure without one")
    if (ends := node.figures.certificate_ends) is not None:
        yield f"kentongan_certificate_left_seconds {round(ends() - time.time())}"


def _sockets(node: Node, sockets: Sockets) -> Iterator[str]:
    figures = node.figures
    roles = (((("role", role), ("format", fmt)), n) for (role, fmt), n in sorted(sockets.by_role.items()))
    yield from _many("sockets_by_role", "gauge", "Live sockets by role and wire format", roles)
    closed = (((("code", code),), n) for code, n in figures.closed.items())
    yield from _many("sockets_closed_total", "counter", "Sockets that this hub closed, by code", closed)
    waiting = (((("lane", lane),), size) for lane, size in zip(LANES, sockets.waiting_bytes, strict=True))
    yield from _many("outbox_waiting_bytes", "gauge", "Bytes that wait for slow sockets", waiting)
    yield from _one("outbox_waiting_sockets", "gauge", "Sockets for which something waits", sockets.waiting)
    yield from _one("outbox_folds_total", "counter", "Runs of changes folded for slow sockets", figures.folds)


def _commands(node: Node) -> Iterator[str]:
    figures = node.figures
    stages = (
        ((("stage", stage), ("lane", lane)), histogram)
        for stage in STAGES
        for lane, histogram in getattr(figures, stage).items()
    )
    yield from _histograms("stage_seconds", "How long each stage of a command took", stages)
    refusals = (((("code", code),), n) for code, n in figures.refusals.items())
    yield from _many("refusals_total", "counter", "Refusals that clients heard, by code", refusals)
    commands = (((("cmd", cmd),), n) for cmd, n in figures.commands.items())
    yield from _many("commands_total", "counter", "Commands that took effect through this hub", commands)
    woken = (((("kind", kind),), n) for kind, n in figures.woken.items())
    yield from _many("push_received_total", "counter", "Pushes that phones say they received, by what rang", woken)
    receipts = (((("cmd", cmd), ("level", level)), n) for (cmd, level), n in sorted(figures.receipts.items()))
    yield from _many("receipts_total", "counter", "Receipts committed through this hub, by level", receipts)


def _workers(node: Node, told: Mapping[str, Told]) -> Iterator[str]:
    now, each = node.store.now(), told.items()
    ages = (((("worker", name),), max(0, now - one.at) / 1000) for name, one in each)
    yield from _many("worker_age_seconds", "gauge", "How old the figures of each worker are", ages)
    late = (((("worker", name), ("lane", lane)), late) for name, one in each for lane, late in one.late.items())
    yield from _histograms("timer_late_seconds", "How long due timers waited for a worker", late)
    commits = (((("worker", name),), one.commits) for name, one in each)
    yield from _many("worker_commits_total", "counter", "Commands committed by each worker", commits)
    conflicts = (((("worker", name),), one.conflicts) for name, one in each)
    yield from _many("worker_conflicts_total", "counter", "Commands of a worker that were decided again", conflicts)
    commands = (((("worker", name), ("cmd", cmd)), n) for name, one in each for cmd, n in one.commands.items())
    help_ = "Commands of timers and sweeps that took effect; waves are <service>.wave"
    yield from _many("worker_commands_total", "counter", help_, commands)
    help_ = "Requests to push services: tries (sent), and what came of them"
    yield from _sent("push_total", help_, {name: one.push for name, one in each if one.push is not None})
    help_ = "Requests to the city's own gateway: tries (sent), and what came of them"
    yield from _sent("gateway_total", help_, {name: one.gateway for name, one in each if one.gateway is not None})
    yield from _archive(now, {name: one.archive for name, one in each if one.archive is not None})


def _sent(name: str, help_: str, told: Mapping[str, Sent]) -> Iterator[str]:
    counted = (
        ((("worker", worker), ("outcome", outcome)), getattr(one, outcome))
        for worker, one in told.items()
        for outcome in Sent.__struct_fields__
    )
    yield from _many(name, "counter", help_, counted)


def _archive(now: int, told: Mapping[str, Archived]) -> Iterator[str]:
    each = [((("worker", name),), one) for name, one in told.items()]
    up = ((labels, int(one.up)) for labels, one in each)
    yield from _many("archive_up", "gauge", "1 when the worker's archive can be written", up)
    lag = ((labels, max(0, now - one.level_at) / 1000) for labels, one in each)
    yield from _many("archive_lag_seconds", "gauge", "How long the archive has not held all that was logged", lag)
    rows = ((labels, one.rows) for labels, one in each)
    yield from _many("archive_rows", "gauge", "Rows of the archive", rows)
    heads = ((labels, max(0, now - one.head_at) / 1000) for labels, one in each if one.head_at)
    yield from _many("archive_head_age_seconds", "gauge", "How old the last signed head is", heads)
    length = ((labels, one.length) for labels, one in each)
    yield from _many("audit_entries", "gauge", "Entries of the audit log in the store; its maximum is 1000000", length)


def _backup(node: Node, last: Backed | None) -> Iterator[str]:
    yield from _head("backup_age_seconds", "gauge", "How old the city of the last backup is; no figure without one")
    if last is not None:
        yield f"kentongan_backup_age_seconds {max(0, node.store.now() - last.at) / 1000}"
    yield from _head("backup_every_seconds", "gauge", "How often a backup is made; no figure when nobody said")
    if last is not None and last.every_s:
        yield f"kentongan_backup_every_seconds {last.every_s}"


# -- the format ----------------------------------------------------------------


def _head(name: str, kind: str, help_: str) -> Iterator[str]:
    yield f"# HELP kentongan_{name} {help_}"
    yield f"# TYPE kentongan_{name} {kind}"


def _one(name: str, kind: str, help_: str, value: float) -> Iterator[str]:
    yield from _head(name, kind, help_)
    yield f"kentongan_{name} {value}"


def _many(name: str, kind: str, help_: str, values: Iterable[tuple[Labels, float]]) -> Iterator[str]:
    yield from _head(name, kind, help_)
    for labels, value in values:
        yield f"kentongan_{name}{{{_labels(labels)}}} {value}"


def _histograms(name: str, help_: str, values: Iterable[tuple[Labels, Histogram]]) -> Iterator[str]:
    yield from _head(name, "histogram", help_)
    for labels, histogram in values:
        shown = _labels(labels)
        for bound, count in zip(BOUNDS, accumulate(histogram.counts), strict=True):
            yield f'kentongan_{name}_bucket{{{shown},le="{bound}"}} {count}'
        yield f"kentongan_{name}_sum{{{shown}}} {round(histogram.total_s, 6)}"
        yield f"kentongan_{name}_count{{{shown}}} {histogram.count}"


def _labels(labels: Labels) -> str:
    """Our own words and codes alone: nothing in them needs an escape."""
    return ",".join(f'{name}="{value}"' for name, value in labels)
