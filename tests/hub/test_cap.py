"""Alerts as CAP 1.2 documents, out and in, at a real hub."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any, Final
from xml.etree import ElementTree as Tree

import pytest

from channels.geo import City
from hub import app
from hub.cap import MAX_BYTES, NAMESPACE, command_of
from hub.errors import DataError
from hub.safe_xml import written_time
from tests.support.http import http
from tests.support.live import Hub, on_loop, running_hub

CAPS: Final = Path(__file__).parents[1] / "support" / "caps"
GROUND: Final = City(json.loads(app.GEOJSON.read_text("utf-8")))
NOW: Final = 1_800_000_000_000
HOUR: Final = 3_600_000
XML: Final = {"Content-Type": "application/cap+xml"}
# Order of elements: OASIS CAP 1.2, section 3.4, the schema.
ORDER: Final = {
    "alert": "identifier sender sent status msgType source scope restriction addresses code note references incidents"
    " info",
    "info": "language category event responseType urgency severity certainty audience eventCode effective onset expires"
    " senderName headline description instruction web contact parameter resource area",
    "area": "areaDesc polygon circle geocode altitude ceiling",
    "geocode": "valueName value",
}
NEEDED: Final = {
    "alert": "identifier sender sent status msgType scope",
    "info": "category event urgency severity certainty",
    "area": "areaDesc",
    "geocode": "valueName value",
}


def cap(name: str, now: int = NOW, **changed: str) -> bytes:
    """A message of one of three shapes, sent a minute ago; `changed` replaces the text of elements by name."""
    text = (CAPS / f"{name}.xml").read_text("utf-8")
    text = text.replace("@SENT@", written_time(now - 60_000)).replace("@EXPIRES@", written_time(now + HOUR))
    text = text.replace("@LONG@", "Heavy rain has fallen. " * 80)
    for tag, said in changed.items():
        text = re.sub(rf"(<(?:cap:)?{tag}>)[^<]*<", rf"\g<1>{said}<", text)
    return text.encode()


def following(name: str, kind: str, identifier: str, reference: str, now: int) -> bytes:
    """An update or a cancel of an earlier message."""
    text = cap(name, now, msgType=kind, identifier=identifier, sent=written_time(now)).decode()
    return text.replace("<scope>Public</scope>", f"<scope>Public</scope><references>{reference}</references>").encode()


def checked(document: bytes) -> Tree.Element:
    """A CAP document whose elements are those of the schema, in its order; tags without the namespace."""
    root = Tree.fromstring(document)
    for element in root.iter():
        space, _, tag = element.tag.removeprefix("{").rpartition("}")
        assert space == NAMESPACE
        element.tag = tag
    for element in root.iter():
        tags = [child.tag for child in element]
        order = ORDER.get(element.tag, "").split()
        assert set(tags) <= set(order), element.tag
        assert tags == sorted(tags, key=order.index), element.tag
        assert set(NEEDED.get(element.tag, "").split()) <= set(tags), element.tag
    time = r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\+07:00"
    assert all(re.fullmatch(time, one.text or "") for tag in ("sent", "expires") for one in root.iter(tag))
    return root


def test_a_wide_message_in_two_languages() -> None:
    """Shape of a weather office: several outlines, Indonesian and English; all the city is inside one of them."""
    cmd, data, references = command_of(cap("bmkg"), GROUND, app.CITY_NAME, NOW)
    assert (cmd, references, len(data["areas"])) == ("alert.publish", [], 18)
    assert list(data["texts"]) == ["id", "en"]
    assert (data["category"], data["severity"], data["expires"]) == ("met", "moderate", NOW + HOUR)
    assert data["sent"] == NOW - 60_000


def test_a_message_in_another_language_with_a_long_text() -> None:
    """Shape of the US weather service: a prefix, foreign codes, an outline; its text stands for everybody, cut."""
    _, data, _ = command_of(cap("nws"), GROUND, app.CITY_NAME, NOW)
    assert list(data["texts"]) == ["id"]
    assert 1 <= len(data["areas"]) <= 4
    assert "mentikan" in data["areas"]
    assert data["texts"]["id"]["description"].endswith("…")


def test_the_least_that_a_message_may_say() -> None:
    """Without language, headline and `expires`: the event is the headline, and it holds for a day after it was sent."""
    _, data, _ = command_of(cap("minimal"), GROUND, app.CITY_NAME, NOW)
    assert (data["status"], data["expires"], len(data["areas"])) == ("test", NOW - 60_000 + 24 * HOUR, 18)
    assert data["texts"]["id"]["headline"] == "Sirene"


@pytest.mark.parametrize(
    ("area", "wards"),
    [
        ("<areaDesc>Kranggan, Surabaya; Kelurahan Miji</areaDesc>", ["kranggan", "miji"]),
        ("<areaDesc>x</areaDesc><geocode><valueName>k</valueName><value>35.76.01.1003</value></geocode>", ["mentikan"]),
        (
            "<areaDesc>x</areaDesc><geocode><valueName>k</valueName><value>35.76</value></geocode>",
            list(GROUND.kelurahan),
        ),
        ("<areaDesc>x</areaDesc><circle>-7.467706,112.428671 0</circle>", ["mentikan"]),
        ("<areaDesc>x</areaDesc><circle>-7.4677,112.4286 100.5</circle>", list(GROUND.kelurahan)),
    ],
)
def test_where_a_message_is_meant(area: str, wards: list[str]) -> None:
    """By the ministry's codes, by outline or circle; by name only where nothing better is said."""
    text = cap("minimal").decode().replace("<areaDesc>Kota Mojokerto</areaDesc>", area)
    assert command_of(text.encode(), GROUND, app.CITY_NAME, NOW)[1]["areas"] == sorted(wards)


