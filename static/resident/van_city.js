// What the city's vans do, as this page follows it: the vans, all stops in short,
// each van's trip with its predictions, and the stops that are looked at closely.

import { distanceM } from "/static/shared/geo.js";
import { etaOf, leftOf } from "./van_words.js";

const MOST_VANS = 16;
const USABLE = ["arrived", "expected"];

export class VanCity {
  /** `onChange()` once after whatever was heard together. */
  constructor(app, onChange) {
    this.app = app;
    this.trips = new Map(); // van -> its topic
    this.near = new Map(); // stop -> its topic
    let waits = false;
    this.onChange = () => {
      if (waits) return;
      waits = true;
      setTimeout(() => {
        waits = false;
        if (!this.left) onChange();
      });
    };
    this.vans = app.kt.join("vans", { onChange: () => this._heard(), onMoved: this.onChange });
    this.list = app.kt.join("stops", { onChange: this.onChange });
    this._heard();
  }

  get synced() { return this.vans.synced && this.list.synced; }

  leave() {
    this.left = true;
    for (const topic of [this.vans, this.list, ...this.trips.values(), ...this.near.values()]) topic.leave();
  }

  _heard() {
    if (!this.vans) return; // told while it is joined
    const ids = [...this.vans.things.values()].filter(({ type }) => type === "van").map(({ id }) => id).sort().slice(0, MOST_VANS);
    follow(this.app.kt, this.trips, ids, (id) => `van/${id}`, this.onChange);
    this.onChange();
  }

  /** Follow these stops closely (queues, papers, later visits), and no others. */
  look(ids) {
    follow(this.app.kt, this.near, ids, (id) => `stop/${id}`, this.onChange);
  }

  fix(van) { return this.vans.fixes.get(van) || null; }

  trip(van) {
    const topic = this.trips.get(van);
    return (topic && topic.things.get(van)) || null;
  }

  /** Whether a stop's own topic has told what there is. */
  looked(id) { return Boolean(this.near.get(id) && this.near.get(id).synced); }

  /** A stop's whole view, and its queues; null until they are heard. */
  whole(id) { return (this.near.get(id) && this.near.get(id).things.get(id)) || null; }

  queues(id) { return [...(this.near.get(id) ? this.near.get(id).things.values() : [])].filter(({ type }) => type === "queue"); }

  /** Every stop with what is known of its next visit. */
  stops(now) {
    return [...this.list.things.values()].filter(({ type }) => type === "stop").map((view) => this._stop(view, now));
  }

  stop(id, now) {
    const view = this.list.things.get(id) || this.whole(id);
    return view ? this._stop(view, now) : null;
  }

  _stop(view, now) {
    const trip = view.van ? this.trip(view.van) : null;
    const row = trip && trip.day === view.day ? (trip.trip || []).find(({ stop }) => stop === view.id) : null;
    const names = view.services.map((one) => one.service || one);
    const services = names.length ? names : (trip && trip.services) || [];
    const eta = row && row.state === "expected" ? etaOf(view.id, this.fix(view.van), trip.at, now) || row.eta : null;
    return { ...view, services, eta };
  }
}

function follow(kt, topics, ids, name, onChange) {
  for (const [id, topic] of topics) {
    if (ids.includes(id)) continue;
    topics.delete(id);
    topic.leave();
  }
  for (const id of ids) if (!topics.has(id)) topics.set(id, kt.join(name(id), { onChange, onMoved: onChange }));
}

/** Stops by how near they are to `place`: {point?, kelurahan?}. Without a point they have no distance. */
export function nearest(stops, { point = null, kelurahan = "", middle = null }) {
  const from = point || middle;
  const rank = (stop) => [point || stop.kelurahan === kelurahan ? 0 : 1, from ? distanceM(from, stop.location) : 0];
  return stops.map((stop) => ({ stop, rank: rank(stop) }))
    .sort((a, b) => a.rank[0] - b.rank[0] || a.rank[1] - b.rank[1] || a.stop.name.localeCompare(b.stop.name))
    .map(({ stop, rank: [, metres] }) => ({ ...stop, distance_m: point ? metres : null }));
}

/** The visits that may still be used, the next one first; the view's own comes before its `visits`. */
export function visitsOf(whole) {
  if (!whole) return [];
  const { day, state, scheduled_at, van, van_name, eta } = whole;
  const own = day ? [{ day, state, scheduled_at, van, van_name, eta }] : [];
  return [...own, ...(whole.visits || [])].filter((visit) => USABLE.includes(visit.state)).sort((a, b) => a.scheduled_at - b.scheduled_at);
}

/** A stop's services: its own with papers and quota, else the van's. */
export function servicesOf(whole, names) {
  return whole && whole.services.length ? whole.services : names.map((service) => ({ service }));
}

/** Each visit with the numbers that are left for a service: [{visit, queue, left}]. */
export function chancesOf(whole, service, queues) {
  return visitsOf(whole).map((visit) => {
    const queue = queues.find((one) => one.service === service.service && one.day === visit.day) || null;
    return { visit, queue, left: leftOf(service, queue) };
  });
}
