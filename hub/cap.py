"""Alerts as documents of the Common Alerting Protocol (OASIS CAP 1.2): out for everybody, in from the city's desk.

    GET  /v1/cap        the alerts in force, as an Atom feed
    GET  /v1/cap/<id>   one alert's newest message; also for a day after its end
    POST /v1/cap        a message becomes `alert.publish`, `alert.update` or `alert.cancel`

What is wrong in a message is `bad_data` with the element's path. What CAP has and
an alert has not (onset, parameters, resources ...) is left out; texts are cut to
what an alert may say.
"""

from __future__ import annotations

import asyncio
import re
import uuid
from collections.abc import Iterable, Mapping
from typing import Any, Final, Protocol
from xml.etree import ElementTree as Tree

import msgspec
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from hub.api import STATUS
from hub.contract import Thing
from hub.dispatch import Answer, refused
from hub.doors import Doors
from hub.errors import DataError
from hub.fanout import json_view
from hub.node import Node
from hub.safe_xml import Element, put, read, written, written_time
from hub.zones import WIB, Zone

NAMESPACE: Final = "urn:oasis:names:tc:emergency:cap:1.2"
ATOM: Final = "http://www.w3.org/2005/Atom"
OURS: Final = uuid.UUID("0b3a3f0e-5a43-5b0b-8c7e-35760000ca12")
"""Names the feed, and the command of a message: sent twice, it is the same command."""
MAX_BYTES: Final = 64 * 1024
MAX_POINTS: Final = 2_000
DAY_MS: Final = 86_400_000
"""How long after `sent` a message without `expires` is in force: CAP leaves that to who receives it."""
WORDS: Final = {
    "status": "Actual Exercise Test",
    "msgType": "Alert Update Cancel",
    "scope": "Public",
    "category": "Geo Met Safety Security Rescue Fire Health Env Transport Infra CBRNE Other",
    "urgency": "Immediate Expected Future Past Unknown",
    "severity": "Extreme Severe Moderate Minor Unknown",
    "certainty": "Observed Likely Possible Unlikely Unknown",
}
HOW: Final = ("urgency", "severity", "certainty")
TEXTS: Final = ("headline", "description", "instruction")
LENGTHS: Final = {1: (160, 1200, 600), 2: (160, 800, 400), 3: (140, 500, 260)}
"""Bytes of each text, by how many languages share an alert's 4 KB."""
PATHS: Final = {
    "alert": "references", "reason": "note", "texts": "info", "areas": "info/area", "expires": "info/expires",
}  # fmt: skip
"""Where a field of a command stands in a message, if not at `alert/<field>`."""
_CODE = re.compile(r"\d\d\.\d\d(\.\d\d(\.\d{4})?)?")


class Ground(Protocol):
    """The city's kelurahan (`channels.geo.City`); rings are (lon, lat)."""

    @property
    def kelurahan(self) -> Mapping[str, Any]: ...

    def coded(self, code: str) -> Iterable[str]: ...

    def touched(self, ring: tuple[tuple[float, float], ...]) -> Iterable[str]: ...

    def within(self, lat: float, lon: float, metres: float) -> Iterable[str]: ...


class Cap:
    """The routes.

    Args:
        city: its name, as a message's area may say it. zone: its clock.
    """

    def __init__(self, node: Node, doors: Doors, ground: Ground, city: str, zone: Zone = WIB) -> None:
        self._node, self._doors, self._ground, self._city, self._zone = node, doors, ground, city, zone

    def routes(self) -> list[Route]:
        return [
            Route("/v1/cap", self.feed),
            Route("/v1/cap", self.receive, methods=["POST"]),
            Route("/v1/cap/{id}", self.document),
        ]

    async def feed(self, request: Request) -> Response:
        table = await self._node.store.table("normal", "city")
        views = [view for blob in table.things.values() if (view := json_view(blob)) and view["type"] == "alert"]
        return _xml(_feed(views, self._city, self._node.store.now(), self._zone), "application/atom+xml")

    async def document(self, request: Request) -> Response:
        need = Thing("alert", request.path_params["id"][:80])
        alert = (await self._node.store.found("normal", [need])).found[need]
        if alert is None:
            return _answer(refused("not_found", "no such alert"))
        return _xml(_message(alert, self._ground, self._city, self._zone), "application/cap+xml")

    async def receive(self, request: Request) -> Response:
        """Run a message's command; the answer is the same as of `POST /v1/commands`."""
        node, deadline = self._node, self._node.loop.time() + self._node.reply_s
        signed_in = await self._doors.signed_in(request, node.identity)
        if signed_in is None:
            return _answer(refused("not_signed_in", "no valid session for this role"))
        if signed_in.actor.desk is None:
            return _answer(refused("not_allowed", "expected somebody of the city's desk"))
        # In a thread: a drawn area is compared with every border, and emergencies do not wait for that.
        cmd, data, references = await asyncio.to_thread(
            command_of, await _body(request), self._ground, self._city, node.store.now()
        )
        answer = refused("bad_data", "alert/references: expected a message that this city knows")
        for reference in references[-10:][::-1] if cmd != "alert.publish" else [""]:
            about = {"alert": reference} if reference else {}
            id_ = str(uuid.uuid5(OURS, " ".join([data["sender"], data["identifier"], str(data["sent"]), reference])))
            found = await node.run(cmd, data | about, signed_in, id_, 0, deadline, self._doors.address(request))
            if found.code != "not_found":
                answer = found
                break
        return _answer(answer)


