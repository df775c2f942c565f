import assert from "node:assert/strict";
import test from "node:test";

import { Pace } from "/static/dispatch/pace.js";

/** A browser whose frames and timers the test lets come; hidden ones have no frames. */
function browser({ hidden = false } = {}) {
  let now_ms = 0;
  let next = 0;
  const waiting = new Map(); // id -> [due, act]
  const heard = new Map(); // event -> what listens
  const after = (act, ms) => { next += 1; waiting.set(next, [now_ms + ms, act]); return next; };
  return {
    performance: { now: () => now_ms },
    addEventListener: (event, act) => heard.set(event, act),
    finger: (event) => heard.get(event)(),
    setTimeout: after,
    clearTimeout: (id) => waiting.delete(id),
    requestAnimationFrame: (act) => after(act, hidden ? Infinity : 16),
    cancelAnimationFrame: (id) => waiting.delete(id),
    pass(ms) {
      for (const until = now_ms + ms; now_ms < until;) {
        now_ms += 1;
        for (const [id, [due, act]] of [...waiting]) if (due <= now_ms && waiting.delete(id)) act();
      }
    },
  };
}

test("A thousand changes in a second are ten drawings or fewer, the first one at once.", () => {
  const env = browser();
  let drawn = 0;
  const pace = new Pace(() => { drawn += 1; }, env);
  pace.ask();
  env.pass(16);
  assert.equal(drawn, 1);
  for (let n = 0; n < 1000; n += 1) { pace.ask(); env.pass(1); }
  assert.ok(drawn > 5 && drawn <= 11, String(drawn));
});

test("What a person did is drawn with the next frame, once.", () => {
  const env = browser();
  let drawn = 0;
  const pace = new Pace(() => { drawn += 1; }, env);
  pace.ask();
  env.pass(17);
  pace.ask();
  pace.now();
  pace.now();
  env.pass(17);
  assert.equal(drawn, 2);
  env.pass(500);
  assert.equal(drawn, 2);
});

test("What a drawing left over comes with the frames after it.", () => {
  const env = browser();
  let left = 3;
  const pace = new Pace(() => { left -= 1; return left > 0; }, env);
  pace.ask();
  env.pass(60);
  assert.equal(left, 0);
});

test("A page without frames is drawn all the same.", () => {
  const env = browser({ hidden: true });
  let drawn = 0;
  new Pace(() => { drawn += 1; }, env).ask();
  env.pass(301);
  assert.equal(drawn, 1);
});

test("Nothing is drawn between the down and the up of a finger; one that rests waits for nothing.", () => {
  const env = browser();
  let drawn = 0;
  const pace = new Pace(() => { drawn += 1; }, env);
  env.finger("pointerdown");
  pace.ask();
  env.pass(300);
  assert.equal(drawn, 0);
  env.finger("pointerup");
  assert.equal(drawn, 0);
  env.pass(60);
  assert.equal(drawn, 1);
  env.finger("pointerdown");
  pace.ask();
  env.pass(600);
  assert.equal(drawn, 2);
});
