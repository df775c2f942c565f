"""For what phones ring while no page is heard, and what the city's gateway is told: by each service's own views.

A phone is told a kind and an id, nothing else; of an alarm the id of what it is about, for its reason may be a need.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Final

from channels.alarms import alarm_of
from channels.order_things import LEVELS
from channels.shop_views import open_in
from hub.contract import Notice, View, Wake, Waking

UNRECEIVED_MS: Final = 10_000
"""How long a medic's devices have to receive an offer before the gateway is told."""
UNTAKEN_MS: Final = 60_000
"""How long a desk has to take an alarm before the gateway is told."""
VAN_MS: Final = 300_000
"""How long it is worth anything to hear that the van is near, or, for its crew, that its trip is another."""

Segments = Mapping[str, str]


def _received(levels: Mapping[str, int]) -> bool:
    """Whether a page has it: more than `sent`."""
    return any(levels.get(level) for level in LEVELS[1:])


def _offered(segments: Segments, view: View) -> Iterator[Wake]:
    """An open offer that none of the medic's devices has received."""
    if view["state"] == "open" and not _received(view["my_receipts"]):
        kind = "drill" if view["drill"] else "offer"
        yield Wake(kind, view["id"], "medic", segments["person"], view["offered_at"])


def _offer_notices(segments: Segments, view: View) -> Iterator[Notice]:
    for wake in _offered(segments, view):
        if wake.kind == "offer":
            yield Notice("offer", wake.id, {"role": "medic", "person": wake.name}, wake.at, UNRECEIVED_MS)


def _ordered(segments: Segments, view: View) -> Iterator[Wake]:
    """An order that rings; or one that waits because nobody of the shop can be rung, who would open it by looking."""
    since = view["ring_at"] or view.get("asleep_at", 0)
    if view["state"] == "placed" and since:
        heard = _received(view["receipts"])
        yield Wake("order", view["id"], "seller", segments["id"], since, whose="shop", believed=heard)


def _order_notices(segments: Segments, view: View) -> Iterator[Notice]:
    """The shop's second contact, at the number that the shop gave for it."""
    contact = view.get("contact")
    if view["state"] == "placed" and contact is not None:
        to = {"role": "contact", "shop": segments["id"], "phone": contact["phone"]}
        yield Notice("contact", view["id"], to, view["contacted_at"])


def _wanted(segments: Segments, view: View) -> Iterator[Wake]:
    """The shops in front at once, the others of the kelurahan when the head start is over."""
    if view["state"] != "open" or view["full"]:
        return
    at = view["rest_at"]
    for shop in view["front"]:
        yield Wake("want", view["id"], "seller", shop, at, whose="shop", believed=True)
    rest = open_in(segments["kelurahan"], segments["category"])
    yield Wake("want", view["id"], "seller", "", at, whose="shop", due=at, among=rest, believed=True)


def _reminded(segments: Segments, view: View) -> Iterator[Wake]:
    """The van is near, or there. Which stop it is the page knows: the phone is told the time of the ring alone."""
    if view["state"] == "ringing":
        yield Wake(
            "reminder", str(view["at"]), "resident", segments["id"], view["at"],
            believed=True, sight=True, lasts_ms=VAN_MS,
        )  # fmt: skip


def _changed(segments: Segments, view: View) -> Iterator[Wake]:
    """Every phone of the van's crew. What was changed the page knows: the phone is told the time of the ring alone."""
    if view["state"] == "ringing":
        yield Wake(
            "trip", str(view["rung_at"]), "crew", segments["van"], view["rung_at"], whose="van",
            believed=True, sight=True, lasts_ms=VAN_MS,
        )  # fmt: skip


def _alarmed(desk: str) -> Callable[[Segments, View], Iterator[Wake]]:
    def wakes(segments: Segments, view: View) -> Iterator[Wake]:
        """Everybody of the desk, at every ring of it; who has the desk on a screen sees it."""
        if view["state"] == "ringing":
            thing, _ = alarm_of(view["id"])
            yield Wake("alarm", thing, "dispatcher", desk, view["at"], whose="desk", believed=True, sight=True)

    return wakes


def _alarm_notices(desk: str) -> Callable[[Segments, View], Iterator[Notice]]:
    def notices(segments: Segments, view: View) -> Iterator[Notice]:
        """That nobody took it, counted from its first ring."""
        if view["state"] == "ringing":
            thing, _ = alarm_of(view["id"])
            yield Notice("alarm", thing, {"role": "dispatcher", "desk": desk}, view["began"], UNTAKEN_MS)

    return notices


def alarms_of(pattern: str, desk: str) -> Waking:
    """The alarms of a desk's topic."""
    roles = frozenset({"dispatcher"})
    return Waking(pattern, "alarm", roles, ("alarm",), _alarmed(desk), _alarm_notices(desk))


OFFERS: Final = Waking(
    "help/<person>", "offer", frozenset({"medic"}), ("offer", "drill"), _offered, _offer_notices
)  # fmt: skip
ORDER_RINGS: Final = Waking("shop/<id>", "order", frozenset({"seller"}), ("order",), _ordered, _order_notices)
WANT_RINGS: Final = Waking("wants/<kelurahan>/<category>", "want", frozenset({"seller"}), ("want",), _wanted)
REMINDER_RINGS: Final = Waking("person/<id>", "reminder", frozenset({"resident"}), ("reminder",), _reminded)
TRIP_RINGS: Final = Waking("crew/<van>", "news", frozenset({"crew"}), ("trip",), _changed)
