import assert from "node:assert/strict";
import test from "node:test";

import { figuresOf, median, todays } from "/static/shop/figures.js";
import { dayOf, hourOf, lastText, whenText } from "/static/shop/times.js";

const at = (hour, minute = 0) => Date.UTC(2026, 0, 5, hour - 7, minute); // Monday, in WIB
const NOW = at(15);
const order = (state, placed_at, more = {}) => ({ id: `${state}${placed_at}`, state, placed_at, total: 10000, times: {}, ring_at: placed_at, ...more });

test("An order counts as what the shop answered, whatever came after.", () => {
  const orders = [
    order("completed", at(9), { times: { accepted: at(9, 2) } }),
    order("cancelled", at(9, 30), { times: { accepted: at(9, 34) } }),
    order("cancelled", at(10)),
    order("rejected", at(10)),
    order("expired", at(14)),
    order("placed", at(14, 59)),
    order("completed", at(9) - 24 * 3600000, { times: { accepted: at(9) } }),
  ];
  const { count, by, hours, median_ms, sold } = figuresOf(orders, NOW);
  assert.equal(count, 6);
  assert.deepEqual(by, { accepted: 2, rejected: 1, expired: 1, cancelled: 1, waiting: 1 });
  assert.deepEqual(hours.map((each) => [each.hour, each.count]), [[8, 0], [9, 2], [10, 2], [11, 0], [12, 0], [13, 0], [14, 2], [15, 0]]);
  assert.equal(median_ms, 180000);
  assert.equal(sold, 10000);
});

test("An order for later is answered in the time since it rang.", () => {
  const later = order("accepted", at(7), { ring_at: at(9), times: { accepted: at(9, 1) } });
  assert.equal(figuresOf([later], NOW).median_ms, 60000);
});

test("A day without orders has no plot and no median.", () => {
  assert.deepEqual(figuresOf([], NOW).hours, []);
  assert.equal(figuresOf([], NOW).median_ms, null);
  assert.equal(median([3, 1, 2]), 2);
});

test("A day is WIB's, and its orders stand in the order that they came.", () => {
  assert.deepEqual(todays([order("placed", at(10)), order("placed", at(0, 1)), order("placed", at(-1, 59))], NOW).map((each) => hourOf(each.placed_at)), [0, 10]);
  assert.equal(dayOf(at(0)) - dayOf(at(-1)), 1);
});

test("Times to come and times past are said with their day.", () => {
  assert.deepEqual([at(20), at(31), at(55)].map((time) => whenText(time, NOW)), ["pukul 20.00", "besok pukul 07.00", "Rabu pukul 07.00"]);
  assert.deepEqual([at(14, 2), at(-3), at(-50)].map((time) => lastText(time, NOW)), ["14.02", "kemarin 21.00", "3 hari lalu"]);
});
