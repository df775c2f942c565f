import assert from "node:assert/strict";
import test from "node:test";

import { Calling } from "/static/resident/calling.js";
import { settle } from "./world.mjs";

const place = { known: () => null, follow: () => {}, rest: () => {}, better: () => true };

/** A page's calls over a client whose answers the test gives: `asked` lists {cmd, data, options, reply}. */
function page(at = place, config = null) {
  const asked = [];
  const table = { things: new Map(), fixes: new Map(), synced: false, listener: null };
  const there = { things: new Map(), fixes: new Map(), synced: false, listener: null };
  const kt = {
    links: { help: { state: "live" } },
    calls: { drop: () => {} },
    call: (cmd, data, options = {}) => new Promise((reply) => { asked.push({ cmd, data, options, reply }); }),
    join: (topic, listener) => Object.assign(table, { listener }),
    guest: (city) => ({
      call: (cmd, data, options = {}) => new Promise((reply) => { asked.push({ cmd, data, options, reply, city: city.code }); }),
      join: (topic, listener) => Object.assign(there, { listener }),
    }),
  };
  const calling = new Calling({ device: "d", config: () => config, place: at, onChange: () => {} });
  calling.useClient(kt);
  const show = (view) => {
    table.synced = true;
    table.things.set(view.id, view);
    table.listener.onChange([]);
  };
  return { calling, asked, table, show, there };
}

async function until(met) {
  for (let turn = 0; turn < 1000 && !met(); turn += 1) await new Promise((resolve) => { setImmediate(resolve); });
  assert.ok(met());
}

async function stored(answer = { request: "r1", candidates: 3 }) {
  const world = page();
  const record = world.calling.begin({});
  await until(() => world.asked.length === 1);
  world.asked[0].reply({ ok: true, data: answer });
  await until(() => record.status === "stored");
  return { ...world, record };
}

test("A tap is one command: its id is the record's, its age counts from the touch, and it is tried for 120 s.", async () => {
  const { record, asked } = await stored();
  const [{ cmd, data, options }] = asked;
  assert.deepEqual([cmd, data, options.id, options.acted_at], ["medic.call", {}, record.id, record.acted_at]);
  assert.ok(options.deadline_ms > 119000 && options.deadline_ms <= 120000);
});

test("What was not decided in 120 s asks whether it is still needed; yes is the same id, confirmed.", async () => {
  const { calling, asked } = page();
  const record = calling.begin({ for: "me" });
  await until(() => asked.length === 1);
  asked[0].reply({ ok: false, code: "unavailable", retry: true });
  await until(() => record.status === "asking");
  calling.confirm(record);
  await until(() => asked.length === 2);
  assert.equal(asked[1].options.id, record.id);
  assert.deepEqual(asked[1].data, { for: "me", confirmed: true });
});

test("`too_late` asks too; any other refusal is shown as one.", async () => {
  for (const [code, status] of [["too_late", "asking"], ["not_allowed", "refused"]]) {
    const { calling, asked } = page();
    const record = calling.begin({});
    await until(() => asked.length === 1);
    asked[0].reply({ ok: false, code, retry: false });
    await until(() => record.status === status);
  }
});

test("A second tap that meets the open call leaves one record, marked as existing.", async () => {
  const { calling, asked, record } = await stored();
  const second = calling.begin({});
  await until(() => asked.length === 2);
  asked[1].reply({ ok: true, data: { request: "r1", candidates: 3, existing: true } });
  await until(() => second.status === "stored");
  assert.deepEqual(calling.records, [second]);
  assert.deepEqual([second.existing, record === second], [true, false]);
});

test("The view is followed, and a cancelled one ends the call.", async () => {
  const { calling, record, show } = await stored();
  show({ type: "request", id: "r1", state: "offered" });
  assert.deepEqual([record.view.state, calling.running], ["offered", true]);
  show({ type: "request", id: "r1", state: "cancelled" });
  assert.deepEqual([record.status, calling.running], ["cancelled", false]);
});

const BESIDE = { code: "35.99", name: "Kota Watugede", token: "k1.35.99.x", person: "p9" };

test("A call that lies in another city is followed, described and cancelled there.", async () => {
  const { calling, record, asked, there, table } = await stored({ request: "r1", candidates: 1, city: BESIDE });
  assert.deepEqual(record.city, BESIDE);
  assert.equal(table.listener, null);
  there.synced = true;
  there.things.set("r1", { type: "request", id: "r1", state: "offered" });
  there.listener.onChange([]);
  assert.equal(record.view.state, "offered");
  calling.describe(record, { note: "x" });
  calling.cancel(record);
  await until(() => asked.length === 3);
  assert.deepEqual(asked.slice(1).map(({ cmd, city }) => [cmd, city]), [["medic.describe", "35.99"], ["medic.cancel", "35.99"]]);
});

test("A call taken back before its answer is looked for in the other cities too, and cancelled where it lies.", async () => {
  const at = { ...place, known: () => ({ lat: -7.48, lon: 112.49 }) };
  const { calling, asked, table } = page(at, { neighbours: [{ code: "35.99" }] });
  const record = calling.begin({});
  await until(() => asked.length === 1);
  calling.withdraw(record);
  table.synced = true;
  record.withdrawn_at = 0;
  calling._settled(record);
  await until(() => asked.length === 2);
  assert.deepEqual([asked[1].cmd, asked[1].options.id], ["medic.call", record.id]);
  asked[1].reply({ ok: true, data: { request: "r7", candidates: 0, city: BESIDE } });
  await until(() => asked.length === 3);
  assert.deepEqual([asked[2].cmd, asked[2].data, asked[2].city], ["medic.cancel", { request: "r7", reason: "mistake" }, "35.99"]);
  clearTimeout(record.settling);
});

test("A request that has left the table has ended.", async () => {
  const { record, show, table } = await stored();
  show({ type: "request", id: "r1", state: "accepted", medic: { name: "Rini" } });
  table.things.clear();
  table.listener.onChange([]);
  assert.equal(record.view.state, "closed");
});

test("A better place found after the call is told once.", async () => {
  let tell;
  const fix = { lat: -7.47, lon: 112.43, accuracy_m: 10, fix_at: 1 };
  const at = { ...place, follow: (onFix) => { tell = onFix; }, known: () => (tell ? fix : null), better: (a, b) => a !== b };
  const { calling, asked } = page(at);
  calling.begin({});
  await until(() => asked.length === 1);
  assert.equal(asked[0].data.location, undefined);
  asked[0].reply({ ok: true, data: { request: "r1", candidates: 3 } });
  await until(() => tell !== undefined);
  tell();
  tell();
  await settle();
  assert.deepEqual(asked.slice(1).map(({ cmd, data }) => [cmd, data]), [["medic.describe", { request: "r1", location: fix }]]);
});

test("Calling again carries what was said of place and person, with a new id.", async () => {
  const { calling, record } = await stored();
  Object.assign(record, { said: { kelurahan: "miji", breathing: "yes", phone: "" } });
  const again = calling.again(record, null);
  assert.deepEqual(again.data, { kelurahan: "miji" });
  assert.notEqual(again.id, record.id);
});
