"""What systemd hears."""

from __future__ import annotations

import asyncio
import os
import socket
from pathlib import Path

import pytest

from hub.notify import ALIVE, READY, alive_every_s, notify, stay_alive


def test_a_state_is_said_to_who_listens(sockets: Path) -> None:
    """By a path or an abstract name; to nobody when none is named or nobody is there."""
    for address in (str(sockets / "notify"), f"@kentongan-{os.getpid()}"):
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as listener:
            listener.bind(f"\0{address[1:]}" if address[0] == "@" else address)
            assert notify(READY, {"NOTIFY_SOCKET": address})
            assert listener.recv(100) == b"READY=1"
    assert not notify(READY, {})
    assert not notify(READY, {"NOTIFY_SOCKET": "vsock:2:1"})
    assert not notify(READY, {"NOTIFY_SOCKET": str(sockets / "nobody")})


@pytest.mark.parametrize(
    ("environment", "every_s"),
    [
        ({"WATCHDOG_USEC": "20000000"}, 10.0),
        ({"WATCHDOG_USEC": "20000000", "WATCHDOG_PID": str(os.getpid())}, 10.0),
        ({"WATCHDOG_USEC": "20000000", "WATCHDOG_PID": "1"}, None),
        ({"WATCHDOG_USEC": "0"}, None),
        ({}, None),
    ],
)
def test_signs_of_life_come_twice_as_often_as_wanted(environment: dict[str, str], every_s: float | None) -> None:
    """None where the unit wants none, or wants another process's."""
    assert alive_every_s(environment) == every_s


@pytest.mark.asyncio
async def test_a_loop_that_turns_says_so(sockets: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """From the loop itself, until it is cancelled."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as listener:
        listener.setblocking(False)
        listener.bind(str(sockets / "notify"))
        monkeypatch.setenv("NOTIFY_SOCKET", str(sockets / "notify"))
        monkeypatch.setenv("WATCHDOG_USEC", "2000")
        task = asyncio.create_task(stay_alive())
        loop = asyncio.get_running_loop()
        for _ in range(3):
            assert await asyncio.wait_for(loop.sock_recv(listener, 100), 5) == ALIVE.encode()
        task.cancel()
