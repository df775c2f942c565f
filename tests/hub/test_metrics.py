"""The hub's figures: Prometheus text that is valid, true, and what the files in `deploy/` speak of."""

from __future__ import annotations

import asyncio
import json
import re
from collections.abc import Iterator
from pathlib import Path

from msgspec import Struct, field

from hub.contract import Actor
from hub.figures import BOUNDS_S
from hub.worker_figures import Archived, Sent, Teller
from tests.support.clients import client
from tests.support.http import http
from tests.support.lamps import Lamps
from tests.support.live import Hub, on_loop, opened, running_hub, until
from tests.workers.test_timers import ring, sets
from workers.timers import Timers

DEPLOY = Path(__file__).resolve().parents[2] / "deploy"
SAMPLE = re.compile(r'(kentongan_\w+)(?:\{((?:\w+="[^"\\\n]*",?)+)\})? (-?[0-9.e+-]+|\+Inf)')


class Family(Struct):
    """One metric: its type, and its samples as (suffix, labels) -> value."""

    kind: str
    samples: dict[tuple[str, tuple[tuple[str, str], ...]], float] = field(default_factory=dict)

    def value(self, suffix: str = "", **labels: str) -> float:
        return self.samples[suffix, tuple(sorted(labels.items()))]


def read(text: str) -> dict[str, Family]:
    """Text format 0.0.4, strictly: HELP and TYPE once before all samples of a family, no sample twice."""
    assert text.endswith("\n")
    families: dict[str, Family] = {}
    lines = iter(text.splitlines())
    name = ""
    for line in lines:
        if (help_ := re.fullmatch(r"# HELP (kentongan_\w+) .+", line)) is not None:
            name = help_[1]
            kind = re.fullmatch(rf"# TYPE {name} (gauge|counter|histogram)", next(lines))
            assert kind, line
            assert name not in families
            families[name] = Family(kind[1])
            continue
        found = SAMPLE.fullmatch(line)
        assert found, line
        assert found[1].startswith(name), f"{line} stands among the samples of {name}"
        labels = tuple(sorted(re.findall(r'(\w+)="([^"]*)"', found[2] or "")))
        key = (found[1].removeprefix(name), labels)
        assert key not in families[name].samples, line
        families[name].samples[key] = float(found[3])
    return families


async def scrape(hub: Hub) -> dict[str, Family]:
    status, headers, body = await http(hub.port, "GET", "/metrics")
    assert (status, headers["content-type"].startswith("text/plain; version=0.0.4")) == (200, True)
    return read(body.decode())


def histograms(family: Family) -> Iterator[tuple[tuple[tuple[str, str], ...], list[float]]]:
    """The buckets of each of its histograms, in order of their bounds."""
    for suffix, labels in family.samples:
        if suffix == "_count":
            bounds = [f"{bound:g}" for bound in BOUNDS_S] + ["+Inf"]
            yield labels, [family.value("_bucket", **dict(labels), le=bound) for bound in bounds]


@on_loop
async def test_figures_are_prometheus_text_and_true(valkey_url: str) -> None:
    """Help, type and value of each; they count what happened; no name of a person is in them."""
    async with running_hub(valkey_url) as hub, client(hub.port, hub.resident().token) as one:
        await one.joins("bulk/a")
        await one.calls("lamp.switch", {"lamp": "x", "topics": ["bulk/a"]})
        await one.knows("bulk/a", lambda table: table.things)
        await until(lambda: hub.node.dispatch.commits)
        found = await scrape(hub)
        for name, family in found.items():
            assert name.endswith("_total") is (family.kind == "counter"), name
            assert {suffix for suffix, _ in family.samples} <= (
                {"_bucket", "_sum", "_count"} if family.kind == "histogram" else {""}
            ), name
        for name in ("sockets", "sockets_opened_total", "topics", "ready", "commits_total", "deliveries_total"):
            assert found[f"kentongan_{name}"].value() == 1, name
        assert found["kentongan_frames_in_total"].value() >= 3
        assert found["kentongan_sockets_by_role"].value(role="resident", format="msgpack") == 1
        assert found["kentongan_commands_total"].value(cmd="lamp.switch") == 1
        _, _, body = await http(hub.port, "GET", "/metrics")
        assert hub.resident().person not in body.decode()


