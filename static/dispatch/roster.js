// Who is on duty, who hears, and how old each position is.

import { ago } from "/static/shared/ages.js";
import { $, h, keyed, put, setData, show } from "/static/shared/dom.js";
import { word } from "/static/shared/words.js";

const STALE_MS = 30 * 60 * 1000;

/** The newest known position of a medic: its view's or its last fix. */
export function placeOf(medic, fixes) {
  const fix = fixes.get(medic.id);
  if (fix && !(medic.fix_at > fix.fix_at)) return { lat: fix.lat, lon: fix.lon, fix_at: fix.fix_at };
  return medic.location ? { ...medic.location, fix_at: medic.fix_at } : null;
}

/** Heard, or at least to be woken: nothing to be loud about. */
const hears = (medic) => Boolean(medic.reachable || medic.wakeable);

export function drawRoster(medics, fixes, now) {
  const order = [...medics].sort((a, b) => Number(hears(a)) - Number(hears(b))
    || Number(a.state === "busy") - Number(b.state === "busy") || (a.name < b.name ? -1 : 1));
  show($("#roster-none"), !order.length);
  keyed($("#roster"), order, (medic) => medic.id, make, (row, medic) => update(row, medic, placeOf(medic, fixes), now));
}

const PARTS = ["name", "vehicle", "state", "reach", "fix"];
const kept = new WeakMap(); // row -> its parts, looked up once

function make(medic) {
  const row = h("li", { data: { type: "medic", id: medic.id } },
    h("b", { class: "medic-name" }), h("span", { class: "medic-vehicle soft" }),
    h("span", { class: "medic-state pill" }), h("span", { class: "medic-reach" }), h("span", { class: "medic-fix soft" }));
  kept.set(row, Object.fromEntries(PARTS.map((name) => [name, $(`.medic-${name}`, row)])));
  return row;
}

function update(row, medic, place, now) {
  const parts = kept.get(row);
  const old = !place || now - place.fix_at > STALE_MS;
  setData(row, { state: medic.state, reachable: String(hears(medic)), fix: old ? "old" : "fresh" });
  put(parts.name, medic.name);
  put(parts.vehicle, medic.vehicle || "");
  put(parts.state, word(`dispatch.roster_${medic.state}`));
  put(parts.reach, word(medic.reachable ? "dispatch.roster_reachable" : medic.wakeable ? "dispatch.roster_wakeable" : "dispatch.roster_deaf"));
  put(parts.fix, place ? word("dispatch.fix_age", { age: ago(now - place.fix_at) }) : word("dispatch.fix_none"));
}
