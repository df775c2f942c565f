"""Frames <-> MessagePack or JSON, sizes and shapes checked.

One frame is one map with key `t`. Both formats carry the same maps. A
broadcast is encoded once per format; the pieces that differ per socket (`ref`)
are spliced in front of bytes that do not.

Sources: MessagePack specification (map headers), RFC 6455 section 5.2 (frame
headers), RFC 9562 (UUID text form).
"""

from __future__ import annotations

import math
import re
from typing import Any, Final, Literal

import msgpack
import msgspec
from msgspec import Struct

from hub.errors import DataError, WireError

Format = Literal["msgpack", "json"]
Frame = dict[str, Any]

MSGPACK: Final = "kentongan.v1.msgpack"
JSON: Final = "kentongan.v1.json"
SUBPROTOCOLS: Final[dict[str, Format]] = {MSGPACK: "msgpack", JSON: "json"}

MAX_FRAME_BYTES: Final = 32 * 1024
MAX_DATA_BYTES: Final = 16 * 1024
MAX_DEPTH: Final = 12
PART_BYTES: Final = 16 * 1024

_pack = msgspec.msgpack.Encoder().encode
_json = msgspec.json.Encoder().encode
_BLANK: Final = r"matching regex '\\S'"  # how msgspec says what a field of nothing but spaces is not
_UUID: Final = re.compile(r"[0-9a-fA-F]{8}-(?:[0-9a-fA-F]{4}-){3}[0-9a-fA-F]{12}")


def encode(frame: Frame, fmt: Format) -> bytes:
    """Encode one frame."""
    return _pack(frame) if fmt == "msgpack" else _json(frame)


def decode(data: bytes | bytearray | memoryview, fmt: Format) -> Frame:
    """Decode one frame from a peer and check it.

    Raises:
        WireError: not the format, not a map, or nested deeper than 12.
        DataError: a NaN or infinite number, or a key that is no text; with its path.
    """
    frame = parse(data, fmt)
    check_tree(frame)
    return frame


def parse(data: bytes | bytearray | memoryview, fmt: Format) -> dict[Any, Any]:
    """Decode one map; what is in it is still to be looked at with `check_tree`.

    Raises:
        WireError: not the format, or not a map.
    """
    try:
        if fmt == "msgpack":
            frame = msgpack.unpackb(data, raw=False, strict_map_key=False)
        else:
            frame = msgspec.json.decode(data)
    except (ValueError, TypeError, msgpack.exceptions.UnpackException, RecursionError) as exc:
        # TypeError: a key that cannot be one, a list or a map
        raise WireError(f"expected {fmt}, got bytes that are not") from exc
    if not isinstance(frame, dict):
        raise WireError("expected a map, got " + type(frame).__name__)
    return frame


def check_tree(value: Any, path: str = "", depth: int = MAX_DEPTH) -> None:
    """Refuse what no service may ever see: too deep, NaN, infinities, keys that are no text, raw bytes.

    Raises:
        WireError: too deep.
        DataError: anything else, with its path.
    """
    if isinstance(value, dict):
        if depth == 0:
            raise WireError("expected at most 12 levels, got more")
        for key, item in value.items():
            if not isinstance(key, str):
                raise DataError(path or "frame", "expected keys that are text")
            check_tree(item, f"{path}.{key}" if path else key, depth - 1)
    elif isinstance(value, list):
        if depth == 0:
            raise WireError("expected at most 12 levels, got more")
        for place, item in enumerate(value):
            check_tree(item, f"{path}[{place}]", depth - 1)
    elif isinstance(value, float):
        if not math.isfinite(value):
            raise DataError(path, "expected a finite number")
    elif value is not None and not isinstance(value, str | int | bool):
        raise DataError(path, f"expected text, number, list or map, got {type(value).__name__}")


def is_uuid(text: object) -> bool:
    """Whether `text` is a UUID in RFC 9562's text form, of any version."""
    return isinstance(text, str) and _UUID.fullmatch(text) is not None


def convert(value: Any, type_: type[Any], root: str) -> Any:
    """Convert decoded data to a struct.

    Raises:
        DataError: with the path of the wrong field below `root`.
    """
    try:
        return msgspec.convert(value, type_, strict=True)
    except msgspec.ValidationError as exc:
        raise data_error(exc, root) from exc


def data_error(exc: msgspec.ValidationError, root: str) -> DataError:
    """Turn msgspec's "Expected `float`, got `str` - at `$.location.lat`" into a path and a sentence."""
    text, _, place = str(exc).partition(" - at `$")
    path = root + place.rstrip("`")
    missing = re.fullmatch(r"Object missing required field `([^`]+)`", text)
    if missing:
        return DataError(f"{path}.{missing[1]}", "expected a value, got none")
    if text.endswith(_BLANK):
        return DataError(path, "expected text, got nothing but spaces")
    return DataError(path, text[:1].lower() + text[1:])


def canonical(data: Frame) -> bytes:
    """The same bytes for the same content, whatever the order of keys."""
    return _pack(_sorted(data))


