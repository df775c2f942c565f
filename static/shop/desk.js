// What this page knows of its shop: orders, goods, answers and wants as the hub
// tells them, what rings here, and which choices lie open. No clock, no DOM.

import { OVER, inOrder } from "/static/shop/orders.js";
import { WAITING } from "/static/shop/receipts.js";

const PAST_SHOWN = 20;
const LATE_MS = 30000; // A want that is older than this when it is first seen does not ring.
const KEEP_THANKS_MS = 10 * 60000;

export const WANT_RING_MS = 4800; // Two rounds of the rhythm.

export class Desk {
  /** `touches`: a set that outlives the page, so that a reload does not ring anew. */
  constructor(touches = new Set()) {
    this.shop = null;
    this.orders = new Map();
    this.products = new Map();
    this.answers = new Map(); // want id -> view
    this.wants = new Map();
    this._touches = touches;
    this._choosing = new Map(); // id -> what is being chosen: reject, cancel, price, change
    this._rung = new Map(); // want id -> when it began to ring here
    this._mine = new Set(); // orders that this page itself accepted
  }

  /**
   * Take changes of `shop/<id>`. Returns `{fresh, taken}`: orders new to this page
   * that wait for an answer, and orders that somebody else's device has accepted.
   */
  receive(changes) {
    const fresh = [];
    const taken = [];
    for (const { id, view } of changes) {
      if (view === null) this._forget(id);
      else if (view.type === "shop") this.shop = view;
      else if (view.type === "product") this.products.set(id, view);
      else if (view.type === "answer") this.answers.set(view.want, view);
      else if (view.type === "order") this._put(view, fresh, taken);
    }
    return { fresh, taken };
  }

  _put(view, fresh, taken) {
    const known = this.orders.get(view.id);
    this.orders.set(view.id, view);
    if (known && known.state !== view.state) this._choosing.delete(view.id);
    if (!known && view.state === WAITING) fresh.push(view);
    if (known && known.state === WAITING && view.state === "accepted" && !this._mine.has(view.id)) taken.push(view);
  }

  /** Take changes of one of the wants' topics. Returns the wants that are new to this page. */
  receiveWants(changes) {
    const fresh = [];
    for (const { id, view } of changes) {
      if (view === null) {
        this.wants.delete(id);
        this._rung.delete(id);
        continue;
      }
      if (!this.wants.has(id)) fresh.push(view);
      this.wants.set(id, view);
    }
    return fresh;
  }

  /** Another topic is joined: its wants are of another category. */
  forgetWants() {
    this.wants.clear();
    this._rung.clear();
  }

  _forget(id) {
    this.orders.delete(id);
    this.products.delete(id);
    this.answers.delete(id.replace(/^want\./, ""));
    this._choosing.delete(id);
  }

  // -- orders ------------------------------------------------------------------

  order(id) { return this.orders.get(id); }

  get open() { return inOrder([...this.orders.values()].filter((order) => !OVER.has(order.state))); }

  get past() {
    const over = [...this.orders.values()].filter((order) => OVER.has(order.state));
    return over.sort((a, b) => b.at - a.at).slice(0, PAST_SHOWN);
  }

  get ringing() { return this.open.filter((order) => this.rings(order)); }

  /** Until somebody touches it here or decides it anywhere; an order for later, once its ladder has begun. */
  rings(order) {
    return order.state === WAITING && order.ring !== "off" && !this._touches.has(order.id);
  }

  /** This page's own tap takes it, or (false) was refused. */
  accepted(id, mine) {
    if (mine) this._mine.add(id);
    else this._mine.delete(id);
  }

  isMine(id) { return this._mine.has(id) || this._touches.has(`mine.${id}`); }

  // -- wants --------------------------------------------------------------------

  /** Wants that can be answered, newest first; then own answers that still say something. */
  wantsShown(now) {
    const open = [...this.wants.values()].filter((want) => want.until > now && !this.answers.has(want.id) && !this._touches.has(`no.${want.id}`));
    const said = [...this.answers.values()].filter((answer) => answer.state === "open"
      || (answer.state === "thanked" && now - answer.at < KEEP_THANKS_MS && !this._touches.has(`over.${answer.want}`)));
    return [...open.sort((a, b) => b.posted_at - a.posted_at), ...said.sort((a, b) => b.at - a.at)];
  }

  /** Wants that sound now: shops in front at once, the others when the head start is over; two rounds, not more. */
  wantsRinging(now) {
    const { shop } = this;
    if (!shop || shop.state !== "open") return [];
    return [...this.wants.values()].filter((want) => {
      if (want.full || want.until <= now || this.answers.has(want.id) || this._touches.has(want.id)) return false;
      if (this._rung.has(want.id)) return now - this._rung.get(want.id) < WANT_RING_MS;
      const due = want.front.includes(shop.id) ? want.at : want.rest_at;
      if (due > now) return false;
      this._rung.set(want.id, now - due < LATE_MS ? now : 0);
      return now - due < LATE_MS;
    });
  }

  /** A product of this shop that the want's words name, to answer with its price in one tap. */
  suggestion(want) {
    const words = wordsOf(want.words);
    let best = null;
    let shared = 0;
    for (const product of this.products.values()) {
      const common = product.state === "available" ? wordsOf(product.name).filter((each) => words.includes(each)).length : 0;
      if (common > shared) [best, shared] = [product, common];
    }
    return best;
  }

  // -- touches and choices --------------------------------------------------------

  touched(id) { return this._touches.has(id); }

  /** A person touched it. True when that is news. */
  touch(id) {
    if (this._touches.has(id)) return false;
    this._touches.add(id);
    return true;
  }

  choosing(id) { return this._choosing.get(id) || null; }

  choose(id, what) {
    if (what) this._choosing.set(id, what);
    else this._choosing.delete(id);
  }
}

const wordsOf = (text) => text.toLowerCase().split(/[^a-z0-9]+/).filter((each) => each.length > 2);
