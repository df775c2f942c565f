"""The order of frames on one socket."""

from __future__ import annotations

import math
from typing import Any

import pytest

from hub import closing, wire
from hub.session import Close, Problem, Session, problem

ID = "0198d6f0-0000-7000-8000-000000000001"
FRAMES: list[wire.Frame] = [
    {"t": "join", "ref": 1, "topic": "vans"},
    {"t": "leave", "ref": 2, "topic": "vans"},
    {"t": "call", "ref": 3, "id": ID, "cmd": "medic.call"},
    {"t": "tell", "cmd": "van.position", "data": {}},
    {"t": "here", "visible": True, "audible": False},
]


def packed(frame: Any, fmt: wire.Format = "msgpack") -> bytes:
    return wire.encode(frame, fmt)


def greeted() -> Session:
    session = Session("msgpack")
    session.receive(packed({"t": "hello"}))
    session.welcome_sent()
    return session


@pytest.mark.parametrize("fmt", ["msgpack", "json"])
def test_hello_comes_first(fmt: wire.Format) -> None:
    """`hello` moves the session on, once; `welcome` opens it."""
    session = Session(fmt)
    assert session.receive(packed({"t": "hello", "token": "k1.x"}, fmt)) == wire.Hello("k1.x")
    states = [session.state]
    session.welcome_sent()
    assert [*states, session.state] == ["greeting", "open"]


@pytest.mark.parametrize("frame", FRAMES, ids=lambda frame: frame["t"])
def test_nothing_comes_before_hello(frame: wire.Frame) -> None:
    """Any other frame first closes with 4504."""
    event = Session("msgpack").receive(packed(frame))
    assert isinstance(event, Close)
    assert event.code == closing.BAD_PROTOCOL


@pytest.mark.parametrize("welcomed", [False, True])
def test_a_second_hello_closes(welcomed: bool) -> None:
    """Whether or not the first was answered."""
    session = Session("msgpack")
    session.receive(packed({"t": "hello"}))
    if welcomed:
        session.welcome_sent()
    event = session.receive(packed({"t": "hello"}))
    assert isinstance(event, Close)
    assert event.code == closing.BAD_PROTOCOL


@pytest.mark.parametrize("frame", FRAMES, ids=lambda frame: frame["t"])
def test_frames_are_heard_while_the_hello_is_looked_at(frame: wire.Frame) -> None:
    """A client need not wait for `welcome`."""
    session = Session("msgpack")
    session.receive(packed({"t": "hello"}))
    assert session.receive(packed(frame)) == wire.client_frame(frame)


def deep(levels: int) -> wire.Frame:
    """A map in a map, so many times."""
    frame: wire.Frame = {}
    for _ in range(levels):
        frame = {"more": frame}
    return frame


@pytest.mark.parametrize(
    ("payload", "code", "ref"),
    [
        (b"\xc1", "bad_frame", None),
        (packed([1]), "bad_frame", None),
        (packed({"t": "fly", "ref": 7}), "bad_frame", 7),
        (packed({"t": "join", "ref": 8}), "bad_data", 8),
        (packed({"t": "call", "ref": "x", "id": "no", "cmd": "a"}), "bad_data", "x"),
        (packed({"t": "call", "ref": 9, "data": {"lat": math.nan}}), "bad_data", 9),
        (packed({"t": "call", "ref": 10, "data": {"id": b"raw"}}), "bad_data", 10),
        (packed({"t": "call", "ref": 11, "data": deep(13)}), "bad_frame", 11),
        (packed({"t": "tell", "cmd": 5}), "bad_data", None),
        (packed({"t": "here", "visible": "yes"}), "bad_data", None),
    ],
)
def test_a_wrong_frame_is_answered_and_the_session_lives(payload: bytes, code: str, ref: wire.Ref | None) -> None:
    """A reply with a stable code and the frame's `ref`; the next frame is heard."""
    session = greeted()
    event = session.receive(payload)
    assert isinstance(event, Problem)
    assert event.reply["code"] == code
    assert event.reply["ref"] == ref
    assert (event.reply["ok"], event.reply["retry"]) == (False, False)
    assert session.receive(packed(FRAMES[0])) == wire.client_frame(FRAMES[0])


def test_a_wrong_first_frame_is_no_hello() -> None:
    """The session still waits for its hello."""
    session = Session("msgpack")
    assert isinstance(session.receive(b"\xc1"), Problem)
    assert session.state == "waiting"


def test_a_problem_is_a_reply() -> None:
    """The refusal as the client reads it."""
    assert problem(3, "bad_data", "id: expected a UUID") == {
        "t": "reply",
        "ref": 3,
        "ok": False,
        "code": "bad_data",
        "message": "id: expected a UUID",
        "retry": False,
    }
