import assert from "node:assert/strict";
import test from "node:test";

import { Positions as Medic } from "/static/medic/position.js";
import { Positions as Crew } from "/static/van/positions.js";

const NEVER_AGAIN_MS = 60000;

/** A phone whose place the test gives; it says so once, and nothing while it stands. */
function phone(t) {
  t.mock.timers.enable({ apis: ["setTimeout", "setInterval", "Date"], now: 1_000_000 });
  let take;
  const geolocation = { watchPosition: (act) => { take = act; return 1; }, clearWatch: () => {}, getCurrentPosition: () => {} };
  Object.defineProperty(globalThis, "navigator", { value: { geolocation }, configurable: true });
  return (latitude) => take({ coords: { latitude, longitude: 112.4, accuracy: 9 }, timestamp: Date.now() });
}

function pass(t, ms) {
  for (let past = 0; past < ms; past += 100) t.mock.timers.tick(100);
}

test("Of a crew's quick moves the last is told too, two seconds apart, and none after it was stopped.", (t) => {
  const move = phone(t);
  const told = [];
  const crew = new Crew({ tell: (location) => told.push([Date.now() - 1_000_000, location.lat]), now: () => Date.now(), onState: () => {} });
  crew.start();
  for (const place of [1, 2, 3, 4]) { move(place); pass(t, 500); }
  pass(t, NEVER_AGAIN_MS);
  assert.deepEqual(told, [[0, 1], [2000, 4]]);
  move(6);
  move(7);
  crew.stop();
  pass(t, NEVER_AGAIN_MS);
  assert.equal(told.at(-1)[1], 6);
});

test("Of a medic's quick moves under way the last is told too, four seconds apart; off duty none is.", (t) => {
  const move = phone(t);
  const told = [];
  const kt = { now: () => Date.now(), tell: (_, { location }) => told.push([Date.now() - 1_000_000, location.lat]) };
  const medic = new Medic(kt, () => {});
  medic.run({ running: true, underWay: true, goal: null });
  for (const place of [1, 2, 3]) { move(place); pass(t, 500); }
  pass(t, NEVER_AGAIN_MS);
  assert.deepEqual(told, [[0, 1], [4000, 3]]);
  move(4);
  move(5);
  medic.run({ running: false });
  pass(t, NEVER_AGAIN_MS);
  assert.equal(told.at(-1)[1], 4);
});
