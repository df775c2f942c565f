"""Commands that wait for their answer: repeated under one id until it is known what came of them."""

from __future__ import annotations

import asyncio
import time
import uuid
from collections.abc import Callable, Iterable
from typing import Any, Final

from clients.link import Frame, Link

RETRY_S: Final = 0.5


class Refused(Exception):
    """The hub said no, for good.

    Attributes:
        code: the stable word (`taken`, `too_late` ...).
        data: what belongs to it (`winner`).
    """

    def __init__(self, code: str, message: str = "", data: dict[str, Any] | None = None) -> None:
        self.code, self.message, self.data = code, message, data or {}
        super().__init__(code, message)

    def __str__(self) -> str:
        return f"{self.code}: {self.message}"


class Unanswered(Exception):
    """No final answer in time: the command may or may not take effect. Repeat it with the same id.

    Attributes:
        id: the command's id.
        code: the last thing the hub said (`unconfirmed`, `unavailable`), or None.
    """

    def __init__(self, id_: str, code: str | None) -> None:
        self.id, self.code = id_, code
        super().__init__(id_, code)

    def __str__(self) -> str:
        return f"no final answer to {self.id} ({self.code or 'silence'})"


class SignedOut(Exception):
    """The hub does not let these credentials back in.

    Attributes:
        code: the close code.
    """

    def __init__(self, code: int) -> None:
        self.code = code
        super().__init__(code)


class Call:
    """One act, under one id."""

    __slots__ = ("acted_at", "code", "done", "frame", "id", "link", "sent_on", "timer")

    def __init__(self, frame: Frame, link: Link) -> None:
        self.frame, self.link, self.id = frame, link, str(frame["id"])
        self.acted_at = time.monotonic()
        self.done: asyncio.Future[dict[str, Any]] = asyncio.get_running_loop().create_future()
        self.sent_on: set[Link] = set()
        self.code: str | None = None
        self.timer: asyncio.TimerHandle | None = None

    def fail(self, error: Exception) -> None:
        if not self.done.done():
            self.done.set_exception(error)


class Calls:
    """What one client has asked and not yet heard about.

    Args:
        links: all links of the client; one that is open stands in for the
            command's own hub while that is away.
    """

    def __init__(self, links: Callable[[], Iterable[Link]]) -> None:
        self._links = links
        self._waiting: dict[int, Call] = {}

    async def run(self, link: Link, ref: int, cmd: str, data: dict[str, Any], id_: str | None, limit_s: float) -> Frame:
        """Run one command; see `Client.call`."""
        frame: Frame = {"t": "call", "ref": ref, "id": id_ or str(uuid.uuid4()), "cmd": cmd, "data": data}
        call = self._waiting[ref] = Call(frame, link)
        self._send(call)
        try:
            async with asyncio.timeout(limit_s):
                return await call.done
        except TimeoutError:
            raise Unanswered(call.id, call.code) from None
        finally:
            del self._waiting[ref]
            if call.timer is not None:
                call.timer.cancel()

    def receive(self, frame: Frame) -> bool:
        """Take a `reply`; false when it answers no command of ours."""
        call = self._waiting.get(frame["ref"])
        if call is None:
            return False
        if frame["ok"]:
            if not call.done.done():
                call.done.set_result(frame["data"])
        elif frame["retry"]:
            call.code = frame["code"]
            wait_s = (frame.get("data") or {}).get("after_ms", RETRY_S * 1000) / 1000
            if call.timer is None:
                call.timer = asyncio.get_running_loop().call_later(wait_s, self._send, call)
        else:
            call.fail(Refused(frame["code"], frame["message"], frame.get("data")))
        return True

    def opened(self) -> None:
        """A link opened: what could not be sent goes now."""
        for call in self._waiting.values():
            if call.timer is None and not call.sent_on:
                self._send(call)

    def closed(self, link: Link) -> None:
        """A link closed: what it had not answered goes through another, or waits for one."""
        for call in self._waiting.values():
            if link in call.sent_on:
                call.sent_on.discard(link)
                if call.timer is None:
                    self._send(call)

    def ended(self, link: Link, code: int) -> None:
        """A link does not come back."""
        for call in self._waiting.values():
            if call.link is link:
                call.fail(SignedOut(code))

    def close(self) -> None:
        for call in self._waiting.values():
            call.fail(Unanswered(call.id, call.code))

    def _send(self, call: Call) -> None:
        """Through its own hub, else through the other one."""
        call.timer = None
        call.frame["age_ms"] = int((time.monotonic() - call.acted_at) * 1000)
        for link in (call.link, *self._links()):
            if link.send(call.frame):
                call.sent_on.add(link)
                return
