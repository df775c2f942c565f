// The orders and wants on the page, as they stand.

import { $, keyed, show } from "/static/shared/dom.js";
import { makeCard, updateCard } from "/static/shop/orders.js";
import { makeWant, updateWant } from "/static/shop/wants.js";

/** The card of an order, or of a want or the answer to it. */
export const cardOf = (id) => document.querySelector(`#work [data-id="${id}"], #work [data-id="want.${id}"]`);

export class Work {
  /** `page` has desk, acts, receipts, panels, and does what is tapped: act, answer, choose, drop. */
  constructor(page) {
    this.page = page;
    this.doing = {
      act: (...given) => page.act(...given), answer: (...given) => page.answer(...given), drop: (view) => page.drop(view),
    };
  }

  /** `ringing`: the wants that sound now. */
  draw({ now, ringing, synced }) {
    const { desk, panels, receipts } = this.page;
    const { open, past } = desk;
    this.drawOrders(open, past, now);
    const wants = this.drawWants(now, ringing);
    show($("#empty"), !open.length && !wants.length && synced);
    panels.count(open.length, wants.length);
    receipts.drawn(open, cardOf);
  }

  drawOrders(open, past, now) {
    const tools = { ...this.doing, choose: (order, what) => this.page.choose(order.id, what), now };
    const update = (card, order) => updateCard(card, order, this.noteOfOrder(order), tools);
    keyed($("#open"), open, (order) => order.id, makeCard, update);
    keyed($("#closed"), past, (order) => order.id, makeCard, update);
    show($("#past"), past.length > 0);
  }

  noteOfOrder(order) {
    const { acts, desk } = this.page;
    const { category, busy_min = 0 } = desk.shop || {};
    return { act: acts.of(order.id), choosing: desk.choosing(order.id), ringing: desk.rings(order), mine: order.accepted_person === this.page.kt.person || desk.isMine(order.id), category, busy_min };
  }

  drawWants(now, ringing) {
    const tools = { ...this.doing, choose: (id, what) => this.page.choose(id, what), now };
    const wants = this.page.desk.wantsShown(now);
    const update = (card, view) => updateWant(card, view, this.noteOfWant(view, ringing), tools);
    keyed($("#wants"), wants, (view) => `${view.type} ${view.id}`, makeWant, update);
    show($("#wanted"), wants.length > 0);
    return wants;
  }

  noteOfWant(view, ringing) {
    const { acts, desk } = this.page;
    const id = view.type === "want" ? view.id : view.want;
    const want = desk.wants.get(id) || null;
    const suggestion = want && desk.suggestion(want);
    return { act: acts.of(id), choosing: desk.choosing(id), ringing: ringing.has(view.id), want, suggestion: suggestion ? { price: suggestion.price } : null };
  }
}
