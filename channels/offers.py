"""What every service that offers something to several people shares.

An *offer* is the thing on one person's screen. It is open until its person
answers or the thing is decided without them. Offers live inside the thing that
is offered: who wins is then one write of one thing.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Literal

import msgspec
from msgspec import Struct

Level = Literal["sent", "received", "shown", "audible", "seen"]
LEVELS: tuple[Level, ...] = ("sent", "received", "shown", "audible", "seen")

OfferState = Literal["open", "won", "declined", "stood_down", "withdrawn"]

Reason = Literal["nearest", "stale_fix", "busy", "deaf", "no_location", "no_candidates", "assigned", "robot", "turn"]


class Offer(Struct, frozen=True, omit_defaults=True):
    """One person's offer.

    Args:
        at: when it was (last) offered. ended_at: when it left `open`, 0 before.
        reason: why this person was picked.
        replaced: the next candidate was already added for an offer that no
            device received in time.
        winner: who made it `stood_down`.
    """

    name: str
    wave: int
    at: int
    reason: Reason
    state: OfferState = "open"
    distance_m: int | None = None
    vehicle: str = ""
    receipts: dict[str, int] = {}
    ended_at: int = 0
    replaced: bool = False
    winner: str = ""


class Candidate(Struct, frozen=True):
    """Somebody who could be asked.

    Args:
        reachable: heard right now; asked first.
        wakeable: not heard, and a device can be woken; asked after the reachable. Neither is deaf, asked only when
            everybody is.
        distance_m: None when the fix does not count or no place is known.
        rank_m: distance with the age of the fix in it; smaller is asked first.
    """

    id: str
    name: str
    vehicle: str
    reachable: bool
    reason: Reason
    distance_m: int | None
    rank_m: float
    wakeable: bool = False

    @property
    def able(self) -> bool:
        return self.reachable or self.wakeable


class Pick(Struct, frozen=True):
    """Who is asked, and why there are not more (`shortfall`)."""

    chosen: tuple[Candidate, ...]
    shortfall: Reason | None = None


def pick(candidates: Iterable[Candidate], wanted: int, *, deaf_too: bool = False, busy: int = 0) -> Pick:
    """Choose at most `wanted`: the reachable ones, then who can be woken; near before far before unplaced.

    Args:
        deaf_too: ask those who do not hear as well, last.
        busy: how many were left out because they have a patient; it only names
            the shortfall.
    """
    ranked = sorted(candidates, key=_rank)
    able = [one for one in ranked if one.able or deaf_too]
    chosen = tuple(able[:wanted])
    if len(chosen) >= wanted:
        return Pick(chosen)
    if len(able) < len(ranked):
        return Pick(chosen, "deaf")
    return Pick(chosen, "busy" if busy else "no_candidates")


def _rank(one: Candidate) -> tuple[bool, bool, bool, float, str]:
    return not one.reachable, not one.able, one.distance_m is None, one.rank_m, one.id


def offered(offers: Mapping[str, Offer], picked: Iterable[Candidate], wave: int, at: int) -> dict[str, Offer]:
    """The offers with the picked ones open; one who was asked before is asked anew."""
    fresh = {
        one.id: Offer(
            name=one.name,
            vehicle=one.vehicle,
            wave=wave,
            at=at,
            reason=one.reason if one.able else "deaf",
            distance_m=one.distance_m,
        )
        for one in picked
    }
    return {**offers, **fresh}


def with_offer(offers: Mapping[str, Offer], person: str, **fields: Any) -> dict[str, Offer]:
    """The offers with one of them changed."""
    return {**offers, person: msgspec.structs.replace(offers[person], **fields)}


def ended(offers: Mapping[str, Offer], state: OfferState, at: int, *, winner: str = "") -> dict[str, Offer]:
    """All open offers leave `open` at once, except the winner's."""
    return {
        person: msgspec.structs.replace(offer, state=state, ended_at=at, winner=winner)
        if offer.state == "open" and person != winner
        else offer
        for person, offer in offers.items()
    }


def receipted(offers: Mapping[str, Offer], person: str, level: Level, at: int) -> dict[str, Offer] | None:
    """The offers with one more receipt, or None when that level was there already."""
    receipts = offers[person].receipts
    if level in receipts:
        return None
    return with_offer(offers, person, receipts={**receipts, level: at})


def receipt_counts(offers: Iterable[Offer]) -> dict[str, int]:
    """How many people each level was proven for."""
    counts: dict[str, int] = dict.fromkeys(LEVELS, 0)
    for offer in offers:
        for level in offer.receipts:
            counts[level] += 1
    return counts


def open_ids(offers: Mapping[str, Offer]) -> list[str]:
    return [person for person, offer in offers.items() if offer.state == "open"]


def unheard(offers: Mapping[str, Offer], patience_ms: int, now: int) -> list[str]:
    """Whose device did not even receive the offer in time, and nobody was asked instead."""
    return [person for person, offer in _waiting(offers) if offer.at + patience_ms <= now]


def unheard_due(offers: Mapping[str, Offer], patience_ms: int) -> int | None:
    """When the next offer becomes unheard, or None."""
    return min((offer.at + patience_ms for _, offer in _waiting(offers)), default=None)


def _waiting(offers: Mapping[str, Offer]) -> Sequence[tuple[str, Offer]]:
    return [
        (person, offer)
        for person, offer in offers.items()
        if offer.state == "open" and not offer.replaced and not (offer.receipts.keys() - {"sent"})
    ]
