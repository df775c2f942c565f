// What this page knows of its shop: the orders as the hub tells them, which of
// them ring here, and what this page is saying about them. No clock, no DOM.

import { OVER, inOrder } from "/static/shop/orders.js";
import { WAITING } from "/static/shop/receipts.js";

const PAST_SHOWN = 20;

export class Desk {
  constructor() {
    this.shop = null;
    this._table = new Map(); // id -> view
    this._touched = new Set();
    this._notes = new Map(); // id -> {rejecting, pending: {state, unsure}, error}
  }

  /**
   * Take changes of `shop/<id>`. Returns the waiting orders that are new to this page.
   *
   * An order that somebody has already touched (`receipts.seen`) does not ring again.
   */
  receive(changes) {
    const fresh = [];
    for (const { id, view } of changes) {
      if (view === null) this._forget(id);
      else if (view.type === "shop") this.shop = view;
      else if (view.type === "order" && this._put(view)) fresh.push(view);
    }
    return fresh;
  }

  _put(view) {
    const known = this._table.get(view.id);
    this._table.set(view.id, view);
    const note = this._notes.get(view.id);
    if (known && known.state !== view.state && note) this._notes.delete(view.id);
    if (known || view.state !== WAITING) return false;
    if (view.receipts && view.receipts.seen) this._touched.add(view.id);
    return true;
  }

  _forget(id) {
    this._table.delete(id);
    this._notes.delete(id);
    this._touched.delete(id);
  }

  order(id) { return this._table.get(id); }

  get open() { return inOrder([...this._table.values()].filter((order) => !OVER.has(order.state))); }

  get past() {
    const over = [...this._table.values()].filter((order) => OVER.has(order.state));
    return over.sort((a, b) => b.at - a.at).slice(0, PAST_SHOWN);
  }

  get ringing() { return this.open.filter((order) => this.rings(order)); }

  rings(order) { return order.state === WAITING && !this._touched.has(order.id); }

  /** A person touched it. True when that is news. */
  touch(id) {
    if (this._touched.has(id) || !this._table.has(id)) return false;
    this._touched.add(id);
    return true;
  }

  note(id) {
    const note = this._notes.get(id) || {};
    const order = this._table.get(id);
    return { rejecting: false, pending: null, error: null, ...note, ringing: Boolean(order) && this.rings(order) };
  }

  say(id, note) {
    this._notes.set(id, { ...this._notes.get(id), ...note });
  }
}