def replaced(old: str, new: str) -> bytes:
    text = cap("bmkg").decode()
    assert old in text
    return text.replace(old, new).encode()


INFO2: Final = "alert/info[2]"
BAD: Final = [
    (b"", "body"),
    (b"no xml", "body"),
    (b'<!DOCTYPE alert [<!ENTITY a "b">]>' + cap("minimal"), "body"),
    (replaced("cap:1.2", "cap:1.1"), "alert"),
    (cap("bmkg", status="Draft"), "alert/status"),
    (cap("bmkg", msgType="Ack"), "alert/msgType"),
    (cap("bmkg", scope="Private"), "alert/scope"),
    (cap("bmkg", identifier=""), "alert/identifier"),
    (cap("bmkg", sent="2026-03-01T07:15:00Z"), "alert/sent"),
    (cap("bmkg", sent="yesterday"), "alert/sent"),
    (cap("bmkg", msgType="Update"), "alert/references"),
    (following("bmkg", "Update", "b", "only-one", NOW), "alert/references"),
    (cap("bmkg", expires=written_time(NOW)), "alert/info/expires"),
    (cap("minimal", sent=written_time(NOW - 25 * HOUR)), "alert/info/expires"),
    (cap("bmkg", severity="Terrible"), "alert/info/severity"),
    (cap("bmkg", category="Weather"), "alert/info/category"),
    (cap("bmkg", event=""), "alert/info/event"),
    (replaced("<language>en</language>", "<language>id</language>"), INFO2),
    (replaced("-7.30,112.10 -7.30,112.30", "-7.30,112.10 north,112.30"), "alert/info/area/polygon"),
    (replaced("-7.40,112.10 -7.30,112.10", "-7.40,112.10"), "alert/info/area/polygon"),
    (replaced("112.10", "212.10"), "alert/info/area/polygon"),
    (replaced("<polygon>-7.40,112.38", "<circle>-7.4,112.4</circle><polygon>-7.40,112.38"), "alert/info/area/circle"),
    (cap("minimal", areaDesc="Surabaya"), "alert/info/area"),
    (cap("minimal", areaDesc="Kab. Mojokerto"), "alert/info/area"),
    (re.sub(rb"<area>.*</area>", b"", cap("minimal")), "alert/info/area"),
    (re.sub(rb"<info>.*</info>", b"", cap("minimal")), "alert/info"),
]


