"""Who sees what, and how much of it fits."""

from __future__ import annotations

import msgspec
import pytest

from channels.medic_state import Place, Request, with_line
from channels.medic_views import VIEW_BYTES, caller_topic, first_name, offer_view, views
from channels.offers import LEVELS, Offer
from tests.channels.medic_world import CALLER, DESK, STRANGER, World, medic
from tests.channels.world import NOW

SECRET = {"location", "landmark", "phone", "answers", "note", "caller"}


def told(world: World) -> None:
    """A call with everything that is nobody else's business."""
    request = world.call(phone="0812345678", landmark="Gang Melati 3")
    world.ok("medic.describe", {"request": request, "note": "jatuh", "answers": {"awake": "yes"}}, CALLER)


def test_before_accepting_nothing_but_the_need() -> None:
    """Kelurahan, distance band, need, age: nothing exact, of nobody."""
    world = World()
    (one,) = world.on_duty(1)
    told(world)
    request = next(id_ for type_, id_ in world.things if type_ == "request")
    offer = world.seen_by(one, request)
    assert not SECRET & offer.keys()
    assert {"kelurahan", "distance_band", "need", "age_ms", "grace_until"} <= offer.keys()
    assert "Melati" not in str(offer)


def test_the_holder_sees_all_until_the_patient_is_left() -> None:
    """Place, phone, answers and note; after cleared a blurred place alone."""
    world = World()
    (one,) = world.on_duty(1)
    told(world)
    request = next(id_ for type_, id_ in world.things if type_ == "request")
    world.accept(request, one)
    won = world.seen_by(one, request)
    assert (won["phone"], won["landmark"], won["note"], won["answers"]["awake"]) == (
        "0812345678",
        "Gang Melati 3",
        "jatuh",
        "yes",
    )
    exact = won["location"]
    world.ok("medic.advance", {"request": request, "to": "cleared"}, one)
    for view in (world.seen_by(one, request), world.view("dispatch", request)):
        assert view.keys() & SECRET <= {"location", "caller"}
        assert (view["location"]["lat"], view["location"]["lon"]) != (exact["lat"], exact["lon"])


def test_the_caller_sees_levels_not_people() -> None:
    """Counts of receipts; no list of who was asked."""
    world = World()
    world.on_duty(1, 2)
    view = world.seen_by(CALLER, world.call())
    assert view["receipts"] == dict.fromkeys(LEVELS, 0)
    assert "offers" not in view
    assert "Medic" not in str(view)


def test_the_desk_sees_offers_with_reasons_and_the_time_line() -> None:
    """At most 12 offers with receipts and reasons, counts for the rest."""
    world = World()
    world.on_duty(*range(1, 21))
    request = world.call()
    world.pass_ms(40_000)
    view = world.view("dispatch", request)
    assert len(view["offers"]) <= 12
    assert sum(view["offers_more"].values()) + len(view["offers"]) == 20
    assert {"person", "name", "state", "wave", "reason", "distance_m", "receipts"} == view["offers"][0].keys()
    assert [entry["what"] for entry in view["timeline"]][:2] == ["called", "offered"]


def test_a_view_stays_under_four_kilobytes() -> None:
    """However much there is to say, the newest and the most important fit."""
    offers = {
        f"0190a3c4-aaaa-7bbb-8ccc-{number:012d}": Offer(
            name="dr. Raden Ajeng Kusumawardhani Sp.EM",
            wave=3,
            at=NOW,
            reason="nearest",
            receipts=dict.fromkeys(LEVELS, NOW),
        )
        for number in range(100)
    }
    request = Request(
        id="r",
        caller="ani",
        called_at=NOW,
        grace_until=NOW,
        offers=offers,
        note="n" * 1000,
        landmark="😀" * 200,
        maybe_same=tuple(offers)[:8],
    )
    for _ in range(60):
        request = with_line(request, NOW, "wave 3", "dr. Raden Ajeng Kusumawardhani")
    for view in views(request, NOW).values():
        assert len(msgspec.msgpack.encode(view)) <= VIEW_BYTES
    assert views(request, NOW)["dispatch", "r"]["offers"]


@pytest.mark.parametrize(
    ("name", "first"),
    [
        ("Sari Wulandari", "Sari"),
        ("dr. Budi Santoso, Sp.PD", "Budi"),
        ("Ns. Dewi Lestari", "Dewi"),
        ("Bu Sri", "Bu Sri"),
        ("dr. Pak Joko Widodo", "Pak Joko"),
        ("Medic 7", "Medic"),
        ("dr.", "dr."),
        ("", ""),
    ],
)
def test_the_caller_reads_a_first_name(name: str, first: str) -> None:
    """Without titles, with the word of respect; never nothing where there is something."""
    assert first_name(name) == first


def test_nobody_listens_for_phone_callers_and_backups() -> None:
    """They have no screen of their own."""
    request = Request(id="r", caller="ani", called_at=NOW, grace_until=NOW)
    assert caller_topic(request) == "help/ani"
    assert caller_topic(msgspec.structs.replace(request, source="phone_112")) is None
    assert caller_topic(msgspec.structs.replace(request, backup=True)) is None


def test_the_medics_band_widens_with_age_and_ends() -> None:
    """A fix older than 90 s gives no ETA; the distance stays with its time."""
    offer = Offer(name="Sari", wave=1, at=NOW, reason="nearest", state="won", vehicle="motor")
    request = Request(
        id="r",
        caller="ani",
        called_at=NOW,
        grace_until=NOW,
        state="accepted",
        holder="m1",
        offers={"m1": offer},
        place=Place(-7.47, 112.43),
        holder_place=Place(-7.48, 112.43, 10.0, NOW),
    )
    fresh = views(request, NOW)["help/ani", "r"]["medic"]
    assert fresh["eta_s"] == [154, 360]
    assert fresh["fix_at"] == NOW
    assert views(request, NOW + 60_000)["help/ani", "r"]["medic"]["eta_s"] == [124, 390]
    assert "eta_s" not in views(request, NOW + 90_001)["help/ani", "r"]["medic"]


def test_retired_is_on_no_screen() -> None:
    """Neither caller, desk nor medic."""
    offer = Offer(name="Sari", wave=1, at=NOW, reason="nearest")
    request = Request(id="r", caller="ani", called_at=NOW, grace_until=NOW, offers={"m1": offer}, retired=True)
    assert views(request, NOW) == {}
    assert offer_view(request, "m1", NOW) is None
    assert offer_view(request, "m2", NOW) is None


def test_every_view_has_its_four_keys() -> None:
    """type, id, state, at: whatever it is."""
    world = World()
    world.on_duty(1, 2)
    request = world.call()
    world.accept(request, medic(1))
    world.call(STRANGER)
    world.ok("medic.close", {"request": request, "outcome": "treated"}, DESK)
    assert all(
        {"type", "id", "state", "at"} <= view.keys() and view["id"] == id_
        for table in world.tables.values()
        for id_, view in table.items()
    )
