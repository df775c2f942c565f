"""Wants ("cari"): somebody looks for something, and the shops that may have it are asked.

A want goes out in waves from its kelurahan (`want_waves`), as one change of
`wants/<kelurahan>/<category>` each, not of every shop. At most ten shops answer
with one tap; the buyer picks one and it becomes an order there, in the same
commit; the others are thanked. Nobody's name or phone is shown before that.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import ClassVar

from msgspec import Struct
from msgspec.structs import replace

from channels.draft import Draft, Kind, too_early
from channels.geo import City, distance_m
from channels.offers import Offer, ended, with_offer
from channels.order_changes import new_order
from channels.order_steps import placed
from channels.order_things import BUYER, MAX_OPEN_ORDERS, PARTIES, SELLER, TIMER, Buyer, Line
from channels.order_views import BUYER_KIND, kept
from channels.shop_things import ACCEPT_S, Shop
from channels.want_things import (
    MOST_OPEN,
    OTHERS_EARLY,
    WANT,
    AnswerWant,
    OneWant,
    Pick,
    Post,
    Said,
    Turn,
    Want,
)
from channels.want_views import WANT_KIND, want_view
from channels.want_waves import wave_needs, waved
from hub.contract import (
    Actor,
    Command,
    CommandSpec,
    Decision,
    Facts,
    Fix,
    Guard,
    Lane,
    Need,
    Receipt,
    Refusal,
    Rule,
    State,
    Table,
    Thing,
    TopicRule,
)
from hub.machine import step

TURN_KIND = Kind("turn", lambda turn, now: {})


class Wants:
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
    receipts: Mapping[str, Receipt] = {}

    def __init__(self, city: City) -> None:
        self._city = city
        self.topics: tuple[TopicRule, ...] = (
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
            first: list[Need] = [Thing("buyer", actor.person)]
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

    def decide(self, state: State, command: Command, facts: Facts, actor: Actor, now: int) -> Decision | Refusal:
        data = command.data
        if isinstance(data, Post):
            return self._post(state, data, facts, actor, now)
        want = state.thing(Want, "want", data.want)
        if want is None:
            return Refusal("not_found", f"no want {data.want}", record=command.cmd != "want.read")
        if command.cmd == "want.read":
            mine = actor.person == want.buyer
            return Decision({"want": want_view(want)}) if mine else Refusal("not_found", "no such want", record=False)
        if command.cmd == "want.retire":
            return _retired(want, now)
        rule = step(WANT, want.state, command.cmd, actor.role)
        if isinstance(rule, Rule) and actor.role in BUYER and actor.person != want.buyer:
            rule = Refusal("not_allowed", f"{command.cmd} is for {rule.only}")
        if isinstance(rule, Refusal):
            return _too_late(want, rule) if isinstance(data, AnswerWant) else rule
        if isinstance(data, AnswerWant):
            return self._answer(state, want, data, actor, now)
        if isinstance(data, Pick):
            return _pick(state, want, data, facts, actor, now)
        if command.cmd == "want.wave":
            return self._wave(state, want, now)
        return _over(state, want, command.cmd, now)

    def _post(self, state: State, data: Post, facts: Facts, actor: Actor, now: int) -> Decision | Refusal:
        kelurahan = data.kelurahan.lower()
        if not self._city.has(kelurahan):
            return Refusal("bad_data", "data.kelurahan: expected a kelurahan of this city")
        if not data.words.strip():
            return Refusal("bad_data", "data.words: expected what is looked for")
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
        )
        want, turn = waved(self._city, state, fresh, now)
        draft = Draft(now, "want.posted")
        draft.put(WANT_KIND, want.id, None, want)
        draft.put(TURN_KIND, want.category, state.thing(Turn, "turn", want.category), turn)
        draft.put(BUYER_KIND, before.id, buyer, replace(before, wants=(*before.wants, want.id)))
        return draft.decision({"want": want.id, "asked": sum(want.asked.values())})

    def _wave(self, state: State, want: Want, now: int) -> Decision:
        early = too_early(WANT_KIND, want.id, want, "wave", now)
        if early is not None:
            return early
        wider, turn = waved(self._city, state, want, now)
        draft = Draft(now, "want.wave", fired="wave")
        draft.put(WANT_KIND, want.id, want, wider)
        draft.put(TURN_KIND, want.category, state.thing(Turn, "turn", want.category), turn)
        return draft.decision()

    def _answer(self, state: State, want: Want, data: AnswerWant, actor: Actor, now: int) -> Decision | Refusal:
        """One answer a shop, ten in all; who answers again says something else."""
        shop = state.thing(Shop, "shop", actor.shop or "")
        if shop is None or shop.category != want.category or shop.kelurahan not in want.asked:
            return Refusal("not_allowed", "want.answer is for a seller whose shop was asked", record=False)
        if data.kind == "price" and data.price is None:
            return Refusal("bad_data", "data.price: expected with kind price")
        if shop.id not in want.answers:
            refusal = _no_room(want, shop.id, now)
            if refusal is not None:
                return refusal
        away = round(distance_m(*self._city.point_in(want.kelurahan), shop.lat, shop.lon))
        said = Said(shop.name, shop.kelurahan, data.kind, now, actor.person, data.price, away)
        offers = want.offers if shop.id in want.offers else {**want.offers, shop.id: _came_by_itself(want, now)}
        after = replace(want, answers={**want.answers, shop.id: said}, offers=offers, at=now)
        draft = Draft(now, "want.answered")
        draft.put(WANT_KIND, want.id, want, after)
        draft.guards.append(Guard("shop", shop.id))
        return draft.decision({"want": want.id, "answers": len(after.answers)})


def _sells_this(actor: Actor, segments: Mapping[str, str], state: State) -> bool:
    shop = state.thing(Shop, "shop", actor.shop or "")
    return shop is not None and shop.category == segments["category"]


def _too_late(want: Want, refusal: Refusal) -> Refusal:
    """An answer after the want closed says how it ended."""
    if refusal.code != "illegal_step":
        return refusal
    return Refusal("too_late", f"this want is {want.state}", data={"state": want.state})


def _came_by_itself(want: Want, now: int) -> Offer:
    return Offer(name="", wave=0, at=now, reason="turn")


def _no_room(want: Want, shop: str, now: int) -> Refusal | None:
    if want.full:
        return Refusal("too_late", "ten shops have answered", data={"answers": len(want.answers)})
    early = [one for one in want.answers if want.offers[one].wave == 0]
    if shop not in want.offers and now < want.rest_at and len(early) >= OTHERS_EARLY:
        after_ms = want.rest_at - now
        return Refusal("too_many", "the shops in front answer first", retry=True, data={"after_ms": after_ms})
    return None


def _pick(state: State, want: Want, data: Pick, facts: Facts, actor: Actor, now: int) -> Decision | Refusal:
    """The buyer takes one answer: it is an order now, the others are thanked."""
    said = want.answers.get(data.answer)
    shop = state.thing(Shop, "shop", data.answer) if said is not None else None
    if said is None or shop is None:
        return Refusal("not_found", f"data.answer: no answer of {data.answer}")
    if data.fulfilment == "delivery" and not data.address.strip():
        return Refusal("bad_data", "data.address: expected where to deliver")
    buyer = state.thing(Buyer, "buyer", want.buyer)
    if actor.role == "resident" and buyer is not None and len(buyer.open) >= MAX_OPEN_ORDERS:
        return Refusal("too_many", f"expected at most {MAX_OPEN_ORDERS} open orders", data={"open": len(buyer.open)})
    order = new_order(
        facts.new_ids[0],
        shop,
        actor,
        now,
        lines=(Line("", want.words[:60], want.quantity, said.price or 0),),
        fulfilment=data.fulfilment,
        name=data.name or want.name,
        phone=data.phone or want.phone,
        address=data.address,
        note=data.note,
        no_shows=len(buyer.no_shows) if buyer else 0,
        want=want.id,
    )
    offers = ended(with_offer(want.offers, shop.id, state="won", ended_at=now), "stood_down", now, winner=shop.id)
    after = replace(want, state="picked", picked=shop.id, order=order.id, offers=offers, at=now, ended_at=now)
    draft = Draft(now, "want.picked")
    draft.put(WANT_KIND, want.id, want, after)
    placed(draft, buyer, order, want=want.id)
    draft.guards.append(Guard("shop", shop.id))
    return draft.decision({"want": want.id, "order": order.id})


def _over(state: State, want: Want, cmd: str, now: int) -> Decision:
    """Closed by the buyer, or nobody was picked in time: who answered is thanked."""
    if cmd == "want.expire":
        early = too_early(WANT_KIND, want.id, want, "expire", now)
        if early is not None:
            return early
    to = "expired" if cmd == "want.expire" else "closed"
    buyer = state.thing(Buyer, "buyer", want.buyer)
    before = buyer or Buyer(want.buyer)
    left = replace(before, wants=tuple(id_ for id_ in before.wants if id_ != want.id))
    offers = ended(want.offers, "withdrawn", now)
    draft = Draft(now, f"want.{to}", fired="expire" * (to == "expired"))
    draft.put(WANT_KIND, want.id, want, replace(want, state=to, at=now, ended_at=now, offers=offers))
    draft.put(BUYER_KIND, before.id, buyer, kept(left, now))
    return draft.decision({"want": want.id, "state": to})


def _retired(want: Want, now: int) -> Decision:
    early = too_early(WANT_KIND, want.id, want, "retire", now)
    if early is not None:
        return early
    draft = Draft(now, "want.retired", fired="retire")
    draft.put(WANT_KIND, want.id, want, None)
    return draft.decision()
