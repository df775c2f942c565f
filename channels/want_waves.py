"""Whom a want asks, and who of them rings first.

A wave goes from the want's kelurahan outward. In each, ten shops are in front:
their phones ring at once, the others' 10 s later. Small shops come before big
ones, and everybody's turn comes round, so that it is not always the shop with
the most staff that answers first.
"""

from __future__ import annotations

from collections.abc import Iterable

from msgspec.structs import replace

from channels.geo import City
from channels.offers import Candidate, offered, pick
from channels.shop_views import open_in, small_in
from channels.want_things import FRONT, HEAD_START_MS, NEIGHBOURS, Turn, Want
from hub.contract import Members, Need, State, Thing


def reached_by(city: City, kelurahan: str, wave: int) -> tuple[str, ...]:
    """The kelurahan that a wave asks beside those asked before."""
    outward = city.outward(kelurahan)
    if wave == 1:
        return outward[:1]
    return outward[1 : 1 + NEIGHBOURS] if wave == 2 else outward[1 + NEIGHBOURS :]


def wave_needs(city: City, kelurahan: str, category: str, wave: int) -> list[Need]:
    needs: list[Need] = [Thing("turn", category)]
    for ward in reached_by(city, kelurahan, wave):
        needs += [Members(open_in(ward, category)), Members(small_in(ward, category))]
    return needs


def waved(city: City, state: State, want: Want, now: int) -> tuple[Want, Turn]:
    """The want with its next wave, and where the next front of the category begins."""
    wave, turn = want.wave + 1, state.thing(Turn, "turn", want.category) or Turn()
    wards = reached_by(city, want.kelurahan, wave)
    found = {ward: state.members(Members(open_in(ward, want.category))) for ward in wards}
    small = {shop for ward in wards for shop in state.members(Members(small_in(ward, want.category)))}
    everybody = sorted(shop for shops in found.values() for shop in shops)
    front = pick(_in_turn(everybody, small, turn.next), FRONT).chosen
    asked = {**want.asked, **{ward: len(shops) for ward, shops in found.items()}}
    want = replace(
        want,
        wave=wave,
        at=now,
        asked=asked,
        offers=offered(want.offers, front, wave, now),
        rest_at=now + HEAD_START_MS if len(everybody) > len(front) else now,
    )
    return want, Turn((turn.next + len(front)) % 1_000_000)


def _in_turn(shops: list[str], small: Iterable[str], start: int) -> list[Candidate]:
    """The shops as candidates: small ones first, then from where the last front ended."""
    return [
        Candidate(
            id=shop,
            name="",
            vehicle="",
            reachable=True,
            reason="turn",
            distance_m=0 if shop in small else 1,
            rank_m=(place - start) % len(shops) + (0 if shop in small else len(shops)),
        )
        for place, shop in enumerate(shops)
    ]
