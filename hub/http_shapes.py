"""Bodies that travel over HTTP, as structs: what each route takes and answers."""

from __future__ import annotations

from typing import Annotated, Any, Final, Literal

from msgspec import UNSET, Meta, Struct, UnsetType

_POINT: Final = "BGsX0fLhLEJH-Lzm5WOkQPJ3A32BLeszoPShOUXYmMKWT-NC4v4af5uO5-tKfA-eFivOM1drMV7Oy7ZAaDe_UfU"
"""The generator of P-256."""


class Body(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A map, as a body."""


class Neighbour(Body, frozen=True):
    """Another city that the same hub serves."""

    code: str
    name: str


class Zone(Body, frozen=True):
    """The city's clock: so many `hours` ahead of UTC, no summer time; `letters` as people know it."""

    name: str
    hours: int
    letters: str


class Config(Body, frozen=True):
    """What a page must know before it signs in. `medics_on_duty` null: the store cannot be asked.

    `city_sign_in`: the pages that staff may open by the city's own account, at `/v1/oidc/start`.
    """

    city: str
    city_name: str
    live: str
    help: str
    url: str
    help_url: str
    beat_s: float
    emergency: list[str]
    languages: list[str]
    zone: Zone
    neighbours: list[Neighbour]
    medics_on_duty: int | None
    demo: bool
    city_sign_in: list[str]
    at: int


class SignIn(Struct, frozen=True, kw_only=True):
    """`device`: a secret that the device made itself; the same one is the same person. Or `code`, from an enrolment."""

    device: Annotated[str, Meta(pattern=r"^[0-9a-f]{64}\Z")] | UnsetType = UNSET
    code: Annotated[str, Meta(min_length=16, max_length=64)] | UnsetType = UNSET
    city: str | UnsetType = UNSET


class SignedIn(Body, frozen=True):
    """The token of one device; it never travels in an address."""

    person: str
    role: str
    token: str
    expires_at: int


class Session(Body, frozen=True):
    id: str
    role: str
    created_at: int
    expires_at: int


class Sessions(Body, frozen=True):
    sessions: list[Session]


class Enrol(Body, frozen=True):
    """Somebody new at the asker's desk (`role`, `name`); a seller has a shop, a crew a van, a dispatcher a desk.

    Or a new device of `person`: all else is known and, if given, must be the same. `replace`: the sign-in that ends
    when the link is used, by its id, or true for all of that person's.
    """

    role: str | UnsetType = UNSET
    name: str | UnsetType = UNSET
    shop: str | None = None
    van: str | None = None
    desk: str | None = None
    vehicle: str | UnsetType = UNSET
    person: str | UnsetType = UNSET
    replace: str | bool | UnsetType = UNSET


class Qr(Body, frozen=True):
    """A QR code as an SVG path in a square of `size` modules."""

    size: int
    path: str


class Enrolled(Body, frozen=True):
    """A one-time link; the code stands behind its `#` and travels in no request."""

    person: str
    role: str
    link: str
    code: str
    expires_at: int
    qr: Qr


class StaffList(Body, frozen=True):
    """The desk's people with their sign-ins, newest first; `may`: whom the asker may enrol."""

    people: list[dict[str, Any]]
    more: int
    may: list[dict[str, str]]
    at: int


class RowFault(Body, frozen=True):
    """What is wrong with a row of a list; `line` is the file's."""

    line: int
    column: str
    expected: str
    got: str


class RowLink(Body, frozen=True):
    """A one-time link for the person of a row."""

    line: int
    role: str
    name: str
    link: str


class StaffListed(Body, frozen=True):
    """What became of a list. `same`: people who have a sign-in already, and get no other link."""

    rows: int
    enrolled: int
    same: int
    errors: list[RowFault]
    links: list[RowLink]


class Revoked(Body, frozen=True):
    """`account` as in `SignedOut`, to who has signed themselves out."""

    revoked: int
    account: str | UnsetType = UNSET


class SignedOut(Body, frozen=True):
    """`account`: a path of this hub that leads out of the city's account too, where the sign-in began by it."""

    account: str | UnsetType = UNSET


class PushKey(Body, frozen=True):
    """`key`: what a browser subscribes with (`applicationServerKey`, base64url). `mine`: this sign-in is subscribed."""

    key: str
    mine: bool


class PushKeys(Struct, frozen=True):
    """As the browser says them, in base64url: a point of P-256 (65 bytes), a secret (16 bytes)."""

    p256dh: Annotated[str, Meta(examples=[_POINT])]
    auth: Annotated[str, Meta(examples=["AAAAAAAAAAAAAAAAAAAAAA"])]


class Subscribe(Struct, frozen=True):
    """A browser's push subscription. Other keys of it are ignored."""

    endpoint: Annotated[str, Meta(max_length=500, examples=["https://push.example/contoh"])]
    keys: PushKeys


class PushReceived(Struct, frozen=True):
    """`id`: a UUID, the same at every retry. `kind` and `of` are the push's `kind` and `id`."""

    id: Annotated[str, Meta(min_length=1, max_length=80, examples=["01890a5d-ac96-774b-bcce-b302099a8057"])]
    kind: Annotated[str, Meta(min_length=1, max_length=40, examples=["offer"])]
    of: Annotated[str, Meta(min_length=1, max_length=120)]


class Empty(Body, frozen=True):
    """`{}`."""


class Refusal(Body, frozen=True, kw_only=True):
    """`code` is a stable word. `retry`: not known to be done; try again with the same id."""

    ok: bool
    code: str
    message: str
    retry: bool
    data: dict[str, Any] | UnsetType = UNSET


class Accepted(Body, frozen=True):
    """Decided, and on disk."""

    ok: bool
    data: dict[str, Any]


class Snapshot(Body, frozen=True):
    """A topic's table at `offset`; what the views look like stands in the AsyncAPI document."""

    topic: str
    epoch: str
    offset: int
    things: dict[str, dict[str, Any]]


class FoundProduct(Body, frozen=True):
    """`stock` null: not counted. `matched`: what the question is about."""

    id: str
    name: str
    price: int
    stock: int | None
    state: Literal["available", "sold_out"]
    made_here: bool
    matched: bool


class FoundShop(Body, frozen=True, kw_only=True):
    id: str
    name: str
    category: str
    kelurahan: str
    lat: float | None
    lon: float | None
    state: Literal["open", "closed"]
    busy_min: int
    made_here: bool
    product_count: int
    products: list[FoundProduct]
    address: str | UnsetType = UNSET
    why: str | UnsetType = UNSET
    opens_at: int | UnsetType = UNSET
    distance_m: int | UnsetType = UNSET


class WholeShop(FoundShop, frozen=True, kw_only=True):
    """With all its products. `hours`: seven days from Monday, in minutes from midnight in the city; empty: always."""

    hours: list[list[tuple[int, int]]]


class Found(Body, frozen=True):
    """Everything committed up to `as_of` is in it. `more`: there are others."""

    as_of: int
    shops: list[FoundShop]
    more: bool


class OneShop(Body, frozen=True):
    as_of: int
    shop: WholeShop


class AuditHead(Body, frozen=True):
    """The end of the archived audit log, signed (Ed25519) each hour; `hash`, `public_key`, `signature` in hex.

    What is signed: five lines, `kentongan audit head 1`, city, seq, hash, at.
    """

    city: str
    seq: int
    hash: str
    at: int
    public_key: str
    signature: str


class ReportName(Body, frozen=True):
    """`ms`: its durations. `shares`: count -> out of which count."""

    name: str
    ms: list[str]
    shares: dict[str, str]


class ReportNames(Body, frozen=True):
    reports: list[ReportName]


class Took(Body, frozen=True):
    """`n` times; null of nothing."""

    n: int
    p50_ms: int | None
    p90_ms: int | None


class Share(Body, frozen=True):
    n: int
    of: int


class ReportRow(Body, frozen=True):
    """`month` like 2026-11, `place` a kelurahan; empty: all."""

    month: str
    place: str
    n: int
    took: dict[str, Took]
    shares: dict[str, Share]


class ReportMade(Body, frozen=True):
    """From the day `since` to the day `until`, both counted. `demo`: of a simulated city."""

    name: str
    since: str
    until: str
    demo: bool
    rows: list[ReportRow]


class KeptKind(Body, frozen=True):
    """One kind of personal field. `days`: how long the long memory keeps it."""

    kind: str
    days: int
    services: list[str]
    fields: list[str]


class PrivacyKept(Body, frozen=True):
    """`ended_h`: how long what ended stays on screens. `looks_days`: how long people may read who saw their card."""

    city: str
    kinds: list[KeptKind]
    ended_h: dict[str, int]
    looks_days: int


class SeenBy(Body, frozen=True):
    """Who was shown a card; `name` empty for who is not enrolled any more."""

    at: int
    role: str
    desk: str
    name: str
    thing: str


class PrivacyMine(Body, frozen=True):
    """`kept`: type of thing -> how many. `open`: what is under way, while which nobody is erased."""

    person: str
    kept: dict[str, int]
    open: list[str]
    sealed: bool
    looks: list[SeenBy]
    at: int


class Exported(Struct, frozen=True):
    """Everything that is kept of a person; audit entries with `told`, what was said, where their key stands."""

    person: str
    city: str
    at: int
    sign_ins: list[Session]
    enrolled: dict[str, Any] | None
    woken_at: list[str]
    things: dict[str, dict[str, Any]]
    fixes: dict[str, dict[str, Any]]
    looks: list[dict[str, Any]]
    audit: list[dict[str, Any]]


class Erase(Struct, frozen=True):
    """`sure`: what is erased cannot be brought back."""

    sure: Literal[True]


class PublicCell(Body, frozen=True):
    """`n`, and how many of them were `good`: a number, or why it is hidden.

    `<5`: too few. `-`: it would give another one away. `>45`, of `good`: all but too few. `took`: name -> p50 and p90
    in s.
    """

    n: int | str
    good: int | str
    took: dict[str, tuple[int, int]]


class PublicWeek(Body, frozen=True):
    """From the Monday `since` to the Sunday `until`."""

    since: str
    until: str
    cell: PublicCell


class PublicPart(Body, frozen=True):
    """A kelurahan; empty: elsewhere."""

    kelurahan: str
    cell: PublicCell


class PublicMonth(Body, frozen=True):
    """Whole weeks: those whose Thursday lies in `month` (like 2026-11)."""

    month: str
    since: str
    until: str
    cell: PublicCell
    weeks: list[PublicWeek]
    kelurahan: list[PublicPart]


class PublicFigure(Body, frozen=True):
    """Its months, the newest first. `of`, `good`: what is counted. `ms`: its durations."""

    name: str
    of: str
    good: str
    ms: list[str]
    months: list[PublicMonth]


class PublicFigures(Body, frozen=True):
    """Counted up to `as_of`; the next month comes out at `next_at`. `zone`: letters of the city's clock."""

    as_of: int
    next_at: int
    zone: str
    demo: bool
    few: int
    figures: list[PublicFigure]


class Taken(Body, frozen=True):
    """How many fixes of a request were new, late, doubted, and could not be."""

    taken: int
    late: int
    quarantined: int
    refused: int | UnsetType = UNSET


class TrackerAnswer(Body, frozen=True):
    ok: bool
    data: Taken


class Spot(Body, frozen=True):
    lat: float
    lon: float


class DemoCodes(Body, frozen=True):
    medic: str
    seller: str
    crew: str
    dispatcher: str


class DemoStarted(Body, frozen=True):
    """One-time codes of one visitor's own people."""

    codes: DemoCodes
    place: Spot
    medic_place: Spot


class Alive(Body, frozen=True):
    live: bool


class Ready(Body, frozen=True):
    ready: bool
    node: str


class Unready(Body, frozen=True):
    ready: bool
    why: str


class Delivery(Body, frozen=True):
    """What a service account's webhook hears: a change of its `order` or `want`; `view` null: it left the table.

    `kind` `order.resent` or `want.resent`: it changed while the log was lost, and this is how it stands.
    """

    id: str
    at: int
    offset: int
    kind: str
    topic: str
    thing: str
    view: dict[str, Any] | None