def command_of(body: bytes, ground: Ground, city: str, now: int) -> tuple[str, dict[str, Any], list[str]]:
    """What a message asks for: a command, its data, and the messages that it is about, as it lists them.

    Raises:
        DataError: names the element.
    """
    root = read(body, "alert", NAMESPACE)
    data: dict[str, Any] = {name: root.need(name).text for name in ("identifier", "sender")}
    data["sent"] = root.need("sent").millis()
    status, kind, _ = (root.word(name, WORDS[name]) for name in ("status", "msgType", "scope"))
    references = _references(root.need("references")) if kind != "alert" else []
    if kind == "cancel":
        note = root.one("note")
        return "alert.cancel", data | {"reason": _cut((note and note.text) or "-", 200)}, references
    if not root.all("info"):
        raise DataError("alert/info", "expected one in each language")
    infos = _by_language(root)
    data |= _said(infos["id"], data["sent"], now) | {"status": status}
    data["texts"] = {language: _text(info, LENGTHS[len(infos)]) for language, info in infos.items()}
    areas = [area for info in infos.values() for area in info.all("area")]
    data["areas"] = sorted({ward for area in areas for ward in _wards(area, ground, city)})
    if not data["areas"]:
        raise DataError(areas[0].path if areas else "alert/info/area", f"expected an area of {city}")
    return "alert.publish" if kind == "alert" else "alert.update", data, references


def _by_language(root: Element) -> dict[str, Element]:
    """One `<info>` per language of ours. Without one in Indonesian, another takes its place: everybody must read it."""
    found: dict[str, Element] = {}
    for info in root.all("info"):
        said = info.one("language")
        language = (said.text if said else "en-US").lower().partition("-")[0]  # CAP's default
        if language in found:
            raise DataError(info.path, f"expected one in {language!r}")
        found[language] = info
    known = {language: found[language] for language in ("id", "en", "jv") if language in found}
    first = next(iter(known or found))
    return {"id": found[first], **{language: info for language, info in known.items() if language != first}}


def _said(info: Element, sent: int, now: int) -> dict[str, Any]:
    said: dict[str, Any] = {name: info.word(name, WORDS[name]) for name in HOW}
    said["category"] = info.word("category", WORDS["category"], first=True)
    expires = info.one("expires")
    said |= {"event": _cut(info.need("event").text, 60), "expires": expires.millis() if expires else sent + DAY_MS}
    if said["expires"] <= now:
        raise DataError(f"{info.path}/expires", "expected a time to come")
    return said


def _text(info: Element, lengths: tuple[int, ...]) -> dict[str, str]:
    found = {tag: (one.text if (one := info.one(tag)) else "") for tag in TEXTS}
    found["headline"] = found["headline"] or info.need("event").text
    return {tag: _cut(found[tag], most) for tag, most in zip(TEXTS, lengths, strict=True)}


def _wards(area: Element, ground: Ground, city: str) -> set[str]:
    """The kelurahan that an `<area>` means: by code, else by what is drawn, else by its description."""
    codes = [one.need("value").text for one in area.all("geocode")]
    found = {ward for code in codes if _CODE.fullmatch(code) for ward in ground.coded(code)}
    if found:
        return found  # said exactly; an outline touches the neighbours as well
    for drawn in area.all("polygon"):
        points = drawn.text.split()
        if not 4 <= len(points) <= MAX_POINTS or points[0] != points[-1]:
            raise DataError(drawn.path, f"expected 4 to {MAX_POINTS} points, the last like the first")
        found.update(ground.touched(tuple((lon, lat) for lat, lon in (_point(drawn, point) for point in points))))
    for drawn in area.all("circle"):
        middle, _, radius = drawn.text.partition(" ")
        if not re.fullmatch(r"\d{1,5}(\.\d{1,9})?", radius):
            raise DataError(drawn.path, "expected lat,lon and a radius in km")
        found.update(ground.within(*_point(drawn, middle), float(radius) * 1000))
    if area.all("polygon") or area.all("circle"):
        return found
    names = {part.strip().lower() for part in re.split("[,;\n]", area.need("areaDesc").text)}
    if city.lower() in names:
        return set(ground.kelurahan)
    return {name.removeprefix("kelurahan ") for name in names} & set(ground.kelurahan)


