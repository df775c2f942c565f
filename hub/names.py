"""Names to addresses, each in a thread of its own: one receiver's dead name server holds up nobody else.

`loop.getaddrinfo` shares a handful of threads with everything else in the
process, and no call of it can be ended: a few names that do not answer would
stop them all.
"""

from __future__ import annotations

import asyncio
import contextlib
import ipaddress
import socket
import threading
from collections.abc import Callable
from typing import Any, Final

KEEP_S: Final = 10.0
MAX_THREADS: Final = 128
Lookup = Callable[[str, int], list[str]]


def look_up(host: str, port: int) -> list[str]:
    """The addresses of a name as the system knows them; blocks. Raises `OSError`."""
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(row[4][0]) for row in found))


class Names:
    """Look-ups of one process: one under way per name, answers kept for 10 s."""

    def __init__(self, lookup: Lookup = look_up) -> None:
        self._lookup = lookup
        self._asking: dict[tuple[str, int], asyncio.Future[list[str]]] = {}
        self._kept: dict[tuple[str, int], tuple[float, list[str]]] = {}

    async def addresses(self, host: str, port: int) -> list[str]:
        """The addresses of a host, in the system's order; at least one.

        The caller bounds the wait; the look-up goes on, for whoever asks next.

        Raises:
            OSError: there are none, or too many look-ups hang.
        """
        with contextlib.suppress(ValueError):
            return [str(ipaddress.ip_address(host))]
        key, loop = (host, port), asyncio.get_running_loop()
        until, kept = self._kept.get(key, (0.0, []))
        if loop.time() < until:
            return kept
        asking = self._asking.get(key)
        if asking is None:
            if len(self._asking) >= MAX_THREADS:
                raise OSError("too many names are being looked up")
            asking = self._asking[key] = loop.create_future()
            asking.add_done_callback(lambda done: self._answered(key, done))
            args = (loop, asking, host, port)
            threading.Thread(target=self._ask, args=args, name=f"name {host}", daemon=True).start()
        return await asyncio.shield(asking)

    def _ask(self, loop: asyncio.AbstractEventLoop, asking: asyncio.Future[list[str]], host: str, port: int) -> None:
        tell: Callable[[Any], None] = asking.set_result
        said: Any
        try:
            said = self._lookup(host, port)
        except (OSError, UnicodeError) as exc:
            tell, said = asking.set_exception, exc if isinstance(exc, OSError) else OSError(str(exc))
        with contextlib.suppress(RuntimeError):  # the loop was closed while this hung
            loop.call_soon_threadsafe(lambda: None if asking.done() else tell(said))

    def _answered(self, key: tuple[str, int], done: asyncio.Future[list[str]]) -> None:
        self._asking.pop(key, None)
        if not done.cancelled() and done.exception() is None:
            self._kept[key] = (asyncio.get_running_loop().time() + KEEP_S, done.result())
