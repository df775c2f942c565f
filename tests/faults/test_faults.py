"""A city is broken on purpose for half a minute; `make faults MINUTES=10 SEED=7` does it for longer."""

from __future__ import annotations

import pytest
import uvloop

from tests.faults.run import Plan, run
from tests.faults.schedule import MENU

PLAN = Plan(seconds=25, seed=7, every_s=0.9)


@pytest.mark.timeout(240)
def test_nothing_is_lost_doubled_or_told_wrong() -> None:
    """Hubs, workers and store are killed and frozen, links cut and silenced: no history differs from the store."""
    report = uvloop.run(run(PLAN, print))
    assert report.clean, "\n".join(report.lines())
    assert set(MENU) <= report.figures.keys()
