// One order of mine, live: what the shop does with it, and what can be had
// elsewhere when it came to nothing.

import { distance, rupiah, stopwatch } from "/static/shared/ages.js";
import { attribute, h, keyed, put, refill, setData, show } from "/static/shared/dom.js";
import { word } from "/static/shared/words.js";
import { standing } from "./acts.js";
import { categoryOf, kelurahanName, when } from "./market.js";
import { actText, isEnded, orderText, timesOf } from "./mine.js";
import { cancelText, refusalText, stuckText } from "./order_form.js";
import { wantOf } from "./want_form.js";

const BLIND_MS = 800; // where "Pesan" was, nothing is cancelled by the same finger
const READ_MS = 4000;
const LONG_MS = 3600000;
const TONES = { placed: "wait", accepted: "good", preparing: "good", ready: "good", completed: "plain", rejected: "alarm", expired: "alarm", cancelled: "plain" };

export class OrderView {
  constructor({ app, mine, replace, drawn }, id) {
    Object.assign(this, { app, mine, replace, drawn, id, missing: null, read_at: 0, opened_at: Date.now(), cancelling: false });
    this.back = "#cari";
    this.headline = h("h2", { class: "order-state", tabindex: "-1" });
    this.left = h("p", { class: "order-left" });
    this.heard = h("p", { class: "order-heard" });
    this.error = h("p", { class: "error", role: "alert" });
    this.cancel = h("button", { type: "button", class: "big", hidden: true, data: { act: "order.cancel" }, on: { click: (event) => this._cancel(event) } }, word("resident.order_cancel"));
    this.card = h("section", { class: "card order", data: { type: "order", id } },
      h("div", { role: "status" }, this.headline), this.left, h("div", { role: "status" }, this.heard)); // what counts down is read, not spoken every second
    this.elsewhere = h("section", { class: "elsewhere", "aria-labelledby": "elsewhere", hidden: true });
    this.others = h("ul", { class: "cards" });
    this.said = h("p", { class: "note order-said", role: "alert" });
    this.ask = h("button", { type: "button", class: "big", data: { act: "want.post" }, on: { click: () => this._askAll() } }, word("resident.ask_all_sellers"));
    this.never = h("button", { type: "button", class: "quiet", hidden: true, on: { click: () => this._never() } }, word("resident.never_mind"));
    this.elsewhere.append(h("h2", { id: "elsewhere" }), this.others, this.ask, this.said, this.never);
    this.lines = h("ul", { class: "receipt" });
    this.details = h("dl", { class: "details" });
    this.times = h("ol", { class: "timeline" });
    this.again = h("a", { class: "quiet", hidden: true }, word("resident.order_once_more"));
    this.body = [this.card, this.elsewhere, this.cancel, this.error,
      h("section", { class: "card", "aria-labelledby": "ordered" }, h("h2", { id: "ordered", text: word("resident.ordered") }), this.lines, this.details), this.times, this.again];
  }

  get view() {
    const view = this.mine.view(this.id);
    return view && view.type === "order" ? view : null;
  }

  get title() { return this.view ? this.view.shop_name : word("resident.order_one"); }

  tick() {
    this._read();
    this.draw();
  }

  changed(record) {
    if (record && record.key.endsWith(` ${this.id}`) && record.state === "done") {
      const { order, want } = record.reply.data;
      return void this.replace(order ? `#cari/pesanan/${order}` : `#cari/tanya/${want}`);
    }
    this.draw();
    return undefined;
  }

  leave() {
    for (const record of this._records()) if (record.state === "refused") this.mine.acts.forget(record);
  }

  _records() { return [...this.mine.acts.records.values()].filter(({ key }) => key.endsWith(` ${this.id}`)); }

  /** Without a socket, and for an order that the topic does not know, it is asked for. */
  async _read() {
    const live = this.app.kt.state.public === "live" && this.mine.topic.synced;
    if (Date.now() < this.read_at || (live && this.view) || this.missing === "not_found") return;
    this.read_at = Date.now() + READ_MS;
    this.missing = await this.mine.read("order", this.id);
    this.draw();
  }

  // -- drawing --------------------------------------------------------------------------

