import assert from "node:assert/strict";
import test from "node:test";

import { Taps } from "/static/van/taps.js";

/** A hub that is asked, and answers when the test says so. */
function hub() {
  const asked = [];
  const call = (cmd, data, { id, onTry }) => new Promise((answer) => { asked.push({ cmd, id, onTry, answer }); });
  return { asked, call };
}

const turn = () => new Promise((resolve) => { setImmediate(resolve); });

test("A tap is on its way, then unsure, and over when the hub's yes and the change are both here.", async () => {
  const kt = hub();
  const taps = new Taps(kt, () => {});
  const done = taps.run("q", "ticket.call", { stop: "a" });
  assert.equal(taps.of("q").pending, "sending");
  kt.asked[0].onTry();
  assert.equal(taps.of("q").pending, "unsure");
  taps.see("q");
  assert.equal(taps.of("q").pending, "unsure");
  kt.asked[0].answer({ ok: true, data: {} });
  await done;
  assert.equal(taps.of("q").pending, null);
});

test("A second tap while one is on its way is none.", async () => {
  const kt = hub();
  const taps = new Taps(kt, () => {});
  taps.run("q", "ticket.serve", { ticket: "q.1" });
  taps.run("q", "ticket.serve", { ticket: "q.1" });
  assert.equal(kt.asked.length, 1);
});

test("What stayed without an answer goes out with the same id when it is tapped again; anything else has its own.", async () => {
  const kt = hub();
  const taps = new Taps(kt, () => {});
  for (const cmd of ["ticket.serve", "ticket.serve", "ticket.no_show"]) {
    taps.run("q", cmd, { ticket: "q.1" });
    kt.asked[kt.asked.length - 1].answer({ ok: false, code: "unsent", retry: true });
    await turn();
    assert.equal(taps.of("q").pending, null);
    assert.equal(taps.of("q").reply.code, "unsent");
  }
  const [one, two, three] = kt.asked.map(({ id }) => id);
  assert.equal(one, two);
  assert.notEqual(two, three);
});

test("A refusal stays until the queue moves on, and as long as it takes to read it.", async () => {
  const kt = hub();
  let now = 1000;
  const taps = new Taps(kt, () => {}, () => now);
  const done = taps.run("q", "ticket.serve", { ticket: "q.1" });
  kt.asked[0].answer({ ok: false, code: "illegal_step", retry: false, data: { state: "served" } });
  await done;
  taps.settle("q"); // the change that explains it, just behind it
  assert.equal(taps.of("q").reply.code, "illegal_step");
  now += 6000;
  taps.settle("q");
  assert.equal(taps.of("q").reply, null);
});
