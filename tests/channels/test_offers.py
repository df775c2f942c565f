"""Offers: who is picked and why, receipts, who has not heard."""

from __future__ import annotations

import msgspec
from hypothesis import given
from hypothesis import strategies as st

from channels.offers import (
    LEVELS,
    Candidate,
    Offer,
    Reason,
    ended,
    offered,
    open_ids,
    pick,
    receipt_counts,
    receipted,
    unheard,
    unheard_due,
    with_offer,
)


def one(id_: str, rank: float, *, reachable: bool = True, metres: int | None = 100) -> Candidate:
    reason: Reason = "nearest" if metres is not None else "stale_fix"
    return Candidate(id_, id_.upper(), "motor", reachable, reason, metres, rank)


CANDIDATES = st.lists(
    st.builds(
        one,
        st.text("abcdef", min_size=1, max_size=4),
        st.floats(0, 10_000),
        reachable=st.booleans(),
        metres=st.none() | st.integers(0, 9_000),
    ),
    unique_by=lambda candidate: candidate.id,
)


def test_near_before_far_before_unplaced() -> None:
    """The reachable are asked by distance, those without a fix that counts after them."""
    found = pick([one("far", 900), one("lost", 1, metres=None), one("near", 100)], 3)
    assert [candidate.id for candidate in found.chosen] == ["near", "far", "lost"]
    assert found.shortfall is None


def test_who_can_be_woken_comes_after_the_reachable_and_is_not_deaf() -> None:
    """A farther one who hears goes first; one who can be woken is asked in any wave, and not as deaf."""
    asleep = msgspec.structs.replace(one("asleep", 1, reachable=False), wakeable=True)
    found = pick([asleep, one("deaf", 0, reachable=False), one("far", 900)], 3)
    assert [candidate.id for candidate in found.chosen] == ["far", "asleep"]
    assert found.shortfall == "deaf"
    assert offered({}, [asleep], 1, 5)["asleep"].reason == "nearest"


def test_deaf_are_asked_only_when_everybody_is() -> None:
    """A deaf one is left out and named as the shortfall, or comes last."""
    people = [one("deaf", 1, reachable=False), one("near", 100)]
    assert [candidate.id for candidate in pick(people, 3).chosen] == ["near"]
    assert pick(people, 3).shortfall == "deaf"
    assert [candidate.id for candidate in pick(people, 3, deaf_too=True).chosen] == ["near", "deaf"]


def test_the_shortfall_has_a_reason() -> None:
    """Nobody there, or all have patients."""
    assert pick([], 3).shortfall == "no_candidates"
    assert pick([one("a", 1)], 3, busy=2).shortfall == "busy"


@given(CANDIDATES, st.integers(0, 10), st.booleans())
def test_pick_never_takes_too_many_or_the_wrong(candidates: list[Candidate], wanted: int, deaf_too: bool) -> None:
    """At most `wanted`, none twice, none deaf unless asked for; fewer only with a reason."""
    found = pick(candidates, wanted, deaf_too=deaf_too)
    assert len(found.chosen) <= wanted
    assert len({candidate.id for candidate in found.chosen}) == len(found.chosen)
    assert deaf_too or all(candidate.reachable for candidate in found.chosen)
    assert (found.shortfall is None) == (len(found.chosen) == wanted)


def test_a_deaf_one_is_offered_as_deaf() -> None:
    """The offer keeps why its person was picked."""
    offers = offered({}, [one("a", 1), one("b", 1, reachable=False)], 3, 50)
    assert (offers["a"].reason, offers["b"].reason) == ("nearest", "deaf")
    assert offers["a"].state == "open"
    assert (offers["a"].wave, offers["a"].at) == (3, 50)


def test_ending_spares_the_winner_and_the_answered() -> None:
    """Only open offers end, and never the winner's."""
    offers = offered({}, [one("a", 1), one("b", 1), one("c", 1)], 1, 0)
    offers = with_offer(offers, "c", state="declined")
    after = ended(offers, "stood_down", 9, winner="a")
    assert [after[who].state for who in "abc"] == ["open", "stood_down", "declined"]
    assert (after["b"].winner, after["b"].ended_at) == ("a", 9)
    assert open_ids(after) == ["a"]


def test_a_level_counts_once() -> None:
    """The second receipt of a level is None: nothing to write."""
    offers = offered({}, [one("a", 1)], 1, 0)
    first = receipted(offers, "a", "received", 5)
    assert first is not None
    assert first["a"].receipts == {"received": 5}
    assert receipted(first, "a", "received", 6) is None


@given(st.lists(st.tuples(st.sampled_from("abc"), st.sampled_from(LEVELS))))
def test_counts_equal_the_receipts(proofs: list[tuple[str, str]]) -> None:
    """The count of a level is the number of people who proved it."""
    offers = offered({}, [one(who, 1) for who in "abc"], 1, 0)
    for at, (who, level) in enumerate(proofs):
        offers = receipted(offers, who, level, at) or offers  # type: ignore[arg-type]
    counts = receipt_counts(offers.values())
    assert counts == {level: len({who for who, proven in proofs if proven == level}) for level in LEVELS}


def test_unheard_is_who_received_nothing() -> None:
    """Given to the socket is not received; who was replaced, or answered, is not waited for."""
    offers = {
        "sent": Offer(name="", wave=1, at=0, reason="nearest", receipts={"sent": 1}),
        "got": Offer(name="", wave=1, at=0, reason="nearest", receipts={"received": 1}),
        "late": Offer(name="", wave=1, at=900, reason="nearest"),
        "gone": Offer(name="", wave=1, at=0, reason="nearest", replaced=True),
        "no": Offer(name="", wave=1, at=0, reason="nearest", state="declined"),
    }
    assert unheard(offers, 5_000, 5_000) == ["sent"]
    assert unheard_due(offers, 5_000) == 5_000
    assert unheard_due({"got": offers["got"]}, 5_000) is None