@pytest.mark.parametrize(("body", "path"), BAD, ids=[f"{n}-{path}" for n, (_, path) in enumerate(BAD)])
def test_bad_messages(body: bytes, path: str) -> None:
    """What is wrong is refused with the path of the element."""
    with pytest.raises(DataError) as error:
        command_of(body, GROUND, app.CITY_NAME, NOW)
    assert error.value.path == path


async def post(hub: Hub, token: str | None, body: bytes) -> tuple[int, Any]:
    status, _, answer = await http(hub.port, "POST", "/v1/cap", body, token=token, headers=XML)
    return status, answer


async def city(hub: Hub) -> dict[str, Any]:
    _, _, body = await http(hub.port, "GET", "/v1/topics/city")
    return {id_: view for id_, view in body["things"].items() if view["type"] == "alert"}


@pytest.mark.parametrize("name", ["bmkg", "nws", "minimal"])
@on_loop
async def test_in_and_out_again(valkey_url: str, name: str) -> None:
    """A message of each shape becomes an alert in force, an entry of the feed, and a document with its name."""
    async with running_hub(valkey_url, carried=app.services()) as hub:
        desk = (await hub.staff("dispatcher", desk="city")).token
        now = hub.store.now()
        status, answer = await post(hub, desk, cap(name, now))
        assert status == 200, answer
        assert await post(hub, desk, cap(name, now)) == (200, answer)
        alert = answer["data"]["alert"]
        assert list(await city(hub)) == [alert]
        status, headers, feed = await http(hub.port, "GET", "/v1/cap")
        assert (status, headers["content-type"].partition(";")[0]) == (200, "application/atom+xml")
        (link,) = Tree.fromstring(feed).iter("{http://www.w3.org/2005/Atom}link")
        status, headers, document = await http(hub.port, "GET", link.attrib["href"])
        assert (status, headers["content-type"].partition(";")[0]) == (200, "application/cap+xml")
        root = checked(document)
        sent = Tree.fromstring(cap(name, now))
        for tag in ("identifier", "sender", "sent", "status", "msgType"):
            assert root.findtext(tag) == sent.findtext(f"{{{NAMESPACE}}}{tag}")
        again = command_of(document, GROUND, app.CITY_NAME, now)
        assert again[1]["areas"] == [area["id"] for area in (await city(hub))[alert]["areas"]]


@on_loop
async def test_update_and_cancel_by_reference(valkey_url: str) -> None:
    """An update replaces the alert in its place, a cancel ends it; both name what came before, and nothing follows."""
    async with running_hub(valkey_url, carried=app.services()) as hub:
        token = (await hub.staff("service", "Cuaca", desk="city")).token
        now = hub.store.now()
        first = f"bpbd,m1,{written_time(now - 60_000)}"
        alert = (await post(hub, token, cap("minimal", now)))[1]["data"]["alert"]
        update = following("minimal", "Update", "m2", f"other,x,{written_time(now)} {first}", now + 1000)
        status, answer = await post(hub, token, update)
        assert (status, answer["data"]["alert"]) == (200, alert)
        _, _, document = await http(hub.port, "GET", f"/v1/cap/{alert}")
        root = checked(document)
        assert (root.findtext("msgType"), root.findtext("references")) == ("Update", first)
        cancel = following("minimal", "Cancel", "m3", f"bpbd,m2,{written_time(now + 1000)}", now + 2000)
        assert (await post(hub, token, cancel))[0] == 200
        assert await city(hub) == {}
        _, _, document = await http(hub.port, "GET", f"/v1/cap/{alert}")
        root = checked(document)
        assert root.findtext("msgType") == "Cancel"
        assert (root.findtext("references") or "").split()[0] == first
        status, answer = await post(hub, token, following("minimal", "Update", "m4", first, now + 3000))
        assert (status, answer["code"]) == (409, "illegal_step")
        unknown = following("minimal", "Cancel", "m5", f"bpbd,m9,{written_time(now)}", now + 4000)
        status, answer = await post(hub, token, unknown)
        assert (status, answer["code"], answer["message"].partition(":")[0]) == (400, "bad_data", "alert/references")


