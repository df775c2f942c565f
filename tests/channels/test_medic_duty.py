"""Duty, reachability, positions and the count of the medics on duty."""

from __future__ import annotations

from hub.contract import HUB, TIMER, Decision, Reach
from tests.channels.medic_world import DESK, HOME, World, medic


def test_on_and_off() -> None:
    """On the roster while on duty, gone from it after; the medic's own record stays."""
    world = World()
    (one,) = world.on_duty(1)
    duty = world.seen_by(one, "m1")
    assert (duty["type"], duty["state"], duty["name"], duty["reachable"]) == ("duty", "on", "Medic 1", True)
    assert world.view("roster", "m1")["type"] == "medic"
    world.ok("medic.duty", {"on": False}, one)
    assert "m1" not in world.tables["roster"]
    assert world.seen_by(one, "m1")["state"] == "off"
    assert world.geo["medics"] == {}
    assert world.sets["medics"] == set()


def test_the_city_sees_how_many_are_on_duty() -> None:
    """`city` says so before the tap; busy medics are on duty, too."""
    world = World()
    world.on_duty(1, 2)
    assert world.view("city", "medics")["on_duty"] == 2
    world.accept(world.call(), medic(1))
    world.settle()
    assert world.view("city", "medics")["on_duty"] == 2
    world.ok("medic.duty", {"on": False}, medic(2))
    world.settle()
    view = world.view("city", "medics")
    assert (view["type"], view["state"], view["on_duty"]) == ("medics", "available", 1)


def test_the_count_is_written_only_when_it_differs() -> None:
    """A second timer of the same moment has nothing to do."""
    world = World()
    world.on_duty(1)
    commits = world.commits
    world.run("medic.tally", {"tally": "medics"}, TIMER)
    assert world.commits == commits


def test_on_again_changes_drills_and_keeps_since() -> None:
    """On while on is no new duty."""
    world = World()
    (one,) = world.on_duty(1)
    since = world.duty(one).since
    world.pass_ms(5_000)
    answer = world.ok("medic.duty", {"on": True, "drills": True}, one)
    assert answer == {"state": "on", "since": since, "reachable": True}
    assert world.duty(one).drills


def test_off_while_holding_is_refused() -> None:
    """The patient comes first: release it."""
    world = World()
    (one,) = world.on_duty(1)
    world.accept(world.call(), one)
    assert world.no("medic.duty", {"on": False}, one).code == "illegal_step"


def test_going_off_withdraws_open_offers() -> None:
    """A phone whose medic went off duty stops ringing, and the next is asked at once."""
    world = World()
    (one,) = world.on_duty(1)
    request = world.call()
    world.on_duty(2)
    world.ok("medic.duty", {"on": False}, one)
    world.settle()
    assert world.seen_by(one, request)["state"] == "withdrawn"
    assert world.open_offers(request) == ["m2"]


# -- reachable -------------------------------------------------------------------------


def test_turning_deaf_on_duty_is_an_alarm() -> None:
    """Told loudly to the medic, marked on the roster, sounded at the desk; over when heard again."""
    world = World()
    (one,) = world.on_duty(1)
    world.hear("m1", reachable=False)
    assert world.seen_by(one, "m1")["reachable"] is False
    assert world.view("roster", "m1")["reachable"] is False
    alarm = world.view("dispatch", "m1.deaf")
    assert (alarm["state"], alarm["reason"], alarm["name"]) == ("ringing", "deaf", "Medic 1")
    world.hear("m1")
    assert world.alarms() == {}


def test_who_can_be_woken_is_no_alarm_and_is_asked() -> None:
    """Silent, but wakeable: marked, asked in the first wave; the last device gone is an alarm at once."""
    world = World()
    wake = {"person": "m1", "wakeable": True}
    world.ok("medic.wakeable", wake, HUB)  # before the first duty
    (one,) = world.on_duty(1)
    world.hear("m1", reachable=False)
    world.settle()
    assert world.seen_by(one, "m1")["wakeable"] is True
    assert world.view("roster", "m1")["wakeable"] is True
    assert "m1.deaf" not in world.tables.get("dispatch", {})
    request = world.call()
    assert world.view("help/m1", request)["state"] == "open"
    commits = world.commits
    world.ok("medic.wakeable", wake, HUB)
    assert world.commits == commits
    world.ok("medic.wakeable", {**wake, "wakeable": False}, HUB)
    assert world.view("dispatch", "m1.deaf")["reason"] == "deaf"
    assert "wakeable" not in world.seen_by(one, "m1")
    world.ok("medic.wakeable", wake, HUB)
    assert "m1.deaf" not in world.tables["dispatch"]


def test_who_turns_wakeable_is_offered_what_nobody_was_asked_for() -> None:
    """As one who is heard again."""
    world = World()
    world.on_duty(1, reachable=False)
    request = world.call()
    assert ("help/m1", request) not in [(topic, id_) for topic, table in world.tables.items() for id_ in table]
    world.ok("medic.wakeable", {"person": "m1", "wakeable": True}, HUB)
    world.settle()
    assert world.view("help/m1", request)["state"] == "open"


