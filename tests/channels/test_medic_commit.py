"""Whatever happens: one winner, one patient, true screens, no forgotten timer."""

from __future__ import annotations

from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from channels.medic_commit import deadlines, medic_deadlines, medic_index, request_index
from channels.medic_state import ROBOT, Medic, Request
from channels.medic_views import medic_views, offer_view, views
from channels.offers import receipt_counts
from channels.views import same
from hub.contract import Actor, Decision, GeoEntry
from tests.channels.medic_world import CALLER, DESK, HERE, HOME, OUTSIDE, STRANGER, World, medic

PEOPLE = range(1, 8)
CALLERS = (CALLER, STRANGER)
ADVANCES = ("en_route", "on_scene", "at_patient", "cleared")

Act = tuple[Any, ...]
WHICH = st.integers(0, 3)
# 0 is whoever holds the request, or was offered it first: most acts then meet somebody who may.
WHO = st.sampled_from([0, 0, 0, 0, *PEOPLE])
ACTS = st.one_of(
    st.tuples(st.just("call"), st.sampled_from([0, 1]), st.sampled_from(["", "drill", "visit", "outside", "nowhere"])),
    st.tuples(st.just("phone")),
    st.tuples(st.just("accept"), WHICH, WHO),
    st.tuples(st.just("accept"), WHICH, st.just(0)),
    st.tuples(st.just("advance"), WHICH, st.just(0), st.sampled_from(ADVANCES)),
    st.tuples(st.just("decline"), WHICH, WHO),
    st.tuples(st.just("release"), WHICH, WHO),
    st.tuples(st.just("backup"), WHICH, WHO),
    st.tuples(st.just("advance"), WHICH, WHO, st.sampled_from(ADVANCES)),
    st.tuples(st.just("receipt"), WHICH, WHO, st.sampled_from(["received", "shown", "audible", "seen"])),
    st.tuples(st.just("cancel"), WHICH, st.sampled_from([0, 1])),
    st.tuples(st.just("describe"), WHICH, st.sampled_from(["no", "yes"])),
    st.tuples(st.just("assign"), WHICH, WHO),
    st.tuples(st.sampled_from(["escalate", "close", "hand_over"]), WHICH),
    st.tuples(st.just("merge"), WHICH, WHICH),
    st.tuples(st.just("take"), WHICH),
    st.tuples(st.just("duty"), st.sampled_from(PEOPLE), st.booleans()),
    st.tuples(st.just("hear"), st.sampled_from(PEOPLE), st.booleans()),
    st.tuples(st.just("move"), st.sampled_from(PEOPLE), st.integers(0, 20)),
    st.tuples(st.just("wait"), st.sampled_from([0, 1, 6_000, 20_000, 91_000, 3_600_000])),
)


def act(world: World, one: Act) -> None:
    name, *rest = one
    requests = sorted(id_ for type_, id_ in world.things if type_ == "request")
    match name:
        case "call":
            data: dict[str, Any] = {"location": HERE}
            kinds: dict[str, dict[str, Any]] = {
                "drill": {**data, "drill": True},
                "visit": {**data, "urgency": "visit"},
                "outside": {"location": OUTSIDE},
                "nowhere": {},
            }
            data = kinds.get(rest[1], data)
            world.run("medic.call", data, CALLERS[rest[0]])
        case "phone":
            world.run("medic.call", {"source": "phone_119", "kelurahan": "meri"}, DESK)
        case "duty":
            world.run("medic.duty", {"on": rest[1], "drills": rest[0] % 2 == 0}, medic(rest[0]))
        case "hear":
            world.hear(f"m{rest[0]}", reachable=rest[1])
        case "move":
            world.at(medic(rest[0]), HOME[0] + rest[1] * 0.0003)
        case "wait":
            world.pass_ms(rest[0])
        case "take":
            alarms = sorted(world.alarms())
            if alarms:
                world.run("alarm.take", {"alarm": alarms[rest[0] % len(alarms)]}, DESK)
        case _ if requests:
            _act_on(world, name, requests[rest[0] % len(requests)], requests, rest)


