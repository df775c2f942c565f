// The mobile office in words: when a van comes, how old a fix is, how far a
// ticket or a reminder is. Nothing here draws or asks.

import { ago, clock, stopwatch } from "/static/shared/ages.js";
import { word, words } from "/static/shared/words.js";
import { ZONE_MS } from "/static/shared/zone.js";
import { when } from "./market.js";

const STALE_MS = 90000; // older fixes announce nothing
const SOON_MS = 30000;
const MINUTE_MS = 60000;

export const TICKET_LIVE = ["waiting", "go", "called"];

/** The day in the city: "2026-11-27". */
export const dayOf = (at_ms) => new Date(at_ms + ZONE_MS).toISOString().slice(0, 10);

export const isStale = (fix, now) => now - fix.fix_at > STALE_MS;

/** "posisi 12 dtk lalu"; an old one says that the van may be elsewhere by now. */
export function fixText(fix, now) {
  if (!fix) return word("vans.no_fix");
  return word(isStale(fix, now) ? "vans.fix_old" : "vans.fix", { ago: ago(now - fix.fix_at) });
}

/**
 * When a van comes to a stop: {text, note}; the note says what it rests on.
 *
 * `stop`: {state, scheduled_at?, eta?: {low, high, from}} of the visit that counts.
 */
export function comesText(stop, now) {
  const { state, scheduled_at, eta } = stop;
  if (state !== "expected") return { text: word(`vans.stop_${state}`), note: "" };
  const by_timetable = word("vans.by_timetable");
  if (eta) return { text: rangeText(eta, now), note: eta.from === "fix" ? word("vans.by_fix") : by_timetable };
  if (scheduled_at > now) return { text: when(scheduled_at, now), note: by_timetable };
  return { text: word("vans.was_due", { time: when(scheduled_at, now) }), note: word("vans.no_news") };
}

/** "09.10-09.25"; never a point: less than a minute wide is "sekitar". */
export function rangeText({ low, high }, now) {
  if (high <= now) return word("vans.any_moment");
  if (low <= now + SOON_MS) return word("vans.soon", { time: clock(high) });
  const [from, until] = [clock(low), clock(high)];
  return from === until ? word("vans.about", { time: from }) : `${from}-${until}`;
}

/** What a fresh fix says of a stop, over what was told durably at `told_at`; null when it says nothing new. */
export function etaOf(stop, fix, told_at, now) {
  const live = fix && fix.eta && fix.eta[stop];
  if (!live || fix.fix_at <= told_at || isStale(fix, now)) return null;
  return { low: fix.fix_at + live[0] * 1000, high: fix.fix_at + live[1] * 1000, from: "fix" };
}

/** "Selasa 09.00": weekday and hour, as a next chance is named. */
export const chanceText = (at_ms, now) => (at_ms ? word("vans.next_chance", { time: when(at_ms, now) }) : "");

// -- tickets ------------------------------------------------------------------------

/** How many numbers are left: a count, 0, or null where there is no limit. */
export function leftOf(service, queue) {
  if (queue && queue.state === "full") return 0;
  const quota = queue ? queue.quota : service.quota;
  return quota === null || quota === undefined ? null : Math.max(0, quota - (queue ? queue.taken : 0));
}

export function leftText(left) {
  if (left === null) return word("vans.left_any");
  return left ? word("vans.left", { n: left }) : word("vans.left_none");
}

/** What a ticket means now, in a few words. */
export function ticketText(ticket, now) {
  const { state, ahead, grace_until } = ticket;
  if (state === "waiting") return ahead ? word("vans.ahead", { n: ahead }) : word("vans.next_up");
  if (state !== "no_show") return word(`vans.ticket_${state}`);
  const left_ms = (grace_until || 0) - now;
  return left_ms > 0 ? word("vans.ticket_no_show", { left: stopwatch(left_ms) }) : word("vans.ticket_lost");
}

/** "Sekarang nomor 4", "Belum ada yang dilayani"; of somebody who sets out, behind how many are ahead. */
export function servingText(ticket) {
  if (!TICKET_LIVE.includes(ticket.state)) return "";
  const serving = ticket.serving ? word("vans.serving", { n: ticket.serving }) : word("vans.serving_none");
  return ticket.state === "go" ? `${ticketText({ ...ticket, state: "waiting" })} \u00B7 ${serving}` : serving;
}

export const ticketLine = (ticket, now) => `${word("vans.number", { n: ticket.number })} ${ticket.service} \u00B7 ${ticketText(ticket, now)}`;

// -- reminders ------------------------------------------------------------------------

export function reminderText(reminder, now) {
  const { state, minutes, rings, eta, why } = reminder;
  if (state === "set") return word("vans.reminder_set", { n: minutes });
  if (state === "over") return word(`vans.reminder_${why || "over"}`);
  if (state === "dismissed") return word(rings ? "vans.reminder_heard" : "vans.reminder_off");
  if (!eta || eta <= now + MINUTE_MS) return word("vans.ringing_now");
  return word("vans.ringing", { time: clock(eta) });
}

export const reminderLine = (reminder, now) => `${reminderText(reminder, now)} \u00B7 ${reminder.stop_name}`;

// -- commands -------------------------------------------------------------------------

/** How far a command is, or why it was not taken; "" while it is simply on its way. */
export function actText(record, said) {
  if (!record) return "";
  if (record.state === "refused") return refusalText(record.reply);
  if (record.state === "asking") return word("vans.asking");
  return said === "sending" ? "" : word(`vans.act_${said}`);
}

export function refusalText({ code }) {
  return words("vans")[`refused_${code}`] ? word(`vans.refused_${code}`) : word("vans.refused");
}
