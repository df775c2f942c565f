import assert from "node:assert/strict";
import test from "node:test";

import { describing, nextQuestion } from "/static/resident/questions.js";

const record = (more = {}) => ({ data: {}, said: {}, ...more });
const key = (...about) => (nextQuestion(...about) || { key: null }).key;

test("Without a place the first question is which kelurahan; with one it is for whom.", () => {
  assert.equal(key(record(), {}), "kelurahan");
  assert.equal(key(record(), { location: { lat: 1, lon: 2 } }), "for");
  assert.equal(key(record({ data: { location: {} } }), {}), "for");
});

test("Each answered or passed-over question makes room for the next, until none is left.", () => {
  const view = { kelurahan: "miji" };
  const said = {};
  const asked = [];
  for (let at = key(record(), view); at !== null; at = key(record({ said }), view)) {
    asked.push(at);
    said[at] = "";
  }
  assert.deepEqual(asked, ["for", "breathing", "awake", "bleeding", "phone", "note"]);
});

test("A call that may be the same is asked about, never assumed.", () => {
  assert.equal(key(record(), { kelurahan: "miji", maybe_same: true }), "same");
  assert.deepEqual(describing(record(), "same", "no"), { same: false });
});

test("An answer about the patient goes with the earlier ones, so that none is lost.", () => {
  const answers = describing(record({ said: { breathing: "yes", for: "me" } }), "awake", "no");
  assert.deepEqual(answers, { answers: { breathing: "yes", awake: "no" } });
  assert.deepEqual(describing(record(), "phone", "0812"), { phone: "0812" });
});
