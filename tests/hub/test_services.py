"""What names mean, over all services; and what services speak in."""

from __future__ import annotations

import dataclasses
import inspect
from collections.abc import Iterable

import pytest
from msgspec import Struct
from msgspec.structs import replace

from hub import contract
from hub.app import services
from hub.contract import (
    HUB,
    SYSTEM,
    TIMER,
    Actor,
    ClaimOf,
    Command,
    Decision,
    Facts,
    Fix,
    FixOf,
    Hit,
    Members,
    Near,
    Presence,
    Reach,
    State,
    Thing,
    TopicRule,
)
from hub.services import Services
from tests.support.lamps import Lamp, Lamps, Torches, anyone

ANI = Actor("ani", "resident")
REAL = services()


def test_a_service_leaves_out_what_it_has_not() -> None:
    """One that inherits from `Channel` has no tells, presence or receipts unless it says so, and observes nothing."""

    class Bare(contract.Channel):
        name, lane, commands, things, topics, tables = "bare", "normal", {}, {}, (), {}

        def gather(self, state: State, command: Command, actor: Actor) -> Iterable[contract.Need]:
            return ()

        def decide(self, state: State, command: Command, facts: Facts, actor: Actor, now: int) -> Decision:
            return Decision()

    found = Services([Bare()])
    assert (found.tells, found.presence, found.receipts) == ({}, {}, {})
    assert Bare().observe(State(), Command("c", "bare.x", None), ANI, 0) is None


@pytest.mark.parametrize(
    ("name", "lane"),
    [
        ("help/ani", "urgent"),
        ("dispatch", "urgent"),
        ("warnings", "urgent"),
        ("person/ani", "normal"),
        ("roster", "normal"),
        ("shop/s01", "normal"),
        ("wants/kranggan/food", "normal"),
        ("dispatch/market", "normal"),
        ("dispatch/van", "normal"),
        ("city", "normal"),
        ("plut", "normal"),
        ("workshops/food", "normal"),
        ("shops/kranggan", "bulk"),
        ("vans", "bulk"),
        ("van/v1", "bulk"),
        ("stop/s1", "bulk"),
    ],
)
def test_every_topic_has_its_lane(name: str, lane: str) -> None:
    """The lanes of PROTOCOL section 1."""
    topic = REAL.topic(name)
    assert topic is not None
    assert topic.lane == lane
    assert REAL.lane_of(name) == lane


@pytest.mark.parametrize(
    "name",
    ["", "/", "nothing", "help", "help/", "help/a/b", "help/a b", "help/" + "a" * 81, "shops/atlantis", "vans/", "VANS",
     "help/\n", "dispatch/atlantis", "revocations", "wants/kranggan", "wants/kranggan/cakes", "wants/atlantis/food"],
)  # fmt: skip
def test_other_names_are_no_topics(name: str) -> None:
    """Unknown shapes, segments that are none, places that do not exist."""
    assert REAL.topic(name) is None


@pytest.mark.parametrize(
    ("topic", "actor", "may"),
    [
        ("help/ani", ANI, True),
        ("help/budi", ANI, False),
        ("person/budi", ANI, False),
        ("dispatch", ANI, False),
        ("dispatch", Actor("d", "dispatcher", desk="medic"), True),
        ("dispatch", Actor("d", "dispatcher", desk="market"), False),
        ("roster", Actor("d", "dispatcher", desk="city"), False),
        ("shop/s01", Actor("s", "seller", shop="s01"), True),
        ("shop/s01", Actor("s", "seller", shop="s02"), False),
        ("shop/s01", Actor("s", "medic", shop="s01"), False),
        ("wants/miji/food", Actor("s", "seller", shop="s01"), True),
        ("wants/miji/food", Actor("s", "seller"), False),
        ("wants/miji/food", Actor("d", "dispatcher", desk="market"), False),
        ("wants/miji/food", ANI, False),
        ("dispatch/market", Actor("d", "dispatcher", desk="market"), True),
        ("dispatch/van", Actor("d", "dispatcher", desk="market"), False),
        ("vans", ANI, True),
        ("city", ANI, True),
        ("warnings", ANI, True),
    ],
)
def test_who_may_join_what(topic: str, actor: Actor, may: bool) -> None:
    """The last column of PROTOCOL's table of topics."""
    found = REAL.topic(topic)
    assert found is not None
    assert found.allows(actor) is may


def test_a_literal_shape_goes_before_a_pattern() -> None:
    """`dispatch/market` never meets `dispatch/<desk>`."""

    class Desks(Lamps):
        def __init__(self) -> None:
            super().__init__()
            self.topics = (TopicRule("desk/<id>", "bulk", anyone), TopicRule("desk/one", "urgent", anyone))

    carried = Services((Desks(),))
    assert carried.lane_of("desk/one") == "urgent"
    assert carried.lane_of("desk/two") == "bulk"


