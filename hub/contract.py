"""What a service speaks in.

A service (a *channel*) is pure: it never reads a clock, makes an id, awaits, or
knows the store. It is asked three things:

* `gather(state, command, actor)`: which things, claims and searches do you
  need? It is asked again with what was found until it names nothing new.
* `decide(state, command, facts, actor, now)`: a `Decision` or a `Refusal`.
* `observe(state, command, actor, now)`: for a fleeting input, a `Fix`, a `Seen`,
  a `Refusal` or None.

What a search returned (`Near`, `Members`, `Presence`, `FixOf`) is a hint. What
must be *true* when the decision is committed is a `Write` or a `Guard` (the
version read must still stand) or a `Claim` (a name that only one may hold).

Times are milliseconds since the epoch by the store's clock, positions WGS 84
degrees, distances metres.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from types import MappingProxyType
from typing import Any, ClassVar, Final, Literal, Protocol, TypeVar

from msgspec import Struct

Lane = Literal["urgent", "normal", "bulk"]
LANES: tuple[Lane, ...] = ("urgent", "normal", "bulk")
View = dict[str, Any]

S = TypeVar("S", bound=Struct)


class Actor(Struct, frozen=True, omit_defaults=True):
    """Who acts: a signed-in person, or the hub's own `timer`, `hub` and `system`.

    `verified` is false for a resident's device that has no durable record yet.
    """

    person: str
    role: str
    name: str = ""
    desk: str | None = None
    shop: str | None = None
    van: str | None = None
    vehicle: str = ""
    verified: bool = True


TIMER = Actor(person="timer", role="timer")
HUB = Actor(person="hub", role="hub")
SYSTEM = Actor(person="system", role="system")


class Command(Struct, frozen=True):
    """One act. `id` is the same on every retry; `data` is the spec's struct, valid."""

    id: str
    cmd: str
    data: Any
    age_ms: int = 0


class Crossing(Struct, frozen=True):
    """A resident's command that may lie in another city than the page's.

    Args:
        place: the field with its place (`lat`, `lon`).
        stays: fields that keep it in the page's city when they are set.
    """

    place: str
    stays: tuple[str, ...] = ()


class CommandSpec(Struct, frozen=True):
    """What a command takes and who may give it.

    Args:
        data: a msgspec struct; what does not fit is refused as `bad_data` with
            the path of the field. Unknown keys are ignored.
        roles: roles that may give it. The table decides the rest.
        desk: a dispatcher or service account must sit at this desk (`city` never replaces `medic`).
        serial: the field whose value names the thing that one hub works on one
            command at a time for; it saves conflicts, correctness needs none.
        ahead: jumps that queue (an accept never waits for receipts).
        not_content: fields that are no part of the command's content, so that
            a retry may change them (`confirmed`).
        limited: whether rate limits may refuse it (never a first `medic.call`).
        crossing: how it may lie in another city; None when it never does.
        shows: (type, field): its answer is the card of the thing that this field of its data names.
    """

    data: type[Struct]
    roles: frozenset[str]
    desk: str | None = None
    serial: str | None = None
    ahead: bool = False
    not_content: frozenset[str] = frozenset()
    limited: bool = True
    crossing: Crossing | None = None
    shows: tuple[str, str] | None = None


class TopicRule(Struct, frozen=True):
    """Topics of one shape, their lane, and who may join.

    Args:
        pattern: `help/<person>`; each `<...>` matches one segment.
        allow: called with the actor and the matched segments by name; true lets
            the actor join.
        exists: called with the segments; false answers `unknown_topic`.
        needs: what the store must be asked before an allowed actor may join; with
            `known`, which is called with the actor, the segments and what was found.
    """

    pattern: str
    lane: Lane
    allow: Callable[[Actor, Mapping[str, str]], bool]
    exists: Callable[[Mapping[str, str]], bool] = lambda segments: True
    needs: Callable[[Actor, Mapping[str, str]], tuple[Need, ...]] | None = None
    known: Callable[[Actor, Mapping[str, str], State], bool] = lambda actor, segments, state: True


