"""One live socket: an `asyncio.Protocol` around a session and an outbox.

It is handed a transport whose WebSocket handshake is done (`server.py`). Bytes
in are parsed by `websockets`' sans-I/O protocol; frames out are framed by us
and written once per turn. No reference cycle is left when it closes, because
the hub runs without a garbage collector.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import socket
from collections import deque
from collections.abc import Sequence
from time import monotonic
from typing import TYPE_CHECKING, Any, Final, cast

from websockets.frames import Frame, Opcode
from websockets.protocol import State as WsState
from websockets.server import ServerProtocol

from hub import closing, wire
from hub.dispatch import refused
from hub.errors import StoreError
from hub.identity import SignedIn
from hub.outbox import BULK, LANE_NUMBER, NORMAL, URGENT, Outbox
from hub.pump import LiveTopic
from hub.services import Topic
from hub.session import Close, Problem, Session, problem

if TYPE_CHECKING:
    from hub.node import Node

log = logging.getLogger("kentongan.connection")

FRAMES_PER_TURN: Final = 64
FRAMES_PER_S: Final = 400
WAITING_PER_LANE: Final = 16
JOINS: Final = 200
HELD: Final = 64
CLOSE_S: Final = 3.0
TCP_USER_TIMEOUT_MS: Final = 20_000
NOTSENT_LOWAT_BYTES: Final = 16 * 1024
TCP_NOTSENT_LOWAT: Final = getattr(socket, "TCP_NOTSENT_LOWAT", 25)


class Connection(asyncio.Protocol):
    """One client's socket, from the handshake to its end."""

    __slots__ = (
        "_calls", "_closing", "_frames_at", "_frames_seen", "_held", "_joining", "_paused", "_pieces", "_soon", "_ws",
        "address", "beat_left", "beat_turns", "fmt", "here", "here_at", "node", "outbox",
        "session", "signed_in", "topics", "transport",
    )  # fmt: skip

    def __init__(self, node: Node, fmt: wire.Format, signed_in: SignedIn | None, address: str) -> None:
        self.node, self.fmt, self.address = node, fmt, address
        self.signed_in = signed_in
        self.session = Session(fmt)
        self.outbox = Outbox(node.outbox_limits)
        self.topics: dict[str, LiveTopic] = {}
        self.here: wire.Here | None = None
        self.here_at = 0.0
        self.beat_turns = self.beat_left = 1
        self.transport: asyncio.Transport | None = None
        self._ws: ServerProtocol | None = None
        self._pieces: list[bytes] | None = None
        self._held: deque[wire.ClientFrame] | None = None
        self._joining: dict[str, int] | None = None
        self._calls: dict[str, deque[tuple[wire.Call, float, float]]] | None = None
        self._paused = False
        self._soon = False
        self._closing = False
        self._frames_at = node.loop.time()
        self._frames_seen = 0

    @property
    def actor(self) -> Any:
        assert self.signed_in is not None
        return self.signed_in.actor

    # -- life -------------------------------------------------------------------

    def take_over(self, transport: asyncio.Transport, ws: ServerProtocol) -> None:
        """Become the protocol of a transport whose handshake is done; what `ws` received early is read now."""
        self.transport, self._ws = transport, ws
        # TLS pauses at `size >= high` and with 0 for ever, TCP at `size > high`: in both nothing may wait there.
        transport.set_write_buffer_limits(high=int(transport.get_extra_info("sslcontext") is not None), low=0)
        bare = transport.get_extra_info("socket")
        if bare is not None and bare.family in (socket.AF_INET, socket.AF_INET6):
            with contextlib.suppress(OSError):
                bare.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                bare.setsockopt(socket.IPPROTO_TCP, TCP_NOTSENT_LOWAT, NOTSENT_LOWAT_BYTES)
                bare.setsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT, TCP_USER_TIMEOUT_MS)
        transport.set_protocol(self)
        self.node.opened(self)
        self._read_events()
        transport.resume_reading()

    def connection_lost(self, exc: Exception | None) -> None:
        self._closing = True
        for name in list(self.topics):
            self.node.fanout.leave(self, name)
        self.node.closed(self)
        self.outbox.clear()
        if self._ws is not None:
            # the parser is a generator bound to its protocol: a cycle of 3.6 KB per socket, and no collector runs
            cast(Any, self._ws).parser = None
            self._ws.parser_exc = None  # and so is an error whose traceback holds the protocol that holds the error
        self.transport = self._ws = self._held = self._calls = self._pieces = None

    def close(self, code: int, reason: str = "", *, after_ms: int | None = None) -> None:
        """Say `bye` and close; what waits is dropped, the client resumes."""
        if self._closing or self.transport is None or self._ws is None:
            return
        self._closing = True
        self.node.figures.close(code)
        reconnect = closing.may_return(code)
        bye = {"t": "bye", "code": code, "reconnect": reconnect, "after_ms": after_ms or 0}
        self.transport.write(wire.framed_frame(bye, self.fmt))
        if self._ws.state is WsState.OPEN:
            self._ws.send_close(code, reason or closing.MEANING.get(code, ""))
            self.transport.write(b"".join(self._ws.data_to_send()))
        self.outbox.clear()
        self.node.loop.call_later(CLOSE_S, _abort, self.transport)

    # -- bytes in -----------------------------------------------------------------

    def data_received(self, data: bytes) -> None:
        if self._ws is None:
            return
        self._ws.receive_data(data)
        self._read_events()

    def eof_received(self) -> bool:
        return False

    def _read_events(self) -> None:
        ws, transport = self._ws, self.transport
        if ws is None or transport is None:
            return
        frames = 0
        for event in ws.events_received():
            if isinstance(event, Frame):
                frames += 1
                self._receive_frame(event)
                if self._ws is None:
                    return
        out = b"".join(ws.data_to_send())
        if out:
            transport.write(out)
        if ws.state in (WsState.CLOSING, WsState.CLOSED) and (ws.close_rcvd is not None or ws.parser_exc is not None):
            self._closing = True
            transport.close()
            return
        self._count_frames(frames)

    def _count_frames(self, frames: int) -> None:
        now = self.node.loop.time()
        if now - self._frames_at >= 1.0:
            self._frames_at, self._frames_seen = now, 0
        self._frames_seen += frames
        if self._frames_seen > FRAMES_PER_S:
            self.close(closing.TOO_MANY_FRAMES, after_ms=1000)
        elif frames > FRAMES_PER_TURN and self.transport is not None:
            # others' turn first: what this socket sent more waits in the kernel for a moment
            self.transport.pause_reading()
            self.node.loop.call_soon(_resume, self.transport)

    def _receive_frame(self, frame: Frame) -> None:
        if frame.opcode in (Opcode.TEXT, Opcode.BINARY, Opcode.CONT):
            if not frame.fin or frame.opcode is Opcode.CONT:
                self._pieces = [*(self._pieces or ()), bytes(frame.data)]
                if not frame.fin:
                    return
                payload, self._pieces = b"".join(self._pieces), None
            else:
                payload = bytes(frame.data)
            if not self._closing:
                self.node.frames_in += 1
                self._receive_message(payload)

    def _receive_message(self, payload: bytes) -> None:
        event = self.session.receive(payload)
        if isinstance(event, Problem):
            self._refuse(URGENT, event.reply)
        elif isinstance(event, Close):
            self.close(event.code, event.reason)
        elif isinstance(event, wire.Hello):
            self.node.spawn(self._greet(event.token))
        elif self.session.state == "greeting":
            self._held = self._held if self._held is not None else deque()
            if len(self._held) >= HELD:
                self.close(closing.TOO_MANY_FRAMES)
            else:
                self._held.append(event)
        else:
            self._act(event)

    async def _greet(self, token: str | None) -> None:
        """Answer `hello`: the credential of the handshake counts, else the frame's token."""
        if self.signed_in is None and token is not None:
            try:
                self.signed_in = await self.node.identity.resolve(token)
            except StoreError:
                self.close(closing.NODE_UNWELL, "the store cannot be reached", after_ms=1000)
                return
        if self._closing:
            return
        if self.signed_in is None:
            self.close(closing.SIGNED_OUT)
            return
        node = self.node
        self.session.welcome_sent()
        node.greeted(self)
        if self._closing:
            return
        actor = self.actor
        welcome = {"t": "welcome", "person": actor.person, "role": actor.role, "at": node.store.now()}
        welcome |= {"beat_s": self.beat_turns * node.settings.beat_s, "node": node.name, "name": actor.name}
        welcome |= {key: value for key in ("desk", "shop", "van") if (value := getattr(actor, key)) is not None}
        self.send(URGENT, welcome)
        held, self._held = self._held, None
        for event in held or ():
            self._act(event)

    # -- what a client asked ----------------------------------------------------------

    def _act(self, event: wire.ClientFrame) -> None:
        if isinstance(event, wire.Call):
            self._receive_call(event)
        elif isinstance(event, wire.Join):
            self._receive_join(event)
        elif isinstance(event, wire.Leave):
            self.node.fanout.leave(self, event.topic)
            if self._joining and event.topic in self._joining:
                self._joining[event.topic] = -abs(self._joining[event.topic])
            self.send(NORMAL, {"t": "reply", "ref": event.ref, "ok": True, "data": {}})
        elif isinstance(event, wire.Here):
            self.node.presence.receive_here(self, event)
        elif isinstance(event, wire.Tell):
            self.node.spawn(self._tell(event))

    def _receive_join(self, event: wire.Join) -> None:
        node = self.node
        topic = node.services.topic(event.topic)
        if topic is None:
            self._refuse(NORMAL, problem(event.ref, "unknown_topic", f"no service has the topic {event.topic[:80]!r}"))
        elif not topic.allows(self.actor):
            self._refuse(LANE_NUMBER[topic.lane], _not_yours(event.ref, topic))
        elif topic.lane not in node.bus.lanes:
            self._refuse(NORMAL, problem(event.ref, "unknown_topic", f"{topic.name} is joined at the other hub"))
        elif len(self.topics) + len(self._joining or ()) >= JOINS:
            self._refuse(NORMAL, problem(event.ref, "too_many", f"at most {JOINS} topics on one socket"))
        elif topic.needs(self.actor) or not node.fanout.joined_at_once(self, event.ref, topic.name, event.since):
            self._joining = self._joining if self._joining is not None else {}
            self._joining[topic.name] = abs(self._joining.get(topic.name, 0)) + 1
            node.spawn(self._join(event, topic))
        else:
            node.joined(self, event.topic)

    async def _join(self, event: wire.Join, topic: Topic) -> None:
        try:
            if not await self.node.known(topic, self.actor):
                self._still_wanted(event.topic)
                self._refuse(LANE_NUMBER[topic.lane], _not_yours(event.ref, topic))
                return
            await self.node.fanout.join(self, event.ref, event.topic, topic.lane, event.since)
        except StoreError as exc:
            self._still_wanted(event.topic)
            self._refuse(NORMAL, refused("unavailable", str(exc), retry=True).frame(event.ref))
            return
        if self._still_wanted(event.topic) and not self._closing:
            self.node.joined(self, event.topic)
        else:
            self.node.fanout.leave(self, event.topic)

    def _still_wanted(self, topic: str) -> bool:
        """Count one join that waited for its table as done; false when the topic was left meanwhile."""
        joining = self._joining or {}
        waiting = joining.pop(topic, 1)
        if abs(waiting) > 1:
            joining[topic] = waiting - 1 if waiting > 0 else waiting + 1
        return waiting > 0

    def _receive_call(self, call: wire.Call) -> None:
        node = self.node
        known = node.services.command(call.cmd, self.actor.desk)
        lane = known[0].lane if known else "normal"
        deadline, came = node.loop.time() + node.reply_s, monotonic()
        if self._calls is None:
            self._calls = {}
        queue = self._calls.get(lane)
        if queue is None:
            self._calls[lane] = deque([(call, deadline, came)])
            node.spawn(self._run_calls(lane))
        elif len(queue) >= WAITING_PER_LANE:
            answer = refused("too_many", "16 commands wait already", retry=True, data={"after_ms": 250})
            self._refuse(LANE_NUMBER[lane], answer.frame(call.ref))
        else:
            queue.append((call, deadline, came))

    async def _run_calls(self, lane: str) -> None:
        """A socket's commands run in order within a lane, and independently between lanes."""
        calls = self._calls
        assert calls is not None
        queue = calls[lane]
        while queue:
            call, deadline, came = queue[0]
            assert self.signed_in is not None
            answer = await self.node.run(
                call.cmd, call.data, self.signed_in, call.id, call.age_ms, deadline, self.address, came
            )
            queue.popleft()
            if answer.ok:
                self.send(LANE_NUMBER[lane], answer.frame(call.ref))
            else:
                self._refuse(LANE_NUMBER[lane], answer.frame(call.ref))
        calls.pop(lane, None)

    async def _tell(self, event: wire.Tell) -> None:
        answer = await self.node.dispatch.tell(event.cmd, event.data, self.actor)
        if answer is not None:
            self._refuse(BULK, answer.frame(None))

    # -- bytes out ----------------------------------------------------------------------

    def send(self, lane: int, frame: wire.Frame) -> None:
        """Queue one frame for this socket alone."""
        if self._closing:
            return
        if self.outbox.push(lane, wire.framed_frame(frame, self.fmt)):
            self.flush_soon()
        else:
            self.overflow()

    def _refuse(self, lane: int, reply: wire.Frame) -> None:
        """Send a refusal, and count it."""
        self.node.figures.refuse(reply["code"])
        self.send(lane, reply)

    def overflow(self) -> None:
        self.close(closing.TOO_SLOW)

    def write_through(self, pieces: Sequence[bytes]) -> int:
        """Write what others are written too, past the outbox, while nothing waits here; how many were written."""
        if self._closing or self._paused or self.transport is None or not self.outbox.empty:
            return 0
        for number, piece in enumerate(pieces):
            if self._paused:
                return number
            self.transport.write(piece)
        return len(pieces)

    def flush_soon(self) -> None:
        """Write once at the end of this turn, whatever else is queued until then."""
        if not self._soon:
            self._soon = True
            self.node.loop.call_soon(self.flush)

    def flush(self) -> None:
        """Write what waits, 16 KB at a time, while the transport holds nothing back."""
        self._soon = False
        transport, outbox = self.transport, self.outbox
        while not self._paused and not self._closing and transport is not None:
            data = outbox.take()
            if data:
                transport.write(data)
                continue
            behind = outbox.take_behind()
            if behind is None:
                return
            topic = self.topics.get(behind[0])
            if topic is not None:
                outbox.push(topic.number, self.node.fanout.folded(topic, behind[1], self.fmt))

    def pause_writing(self) -> None:
        self._paused = True

    def resume_writing(self) -> None:
        self._paused = False
        self.flush()

    # -- the hub's beat --------------------------------------------------------------------

    def beat(self) -> None:
        """Queue a beat behind all that waits, with the newest offset of each joined urgent topic that all were sent."""
        heads = {name: topic.offset for name, topic in self.topics.items() if topic.urgent and topic.settled}
        self.send(BULK, {"t": "beat", "at": self.node.store.now(), "heads": heads})


def _not_yours(ref: Any, topic: Topic) -> wire.Frame:
    return problem(ref, "not_allowed", f"{topic.name} is not yours to join")


def _abort(transport: asyncio.Transport) -> None:
    transport.abort()


def _resume(transport: asyncio.Transport) -> None:
    if not transport.is_closing():
        transport.resume_reading()
