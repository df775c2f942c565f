"""The one door: load -> gather -> decide -> commit, retried on conflict.

Whatever a person, a timer, a worker or the hub itself wants goes through
`Dispatch.run`. The outcome belongs to (person, command id): a retry, through
whichever hub, hears what the first one came to.
"""

from __future__ import annotations

import asyncio
import hashlib
import logging
import secrets
from collections import deque
from time import monotonic
from typing import Any, Final

from msgspec import Struct
from redis.exceptions import RedisError

from hub.commit import Due, Outcome, SignIn
from hub.contract import HUB, Actor, Channel, Command, Decision, Facts, Fix, KeyOf, Refusal, Seen, State
from hub.errors import DataError, StoreUnavailable, StoreUnconfirmed
from hub.figures import Figures
from hub.seal import Sealing
from hub.services import Services
from hub.store import Committed, Conflict, Store
from hub.wire import canonical, convert

log = logging.getLogger("kentongan.dispatch")

ATTEMPTS: Final = 5
ROUNDS: Final = 5
NEW_IDS: Final = 4
LATE_MS: Final = 5_000
AT_DESKS: Final = ("dispatcher", "service")
"""Roles that a command's desk binds; a service account without a desk gives no command of one."""


class Answer(Struct, frozen=True):
    """What the asker hears: `ok` with data, or a refusal's code and words."""

    ok: bool
    data: dict[str, Any] | None = None
    code: str = ""
    message: str = ""
    retry: bool = False

    def frame(self, ref: Any) -> dict[str, Any]:
        """As a `reply` frame."""
        return {"t": "reply", "ref": ref, **self.body()}

    def body(self) -> dict[str, Any]:
        """As the body of `POST /v1/commands`."""
        if self.ok:
            return {"ok": True, "data": self.data or {}}
        body = {"ok": False, "code": self.code, "message": self.message, "retry": self.retry}
        return body if self.data is None else {**body, "data": self.data}


def refused(code: str, message: str, *, retry: bool = False, data: dict[str, Any] | None = None) -> Answer:
    return Answer(False, data, code, message, retry)


class Turns:
    """Work on one named thing one at a time, in order; some may jump the queue."""

    def __init__(self) -> None:
        self._queues: dict[str, deque[asyncio.Future[None]]] = {}

    async def enter(self, name: str, ahead: bool) -> None:
        queue = self._queues.get(name)
        if queue is None:
            self._queues[name] = deque()
            return
        turn: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        if ahead:
            queue.appendleft(turn)
        else:
            queue.append(turn)
        try:
            await turn
        except asyncio.CancelledError:
            if turn.done() and not turn.cancelled():
                self.leave(name)  # it was ours already: pass it on
            elif turn in queue:  # unless whoever left in the meantime has passed it over
                queue.remove(turn)
            raise

    def leave(self, name: str) -> None:
        queue = self._queues[name]
        while queue:
            turn = queue.popleft()
            if not turn.done():
                turn.set_result(None)
                return
        del self._queues[name]