def _sorted(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _sorted(value[key]) for key in sorted(value)}
    if isinstance(value, list):
        return [_sorted(item) for item in value]
    return value


# -- frames from a client -----------------------------------------------------

Ref = int | str


class Since(Struct, frozen=True):
    epoch: str
    offset: int


class Hello(Struct, frozen=True, tag_field="t", tag="hello"):
    token: str | None = None
    client: Any = None


class Join(Struct, frozen=True, tag_field="t", tag="join"):
    ref: Ref
    topic: str
    since: Since | None = None


class Leave(Struct, frozen=True, tag_field="t", tag="leave"):
    ref: Ref
    topic: str


class Call(Struct, frozen=True, tag_field="t", tag="call"):
    ref: Ref
    id: str
    cmd: str
    data: dict[str, Any] = {}
    age_ms: int = 0


class Tell(Struct, frozen=True, tag_field="t", tag="tell"):
    cmd: str
    data: dict[str, Any] = {}


class Here(Struct, frozen=True, tag_field="t", tag="here"):
    visible: bool = False
    audible: bool = False
    tested_at: int | None = None
    push: bool = False


ClientFrame = Hello | Join | Leave | Call | Tell | Here
_BY_TAG: Final[dict[str, type[Any]]] = {
    "hello": Hello,
    "join": Join,
    "leave": Leave,
    "call": Call,
    "tell": Tell,
    "here": Here,
}


def client_frame(frame: Frame) -> ClientFrame:
    """Check a decoded frame's own fields.

    Raises:
        WireError: an unknown `t`.
        DataError: a field of the frame is wrong (`id`, `data.` ...), with its path.
    """
    tag = frame.get("t")
    type_ = _BY_TAG.get(tag) if isinstance(tag, str) else None
    if type_ is None:
        raise WireError("t: expected one of " + ", ".join(_BY_TAG) + f", got {str(tag)[:40]!r}")
    try:
        parsed: ClientFrame = msgspec.convert(frame, type_, strict=True)
    except msgspec.ValidationError as exc:
        error = data_error(exc, "")
        raise DataError(error.path.removeprefix(".") or "frame", error.expected) from exc
    if isinstance(parsed, Join | Leave | Call) and usable_ref(frame) is None:
        raise DataError("ref", "expected a number below 2^53, or text of at most 200 characters")
    if isinstance(parsed, Call):
        check_call(parsed.id, parsed.data, parsed.age_ms)
    elif isinstance(parsed, Tell):
        check_size(parsed.data)
    return parsed


def check_call(id_: object, data: Frame, age_ms: int) -> None:
    """Check what a command carries, the same at a socket and at `POST /v1/commands`.

    Raises:
        DataError: `id` is no UUID, `age_ms` is negative, or `data` exceeds 16 KB.
    """
    if not is_uuid(id_):
        raise DataError("id", "expected a UUID")
    if not 0 <= age_ms < 1 << 53:
        raise DataError("age_ms", "expected milliseconds from 0")
    check_size(data)


def check_size(data: Frame) -> None:
    try:
        size = len(_pack(data))
    except (OverflowError, ValueError) as exc:
        raise DataError("data", "expected numbers of at most 64 bits") from exc
    if size > MAX_DATA_BYTES:
        raise DataError("data", f"expected at most {MAX_DATA_BYTES} bytes, got {size}")


def usable_ref(frame: object) -> Ref | None:
    """The `ref` to answer with, or None when the frame has none that can be used."""
    if isinstance(frame, dict):
        ref = frame.get("ref")
        if isinstance(ref, str) and len(ref) <= 200:
            return ref
        if isinstance(ref, int) and not isinstance(ref, bool) and abs(ref) < 1 << 53:
            return ref
    return None


# -- frames to a client, encoded once -------------------------------------------


def frame_header(size: int, fmt: Format) -> bytes:
    """The WebSocket header of one unmasked, unfragmented frame (RFC 6455 section 5.2)."""
    opcode = 0x82 if fmt == "msgpack" else 0x81
    if size < 126:
        return bytes((opcode, size))
    if size < 65536:
        return bytes((opcode, 126, size >> 8, size & 255))
    return bytes((opcode, 127)) + size.to_bytes(8, "big")


def framed(payload: bytes, fmt: Format) -> bytes:
    """A payload with its WebSocket header in front."""
    return frame_header(len(payload), fmt) + payload


def framed_frame(frame: Frame, fmt: Format) -> bytes:
    """Encode a frame and put its WebSocket header in front."""
    return framed(encode(frame, fmt), fmt)


def spliced(head: Frame, key: str, blob: bytes, fmt: Format) -> bytes:
    """Encode `{**head, key: <blob already encoded as MessagePack>}` without decoding it for MessagePack.

    `head` has at most 14 keys (the map header is one byte up to 15).
    """
    if fmt == "json":
        return _json({**head, key: msgspec.Raw(_json(msgspec.msgpack.decode(blob)))})
    packed = _pack(head)
    return bytes((packed[0] + 1,)) + packed[1:] + _pack(key) + blob