def test_a_deaf_alarm_taken_rings_again_after_a_minute() -> None:
    """As every alarm does, while the medic is deaf."""
    world = World()
    world.on_duty(1)
    world.hear("m1", reachable=False)
    world.ok("alarm.take", {"alarm": "m1.deaf"}, DESK)
    assert world.view("dispatch", "m1.deaf")["state"] == "taken"
    world.pass_ms(60_000)
    assert world.view("dispatch", "m1.deaf")["count"] == 2
    world.ok("alarm.take", {"alarm": "m1.deaf"}, DESK)
    world.ok("medic.duty", {"on": False}, medic(1))
    world.pass_ms(60_000)
    assert world.alarms() == {}


def test_one_hubs_news_is_not_the_truth() -> None:
    """A screen at another hub still answers: the leases of all hubs say so."""
    world = World()
    world.on_duty(1)
    world.ok("medic.presence", {"person": "m1", "reachable": False, "connected": False}, HUB)
    assert world.duty(medic(1)).reachable
    assert world.alarms() == {}


def test_presence_of_strangers_changes_nothing() -> None:
    """Somebody never on duty has no record; off duty there is no alarm."""
    world = World()
    world.ok("medic.presence", {"person": "m9", "reachable": True, "connected": True}, HUB)
    assert world.things == {}
    (one,) = world.on_duty(1)
    world.ok("medic.duty", {"on": False}, one)
    world.hear("m1", reachable=False)
    assert world.alarms() == {}


def test_who_is_heard_again_is_asked_by_what_waits() -> None:
    """A request that rings everybody, or nobody, takes whoever can be reached again."""
    world = World()
    world.on_duty(1, reachable=False)
    request = world.call()
    assert world.open_offers(request) == []
    world.hear("m1")
    world.settle()
    assert world.open_offers(request) == ["m1"]


def test_a_crowd_of_waiting_requests_is_offered_in_batches() -> None:
    """Eight at a time, the rest at once after them."""
    world = World()
    data = {"source": "phone_112", "kelurahan": "meri"}
    requests = [world.ok("medic.call", data, DESK)["request"] for _ in range(20)]
    world.on_duty(1)
    assert all(world.open_offers(request) == ["m1"] for request in requests)
    assert world.run("medic.rejoin", {"medic": "m1"}, TIMER) == Decision()


# -- where -------------------------------------------------------------------------------


def test_a_position_counts_on_duty_only() -> None:
    """Off duty nobody is followed."""
    world = World()
    assert world.at(medic(1), HOME[0]) is None
    (one,) = world.on_duty(1)
    assert world.at(one, HOME[0]) is not None
    world.ok("medic.duty", {"on": False}, one)
    assert world.at(one, HOME[0]) is None


def test_a_fix_is_as_old_as_it_says() -> None:
    """`age_ms` counts by the store's clock, and nothing comes from the future."""
    world = World()
    (one,) = world.on_duty(1)
    fix = world.at(one, HOME[0], age_ms=4_000)
    assert fix is not None
    assert fix.fix_at == world.now - 4_000
    assert fix.index == "medics"


def test_a_medic_who_comes_back_is_found_where_last_seen() -> None:
    """Going on duty puts a fix under 30 min back into the index."""
    world = World()
    (one,) = world.on_duty(1)
    world.ok("medic.duty", {"on": False}, one)
    world.ok("medic.duty", {"on": True}, one)
    assert world.geo["medics"] == {"m1": (HOME[0] + 0.0009, HOME[1])}
    world.ok("medic.duty", {"on": False}, one)
    world.pass_ms(30 * 60_000 + 1)
    world.ok("medic.duty", {"on": True}, one)
    assert world.geo["medics"] == {}


def test_a_backup_shows_its_holder_only_to_the_roster() -> None:
    """The caller's map shows the first medic."""
    world = World()
    world.on_duty(1, 2)
    request = world.call()
    world.accept(request, medic(1))
    backup = world.ok("medic.backup", {"request": request}, medic(1))["backup"]
    world.accept(backup, medic(2))
    fix = world.at(medic(2), HOME[0])
    assert fix is not None
    assert fix.topics == (("roster", "m2"),)


def test_the_desk_is_staffed_while_a_screen_answers() -> None:
    """Known by leases, for calls that the desk hears first."""
    world = World()
    world.here["endah"] = Reach(connected=True)
    world.ok("medic.desk_presence", {"person": "endah", "reachable": False, "connected": True}, HUB)
    assert world.sets["medic_desk"] == {"endah"}
    world.here["endah"] = Reach()
    world.ok("medic.desk_presence", {"person": "endah", "reachable": False, "connected": False}, HUB)
    assert world.sets["medic_desk"] == set()
