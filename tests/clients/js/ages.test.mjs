import assert from "node:assert/strict";
import test from "node:test";

import { ago, clock, clockSeconds, distance, etaBand, rupiah, stopwatch } from "/static/shared/ages.js";

test("Clock times are WIB, whatever zone the phone believes in.", () => {
  const at = Date.UTC(2026, 0, 5, 18, 2, 7);
  assert.deepEqual([clock(at), clockSeconds(at)], ["01.02", "01.02.07"]);
});

test("Ages are said in the largest unit that fits.", () => {
  assert.deepEqual([0, 12000, 200000, 8000000].map(ago), ["baru saja", "12 dtk lalu", "3 mnt lalu", "2 jam lalu"]);
  assert.deepEqual([100000, 3725000].map(stopwatch), ["1:40", "1:02:05"]);
});

test("Distances and money are written as they are here.", () => {
  assert.deepEqual([4, 83, 1449].map(distance), ["10 m", "80 m", "1,4 km"]);
  assert.deepEqual([0, 12500, 1000000].map(rupiah), ["Rp0", "Rp12.500", "Rp1.000.000"]);
});

test("An arrival is a band that shrinks with time, widens after 30 s without a fix and ends after 90 s.", () => {
  assert.equal(etaBand([120, 300], 0), "2-5 menit");
  assert.equal(etaBand([120, 300], 30000), "1-5 menit");
  assert.equal(etaBand([120, 300], 60000), "1-6 menit");
  assert.equal(etaBand([120, 300], 91000), null);
  assert.equal(etaBand([10, 40], 0), "kurang dari 1 menit");
  assert.equal(etaBand([10, 100], 0), "kurang dari 2 menit");
  assert.equal(etaBand(undefined, 0), null);
});
