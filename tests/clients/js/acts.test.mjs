import assert from "node:assert/strict";
import test from "node:test";

import { Acts, standing } from "/static/resident/acts.js";
import { settle } from "./world.mjs";

const WHAT = { key: "shop s01", cmd: "order.place", data: { shop: "s01" }, label: "Warung", href: "/#cari/toko/s01" };

/** Acts over a client whose answers the test gives; `told` lists what the page heard. */
function page() {
  const asked = [];
  const told = [];
  const kt = {
    calls: { drop: (id) => told.push(["dropped", id]) },
    call: (cmd, data, options) => new Promise((reply) => { asked.push({ cmd, data, options, reply }); }),
  };
  const acts = new Acts({ kt }, (record) => told.push([record.state, record.code]));
  return { acts, asked, told };
}

test("A second tap while an act is on its way is the same act.", () => {
  const { acts, asked } = page();
  const record = acts.run(WHAT);
  assert.equal(acts.run(WHAT), record);
  assert.equal(asked.length, 1);
  assert.equal(standing(record), "sending");
});

test("Two parts of the page keep their acts in places of their own.", () => {
  const kept = new Map();
  globalThis.localStorage = { getItem: (key) => (kept.has(key) ? kept.get(key) : null), setItem: (key, value) => kept.set(key, value) };
  try {
    const app = { kt: { calls: { drop: () => {} }, call: () => new Promise(() => {}) } };
    new Acts(app, () => {}, "kt.van_acts").run({ ...WHAT, cmd: "ticket.take" });
    assert.equal(new Acts(app, () => {}).of(WHAT.key), null);
    assert.equal(new Acts(app, () => {}, "kt.van_acts").of(WHAT.key).cmd, "ticket.take");
  } finally {
    delete globalThis.localStorage;
  }
});

test("Every retry has the same id and the time of the tap; a final yes is told once and forgotten.", async () => {
  const { acts, asked, told } = page();
  const record = acts.run(WHAT);
  asked[0].options.onTry({ code: "unsent" });
  assert.equal(standing(record), "unsent");
  asked[0].reply({ ok: false, code: "unsent", retry: true });
  await settle();
  assert.equal(asked.length, 2);
  assert.deepEqual([asked[1].options.id, asked[1].options.acted_at], [asked[0].options.id, asked[0].options.acted_at]);
  asked[1].reply({ ok: true, data: { order: "o1" } });
  await settle();
  assert.equal(acts.of(WHAT.key), null);
  assert.ok(told.some(([state]) => state === "done"));
});

test("That it may have arrived outweighs a later answer that it did not.", () => {
  const { acts, asked } = page();
  const record = acts.run(WHAT);
  asked[0].options.onTry({ code: "unconfirmed" });
  asked[0].options.onTry({ code: "unsent" });
  assert.equal(standing(record), "unconfirmed");
});

test("After 120 s without an answer the person is asked, and a yes sends the same id.", async (t) => {
  t.mock.timers.enable({ apis: ["Date"], now: 1000 });
  const { acts, asked } = page();
  const record = acts.run(WHAT);
  t.mock.timers.tick(120001);
  asked[0].reply({ ok: false, code: "unavailable", retry: true });
  await settle();
  assert.deepEqual([record.state, standing(record), asked.length], ["asking", "unsent", 1]);
  acts.again(record);
  assert.deepEqual([record.state, asked[1].options.id], ["sending", record.id]);
});

test("A refusal stays until the next tap, which is a new act with a new id.", async () => {
  const { acts, asked } = page();
  const record = acts.run(WHAT);
  asked[0].reply({ ok: false, code: "price_changed", retry: false, data: { product: "p1", price: 5 } });
  await settle();
  assert.deepEqual([acts.of(WHAT.key), standing(record)], [record, "refused"]);
  const next = acts.run(WHAT);
  assert.notEqual(next.id, record.id);
});

test("What is no longer wanted is not asked for any more, and a late answer changes nothing.", async () => {
  const { acts, asked, told } = page();
  const record = acts.run(WHAT);
  acts.forget(record);
  assert.ok(told.some(([what, id]) => what === "dropped" && id === record.id));
  asked[0].reply({ ok: true, data: { order: "o1" } });
  await settle();
  assert.deepEqual([record.state, acts.of(WHAT.key)], ["forgotten", null]);
});