def test_two_services_cannot_claim_one_command() -> None:
    """Names are checked at start."""
    with pytest.raises(ValueError, match="two services claim"):
        Services((Lamps(), Lamps()))


def _at(desk: str | None, lamps: Lamps) -> Lamps:
    """The service with `lamp.desk` at another desk, and nothing else."""
    lamps.commands = {"lamp.desk": replace(lamps.commands["lamp.desk"], desk=desk)}
    lamps.tells, lamps.things, lamps.presence = {}, {}, {}
    return lamps


def test_several_desks_share_a_command() -> None:
    """It belongs to the service of the asker's desk; to the first one when the asker has none of them."""
    medic, market = _at("medic", Lamps()), _at("market", Lamps())
    carried = Services((medic, market))
    for desk, channel in (("medic", medic), ("market", market), ("van", medic), (None, medic)):
        found = carried.command("lamp.desk", desk)
        assert found is not None
        assert found[0] is channel
    assert carried.command("lamp.fly", "medic") is None


@pytest.mark.parametrize("desks", [("medic", "medic"), ("medic", None), (None, "medic"), (None, None)])
def test_two_services_cannot_claim_one_desk(desks: tuple[str | None, str | None]) -> None:
    """A command that one service has for everybody, or at the same desk, is not another's."""
    with pytest.raises(ValueError, match="two services claim"):
        Services([_at(desk, Lamps()) for desk in desks])


def test_a_topic_may_ask_the_store() -> None:
    """Its rule says what, and what was found decides; most topics ask nothing."""
    need = Thing("lamp", "a")

    class Asking(Lamps):
        def __init__(self) -> None:
            super().__init__()
            self.topics = (
                TopicRule(
                    "asked/<id>",
                    "normal",
                    anyone,
                    needs=lambda actor, segments: (need,),
                    known=lambda actor, segments, state: state.thing(Lamp, "lamp", "a") is not None,
                ),
                *self.topics,
            )

    carried = Services((Asking(),))
    asked, plain = carried.topic("asked/1"), carried.topic("bulk/a")
    assert asked is not None
    assert plain is not None
    assert (asked.needs(ANI), plain.needs(ANI)) == ((need,), ())
    state = State()
    state.found = {need: None}
    assert not asked.known(ANI, state)
    assert plain.known(ANI, state)
    state.found = {need: Lamp("a")}
    assert asked.known(ANI, state)


def test_services_share_a_topic() -> None:
    """Two services may both speak in one topic: the first one's rule counts."""
    carried = Services((Lamps(), _quiet(Torches())))
    assert carried.lane_of("city") == "normal"
    assert set(carried.types) == {"lamp", "torch"}


def _quiet(lamps: Lamps) -> Lamps:
    lamps.presence = {}
    return lamps


def test_a_change_of_an_unknown_topic_is_a_fault() -> None:
    """A service that changes a topic without a rule is told so."""
    with pytest.raises(ValueError, match="no rule knows"):
        REAL.lane_of("nowhere/1")


def test_the_memory_of_lanes_is_bounded() -> None:
    """A hundred thousand topics later it starts anew, and still answers."""
    carried = Services((Lamps(),))
    for number in range(100_100):
        carried.lane_of(f"bulk/{number}")
    assert carried.lane_of("bulk/0") == "bulk"


@pytest.mark.parametrize("name", sorted(REAL.commands))
def test_commands_are_named_by_their_service(name: str) -> None:
    """A command belongs to a service, has roles, and its queue's field is a field of its data."""
    channel, spec = REAL.commands[name]
    assert spec.roles
    assert spec.serial is None or spec.serial in spec.data.__struct_fields__
    assert {field for field in spec.not_content if field not in spec.data.__struct_fields__} == set()
    assert channel in REAL.channels


@pytest.mark.parametrize("role", sorted(REAL.presence))
def test_a_change_of_presence_is_heard_by_a_command_of_the_hub(role: str) -> None:
    """Every `presence` names a command that the hub may give."""
    _, cmd = REAL.presence[role]
    assert HUB.role in REAL.commands[cmd][1].roles


@pytest.mark.parametrize("view", sorted(REAL.receipts))
def test_a_receipt_is_a_command_of_the_hub(view: str) -> None:
    """Every `receipts` names a command that the hub may give, with the field that it fills."""
    receipt = REAL.receipts[view]
    spec = REAL.commands[receipt.cmd][1]
    assert HUB.role in spec.roles
    assert {receipt.field, "level"} <= set(spec.data.__struct_fields__)