@on_loop
async def test_who_may_send_one(valkey_url: str) -> None:
    """The city's desk and a service account that sits there; nobody else, and nobody without a session."""
    async with running_hub(valkey_url, carried=app.services()) as hub:
        now = hub.store.now()
        staff = [
            ("dispatcher", {"desk": "medic"}),
            ("service", {"desk": "market"}),
            ("service", {}),
            ("plut", {}),
            ("admin", {}),
        ]
        tokens = [(await hub.staff(role, **bound)).token for role, bound in staff]
        for token in (*tokens, hub.resident().token):
            status, answer = await post(hub, token, cap("minimal", now))
            assert (status, answer["code"]) == (403, "not_allowed")
        assert (await post(hub, None, cap("minimal", now)))[0] == 401
        assert await city(hub) == {}
        assert (await http(hub.port, "GET", "/v1/cap/nope"))[0] == 404


@on_loop
async def test_bad_messages_at_the_door(valkey_url: str) -> None:
    """Over 64 KB, with entities, or what the command refuses: 400 with the element's path, and nothing is written."""
    async with running_hub(valkey_url, carried=app.services()) as hub:
        desk = (await hub.staff("dispatcher", desk="city")).token
        now, before = hub.store.now(), hub.store.seen_commit
        laughs = b'<!DOCTYPE alert [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;">]>' + cap("minimal", now, event="&b;")
        for body, path in (
            (cap("minimal", now, event="x" * MAX_BYTES), "body"),
            (laughs, "body"),
            (cap("bmkg", now, expires=written_time(now + 40 * 24 * HOUR)), "alert/info/expires"),
            (cap("bmkg", now, identifier="two words"), "alert/identifier"),
        ):
            status, answer = await post(hub, desk, body)
            assert (status, answer["code"], answer["message"].partition(":")[0]) == (400, "bad_data", path)
        assert hub.store.seen_commit == before


@on_loop
async def test_what_the_desk_says_is_a_document_too(valkey_url: str) -> None:
    """Three languages, the whole city or one kelurahan with its outline and code; odd characters do no harm."""
    async with running_hub(valkey_url, carried=app.services()) as hub:
        desk = (await hub.staff("dispatcher", desk="city")).token
        text = {"headline": "Latihan <&> \x0b", "description": "Sirene berbunyi", "instruction": "Tenang"}
        data = {
            "status": "exercise", "category": "cbrne", "event": "Latihan", "urgency": "future", "severity": "minor",
            "certainty": "unlikely", "expires": hub.store.now() + HOUR, "areas": ["kranggan"],
            "texts": {"id": text, "en": text, "jv": text},
        }  # fmt: skip
        body = {"id": "0199b0a4-5e6f-7a3b-8c21-5d3f0f6f9a01", "cmd": "alert.publish", "data": data}
        status, _, answer = await http(hub.port, "POST", "/v1/commands", body, token=desk)
        assert status == 200, answer
        alert = answer["data"]["alert"]
        _, _, document = await http(hub.port, "GET", f"/v1/cap/{alert}")
        root = checked(document)
        assert (root.findtext("identifier"), root.findtext("sender")) == (alert, "kentongan.35.76")
        assert [info.findtext("language") for info in root.iter("info")] == ["id", "en", "jv"]
        assert root.findtext("info/category") == "CBRNE"
        assert root.findtext("info/area/geocode/value") == GROUND.kelurahan["kranggan"].code
        outline = (root.findtext("info/area/polygon") or "").split()
        assert outline[0] == outline[-1]
        assert len(outline) > 3
