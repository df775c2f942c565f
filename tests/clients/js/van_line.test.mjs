import assert from "node:assert/strict";
import test from "node:test";

import { absentOf, delay, queuesAt, summary, toCome, unsettled } from "/static/van/line.js";

const MINUTE = 60000;
const NOW = 1000 * MINUTE;
const ticket = (number, state, more = {}) => ({ ticket: `q.${number}`, number, state, ...more });
const queue = (stop, service, tickets, more = {}) => ({
  type: "queue", id: `${stop}.${service}`, stop, service, tickets, served: 0, no_shows: 0,
  waiting: tickets.filter(({ state }) => state === "waiting").length, ...more,
});
const table = (...queues) => new Map(queues.map((view) => [view.id, view]));
const trip = [
  { stop: "a", state: "departed" }, { stop: "b", state: "skipped" }, { stop: "c", state: "expected" }, { stop: "d", state: "expected" },
];

test("A no-show may come back while the grace lasts, and the time left is told.", () => {
  const line = queue("a", "KTP", [ticket(1, "no_show", { grace_until: NOW }), ticket(2, "no_show", { grace_until: NOW + 5000 }), ticket(3, "called")]);
  assert.deepEqual(absentOf(line, NOW).map(({ number, left_ms }) => [number, left_ms]), [[2, 5000]]);
});

test("Leaving takes the numbers that wait and the one that is called, not the no-shows.", () => {
  const line = queue("a", "KTP", [ticket(1, "no_show", { grace_until: NOW + 1 }), ticket(2, "called"), ticket(3, "waiting")], { waiting: 30 });
  assert.equal(unsettled([line, queue("a", "KK", [ticket(1, "waiting")])]), 32);
});

test("The queues to come are those of expected stops, in the trip's order.", () => {
  const things = table(queue("d", "KK", []), queue("c", "KTP", []), queue("c", "KK", []), queue("b", "KK", []));
  assert.deepEqual(toCome(trip, things).map(({ stop, queues }) => [stop.stop, queues.map(({ service }) => service)]), [["c", ["KK", "KTP"]], ["d", ["KK"]]]);
  assert.deepEqual(queuesAt(things, "a"), []);
});

test("A trip is summed up per service, with no-shows and those who kept a number.", () => {
  const things = table(queue("a", "KTP", [], { served: 4, no_shows: 1 }), queue("b", "KTP", [ticket(1, "waiting")]), queue("a", "KK", [], { served: 2 }));
  assert.deepEqual(summary(trip, things), {
    served: 6, no_shows: 1, unserved: 1, visited: 1, skipped: 1, services: [{ service: "KK", served: 2 }, { service: "KTP", served: 4 }],
  });
});

test("A delay is a range where the arrival is one, and nothing within three minutes.", () => {
  const said = (low, high) => delay(NOW, NOW + low * MINUTE, NOW + high * MINUTE);
  assert.deepEqual(said(5, 12), { name: "late_range", from: 5, to: 12 });
  assert.deepEqual(said(7, 7), { name: "late", n: 7 });
  assert.deepEqual(said(-1, 8), { name: "late_maybe", n: 8 });
  assert.deepEqual(said(-2, 2), { name: "in_time" });
  assert.deepEqual(said(-9, -4), { name: "early_range", from: 4, to: 9 });
});
