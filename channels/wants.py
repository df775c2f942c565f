"""Wants ("cari"): somebody looks for something, and the shops that may have it are asked.

A want goes out in waves from its kelurahan (`want_waves`), as one change of
`wants/<kelurahan>/<category>` each, not of every shop. At most ten shops answer
with one tap; the buyer picks one and it becomes an order there, in the same
commit; the others are thanked. Nobody's name or phone is shown before that.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import ClassVar

from msgspec import Struct
from msgspec.structs import replace

from channels.draft import Draft, Kind, too_early
from channels.geo import City
from channels.market_personal import WANTS, WANTS_PLAIN, redrawn
from channels.order_things import BUYER, PARTIES, SELLER, TIMER, Buyer, Order
from channels.order_views import BUYER_KIND
from channels.rings import WANT_RINGS
from channels.shop_things import ACCEPT_S, Shop
from channels.want_steps import answer, over, picked, read, retired, too_late
from channels.want_things import (
    MOST_OPEN,
    WANT,
    AnswerWant,
    OneWant,
    Pick,
    Post,
    Turn,
    Want,
)
from channels.want_views import WANT_KIND
from channels.want_waves import turn_of, wave_needs, waved
from hub.contract import (
    Actor,
    Channel,
    Command,
    CommandSpec,
    Decision,
    Facts,
    Fix,
    Lane,
    Need,
    Personal,
    Receipt,
    Refusal,
    Rule,
    State,
    Table,
    Thing,
    TopicRule,
    Waking,
)
from hub.machine import step

TURN_KIND = Kind("turn", lambda turn, now: {})


class Wants(Channel):
    """The wants service over one city's kelurahan."""

    name: ClassVar[str] = "want"
    lane: ClassVar[Lane] = "normal"

    commands: Mapping[str, CommandSpec] = {
        "want.post": CommandSpec(Post, BUYER),
        "want.answer": CommandSpec(AnswerWant, SELLER, serial="want"),
        "want.pick": CommandSpec(Pick, BUYER, serial="want", ahead=True),
        "want.close": CommandSpec(OneWant, BUYER, serial="want", ahead=True),
        "want.read": CommandSpec(OneWant, PARTIES),
        "want.wave": CommandSpec(OneWant, TIMER, serial="want"),
        "want.expire": CommandSpec(OneWant, TIMER, serial="want"),
        "want.retire": CommandSpec(OneWant, TIMER, serial="want"),
    }
    tells: Mapping[str, CommandSpec] = {}
    things: Mapping[str, type[Struct]] = {"want": Want, "turn": Turn}
    tables: Mapping[str, Table] = {"want": WANT}
    presence: Mapping[str, str] = {}
    personal: Mapping[type[Struct], Personal] = WANTS
    plain: Mapping[str, str] = WANTS_PLAIN
    receipts: Mapping[str, Receipt] = {}
    waking: Sequence[Waking] = (WANT_RINGS,)

    def __init__(self, city: City) -> None:
        self._city = city
        self.topics: Sequence[TopicRule] = (
            TopicRule(
                "wants/<kelurahan>/<category>",
                "normal",
                lambda actor, segments: actor.role == "seller" and actor.shop is not None,
                lambda segments: city.has(segments["kelurahan"]) and segments["category"] in ACCEPT_S,
                needs=lambda actor, segments: (Thing("shop", actor.shop or ""),),
                known=_sells_this,
            ),
        )

    def gather(self, state: State, command: Command, actor: Actor) -> Iterable[Need]:
        data = command.data
        if isinstance(data, Post):
            first: list[Need] = [Thing("buyer", actor.person), *([Thing("order", data.order)] if data.order else [])]
            known = self._city.has(data.kelurahan.lower())
            return first + (wave_needs(self._city, data.kelurahan.lower(), data.category, 1) if known else [])
        needs: list[Need] = [Thing("want", data.want)]
        want = state.found.get(needs[0])
        if want is None:
            return needs
        if isinstance(data, AnswerWant):
            return [*needs, Thing("shop", actor.shop or "")]
        if command.cmd == "want.wave":
            return needs + wave_needs(self._city, want.kelurahan, want.category, want.wave + 1)
        needs.append(Thing("buyer", want.buyer))
        return [*needs, Thing("shop", data.answer)] if isinstance(data, Pick) else needs

    def observe(self, state: State, command: Command, actor: Actor, now: int) -> Fix | None:
        return None

    def redrawn(self, type_: str, id_: str, before: Struct, after: Struct | None, now: int) -> Decision:
        return redrawn(type_, id_, before, after, now)

    def decide(self, state: State, command: Command, facts: Facts, actor: Actor, now: int) -> Decision | Refusal:
        data = command.data
        if isinstance(data, Post):
            return self._post(state, data, facts, actor, now)
        want = state.thing(Want, "want", data.want)
        if want is None:
            return Refusal("not_found", f"no want {data.want}", record=command.cmd != "want.read")
        if command.cmd == "want.read":
            return read(want, actor)
        if command.cmd == "want.retire":
            return retired(want, now)
        rule = step(WANT, want.state, command.cmd, actor.role)
        if isinstance(rule, Rule) and actor.role in BUYER and actor.person != want.buyer:
            rule = Refusal("not_allowed", f"{command.cmd} is for {rule.only}")
        if isinstance(rule, Refusal):
            return too_late(want, rule) if isinstance(data, AnswerWant) else rule
        if isinstance(data, AnswerWant):
            return answer(self._city, state, want, data, actor, now)
        if isinstance(data, Pick):
            return picked(state, want, data, facts, actor, now, self._city.rules)
        if command.cmd == "want.wave":
            return self._wave(state, want, now)
        return over(state, want, command.cmd, now)

    def _post(self, state: State, data: Post, facts: Facts, actor: Actor, now: int) -> Decision | Refusal:
        kelurahan = data.kelurahan.lower()
        if not self._city.has(kelurahan):
            return Refusal("bad_data", "data.kelurahan: expected a kelurahan of this city")
        if len(data.words.strip()) < 2:
            return Refusal("bad_data", "data.words: expected what is looked for, in 2 to 120 characters")
        order = state.thing(Order, "order", data.order) if data.order else None
        if data.order and (order is None or order.buyer != actor.person):
            return Refusal("not_found", f"data.order: no order {data.order}")
        buyer = state.thing(Buyer, "buyer", actor.person)
        before = buyer or Buyer(actor.person)
        if actor.role == "resident" and len(before.wants) >= MOST_OPEN:
            return Refusal("too_many", f"expected at most {MOST_OPEN} open wants", data={"open": len(before.wants)})
        fresh = Want(
            id=facts.new_ids[0],
            state="open",
            at=now,
            buyer=actor.person,
            category=data.category,
            words=data.words.strip(),
            quantity=data.quantity,
            budget=data.budget,
            kelurahan=kelurahan,
            posted_at=now,
            until=now + data.until_s * 1000,
            name=data.name,
            phone=data.phone,
            origin=data.order or "",
            retire_ms=self._city.rules.want_ms,
        )
        want, turn = waved(self._city, state, fresh, now)
        draft = Draft(now, "want.posted")
        draft.put(WANT_KIND, want.id, None, want)
        _turned(draft, state, want, turn)
        if actor.role != "service":
            draft.put(BUYER_KIND, before.id, buyer, replace(before, wants=(*before.wants, want.id)))
        return draft.decision({"want": want.id, "asked": want.reached})

    def _wave(self, state: State, want: Want, now: int) -> Decision:
        early = too_early(WANT_KIND, want.id, want, "wave", now)
        if early is not None:
            return early
        wider, turn = waved(self._city, state, want, now)
        draft = Draft(now, "want.wave", fired="wave")
        draft.put(WANT_KIND, want.id, want, wider)
        _turned(draft, state, wider, turn)
        return draft.decision()


def _turned(draft: Draft, state: State, want: Want, turn: Turn) -> None:
    """Whose turn is next after the want's wave; nothing is written when nobody was asked."""
    id_ = turn_of(want.kelurahan, want.category, want.wave)
    before = state.thing(Turn, "turn", id_)
    if turn != (before or Turn()):
        draft.put(TURN_KIND, id_, before, turn)


def _sells_this(actor: Actor, segments: Mapping[str, str], state: State) -> bool:
    shop = state.thing(Shop, "shop", actor.shop or "")
    return shop is not None and shop.category == segments["category"]
