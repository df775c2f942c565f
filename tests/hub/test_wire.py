"""Frames as bytes, and what a peer may not send."""

from __future__ import annotations

import contextlib
import json
import math
from typing import Annotated, Any

import msgpack
import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec import Meta, Struct

from hub import wire
from hub.errors import DataError, WireError

ID = "0198d6f0-0000-7000-8000-000000000001"
CALL: wire.Frame = {"t": "call", "ref": 1, "id": ID, "cmd": "medic.call", "data": {}}
FORMATS: tuple[wire.Format, ...] = ("msgpack", "json")

values = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53), 2**53) | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=12,
)  # fmt: skip


@pytest.mark.parametrize("fmt", FORMATS)
@settings(deadline=None, max_examples=60)
@given(frame=st.dictionaries(st.text(max_size=8), values, max_size=5))
def test_a_frame_survives_the_way_there_and_back(fmt: wire.Format, frame: wire.Frame) -> None:
    """What was encoded is what is decoded, in both formats."""
    assert wire.decode(wire.encode(frame, fmt), fmt) == frame


@pytest.mark.parametrize("fmt", FORMATS)
@settings(deadline=None, max_examples=60)
@given(data=st.binary(max_size=200))
def test_any_bytes_are_a_frame_or_a_named_error(fmt: wire.Format, data: bytes) -> None:
    """No bytes of a peer raise anything but `WireError` or `DataError`."""
    with contextlib.suppress(WireError, DataError):
        wire.client_frame(wire.decode(data, fmt))


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"\xc1",
        b"hello",
        b"\x93\x01\x02\x03",
        b"\xa3abc",
        msgpack.packb({"t": "hello"}) + b"\x00",
        msgpack.packb({"t": "hello"})[:-1],
        b"\x81\xa1a\xa1\xff",
        b"\x81\x91\x01\x02",
        b"\x81\x81\x01\x02\x03",
    ],
    ids=["nothing", "never-used", "words", "list", "text", "more", "cut", "not-utf-8", "list-as-key", "map-as-key"],
)
def test_bytes_that_are_no_map_of_messagepack_are_refused(data: bytes) -> None:
    """A frame that is not MessagePack, or no map, is a `WireError`."""
    with pytest.raises(WireError):
        wire.decode(data, "msgpack")


@pytest.mark.parametrize("text", ["", "{", "[1]", '"a"', "{'a': 1}", '{"a": 1} x', '{"a": "\\ud800"}', '{"a": NaN}'])
def test_text_that_is_no_map_of_json_is_refused(text: str) -> None:
    """A frame that is not JSON, or no map, is a `WireError`."""
    with pytest.raises(WireError):
        wire.decode(text.encode(), "json")


def nested(levels: int) -> Any:
    value: Any = 1
    for _ in range(levels):
        value = {"a": value}
    return value


@pytest.mark.parametrize("fmt", FORMATS)
def test_depth_has_a_bound(fmt: wire.Format) -> None:
    """Twelve levels are read, thirteen are refused, and so are thousands."""
    assert wire.decode(wire.encode(nested(wire.MAX_DEPTH), fmt), fmt) == nested(wire.MAX_DEPTH)
    with pytest.raises(WireError, match="12 levels"):
        wire.decode(wire.encode(nested(wire.MAX_DEPTH + 1), fmt), fmt)
    deep = b"\x91" * 30_000 + b"\xc0" if fmt == "msgpack" else b"[" * 30_000 + b"]" * 30_000
    with pytest.raises(WireError):
        wire.decode(b"\x81\xa1a" + deep if fmt == "msgpack" else b'{"a":' + deep + b"}", fmt)


