"""Whom a want asks, and who of them rings first.

A wave goes from the want's kelurahan outward. In each, ten shops are in front:
their phones ring at once, the others' 10 s later. Small shops come before big
ones, and everybody's turn comes round, so that it is not always the shop with
the most staff that answers first: of n small shops that a wave may ask, each is
in front once in n/10 wants from the same kelurahan.
"""

from __future__ import annotations

from collections.abc import Iterable

from msgspec.structs import replace

from channels.geo import City
from channels.offers import Candidate, offered, pick
from channels.shop_views import open_in, small_in
from channels.want_things import FRONT, HEAD_START_MS, NEIGHBOURS, Asked, Turn, Want
from hub.contract import Members, Need, State, Thing


def reached_by(city: City, kelurahan: str, wave: int) -> tuple[str, ...]:
    """The kelurahan that a wave asks beside those asked before."""
    outward = city.outward(kelurahan)
    if wave == 1:
        return outward[:1]
    return outward[1 : 1 + NEIGHBOURS] if wave == 2 else outward[1 + NEIGHBOURS :]


def turn_of(kelurahan: str, category: str, wave: int) -> str:
    """Whose turn it is, is kept for wants that ask the same shops: so nobody's is skipped."""
    return f"{category}.{kelurahan}.{wave}"


def wave_needs(city: City, kelurahan: str, category: str, wave: int) -> list[Need]:
    needs: list[Need] = [Thing("turn", turn_of(kelurahan, category, wave))]
    for ward in reached_by(city, kelurahan, wave):
        needs += [Members(open_in(ward, category)), Members(small_in(ward, category))]
    return needs


def waved(city: City, state: State, want: Want, now: int) -> tuple[Want, Turn]:
    """The want with its next wave, and the turn of the next one from there."""
    wave = want.wave + 1
    turn = state.thing(Turn, "turn", turn_of(want.kelurahan, want.category, wave)) or Turn()
    wards = reached_by(city, want.kelurahan, wave)
    found = {ward: state.members(Members(open_in(ward, want.category))) for ward in wards}
    everybody = {shop for shops in found.values() for shop in shops}
    small = {shop for ward in wards for shop in state.members(Members(small_in(ward, want.category)))} & everybody
    front = pick(_in_turn(small, everybody - small, turn), FRONT).chosen
    rest_at = now + HEAD_START_MS if len(everybody) > len(front) else now
    asked = {**want.asked, **{ward: Asked(len(shops), wave, rest_at) for ward, shops in found.items()}}
    want = replace(want, wave=wave, at=now, asked=asked, offers=offered(want.offers, front, wave, now))
    last = {one.id in small: one.id for one in front}
    return want, Turn(last.get(True, turn.small), last.get(False, turn.other))


def _in_turn(small: Iterable[str], others: Iterable[str], turn: Turn) -> list[Candidate]:
    """The shops as candidates: small ones first, each group from where its last front ended."""
    ranked = [*_after(turn.small, small), *_after(turn.other, others)]
    return [
        Candidate(id=shop, name="", vehicle="", reachable=True, reason="turn", distance_m=0, rank_m=place)
        for place, shop in enumerate(ranked)
    ]


def _after(last: str, shops: Iterable[str]) -> list[str]:
    return sorted(shops, key=lambda shop: (shop <= last, shop))
