"""What every step shares: where a call lies, whose it is, how a duty is bound and freed."""

from __future__ import annotations

import msgspec

from channels.medic_commit import Draft
from channels.medic_data import Location
from channels.medic_state import Medic, Request
from channels.medic_steps import (
    bad_data,
    bad_kelurahan,
    busied,
    changed_hands,
    freed,
    has_real_holder,
    located,
    of_caller,
    read,
)
from hub.contract import Refusal, State, Thing
from tests.channels.medic_world import CALLER, DESK, HOME, STRANGER, medic
from tests.channels.world import CITY, NOW

REQUEST = Request(id="r", caller="ani", called_at=NOW, grace_until=NOW, state="accepted", holder="m1")
BUSY = Medic(id="m1", name="Medic 1", state="busy", request="r")


def state_with(*things: tuple[str, str, object]) -> State:
    state = State()
    for type_, id_, thing in things:
        state.found[Thing(type_, id_)] = thing
    state.found.setdefault(Thing("medic", "m1"), None)
    return state


def test_a_fix_inside_names_its_kelurahan() -> None:
    """What the fix says goes before what the person named."""
    place, kelurahan, outside = located(CITY, Location(*HOME), "meri", NOW)
    assert place is not None
    assert (place.lat, kelurahan, outside) == (HOME[0], "kranggan", False)
    assert located(CITY, None, "meri", NOW) == (None, "meri", False)


def test_busied_binds_only_the_free_and_present() -> None:
    """`busy` for one with a patient, `illegal_step` for one off duty."""
    draft = Draft(NOW, "medic.accepted")
    refusal = busied(draft, BUSY, REQUEST, medic(1), NOW, None)
    assert isinstance(refusal, Refusal)
    assert (refusal.code, refusal.data) == ("busy", {"request": "r"})
    off = busied(draft, Medic(id="m1", name=""), REQUEST, medic(1), NOW, None)
    assert isinstance(off, Refusal)
    assert off.code == "illegal_step"
    assert busied(draft, Medic(id="m1", name="", state="on"), REQUEST, medic(1), NOW, None) is None


def test_freed_frees_only_its_own_holder() -> None:
    """A medic who already has another request is left alone; a drill binds nobody."""
    draft = Draft(NOW, "medic.closed")
    freed(draft, state_with(("medic", "m1", msgspec.structs.replace(BUSY, request="other"))), REQUEST, NOW)
    freed(draft, state_with(), REQUEST, NOW)
    assert draft.decision().writes == ()
    freed(draft, state_with(("medic", "m1", BUSY)), REQUEST, NOW)
    (write,) = draft.decision().writes
    assert isinstance(write.state, Medic)
    assert (write.state.state, write.state.request) == ("on", "")
    assert not has_real_holder(msgspec.structs.replace(REQUEST, drill=True))


def test_hands_that_changed_are_named() -> None:
    """Nobody is a holder too; who asks nothing is told nothing; an ended request is in nobody's hands."""
    assert changed_hands(REQUEST, None) is changed_hands(REQUEST, "m1") is None
    refusal = changed_hands(REQUEST, "")
    assert refusal is not None
    assert (refusal.code, refusal.data) == ("taken", {"winner": {"person": "m1", "name": ""}, "state": "accepted"})
    free = msgspec.structs.replace(REQUEST, state="offered")
    assert changed_hands(free, "") is None
    assert changed_hands(free, "m1") is not None


def test_whose_request_it_is() -> None:
    """The caller's and the desk's."""
    assert of_caller(REQUEST, CALLER)
    assert of_caller(REQUEST, DESK)
    assert not of_caller(REQUEST, STRANGER)
    assert not of_caller(REQUEST, medic(1))


def test_what_is_gone_is_not_found() -> None:
    """Unknown, or on its way out of the tables."""
    retired = msgspec.structs.replace(REQUEST, retired=True)
    for thing in (None, retired):
        refusal = read(state_with(("request", "r", thing)), "r")
        assert isinstance(refusal, Refusal)
        assert refusal.code == "not_found"


def test_bad_data_begins_with_the_path() -> None:
    """As the hub's own refusals do."""
    assert bad_data("expected a name", "operator").message == "data.operator: expected a name"
    assert bad_kelurahan(CITY, "meri") is None
    assert bad_kelurahan(CITY, None) is None
    refusal = bad_kelurahan(CITY, "gubeng")
    assert refusal is not None
    assert refusal.code == "bad_data"
