// What a desk changed in the van's trip of today, from `crew/<van>`. It rings for a moment on every phone of the crew,
// for somebody drives, and stands until one of them says that it was read.

import { clock } from "/static/shared/ages.js";
import { $, h, keyed, put, refill, setData, show, turnOff, unlessOff } from "/static/shared/dom.js";
import { Ring } from "/static/shared/ring.js";
import { word } from "/static/shared/words.js";
import { refusalText } from "/static/van/refusals.js";
import { Taps } from "/static/van/taps.js";

const RING_MS = 15000;
const AT_ONCE_MS = 700; // what another phone of this crew has read by then needs no sound
const SEEN = "news.seen";
const WHOLE = ["given", "again"];

export class News {
  /** `onChange()`: something is to be drawn anew. */
  constructor(kt, onChange) {
    this.kt = kt;
    this.onChange = onChange;
    this.ring = new Ring("van");
    this.ring.onBlocked = onChange;
    this.taps = new Taps(kt, onChange);
    this.table = null;
    this.hushed_at = 0; // `rung_at` of what was touched here: it is silent at once
    this.element = $("#news");
    this.heading = h("h2", { id: "news-heading" });
    this.about = h("p", { class: "news-about" });
    this.list = h("ul");
    this.more = h("p", { class: "news-about" });
    this.error = h("p", { class: "error", role: "status" });
    this.button = h("button", { type: "button", class: "big", data: { act: SEEN }, on: { click: unlessOff(() => this.seen()) } });
    refill(this.element, this.heading, this.about, this.list, this.more, this.error, this.button);
  }

  follow(van) {
    if (this.table) this.table.leave();
    this.van = van;
    this.table = this.kt.join(`crew/${van}`, { onChange: (changes) => this._receive(changes) });
  }

  _receive(changes) {
    if (changes.some(({ kind }) => kind === SEEN)) this.taps.see(SEEN);
    else this.taps.settle(SEEN);
    this.onChange();
  }

  /** What nobody of the crew has read yet, or null. */
  get unread() {
    const view = this.table ? this.table.things.get(this.van) : null;
    return view && view.state === "ringing" ? view : null;
  }

  /** Inside a tap: the sound may run from now on. */
  async unlock() {
    if (this.ring.unlocked) return;
    await this.ring.unlock();
    this.kt.answerHere();
    this.onChange();
  }

  /** For `here`. A page that would stay silent is not one that a phone need not be woken for. */
  here() {
    const state = this.ring.state();
    return { ...state, visible: state.visible && this.ring.unlocked };
  }

  /** A notification was tapped: lead to the card, now or once it is drawn. */
  look() {
    this.looked = true;
    if (this.table) this.onChange();
  }

  /** Who drives a trip knows that there is one; what was changed in it, they say themselves. */
  driven() {
    if (this.unread && WHOLE.includes(this.unread.what)) this.seen();
  }

  seen() {
    if (!this.unread) return;
    const { rung_at } = this.unread;
    this.hushed_at = rung_at;
    this.taps.run(SEEN, SEEN, { van: this.van, rung_at });
  }

  draw(inside) {
    const view = inside ? this.unread : null;
    this._sound(view);
    const held = this.element.contains(document.activeElement);
    setData(this.element, view ? { type: "news", id: view.id, state: view.state, what: view.what } : { type: null, id: null, state: null, what: null });
    if (view) this._fill(view);
    show(this.element, view !== null);
    const next = held && !view && $("#now button");
    if (next) next.focus({ preventScroll: true });
    if (view && this.looked) this._lead();
  }

  _sound(view) {
    const age_ms = view === null ? 0 : this.kt.now() - view.rung_at;
    const rings = view !== null && view.rung_at > this.hushed_at && age_ms >= AT_ONCE_MS && age_ms < RING_MS;
    setData(document.body, { ringing: String(rings) });
    if (rings) this.ring.start("news");
    else this.ring.stop("news");
  }

  _fill({ what, stops, more, reason }) {
    const { pending, reply } = this.taps.of(SEEN);
    put(this.heading, word(`van.news_trip_${what}`));
    put(this.about, what === "cancelled" ? reason || "" : "");
    keyed(this.list, stops, (row) => row.stop, () => h("li"), (row, { stop, name, kind, scheduled_at }) => {
      setData(row, { stop, kind });
      put(row, word(`van.news_stop_${kind}`, { stop: name, time: clock(scheduled_at) }));
    });
    put(this.more, more ? word("van.news_more", { n: more }) : "");
    put(this.error, reply && !reply.ok ? refusalText(reply) : "");
    put(this.button, word({ sending: "van.sending", sent: "van.sending", unsure: "van.unsure" }[pending] || "van.news_seen"));
    turnOff(this.button, pending !== null);
  }

  _lead() {
    this.looked = false;
    this.element.scrollIntoView({ block: "center" });
    this.button.focus({ preventScroll: true });
  }
}