  draw() {
    const { view } = this;
    const now = this.app.city_now();
    this.drawn();
    for (const part of this.body.slice(1)) if (!view) show(part, false);
    if (!view) return void put(this.headline, word(this.missing === "not_found" ? "resident.order_gone" : this.missing ? "resident.order_unread" : "common.connecting"));
    setData(this.card, { state: view.state, tone: TONES[view.state] });
    put(this.headline, orderText(view, now));
    put(this.left, leftText(view, now));
    put(this.heard, this._offline(view) || (view.state === "placed" && view.ring_at ? heardText(view) : ""));
    const had_focus = document.activeElement === this.cancel;
    show(this.cancel, view.state === "placed" || view.state === "accepted");
    if (had_focus && this.cancel.hidden) this.headline.focus({ preventScroll: true });
    attribute(this.cancel, "aria-busy", this.cancelling ? "true" : null);
    if (isEnded(view)) put(this.error, "");
    show(this.error, this.error.textContent !== "");
    this._elsewhere(view);
    this._details(view);
    return undefined;
  }

  /** The screen is not of now when the network is away. */
  _offline(view) {
    return this.app.offline && !isEnded(view) ? word("resident.order_offline") : "";
  }

  _details(view) {
    for (const part of this.body.slice(4, 6)) show(part, true);
    const rows = [...view.lines.map((line) => [`${line.quantity} \u00D7 ${line.name}`, line.price ? rupiah(line.quantity * line.price) : word("resident.price_by_shop")])];
    if (view.total) rows.push([word("resident.sum"), rupiah(view.total)]);
    const drawn = JSON.stringify([rows, view.times]);
    show(this.again, isEnded(view) && view.lines.every(({ product }) => product));
    attribute(this.again, "href", `#cari/toko/${view.shop}/${view.lines[0].product}`);
    if (this.detailed === drawn) return;
    this.detailed = drawn;
    refill(this.lines, rows.map(([what, price]) => h("li", {}, h("span", { text: what }), h("b", { text: price }))));
    const said = [[word(`resident.${view.fulfilment}`), view.fulfilment === "delivery" ? view.address : kelurahanName(view.kelurahan)],
      [word("resident.for_name"), `${view.name} \u00B7 ${view.phone}`], ...(view.note ? [[word("resident.order_note"), view.note]] : [])];
    refill(this.details, said.map(([term, what]) => [h("dt", { text: term }), h("dd", { text: what })]));
    refill(this.times, timesOf(view).map(([state, time]) => h("li", {}, h("time", { text: time }), h("span", { text: state === "accepted" && view.accepted_by ? word("resident.time_accepted_by", { name: view.accepted_by }) : word(`resident.time_${state}`) }))));
  }

  _elsewhere(view) {
    const lost = view.state === "rejected" || view.state === "expired" || view.cancelled_by === "seller";
    show(this.elsewhere, lost);
    if (!lost) return;
    const others = view.alternatives || [];
    put(this.elsewhere.firstChild, word(others.length ? "resident.elsewhere" : view.state === "cancelled" ? "resident.elsewhere_ask" : "resident.elsewhere_none"));
    keyed(this.others, others, (other) => other.shop, (other) => this._other(other), (card, other) => this._drawOther(card, other));
    this.ask.className = others.length ? "big" : "go big"; // the one way on
    const record = this.mine.acts.of(`want ${this.id}`);
    this._state(this.ask, record, word("resident.ask_all_sellers"));
    const refused = this._records().find(({ state }) => state === "refused");
    const stuck = this._records().find((one) => one.state === "asking" || (one.state === "sending" && one.code));
    put(this.said, refused ? refusalText(refused.reply) : stuck ? stuckText(stuck) : "");
    setData(this.said, { code: refused ? refused.reply.code : null });
    show(this.never, Boolean(stuck));
  }

