// A want of mine: who was asked, who has it, and the one tap that makes it an order.

import { distance, rupiah, stopwatch } from "/static/shared/ages.js";
import { attribute, h, keyed, put, setData, show } from "/static/shared/dom.js";
import { word } from "/static/shared/words.js";
import { kelurahanName, when } from "./market.js";
import { actText, answerText, wantText } from "./mine.js";
import { cancelText, refusalText, stuckText } from "./order_form.js";
import { draftWant } from "./want_form.js";
import { Who } from "./who.js";

const READ_MS = 4000;
const LONG_MS = 3600000;
const TONES = { open: "wait", picked: "good", closed: "plain", expired: "plain" };

export class WantView {
  constructor({ app, mine, replace, drawn }, id) {
    Object.assign(this, { app, mine, replace, drawn, id, key: `pick ${id}`, missing: null, read_at: 0, closing: false });
    this.back = "#cari";
    this.headline = h("h2", { class: "order-state", tabindex: "-1" });
    this.left = h("p", { class: "order-left" });
    this.what = h("p", { class: "order-heard" });
    this.card = h("section", { class: "card order", data: { type: "want", id } }, h("div", { role: "status" }, this.headline), this.left, this.what); // what counts down is read, not spoken every second
    this.who = new Who();
    this.picking = null; // chosen before it was known for whom
    this.pick = h("button", { class: "go big", hidden: true, data: { act: "want.pick" } });
    this.form = h("form", { class: "order-form", novalidate: true, hidden: true, on: { submit: (event) => this._submit(event) } },
      h("h2", { text: word("resident.pick_for") }), this.who.element, this.pick);
    this.waiting = h("p", { class: "soft", hidden: true }, word("resident.want_wait"));
    this.answers = h("ul", { class: "cards" });
    this.said = h("p", { class: "note order-said", role: "alert" });
    this.never = h("button", { type: "button", class: "quiet", hidden: true, on: { click: () => { if (this.record) mine.acts.forget(this.record); } } }, word("resident.never_mind"));
    this.close = h("button", { type: "button", class: "big", hidden: true, data: { act: "want.close" }, on: { click: () => this._close() } }, word("resident.want_close"));
    this.order = h("a", { class: "go big", hidden: true }, word("resident.want_order"));
    this.again = h("a", { class: "big", href: "#cari/tanya", hidden: true, on: { click: () => draftWant(this.view) } }, word("resident.want_again"));
    this.body = [this.card, this.waiting, this.answers, this.form, this.said, this.never, this.order, this.again, this.close];
  }

  get view() {
    const view = this.mine.view(this.id);
    return view && view.type === "want" ? view : null;
  }

  get record() { return this.mine.acts.of(this.key); }

  get title() { return this.view ? this.view.words : word("resident.want_title"); }

  tick() {
    this._read();
    this.draw();
  }

  changed(record) {
    if (record && record.key === this.key && record.state === "done") return void this.replace(`#cari/pesanan/${record.reply.data.order}`);
    this.beside = Boolean(record && record.key === this.key && record.state === "refused" && this.who.refused(record.reply));
    this.draw();
    return undefined;
  }

  leave() {
    if (this.record && this.record.state === "refused") this.mine.acts.forget(this.record);
  }

  async _read() {
    const live = this.app.kt.state.public === "live" && this.mine.topic.synced;
    if (Date.now() < this.read_at || (live && this.view) || this.missing === "not_found") return;
    this.read_at = Date.now() + READ_MS;
    this.missing = await this.mine.read("want", this.id);
    this.draw();
  }

  // -- drawing --------------------------------------------------------------------------

  draw() {
    const { view } = this;
    const now = this.app.city_now();
    this.drawn();
    if (!view) return void put(this.headline, word(this.missing === "not_found" ? "resident.want_gone" : this.missing ? "resident.order_unread" : "common.connecting"));
    const open = view.state === "open";
    const { answers } = view;
    setData(this.card, { state: view.state, tone: TONES[view.state] });
    put(this.headline, open ? word("resident.want_asked", { n: view.asked }) : wantText(view));
    put(this.left, open ? leftText(view, now) : "");
    put(this.what, whatText(view));
    show(this.waiting, open && !answers.length);
    show(this.form, open && answers.length > 0);
    show(this.pick, Boolean(this.picking) && !this.record);
    put(this.pick, this.picking ? `${word("resident.pick")} ${this.picking.name}` : "");
    keyed(this.answers, answers, (answer) => answer.id, (answer) => this._answer(answer), (card, answer) => this._drawAnswer(card, answer, view));
    const { record } = this;
    put(this.said, this._saying(record));
    show(this.never, Boolean(record && stuckText(record) && record.state !== "refused"));
    setData(this.said, { state: this.said.textContent ? "refused" : null });
    const had_focus = document.activeElement === this.close;
    show(this.close, open);
    if (had_focus && this.close.hidden) this.headline.focus({ preventScroll: true });
    attribute(this.close, "aria-busy", this.closing ? "true" : null);
    show(this.order, Boolean(view.order));
    attribute(this.order, "href", view.order ? `#cari/pesanan/${view.order}` : null);
    show(this.again, view.state === "expired" || view.state === "closed");
    return undefined;
  }

