// Days and times in WIB, as people say them.

import { clock } from "/static/shared/ages.js";
import { word, words } from "/static/shared/words.js";

const ZONE_MS = 7 * 3600000;
const DAY_MS = 24 * 3600000;

/** The number of a WIB day since the epoch. */
export const dayOf = (at_ms) => Math.floor((at_ms + ZONE_MS) / DAY_MS);

/** 0 to 23, in WIB. */
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
  const wib = new Date(at_ms + ZONE_MS);
  return `${dayName(at_ms)}, ${wib.getUTCDate()}/${wib.getUTCMonth() + 1}/${wib.getUTCFullYear()}`;
}