  _other(other) {
    const fewer = this.view.lines.length - other.lines.length;
    return h("li", { class: "card other-shop", data: { type: "shop", id: other.shop } },
      h("h3", {}, h("a", { href: `#cari/toko/${other.shop}/${other.lines[0].product}` }, other.name)), h("p", { class: "soft", text: `${kelurahanName(other.kelurahan)} \u00B7 ${distance(other.distance_m)}` }),
      h("p", { text: other.lines.map((line) => `${line.quantity} \u00D7 ${line.name}`).join(", ") }),
      fewer > 0 ? h("p", { class: "soft", text: word("resident.fewer", { n: other.lines.length, all: other.lines.length + fewer }) }) : null,
      h("button", { type: "button", class: "go", data: { act: "order.place", shop: other.shop }, on: { click: () => this._orderThere(other) } }));
  }

  _drawOther(card, other) {
    const record = this.mine.acts.of(`there ${other.shop} ${this.id}`);
    setData(card, { state: record ? standing(record) : "open" });
    this._state(card.lastChild, record, word("resident.order_there", { total: rupiah(other.total) }));
  }

  _state(button, record, text) {
    const waiting = Boolean(record && record.state === "sending");
    attribute(button, "aria-busy", waiting ? "true" : null);
    put(button, !record || record.state === "refused" ? text : record.state === "asking" ? word("resident.send_again") : actText(record));
  }

  // -- what a person does -----------------------------------------------------------------

  async _cancel(event) {
    if (this.cancelling || (event.detail !== 0 && Date.now() - this.opened_at < BLIND_MS)) return;
    const reason = this.view.state === "placed" ? "mistake" : "other";
    this.cancelling = true;
    put(this.error, "");
    this.draw();
    const onTry = (tried) => { put(this.error, cancelText(tried)); this.draw(); };
    const reply = await this.app.kt.call("order.cancel", { order: this.id, reason }, { onTry });
    this.cancelling = false;
    if (reply.ok) this.read_at = 0;
    put(this.error, reply.ok ? "" : reply.code === "illegal_step" ? word("resident.cancel_late") : word("resident.cancel_failed"));
    this.draw();
  }

  /** The same goods in another shop: a new order with a new id. */
  _orderThere(other) {
    const { view } = this;
    const key = `there ${other.shop} ${this.id}`;
    if (this._resent(key)) return;
    const lines = other.lines.map(({ product, quantity, price }) => ({ product, quantity, price }));
    const data = { shop: other.shop, lines, fulfilment: view.fulfilment, name: view.name, phone: view.phone };
    for (const name of ["address", "note"]) if (view[name]) data[name] = view[name];
    this.mine.act({ key, cmd: "order.place", data, label: other.name, href: `/#cari/pesanan/${this.id}` });
  }

  async _askAll() {
    const { view } = this;
    const key = `want ${this.id}`;
    if (this._resent(key)) return;
    const category = await categoryOf(view);
    const data = wantOf(view, category);
    this.mine.act({ key, cmd: "want.post", data, label: data.words, href: `/#cari/pesanan/${this.id}` });
  }

  _never() {
    for (const record of this._records()) this.mine.acts.forget(record);
  }

  _resent(key) {
    const record = this.mine.acts.of(key);
    if (record && record.state === "refused") this.mine.acts.forget(record);
    else if (record && record.state === "asking") this.mine.acts.again(record);
    else return false;
    return record.state !== "forgotten";
  }
}

/** How long there is, or when it will be. */
export function leftText(view, now) {
  if (view.state === "placed" && !view.ring_at) return view.opens_at ? word("resident.rings_at", { time: when(view.opens_at, now) }) : word("resident.rings_open");
  if (view.state === "placed") {
    const left_ms = Math.min(view.expires_at - now, view.expires_at - view.ring_at);
    return left_ms > LONG_MS ? word("resident.answer_by", { time: when(view.expires_at, now) }) : word("resident.answer_in", { left: stopwatch(left_ms) });
  }
  if ((view.state === "accepted" || view.state === "preparing") && view.ready_at > now) return word("resident.ready_in", { n: Math.ceil((view.ready_at - now) / 60000) });
  return "";
}

/** Who has it: what was proven by the shop's phones. */
export function heardText(view) {
  const counts = view.receipts || {};
  if (counts.seen) return word("resident.heard_seen");
  if (view.unheard) return word(view.contacted_at ? "resident.heard_contact" : "resident.heard_not");
  if (counts.audible) return word("resident.heard_audible");
  if (counts.received || counts.shown) return word("resident.heard_received");
  return word("resident.heard_sent");
}
