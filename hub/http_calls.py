"""Every route of a hub, as data: what the document says of it. A test holds it against the routes themselves."""

from __future__ import annotations

from typing import Any, Final, Literal

from msgspec import Struct, field

from hub import http_shapes as shapes

Where = Literal["path", "query", "header"]


class Param(Struct, frozen=True):
    name: str
    text: str
    where: Where = "query"
    schema: dict[str, Any] = field(default_factory=lambda: {"type": "string"})


class Said(Struct, frozen=True):
    """One answer. `body` None: nothing that a schema describes. `packed`: as MessagePack too, to who accepts it."""

    status: int
    text: str
    body: type[Struct] | None = None
    media: str = "application/json"
    packed: bool = True


class Call(Struct, frozen=True, kw_only=True):
    """One method of one route.

    Args:
        body: what it takes; `commands` for any command of the services.
        open: nobody need be signed in. public: only a public hub has it. demo: only a simulated city.
        refusals: codes it may answer with, beside those of every route.
    """

    method: str
    path: str
    text: str
    tag: str
    answers: tuple[Said, ...]
    params: tuple[Param, ...] = ()
    body: type[Struct] | Literal["commands", "xml", "tracker", "list"] | None = None
    open: bool = False
    public: bool = False
    demo: bool = False
    refusals: tuple[str, ...] = ()


AS: Final = Param("as", "the page role whose cookie counts: `medic`, `seller` ...; none: `resident`")
ATOM: Final = "application/atom+xml"
CAP: Final = "application/cap+xml"
PROTOBUF: Final = "application/x-protobuf"
HTML: Final = "text/html"
MANIFEST: Final = "application/manifest+json"
INSTALLED: Final = ("", "/medic", "/shop", "/van", "/dispatch")
"""Before the manifest and the worker of each page that a phone can install."""
NUMBER: Final = {"type": "integer", "minimum": 1, "maximum": 50, "default": 20}
OSMAND: Final = {
    "id": "the key that `van.tracker` made", "lat": "degrees", "lon": "degrees",
    "timestamp": "seconds, milliseconds or ISO 8601", "speed": "knots", "bearing": "degrees", "altitude": "metres",
    "accuracy": "metres", "batt": "percent",
}  # fmt: skip
FLAG: Final = {"type": "string", "enum": ["0", "1"]}


def _id(text: str) -> Param:
    return Param("id", text, "path")


def _feed(name: str, text: str) -> Call:
    said = (Said(200, "a GTFS-Realtime 2.0 `FeedMessage`, at most a second old", None, PROTOBUF),
            Said(304, "it has not changed"))  # fmt: skip
    return Call(method="GET", path=f"/v1/gtfs-rt/{name}.pb", text=text, tag="feeds", answers=said,
                open=True, public=True, refusals=("unavailable",))  # fmt: skip


def _tracker(method: str, params: tuple[Param, ...], body: Literal["tracker"] | None) -> Call:
    said = (Said(200, "what became of the fixes", shapes.TrackerAnswer, packed=False),)
    refusals = ("bad_data", "wrong_clock", "not_found", "too_many", "unavailable")
    return Call(method=method, path="/v1/trackers/osmand", text="A van's tracker says where it is", tag="feeds",
                answers=said, params=params, body=body, open=True, public=True, refusals=refusals)  # fmt: skip


def _page(path: str, text: str, media: str = HTML, **more: Any) -> Call:
    return Call(method="GET", path=path, text=text, tag="pages", answers=(Said(200, text, None, media),),
                open=True, public=True, **more)  # fmt: skip


