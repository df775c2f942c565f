import assert from "node:assert/strict";
import test from "node:test";

import words from "/static/words/id.js";
import { useWords } from "/static/shared/words.js";
import { Hands, handsText, holderOf } from "/static/dispatch/hands.js";
import { refusalOf } from "/static/dispatch/refusals.js";

useWords("dispatch", words);
const RINI = { person: "m1", name: "Rini" };
const open = { type: "request", id: "r", state: "offered" };
const held = { type: "request", id: "r", state: "accepted", medic: RINI };
const closed = { type: "request", id: "r", state: "closed", timeline: [{ at: 1, what: "called", who: "" }, { at: 2, what: "closed", who: "Sari" }] };

test("Who holds a request is the medic of a running one, nobody otherwise.", () => {
  assert.deepEqual([open, held, { ...held, state: "cleared" }].map(holderOf), ["", "m1", ""]);
});

test("A change of hands is unread for a second; a step within it is not sent.", () => {
  let now = 0;
  const hands = new Hands(() => now);
  hands.heard([{ id: "r", view: held, before: open }], true);
  assert.equal(hands.unread("r"), true);
  now = 1000;
  assert.equal(hands.unread("r"), false);
});

test("What this page did itself, and what a snapshot brings, is no surprise.", () => {
  let now = 0;
  const hands = new Hands(() => now);
  hands.acting("r");
  hands.heard([{ id: "r", view: held, before: open }], true);
  hands.acted("r");
  now = 500; // The change may come after the reply.
  hands.heard([{ id: "r", view: closed, before: held }], true);
  assert.equal(hands.unread("r"), false);
  hands.heard([{ id: "s", view: closed, before: open }], false);
  assert.equal(hands.unread("s"), false);
});

test("How it stands now is said with names: who ended it, who gave it to whom, who accepted it, or nobody.", () => {
  assert.match(handsText(closed), /baru saja ditutup oleh Sari/);
  const line = [{ what: "assigned", who: "Sari" }, { what: "accepted", who: "Rini" }];
  assert.match(handsText({ ...held, timeline: line }), /Baru diubah Sari: sekarang dipegang Rini \(diterima\)/);
  assert.match(handsText({ ...held, timeline: line.slice(1) }), /Baru berubah: sekarang dipegang Rini/);
  assert.match(handsText(open), /belum ada yang memegang/);
});

test("A refusal that came before its change speaks from its own data.", () => {
  assert.match(handsText(open, { winner: RINI, state: "en_route" }), /dipegang Rini \(berangkat\)/);
  assert.match(handsText(open, { state: "closed" }), /baru saja ditutup\./);
});

test("Each refusal of a step on a request has its words; what `Acts` says well is left to it.", () => {
  const board = (id) => ({ r: open, into: closed })[id];
  const said = (cmd, reply, sent = { request: "r", into: "into" }) => {
    const why = refusalOf(cmd, sent, reply, board);
    return why && why();
  };
  assert.match(said("medic.assign", { code: "taken", data: { winner: RINI, state: "accepted" } }), /Rini/);
  assert.match(said("medic.escalate", { code: "taken", data: { winner: RINI, state: "accepted" } }), /BELUM dijalankan/);
  assert.match(said("medic.cancel", { code: "taken", data: { winner: RINI, state: "accepted" } }), /dipegang Rini/);
  assert.match(said("medic.close", { code: "illegal_step", data: { state: "cancelled" } }), /dibatalkan/);
  assert.match(said("medic.merge", { code: "illegal_step", data: { state: "closed" } }), /tujuan sudah ditutup/);
  assert.match(said("medic.assign", { code: "illegal_step", data: { state: "off" } }), /tidak bertugas/);
  assert.equal(said("medic.assign", { code: "busy", data: {} }), null);
  assert.equal(said("alarm.take", { code: "taken", data: { winner: RINI } }, { alarm: "r.red" }), null);
});
