"""The README's examples for other systems do what they say, and its receiver takes only what is genuine."""

from __future__ import annotations

import json
import os
import re
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from hub.cli import main
from tests.support.processes import ROOT, Process, free_ports, running_city
from tests.support.readme import README
from workers.receiver import signature

SEED = ROOT / "clients" / "seed.json"
NOW = 1_767_225_600


def example(name: str) -> str:
    """A block of the README, as it stands there."""
    found = re.search(rf"<!-- example:{name} -->\n```\w+\n(.*?)```", README.read_text("utf-8"), re.S)
    assert found is not None, name
    return found[1]


@pytest.fixture
def receiver(tmp_path: Path) -> Iterator[Callable[[int, str], Process]]:
    """Starts the README's receiver on a port, with a secret."""
    started: list[Process] = []

    def start(port: int, secret: str) -> Process:
        path = tmp_path / "receiver.py"
        path.write_text(example("webhook"), "utf-8")
        started.append(Process([str(path), str(port)], environment={"SECRET": secret}))
        return started[-1]

    yield start
    for process in started:
        process.kill()


def said(capsys: pytest.CaptureFixture[str], *arguments: str) -> Any:
    assert main([*arguments, "--json"]) == 0
    return json.loads(capsys.readouterr().out)


def values(text: str) -> list[Any]:
    """JSON values one after another."""
    found, place, decoder = [], 0, json.JSONDecoder()
    while place < len(text.rstrip()):
        value, place = decoder.raw_decode(text, place)
        found.append(value)
    return found


def test_another_system_orders_and_hears_of_it(
    valkey_url: str, capsys: pytest.CaptureFixture[str], receiver: Callable[[int, str], Process]
) -> None:
    """Enrolled with a webhook, it redeems its code, places an order, reads it, and its receiver is told, once."""
    with running_city(valkey_url, demo=True) as (port, _):
        assert main(["seed", str(SEED), "--store", valkey_url, "--demo"]) == 0
        capsys.readouterr()
        listens = free_ports()
        arguments = ("enrol", "service", "--name", "Kasir Bu Sri", "--webhook", f"http://127.0.0.1:{listens}/hook")
        made = said(capsys, *arguments, "--store", valkey_url)
        heard = receiver(listens, made["webhook"]["secret"])
        environment = {"HUB": f"http://127.0.0.1:{port}", "CODE": made["code"]}
        path = f"{Path(sys.executable).parent}:{os.environ['PATH']}"
        done = subprocess.run(
            ["sh", "-eu", "-c", example("curl")],
            env={"PATH": path, **environment},
            capture_output=True, text=True, timeout=30, check=False,
        )  # fmt: skip
        assert (done.returncode, done.stderr) == (0, "")
        placed, topic = values(done.stdout)
        assert placed["ok"], placed
        order = placed["data"]["order"]
        assert topic["topic"] == f"person/{made['person']}"
        assert topic["things"][order]["total"] == 24000
        heard.wait_for(lambda line: line == f"order.placed {order} placed", 10)
        (standing,) = said(capsys, "webhook", "list", "--store", valkey_url)
        assert (standing["person"], standing["error"]) == (made["person"], "")
        assert heard.lines.count(f"order.placed {order} placed") == 1
        assert heard.errors == []


def send(port: int, headers: dict[str, str], body: bytes) -> int:
    """One POST; the status of its answer."""
    fields = {"Host": "x", "Content-Length": str(len(body)), **headers}
    head = "\r\n".join(["POST /hook HTTP/1.1", *(f"{name}: {value}" for name, value in fields.items()), "", ""])
    with socket.create_connection(("127.0.0.1", port), timeout=5) as connection:
        connection.sendall(head.encode("latin-1") + body)
        return int(connection.makefile("rb").readline().split()[1])


def signed(secret: str, body: bytes, now: int = NOW) -> dict[str, str]:
    return {"Kentongan-Timestamp": str(now), "Kentongan-Signature": signature(secret, str(now), body)}


def test_the_example_knows_what_is_genuine(monkeypatch: pytest.MonkeyPatch) -> None:
    """Ours and fresh; not with another secret, body or time, not an old one, and not without a signature."""
    monkeypatch.setenv("SECRET", "rahasia")
    names: dict[str, Any] = {"__name__": "example"}
    exec(compile(example("webhook"), "README.md", "exec"), names)
    genuine, body = names["genuine"], b'{"id":"e.1.0"}'
    good = signed("rahasia", body)
    assert genuine(good, body, NOW)
    assert genuine(good, body, NOW + 299)
    assert genuine(good, body, NOW - 299)
    assert not genuine(good, body, NOW + 300)
    assert not genuine(good, body + b" ", NOW)
    assert not genuine(signed("other", body), body, NOW)
    assert not genuine({**good, "Kentongan-Timestamp": str(NOW + 1)}, body, NOW)
    assert not genuine({**good, "Kentongan-Signature": good["Kentongan-Signature"][3:]}, body, NOW)
    assert not genuine({**good, "Kentongan-Signature": "v1=é"}, body, NOW)
    assert not genuine({"Kentongan-Timestamp": str(NOW)}, body, NOW)
    assert not genuine({}, body, NOW)


def test_the_example_answers_and_does_nothing_twice(receiver: Callable[[int, str], Process]) -> None:
    """204 for what is genuine, the second time without doing it again; 403 for the rest; removals too."""
    port, now = free_ports(), int(time.time())
    process = receiver(port, "rahasia")
    gone = b'{"id":"e.2.0","kind":"order.retired","thing":"o1","view":null}'
    placed = b'{"id":"e.1.0","kind":"order.placed","thing":"o1","view":{"state":"placed"}}'
    _listening(port, process)
    assert send(port, signed("other", placed, now), placed) == 403
    assert send(port, signed("rahasia", placed, now), placed) == 204
    assert send(port, signed("rahasia", placed, now), placed) == 204
    assert send(port, signed("rahasia", gone, now), gone) == 204
    process.wait_for(lambda line: line == "order.retired o1 gone", 5)
    assert process.lines == ["order.placed o1 placed", "order.retired o1 gone"]


def _listening(port: int, process: Process) -> None:
    while process.running:
        try:
            socket.create_connection(("127.0.0.1", port), timeout=5).close()
            return
        except ConnectionRefusedError:
            continue
    raise AssertionError(process.errors)
