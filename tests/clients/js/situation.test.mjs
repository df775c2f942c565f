import assert from "node:assert/strict";
import test from "node:test";

import { situation } from "/static/resident/situation.js";

const CALLED = 1000000;
const clocks = (after_s) => ({ now: CALLED + after_s * 1000, city_now: CALLED + after_s * 1000 });
const record = (more = {}) => ({ id: "c", acted_at: CALLED, status: "stored", data: {}, ...more });
const view = (state, more = {}) => ({
  state, called_at: CALLED, grace_until: CALLED + 5000, candidates: 3, advice: null, receipts: {}, times: {}, ...more,
});
const medic = { medic: { name: "Bu Sri" } };

test("Until a durable reply the page says that nothing was sent, beside 119.", () => {
  for (const [code, word] of [[undefined, "unsent_why"], ["unsent", "unsent_offline"], ["unavailable", "unsent_hub"]]) {
    const said = situation(record({ status: "sending", code }), null, clocks(0));
    assert.deepEqual([said.phase, said.headline[0], said.detail[0], said.advise], ["unsent", "unsent", word, true]);
  }
});

test("No proof of durability is neither sent nor unsent.", () => {
  const said = situation(record({ status: "sending", code: "unconfirmed", maybe: true }), null, clocks(0));
  const later = situation(record({ status: "sending", code: "unavailable", maybe: true }), null, clocks(0));
  assert.equal(later.phase, "unconfirmed");
  assert.deepEqual([said.phase, said.headline[0], said.advise], ["unconfirmed", "unconfirmed", true]);
});

test("An unsent call carries its age; a stored one has none.", () => {
  assert.equal(situation(record({ status: "sending" }), null, clocks(40)).unsent_ms, 40000);
  assert.equal(situation(record({ status: "asking" }), null, clocks(130)).unsent_ms, 130000);
  assert.equal(situation(record(), view("offered"), clocks(40)).unsent_ms, null);
});

test("An old unsent call asks whether it is still needed.", () => {
  assert.equal(situation(record({ status: "asking" }), null, clocks(130)).phase, "asking");
});

test("In grace one tap cancels, even after an accept; later a reason is asked, and after an accept only a request is made.", () => {
  assert.deepEqual(situation(record(), view("offered"), clocks(2)).cancel, { kind: "grace", left_s: 3 });
  assert.equal(situation(record(), view("accepted", medic), clocks(2)).cancel.kind, "grace");
  assert.equal(situation(record(), view("offered"), clocks(6)).cancel.kind, "reasons");
  for (const state of ["accepted", "en_route", "on_scene", "at_patient"]) {
    assert.equal(situation(record(), view(state, medic), clocks(6)).cancel.kind, "request", state);
    assert.equal(situation(record(), view(state, { ...medic, cancel_requested: true }), clocks(6)).cancel.kind, "requested", state);
  }
});

test("119 fills the screen when there is nobody, outside the city, and after 80 s without an accept.", () => {
  assert.equal(situation(record({ candidates: 0 }), null, clocks(0)).fill, "fill_nobody");
  assert.equal(situation(record(), view("called", { candidates: 0 }), clocks(1)).fill, "fill_nobody");
  assert.equal(situation(record(), view("offered", { candidates: 0 }), clocks(1)).fill, null);
  assert.equal(situation(record(), view("called", { outside_city: true }), clocks(1)).fill, "fill_outside");
  assert.equal(situation(record(), view("offered"), clocks(79)).fill, null);
  assert.equal(situation(record(), view("offered"), clocks(80)).fill, "fill_waiting");
  assert.equal(situation(record(), view("accepted", { ...medic, candidates: 0 }), clocks(90)).fill, null);
});

test("From 40 s on 119 is named, when the hub says so.", () => {
  const said = situation(record(), view("offered", { advice: "call_119" }), clocks(41));
  assert.deepEqual([said.advise, said.fill, said.detail[0]], [true, null, "advice"]);
});

test("Neither a drill nor a visit ever fills the screen with 119.", () => {
  for (const data of [{ drill: true }, { urgency: "visit" }]) {
    assert.equal(situation(record({ data, candidates: 0 }), view("called", { candidates: 0 }), clocks(100)).fill, null);
  }
});

test("Who comes is named in each step, and a holder who is not under way is said so.", () => {
  const heads = { accepted: "coming", en_route: "coming", on_scene: "on_scene", at_patient: "at_patient" };
  for (const [state, word] of Object.entries(heads)) {
    assert.deepEqual(situation(record(), view(state, medic), clocks(9)).headline, [word, { name: "Bu Sri" }]);
  }
  const waiting = situation(record(), view("accepted", { ...medic, waiting_for_holder: true }), clocks(95));
  assert.deepEqual([waiting.detail, waiting.tone], [["waiting_for", { name: "Bu Sri" }], "wait"]);
});

test("For 60 s a cancelled call offers to call again, in the place of the cancel.", () => {
  const cancelled = record({ status: "cancelled", cancelled_at: CALLED });
  assert.equal(situation(cancelled, null, clocks(59)).cancel.kind, "again");
  assert.equal(situation(cancelled, null, clocks(61)).cancel.kind, "done");
});

test("Every end can be read and closed.", () => {
  for (const state of ["cleared", "cancelled", "handed_over", "closed"]) {
    const said = situation(record(), view(state, medic), clocks(500));
    assert.deepEqual([said.phase, said.cancel.kind], ["ended", "done"], state);
  }
});
