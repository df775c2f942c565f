"""Everything on one machine: real processes, from the first line to the last one ended."""

from __future__ import annotations

import contextlib
import json
import os
import re
import select
import signal
import socket
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import redis

from hub.cli import main
from hub.errors import StartError
from hub.folder import running_url
from hub.place import check_ports
from tests.support.neighbour import CODE, HOST, city_file, home_file
from tests.support.processes import Process, free_ports
from tests.support.servers import running_store

STOP_S = 5.0


def get(url: str) -> tuple[int, Any]:
    """Status and JSON of a GET; 0 when nobody listens."""
    try:
        with urllib.request.urlopen(url, timeout=5) as answer:
            return answer.status, json.loads(answer.read() or b"null")
    except urllib.error.HTTPError as exc:
        with exc:
            return exc.code, None
    except OSError:
        return 0, None


def descendants(pid: int) -> set[int]:
    """Every process below one, by the kernel's own list."""
    parents: dict[int, list[int]] = {}
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                stat = (entry / "stat").read_text()
            except OSError:
                continue
            parents.setdefault(int(stat.rpartition(")")[2].split()[1]), []).append(int(entry.name))
    found: set[int] = set()
    below = [pid]
    while below:
        for child in parents.get(below.pop(), []):
            found.add(child)
            below.append(child)
    return found


def running(pid: int, word: str) -> int:
    """The process below one that has this word in its command line."""
    return next(one for one in descendants(pid) if word in Path(f"/proc/{one}/cmdline").read_text())


def gone_within(pids: set[int], seconds: float) -> bool:
    """Whether all of these processes end in time; the kernel says when each does."""
    until = time.monotonic() + seconds
    watched = []
    for pid in pids:
        with contextlib.suppress(ProcessLookupError):
            watched.append(os.pidfd_open(pid))
    try:
        return all(select.select([one], [], [], max(0.0, until - time.monotonic()))[0] for one in watched)
    finally:
        for one in watched:
            os.close(one)


@pytest.fixture
def up() -> Iterator[Any]:
    """Starts `kentongan up` with arguments; ends what is left of it."""
    started: list[Process] = []

    def start(*arguments: str) -> Process:
        process = Process(["-m", "hub.cli", "up", *arguments])
        started.append(process)
        return process

    yield start
    for process in started:
        left = descendants(process.pid)
        process.kill()
        assert gone_within(left, STOP_S)


@pytest.mark.timeout(120)
def test_a_demo_starts_shows_itself_and_ends(up: Any, tmp_path: Path) -> None:
    """`up --demo` prints what it promises, its first event comes by itself, and Ctrl-C leaves nobody."""
    port, data = free_ports(), tmp_path / "demo"
    city = up("--demo", "--port", str(port), "--data", str(data))
    assert city.wait_for(lambda line: line.startswith("ready ")) == f"ready http://127.0.0.1:{port}"
    ready = city.lines.index(f"ready http://127.0.0.1:{port}")
    start = "\n".join(city.lines[: ready + 1])
    assert re.fullmatch(
        r"Kentongan · Kota Mojokerto · DEMO \(people and medics are simulated\)\n"
        r"  store    private Valkey 9\.\d, every commit on disk   ok\n"
        rf"  hub      http://127.0.0.1:{port}, help on {port + 100} +ok\n"
        r"  workers  timers, search, archive +ok\n"
        r"  city     18 kelurahan, 15 of 40 medics on duty, 60 shops, 3 vans\n"
        rf"  SEE IT ALL:  http://127.0.0.1:{port}/demo      four phones and the board on one screen\n"
        rf"  resident     http://127.0.0.1:{port}/\n"
        rf"  medic        http://127.0.0.1:{port}/medic#masuk=\S+     \(links are new at every start\)\n"
        rf"  seller       http://127.0.0.1:{port}/shop#masuk=\S+\n"
        rf"  crew         http://127.0.0.1:{port}/van#masuk=\S+\n"
        rf"  dispatcher   http://127.0.0.1:{port}/dispatch#masuk=\S+\n"
        rf"ready http://127.0.0.1:{port}",
        start,
    ), start
    # A call is told of once it is accepted: by a medic of the second wave, 20 s after it, if all of the first miss it.
    assert city.wait_for(lambda line: re.match(r"  \d\d:\d\d:\d\d \S", line) is not None, 60)
    pids = descendants(city.pid)
    assert len(pids) >= 6
    city.signal(signal.SIGINT)
    assert city.exit_code(STOP_S) == 0
    assert gone_within(pids, 0.5)
    assert running_url(data) is None