@pytest.mark.parametrize(
    ("frame", "path"),
    [
        ({"data": {"lat": math.nan}}, "data.lat"),
        ({"data": {"lat": math.inf}}, "data.lat"),
        ({"data": [1, {"x": -math.inf}]}, "data[1].x"),
        ({"data": {"x": b"raw"}}, "data.x"),
        ({"data": {"x": msgpack.ExtType(5, b"1")}}, "data.x"),
        ({"data": {1: "x"}}, "data"),
        ({1: "x"}, "frame"),
    ],
)
def test_what_no_service_may_see_is_refused_with_its_path(frame: dict[Any, Any], path: str) -> None:
    """NaN, infinities, raw bytes, extensions and keys that are no text are `bad_data` with their path."""
    with pytest.raises(DataError) as caught:
        wire.decode(msgpack.packb(frame), "msgpack")
    assert caught.value.path == path


@pytest.mark.parametrize(
    ("change", "path"),
    [
        ({"id": "abc"}, "id"),
        ({"id": ID + "\n"}, "id"),
        ({"id": 5}, "id"),
        ({"age_ms": -1}, "age_ms"),
        ({"age_ms": 1 << 53}, "age_ms"),
        ({"age_ms": 1.5}, "age_ms"),
        ({"cmd": 7}, "cmd"),
        ({"data": []}, "data"),
        ({"data": {"x": "a" * wire.MAX_DATA_BYTES}}, "data"),
        ({"data": {"x": "\N{POLICE CARS REVOLVING LIGHT}" * 4096}}, "data"),
        ({"data": {"x": 1 << 70}}, "data"),
        ({"ref": None}, "ref"),
        ({"ref": 1.5}, "ref"),
        ({"ref": True}, "ref"),
        ({"ref": 1 << 70}, "ref"),
        ({"ref": "a" * 201}, "ref"),
    ],
)
def test_a_wrong_field_of_a_call_is_named(change: wire.Frame, path: str) -> None:
    """Each wrong field of a `call` is `bad_data` with its path."""
    with pytest.raises(DataError) as caught:
        wire.client_frame({**CALL, **change})
    assert caught.value.path == path


@pytest.mark.parametrize("missing", ["ref", "id", "cmd"])
def test_a_missing_field_of_a_call_is_named(missing: str) -> None:
    """A field that is not there is named as one that is wrong."""
    with pytest.raises(DataError) as caught:
        wire.client_frame({key: value for key, value in CALL.items() if key != missing})
    assert caught.value.path.endswith(missing)
    assert caught.value.expected == "expected a value, got none"


@pytest.mark.parametrize("tag", [None, 5, "fly", "change", ["call"], "x" * 5000])
def test_an_unknown_frame_is_no_frame(tag: object) -> None:
    """An unknown `t` is refused in a short sentence."""
    with pytest.raises(WireError) as caught:
        wire.client_frame({"t": tag})
    assert len(str(caught.value)) < 200


def test_unknown_keys_are_ignored() -> None:
    """A newer client may say more than this hub understands."""
    assert wire.client_frame({**CALL, "colour": "red"}) == wire.client_frame(CALL)


def test_sixteen_kilobytes_of_emoji_are_within_the_bound() -> None:
    """Text counts in bytes: 4,000 emoji of 4 bytes fit, 4,096 of them do not."""
    text = "\N{POLICE CARS REVOLVING LIGHT}" * 4000
    frame = wire.client_frame({**CALL, "data": {"note": text}})
    assert isinstance(frame, wire.Call)
    assert frame.data == {"note": text}


@pytest.mark.parametrize("text", ["cba5a24f-d9c0-4f21-a2d0-b449caf53083", "BBE4ADC0-DB07-4166-B754-FB11B54CAA77", ID])
def test_a_uuid_of_any_version_is_an_id(text: str) -> None:
    """RFC 9562's text form, whatever the version and the case."""
    assert wire.is_uuid(text)


@pytest.mark.parametrize("text", ["", "x", ID[:-1], ID + "0", ID.replace("-", ""), "{" + ID + "}", 5, None])
def test_anything_else_is_no_id(text: object) -> None:
    """Braces, missing hyphens, other lengths: no id."""
    assert not wire.is_uuid(text)


