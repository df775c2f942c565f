// What of the market is mine: orders, wants, and what is still on its way. Keeps
// their lines in the strip, on whatever page the person is.

import { clock } from "/static/shared/ages.js";
import { announce } from "/static/shared/dom.js";
import { word } from "/static/shared/words.js";
import { Acts, standing } from "./acts.js";
import { storage } from "./device.js";
import { when } from "./market.js";

export const MARKET_AT = "kt.ordered_at"; // when this device last ordered or asked
const ENDED_SHOWN_MS = 600000;
const ORDER_ENDED = ["completed", "rejected", "expired", "cancelled"];

const SAID = ["out_of_stock", "no_show"]; // what a seller may say of why

let only = null;

export function mine(app) {
  if (!only) only = new Mine(app);
  return only;
}

export const isEnded = (view) => ORDER_ENDED.includes(view.state);

class Mine {
  constructor(app) {
    this.app = app;
    this.topic = null;
    this._read = new Map(); // id -> view, asked for while the topic was not there
    this._lines = new Set();
    this._watchers = new Set();
    this.acts = new Acts(app, (record) => this._acted(record));
    setInterval(() => this._strip(), 30000);
    document.addEventListener("kt-words", () => this._strip());
    this.acts.resume();
    if (this.acts.records.size) this.follow();
  }

  /** `draw(record?)` on every change, with the act that changed; returns the way to stop. */
  watch(draw) {
    this._watchers.add(draw);
    return () => this._watchers.delete(draw);
  }

  /** From now on this device hears of its orders and wants. */
  follow() {
    if (this.topic) return;
    this.topic = this.app.kt.join("person/<me>", {
      onChange: (changes, topic, live) => {
        for (const { view, before } of changes) if (live !== false) this._tell(view, before);
        this._changed();
      },
    });
  }

  act(what) {
    storage.set(MARKET_AT, Date.now());
    this.follow();
    return this.acts.run(what);
  }

  get orders() { return this._all("order", (view) => view.placed_at); }
  get wants() { return this._all("want", (view) => view.posted_at); }

  _all(type, at) {
    const ids = new Set([...(this.topic ? this.topic.things.keys() : []), ...this._read.keys()]);
    return [...ids].map((id) => this.view(id)).filter((view) => view && view.type === type).sort((a, b) => at(b) - at(a));
  }

  /** An order or want of mine, the newest that was heard; null when nothing was. */
  view(id) {
    const told = this.topic ? this.topic.things.get(id) : null;
    const read = this._read.get(id);
    return told && (!read || told.at >= read.at) ? told : read || null;
  }

  /** Ask for one while the topic cannot tell. Resolves to the refusal's code, or null. */
  async read(type, id) {
    const reply = await this.app.kt.call(`${type}.read`, { [type]: id }, { deadline_ms: 4000 });
    if (!reply.ok) return reply.code;
    this._read.set(id, reply.data[type]);
    this._changed();
    return null;
  }

  _tell(view, before) {
    if (!view || !before || location.hash.endsWith(`/${view.id}`)) return; // its own page says it itself
    if (view.type === "order" && before.state !== view.state) announce(`${view.shop_name}: ${orderText(view, this.app.city_now())}`);
    if (view.type === "want" && view.answers.length > before.answers.length) announce(wantText(view));
  }

  _acted(record) {
    this._changed(record);
  }

  _changed(record) {
    this._strip();
    for (const draw of [...this._watchers]) draw(record);
  }

  // -- the strip --------------------------------------------------------------------

  _strip() {
    const now = this.app.city_now();
    const lines = new Map();
    for (const view of this.orders) if (!isEnded(view) || now - view.at < ENDED_SHOWN_MS) lines.set(`order ${view.id}`, orderLine(view, now));
    for (const view of this.wants) if (view.state === "open" || (view.state === "expired" && now - view.at < ENDED_SHOWN_MS)) lines.set(`want ${view.id}`, wantLine(view));
    for (const record of this.acts.records.values()) if (record.state !== "done") lines.set(`act ${record.key}`, actLine(record));
    for (const key of this._lines) if (!lines.has(key)) this.app.strip.set(key, null);
    for (const [key, line] of lines) this.app.strip.set(key, line);
    this._lines = new Set(lines.keys());
  }
}

const orderLine = (view, now) => ({
  type: "order", id: view.id, state: view.state, text: orderLineText(view, now), href: `/#cari/pesanan/${view.id}`, at: view.placed_at,
});

const wantLine = (view) => ({
  type: "want", id: view.id, state: view.state, text: wantLineText(view), href: `/#cari/tanya/${view.id}`, at: view.posted_at,
});

const actLine = (record) => ({
  type: record.cmd === "want.post" ? "want" : "order", id: record.id, state: standing(record),
  text: actLineText(record), href: record.href, at: record.acted_at + 1e11,
});

// -- in words -----------------------------------------------------------------------------

/** An order in one line. */
export function orderText(view, now) {
  const { state } = view;
  if (state === "placed" && !view.ring_at) return word("resident.order_later");
  if ((state === "accepted" || state === "preparing") && view.ready_at) return word(`resident.order_${state}_at`, { time: when(view.ready_at, now) });
  if (state === "ready") return word(`resident.order_ready_${view.fulfilment}`);
  if (state === "cancelled" && view.cancelled_by === "seller") return word(SAID.includes(view.reason) ? `resident.order_cancelled_${view.reason}` : "resident.order_cancelled_seller");
  return word(`resident.order_${state}`, { reason: view.reason ? word(`resident.reject_${view.reason}`) : "" });
}

export function wantText(view) {
  if (view.state !== "open") return word(`resident.want_${view.state}`);
  return view.answers.length ? word("resident.want_answers", { n: view.answers.length }) : word("resident.want_asked", { n: view.asked });
}

// What has become of it comes first: a narrow line ends in dots.
export const orderLineText = (view, now) => `${orderText(view, now)} \u00B7 ${view.shop_name}`;
export const wantLineText = (view) => `${wantText(view)} \u00B7 ${view.words}`;
export const actLineText = (record) => `${actText(record)} \u00B7 ${record.label}`;

export const actText = (record) => word(`resident.act_${standing(record)}`);

/** "Ada", "Ada, Rp12.000", "Bisa dipesankan": without the money, which the page draws. */
export const answerText = (answer) => word(`resident.answer_${answer.kind}`);

/** Since when each state has been so, oldest first: [[state, "08.20"], ...] */
export function timesOf(view) {
  return Object.entries(view.times || {}).sort((a, b) => a[1] - b[1]).map(([state, at]) => [state, clock(at)]);
}