# -- needs: what `gather` may ask for ---------------------------------------


class Thing(Struct, frozen=True):
    """The state of one thing, or None."""

    type: str
    id: str


class ClaimOf(Struct, frozen=True):
    """Who holds a claim: the holder's name, or None."""

    name: str


class Near(Struct, frozen=True):
    """Members of a geo index around a point, nearest first: tuple of `Hit`."""

    index: str
    lat: float
    lon: float
    radius_m: float
    limit: int


class Members(Struct, frozen=True):
    """Members of a set index, sorted, at most `limit`: tuple of ids."""

    index: str
    limit: int = 1000


class FixOf(Struct, frozen=True):
    """The newest fix of a thing: `Fix` or None."""

    type: str
    id: str


class Presence(Struct, frozen=True):
    """Whether a person's screens answer: `Reach`."""

    person: str


class KeyOf(Struct, frozen=True):
    """The key that seals what is personal of somebody, or None; the machinery's own need, no service asks for it."""

    person: str


Need = Thing | ClaimOf | Near | Members | FixOf | Presence | KeyOf


class Hit(Struct, frozen=True):
    id: str
    distance_m: float


class Reach(Struct, frozen=True):
    """One person's screens, over all hubs, from leases of 10 s.

    `connected`: some page answered `here` within 10 s. `audible`: on one of
    them the sound is unlocked and its ring test is under 24 h old.
    `here_at`: the newest `here`, 0 for none.
    """

    connected: bool = False
    audible: bool = False
    visible: bool = False
    here_at: int = 0

    @property
    def reachable(self) -> bool:
        return self.connected and self.audible


class Fix(Struct, frozen=True, omit_defaults=True):
    """A position and whom it is shown to.

    Args:
        type, id: the thing that moved; the newest `fix_at` wins in the store.
        topics: (topic, id of the thing in that topic's table) pairs that hear
            `moved`.
        index: a geo index that the position is kept in, or None.
        extra: more keys of the frame's `fix` (`eta_s`, `speed_kmh`).
        memory: what `observe` wants to find beside this fix the next time (the recent
            track), bounded by the service; no screen sees it. None: nothing. With a memory
            the record is written only over the one that was read (else it is observed
            again), and may keep its `fix_at`: then nothing is said to have moved.
    """

    type: str
    id: str
    lat: float
    lon: float
    fix_at: int
    accuracy_m: float = 0.0
    topics: tuple[tuple[str, str], ...] = ()
    index: str | None = None
    extra: dict[str, Any] = {}
    memory: Any = None


class Follow(Struct, frozen=True):
    """A durable command that a fleeting input calls for, run by the hub as role `hub`.

    `id` is made of the thing and the event, so that of two hubs that see it one acts; what
    they may see differently (when) is no content of the command (`not_content`).
    """

    id: str
    cmd: str
    data: dict[str, Any]


class Seen(Struct, frozen=True):
    """What a fleeting input comes to when it is more than a position.

    Args:
        fix: kept and shown as always; None: nothing is.
        follow: run behind the fix, each on its own. One that fails is called for again by
            the next input, for its cause stands.
        answer: what a sender who asks is told (`POST` of a tracker); a socket is told nothing.
    """

    fix: Fix | None = None
    follow: tuple[Follow, ...] = ()
    answer: dict[str, Any] = {}


class State:
    """What was gathered: needs and what the store said to them. Filled by the runtime."""

    __slots__ = ("fixes", "found", "versions")

    def __init__(self) -> None:
        self.found: dict[Need, Any] = {}
        self.versions: dict[tuple[str, str], int] = {}
        self.fixes: dict[tuple[str, str], int] = {}
        """How often the record of a thing's newest fix has been written."""

    def thing(self, kind: type[S], type_: str, id_: str) -> S | None:
        """The state of a thing that was gathered; `LookupError` when it was not."""
        value = self.found[Thing(type_, id_)]
        assert value is None or isinstance(value, kind)
        return value

    def claim(self, name: str) -> str | None:
        value: str | None = self.found[ClaimOf(name)]
        return value

    def near(self, need: Near) -> tuple[Hit, ...]:
        hits: tuple[Hit, ...] = self.found[need]
        return hits

    def members(self, need: Members) -> tuple[str, ...]:
        ids: tuple[str, ...] = self.found[need]
        return ids

    def fix(self, type_: str, id_: str) -> Fix | None:
        value: Fix | None = self.found[FixOf(type_, id_)]
        return value

    def reach(self, person: str) -> Reach:
        value: Reach = self.found[Presence(person)]
        return value

    def has(self, need: Need) -> bool:
        return need in self.found


