// What lives for this person beside a call: a followed van, and what of the
// market is theirs. It keeps their lines in the strip, on whatever page they are.

import { announce } from "/static/shared/dom.js";
import { Ring } from "/static/shared/ring.js";
import { word } from "/static/shared/words.js";
import { storage } from "./device.js";

const MARKET_AT = "kt.ordered_at"; // mine.js writes it
const QUEUED_AT = "kt.queued_at"; // van_mine.js writes it
const VAN = "kt.van";
const MARKET_LIVES_MS = 48 * 3600 * 1000;
const QUEUE_LIVES_MS = 8 * 24 * 3600 * 1000; // a ticket may be for next week
const RING_MS = 5000;

let only = null;

export function living(app) {
  if (!only) only = new Living(app);
  return only;
}

/** Take up what the last visit followed; the market only where there is something of it. */
export function follow(app) {
  if (Date.now() - (storage.get(MARKET_AT) || 0) < MARKET_LIVES_MS) import("./mine.js").then(({ mine }) => mine(app).follow()).catch(() => {});
  if (Date.now() - (storage.get(QUEUED_AT) || 0) < QUEUE_LIVES_MS) import("./van_mine.js").then(({ vanMine }) => vanMine(app).follow()).catch(() => {});
  const van = storage.get(VAN);
  if (van) living(app).followVan(van);
}

class Living {
  constructor(app) {
    this.app = app;
    this.van = null;
    this.van_id = null;
    this.arrived = null; // {van, stop, at} of the followed van's newest arrival
    this._watchers = new Set();
    this._ring = null;
    document.addEventListener("kt-words", () => {
      for (const view of this.van ? this.van.things.values() : []) if (view.type === "van") this._line(view);
    });
  }

  /** `draw()` on every change; returns the way to stop. */
  watch(draw) {
    this._watchers.add(draw);
    return () => this._watchers.delete(draw);
  }

  _changed() {
    for (const draw of this._watchers) draw();
  }

  // -- a van ------------------------------------------------------------------------

  /** One sound for all that a van rings for. */
  get ring() {
    if (!this._ring) this._ring = new Ring("van");
    return this._ring;
  }

  /** Inside a tap: the arrival may then sound. */
  unlock() { return this.ring.unlock(); }

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
    this._line(view);
  }

  _line(view) {
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
