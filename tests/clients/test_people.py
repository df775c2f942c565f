from __future__ import annotations

import random
from collections import Counter
from itertools import pairwise

from clients.people import HUMAN_FIRST_S, Medic, answer_to, spare_medic
from clients.sellers import Seller
from tests.clients.city import City, Screen, in_virtual_time, order_view


@in_virtual_time
async def test_answers_like_people() -> None:
    """Most accept after 4 to 12 s, some decline, some miss it; the phone is heard by itself."""
    rng = random.Random(1)
    plans = [answer_to(rng, "sim") for _ in range(2000)]
    acts = Counter(plan.act for plan in plans)
    assert acts["medic.accept"] > acts["medic.decline"] > 100
    assert acts[None] > 100
    assert all(4 <= plan.act_s <= 12 for plan in plans)
    assert all(plan.shown_s < plan.audible_s < plan.act_s for plan in plans)


@in_virtual_time
async def test_a_humans_call_is_not_answered_at_once() -> None:
    """No plan of a simulated medic takes or declines a call that a human made."""
    rng = random.Random(1)
    assert {answer_to(rng, source).act for source in ("app", "phone_119", "backup") for _ in range(500)} == {None}


@in_virtual_time
async def test_medic_takes_a_simulated_call_to_its_end() -> None:
    """A medic gives receipts in order, accepts, and drives through every step up to `cleared`."""
    city = City(seed=2)
    medic = await city.medic("dewi", "kranggan")
    city.offer("dewi", "r1", source="sim")
    await city.live(900)
    acts = city.calls("dewi")
    assert acts[0] == ("medic.duty", {"on": True})
    levels = [data["level"] for cmd, data in acts if cmd == "medic.receipt"]
    assert levels == ["received", "shown", "audible", "seen"]
    steps = [data["to"] for cmd, data in acts if cmd == "medic.advance"]
    assert steps == ["en_route", "on_scene", "at_patient", "cleared"]
    assert medic.mission is None


@in_virtual_time
async def test_medic_drives_to_the_patient_inside_the_city() -> None:
    """Positions said on the way stay inside the city and end at the patient."""
    city = City(seed=2)
    await city.medic("dewi", "kranggan")
    city.offer("dewi", "r1", source="sim")
    await city.live(900)
    places = city.places("dewi")
    assert all(city.stage.ground.inside(place) for place in places)
    assert min(city.stage.ground.metres(place, city.patient) for place in places) < 60
    fastest = max(city.stage.ground.metres(a, b) for a, b in pairwise(places))
    assert fastest <= 35 / 3.6 * 3 + 1


@in_virtual_time
async def test_a_cancelled_mission_ends() -> None:
    """When the caller wants to cancel, the medic clears the request instead of driving on."""
    city = City(seed=2)
    medic = await city.medic("dewi", "kranggan")
    city.offer("dewi", "r1", source="sim")
    await city.live(20)
    city.change("help/dewi", "r1", cancel_requested=True)
    await city.live(10)
    assert city.calls("dewi")[-1] == ("medic.advance", {"request": "r1", "to": "cleared"})
    assert medic.mission is None


@in_virtual_time
async def test_a_human_goes_first() -> None:
    """A human's call is left alone for 15 s; then exactly one simulated medic accepts within 10 s."""
    city = City(seed=3)
    for person in ("dewi", "agus", "sari"):
        await city.medic(person, "kranggan")
        city.offer(person, "r1", source="app")
    await city.live(HUMAN_FIRST_S)
    assert city.accepts == []
    await city.live(10)
    assert len(city.accepts) == 1


@in_virtual_time
async def test_nobody_spares_a_call_that_a_human_took() -> None:
    """A human medic who accepts in time has the call alone."""
    city = City(seed=3)
    await city.medic("dewi", "kranggan")
    city.offer("dewi", "r1", source="app")
    await city.live(10)
    city.change("help/dewi", "r1", state="stood_down")
    await city.live(60)
    assert city.accepts == []


@in_virtual_time
async def test_a_later_wave_is_served_too() -> None:
    """When only humans were asked first, a simulated medic of a later wave still comes."""
    city = City(seed=3)
    await city.medic("dewi", "kranggan")
    city.stage.spawn(spare_medic(city.stage, "r1", 0), "spare")
    await city.live(40)
    city.offer("dewi", "r1", source="app")
    await city.live(30)
    assert len(city.accepts) == 1


@in_virtual_time
async def test_goes_on_after_a_restart() -> None:
    """A medic who held a request, and a seller who prepared an order, go on where they were."""
    city = City(seed=2)
    city.offer("dewi", "r1", source="app", state="won", request_state="on_scene")
    medic = await city.medic("dewi", "kranggan")
    city.change("shop/s02", "o1", **{**order_view(), "state": "ready", "accepted_by": "Sri"})
    await Seller(city.stage, "Sri", "s02", city.screen("sri").client()).start()
    await city.live(120)
    assert [data["to"] for cmd, data in city.calls("dewi") if cmd == "medic.advance"] == ["at_patient", "cleared"]
    assert [data["to"] for cmd, data in city.calls("sri") if cmd == "order.advance"] == ["completed"]
    assert isinstance(medic, Medic)
    assert isinstance(city.screen("dewi"), Screen)
