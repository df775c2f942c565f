"""The simulator's noise: as large as it says, and the same for the same seed."""

from __future__ import annotations

import random
from itertools import pairwise
from math import cos, hypot, radians
from statistics import fmean, median

from clients.gps_noise import M_PER_DEGREE, NOISE, Heard, Receiver, Roads, Stays, hour_factor, noticed_s

LAT, LON = -7.47, 112.43


def day(seed: int, fixes: int = 20_000) -> list[Heard]:
    receiver = Receiver(random.Random(seed))
    return [heard for at in range(fixes) for heard in receiver.hear(at * 15.0, LAT, LON)]


def errors(heard: list[Heard]) -> list[tuple[float, float]]:
    scale = M_PER_DEGREE * cos(radians(LAT))
    return [((one.lon - LON) * scale, (one.lat - LAT) * M_PER_DEGREE) for one in heard]


def test_same_seed_same_day() -> None:
    """A seed fixes everything that is heard."""
    assert day(3, 500) == day(3, 500)
    assert day(3, 500) != day(4, 500)


def test_error_is_about_eight_metres() -> None:
    """The root mean square of the error without spikes is 8 m."""
    near = [hypot(*error) for error in errors(day(1)) if hypot(*error) < 100]
    assert 7 < fmean(value * value for value in near) ** 0.5 < 9


def test_error_drifts() -> None:
    """Two fixes in a row err alike."""
    east = [error[0] for error in errors(day(2)) if hypot(*error) < 100]
    alike = fmean(a * b for a, b in pairwise(east)) / fmean(a * a for a in east)
    assert 0.85 < alike < 1


def test_spikes_gaps_late_and_twice() -> None:
    """One fix in a hundred is 300 m off; some are missing, late, or there twice."""
    heard = day(5)
    spikes = sum(hypot(*error) > 200 for error in errors(heard)) / len(heard)
    assert 0.006 < spikes < 0.014
    assert 0.9 < len({one.fix_at for one in heard}) / 20_000 < 0.99
    assert sum(one.heard_at - one.fix_at > 10 for one in heard) > 300
    assert len(heard) > len({one.fix_at for one in heard}) + 200


def test_stay_has_a_long_tail() -> None:
    """Work takes about its share of the planned stay; one stay in a hundred takes far longer."""
    times = sorted(Stays(random.Random(seed)).work_s(1200) for seed in range(4000))
    assert 0.7 < median(times) / 1200 < 0.9
    assert times[-40] > 1.8 * median(times)
    assert times[0] >= NOISE.shortest_s


def test_roads_vary_by_road_and_hour() -> None:
    """A leg has its own speed and detour, and the morning is slower than the forenoon."""
    roads = Roads(random.Random(7))
    assert len({roads.leg() for _ in range(5)}) == 5
    assert all(roads.detour() >= 1.05 for _ in range(200))
    assert hour_factor(7) < hour_factor(9) < hour_factor(13.5)
    assert roads.piece_s(120, 6, 9) > 0


def test_hub_knows_late() -> None:
    """An arrival is known within 70 s, seldom at once."""
    rng = random.Random(9)
    known = [noticed_s(rng) for _ in range(1000)]
    assert max(known) <= 70
    assert median(known) > 20
