import assert from "node:assert/strict";
import test from "node:test";

import { backoff, mayReturn } from "/client/closing.js";

test("4500 to 4999 do not come back, all other codes do.", () => {
  for (const code of [1000, 1006, 1009, 4000, 4001, 4008, 4029, 4499]) assert.equal(mayReturn(code), true, code);
  for (const code of [4500, 4501, 4503, 4504, 4999]) assert.equal(mayReturn(code), false, code);
});

test("Waiting is full jitter: from nothing to 0.25 s, doubling to 15 s.", () => {
  assert.equal(backoff(0, 0), 0);
  assert.equal(backoff(0, 1), 250);
  assert.equal(backoff(3, 1), 2000);
  assert.equal(backoff(6, 1), 15000);
  assert.equal(backoff(1000, 1), 15000);
  assert.equal(backoff(3, 0.5), 1000);
});