@on_loop
async def test_each_stage_of_a_command_has_its_histogram(valkey_url: str) -> None:
    """One command is one observation per stage and lane; buckets grow, and the last is the count."""
    async with running_hub(valkey_url) as hub, client(hub.port, hub.resident().token) as one:
        await one.joins("bulk/a")
        await one.calls("lamp.switch", {"lamp": "x", "topics": ["bulk/a"]})
        await one.knows("bulk/a", lambda table: table.things)
        await until(lambda: hub.node.figures.written["bulk"].count)
        family = (await scrape(hub))["kentongan_stage_seconds"]
        for labels, buckets in histograms(family):
            assert buckets == sorted(buckets)
            assert buckets[-1] == family.value("_count", **dict(labels))
            assert 0 <= family.value("_sum", **dict(labels)) < 5
        once = {(dict(labels)["stage"], dict(labels)["lane"]) for labels, buckets in histograms(family) if buckets[-1]}
        assert once == {("decided", "normal"), ("committed", "normal"), ("carried", "bulk"), ("written", "bulk")}


@on_loop
async def test_refusals_and_closed_sockets_are_counted_by_code(valkey_url: str) -> None:
    """Commands, joins and requests alike; codes that never came are there with 0."""
    async with running_hub(valkey_url) as hub:
        async with client(hub.port, hub.resident().token) as one:
            await one.calls("lamp.none", {})
            await one.joins("no/such/topic")
            await http(hub.port, "POST", "/v1/commands", {"id": "x", "cmd": "lamp.switch", "data": {}})
            (connection,) = hub.node.connections
            connection.close(4008)
            await until(lambda: not hub.node.connections)
        found = await scrape(hub)
        refusals, closed = found["kentongan_refusals_total"], found["kentongan_sockets_closed_total"]
        for code in ("unknown_command", "unknown_topic", "not_signed_in"):
            assert refusals.value(code=code) == 1, code
        assert refusals.value(code="internal") == 0
        assert (closed.value(code="4008"), closed.value(code="4000")) == (1, 0)


@on_loop
async def test_what_waits_for_a_slow_socket_is_seen(valkey_url: str) -> None:
    """Bytes by lane, and how many sockets they wait for."""
    async with running_hub(valkey_url) as hub, client(hub.port, hub.resident().token):
        (connection,) = hub.node.connections
        connection.pause_writing()
        connection.outbox.push(1, b"x" * 1000)
        found = await scrape(hub)
        assert found["kentongan_outbox_waiting_sockets"].value() == 1
        assert found["kentongan_outbox_waiting_bytes"].value(lane="normal") >= 1000
        connection.resume_writing()


@on_loop
async def test_workers_figures_are_printed_by_every_hub(valkey_url: str) -> None:
    """How late timers were, and which commands they ran; a worker that told nothing yet is not there."""
    lamps = Lamps()
    async with running_hub(valkey_url) as hub, opened(valkey_url, lamps) as (store, dispatch):
        assert not (await scrape(hub))["kentongan_worker_age_seconds"].samples
        await sets(dispatch, lamps, ring(store.now() - 700))
        worker, teller = Timers(store, dispatch), Teller(store, dispatch)
        task = asyncio.create_task(worker.run())
        await until(lambda: worker.acted)
        task.cancel()
        await asyncio.wait([task])
        await teller.tell()
        found = await scrape(hub)
        assert 0 <= found["kentongan_worker_age_seconds"].value(worker=teller.name) < 5
        late = found["kentongan_timer_late_seconds"]
        assert late.value("_count", worker=teller.name, lane="normal") == 1
        assert late.value("_bucket", worker=teller.name, lane="normal", le="0.5") == 0
        assert not found["kentongan_archive_lag_seconds"].samples  # this one archives nothing
        assert found["kentongan_worker_commands_total"].value(worker=teller.name, cmd="lamp.ask") == 2


# -- the files in deploy/ ---------------------------------------------------------


def named(text: str) -> set[str]:
    """Every metric that a file speaks of."""
    return set(re.findall(r"kentongan_[a-z_]+", text))


def known(name: str, families: dict[str, Family]) -> str | None:
    """The family that a name belongs to; a histogram is asked by its parts."""
    for suffix in ("_bucket", "_sum", "_count"):
        base = name.removesuffix(suffix)
        if base != name and base in families:
            return base if families[base].kind == "histogram" else None
    return name if name in families and families[name].kind != "histogram" else None