CALLS: Final[tuple[Call, ...]] = (
    Call(method="GET", path="/v1/live", text="The WebSocket; see the AsyncAPI document", tag="live", params=(AS,),
         answers=(Said(101, "the socket is open"), Said(400, "no subprotocol of ours was offered", None, "text/plain"),
                  Said(503, "the hub drains, or the store cannot be reached", None, "text/plain")), open=True),
    Call(method="GET", path="/v1/config", text="What a page must know before it signs in", tag="hub",
         answers=(Said(200, "the city and its hubs", shapes.Config),), open=True),
    Call(method="GET", path="/v1/sessions", text="My devices", tag="sessions", params=(AS,),
         answers=(Said(200, "the sign-ins that stand", shapes.Sessions),), refusals=("not_signed_in", "unavailable")),
    Call(method="POST", path="/v1/sessions", text="Sign a device in, or redeem an enrolment code", tag="sessions",
         body=shapes.SignIn, answers=(Said(201, "signed in; the role's cookie is set", shapes.SignedIn),), open=True,
         refusals=("bad_data", "bad_frame", "not_allowed", "unavailable")),
    Call(method="DELETE", path="/v1/sessions/{id}", text="Sign one device out: its sockets close", tag="sessions",
         params=(_id("a session's id, or `current`"), AS), answers=(Said(200, "signed out", shapes.SignedOut),),
         refusals=("not_signed_in", "not_found", "unavailable")),
    Call(method="GET", path="/v1/oidc/start", text="Begin to sign in by the city's own account (staff)",
         tag="sessions", params=(Param("page", "the page that is to open: `/dispatch`, `/medic`, `/van`"),
                                 Param("lang", "what that page is read in: `id` or `en`")),
         answers=(Said(303, "to the city's provider, in a browser", None, "text/html"),), open=True, public=True,
         refusals=("bad_data", "not_allowed", "not_found", "too_many", "unavailable")),
    Call(method="GET", path="/v1/oidc/callback", text="Where the provider sends the person back to",
         tag="sessions", params=(Param("code", "the provider's code"), Param("state", "what was begun, once"),
                                 Param("iss", "the issuer (RFC 9207)"), Param("error", "why it gives no code")),
         answers=(Said(303, "to the person's page; the role's cookie is set", None, "text/html"),), open=True,
         public=True, refusals=("not_allowed", "not_found", "too_many", "unavailable")),
    Call(method="GET", path="/v1/oidc/end", text="Leave the city's own account as well, after a sign-out (staff)",
         tag="sessions", params=(Param("page", "the page where it was left: `/dispatch`, `/medic`, `/van`"),
                                 Param("lang", "what that page is read in: `id` or `en`")),
         answers=(Said(303, "to the city's provider, in a browser", None, "text/html"),), open=True, public=True,
         refusals=("bad_data", "not_allowed", "not_found", "too_many", "unavailable")),
    Call(method="GET", path="/v1/oidc/ended", text="Where the provider sends the person back to then",
         tag="sessions", params=(Param("state", "the page, without its slash"),),
         answers=(Said(303, "to that page", None, "text/html"),), open=True, public=True),
    Call(method="POST", path="/v1/enrolments", text="A one-time link for one's desk: somebody new, or a new device",
         tag="staff", params=(AS,), body=shapes.Enrol, answers=(Said(201, "the link, and it drawn", shapes.Enrolled),),
         refusals=("bad_data", "bad_frame", "not_signed_in", "not_allowed", "not_found", "too_many", "unavailable")),
    Call(method="GET", path="/v1/staff", text="A desk's people with their sign-ins", tag="staff",
         params=(Param("shop", "those of one shop"), Param("desk", "those of one desk, for an admin"), AS),
         answers=(Said(200, "the people", shapes.StaffList),),
         refusals=("not_signed_in", "not_allowed", "not_found", "too_many", "unavailable")),
    Call(method="POST", path="/v1/staff/list", text="Enrol people of one's desk from a CSV file", tag="staff",
         params=(AS,), body="list", answers=(Said(200, "a link for each good row, and faults", shapes.StaffListed),),
         refusals=("bad_data", "not_signed_in", "not_allowed", "too_many", "unavailable")),
    Call(method="DELETE", path="/v1/staff/{person}/sessions/{id}", text="Sign somebody out: their sockets close",
         tag="staff", params=(Param("person", "whom", "path"), _id("a session's id, or `all`"), AS),
         answers=(Said(200, "how many were ended", shapes.Revoked),),
         refusals=("not_signed_in", "not_allowed", "not_found", "too_many", "unavailable")),
    Call(method="GET", path="/v1/push", text="What a page subscribes to Web Push with", tag="push", params=(AS,),
         open=True, answers=(Said(200, "the city's key", shapes.PushKey),), refusals=("unavailable",)),
    Call(method="POST", path="/v1/push/subscriptions", text="Have this sign-in's device woken",
         tag="push", params=(AS,), body=shapes.Subscribe, answers=(Said(201, "it will be", shapes.Empty),),
         refusals=("bad_data", "bad_frame", "not_signed_in", "not_allowed", "too_many", "unavailable")),
    Call(method="DELETE", path="/v1/push/subscriptions", text="Have it woken no more", tag="push", params=(AS,),
         answers=(Said(200, "it will not be", shapes.Empty),), refusals=("not_signed_in", "unavailable")),
    Call(method="POST", path="/v1/push/received", text="Say that this phone received a push: its service worker does",
         tag="push", params=(AS,), body=shapes.PushReceived, answers=(Said(200, "noted", shapes.Accepted),),
         refusals=("bad_data", "bad_frame", "not_signed_in", "not_allowed", "not_found", "unavailable")),
    Call(method="POST", path="/v1/commands", text="Run a command, as `call` does at a socket", tag="commands",
         params=(AS,), body="commands", answers=(Said(200, "decided and on disk", shapes.Accepted),),
         refusals=("bad_data", "bad_frame", "not_signed_in", "not_allowed", "not_found", "unknown_command",
                   "illegal_step", "too_many", "unavailable", "unconfirmed", "internal")),
    Call(method="GET", path="/v1/topics/{topic}", text="A topic's table now", tag="topics",
         params=(Param("topic", "its name, slashes and all: `shops/kranggan`", "path"), AS), open=True,
         answers=(Said(200, "the table", shapes.Snapshot),),
         refusals=("unknown_topic", "not_signed_in", "not_allowed", "unavailable")),
    Call(method="GET", path="/health/live", text="Whether the process answers", tag="hub", open=True,
         answers=(Said(200, "it does", shapes.Alive),)),
    Call(method="GET", path="/health/ready", text="Whether the hub serves", tag="hub", open=True,
         answers=(Said(200, "it does", shapes.Ready), Said(503, "it does not, and why", shapes.Unready))),
    Call(method="GET", path="/metrics", text="Figures for Prometheus", tag="hub", open=True,
         answers=(Said(200, "text format 0.0.4", None, "text/plain"),)),
    Call(method="GET", path="/v1/audit/head", text="The newest signed head of the archived audit log", tag="hub",
         open=True, answers=(Said(200, "the head; keep it elsewhere", shapes.AuditHead),),
         refusals=("not_found", "unavailable")),
    Call(method="GET", path="/v1/cap", text="The alerts in force", tag="feeds", open=True,
         answers=(Said(200, "an Atom feed", None, ATOM),), refusals=("unavailable",)),
    Call(method="POST", path="/v1/cap", text="Publish, update or cancel an alert by a CAP 1.2 message", tag="feeds",
         params=(AS,), body="xml", answers=(Said(200, "what the command answers", shapes.Accepted, packed=False),),
         refusals=("bad_data", "not_signed_in", "not_allowed", "not_found", "illegal_step", "unavailable")),
    Call(method="GET", path="/v1/cap/{id}", text="One alert's newest message", tag="feeds", open=True,
         params=(_id("the alert's id"),), answers=(Said(200, "CAP 1.2", None, CAP),),
         refusals=("not_found", "unavailable")),
    Call(method="GET", path="/v1/shops", text="Search shops and products", tag="search", open=True, public=True,
         params=(Param("q", "words of shops, products, categories, kelurahan; none: all"),
                 Param("category", "`food`, `goods` or `made_to_order`"), Param("near", "`<lat>,<lon>`"),
                 Param("open", "1: only open ones, 0: only closed ones", "query", FLAG),
                 Param("kelurahan", "one of the city's, by its id"),
                 Param("limit", "at most so many", "query", NUMBER)),
         answers=(Said(200, "open shops first, then closed ones", shapes.Found),),
         refusals=("bad_data", "unavailable")),
    Call(method="GET", path="/v1/shops/{id}", text="One shop with all its products", tag="search", open=True,
         public=True, params=(_id("the shop's id"),), answers=(Said(200, "the shop", shapes.OneShop),),
         refusals=("not_found", "unavailable")),
    Call(method="GET", path="/v1/reports", text="The reports of the asker's desk", tag="reports", public=True,
         params=(AS,), answers=(Said(200, "their names", shapes.ReportNames),),
         refusals=("not_signed_in", "not_allowed", "unavailable")),
    Call(method="GET", path="/v1/reports/{name}", text="A desk's own figures out of the long memory", tag="reports",
         public=True, params=(Param("name", "its name", "path"), Param("from", "a day like 2026-11-01"),
                              Param("to", "a day, which counts"), Param("format", "`csv`: as a file"), AS),
         answers=(Said(200, "by month and kelurahan", shapes.ReportMade),),
         refusals=("bad_data", "not_signed_in", "not_allowed", "not_found", "unavailable")),
    Call(method="GET", path="/v1/privacy", text="What is kept of people, by kind, and how long", tag="privacy",
         open=True, public=True, answers=(Said(200, "as the services declare it", shapes.PrivacyKept),)),
    Call(method="GET", path="/v1/privacy/mine", text="What stands of the asker, and who saw a card of theirs",
         tag="privacy", public=True, params=(AS,), answers=(Said(200, "the asker's", shapes.PrivacyMine),),
         refusals=("not_signed_in", "not_allowed", "unavailable")),
    Call(method="GET", path="/v1/privacy/export", text="Everything that is kept of the asker, as a file",
         tag="privacy", public=True, params=(AS,), answers=(Said(200, "all of it", shapes.Exported, packed=False),),
         refusals=("not_signed_in", "not_allowed", "not_found", "unavailable")),
    Call(method="POST", path="/v1/privacy/erase", text="Forget the asker: key, sign-ins, what is personal",
         tag="privacy", public=True, params=(AS,), body=shapes.Erase,
         answers=(Said(200, "it is done", shapes.Accepted),),
         refusals=("bad_data", "bad_frame", "not_signed_in", "not_allowed", "not_found", "illegal_step",
                   "unavailable", "unconfirmed")),
    Call(method="GET", path="/v1/angka", text="What anybody may know of how the city is served", tag="reports",
         open=True, public=True, answers=(Said(200, "small counts are hidden", shapes.PublicFigures, packed=False),
                                          Said(304, "it has not changed")),
         refusals=("not_found", "unavailable")),
    Call(method="GET", path="/v1/angka.csv", text="The same as a file", tag="reports", open=True, public=True,
         answers=(Said(200, "a line for each cell", None, "text/csv"), Said(304, "it has not changed")),
         refusals=("not_found", "unavailable")),
    Call(method="POST", path="/v1/demo", text="Fresh codes for a visitor's own people", tag="hub", open=True,
         public=True, demo=True, answers=(Said(201, "each code is used once", shapes.DemoStarted, packed=False),)),
    _tracker("GET", tuple(Param(name, text) for name, text in OSMAND.items()), None),
    _tracker("POST", (), "tracker"),
    _feed("vehicle-positions", "Where the vans are"),
    _feed("trip-updates", "When the vans come"),
    _feed("alerts", "The alerts in force, for journey planners"),
    Call(method="GET", path="/v1/openapi.json", text="This document", tag="documents", open=True, public=True,
         answers=(Said(200, "OpenAPI 3.1", None), Said(304, "it has not changed"))),
    Call(method="GET", path="/v1/asyncapi.json", text="The topics and frames of `/v1/live`", tag="documents",
         open=True, public=True, answers=(Said(200, "AsyncAPI 3", None), Said(304, "it has not changed"))),
    _page("/docs", "Both documents, to be read"),
    _page("/", "The resident's page"),
    _page("/medic", "The medic's page"),
    _page("/shop", "The seller's page"),
    _page("/van", "The crew's page"),
    _page("/dispatch", "The desks"),
    _page("/privasi", "What is kept of people, why and how long"),
    _page("/angka", "What anybody may know of how the city is served"),
    _page("/demo", "A simulated city's four phones", demo=True),
    *(_page(f"{at}/manifest.json", "What the page is called once it is installed", MANIFEST) for at in INSTALLED),
    *(_page(f"{at}/sw.js", "The page's service worker", "text/javascript") for at in INSTALLED),
    _page("/static/data/kelurahan.geojson", "The city's kelurahan", "application/json"),
    _page("/static/words/{page}/{language}.js", "A page's words", "text/javascript",
          params=(Param("page", "`resident`, `medic` ...", "path"), Param("language", "`id`", "path"))),
    _page("/static/resident/page.js", "The second half of the resident's page, as one file", "text/javascript"),
    _page("/client/kentongan.js", "The JavaScript client, as one file", "text/javascript"),
    _page("/static/{path}", "The pages' files", "application/octet-stream",
          params=(Param("path", "a file's path", "path"),)),
    _page("/client/{path}", "The JavaScript client", "text/javascript",
          params=(Param("path", "a file's path", "path"),)),
)  # fmt: skip
"""In the order of the document."""
