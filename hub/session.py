"""One client's protocol state, sans-I/O.

Feed `receive` the payload of each WebSocket message; it says what was meant.
No clock, no socket, no store: the connection around it acts.

    waiting --hello--> greeting --welcome_sent--> open
       any --second hello, or a frame before hello--> BAD_PROTOCOL
"""

from __future__ import annotations

from typing import Any, Literal

from msgspec import Struct

from hub import closing, wire
from hub.errors import DataError, WireError


class Problem(Struct, frozen=True):
    """Answer with this reply; the connection lives."""

    reply: dict[str, Any]


class Close(Struct, frozen=True):
    """Close the socket with this code."""

    code: int
    reason: str


Event = wire.Hello | wire.Join | wire.Leave | wire.Call | wire.Tell | wire.Here | Problem | Close


class Session:
    """The order of frames on one socket."""

    __slots__ = ("fmt", "state")

    def __init__(self, fmt: wire.Format) -> None:
        self.fmt = fmt
        self.state: Literal["waiting", "greeting", "open"] = "waiting"

    def receive(self, payload: bytes) -> Event:
        """What one message means.

        Returns:
            the client's frame; `Problem` for a frame that is wrong (the
            connection lives); `Close` for one out of order.
        """
        frame: Any = None
        try:
            frame = wire.parse(payload, self.fmt)
            wire.check_tree(frame)
            event = wire.client_frame(frame)
        except WireError as exc:
            return Problem(problem(wire.usable_ref(frame), "bad_frame", str(exc)))
        except DataError as exc:
            return Problem(problem(wire.usable_ref(frame), "bad_data", str(exc)))
        if isinstance(event, wire.Hello):
            if self.state != "waiting":
                return Close(closing.BAD_PROTOCOL, "a second hello")
            self.state = "greeting"
        elif self.state == "waiting":
            return Close(closing.BAD_PROTOCOL, "expected hello first")
        return event

    def welcome_sent(self) -> None:
        self.state = "open"


def problem(ref: wire.Ref | None, code: str, message: str) -> dict[str, Any]:
    """A refusal as a `reply` frame."""
    return {"t": "reply", "ref": ref, "ok": False, "code": code, "message": message, "retry": False}