class Dispatch:
    """Decide commands of all services against one city's store."""

    def __init__(self, store: Store, services: Services) -> None:
        self.store, self.services = store, services
        self._turns = Turns()
        self.sealing = Sealing(store.city, services.declared)
        receipts = {receipt.cmd for receipt in services.receipts.values()}
        self.figures = Figures(sorted(services.commands), receipts)
        self.commits = 0
        self.conflicts = 0
        self.under_way = 0
        """Commands that are being decided or committed here."""

    async def run(
        self,
        cmd: str,
        data: dict[str, Any],
        actor: Actor,
        id_: str,
        *,
        age_ms: int = 0,
        deadline: float | None = None,
        done: Due | None = None,
        sign_in: SignIn | None = None,
        came: float | None = None,
    ) -> Answer:
        """Run one command; always answers.

        Args:
            id_: the command's id; with `actor.person` it owns the outcome.
            deadline: absolute loop time; 2 s from now when None.
            done: the timer whose command this is; a final outcome deletes it.
            sign_in: a session to record with a first durable command.
            came: when it came (`time.monotonic`), for the figures; now when None.

        Returns:
            `unavailable` (retry): certainly not accepted. `unconfirmed` (retry):
            it may take effect; the same id tells.
        """
        if came is None:
            came = monotonic()
        if deadline is None:
            deadline = self.store.deadline()
        known = self.services.command(cmd, actor.desk)
        if known is None:
            return refused("unknown_command", f"no service has the command {cmd[:60]!r}")
        channel, spec = known
        if actor.role not in spec.roles or (
            actor.role in AT_DESKS and spec.desk is not None and actor.desk != spec.desk
        ):
            return refused("not_allowed", f"{cmd} is not for {actor.role}")
        try:
            parsed = convert(data, spec.data, "data")
        except DataError as exc:
            return refused("bad_data", str(exc))
        command = Command(id=id_, cmd=cmd, data=parsed, age_ms=age_ms)
        content = {key: value for key, value in data.items() if key not in spec.not_content}
        digest = hashlib.sha256(cmd.encode() + b"\0" + canonical(content)).digest()[:16]
        turn = f"{cmd.partition('.')[0]}:{data.get(spec.serial)}" if spec.serial else ""
        try:
            async with asyncio.timeout_at(deadline):
                if turn:
                    await self._turns.enter(turn, spec.ahead)
        except TimeoutError:
            return refused("unavailable", "too much is waiting for this", retry=True)
        self.under_way += 1
        try:
            return await self._decide(channel, command, actor, digest, deadline, done, sign_in, came)
        except StoreUnavailable as exc:
            return refused("unavailable", str(exc), retry=True)
        except StoreUnconfirmed as exc:
            return refused("unconfirmed", str(exc), retry=True)
        except Exception:
            log.exception("%s by %s failed", cmd, actor.role)
            return refused("internal", "a fault in the hub", retry=False)
        finally:
            self.under_way -= 1
            if turn:
                self._turns.leave(turn)

    async def _decide(
        self,
        channel: Channel,
        command: Command,
        actor: Actor,
        digest: bytes,
        deadline: float,
        done: Due | None,
        sign_in: SignIn | None,
        came: float,
    ) -> Answer:
        store, lane, figures = self.store, channel.lane, self.figures
        owner = (actor.person, command.id)
        about: tuple[KeyOf, ...] = ()
        for _ in range(ATTEMPTS):
            state, loaded_at, epoch, recorded = await self._gather(channel, command, actor, deadline, about)
            decision: Decision | Refusal = Decision()
            if recorded is None:
                facts = Facts(new_ids(loaded_at, NEW_IDS), away_ms(done, loaded_at), store.demo)
                decision = channel.decide(state, command, facts, actor, loaded_at)
                if isinstance(decision, Refusal) and (decision.retry or not decision.record):
                    figures.refused_now(lane, came)
                    return refused(decision.code, decision.message, retry=decision.retry, data=decision.data)
                outcome = _outcome(digest, decision)
            elif done is None:
                return _replay(recorded, digest)
            else:
                outcome = recorded  # a timer leased twice: the script finds the outcome and deletes it
            if isinstance(decision, Refusal):
                decision = Decision()
            sealed, key = self.sealing.entry(command, actor, state, decision) if decision.writes else ({}, None)
            decided = monotonic()
            result = await store.commit(
                lane,
                state,
                decision,
                epoch=epoch,
                lane_of=self.services.lane_of,
                out=(*owner, outcome),
                done=done,
                sign_in=sign_in if decision.writes else None,
                audit=_audit(command, actor, decision) | sealed if decision.writes else None,
                seal=key,
                deadline=deadline,
            )
            if isinstance(result, Committed):
                self.commits += 1
                figures.committed_now(lane, came, decided)
                if figures.traces is not None:
                    figures.traces.committed(result.commit, command.cmd, lane, came, decided)
                if outcome.ok:
                    figures.done(command.cmd, command.data)
                data = {**(outcome.data or {}), **decision.once} if decision.once else outcome.data
                return Answer(outcome.ok, data, outcome.code, outcome.message)
            if isinstance(result, Outcome):
                return _replay(result, digest)
            assert isinstance(result, Conflict)
            if result.what == "timer":
                return refused("not_found", "this timer was replaced or cancelled since it was leased")
            about = (KeyOf(key.person),) if key is not None else ()
            self.conflicts += 1
        return refused("unavailable", "too many at once; try again", retry=True)

    async def _gather(
        self, channel: Channel, command: Command, actor: Actor, deadline: float, about: tuple[KeyOf, ...] = ()
    ) -> tuple[State, int, str, Outcome | None]:
        try:
            state, keys_for = State(), self.services.declared.keys_for
            first = [*channel.gather(state, command, actor), *keys_for(command, actor, state), *about]
            loaded = await self.store.load(channel.lane, actor.person, command.id, deadline, state, first)
            if loaded.outcome is None:
                for _ in range(ROUNDS):
                    before = len(state.found)
                    needs = [*channel.gather(state, command, actor), *keys_for(command, actor, state)]
                    await self.store.gather(channel.lane, state, needs, loaded.now, deadline)
                    if len(state.found) == before:
                        break
            return state, loaded.now, loaded.epoch, loaded.outcome
        except StoreUnconfirmed as exc:
            raise StoreUnavailable(str(exc)) from exc  # only reads were sent
        except RedisError as exc:
            raise StoreUnavailable(str(exc)) from exc

    async def tell(self, cmd: str, data: dict[str, Any], actor: Actor) -> Answer | None:
        """Take a fleeting command; None when it was taken or was merely late."""
        answer = await self.observe(cmd, data, actor)
        return None if answer.ok else answer

    async def observe(self, cmd: str, data: dict[str, Any], actor: Actor) -> Answer:
        """Take a fleeting command and say what it came to; what it calls for is run before the answer."""
        known = self.services.tells.get(cmd)
        if known is None:
            return refused("unknown_command", f"no service has the fleeting command {cmd[:60]!r}")
        channel, spec = known
        if actor.role not in spec.roles:
            return refused("not_allowed", f"{cmd} is not for {actor.role}")
        try:
            command = Command(id="", cmd=cmd, data=convert(data, spec.data, "data"))
        except DataError as exc:
            return refused("bad_data", str(exc))
        try:
            return await self._observe(channel, command, actor)
        except (StoreUnavailable, StoreUnconfirmed, RedisError):
            return refused("unavailable", "the store cannot be reached", retry=True)

    async def _observe(self, channel: Channel, command: Command, actor: Actor) -> Answer:
        for _ in range(ATTEMPTS):
            state, now, _, _ = await self._gather(channel, command, actor, self.store.deadline())
            seen = channel.observe(state, command, actor, now)
            if isinstance(seen, Refusal):
                return refused(seen.code, seen.message, retry=seen.retry, data=seen.data)
            if isinstance(seen, Fix) or seen is None:
                seen = Seen(seen)
            if seen.fix is not None and isinstance(await self.store.put_fix(seen.fix, now, state), Conflict):
                continue
            for follow in seen.follow:
                await self.run(follow.cmd, follow.data, HUB, follow.id)
            return Answer(True, seen.answer)
        return refused("unavailable", "too many at once; try again", retry=True)


