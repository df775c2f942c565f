import assert from "node:assert/strict";
import test from "node:test";

import { Table } from "/client/table.js";

const state = (offset, things, more = {}) => ({ t: "state", epoch: "e", offset, things, fixes: {}, last: true, ...more });
const change = (prev, offset, id, view, more = {}) => ({ t: "change", prev, offset, id, kind: "k", view, at: 1, ...more });

function joined(offset = 5, things = { a: { n: 1 } }) {
  const table = new Table("x");
  table.joinSent();
  table.receive(state(offset, things));
  return table;
}

test("A change whose prev is mine is applied, an older one skipped, a gap is a hole.", () => {
  const table = joined();
  assert.equal(table.receive(change(5, 7, "b", { n: 2 })).did, "applied");
  assert.equal(table.offset, 7);
  assert.equal(table.receive(change(5, 7, "b", { n: 9 })).did, "skip");
  assert.deepEqual(table.things.get("b"), { n: 2 });
  assert.equal(table.receive(change(9, 11, "b", { n: 3 })).did, "hole");
  assert.equal(table.offset, 7);
});

test("A view of null deletes the thing and its fix.", () => {
  const table = joined();
  table.receive({ t: "moved", id: "a", fix: { lat: 1, lon: 2, fix_at: 5 } });
  table.receive(change(5, 6, "a", null));
  assert.equal(table.things.size, 0);
  assert.equal(table.fixes.size, 0);
});

test("Changes of one commit are shown together, and the offset moves with the last of them.", () => {
  const table = joined();
  assert.equal(table.receive(change(5, 6, "b", { n: 1 }, { more: true })).did, "wait");
  assert.equal(table.offset, 5);
  assert.equal(table.things.has("b"), false);
  const { did, changes } = table.receive(change(5, 6, "c", { n: 2 }));
  assert.equal(did, "applied");
  assert.deepEqual(changes.map((each) => each.id), ["b", "c"]);
  assert.equal(table.offset, 6);
});

test("A commit that broke off in the middle is a hole, and nothing of it stays.", () => {
  const table = joined();
  table.receive(change(5, 6, "b", { n: 1 }, { more: true }));
  assert.equal(table.receive(change(6, 7, "c", { n: 2 })).did, "hole");
  table.joinSent();
  const resumed = { t: "resumed", epoch: "e", offset: 7, changes: [change(5, 6, "b", { n: 1 }, { more: true }), change(5, 6, "d", { n: 1 }), change(6, 7, "c", { n: 2 })] };
  assert.equal(table.receive(resumed).did, "applied");
  assert.deepEqual([...table.things.keys()], ["a", "b", "d", "c"]);
});

test("A folded run is applied like one change of its last offset.", () => {
  const table = joined();
  assert.equal(table.receive({ t: "folded", prev: 5, offset: 9, things: { a: null, z: { n: 1 } } }).did, "applied");
  assert.deepEqual([...table.things.keys()], ["z"]);
  assert.equal(table.receive({ t: "folded", prev: 10, offset: 12, things: {} }).did, "hole");
});

test("A snapshot in parts is put up whole with its last part.", () => {
  const table = joined();
  table.joinSent();
  table.receive(state(8, { b: { n: 1 } }, { part: 0, last: false }));
  assert.deepEqual([...table.things.keys()], ["a"]);
  const { changes } = table.receive(state(8, { c: { n: 1 } }, { part: 1 }));
  assert.deepEqual([...table.things.keys()], ["b", "c"]);
  assert.deepEqual(changes.map((each) => [each.id, each.view === null]), [["a", true], ["b", false], ["c", false]]);
});

test("What overtakes the answer of a join is judged after it.", () => {
  const table = new Table("x");
  table.joinSent();
  assert.equal(table.receive(change(5, 6, "b", { n: 2 })).did, "wait");
  assert.equal(table.receive(change(4, 5, "a", { n: 0 })).did, "wait");
  assert.equal(table.receive(state(5, { a: { n: 1 } })).did, "applied");
  assert.equal(table.offset, 6);
  assert.deepEqual(table.things.get("b"), { n: 2 });
});

