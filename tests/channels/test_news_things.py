"""What the crew sees of its news."""

from __future__ import annotations

from channels.news_things import NEWS_KIND, SHOWN, ChangedStop, News
from channels.views import VIEW_BYTES, size

MANY = tuple(ChangedStop(f"t{n}", "ꦧꦭꦻ" * 20, "moved", 1_800_000_000_000 + n) for n in range(28))
NEWS = News(id="v1", trip="v1.2027-01-15", day="2027-01-15", at=5, rung_at=5, ends_at=9, stops=MANY)


def test_a_view_names_some_stops_and_counts_the_others() -> None:
    """It stays under 4 KB, however long the names are."""
    (view,) = NEWS_KIND.views(NEWS, 5).values()
    assert (len(view["stops"]), view["more"]) == (SHOWN, len(MANY) - SHOWN)
    assert size(view) <= VIEW_BYTES
    assert view["stops"][0]["kind"] == "moved"


def test_it_ends_with_its_day() -> None:
    """By a timer of its own, in the table of the van's crew alone."""
    assert NEWS_KIND.deadlines is not None
    assert NEWS_KIND.deadlines(NEWS) == {"end": (9, "news.end")}
    assert list(NEWS_KIND.views(NEWS, 5)) == [("crew/v1", "v1")]