class Facts(Struct, frozen=True):
    """What the hub knows beside the state.

    `new_ids`: fresh UUIDv7 strings, in order. `away_ms`: how much too late
    a timer acts because store or workers were away, 0 for an ordinary delay. `demo`: a simulated city.
    """

    new_ids: tuple[str, ...] = ()
    away_ms: int = 0
    demo: bool = False


# -- a decision ---------------------------------------------------------------


class Write(Struct, frozen=True):
    """The new state of a thing; None deletes it. One that was not gathered must not exist yet."""

    type: str
    id: str
    state: Struct | None


class Guard(Struct, frozen=True):
    """A gathered thing that was relied on and must still be at the version read."""

    type: str
    id: str


class Claim(Struct, frozen=True):
    """Take a name for `holder` (fails when another holds it), or free it from `holder`."""

    name: str
    holder: str
    free: bool = False


class SetEntry(Struct, frozen=True):
    index: str
    member: str
    remove: bool = False


class GeoEntry(Struct, frozen=True):
    """An entry of a geo index; without a position it is removed."""

    index: str
    member: str
    lat: float | None = None
    lon: float | None = None


class Change(Struct, frozen=True):
    """A thing's new face in one topic; a view of None takes it from the table."""

    topic: str
    id: str
    kind: str
    view: View | None


class Timer(Struct, frozen=True):
    """A command to come. Setting the same (type, id, name) again replaces it.

    `due` None cancels. The timer's command id is made of thing, name and the
    version that set it, so it acts once however often it is leased.
    """

    type: str
    id: str
    name: str
    due: int | None
    cmd: str = ""
    data: dict[str, Any] = {}


class Figure(Struct, frozen=True, array_like=True):
    """What the long memory counts of one thing that is over: never a person, a drill or what was simulated.

    Args:
        name: the report it belongs to. place: an id that may be public, a kelurahan; empty where none is known.
        ms: durations by name. counts: how many, by name; figures are added up.
    """

    name: str
    place: str = ""
    ms: dict[str, int] = {}
    counts: dict[str, int] = {}


class Report(Struct, frozen=True):
    """A report over figures of its name: `ms` as p50 and p90, `shares` as count -> out of which count."""

    name: str
    desk: str
    ms: tuple[str, ...]
    shares: dict[str, str]


class Public(Struct, frozen=True):
    """What anybody may read of the figures of a name (`GET /v1/angka`).

    Args:
        of: the count that is published; nothing is where it is small.
        good: how many of these, a count that is never more than `of`.
        ms: durations, as p50 and p90.
    """

    name: str
    of: str
    good: str
    ms: tuple[str, ...]


class Decision(Struct, frozen=True):
    """What one command does, all or nothing.

    At most 32 topics and 64 KB; more goes into timers due at once.

    `once` is told to the asker beside the answer and kept nowhere: a secret that was just
    made. Whoever asks again with the same id hears the answer without it.
    """

    answer: dict[str, Any] = {}
    once: dict[str, Any] = {}
    writes: tuple[Write, ...] = ()
    guards: tuple[Guard, ...] = ()
    claims: tuple[Claim, ...] = ()
    index: tuple[SetEntry | GeoEntry, ...] = ()
    changes: tuple[Change, ...] = ()
    timers: tuple[Timer, ...] = ()
    figures: tuple[Figure, ...] = ()
    """Kept in the audit log, for the reports of the long memory."""


