// Days and times by the city's clock, as people say them.

import { clock } from "/static/shared/ages.js";
import { word, words } from "/static/shared/words.js";
import { ZONE_MS } from "/static/shared/zone.js";

const DAY_MS = 24 * 3600000;

/** The number of a day of the city since the epoch. */
export const dayOf = (at_ms) => Math.floor((at_ms + ZONE_MS) / DAY_MS);

/** 0 to 23, by the city's clock. */
export const hourOf = (at_ms) => Math.floor((at_ms + ZONE_MS) / 3600000) % 24;

/** "Senin"; the epoch was a Thursday. */
export const dayName = (at_ms) => words("shop.days")[(dayOf(at_ms) + 3) % 7];

/** "pukul 07:00", "besok pukul 07:00", "Senin pukul 07:00" */
export function whenText(at_ms, now) {
  const days = dayOf(at_ms) - dayOf(now);
  const time = word("shop.at_time", { time: clock(at_ms) });
  if (days === 0) return time;
  return days === 1 ? word("shop.tomorrow", { time }) : `${dayName(at_ms)} ${time}`;
}

/** "14:02", "kemarin 14:02", "3 hari lalu" */
export function lastText(at_ms, now) {
  const days = dayOf(now) - dayOf(at_ms);
  if (days <= 0) return clock(at_ms);
  return days === 1 ? word("shop.yesterday", { time: clock(at_ms) }) : word("shop.days_ago", { n: days });
}

/** "Selasa, 14/7/2026" */
export function dateText(at_ms) {
  const there = new Date(at_ms + ZONE_MS);
  return `${dayName(at_ms)}, ${there.getUTCDate()}/${there.getUTCMonth() + 1}/${there.getUTCFullYear()}`;
}
