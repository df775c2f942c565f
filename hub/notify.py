"""What systemd hears of a process (sd_notify(3)): that it is ready, that its loop turns, that it is stopping.

Elsewhere than under systemd nothing is said. It is never waited for: who does not listen misses it.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import socket
from collections.abc import Mapping
from typing import Final

READY: Final = "READY=1"
ALIVE: Final = "WATCHDOG=1"
STOPPING: Final = "STOPPING=1"


def notify(state: str, environment: Mapping[str, str] = os.environ) -> bool:
    """Say one state; whether somebody was told."""
    address = environment.get("NOTIFY_SOCKET", "")
    if not address.startswith(("/", "@")):
        return False
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_CLOEXEC) as teller, contextlib.suppress(OSError):
        teller.setblocking(False)
        teller.sendto(state.encode(), f"\0{address[1:]}" if address[0] == "@" else address)
        return True
    return False


def alive_every_s(environment: Mapping[str, str] = os.environ) -> float | None:
    """Seconds between two signs of life, half of what the unit allows (`WatchdogSec`); None when none is wanted."""
    wanted = environment.get("WATCHDOG_USEC", "")
    mine = environment.get("WATCHDOG_PID", str(os.getpid())) == str(os.getpid())
    return int(wanted) / 2_000_000 if wanted.isdecimal() and int(wanted) and mine else None


async def stay_alive() -> None:
    """Give signs of life from this loop until cancelled: a loop that hangs gives none, and the process is ended."""
    every_s = alive_every_s()
    while every_s is not None:
        notify(ALIVE)
        await asyncio.sleep(every_s)
