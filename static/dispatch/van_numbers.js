// Figures of the van desk: minutes, delays, shares, and a day's stops as `trip.save`
// takes them. Pure.

import { ZONE_MS } from "/static/shared/zone.js";

export const DAY_MS = 24 * 3600000;
export const MINUTE_MS = 60000;

/** A van is on time from a minute before the timetable to five minutes after it. */
export const EARLIEST_MIN = -1;
export const LATEST_MIN = 5;

/** Minutes ahead -> seconds before and after the predicted time that still count (`channels/van_score.py`). */
export const BOUNDS_S = { "0-3": [30, 90], "3-6": [60, 150], "6-10": [60, 210], "10-15": [90, 270] };

const two = (number) => String(number).padStart(2, "0");

/** The city's midnight of "2026-11-27", ms. */
export const dayStart = (day) => Date.parse(`${day}T00:00:00Z`) - ZONE_MS;

/** "2026-11-27", of a time. */
export const dayOf = (at_ms) => new Date(at_ms + ZONE_MS).toISOString().slice(0, 10);

/** 0 is Monday; the epoch was a Thursday. */
export const weekdayOf = (day) => (Math.floor((dayStart(day) + ZONE_MS) / DAY_MS) + 3) % 7;

export const minuteOf = (at_ms, day) => Math.round((at_ms - dayStart(day)) / MINUTE_MS);

/** "08:30" of minutes from midnight, and back; null for what is no time. */
export const timeOf = (minute) => `${two(Math.floor(minute / 60))}:${two(minute % 60)}`;
export function minuteFrom(text) {
  const found = /^(\d{1,2})[:.](\d\d)/.exec(text || "");
  return found && Number(found[1]) < 24 && Number(found[2]) < 60 ? Number(found[1]) * 60 + Number(found[2]) : null;
}

/** Minutes after the timetable (negative: before it), or null where the van has not arrived. */
export const lateOf = (row) => (row.arrived_at ? (row.arrived_at - row.scheduled_at) / MINUTE_MS : null);

export const isOnTime = (late) => late >= EARLIEST_MIN && late <= LATEST_MIN;

/** The arrivals of a van's day: `{stop, name, scheduled_at, late}`, by the timetable. */
export function arrivals(van) {
  return (van.trip || []).filter((row) => row.arrived_at).map((row) => ({ stop: row.stop, name: row.name, scheduled_at: row.scheduled_at, late: lateOf(row) }));
}

/** The last stop where a van arrived, or null. */
export function lastArrival(van) {
  const been = (van.trip || []).filter((row) => row.arrived_at);
  return been.length ? been.reduce((a, b) => (b.arrived_at > a.arrived_at ? b : a)) : null;
}

export const onTimeShare = (list) => ({ good: list.filter(({ late }) => isOnTime(late)).length, all: list.length });

/** Predictions of all vans by minutes ahead: `{bucket, good, all}`. */
export function scores(vans) {
  return Object.keys(BOUNDS_S).map((bucket) => vans.reduce((sum, { eta_score }) => {
    const [good, all] = (eta_score && eta_score[bucket]) || [0, 0];
    return { bucket, good: sum.good + good, all: sum.all + all };
  }, { bucket, good: 0, all: 0 }));
}

/**
 * A day's stops as `trip.save` takes them, by time: those that are not cancelled.
 *
 * `change`: `{without: id}`, `{back: [ids]}` (cancelled ones that take place after all), `{at: {id: minute}}`: moved
 * or added.
 */
export function stopsOf(rows, day, { without = null, back = [], at = {} } = {}) {
  const kept = rows.filter((row) => row.stop !== without && !(row.stop in at) && (row.state !== "cancelled" || back.includes(row.stop)));
  const stops = kept.map((row) => ({ stop: row.stop, minute: minuteOf(row.scheduled_at, day) }));
  for (const [stop, minute] of Object.entries(at)) stops.push({ stop, minute });
  return stops.sort((a, b) => a.minute - b.minute);
}

/** The stop that has this minute already, or null. */
export const takenBy = (stops, minute, mine) => (stops.find((one) => one.minute === minute && one.stop !== mine) || { stop: null }).stop;
