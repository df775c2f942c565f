// Receipts of an order, each proven (DOMAIN "Reachable"): `received` = this
// script has it, `shown` = drawn while the page is visible, `audible` = the
// sound ran for 1 s, `seen` = a person touched it. Each level is said once.

export const WAITING = "placed";

export class Receipts {
  /** `call(cmd, data)` gives a command to the hub and repeats it until it is decided. */
  constructor(call, isVisible = () => document.visibilityState === "visible") {
    this._call = call;
    this._isVisible = isVisible;
    this._said = new Set();
  }

  received(order) { this._say(order, "received"); }

  /** Drawn; counts when, and only when, the page is visible and the card is on it. */
  drawn(orders, cardOf) {
    if (!this._isVisible()) return;
    for (const order of orders) {
      const card = cardOf(order.id);
      if (card && card.offsetParent !== null) this._say(order, "shown");
    }
  }

  audible(order) { this._say(order, "audible"); }

  seen(order) { this._say(order, "seen"); }

  _say(order, level) {
    if (!order || order.state !== WAITING) return;
    const key = `${order.id} ${level}`;
    if (this._said.has(key)) return;
    this._said.add(key);
    this._call("order.receipt", { order: order.id, level });
  }
}
