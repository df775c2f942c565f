"""What people and time do to a want: answer it, pick an answer, end it."""

from __future__ import annotations

from msgspec.structs import replace

from channels.draft import Draft, too_early
from channels.geo import City, distance_m
from channels.offers import Offer, ended, with_offer
from channels.order_changes import new_order
from channels.order_steps import placed
from channels.order_things import MAX_OPEN_ORDERS, Buyer, Line
from channels.order_views import BUYER_KIND, kept, marks
from channels.rules import Rules
from channels.shop_things import Shop
from channels.want_things import OTHERS_EARLY, AnswerWant, Pick, Said, Want
from channels.want_views import WANT_KIND, answer_view, want_view
from hub.contract import Actor, Decision, Facts, Guard, Refusal, State


def read(want: Want, actor: Actor) -> Decision | Refusal:
    """The want as its buyer sees it, or a shop's own answer as the shop does."""
    if actor.person == want.buyer:
        return Decision({"want": want_view(want)})
    if actor.role == "seller" and actor.shop in want.answers:
        return Decision({"want": answer_view(want, actor.shop)})
    return Refusal("not_found", f"no want {want.id}", record=False)


def answer(city: City, state: State, want: Want, data: AnswerWant, actor: Actor, now: int) -> Decision | Refusal:
    """One answer a shop, ten in all; who answers again says something else."""
    shop = state.thing(Shop, "shop", actor.shop or "")
    if shop is None or shop.category != want.category or shop.kelurahan not in want.asked:
        return Refusal("not_allowed", "want.answer is for a seller whose shop was asked", record=False)
    if data.kind == "price" and data.price is None:
        return Refusal("bad_data", "data.price: expected with kind price")
    if shop.id not in want.answers:
        refusal = _no_room(want, shop, now)
        if refusal is not None:
            return refusal
    away = round(distance_m(*city.point_in(want.kelurahan), shop.lat, shop.lon))
    said = Said(shop.name, shop.kelurahan, data.kind, now, actor.person, data.price, away)
    offers = want.offers if shop.id in want.offers else {**want.offers, shop.id: _came_by_itself(want, now)}
    after = replace(want, answers={**want.answers, shop.id: said}, offers=offers, at=now)
    draft = Draft(now, "want.answered")
    draft.put(WANT_KIND, want.id, want, after)
    draft.guards.append(Guard("shop", shop.id))
    return draft.decision({"want": want.id, "answers": len(after.answers)})


def too_late(want: Want, refusal: Refusal) -> Refusal:
    """An answer after the want closed says how it ended."""
    if refusal.code != "illegal_step":
        return refusal
    return Refusal("too_late", f"this want is {want.state}", data={"state": want.state})


def _no_room(want: Want, shop: Shop, now: int) -> Refusal | None:
    """Why a shop cannot answer now: ten have, or the front of its wave has its head start and five did not wait."""
    if want.full:
        return Refusal("too_late", "ten shops have answered", data={"answers": len(want.answers)})
    asked = want.asked[shop.kelurahan]
    wards = {ward for ward, one in want.asked.items() if one.wave == asked.wave}
    early = [one for one, said in want.answers.items() if want.offers[one].wave == 0 and said.kelurahan in wards]
    if shop.id not in want.offers and now < asked.rest_at and len(early) >= OTHERS_EARLY:
        after_ms = asked.rest_at - now
        return Refusal("too_many", "the shops in front answer first", retry=True, data={"after_ms": after_ms})
    return None


def _came_by_itself(want: Want, now: int) -> Offer:
    return Offer(name="", wave=0, at=now, reason="turn")


def picked(
    state: State, want: Want, data: Pick, facts: Facts, actor: Actor, now: int, rules: Rules
) -> Decision | Refusal:
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
        rules,
        lines=(Line("", want.words[:60], want.quantity, said.price or 0),),
        fulfilment=data.fulfilment,
        name=data.name.strip() or want.name,
        phone=data.phone or want.phone,
        address=data.address,
        note=data.note,
        no_shows=len(marks(buyer, now)),
        want=want.id,
    )
    offers = ended(with_offer(want.offers, shop.id, state="won", ended_at=now), "stood_down", now, winner=shop.id)
    after = replace(want, state="picked", picked=shop.id, order=order.id, offers=offers, at=now, ended_at=now)
    draft = Draft(now, "want.picked")
    draft.put(WANT_KIND, want.id, want, after)
    placed(draft, buyer, order, actor, want=want.id)
    draft.guards.append(Guard("shop", shop.id))
    return draft.decision({"want": want.id, "order": order.id})


def over(state: State, want: Want, cmd: str, now: int) -> Decision:
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
    if left != before:
        draft.put(BUYER_KIND, before.id, buyer, kept(left, now))
    return draft.decision({"want": want.id, "state": to})


def retired(want: Want, now: int) -> Decision:
    early = too_early(WANT_KIND, want.id, want, "retire", now)
    if early is not None:
        return early
    draft = Draft(now, "want.retired", fired="retire")
    draft.put(WANT_KIND, want.id, want, None)
    return draft.decision()