class Refusal(Struct, frozen=True):
    """A named no. Final ones are recorded for the command's id, unless `record` is false.

    `retry` true means "not done, try again" and is never recorded.
    """

    code: str
    message: str
    retry: bool = False
    data: dict[str, Any] | None = None
    record: bool = True


class Rule(Struct, frozen=True):
    """One step of a table: who may take it and where it leads (`to` None: stays)."""

    roles: frozenset[str]
    to: str | None = None
    only: str = ""
    """A condition in words, for the diagram and the refusal; the channel checks it."""


Table = Mapping[str, Mapping[str, Rule]]


class Receipt(Struct, frozen=True):
    """The command that hears `sent`, once per socket and thing, as role `hub` and the
    socket's person: `cmd` with `{field: view[key], "level": "sent"}`, while the view's
    state is one of `states`."""

    cmd: str
    key: str
    field: str
    states: frozenset[str]


ITS_ID: Final = "#"
"""As `Personal.whose`: the thing's own id, or in a map the key under which a part stands."""


class Personal(Struct, frozen=True):
    """What of a struct says something about a person, and about whom.

    Args:
        fields: field -> kind, a word of the city file's `retain_days`. Whatever it holds is sealed as one.
        whose: of a thing and its parts: the field that holds the person's id, or `ITS_ID`. Of a command: the type
            of the thing that it is about; empty: it is about who gives it.
        called: stands before the id of who never signs in (`shop.`): they have a key all the same.
        parts: field -> struct with a declaration of its own: one, those of a tuple, or the values of a map.
        open: states in which nobody is erased: what it is for is under way, and that goes first.
        goes: erasing takes the whole thing away, not its personal fields alone.
    """

    fields: Mapping[str, str] = MappingProxyType({})
    whose: str = ""
    called: str = ""
    parts: Mapping[str, type[Struct]] = MappingProxyType({})
    open: frozenset[str] = frozenset()
    goes: bool = False


class Card(Struct, frozen=True):
    """A view that shows somebody's personal fields to others: who sees it is noted for them to read.

    Args:
        type: of the thing that is shown. id: the view's key that holds its id.
        fields: keys of the view that are personal; without any of them nobody's card was shown.
        blurred: states of the view in which they are not exact any more.
    """

    type: str
    fields: frozenset[str]
    id: str = "id"
    blurred: frozenset[str] = frozenset()


class Wake(Struct, frozen=True):
    """Whose phones ring for what a view shows, while no page of theirs has it.

    Args:
        kind, id: what the phone is told, and all that it is told: no name, place or need.
        role, whose, name: the person, or everybody of this role in a shop, at a desk, of a van, or (`role`) at all.
        at: since when it rings; another time is another ring.
        due: not before this time; 0: at once.
        among: an index whose members are meant instead of one `name`; it is read when due.
        believed: who seems to hear is never woken. False: only for some seconds, if nothing is received until then.
        sight: a page on the screen is enough to hear; else its sound must be proven.
        lasts_ms: how long a ring is worth anything.
    """

    kind: str
    id: str
    role: str
    name: str
    at: int
    whose: Literal["person", "shop", "desk", "van", "role"] = "person"
    due: int = 0
    among: str = ""
    believed: bool = False
    sight: bool = False
    lasts_ms: int = 60_000

    def is_(self, other: Wake) -> bool:
        """Whether the other is the same ring; who hears may have changed since."""
        mine = (self.kind, self.id, self.role, self.whose, self.name, self.among, self.at)
        return mine == (other.kind, other.id, other.role, other.whose, other.name, other.among, other.at)


class Notice(Struct, frozen=True):
    """What the city's own gateway is told, if a view still says it when it is due.

    Args:
        to: whom it is for: `role` and an id, or the number that a shop itself gave for this; never a name.
        at: since when it is so; another time is another notice.
        after_ms: how long people have before the gateway is told.
    """

    kind: str
    id: str
    to: dict[str, str]
    at: int
    after_ms: int = 0


