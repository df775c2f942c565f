import assert from "node:assert/strict";
import test from "node:test";

import { wholeNumber, wrongName, wrongPhone, wrongPrice, wrongStock } from "/static/shop/fields.js";
import { reason } from "/static/shop/deaf.js";
import { fieldOf, refusalText } from "/static/shop/refusals.js";

test("Money is read as people write it; what is no whole number is none.", () => {
  assert.deepEqual(["12000", "12.000", "Rp 12.000", "rp.1.250.000", "1 500", "0"].map(wholeNumber), [12000, 12000, 12000, 1250000, 1500, 0]);
  for (const text of ["", "abc", "12.5", "1.23.456", "-5", "12rb"]) assert.ok(Number.isNaN(wholeNumber(text)), text);
});

test("What is wrong with a field is said in words, and nothing when it is right.", () => {
  assert.deepEqual([wrongName("Soto"), wrongPrice("0"), wrongStock(""), wrongStock("12"), wrongPhone("+62 812-3456")], [null, null, null, null, null]);
  for (const why of [wrongName(""), wrongName("x".repeat(61)), wrongPrice("-5"), wrongPrice("2000000000"), wrongStock("1,5"), wrongStock("1000001"), wrongPhone("12")]) {
    assert.match(why, / /);
  }
});

test("A refusal is said in words: who took it, that it is over, which field the hub means.", () => {
  assert.equal(refusalText({ code: "taken", data: { winner: { name: "Mela" } } }), "Sudah diterima Mela.");
  assert.match(refusalText({ code: "too_late", data: { state: "picked" } }), /sudah selesai/);
  assert.match(refusalText({ code: "too_late", data: { answers: 10 } }), /sepuluh toko/);
  assert.equal(refusalText({ code: "something_new" }), "Belum berhasil. Coba lagi.");
  assert.equal(fieldOf({ code: "bad_data", message: "data.price: expected for a new product" }), "price");
  assert.equal(fieldOf({ code: "taken" }), null);
});

test("A phone is deaf for the most basic reason first.", () => {
  const well = { live: true, tested_at: 0, unlocked: true, reachable: true };
  const day = 24 * 3600000;
  assert.equal(reason(well, day - 1), null);
  assert.equal(reason({ ...well, reachable: false }, 0), "hub");
  assert.equal(reason({ ...well, unlocked: false, reachable: false }, 0), "locked");
  assert.equal(reason({ ...well, unlocked: false }, day), "test");
  assert.equal(reason({ ...well, live: false }, day), "socket");
});