# -- hub.contract ------------------------------------------------------------------


def test_what_crosses_a_module_is_frozen() -> None:
    """Nobody changes what another was given."""
    classes = [value for value in vars(contract).values() if inspect.isclass(value) and value is not Struct]
    structs = [value for value in classes if issubclass(value, Struct)]
    assert structs
    assert all(value.__struct_config__.frozen for value in structs)
    assert not any(dataclasses.is_dataclass(value) for value in vars(contract).values())


def test_a_state_gives_what_was_gathered() -> None:
    """Each need has its reader; one that was not gathered is a fault of the service."""
    state = State()
    near, members = Near("medics", -7.4, 112.4, 100.0, 3), Members("on_duty")
    state.found = {
        Thing("lamp", "a"): Lamp("a"),
        Thing("lamp", "b"): None,
        ClaimOf("open_call/ani"): "r1",
        near: (Hit("m1", 5.0),),
        members: ("m1",),
        FixOf("medic", "m1"): Fix("medic", "m1", 1.0, 2.0, 3),
        Presence("m1"): Reach(True, True),
    }
    assert state.thing(Lamp, "lamp", "a") == Lamp("a")
    assert state.thing(Lamp, "lamp", "b") is None
    assert state.claim("open_call/ani") == "r1"
    assert state.near(near)[0].id == "m1"
    assert state.members(members) == ("m1",)
    fix = state.fix("medic", "m1")
    assert fix is not None
    assert fix.fix_at == 3
    assert state.reach("m1").reachable
    assert state.has(members)
    with pytest.raises(LookupError):
        state.thing(Lamp, "lamp", "c")


@pytest.mark.parametrize(
    ("reach", "reachable"),
    [(Reach(), False), (Reach(connected=True), False), (Reach(audible=True), False), (Reach(True, True), True)],
)
def test_reachable_is_connected_and_audible(reach: Reach, reachable: bool) -> None:
    """DOMAIN's one rule for medics and shops."""
    assert reach.reachable is reachable


def test_the_hubs_own_actors_are_no_persons_roles() -> None:
    """`timer`, `hub` and `system` are nobody who can sign in."""
    roles = {actor.role for actor in (TIMER, HUB, SYSTEM)}
    assert roles == {"timer", "hub", "system"}


# -- phones that ring ---------------------------------------------------------------------


def test_what_rings_is_said_by_the_services() -> None:
    """Whose phones, in which lanes, what they are told, and which command hears that they have it."""
    assert REAL.woken == {"medic", "seller", "crew", "dispatcher", "resident"}
    assert REAL.asked == REAL.woken - {"resident"}
    assert REAL.ringing_lanes == ["normal", "urgent"]
    kinds = {kind: receipt.cmd if receipt else None for kind, receipt in REAL.kinds().items()}
    assert kinds == {
        "offer": "medic.receipt", "drill": "medic.receipt", "alarm": None, "order": "order.receipt", "want": None,
        "reminder": None, "trip": None, "test": None,
    }  # fmt: skip
    assert REAL.wakeable == {"medic": "medic.wakeable"}
    assert REAL.devices == dict.fromkeys(("medic", "seller", "crew", "dispatcher"), "phone.device")
    assert {call.desk for call in REAL.roll_calls} == {"medic", "market", "van", "city"}


def test_only_a_view_that_rings_wakes_anybody() -> None:
    """Another topic, another type and a state that is over wake nobody."""
    alarm = {"type": "alarm", "id": "r.red", "state": "ringing", "at": 5, "began": 5}
    (wake,) = REAL.wakes("dispatch", alarm)
    assert (wake.role, wake.name, wake.kind) == ("dispatcher", "medic", "alarm")
    assert REAL.wakes("dispatch/market", alarm)[0].name == "market"
    assert [notice.to["desk"] for notice in REAL.notices("dispatch/city", alarm)] == ["city"]
    for topic, view in (("roster", alarm), ("dispatch", {**alarm, "type": "figures"}), ("nowhere/at/all", alarm)):
        assert (REAL.wakes(topic, view), REAL.notices(topic, view)) == ((), ())
    assert [name for name in ("dispatch", "help/m", "city", "vans", "shops/kranggan") if REAL.may_ring(name)] == [
        "dispatch",
        "help/m",
    ]


def test_a_ring_is_the_same_whoever_hears() -> None:
    """Its time tells it from another ring of the same thing."""
    wake = contract.Wake("order", "o", "seller", "s1", 5, whose="shop")
    assert wake.is_(replace(wake, believed=True, lasts_ms=1))
    assert not wake.is_(replace(wake, at=6))
    assert not wake.is_(replace(wake, name="s2"))
