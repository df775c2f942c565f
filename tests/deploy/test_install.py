"""The README's way from a bare Debian to a ringing phone, run as it stands there up to the certificate.

What a test must not do to its machine is done by stand-ins: `apt-get` notes its packages, `git` lays this tree where
the steps want it, `make` finds what it would make, `runuser` stays who it is. The installed units are started as
systemd would: their own command, their own environment files.
"""

from __future__ import annotations

import os
import re
import subprocess
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import NamedTuple

import pytest

from tests.deploy.rendered import command_of, environment_of, unit
from tests.support.clients import Client
from tests.support.http import http
from tests.support.live import on_loop, until
from tests.support.processes import ROOT, Process, free_ports
from tests.support.readme import README
from tests.support.town import HERE

CITY = "medis.kota.example"
FORWARDED = {"Host": CITY, "X-Forwarded-For": "203.0.113.7", "X-Forwarded-Proto": "https", "Origin": f"https://{CITY}"}
STAND_INS = {
    "apt-get": 'echo "$@" >> "$SANDBOX/apt"',
    "git": '[ "$1" = clone ]; mkdir -p "$(dirname "$3")"; ln -s "$TREE" "$3"',
    "make": 'grep -q "^$1:" Makefile; [ -x .venv/bin/kentongan ]',
    "runuser": '[ "$1 $2 $3" = "-u kentongan --" ]; shift 3; exec "$@"',
}
STARTED = ("kentongan-store", "kentongan-hub@help", "kentongan-hub@public", "kentongan-work")


class Sandbox(NamedTuple):
    """A folder instead of the machine's root, and where its sockets are (their paths must be short)."""

    root: Path
    run: Path

    def steps(self) -> list[str]:
        """The README's steps, one a line, with this sandbox for the machine."""
        found = re.search(r"<!-- example:debian -->\n```sh\n(.*?)```", README.read_text("utf-8"), re.S)
        assert found is not None
        text = self.here(found[1])
        return [line for line in text.splitlines() if line and not line.startswith("#")]

    def here(self, text: str) -> str:
        for old, new in (
            ("/opt/kentongan", f"{self.root}/opt/kentongan"), ("/run/kentongan", str(self.run)),
            ("/var/lib/kentongan", f"{self.root}/var"), ("/usr/local/", f"{self.root}/usr/local/"),
            ("/etc/kentongan", f"{self.root}/etc/kentongan"),
        ):  # fmt: skip
            text = re.sub(rf"(?<!\w){old}", new, text)
        return text

    def run_steps(self, steps: list[str]) -> str:
        """Run steps in one shell; what they printed."""
        environment = {
            "PATH": f"{self.root}/bin:{os.environ['PATH']}", "SANDBOX": str(self.root), "TREE": str(ROOT),
            "DESTDIR": str(self.root), "PYTHONPATH": str(ROOT), "CITY": CITY, "SOURCE": str(ROOT),
        }  # fmt: skip
        done = subprocess.run(
            ["sh", "-eu", "-c", "\n".join(steps)], cwd=self.root, env=environment, capture_output=True, text=True,
            timeout=60, check=False,
        )  # fmt: skip
        assert done.returncode == 0, done.stderr
        return done.stdout


@pytest.fixture
def sandbox(tmp_path: Path, sockets: Path) -> Sandbox:
    (tmp_path / "bin").mkdir()
    (tmp_path / "var" / "store").mkdir(parents=True)
    for name, text in STAND_INS.items():
        path = tmp_path / "bin" / name
        path.write_text(f"#!/bin/sh\nset -eu\n{text}\n")
        path.chmod(0o755)
    return Sandbox(tmp_path, sockets)


def started(sandbox: Sandbox, name: str, port: int) -> Process:
    """One of the installed units, as systemd starts it."""
    base, at, instance = name.partition("@")
    service = unit(f"{base}{at}.service")["Service"]
    environment: dict[str, str] = {}
    for key, value in service:
        if key == "EnvironmentFile":
            environment |= environment_of(Path(sandbox.here(value.replace("%i", instance))))
    arguments = command_of(sandbox.here(dict(service)["ExecStart"]), {**environment, "PORT": str(port)})
    if base == "kentongan-store":
        conf = Path(arguments[1])
        conf.write_text(sandbox.here(conf.read_text("utf-8")), "utf-8")
        code = "import os, sys; os.execv(sys.argv[1], sys.argv[1:])"
        return Process(["-c", code, *arguments])
    assert arguments[0] == f"{sandbox.root}/opt/kentongan/.venv/bin/kentongan"
    own = {name: value for name, value in environment.items() if name.startswith("KENTONGAN_")}
    return Process(["-m", "hub.cli", *arguments[1:]], environment=own)