@on_loop
async def test_how_the_archive_stands_is_printed(valkey_url: str) -> None:
    """Whether it can be written, how long it is behind, how long the log has grown; a head only when one was signed."""
    async with running_hub(valkey_url) as hub, opened(valkey_url) as (store, dispatch):
        teller = Teller(store, dispatch)
        told = Archived(up=False, level_at=store.now() - 60_000, rows=7, length=9)
        teller.archive = lambda: told
        await teller.tell()
        found = await scrape(hub)
        names = ("archive_up", "archive_rows", "audit_entries")
        assert [found[f"kentongan_{name}"].value(worker=teller.name) for name in names] == [0, 7, 9]
        assert 60 <= found["kentongan_archive_lag_seconds"].value(worker=teller.name) < 70
        assert not found["kentongan_archive_head_age_seconds"].samples


@on_loop
async def test_what_became_of_pushes_is_printed(valkey_url: str) -> None:
    """By worker and outcome; a worker without a gateway has no figure of one; what phones received, by hub and kind."""
    async with running_hub(valkey_url) as hub, opened(valkey_url) as (store, dispatch):
        teller = Teller(store, dispatch)
        teller.push = Sent(sent=5, accepted=2, dead=1, refused=1, late=1)
        hub.node.figures.woke("offer")
        await teller.tell()
        found = await scrape(hub)
        push, worker = found["kentongan_push_total"], teller.name
        told = {outcome: push.value(worker=worker, outcome=outcome) for outcome in Sent.__struct_fields__}
        assert told == {"sent": 5, "accepted": 2, "failed": 0, "dead": 1, "refused": 1, "late": 1}
        assert not found["kentongan_gateway_total"].samples
        assert found["kentongan_push_received_total"].value(kind="offer") == 1


@on_loop
async def test_every_metric_of_the_dashboard_and_the_alerts_exists(valkey_url: str) -> None:
    """Whoever asks for one that is not there looks at an empty plot, and hears no alarm; each is on the dashboard."""
    async with running_hub(valkey_url) as hub:
        families = await scrape(hub)
    dashboard, alerts = (DEPLOY / "grafana.json").read_text(), (DEPLOY / "alerts.yml").read_text()
    for text in (dashboard, alerts):
        assert {name for name in named(text) if known(name, families) is None} == set()
    assert {known(name, families) for name in named(dashboard)} == set(families)


@on_loop
async def test_every_label_of_the_files_exists(valkey_url: str) -> None:
    """Labels that are matched or kept are those that the hub prints."""
    async with running_hub(valkey_url) as hub, opened(valkey_url) as (store, dispatch):
        await dispatch.run("lamp.ask", {}, Actor("ani", "resident"), "0198d6f0-0000-7000-8000-000000000001")
        teller = Teller(store, dispatch)
        teller.push = teller.gateway = Sent()
        await teller.tell()
        hub.node.figures.woke("offer")
        async with client(hub.port, hub.resident().token):
            families = await scrape(hub)
    there = {label for family in families.values() for _, labels in family.samples for label, _ in labels}
    there |= {"instance", "job", "level"}  # the scraper's own, and receipts', of which lamps have none
    for name in ("grafana.json", "alerts.yml"):
        text = (DEPLOY / name).read_text().replace('\\"', '"')
        asked = {
            label for inside in re.findall(r"kentongan_\w+\{([^}]*)\}", text) for label in re.findall(r"(\w+)=", inside)
        }
        asked |= {label for some in re.findall(r"\bby \(([^)]*)\)", text) for label in re.findall(r"\w+", some)}
        assert asked <= there, name


def test_the_dashboard_is_one_that_grafana_takes() -> None:
    """Panels with an id, a place and a query each; no two of them lie on each other."""
    board = json.loads((DEPLOY / "grafana.json").read_text())
    assert (board["uid"], board["title"]) == ("kentongan", "Kentongan")
    taken: set[tuple[int, int]] = set()
    assert len({panel["id"] for panel in board["panels"]}) == len(board["panels"])
    for panel in board["panels"]:
        place = panel["gridPos"]
        cells = {
            (x, y)
            for x in range(place["x"], place["x"] + place["w"])
            for y in range(place["y"], place["y"] + place["h"])
        }
        assert not cells & taken, panel["title"]
        assert place["x"] + place["w"] <= 24
        taken |= cells
        assert panel["type"] == "row" or all(target["expr"] for target in panel["targets"])


def test_every_alert_says_what_to_do() -> None:
    """Each has an expression, a time, a severity, and a sentence."""
    text = (DEPLOY / "alerts.yml").read_text()
    rules = re.split(r"\n      - alert: ", text)[1:]
    assert len(rules) >= 8
    for rule in rules:
        assert re.match(r"Kentongan[A-Za-z]+\n", rule)
        for part in ("expr:", "for:", "severity:", "summary:", "description:"):
            assert part in rule, rule.partition("\n")[0]