@pytest.mark.timeout(180)
def test_a_demo_goes_on_with_its_data(up: Any, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The second start has the first one's data; a killed hub and a killed store come back; `kill -9` leaves nobody,
    and an archive that is whole."""
    port, data = free_ports(), tmp_path / "demo"
    arguments = ["--demo", "--json", "--port", str(port), "--data", str(data)]
    city = up(*arguments)
    ready = city.wait_event("ready")
    assert (ready["url"], ready["help"]) == (f"http://127.0.0.1:{port}", f"http://127.0.0.1:{port + 100}")
    assert ready["city"] == "35.76"
    assert all("event" in json.loads(line) for line in city.lines)
    with redis.Redis.from_url(str(running_url(data))) as client:
        client.hset("kept", "word", "kentongan")
    assert city.end(STOP_S) == 0

    city = up(*arguments)
    city.wait_event("ready")
    with redis.Redis.from_url(str(running_url(data))) as client:
        assert client.hget("kept", "word") == b"kentongan"
        os.kill(int(client.info("server")["process_id"]), signal.SIGKILL)
    city.wait_event("store_back")

    os.kill(running(city.pid, "--public-only"), signal.SIGKILL)
    city.wait_event("child_back", what="public hub")
    assert get(f"http://127.0.0.1:{port}/health/ready")[0] == 200

    os.kill(running(city.pid, "workers.query"), signal.SIGKILL)
    city.wait_event("child_lost", what="query process")
    assert get(f"http://127.0.0.1:{port}/health/ready")[0] == 200
    city.wait_event("child_back", what="query process")
    assert get(f"http://127.0.0.1:{port}/v1/shops")[0] == 200
    assert (data / "search.sqlite").exists()

    pids = descendants(city.pid)
    city.kill()
    assert gone_within(pids, STOP_S)
    assert main(["audit", "verify", "--data", str(data), "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["rows"] > 0


@pytest.mark.timeout(120)
def test_a_real_city_starts_and_enrols(up: Any, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A real city has nobody in it; `enrol --data` prints a link to it; its folder is no demo's."""
    port, data = free_ports(), tmp_path / "real"
    city = up("--json", "--port", str(port), "--data", str(data))
    city.wait_event("ready")
    status, config = get(f"http://127.0.0.1:{port}/v1/config")
    assert (status, config["demo"], config["medics_on_duty"]) == (200, False, 0)
    assert main(["enrol", "medic", "--name", "Siti", "--data", str(data), "--json"]) == 0
    made = json.loads(capsys.readouterr().out)
    assert made["url"] == f"http://127.0.0.1:{port}/medic#masuk={made['code']}"
    first = city.wait_event("link", role="admin")["url"]
    assert first.startswith(f"http://127.0.0.1:{port}/dispatch#masuk=")
    assert city.end(STOP_S) == 0
    assert main(["up", "--demo", "--port", str(port), "--data", str(data)]) == 2


@pytest.mark.timeout(180)
def test_two_cities_start_together_and_say_their_first_links_until_they_are_used(
    up: Any, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """One link for an admin of each; used in one, a restart says a fresh one for the other alone."""
    for name in ("home", "beside"):
        (tmp_path / name).mkdir()
    port, data = free_ports(), tmp_path / "real"
    cities = ["--city", str(home_file(tmp_path / "home")), "--city", str(city_file(tmp_path / "beside"))]
    running = up("--json", "--port", str(port), "--data", str(data), *cities)
    running.wait_event("ready")
    said = {code: running.wait_event("link", role="admin", city=code)["url"] for code in ("35.76", CODE)}
    assert said[CODE].startswith(f"http://{HOST}:{port}/dispatch#masuk=")
    code = said[CODE].partition("#masuk=")[2]
    asked = urllib.request.Request(
        f"http://127.0.0.1:{port}/v1/sessions", json.dumps({"code": code}).encode(),
        {"Host": HOST, "Content-Type": "application/json"},
    )  # fmt: skip
    with urllib.request.urlopen(asked, timeout=5) as answer:
        assert json.loads(answer.read())["role"] == "admin"
    assert main(["enrol", "medic", "--name", "Siti", "--data", str(data), "--city", cities[3], "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["url"].startswith(f"http://{HOST}:{port}/medic#masuk=")
    assert running.end(STOP_S) == 0
    again = up("--json", "--port", str(port), "--data", str(data), *cities)
    again.wait_event("ready")
    links = [json.loads(line) for line in again.lines if '"role": "admin"' in line]
    assert [link["city"] for link in links] == ["35.76"]
    assert links[0]["url"] != said["35.76"]


@pytest.mark.timeout(120)
def test_serve_and_work_on_a_store_that_is_there(store_url: str) -> None:
    """`serve` ends its start with `ready <url>`, on Valkey and on Redis 7.0, searches, and SIGTERM ends all of it."""
    port = free_ports()
    hubs = Process(["-m", "hub.cli", "serve", "--store", store_url, "--port", str(port)])
    try:
        assert hubs.wait_for(lambda line: line.startswith("ready")) == f"ready http://127.0.0.1:{port}"
        assert get(f"http://127.0.0.1:{port}/health/ready")[0] == 200
        assert get(f"http://127.0.0.1:{port + 100}/health/ready")[0] == 200
        assert get(f"http://127.0.0.1:{port}/v1/shops")[0] == 200
        pids = descendants(hubs.pid)
        assert hubs.end(STOP_S) == 0
        assert gone_within(pids, 0.5)
    finally:
        hubs.kill()


@pytest.mark.timeout(60)
def test_a_store_that_may_lose_is_not_served() -> None:
    """Without `appendfsync always` `serve` starts, is not ready and names the setting; once it is set, it is ready."""
    port = free_ports()
    with running_store(durable=False) as server:
        hubs = Process(["-m", "hub.cli", "serve", "--store", server.url, "--port", str(port)])
        try:
            hubs.wait_for(lambda line: "help hub is not ready: the store's appendfsync" in line)
            hubs.wait_for(lambda line: "public hub is not ready: the store's appendfsync" in line)
            assert get(f"http://127.0.0.1:{port}/health/live")[0] == 200
            assert get(f"http://127.0.0.1:{port}/health/ready")[0] == 503
            assert not [line for line in hubs.lines if line.startswith("ready")]
            with redis.Redis.from_url(server.url) as client:
                client.config_set("appendfsync", "always")
                client.client_kill_filter(_type="normal", skipme=True)  # as a restart with the right setting does
            hubs.wait_for(lambda line: line.startswith("ready"))
            assert get(f"http://127.0.0.1:{port}/health/ready")[0] == 200
        finally:
            hubs.kill()


def test_the_other_kind_is_not_served(valkey_url: str) -> None:
    """`serve`, `work` and `query` refuse a store of the other kind with exit code 2 and one sentence."""
    with redis.Redis.from_url(valkey_url) as client:
        client.hset("{35.76}:head", mapping={"kind": "demo", "version": 1})
    port = ["--port", str(free_ports())]
    for command in (["serve", *port], ["serve", "--public-only", *port], ["work"], ["query"]):
        process = Process(["-m", "hub.cli", *command, "--store", valkey_url])
        try:
            assert process.exit_code(20) == 2
            (said,) = process.errors
            assert "demo" in said
        finally:
            process.kill()


def test_a_taken_port_is_named() -> None:
    """A port in use is refused by its number; so is a host that is not ours."""
    port = free_ports()
    check_ports("127.0.0.1", port, port + 100)
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", port + 100))
        taken.listen()
        with pytest.raises(StartError, match=f"port {port + 100} is in use"):
            check_ports("127.0.0.1", port, port + 100)
    with pytest.raises(StartError, match=f"port {port} on 203.0.113.1 cannot be used"):
        check_ports("203.0.113.1", port)
