// Times, ages, distances and money, as people say them here (the city's clock, rupiah).

import { word } from "/static/shared/words.js";
import { ZONE_MS } from "/static/shared/zone.js";

const two = (number) => String(number).padStart(2, "0");

/** "18.02", as people write it here, of hours, minutes, seconds. */
const timed = (...parts) => parts.map(two).join(word("common.time_mark"));

/** "18.02" in the city, whatever zone the phone believes in. */
export function clock(at_ms) {
  const there = new Date(at_ms + ZONE_MS);
  return timed(there.getUTCHours(), there.getUTCMinutes());
}

/** "18.02.07" */
export function clockSeconds(at_ms) {
  const there = new Date(at_ms + ZONE_MS);
  return timed(there.getUTCHours(), there.getUTCMinutes(), there.getUTCSeconds());
}

/** "18.02" of minutes from midnight. */
export const clockOf = (minutes) => timed(Math.floor(minutes / 60) % 24, minutes % 60);

/** "1:40" of a running time. */
export function stopwatch(ms) {
  const s = Math.max(0, Math.floor(ms / 1000));
  return s < 3600 ? `${Math.floor(s / 60)}:${two(s % 60)}` : `${Math.floor(s / 3600)}:${two(Math.floor(s / 60) % 60)}:${two(s % 60)}`;
}

/** "baru saja", "12 dtk lalu", "3 mnt lalu", "2 jam lalu" */
export function ago(ms) {
  const s = Math.max(0, Math.floor(ms / 1000));
  if (s < 5) return word("common.just_now");
  if (s < 60) return word("common.seconds_ago", { n: s });
  if (s < 3600) return word("common.minutes_ago", { n: Math.floor(s / 60) });
  return word("common.hours_ago", { n: Math.floor(s / 3600) });
}

/** A straight distance: "80 m", "1,4 km". */
export function distance(m) {
  if (m < 950) return `${Math.max(10, Math.round(m / 10) * 10)} m`;
  return `${(m / 1000).toFixed(1).replace(".", word("common.decimal"))} km`;
}

const WIDE_AFTER_MS = 30000;
const NONE_AFTER_MS = 90000;

/**
 * An arrival as a band of whole minutes: "2-5 menit".
 *
 * `eta_s` is [low, high] at the time of a fix that is `age_ms` old. The time
 * since is taken off the lower bound; older than 30 s the upper bound grows by
 * the age; older than 90 s there is none (null).
 */
export function etaBand(eta_s, age_ms) {
  if (!eta_s || age_ms > NONE_AFTER_MS) return null;
  const age_s = age_ms / 1000;
  const low_s = Math.max(0, eta_s[0] - age_s);
  const high_s = age_ms > WIDE_AFTER_MS ? eta_s[1] + age_s : Math.max(low_s, eta_s[1] - age_s);
  const low = Math.floor(low_s / 60);
  const high = Math.max(1, Math.ceil(high_s / 60));
  if (high <= 1) return word("common.eta_soon");
  if (low === 0) return word("common.eta_under", { n: high });
  return low === high ? word("common.eta", { n: high }) : word("common.eta_band", { low, high });
}

/** "Rp12.500" */
export function rupiah(amount) {
  return `Rp${String(Math.round(amount)).replace(/\B(?=(\d{3})+(?!\d))/g, ".")}`;
}