def away_ms(done: Due | None, now: int) -> int:
    """How long nobody could act on a timer that was due: store or workers were away. 0 for an ordinary delay."""
    late = now - done.due if done is not None else 0
    return late if late > LATE_MS else 0


def _outcome(digest: bytes, decision: Decision | Refusal) -> Outcome:
    if isinstance(decision, Refusal):
        return Outcome(digest, False, decision.data, decision.code, decision.message)
    return Outcome(digest, True, decision.answer)


def _replay(outcome: Outcome, digest: bytes) -> Answer:
    if outcome.digest != digest:
        return refused("id_reused", "this id already belongs to another command")
    return Answer(outcome.ok, outcome.data, outcome.code, outcome.message)


def _audit(command: Command, actor: Actor, decision: Decision) -> dict[str, Any]:
    """Ids and names of things only: a name, a phone, a place or a note never stands here but sealed."""
    said = {
        "cmd": command.cmd,
        "id": command.id,
        "by": actor.person,
        "role": actor.role,
        "things": [f"{write.type}/{write.id}" for write in decision.writes],
    }
    return {**said, "figures": decision.figures} if decision.figures else said


def new_ids(now_ms: int, count: int) -> tuple[str, ...]:
    """UUIDv7 (RFC 9562 section 5.7): 48 bits of time, 74 of chance."""
    made = []
    for _ in range(count):
        value = (now_ms & ((1 << 48) - 1)) << 80 | 0x7 << 76 | secrets.randbits(12) << 64
        value |= 0b10 << 62 | secrets.randbits(62)
        text = f"{value:032x}"
        made.append(f"{text[:8]}-{text[8:12]}-{text[12:16]}-{text[16:20]}-{text[20:]}")
    return tuple(made)
