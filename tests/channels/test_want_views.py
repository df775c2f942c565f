"""What each screen sees of a want, and how much it weighs."""

from __future__ import annotations

import msgspec
import pytest
from msgspec.structs import replace

from channels.offers import Offer
from channels.views import VIEW_BYTES
from channels.want_things import FRONT, MOST_ANSWERS, WAVE_MS, Asked, Said, Want
from channels.want_views import WANT_KIND, want_views
from tests.channels.market_world import EMOJI
from tests.channels.world import CITY

LONG = EMOJI * 15
PHONE = "+62 812 3456 7890 12"
WARD = max(CITY.kelurahan, key=len)


def largest() -> Want:
    """An open want with every field at its limit."""
    answered = {f"{n:040}": Said(LONG, WARD, "can_order", 2**42, "p" * 36, 10**9, 30_000) for n in range(MOST_ANSWERS)}
    fronts = {f"{n:040}": Offer(name="", wave=1 + n // FRONT, at=1, reason="turn") for n in range(3 * FRONT)}
    return Want(
        id="w" * 36, state="open", at=2**42, buyer="b" * 36, category="made_to_order", words="🎂" * 120, quantity=999,
        kelurahan=WARD, posted_at=2**42, until=2**42, budget=10**9, name=LONG, phone=PHONE, origin="o" * 80, wave=3,
        asked={ward: Asked(1000, 1 + n % 3, 2**42) for n, ward in enumerate(CITY.kelurahan)}, offers=fronts,
        answers=answered,
    )  # fmt: skip


def picked() -> Want:
    return replace(largest(), state="picked", picked=f"{0:040}", order="o" * 36, ended_at=2**42)


@pytest.mark.parametrize("want", [largest(), picked()], ids=["open", "picked"])
def test_the_largest_want_fits(want: Want) -> None:
    """Ten answers and ten in front: every view under 4 KB, in 30 topics; ids are never cut."""
    views = want_views(want, 2**42)
    for place, view in views.items():
        assert len(msgspec.msgpack.encode(view)) <= VIEW_BYTES < 4096, place
    assert len({topic for topic, _ in views}) == (30 if want.state == "open" else 12)
    buyer = views["person/" + "b" * 36, want.id]
    assert [answer["shop"] for answer in buyer["answers"]] == list(want.answers)


@pytest.mark.parametrize("want", [largest(), picked()], ids=["open", "picked"])
def test_nobodys_name_or_phone(want: Want) -> None:
    """Not for the asked, not for those who answered, not at the desk; there not even what is looked for."""
    for (topic, _), view in want_views(want, 1).items():
        text = str(view)
        assert PHONE not in text
        if not topic.startswith("person/"):
            assert LONG not in text
            assert "b" * 36 not in text
            assert not {"name", "phone", "buyer", "answers"} & (view.keys() - {"answers"}), topic
        if topic == "dispatch/market":
            assert not {"words", "budget"} & view.keys()
            assert view["type"] == "market_want"
            assert view["answers"] == MOST_ANSWERS


def test_the_asked_see_the_front_of_their_own_wave() -> None:
    """And what is looked for, as it was said."""
    want = largest()
    for number, ward in enumerate(CITY.kelurahan):
        view = want_views(want, 1)[f"wants/{ward}/made_to_order", want.id]
        wave = 1 + number % 3
        assert view["front"] == [f"{n:040}" for n in range((wave - 1) * FRONT, wave * FRONT)]
        assert view["full"] is True
        assert view["words"] == want.words


def test_a_want_that_is_over_leaves_the_asked() -> None:
    """Buyer, desk and who answered keep it."""
    topics = {topic.partition("/")[0] for topic, _ in want_views(picked(), 1)}
    assert topics == {"person", "dispatch", "shop"}


def test_deadlines() -> None:
    """An open want expires and has its next wave, early where nobody was asked; a full one has none; then it leaves."""
    assert WANT_KIND.deadlines is not None
    fresh = replace(largest(), answers={}, wave=1, posted_at=100, at=100, until=5_000_000)
    assert WANT_KIND.deadlines(fresh) == {
        "expire": (5_000_000, "want.expire"),
        "wave": (100 + WAVE_MS[1], "want.wave"),
    }
    nobody = replace(fresh, asked={WARD: Asked(0, 1, 100)})
    assert WANT_KIND.deadlines(nobody)["wave"] == (100, "want.wave")
    assert WANT_KIND.deadlines(replace(fresh, wave=3)).keys() == {"expire"}
    assert WANT_KIND.deadlines(largest()).keys() == {"expire"}
    assert WANT_KIND.deadlines(picked()).keys() == {"retire"}
