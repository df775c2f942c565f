// The day's figures, from the orders that the table holds (they stay for 24 h
// after their end). Pure.

import { dayOf, hourOf } from "/static/shop/times.js";

export const ENDS = ["accepted", "rejected", "expired", "cancelled", "waiting"];

/** How the shop answered: an order that was accepted once counts as accepted, whatever came after. */
export function endOf(order) {
  if (order.times && order.times.accepted) return "accepted";
  return ENDS.includes(order.state) ? order.state : "waiting";
}

/** Today's orders, oldest first. */
export function todays(orders, now) {
  const today = dayOf(now);
  return [...orders].filter((order) => dayOf(order.placed_at) === today).sort((a, b) => a.placed_at - b.placed_at);
}

/**
 * `{count, by: {end: n}, hours: [{hour, by, count}], median_ms, sold}` of today.
 *
 * `hours` has every hour from the first order's to the last one's or now, at
 * least eight; `median_ms` is from the first ring to the accept, null without any.
 */
export function figuresOf(orders, now) {
  const day = todays(orders, now);
  const by = zeros();
  const hours = new Map();
  for (const order of day) {
    const end = endOf(order);
    const hour = hourOf(order.placed_at);
    if (!hours.has(hour)) hours.set(hour, zeros());
    by[end] += 1;
    hours.get(hour)[end] += 1;
  }
  const waits = day.filter((order) => endOf(order) === "accepted").map((order) => Math.max(0, order.times.accepted - (order.ring_at || order.placed_at)));
  const sold = day.filter((order) => order.state === "completed").reduce((sum, order) => sum + order.total, 0);
  return { count: day.length, by, hours: spread(hours, now), median_ms: median(waits), sold };
}

function spread(hours, now) {
  if (!hours.size) return [];
  const first = Math.min(...hours.keys());
  const last = Math.max(...hours.keys(), hourOf(now));
  const from = Math.max(0, Math.min(first, last - 7));
  const to = Math.min(23, Math.max(last, from + 7));
  return Array.from({ length: to - from + 1 }, (_, at) => {
    const by = hours.get(from + at) || zeros();
    return { hour: from + at, by, count: ENDS.reduce((sum, end) => sum + by[end], 0) };
  });
}

export function median(numbers) {
  if (!numbers.length) return null;
  const sorted = [...numbers].sort((a, b) => a - b);
  const half = Math.floor(sorted.length / 2);
  return sorted.length % 2 ? sorted[half] : (sorted[half - 1] + sorted[half]) / 2;
}

const zeros = () => Object.fromEntries(ENDS.map((end) => [end, 0]));
