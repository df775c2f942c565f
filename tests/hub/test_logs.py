"""What a process logs, as JSON lines: nothing of it says who, where, or by which phone."""

from __future__ import annotations

import io
import json
import logging
import urllib.error
import urllib.request
import uuid
from collections.abc import Iterator
from typing import Any

import pytest
import redis

from hub.errors import StoreUnavailable
from hub.keys import Keys
from hub.logs import JsonLines, scrubbed
from tests.support.processes import running_city
from tests.support.servers import StoreServer, running_store

NAME, PHONE, STREET = "Sulastri Wulandari", "0812 3456 7890", "Gang Kenanga 7"
LAT, LON = -7.4712345, 112.4398765


@pytest.fixture
def lines() -> Iterator[tuple[logging.Logger, io.StringIO]]:
    """A logger, and what it writes."""
    out = io.StringIO()
    handler = logging.StreamHandler(out)
    handler.setFormatter(JsonLines())
    log = logging.getLogger("kentongan.test_logs")
    log.propagate = False
    log.addHandler(handler)
    yield log, out
    log.removeHandler(handler)


def only(out: io.StringIO) -> dict[str, Any]:
    (line,) = out.getvalue().splitlines()
    parsed: dict[str, Any] = json.loads(line)
    return parsed


def test_a_record_is_one_line(lines: tuple[logging.Logger, io.StringIO]) -> None:
    """Time, level, logger, process and text; ids, codes and counts are kept."""
    log, out = lines
    log.warning("bus %s: deaf at %d, head %d; reconnecting", "urgent", 7, 9)
    line = only(out)
    assert set(line) == {"at", "level", "logger", "pid", "text"}
    assert (line["level"], line["logger"]) == ("warning", "kentongan.test_logs")
    assert line["text"] == "bus urgent: deaf at 7, head 9; reconnecting"


def test_errors_of_ours_are_told_and_others_named(lines: tuple[logging.Logger, io.StringIO]) -> None:
    """Our own errors name settings and fields; the text of others may hold what a person wrote."""
    log, out = lines
    log.warning("store: %s, %s", StoreUnavailable("the store cannot be reached"), KeyError(NAME))
    assert only(out)["text"] == "store: StoreUnavailable: the store cannot be reached, KeyError"


def test_a_traceback_says_where_and_not_what(lines: tuple[logging.Logger, io.StringIO]) -> None:
    """Kind, cause and places in the code; no values."""
    log, out = lines
    try:
        try:
            raise KeyError(PHONE)
        except KeyError as exc:
            raise ValueError(f"{NAME} at {LAT},{LON}") from exc
    except ValueError:
        log.exception("%s by %s failed", "medic.call", "resident")
    line = only(out)
    assert line["text"] == "medic.call by resident failed"
    assert (line["error"]["type"], line["error"]["cause"]) == ("ValueError", "KeyError")
    assert line["error"]["stack"][-1].startswith("tests/hub/test_logs.py:")
    assert not any(part in out.getvalue() for part in (NAME, PHONE, str(LAT), str(LON)))


@pytest.mark.parametrize(
    ("said", "left"),
    [
        ("call 0812 3456 7890 now", "call [phone] now"),
        ("call +62-812-3456-7890", "call [phone]"),
        ("call 081234567890.", "call [phone]."),
        ("at -7.47123,112.43987", "at [place],[place]"),
        ("at 1764140400123, head 9", "at 1764140400123, head 9"),
        ("0199b0a4-5e6f-7a3b-8c21-081234567890", "0199b0a4-5e6f-7a3b-8c21-081234567890"),
        ("valkey 9.1.0 at 127.0.0.1:6379", "valkey 9.1.0 at 127.0.0.1:6379"),
    ],
)
def test_phones_and_places_are_taken_out(said: str, left: str) -> None:
    """Ids, times, versions and addresses of machines stay."""
    assert scrubbed(said) == left


@pytest.mark.parametrize(
    ("text", "args", "said"),
    [
        ("%d of %s", ({"name": NAME}, object()), "%d of %s"),
        (f"Task failed\nfuture: <Task exception=KeyError('{NAME}')>", (), "Task failed"),
        ("shop %s of %s", ({"owner": NAME}, 7), "shop dict of 7"),
        ("%(cmd)s of %(whom)s", ({"cmd": "medic.call", "whom": [NAME]},), "medic.call of list"),
    ],
)
def test_what_could_hold_a_persons_words_is_left_out(text: str, args: tuple[object, ...], said: str) -> None:
    """Objects are named by their type, a second line (asyncio writes reprs there) is cut, no format is a fault."""
    record = logging.LogRecord("kentongan.x", logging.WARNING, "x.py", 1, text, args, None)
    assert json.loads(JsonLines().format(record))["text"] == said


@pytest.fixture
def server() -> Iterator[StoreServer]:
    with running_store("valkey") as one:
        yield one


def posted(port: int, path: str, body: dict[str, Any], token: str = "") -> dict[str, Any]:
    """What a hub answers, refusals included."""
    headers = {"Content-Type": "application/json"} | ({"Authorization": f"Bearer {token}"} if token else {})
    request = urllib.request.Request(f"http://127.0.0.1:{port}{path}", json.dumps(body).encode(), headers)
    try:
        with urllib.request.urlopen(request, timeout=10) as reply:
            answer: dict[str, Any] = json.load(reply)
    except urllib.error.HTTPError as refused:
        with refused:
            answer = json.load(refused)
    return answer


def test_a_citys_logs_name_nobody(server: StoreServer) -> None:
    """A call and an order with name, phone and place, a fault of ours, a store that goes: JSON, and none of it."""
    environment = {"KENTONGAN_LOG_JSON": "true"}
    with running_city(server.url, demo=True, environment=environment) as (port, (help_hub, public, worker)):
        made = posted(port, "/v1/sessions", {"device": uuid.uuid4().hex * 2})
        call = {"location": {"lat": LAT, "lon": LON, "accuracy_m": 9}, "landmark": STREET, "phone": PHONE}
        order = {"shop": "s01", "lines": [{"product": "p1", "quantity": 1, "price": 1}], "name": NAME, "phone": PHONE}
        order["fulfilment"] = "pickup"

        def command(cmd: str, data: dict[str, Any]) -> dict[str, Any]:
            body = {"id": str(uuid.uuid4()), "cmd": cmd, "data": data}
            return posted(port, "/v1/commands", body, made["token"])

        assert command("medic.call", call)["ok"]
        command("order.place", order)
        with redis.Redis.from_url(server.url) as client:  # a thing that is none: whoever reads it meets a fault
            client.hset(Keys("35.76").thing("caller", made["person"]), mapping={"v": 1, "s": NAME.encode()})
        assert command("medic.call", call)["code"] == "internal"
        server.kill()
        for process in (help_hub, public, worker):
            process.wait_error(lambda line: "store link" in line)
        said = [line for process in (help_hub, public, worker) for line in process.errors]
    assert any("medic.call by resident failed" in line for line in said)
    for line in said:
        assert {"at", "level", "logger", "text"} <= set(json.loads(line)), line
        for part in (*NAME.split(), PHONE, PHONE.replace(" ", ""), STREET, "7.4712", "112.4398", made["person"]):
            assert part not in line
