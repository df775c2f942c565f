"""Every key of the store, in words.

All keys of a city share the hash tag `{35.76}`, so that one script touches all
it needs and a cluster keeps a city on one node. `<...>` is filled in.

    {35.76}:head               hash    epoch, commit (the city's last commit number), at (its time, ms),
                                       kind (demo|real; restoring: closed, by the restore named in
                                       `restore`), version (of this layout), replid, base (public address),
                                       first_admin (whose link an empty city prints)
    {35.76}:thing:<type>:<id>  hash    v (the commit that wrote it), s (MessagePack of its struct)
    {35.76}:claim:<name>       string  who holds the name
    {35.76}:set:<index>        set     ids by which a need finds things
    {35.76}:geo:<index>        geo     the same by place
    {35.76}:table:<topic>      hash    id -> view (MessagePack)
    {35.76}:offsets            hash    topic -> commit of its last change
    {35.76}:fixes:<topic>      hash    id -> fix beside the table (MessagePack)
    {35.76}:fix:<type>         hash    id -> the newest fix (MessagePack); `<id>|at` -> its fix_at,
                                       `<id>|v` -> how often this record was written
    {35.76}:timers:<lane>      zset    timer id -> due or leased until, ms
    {35.76}:timer:<lane>       hash    timer id -> [version, cmd, data, due] (MessagePack)
    {35.76}:out:<person>:<id>  string  a command's recorded outcome, 24 h
    {35.76}:log:<lane>         stream  <commit>-0, field e = the entry that was published
    {35.76}:lanes              hash    lane -> commit of its last entry
    {35.76}:bus:<lane>         channel every entry of the lane
    {35.76}:moved              channel fixes
    {35.76}:audit              stream  who did what: ids and field names, personal fields sealed; fields commit, at,
                                       e (MessagePack)
    {35.76}:archive            hash    position (an id of `audit`: it is archived up to there), seq, hash (of its row),
                                       head (the last signed one, JSON)
    {35.76}:here:<person>      hash    node -> "<until> <visible> <audible> <at>"
    {35.76}:session:<digest>   hash    a sign-in; digest = SHA-256 of the token
    {35.76}:sessions:<person>  set     digests of the person's sign-ins
    {35.76}:enrol:<digest>     string  who a one-time code makes, 24 h; replace: the sign-in that ends with its use
                                       (the first 32 digits of its digest, or `all`)
    {35.76}:workers            hash    worker -> its figures (MessagePack), for `/metrics` alone
    {35.76}:codes:<person>     set     digests of the codes that were made for a person, 24 h
    {35.76}:member:<person>    hash    role, name, vehicle, desk, shop, van of somebody enrolled; at: last enrolled, ms
    {35.76}:people:<group>     zset    person -> last enrolled, ms; <group> is a desk that enrols (medic, market, van,
                                       city, admin), or `shop:<id>` for those who sell in one shop
    {35.76}:seen:<digest>      hash    node -> "<live until> <at>", a sign-in of staff and its sockets there
    {35.76}:barred             set     people whom their desk signed out of everything: the city's account lets them in
                                       again only after a new link
    {35.76}:oidc:<digest>      string  a sign-in by the city's account came back with this state; 11 min: never twice
    {35.76}:services           hash    person -> name of every service account that was enrolled
    {35.76}:hooks              hash    service account -> its webhook (MessagePack), its secret sealed
    {35.76}:hookfeed           hash    how far the normal lane became deliveries: epoch, commit; seq numbers them
    {35.76}:wakeable           hash    <role>:<person> whose devices can be woken -> [shops, desks, vans] of these
    {35.76}:push:<role>:<person>  hash  digest of a sign-in -> its push subscription (MessagePack)
    {35.76}:pushed:<name>      string  `going` (leased) or `done`: one ring at one device, some minutes
    {35.76}:got:<kind>:<id>    set     people whose phones say that they received this push, an hour; only of those
                                       that no service hears of
    {35.76}:hook:due:<person>     zset  thing -> when the first delivery of its line is tried next, ms
    {35.76}:hook:lease:<person>   zset  thing -> leased until, ms: its first delivery is under way
    {35.76}:hook:tries:<person>   hash  thing -> "<attempts> <first at>" of the first delivery of its line
    {35.76}:hook:item:<person>    hash  delivery id -> [thing, body] (MessagePack)
    {35.76}:hook:age:<person>     zset  delivery id -> seq, so that the oldest is known
    {35.76}:hook:health:<person>  hash  ok_at, failed_at, error of the last attempts
    {35.76}:hook:dead:<person>    zset  delivery id -> dead since, ms
    {35.76}:hook:letter:<person>  hash  delivery id -> [thing, body, attempts, error] (MessagePack)
    {35.76}:hookline:<person>:<thing>  list  delivery ids of one thing, the oldest first
    {35.76}:fence              string  written behind a commit, so that WAIT covers it
    {35.76}:person_keys        hash    person -> the key that seals what is personal of theirs: 32 random bytes
    {35.76}:erased             zset    person -> when they were erased, ms: done again after a restore
    {35.76}:looks:<person>     list    who saw a card of theirs, the newest first: [at, viewer, role, desk, thing]
                                       (MessagePack), as long as names are kept
    {35.76}:looked:<viewer>:<thing>  string  that look is noted, 10 min
    {35.76}:backup             hash    the last one: at (its cut), commit, took_ms, bytes, every_s (0: nobody said),
                                       folder
    {35.76}:restore:<key>      any     a key of a restore under way, until it takes its place
    {35.76}:secret             string  the city's key: 32 random bytes

An entry (log and bus): `<commit> <epoch> <lane_prev> <at> <prev>,<prev>...\\n`
and then MessagePack: a list of [topic, id, kind, view or nil], one `prev` each.
"""

