"""The replay of a day: what the service knows at a moment, and no more."""

from __future__ import annotations

from channels.van_replay import PREDICTORS, Replay

MIN = 60_000
STOPS = [("a", -7.47, 112.43, 60 * MIN), ("b", -7.47, 112.44, 85 * MIN)]


def test_three_predictors_speak_of_what_is_to_come() -> None:
    """Before anything is heard, the timetable is known; a stop that was reached is foretold no more."""
    van = Replay(STOPS)
    said = van.said(50 * MIN)
    assert tuple(said) == PREDICTORS
    assert said["schedule"] == {"a": 60 * MIN, "b": 85 * MIN}
    assert said["distance"] == {}
    van.hear_event("depart", None, 52 * MIN)
    van.hear_event("arrive", "a", 60 * MIN)
    assert set(van.said(61 * MIN)["ours"]) == {"b"}


def test_fix_is_used_and_a_spike_is_not() -> None:
    """A fix moves ours and the distance; one that is 20 km away is in quarantine."""
    van = Replay(STOPS)
    van.hear_event("depart", None, 52 * MIN)
    van.hear_fix(55 * MIN, -7.47, 112.425, 8)
    near = van.said(55 * MIN + 5000)
    van.hear_fix(55 * MIN + 5000, -7.27, 112.425, 8)
    assert van.said(55 * MIN + 5000) == near
    assert near["ours"]["a"] < 60 * MIN