def _act_on(world: World, name: str, request: str, requests: list[str], rest: list[Any]) -> None:
    data: dict[str, Any] = {"request": request}
    match name:
        case "accept" | "decline" | "release" | "backup":
            actor = _medic(world, request, rest[1])
        case "advance":
            actor, data = _medic(world, request, rest[1]), data | {"to": rest[2]}
        case "receipt":
            actor, data = _medic(world, request, rest[1]), data | {"level": rest[2]}
        case "cancel":
            actor, data = CALLERS[rest[1]], data | {"reason": "other"}
        case "describe":
            actor, data = DESK, data | {"answers": {"breathing": rest[1]}}
        case "assign":
            actor, data = DESK, data | {"medic": f"m{max(1, rest[1])}"}
        case "merge":
            actor, data = DESK, data | {"into": requests[rest[1] % len(requests)]}
        case _:
            extra = {"close": {"outcome": "unfounded"}, "hand_over": {"operator": "Sari"}}
            actor, data = DESK, data | extra.get(name, {})
    world.run(f"medic.{name}", data, actor)


def _medic(world: World, request: str, number: int) -> Actor:
    if number:
        return medic(number)
    known = world.request(request)
    people = [known.holder, *world.open_offers(request), "m1"]
    return medic(int(next((one for one in people if one and one != ROBOT), "m1")[1:]))


def check(world: World) -> None:
    requests = {id_: state for (type_, id_), state in world.things.items() if type_ == "request"}
    medics = {id_: state for (type_, id_), state in world.things.items() if type_ == "medic"}
    _one_winner(requests, medics)
    _derived_entries(world, requests, medics)
    for request in requests.values():
        _screens(world, request)
        counts = receipt_counts(request.offers.values())
        if not request.drill and not request.retired:
            assert world.view("dispatch", request.id)["receipts"] == counts
    for duty in medics.values():
        for (topic, id_), view in medic_views(duty, world.now).items():
            assert same(world.view(topic, id_), view)
    on_roster = {id_ for id_, duty in medics.items() if duty.state != "off"}
    assert world.tables.get("roster", {}).keys() == on_roster


def _one_winner(requests: dict[str, Request], medics: dict[str, Medic]) -> None:
    for request in requests.values():
        won = [person for person, offer in request.offers.items() if offer.state == "won"]
        assert len(won) <= 1
        if request.held:
            assert won == [request.holder]
        if request.held and not request.drill:
            assert medics[request.holder].request == request.id
        if request.ended or (request.held and not request.seeking):
            assert all(offer.state != "open" for offer in request.offers.values())
    for duty in medics.values():
        assert (duty.state == "busy") == bool(duty.request)
        if duty.request:
            assert requests[duty.request].holder == duty.id
            assert requests[duty.request].held


def _derived_entries(world: World, requests: dict[str, Request], medics: dict[str, Medic]) -> None:
    """Timers, claims and index entries are exactly what the states call for."""
    wanted: dict[tuple[str, str, str], int] = {}
    entries = []
    for request in requests.values():
        wanted |= {("request", request.id, name): due for name, (due, _) in deadlines(request).items()}
        if request.behind:
            wanted["request", request.id, "follow"] = world.now
        entries += list(request_index(request).values())
    for duty in medics.values():
        wanted |= {("medic", duty.id, name): due for name, (due, _) in medic_deadlines(duty).items()}
        entries += list(medic_index(duty).values())
    found = {key: timer.due for key, timer in world.timers.items() if key[2] not in ("tally", "rejoin")}
    assert found.keys() == wanted.keys()
    assert all(found[key] == due for key, due in wanted.items() if key[2] != "follow")
    assert world.claims == {one.claim: one.id for one in requests.values() if one.claim and not one.ended}
    members = {(entry.index, entry.member) for entry in entries if not isinstance(entry, GeoEntry)}
    kept = {(index, member) for index, all_ in world.sets.items() for member in all_ if index != "medic_desk"}
    assert kept == members
    calls = {entry.member for entry in entries if isinstance(entry, GeoEntry)}
    assert world.geo.get("calls", {}).keys() == calls