test("An older snapshot of the same epoch never takes the table back.", () => {
  const table = joined(9, { a: { n: 9 } });
  table.joinSent();
  assert.equal(table.receive(state(7, { a: { n: 7 } })).did, "skip");
  assert.deepEqual(table.things.get("a"), { n: 9 });
  assert.equal(table.offset, 9);
});

test("A new epoch replaces the table, whatever its offset; resuming into one asks for a whole join.", () => {
  const table = joined(9);
  table.joinSent();
  table.receive(state(2, { q: { n: 1 } }, { epoch: "f" }));
  assert.deepEqual([table.epoch, table.offset, [...table.things.keys()]], ["f", 2, ["q"]]);
  table.joinSent();
  assert.equal(table.receive({ t: "resumed", epoch: "g", offset: 3, changes: [] }).did, "hole");
  assert.equal(table.since, undefined);
});

test("A position is kept for a known thing only, and only the newest.", () => {
  const table = joined();
  assert.equal(table.receive({ t: "moved", id: "nobody", fix: { fix_at: 5 } }).did, "skip");
  assert.equal(table.receive({ t: "moved", id: "a", fix: { fix_at: 5 } }).did, "moved");
  assert.equal(table.receive({ t: "moved", id: "a", fix: { fix_at: 4 } }).did, "skip");
  assert.equal(table.fixes.get("a").fix_at, 5);
});

test("Any order of live, repeated, folded and resumed frames ends in the topic's table.", () => {
  for (let seed = 1; seed <= 300; seed += 1) {
    const random = mulberry(seed);
    const log = history(random);
    const table = new Table("x");
    let from = 0;
    let guard = 0;
    const rejoin = () => {
      table.joinSent();
      if (table.since && random() < 0.7) {
        const changes = log.filter((each) => each.offset > table.offset).map((each) => ({ ...each }));
        return table.receive({ t: "resumed", epoch: "e", offset: log[log.length - 1].offset, changes });
      }
      return table.receive(state(log[log.length - 1].offset, Object.fromEntries(tableAt(log, Infinity))));
    };
    table.joinSent();
    table.receive(state(0, {}));
    while (table.offset < log[log.length - 1].offset && guard < 500) {
      guard += 1;
      const dice = random();
      let result;
      if (dice < 0.15) from = Math.max(0, from - 2);
      else if (dice < 0.25) from = Math.min(log.length - 1, from + 2);
      // A commit's changes come without a gap: a repetition begins with its first.
      if (dice < 0.25) while (from > 0 && log[from - 1].offset === log[from].offset) from -= 1;
      if (dice > 0.97) result = rejoin();
      else if (dice > 0.9) result = table.receive(folded(log, from, random));
      else {
        result = table.receive(log[from]);
        from = Math.min(log.length - 1, from + 1);
      }
      if (result.did === "hole") rejoin();
      assert.deepEqual([...table.things].sort(), tableAt(log, table.offset).sort(), `seed ${seed}`);
    }
    assert.equal(table.offset, log[log.length - 1].offset);
  }
});

function history(random) {
  const log = [];
  let offset = 0;
  while (log.length < 20) {
    const prev = offset;
    offset += 1 + Math.floor(random() * 3);
    const size = 1 + Math.floor(random() * 2);
    for (let place = 0; place < size; place += 1) {
      const view = random() < 0.2 ? null : { n: offset };
      log.push(change(prev, offset, `t${Math.floor(random() * 4)}${place}`, view, place < size - 1 ? { more: true } : {}));
    }
  }
  return log;
}

function tableAt(log, offset) {
  const things = new Map();
  for (const each of log.filter((one) => one.offset <= offset)) {
    if (each.view === null) things.delete(each.id);
    else things.set(each.id, each.view);
  }
  return [...things];
}

function folded(log, from, random) {
  const first = log[from];
  const last = log[Math.min(log.length - 1, from + Math.floor(random() * 5))];
  const things = {};
  for (const each of log) if (each.offset >= first.offset && each.offset <= last.offset) things[each.id] = each.view;
  return { t: "folded", prev: first.prev, offset: last.offset, things };
}

function mulberry(seed) {
  let a = seed;
  return () => {
    a += 0x6d2b79f5;
    let t = a;
    t = Math.imul(t ^ (t >>> 15), t | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
}
