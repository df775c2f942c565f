"""Answers of the query process: one line of JSON in, one line of JSON out.

    {"path": "/v1/shops", "params": [["q", "nasi"], ["open", "1"]]}
    {"status": 200, "body": {...}}

A connection may ask again after its answer. Whoever asks is a hub of ours: what it sends was bounded
there, and it gives up by closing.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import os
import socket
import sqlite3
import stat
from collections.abc import Callable, Collection
from typing import Any, Final

import msgspec
from msgspec import Struct

from hub.address import Address
from hub.contract import Public, Report
from hub.directory import FIGURES_CSV, LINE_BYTES, SHOPS_PATH
from hub.dispatch import Answer, refused
from hub.errors import DataError, StartError
from workers.questions import question
from workers.remembering import Remembering
from workers.reporting import Reporter
from workers.search import Index

log = logging.getLogger("kentongan.query")

ASKERS: Final = 256
"""Connections at once; another one is closed unheard."""

QUIET_S: Final = 60.0
"""A connection that asks nothing for so long is closed."""


class Asked(Struct, frozen=True):
    """One request."""

    path: str
    params: list[tuple[str, str]] = []
    report: Report | None = None
    person: str = ""
    public: list[Public] = []


_asked: Final = msgspec.json.Decoder(Asked)


class Answers:
    """Answers from whichever index is live.

    Args:
        live: the index, or None while the first one is being made.
        now: the city's time in ms.
        kelurahan: the ids of the city's.
        reporter: makes reports; None: there are none. remembering: the same of what is kept of people.
    """

    def __init__(
        self,
        live: Callable[[], Index | None],
        now: Callable[[], int],
        kelurahan: Collection[str],
        reporter: Reporter | None = None,
        remembering: Remembering | None = None,
    ) -> None:
        self._live, self._now, self._kelurahan, self._reporter = live, now, kelurahan, reporter
        self._remembering = remembering

    async def reply(self, line: bytes) -> bytes:
        """The reply to one line, without its end."""
        try:
            asked = _asked.decode(line)
        except msgspec.DecodeError as exc:
            status, body = _refusal(400, refused("bad_frame", str(exc)))
        else:
            status, body = await self._answered(asked)
        return msgspec.json.encode({"status": status, "body": body})

    async def _answered(self, asked: Asked) -> tuple[int, dict[str, Any]]:
        if asked.person:
            return await self._remembered(asked.person)
        if asked.public:
            return await self._public(asked)
        return self._answer(asked) if asked.report is None else await self._report(asked, asked.report)

    async def _public(self, asked: Asked) -> tuple[int, dict[str, Any]]:
        if self._reporter is None:
            return _refusal(404, refused("not_found", "no figures are kept here"))
        answer = await self._reporter.public(asked.public, csv=asked.path == FIGURES_CSV)
        return _refusal(503 if answer.retry else 404, answer) if isinstance(answer, Answer) else (200, answer)

    async def _remembered(self, person: str) -> tuple[int, dict[str, Any]]:
        if self._remembering is None:
            return _refusal(404, refused("not_found", "no archive is read here"))
        answer = await self._remembering.answer(person)
        if isinstance(answer, Answer):
            return _refusal(503 if answer.retry else 404, answer)
        return 200, answer

    async def _report(self, asked: Asked, report: Report) -> tuple[int, dict[str, Any]]:
        if self._reporter is None:
            return _refusal(404, refused("not_found", "no reports are made here"))
        try:
            answer = await self._reporter.answer(report, asked.params)
        except DataError as exc:
            return _refusal(400, refused("bad_data", str(exc)))
        if isinstance(answer, Answer):
            return _refusal(503 if answer.retry else 404, answer)
        return 200, answer

    def _answer(self, asked: Asked) -> tuple[int, dict[str, Any]]:
        index = self._live()
        try:
            if asked.path == SHOPS_PATH:
                wanted = question(asked.params, self._kelurahan)
                if index is None:
                    return _unavailable()
                return 200, {"as_of": index.as_of, **index.find(wanted, self._now())}
            id_ = asked.path.removeprefix(SHOPS_PATH + "/")
            if id_ == asked.path:
                return _refusal(404, refused("not_found", f"{asked.path[:80]!r} is nothing that can be asked for"))
            if index is None:
                return _unavailable()
            shop = index.shop(id_, self._now())
        except DataError as exc:
            return _refusal(400, refused("bad_data", str(exc)))
        except sqlite3.Error:
            log.exception("the index could not be asked")
            return _refusal(500, refused("internal", "the index could not be asked"))
        if shop is None:
            return _refusal(404, refused("not_found", f"no shop has the id {id_[:80]!r}"))
        return 200, {"as_of": index.as_of, "shop": shop}


def _refusal(status: int, answer: Answer) -> tuple[int, dict[str, Any]]:
    return status, answer.body()


def _unavailable() -> tuple[int, dict[str, Any]]:
    return _refusal(503, refused("unavailable", "the index is being made; try again", retry=True))


class Listener:
    """The socket that hubs ask at. `close` ends every connection."""

    def __init__(self, address: Address, answers: Answers) -> None:
        self._address, self._answers = address, answers
        self._server: asyncio.Server | None = None
        self._open: set[asyncio.Task[None]] = set()

    async def open(self) -> None:
        """Listen.

        Raises:
            StartError: somebody else listens there, or it cannot be done.
        """
        address = self._address
        try:
            if address.path is None:
                self._server = await asyncio.start_server(
                    self._accept, address.host, address.port, limit=LINE_BYTES, reuse_address=True
                )
                return
            _free(address.path)
            self._server = await asyncio.start_unix_server(self._accept, address.path, limit=LINE_BYTES)
            os.chmod(address.path, 0o600)
        except OSError as exc:
            raise StartError(f"cannot listen at {address}: {exc.strerror or exc}") from exc

    async def close(self) -> None:
        if self._server is None:
            return
        self._server.close()
        for task in list(self._open):
            task.cancel()
        await asyncio.gather(*self._open, return_exceptions=True)
        if self._address.path is not None:
            _remove(self._address.path)

    async def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        if len(self._open) >= ASKERS:
            writer.transport.abort()
            return
        self._open.add(task)
        try:
            await self._serve(reader, writer)
        finally:
            self._open.discard(task)
            writer.transport.abort()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        # a line over the limit is a ValueError; it, silence and a broken connection end in the same way
        with contextlib.suppress(OSError, ValueError, TimeoutError):
            while True:
                async with asyncio.timeout(QUIET_S):
                    line = await reader.readline()
                if not line.endswith(b"\n"):
                    return
                writer.write(await self._answers.reply(line) + b"\n")
                async with asyncio.timeout(QUIET_S):
                    await writer.drain()


def _remove(path: str) -> None:
    with contextlib.suppress(FileNotFoundError):
        os.unlink(path)


def _free(path: str) -> None:
    """Remove a socket that a killed process left behind; refuse one at which somebody answers."""
    with contextlib.suppress(FileNotFoundError):
        if not stat.S_ISSOCK(os.stat(path).st_mode):
            raise StartError(f"cannot listen at unix:{path}: it is no socket")
        with socket.socket(socket.AF_UNIX) as probe:
            probe.settimeout(1.0)
            try:
                probe.connect(path)
            except ConnectionRefusedError:
                _remove(path)
                return
        raise StartError(f"somebody listens at unix:{path} already: name another address with --listen")