@pytest.mark.parametrize(
    ("frame", "ref"),
    [
        ({"ref": 5}, 5),
        ({"ref": "a"}, "a"),
        ({"ref": True}, None),
        ({"ref": 1 << 60}, None),
        ({"ref": "a" * 201}, None),
        ({"ref": [1]}, None),
        ({}, None),
        ([1], None),
        (None, None),
    ],
)
def test_a_usable_ref_is_answered_with(frame: object, ref: wire.Ref | None) -> None:
    """A reply carries the frame's `ref`, or null where there is none that can be used."""
    assert wire.usable_ref(frame) == ref


class Spot(Struct):
    lat: float


class Trip(Struct):
    stops: list[Spot]


@pytest.mark.parametrize(
    ("value", "path"),
    [
        ({"stops": [{"lat": 1.0}, {"lat": "x"}]}, "data.stops[1].lat"),
        ({"stops": [{}]}, "data.stops[0].lat"),
        ({"stops": 5}, "data.stops"),
        ({}, "data.stops"),
        ([], "data"),
    ],
)
def test_a_wrong_field_of_data_is_named(value: object, path: str) -> None:
    """The path leads from the frame's root to the field."""
    with pytest.raises(DataError) as caught:
        wire.convert(value, Trip, "data")
    assert caught.value.path == path
    assert str(caught.value).startswith(path + ": expected")


class Named(Struct):
    name: Annotated[str, Meta(pattern=r"\S")]


def test_nothing_but_spaces_is_said_in_words() -> None:
    """Not as the pattern that it does not match."""
    with pytest.raises(DataError) as caught:
        wire.convert({"name": " "}, Named, "data")
    assert str(caught.value) == "data.name: expected text, got nothing but spaces"


@settings(deadline=None, max_examples=60)
@given(data=st.dictionaries(st.text(max_size=6), values, max_size=5), seed=st.randoms(use_true_random=False))
def test_the_same_content_has_the_same_bytes(data: wire.Frame, seed: Any) -> None:
    """The order of keys is no part of a command's content."""
    keys = list(data)
    seed.shuffle(keys)
    assert wire.canonical({key: data[key] for key in keys}) == wire.canonical(data)


def test_other_content_has_other_bytes() -> None:
    """Order in lists and types are content."""
    assert wire.canonical({"a": [1, 2]}) != wire.canonical({"a": [2, 1]})
    assert wire.canonical({"a": 1}) != wire.canonical({"a": "1"})


@pytest.mark.parametrize("size", [0, 125, 126, 65_535, 65_536])
@pytest.mark.parametrize("fmt", FORMATS)
def test_the_header_says_the_size(fmt: wire.Format, size: int) -> None:
    """One unmasked, unfragmented frame in each of RFC 6455's three length forms."""
    head = wire.frame_header(size, fmt)
    assert head[0] == (0x82 if fmt == "msgpack" else 0x81)
    shown = head[1] if head[1] < 126 else int.from_bytes(head[2:], "big")
    assert shown == size
    assert len(head) == (2 if size < 126 else 4 if size < 65_536 else 10)


@pytest.mark.parametrize("fmt", FORMATS)
@settings(deadline=None, max_examples=60)
@given(view=st.dictionaries(st.text(max_size=6), values, max_size=4))
def test_a_spliced_frame_is_the_frame(fmt: wire.Format, view: wire.Frame) -> None:
    """Bytes encoded once and spliced in are the frame that encoding it whole would give."""
    head = {"t": "change", "topic": "vans", "prev": 1}
    spliced = wire.spliced(head, "view", msgspec.msgpack.encode(view), fmt)
    assert wire.decode(spliced, fmt) == {**head, "view": view}


def test_a_head_of_fourteen_keys_can_be_spliced() -> None:
    """The map header stays one byte up to fifteen keys."""
    head = {f"k{n}": n for n in range(14)}
    assert wire.decode(wire.spliced(head, "view", b"\xc0", "msgpack"), "msgpack") == {**head, "view": None}


def test_frames_and_bodies_are_valid_json() -> None:
    """The JSON format is read by any JSON parser."""
    assert json.loads(wire.encode(CALL, "json")) == CALL
