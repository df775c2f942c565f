"""A hub's client for Python: tables that stay right, commands that take effect once.

    async with Client("http://127.0.0.1:8000", device="0f...") as client:
        table = await client.join("vans")
        await client.call("order.place", {...})
        async for change in client.changes("vans"):
            ...

Topics of help and the medic's commands go to the help hub, all else to a public
one; a link is opened when it is first needed. A lost connection comes back with
full jitter, joins go on from where they were, and a command is repeated under
its id until it is answered or its time is up, so it takes effect once.
"""

from __future__ import annotations

import asyncio
import random
from collections.abc import AsyncIterator, Callable, Sequence
from typing import Any, Final, Literal, Self

from clients.calls import RETRY_S, Calls, Refused, SignedOut, Unanswered
from clients.following import Change, Following, Watch, hears
from clients.http import request
from clients.link import Frame, Link
from hub.recovery import Table

START_S: Final = 20.0
ANSWER_S: Final = 15.0
__all__ = ["Change", "Client", "Refused", "SignedOut", "Unanswered"]


class Client:
    """One person's client.

    Args:
        base: the public hub's address; its `/v1/config` names the others.
        device, token, code: one of them. A device is 64 hex digits that it made
            itself; a code is spent by signing in.
        live, help: other WebSocket addresses than the config's (a proxy, several
            hubs: another one at every try).
        config: an answer of `/v1/config` fetched before, which saves fetching it.
        audible, visible: what `here` says; `tested_at` None means "just now".
            `asleep`, once set, answers no beat, like a phone whose page is frozen.
        chance: a random number in [0, 1), for the jitter.
        on_frame: sees every frame as it comes, before it is applied.

    Raises (on entering):
        Refused: the credentials are no good.
        OSError: no hub answered within 20 s.
    """

    def __init__(
        self,
        base: str,
        *,
        device: str | None = None,
        token: str | None = None,
        code: str | None = None,
        live: Sequence[str] = (),
        help: Sequence[str] = (),
        config: dict[str, Any] | None = None,
        audible: bool = False,
        visible: bool = True,
        tested_at: int | None = None,
        chance: Callable[[], float] = random.random,
        on_frame: Callable[[Link, Frame], None] | None = None,
    ) -> None:
        if sum(value is not None for value in (device, token, code)) != 1:
            raise ValueError("expected one of device, token and code")
        self.base = base.rstrip("/")
        self._device, self._code = device, code
        self.token = token or ""
        self.person, self.role = "", ""
        self.config: dict[str, Any] = config or {}
        self._addresses = {"live": tuple(live), "help": tuple(help)}
        self.audible, self.visible, self.tested_at, self.asleep = audible, visible, tested_at, False
        self._chance, self._on_frame = chance, on_frame
        self._links: dict[str, Link] = {}
        self._topics: dict[str, Following] = {}
        self._calls = Calls(lambda: self._links.values())
        self._ref = 0
        self.greeted = asyncio.Event()

    # -- life -------------------------------------------------------------------

    async def __aenter__(self) -> Self:
        if not self.config:
            self.config = await self._http("GET", "/v1/config", None)
        if not self.token:
            body = {"device": self._device} if self._device else {"code": self._code}
            session = await self._http("POST", "/v1/sessions", body, repeat="device" in body)
            self.token, self.person, self.role = session["token"], session["person"], session["role"]
        for name, addresses in self._addresses.items():
            self._links[name] = Link(self, addresses or (self.config[name],), self.token, self._chance)
        if not self.person:
            self._links["live"].start()
            await self.greeted.wait()
            self._raise_if_ended(self._links["live"])
        return self

    async def __aexit__(self, *exc: object) -> None:
        await self.close()

    async def close(self) -> None:
        """Close both links; what still waits hears `Unanswered`."""
        self._calls.close()
        for following in self._topics.values():
            following.end(asyncio.CancelledError())
        await asyncio.gather(*(link.close() for link in self._links.values()))

    async def _http(self, method: str, path: str, body: Frame | None, *, repeat: bool = True) -> dict[str, Any]:
        """One call of the HTTP door, repeated while no hub answers and repeating is harmless."""
        loop = asyncio.get_running_loop()
        until = loop.time() + START_S
        while True:
            try:
                status, answer = await request(method, self.base + path, body, token=self.token or None)
                if status < 300:
                    return answer
                if status < 500:
                    raise Refused(str(answer.get("code", status)), str(answer.get("message", "")), answer.get("data"))
                raise ConnectionError(f"{path} answered {status}")
            except OSError:
                if loop.time() > until or not repeat:
                    raise
            await asyncio.sleep(RETRY_S * self._chance())

    # -- topics -----------------------------------------------------------------

    async def join(self, topic: str, *, limit_s: float | None = None) -> Table:
        """Follow a topic; returns once its table is whole.

        Raises:
            Refused: `unknown_topic` or `not_allowed`.
            SignedOut: the credentials no longer count.
            TimeoutError: after `limit_s`; the topic is followed all the same.
        """
        following = self.follow(topic)
        async with asyncio.timeout(limit_s):
            await asyncio.shield(following.whole)
        return following.table

    def follow(self, topic: str) -> Following:
        """Follow a topic without waiting for its table."""
        following = self._topics.get(topic)
        if following is None:
            link = self._link_of(topic in ("dispatch", "warnings") or topic.startswith("help/"))
            following = self._topics[topic] = Following(topic, link)
            self._join(following)
        return following

    async def leave(self, topic: str) -> None:
        """Stop following; the table is forgotten."""
        following = self._topics.pop(topic, None)
        if following is not None:
            following.end(asyncio.CancelledError())
            following.link.send({"t": "leave", "ref": self._next_ref(), "topic": topic})

    def table(self, topic: str) -> Table:
        """The table of a topic that is followed; `KeyError` otherwise."""
        return self._topics[topic].table

    def watch(self, topic: str, watch: Watch) -> None:
        """Call `watch` with every change of a topic from now on, in order."""
        self.follow(topic).watches.append(watch)

    async def changes(self, topic: str) -> AsyncIterator[Change]:
        """What changes in a topic, beginning with what is in it now.

        A reader that is behind gets each thing's newest face once: what waits
        is bounded by the table's size.
        """
        async for change in hears(self.follow(topic)):
            yield change

    def _join(self, following: Following) -> None:
        following.ref = self._next_ref()
        frame: Frame = {"t": "join", "ref": following.ref, "topic": following.topic}
        since = following.table.since()
        following.link.send(frame if since is None else {**frame, "since": since})

    # -- commands ---------------------------------------------------------------

    async def call(
        self, cmd: str, data: dict[str, Any], *, id: str | None = None, limit_s: float = ANSWER_S
    ) -> dict[str, Any]:
        """Run a command; returns its answer once it is decided and on disk.

        Args:
            id: the act's id; give the same one to repeat an act.
            limit_s: how long to go on trying.

        Raises:
            Refused: decided against. Unanswered: not known. SignedOut.
        """
        link = self._link_of(cmd.startswith("medic."))
        self._raise_if_ended(link)
        return await self._calls.run(link, self._next_ref(), cmd, data, id, limit_s)

    async def post(self, cmd: str, data: dict[str, Any], *, id: str, at: Literal["live", "help"] = "live") -> Frame:
        """Run a command once through `POST /v1/commands`: for when no socket is up.

        Returns:
            the answer's body: `{ok, data}` or `{ok, code, message, retry, data?}`.
        """
        base = self.base if at == "live" else self.config["help_url"]
        body = {"id": id, "cmd": cmd, "data": data}
        return (await request("POST", base + "/v1/commands", body, token=self.token)).body

    def tell(self, cmd: str, data: dict[str, Any]) -> bool:
        """Say something fleeting; false, and forgotten, while no link is open."""
        return self._link_of(cmd.startswith("medic.")).send({"t": "tell", "cmd": cmd, "data": data})

    def here(self, *, visible: bool | None = None, audible: bool | None = None) -> None:
        """Change what beats are answered with, and say it now."""
        self.visible = self.visible if visible is None else visible
        self.audible = self.audible if audible is None else audible
        for link in self._links.values():
            self._say_here(link, None)

    def drop(self) -> None:
        """Cut every connection without a word, as a dead network does; they come back by themselves."""
        for link in self._links.values():
            link.drop()

    def _say_here(self, link: Link, at: int | None) -> None:
        if self.asleep:
            return
        if self.audible and self.tested_at is None and at is not None:
            self.tested_at = at
        frame: Frame = {"t": "here", "visible": self.visible, "audible": self.audible}
        if self.audible and self.tested_at is not None:
            frame["tested_at"] = self.tested_at
        link.send(frame)

    def _receive_join_refused(self, frame: Frame) -> None:
        following = next((one for one in self._topics.values() if one.ref == frame["ref"]), None)
        if following is None or frame["ok"]:
            return
        if frame["retry"]:
            asyncio.get_running_loop().call_later(RETRY_S, self._rejoin, following, frame["ref"])
        else:
            del self._topics[following.topic]
            following.end(Refused(frame["code"], frame["message"], frame.get("data")))

    def _rejoin(self, following: Following, ref: int) -> None:
        if following.ref == ref and self._topics.get(following.topic) is following:
            self._join(following)

    # -- what the links tell -----------------------------------------------------

    def link_opened(self, link: Link, welcome: Frame) -> None:
        self.person, self.role = welcome["person"], welcome["role"]
        self.greeted.set()
        self._say_here(link, welcome["at"])
        for following in self._topics.values():
            if following.link is link:
                self._join(following)
        self._calls.opened()

    def link_closed(self, link: Link) -> None:
        for following in self._topics.values():
            if following.link is link:
                following.ref = None
        self._calls.closed(link)

    def link_ended(self, link: Link, code: int) -> None:
        self.greeted.set()
        self._calls.ended(link, code)
        for following in self._topics.values():
            if following.link is link:
                following.end(SignedOut(code))

    def receive(self, link: Link, frame: Frame) -> None:
        if self._on_frame is not None:
            self._on_frame(link, frame)
        kind = frame.get("t")
        if kind == "reply":
            if frame["ref"] is not None and not self._calls.receive(frame):
                self._receive_join_refused(frame)
        elif kind == "beat":
            self._say_here(link, frame["at"])
            for topic, offset in frame["heads"].items():
                following = self._topics.get(topic)
                if following is not None and following.misses(offset):
                    self._join(following)
        elif kind in ("state", "resumed", "change", "folded", "moved"):
            following = self._topics.get(frame["topic"])
            if following is not None and following.receive(frame) == "hole":
                self._join(following)

    def _link_of(self, urgent: bool) -> Link:
        link = self._links["help" if urgent else "live"]
        link.start()
        return link

    def _raise_if_ended(self, link: Link) -> None:
        if link.ended is not None:
            raise SignedOut(link.ended)

    def _next_ref(self) -> int:
        self._ref += 1
        return self._ref