@pytest.fixture
def machine(sandbox: Sandbox) -> Iterator[tuple[Sandbox, int, str]]:
    """The steps up to the installed city, its units started, and what the last step printed."""
    steps, port = sandbox.steps(), free_ports()
    (last,) = [number for number, step in enumerate(steps) if "kentongan enrol" in step]
    sandbox.run_steps(steps[:last])
    with ExitStack() as stack:
        for name in STARTED:
            process = started(sandbox, name, port)
            stack.callback(process.kill)
            ready = {"kentongan-store": "eady to accept", "kentongan-work": "worker_ready"}.get(name, "hub_ready")
            process.wait_for(lambda line, ready=ready: ready in line)  # type: ignore[misc]
        yield sandbox, port, sandbox.run_steps([f"cd {sandbox.root}/opt/kentongan", *steps[last:]])


async def signed_in(port: int, body: dict[str, str]) -> str:
    status, headers, answer = await http(port, "POST", "/v1/sessions", body, headers=FORWARDED)
    assert status == 201, answer
    assert "; secure" in headers["set-cookie"].lower()
    token: str = answer["token"]
    return token


@pytest.mark.timeout(120)
def test_a_bare_debian_rings(machine: tuple[Sandbox, int, str]) -> None:
    """The steps' last line prints a link to the city's name; opened as through the proxy, that medic's phone rings."""
    sandbox, port, printed = machine
    link = printed.strip().splitlines()[-1]
    assert "█▀▀▀▀▀█" in printed
    address, _, code = link.partition("#masuk=")
    assert address == f"https://{CITY}/medic"
    packages = (sandbox.root / "apt").read_text().split("install", 1)[1].split()
    assert {"caddy", "git", "make", "python3-venv"} <= set(packages)

    @on_loop
    async def rings() -> None:
        status, _, config = await http(port, "GET", "/v1/config", headers=FORWARDED)
        assert (status, config["help"]) == (200, f"wss://{CITY}/help/v1/live")
        medic = await Client.open(port + 100, await signed_in(port, {"code": code}), headers=FORWARDED)
        await medic.welcome()
        me = medic.frames[0]["person"]
        await medic.joins(f"help/{me}")
        await medic.raw.send({"t": "tell", "cmd": "medic.position", "data": {"location": {**HERE, "age_ms": 0}}})
        await medic.raw.send({"t": "here", "visible": True, "audible": True, "tested_at": medic.frames[0]["at"]})
        assert (await medic.calls("medic.duty", {"on": True}))["ok"]
        caller = await Client.open(port + 100, await signed_in(port, {"device": "c" * 64}), headers=FORWARDED)
        await caller.welcome()
        reply = await caller.calls("medic.call", {"location": HERE})
        assert reply["ok"], reply
        table = medic.tables[f"help/{me}"]
        await until(lambda: reply["data"]["request"] in table.things, 20)
        for one in (medic, caller):
            await one.end()

    rings()


def test_what_is_installed_is_this_citys(sandbox: Sandbox) -> None:
    """Its name is in the settings and at Caddy; a second run keeps what was changed; the store has half the memory."""
    steps = sandbox.steps()
    install = [step for step in steps if "install.sh" in step or "git clone" in step or step.startswith("cd ")]
    sandbox.run_steps(install)
    etc = sandbox.root / "etc"
    settings = environment_of(etc / "kentongan" / "kentongan.env")
    assert settings["KENTONGAN_PUBLIC_URL"] == f"https://{CITY}"
    assert f"CITY_HOST={CITY}" in (etc / "systemd/system/caddy.service.d/kentongan.conf").read_text()
    total = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    half = re.search(r"^maxmemory (\d+)mb$", (etc / "kentongan/store.conf").read_text(), re.M)
    assert half is not None
    assert abs(int(half[1]) * 2**20 * 2 - total) < total / 10
    (etc / "kentongan" / "hub-public.env").write_text("KIND=public\nPORT=9000\n")
    sandbox.run_steps([step for step in install if "git" not in step])
    assert "9000" in (etc / "kentongan" / "hub-public.env").read_text()


@pytest.mark.parametrize("name", ["", "kota", "kota.example/medis", "kota example", ".example", "-kota.example"])
def test_a_wrong_name_installs_nothing(sandbox: Sandbox, name: str) -> None:
    """One sentence, exit code 2, not one file."""
    done = subprocess.run(
        ["sh", str(ROOT / "deploy" / "install.sh"), name],
        env={"PATH": os.environ["PATH"], "DESTDIR": str(sandbox.root)}, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 2
    assert done.stderr.startswith("install.sh: expected ")
    assert done.stderr.count("\n") == 1
    assert not (sandbox.root / "etc").exists()
