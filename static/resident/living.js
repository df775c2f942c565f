// What lives for this person beside a call: orders and a followed van. It keeps
// their lines in the strip, on whatever page the person is.

import { clock } from "/static/shared/ages.js";
import { announce } from "/static/shared/dom.js";
import { Ring } from "/static/shared/ring.js";
import { word } from "/static/shared/words.js";
import { storage } from "./device.js";

const ORDERED = "kt.ordered_at";
const VAN = "kt.van";
const ORDERS_LIVE_MS = 48 * 3600 * 1000;
const ENDED_SHOWN_MS = 600000;
const RING_MS = 5000;
const ORDER_ENDED = ["completed", "rejected", "expired", "cancelled"];

let only = null;

export function living(app) {
  if (!only) only = new Living(app);
  return only;
}

/** Take up what the last visit followed. */
export function follow(app) {
  const self = living(app);
  if (Date.now() - (storage.get(ORDERED) || 0) < ORDERS_LIVE_MS) self.followOrders();
  const van = storage.get(VAN);
  if (van) self.followVan(van);
}

class Living {
  constructor(app) {
    this.app = app;
    this.orders = null;
    this.van = null;
    this.van_id = null;
    this.arrived = null; // {van, stop, at} of the followed van's newest arrival
    this._watchers = new Set();
    this._ring = null;
  }

  /** `draw()` on every change; returns the way to stop. */
  watch(draw) {
    this._watchers.add(draw);
    return () => this._watchers.delete(draw);
  }

  _changed() {
    for (const draw of this._watchers) draw();
  }

  // -- orders -----------------------------------------------------------------------

  followOrders() {
    storage.set(ORDERED, Date.now());
    if (this.orders) return;
    this.orders = this.app.kt.join("person/<me>", {
      onChange: (changes) => {
        for (const { id, view, before } of changes) {
          this._orderLine(id, view);
          if (view && view.type === "order" && before && before.state !== view.state) announce(orderText(view));
        }
        this._changed();
      },
    });
  }

  /** My orders, newest first. */
  get myOrders() {
    const all = this.orders ? [...this.orders.things.values()] : [];
    return all.filter((view) => view.type === "order").sort((a, b) => b.placed_at - a.placed_at);
  }

  _orderLine(id, view) {
    const shown = view && view.type === "order"
      && (!ORDER_ENDED.includes(view.state) || this.app.city_now() - view.at < ENDED_SHOWN_MS);
    this.app.strip.set(`order ${id}`, shown ? {
      type: "order", id, state: view.state, text: `${view.shop_name}: ${orderText(view)}`, href: "/#cari", at: view.at,
    } : null);
  }

  // -- a van ------------------------------------------------------------------------

  /** Inside a tap: the arrival may then sound. */
  unlock() {
    if (!this._ring) this._ring = new Ring("van");
    this._ring.unlock();
  }

  followVan(id) {
    if (this.van_id === id) return;
    this.leaveVan();
    storage.set(VAN, id);
    this.van_id = id;
    const { kt } = this.app;
    this.vans = kt.join("vans", { onChange: () => this._changed(), onMoved: () => this._changed() });
    this.van = kt.join(`van/${id}`, {
      onChange: (changes) => {
        for (const change of changes) this._vanChanged(change);
        this._changed();
      },
      onMoved: () => this._changed(),
    });
    this._changed();
  }

  leaveVan() {
    if (!this.van_id) return;
    this.van.leave();
    this.vans.leave();
    this.app.strip.set("van", null);
    storage.set(VAN, null);
    this.van = this.vans = this.van_id = this.arrived = null;
    this._changed();
  }

  _vanChanged({ view, before }) {
    if (!view || view.type !== "van") return void this.app.strip.set("van", null);
    const was = new Map(((before && before.trip) || []).map((row) => [row.stop, row.state]));
    for (const row of view.trip || []) {
      if (row.state !== "arrived") continue;
      if (!this.arrived || this.arrived.stop !== row.stop) this.arrived = { van: view.name, stop: row.stop, name: row.name, at: row.arrived_at || view.at };
      if (before && was.get(row.stop) !== "arrived") this._arrive(view, row);
    }
    if (view.state !== "at_stop") this.arrived = null;
    this.app.strip.set("van", {
      type: "van", id: view.id, state: view.state, text: vanText(view), href: "/#mobil", at: view.at,
    });
  }

  _arrive(view, row) {
    announce(word("resident.van_arrived", { van: view.name, stop: row.name }), true);
    if (!this._ring || document.visibilityState !== "visible") return;
    this._ring.start(row.stop);
    setTimeout(() => this._ring.stop(row.stop), RING_MS);
  }
}

export function vanText(view) {
  if (view.state === "at_stop") return word("resident.van_arrived", { van: view.name, stop: view.stop_name || "" });
  if (view.state === "driving" && (view.next_name || view.next)) return word("resident.van_next", { van: view.name, stop: view.next_name || view.next });
  return word(`resident.van_${view.state === "driving" ? "driving" : "off"}`, { van: view.name });
}

export function orderText(view) {
  const at = view.accepted_at || (view.times && view.times.accepted);
  if (view.state === "accepted" && view.prep_min && at) {
    return word("resident.order_accepted_at", { time: clock(at + view.prep_min * 60000) });
  }
  return word(`resident.order_${view.state}`, { reason: view.reason ? word(`resident.reject_${view.reason}`) : "" });
}