def _screens(world: World, request: Request) -> None:
    """Every screen's table is the newest, but for those whose turn comes at once."""
    for (topic, id_), view in views(request, world.now).items():
        shown = {key: value for key, value in world.view(topic, id_).items() if key != "medic"}
        assert same(shown, {key: value for key, value in view.items() if key != "medic"})
    for person, offer in request.offers.items():
        if person == ROBOT or person in request.behind:
            continue
        fresh = offer_view(request, person, world.now)
        shown_offer = world.tables.get(f"help/{person}", {}).get(request.id)
        assert (fresh is None) == (shown_offer is None)
        if fresh is None or shown_offer is None:
            continue
        assert shown_offer["state"] == offer.state
        if offer.state in ("open", "won"):
            ages = ("age_ms",)
            assert same(
                {key: value for key, value in shown_offer.items() if key not in ages},
                {key: value for key, value in fresh.items() if key not in ages},
            )


@settings(max_examples=120, deadline=None)
@given(st.lists(ACTS, min_size=10, max_size=40))
def test_invariants_hold_whatever_happens(acts: list[Act]) -> None:
    """Never two holders, never two patients; screens, timers, claims and indexes follow from the states."""
    world = World()
    world.on_duty(1, 2, 3, 4, 5)
    world.call()
    for one in acts:
        act(world, one)
        check(world)
    world.settle()
    check(world)
    assert all(not state.behind for (type_, _), state in world.things.items() if type_ == "request")


@settings(max_examples=60, deadline=None)
@given(st.lists(ACTS, max_size=25))
def test_a_call_is_never_lost(acts: list[Act]) -> None:
    """A request stays in the store until a person ended it, and rings on while nobody holds it."""
    world = World()
    world.on_duty(1, 2)
    request = world.call()
    for one in acts:
        act(world, one)
        kept = world.things.get(("request", request))
        assert kept is not None or any(kind in ENDS for _, id_, kind in world.kinds if id_ == request)
        if kept is not None and kept.unanswered:
            assert ("request", request, "ladder") in world.timers


ENDS = ("medic.cancelled", "medic.cleared", "medic.closed", "medic.handed_over", "medic.merged", "medic.released")


def test_the_winner_is_told_first() -> None:
    """However many must be told, the actor's own screen is in the same commit."""
    world = World()
    people = world.on_duty(*range(1, 101))
    request = world.call()
    world.pass_ms(40_000)
    decision = world.run("medic.accept", {"request": request}, people[99])
    assert isinstance(decision, Decision)
    told = {change.topic: change.kind for change in decision.changes if change.id == request}
    assert told["help/m100"] == "medic.won"
    assert told["help/ani"] == "medic.accepted"
    assert len({change.topic for change in decision.changes}) == 32


def test_an_event_names_what_happened_to_the_screen() -> None:
    """Offers that open, fall or are won carry that as their kind; the rest the command's event."""
    world = World()
    world.on_duty(1, 2)
    request = world.call()
    world.accept(request, medic(1))
    kinds = {(topic, kind) for topic, id_, kind in world.kinds if id_ == request}
    assert {("help/m1", "medic.offered"), ("help/m1", "medic.won"), ("help/m2", "medic.stood_down")} <= kinds
    assert {("help/ani", "medic.called"), ("dispatch", "medic.accepted")} <= kinds


def test_a_hundred_and_fifty_offers_fit_a_commit() -> None:
    """The most that one request asks; who is beyond is asked when somebody says no."""
    world = World()
    world.on_duty(*range(1, 161))
    request = world.call()
    world.pass_ms(40_000)
    assert len(world.open_offers(request)) == 150
    world.ok("medic.cancel", {"request": request, "reason": "other"}, CALLER)
    world.settle()
    assert world.request(request).behind == ()
