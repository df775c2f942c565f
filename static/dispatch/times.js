// Response times of one day or several, added up from the desk's `figures` views. Pure.

import { DAY_MS, dayOf } from "/static/dispatch/van_numbers.js";

/** In the order of a request's way (`channels/medic_times.py`). */
export const INTERVALS = ["called_received", "called_heard", "called_accepted", "accepted_en_route", "en_route_on_scene",
  "on_scene_at_patient", "at_patient_cleared", "called_on_scene", "called_cleared"];

const FIRST_MS = 250;
const PER_OCTAVE = 6;
export const DAYS = 7;

/** The middle of a bucket of the views' `counts`. */
export const middleMs = (bucket) => (bucket === 0 ? FIRST_MS / 2 : Math.round(FIRST_MS * 2 ** ((bucket - 0.5) / PER_OCTAVE)));

/** The smallest duration that at least this share did not exceed; null of nothing. `counts`: Map bucket -> n. */
export function percentile(counts, share) {
  const rank = Math.ceil(share * sum(counts));
  let seen = 0;
  for (const bucket of [...counts.keys()].sort((a, b) => a - b)) {
    seen += counts.get(bucket);
    if (seen >= rank) return middleMs(bucket);
  }
  return null;
}

const sum = (counts) => [...counts.values()].reduce((all, n) => all + n, 0);

function counted(days, name) {
  const counts = new Map();
  for (const { intervals } of days) {
    const list = (intervals[name] || { counts: [] }).counts;
    for (let n = 0; n < list.length; n += 2) counts.set(list[n], (counts.get(list[n]) || 0) + list[n + 1]);
  }
  return counts;
}

/** `{requests, intervals: [{name, n, p50_ms, p90_ms}]}` of these days together; nothing counted: n 0 and null. */
export function figures(days) {
  return {
    requests: days.reduce((all, { requests }) => all + requests, 0),
    intervals: INTERVALS.map((name) => {
      const counts = counted(days, name);
      return { name, n: sum(counts), p50_ms: percentile(counts, 0.5), p90_ms: percentile(counts, 0.9) };
    }),
  };
}

const ENDS_MS = [10000, 60000, 600000, 3600000, 2 * 3600000, 24 * 3600000];

/** Where a picture of these durations ends: the first round one that holds them all. Without any, an hour. */
export function scaleEnd(found_ms) {
  const longest = Math.max(...found_ms.filter(Boolean), 0);
  return longest ? ENDS_MS.find((end) => end >= longest) || ENDS_MS[ENDS_MS.length - 1] : 3600000;
}

/** Milliseconds -> x on a logarithmic scale that is `wide` and ends at `to_ms`. */
export function scale(to_ms, wide) {
  const share = (ms) => Math.log(ms / FIRST_MS) / Math.log(to_ms / FIRST_MS);
  return (ms) => 8 + (wide - 28) * Math.min(1, Math.max(0, share(ms)));
}

/** The round durations that stand under such a picture. */
export const marksTo = (to_ms) => [1000, ...ENDS_MS].filter((ms) => ms <= to_ms && ms !== 2 * 3600000);

/** Those of the views that are of the last `days` days, today's the last. */
export function lastDays(views, now, days) {
  const [first, today] = [dayOf(now - (days - 1) * DAY_MS), dayOf(now)];
  return views.filter(({ id }) => id >= first && id <= today);
}