def _nothing(segments: Mapping[str, str], view: View) -> tuple[Notice, ...]:
    return ()


class Waking(Struct, frozen=True):
    """For which views of one type in one shape of topic phones ring, and what the gateway is told of them.

    Both are asked of a view when it changed, and again before each ring: what is no longer said is over.

    Args:
        roles: whose phones may ring for it; kinds: what they may be told.
    """

    pattern: str
    type: str
    roles: frozenset[str]
    kinds: tuple[str, ...]
    wakes: Callable[[Mapping[str, str], View], Iterable[Wake]]
    notices: Callable[[Mapping[str, str], View], Iterable[Notice]] = _nothing


class RollCall(Struct, frozen=True):
    """A ring for all people of a desk, after which the desk hears by name whom it did not reach.

    Args:
        topic, thing: where its view stands; it rings while that says `ringing`, since `rung_at`.
        desk, roles: whose people are asked, and of which roles: those that can be woken at all.
        sight: roles of whom a page on the screen is enough to be heard.
        kind: what their phones are told.
        lasts_ms: how long they have to receive it.
        arm: the command (`{}`, by `hub`) that each worker gives when it starts.
        over: the command that hears the result (`{<thing>: desk, at, asked, reached, missed: [{person, role, name}],
            more}`, by `hub`).
    """

    topic: str
    thing: str
    desk: str
    roles: frozenset[str]
    sight: frozenset[str]
    kind: str
    lasts_ms: int
    arm: str
    over: str


class Channel(Protocol):
    """One service. Everything here is data or pure; what has a default may be left out by a service that inherits."""

    name: ClassVar[str]
    """Prefix of its commands: `medic` owns `medic.call`."""

    lane: ClassVar[Lane]
    """The lane its commands and timers travel in."""

    commands: Mapping[str, CommandSpec]
    """By full name (`medic.call`), those of timers, `hub` and `system` included."""

    tells: Mapping[str, CommandSpec] = MappingProxyType({})
    """Fleeting commands, answered by `observe`."""

    things: Mapping[str, type[Struct]]
    topics: Sequence[TopicRule]

    tables: Mapping[str, Table]
    """State tables by thing type; the diagrams are drawn from them."""

    presence: Mapping[str, str] = MappingProxyType({})
    """Role -> the command (`{person, reachable, connected}`, by `hub`) that hears of a change."""

    receipts: Mapping[str, Receipt] = MappingProxyType({})
    """View type -> the command that hears that a view was given to its person's socket."""

    personal: Mapping[type[Struct], Personal] = MappingProxyType({})
    """What is personal in its commands' data and in its things."""

    plain: Mapping[str, str] = MappingProxyType({})
    """Free text and places that are nobody's: a field's name, a struct's, or `Struct.field` -> why."""

    cards: Mapping[str, Card] = MappingProxyType({})
    """View type -> whose card it is."""

    waking: Sequence[Waking] = ()
    """For what phones ring."""

    wakeable: Mapping[str, str] = MappingProxyType({})
    """Role -> the command (`{person, wakeable}`, by `hub`) that hears whether one of its people can be woken, when that
    may have changed and once a minute."""

    devices: Mapping[str, str] = MappingProxyType({})
    """Role -> the command (`{person, role, change}`, by `hub`) that hears of a device that came (`new`), left (`left`),
    or was given up by its push service (`lost`)."""

    roll_calls: Sequence[RollCall] = ()

    def gather(self, state: State, command: Command, actor: Actor) -> Iterable[Need]: ...

    def decide(self, state: State, command: Command, facts: Facts, actor: Actor, now: int) -> Decision | Refusal: ...

    def redrawn(self, type_: str, id_: str, before: Struct, after: Struct | None, now: int) -> Decision:
        """A thing without what was personal in it (None: it goes), with all that follows for screens and indexes.

        As it is here: of a thing that is on no screen and is found by its id alone.
        """
        return Decision(writes=(Write(type_, id_, after),))

    def observe(self, state: State, command: Command, actor: Actor, now: int) -> Fix | Seen | Refusal | None:
        return None