  _saying(record) {
    if (record && record.state === "refused") return this.beside ? "" : refusalText(record.reply);
    if (record && stuckText(record)) return stuckText(record);
    return this.trouble || (this.app.offline ? word("resident.order_offline") : "");
  }

  _answer(answer) {
    return h("li", { class: "card answer", data: { type: "answer", id: answer.id } },
      h("h3", { text: answer.name }), h("p", { class: "answer-kind" }),
      h("p", { class: "soft", text: `${kelurahanName(answer.kelurahan)} \u00B7 ${distance(answer.distance_m)}` }),
      h("button", { type: "button", class: "go", data: { act: "want.pick", shop: answer.shop }, on: { click: () => this._pick(answer) } }));
  }

  _drawAnswer(card, answer, view) {
    const { record } = this;
    const mine = record && record.data.answer === answer.id && record.state !== "refused";
    setData(card, { state: view.picked === answer.id ? "won" : view.state === "open" ? answer.kind : "over" });
    put(card.children[1], `${answerText(answer)}${priceText(answer, view.quantity)}`);
    const button = card.lastChild;
    show(button, view.state === "open");
    put(button, mine ? (record.state === "asking" ? word("resident.send_again") : actText(record)) : word("resident.pick"));
    attribute(button, "aria-label", mine ? null : `${word("resident.pick")} ${answer.name}`);
    attribute(button, "aria-busy", mine && record.state === "sending" ? "true" : null);
  }

  // -- what a person does -----------------------------------------------------------------

  /** One tap where name and phone are known; else they are asked for once, and the next tap picks. */
  _pick(answer) {
    const { record, mine } = this;
    if (record && record.state === "asking" && record.data.answer === answer.id) return void mine.acts.again(record);
    if (record && record.state === "sending") return undefined;
    const missing = this.who.missing();
    this.picking = missing ? answer : null;
    this.trouble = null;
    this.draw();
    if (missing) return undefined;
    if (record) mine.acts.forget(record);
    mine.act({ key: this.key, cmd: "want.pick", data: { want: this.id, answer: answer.id, ...this.who.data }, label: answer.name, href: `/#cari/tanya/${this.id}` });
    return undefined;
  }

  _submit(event) {
    event.preventDefault();
    if (this.picking) this._pick(this.picking);
  }

  async _close() {
    if (this.closing) return;
    this.closing = true;
    this.trouble = null;
    this.draw();
    const reply = await this.app.kt.call("want.close", { want: this.id }, { onTry: (tried) => { this.trouble = cancelText(tried); this.draw(); } });
    this.closing = false;
    this.trouble = reply.ok || reply.code === "illegal_step" ? null : word("resident.cancel_failed");
    this.read_at = 0;
    this.draw();
  }
}

/** How long sellers may still answer, and how far it has been asked. */
function leftText(view, now) {
  const left_ms = view.until - now;
  const left = left_ms > LONG_MS ? word("resident.want_until", { time: when(view.until, now) }) : word("resident.want_left", { left: stopwatch(left_ms) });
  return `${left} ${word(view.wave < 3 ? "resident.want_widens" : "resident.want_whole_city")}`;
}

/** "2 buah · paling mahal Rp50.000 · Kranggan" */
function whatText({ quantity, budget, kelurahan }) {
  const most = budget === undefined ? "" : word("resident.want_budget", { total: rupiah(budget) });
  return [word("resident.pieces", { n: quantity }), most, kelurahanName(kelurahan)].filter(Boolean).join(" \u00B7 ");
}

/** The price is for one piece. */
function priceText({ price }, quantity) {
  if (price === undefined) return "";
  return quantity > 1 ? `, ${quantity} \u00D7 ${rupiah(price)} = ${rupiah(quantity * price)}` : `, ${rupiah(price)}`;
}