from __future__ import annotations

from typing import Final

LAYOUT_VERSION: Final = 1
RESTORING: Final = "restoring"
"""The kind of a city that is closed for the last part of a restore, or since one was broken off there."""
CLOSED: Final = "the city is closed: a restore is under way, or was broken off and must be made again"
GEO_LAT: Final = 85.05
AUDIT_MOST: Final = 1_000_000
"""Entries of the audit log, archived or not (250 MB): a store that is full would be worse. `commit.lua` says it too."""


def indexed_lat(lat: float) -> float:
    """The latitude that a geo index keeps: the store's ends at 85.05 degrees (GEOADD), positions at 90."""
    return max(-GEO_LAT, min(GEO_LAT, lat))


class Keys:
    """The keys of one city."""

    def __init__(self, city: str) -> None:
        self.city = city
        self.prefix = f"{{{city}}}:"
        self.head = self.prefix + "head"
        self.offsets = self.prefix + "offsets"
        self.lanes = self.prefix + "lanes"
        self.moved = self.prefix + "moved"
        self.secret = self.prefix + "secret"
        self.audit = self.prefix + "audit"
        self.archive = self.prefix + "archive"
        self.barred = self.prefix + "barred"
        self.services = self.prefix + "services"
        self.hooks = self.prefix + "hooks"
        self.hookfeed = self.prefix + "hookfeed"
        self.wakeable = self.prefix + "wakeable"
        self.workers = self.prefix + "workers"
        self.person_keys = self.prefix + "person_keys"
        self.erased = self.prefix + "erased"
        self.backup = self.prefix + "backup"
        self.restoring = self.prefix + "restore:"

    def thing(self, type_: str, id_: str) -> str:
        return f"{self.prefix}thing:{type_}:{id_}"

    def claim(self, name: str) -> str:
        return f"{self.prefix}claim:{name}"

    def set(self, index: str) -> str:
        return f"{self.prefix}set:{index}"

    def geo(self, index: str) -> str:
        return f"{self.prefix}geo:{index}"

    def table(self, topic: str) -> str:
        return f"{self.prefix}table:{topic}"

    def fixes(self, topic: str) -> str:
        return f"{self.prefix}fixes:{topic}"

    def fix(self, type_: str) -> str:
        return f"{self.prefix}fix:{type_}"

    def timers(self, lane: str) -> str:
        return f"{self.prefix}timers:{lane}"

    def timer(self, lane: str) -> str:
        return f"{self.prefix}timer:{lane}"

    def outcome(self, person: str, id_: str) -> str:
        return f"{self.prefix}out:{person}:{id_}"

    def log(self, lane: str) -> str:
        return f"{self.prefix}log:{lane}"

    def bus(self, lane: str) -> str:
        return f"{self.prefix}bus:{lane}"

    def here(self, person: str) -> str:
        return f"{self.prefix}here:{person}"

    def session(self, digest: str) -> str:
        return f"{self.prefix}session:{digest}"

    def sessions(self, person: str) -> str:
        return f"{self.prefix}sessions:{person}"

    def enrol(self, digest: str) -> str:
        return f"{self.prefix}enrol:{digest}"

    def codes(self, person: str) -> str:
        return f"{self.prefix}codes:{person}"

    def member(self, person: str) -> str:
        return f"{self.prefix}member:{person}"

    def people(self, group: str) -> str:
        return f"{self.prefix}people:{group}"

    def seen(self, digest: str) -> str:
        return f"{self.prefix}seen:{digest}"

    def oidc(self, digest: str) -> str:
        return f"{self.prefix}oidc:{digest}"

    def push(self, role: str, person: str) -> str:
        return f"{self.prefix}push:{role}:{person}"

    def pushed(self, name: str) -> str:
        return f"{self.prefix}pushed:{name}"

    def looks(self, person: str) -> str:
        return f"{self.prefix}looks:{person}"

    def looked(self, viewer: str, thing: str) -> str:
        return f"{self.prefix}looked:{viewer}:{thing}"

    def got(self, kind: str, id_: str) -> str:
        return f"{self.prefix}got:{kind}:{id_}"

    def hook(self, part: str, person: str) -> str:
        """One of a webhook's own keys; `part` is `due`, `lease`, `tries`, `item`, `age`, `health`, `dead`, `letter`."""
        return f"{self.prefix}hook:{part}:{person}"

    def hookline(self, person: str, thing: str) -> str:
        return f"{self.prefix}hookline:{person}:{thing}"
