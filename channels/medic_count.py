"""An ended request is counted in the figures of its day, once.

Ending a request sets a timer in its own commit; that timer's command counts. So no
patient's command ever waits for, or conflicts over, the one thing that holds all
figures, and none is lost: a timer is as durable as the end itself.
"""

from __future__ import annotations

from collections.abc import Iterator

import msgspec

from channels import medic_times as times
from channels.figures import of_request
from channels.geo import City
from channels.medic_commit import Draft
from channels.medic_steps import known
from channels.medic_times import FIGURES, Figures
from channels.medic_waves import early
from hub.contract import Actor, Command, Decision, Facts, Need, Refusal, State, Thing


def gather_count(city: City, state: State, command: Command, actor: Actor) -> Iterator[Need]:
    yield Thing("request", command.data.request)
    yield Thing("figures", FIGURES)


def decide_count(
    city: City, state: State, command: Command, facts: Facts, actor: Actor, now: int
) -> Decision | Refusal:
    """Add a request's intervals to its day; one that is gone, or counted already, changes nothing."""
    request = known(state, command.data.request)
    if request is None:
        return Decision()
    nothing = early(request, "count", now)
    if nothing is not None:
        return nothing
    before = state.thing(Figures, "figures", FIGURES) or Figures()
    after = times.with_request(before, request, city.rules.zone_ms)
    draft = Draft(now, "medic.timed", fired="count")
    draft.request(request, msgspec.structs.replace(request, counted=True))
    draft.write("figures", FIGURES, after)
    draft.tell(times.views(before, now), times.views(after, now))
    return msgspec.structs.replace(draft.decision(), figures=of_request(request, demo=facts.demo))