def _point(element: Element, text: str) -> tuple[float, float]:
    found = re.fullmatch(r"(-?\d{1,2}(?:\.\d{1,15})?),(-?\d{1,3}(?:\.\d{1,15})?)", text)
    if found is None or abs(float(found[1])) > 90 or abs(float(found[2])) > 180:
        raise DataError(element.path, f"expected WGS 84 degrees lat,lon, got {text[:40]!r}")
    return float(found[1]), float(found[2])


def _references(element: Element) -> list[str]:
    parts = [part.split(",") for part in element.text.split()]
    if any(len(part) != 3 or not all(part) for part in parts):
        raise DataError(element.path, "expected sender,identifier,sent, with a space between two of them")
    return [f"{sender},{identifier}" for sender, identifier, _ in parts]


def _cut(text: str, most: int) -> str:
    """At most so many bytes of UTF-8; what was cut off is marked."""
    raw = text.encode()
    return text if len(raw) <= most else raw[: most - 3].decode(errors="ignore").rstrip() + "…"


async def _body(request: Request) -> bytes:
    body = b""
    async for chunk in request.stream():
        body += chunk
        if len(body) > MAX_BYTES:
            raise DataError("body", f"expected at most {MAX_BYTES} bytes")
    return body


def _message(alert: Any, ground: Ground, city: str, zone: Zone) -> Tree.Element:
    """The newest message about an alert, its elements in the order of the schema."""
    root, message = Tree.Element("alert", xmlns=NAMESPACE), alert.message
    put(root, identifier=message.identifier, sender=message.sender, sent=written_time(message.sent, zone))
    put(root, status=_cap("status", alert.status), msgType=_cap("msgType", alert.msg_type), scope="Public")
    if alert.reason:
        put(root, note=alert.reason)
    if alert.earlier:
        sent = [f"{one.sender},{one.identifier},{written_time(one.sent, zone)}" for one in alert.earlier]
        put(root, references=" ".join(sent))
    for language in ("id", "en", "jv"):
        text = getattr(alert.texts, language)
        if text is None:
            continue
        info = Tree.SubElement(root, "info")
        put(info, language=language, category=_cap("category", alert.category), event=alert.event)
        put(info, **{word: _cap(word, getattr(alert, word)) for word in HOW})
        texts = {tag: said for tag in TEXTS if (said := getattr(text, tag))}
        put(info, expires=written_time(alert.expires, zone), **texts)
        for name, wards in _areas(alert, ground, city):
            area = Tree.SubElement(info, "area")
            put(area, areaDesc=name)
            for ward in wards:
                for polygon in ward.polygons:
                    put(area, polygon=" ".join(f"{lat},{lon}" for lon, lat in polygon[0]))
            for ward in wards:
                put(Tree.SubElement(area, "geocode"), valueName="Kemendagri", value=ward.code)
    return root


def _areas(alert: Any, ground: Ground, city: str) -> list[tuple[str, list[Any]]]:
    wards = [ground.kelurahan[id_] for id_ in alert.areas]
    return [(city, wards)] if alert.whole_city else [(f"Kelurahan {ward.name}, {city}", [ward]) for ward in wards]


def _feed(views: list[dict[str, Any]], city: str, now: int, zone: Zone) -> Tree.Element:
    views.sort(key=lambda view: view["at"], reverse=True)
    feed = Tree.Element("feed", xmlns=ATOM)
    put(feed, id=f"urn:uuid:{OURS}", title=city, updated=written_time(views[0]["at"] if views else now, zone))
    put(Tree.SubElement(feed, "author"), name=city)
    for view in views:
        entry = Tree.SubElement(feed, "entry")
        title, updated = view["texts"]["id"]["headline"], written_time(view["at"], zone)
        put(entry, id=f"urn:uuid:{view['id']}", title=title, updated=updated)
        Tree.SubElement(entry, "link", href=f"/v1/cap/{view['id']}", type="application/cap+xml")
    return feed


def _cap(tag: str, word: str) -> str:
    return next(cap for cap in WORDS[tag].split() if cap.lower() == word)


def _xml(root: Tree.Element, kind: str) -> Response:
    return Response(written(root), 200, {"Cache-Control": "no-store"}, f"{kind}; charset=utf-8")


def _answer(answer: Answer) -> Response:
    if answer.code == "bad_data" and answer.message.startswith("data."):
        field, _, words = answer.message.removeprefix("data.").partition(": ")
        place = PATHS.get(field.partition(".")[0], field)
        answer = msgspec.structs.replace(answer, message=f"alert/{place}: {words}")
    status = 200 if answer.ok else STATUS.get(answer.code, 409)
    return Response(msgspec.json.encode(answer.body()), status, {"Cache-Control": "no-store"}, "application/json")
