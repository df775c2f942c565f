import assert from "node:assert/strict";
import test from "node:test";

import { basketOf } from "/static/resident/basket.js";
import { categoryOf, laterText, most, remember, seen, stateText, when } from "/static/resident/market.js";
import { leftText, heardText } from "/static/resident/order_view.js";
import { wantOf } from "/static/resident/want_form.js";

const MIN = 60000;
const HOUR = 60 * MIN;
const NOW = Date.UTC(2026, 10, 26, 3, 0); // Thursday, 10.00 WIB

test("An opening is named by its hour, tomorrow, its weekday, then its date.", () => {
  assert.equal(when(NOW + 2 * HOUR, NOW), "12.00");
  assert.equal(when(NOW + 22 * HOUR, NOW), "besok 08.00");
  assert.equal(when(NOW + 46 * HOUR, NOW), "Sabtu 08.00");
  assert.equal(when(NOW + 9 * 24 * HOUR, NOW), "5/12 10.00");
});

test("A shop says whether it is open, how busy, or when it opens.", () => {
  assert.equal(stateText({ state: "open", busy_min: 0 }, NOW), "Buka");
  assert.equal(stateText({ state: "open", busy_min: 10 }, NOW), "Buka, +10 mnt");
  assert.equal(stateText({ state: "closed", why: "hours", opens_at: NOW + HOUR }, NOW), "Tutup. Buka 11.00");
  assert.equal(stateText({ state: "closed", why: "paused" }, NOW), "Istirahat");
  assert.equal(stateText({ state: "closed", why: "deaf" }, NOW), "Belum terhubung");
});

test("What an order at a closed shop means is said beforehand, at an open one nothing.", () => {
  assert.equal(laterText({ state: "open" }, NOW), "");
  assert.equal(laterText({ state: "closed", opens_at: NOW + 22 * HOUR }, NOW), "Titip untuk nanti, dibuka besok 08.00.");
  assert.match(laterText({ state: "closed", why: "deaf" }, NOW), /^HP toko ini belum terhubung/);
});

test("One may order 99 pieces, or what is left, or nothing of what is sold out.", () => {
  assert.equal(most({ stock: null, state: "available" }), 99);
  assert.equal(most({ price: 1 }), 99);
  assert.equal(most({ stock: 3, state: "available" }), 3);
  assert.equal(most({ stock: 500, state: "available" }), 99);
  assert.equal(most({ stock: 0, state: "sold_out" }), 0);
});

test("A few products of a shop do not take the place of all of them; its state does.", () => {
  remember({ id: "a", state: "open", products: [{ id: "p1" }, { id: "p2" }] }, 1000, true);
  remember({ id: "a", state: "closed", products: [{ id: "p2" }] }, 2000);
  const { state, products, as_of } = seen.get("a");
  assert.deepEqual([state, products.length, as_of], ["closed", 2, 1000]);
});

test("The basket follows what the hub said of price and stock.", () => {
  const basket = basketOf("a");
  basket.set("p1", 5);
  basket.setPrice("p1", 9000);
  basket.setStock("p1", 2);
  assert.deepEqual([basket.count("p1"), basket.price({ id: "p1", price: 8000 }), basket.most({ id: "p1", stock: 7 })], [2, 9000, 2]);
  basket.setStock("p1", 0);
  assert.deepEqual([basket.count("p1"), basket.most({ id: "p1", stock: 7 })], [0, 0]);
});

test("A waiting order says how long it waits, a later one when it rings, an accepted one when it is ready.", () => {
  const order = { state: "placed", ring_at: NOW, expires_at: NOW + 3 * MIN };
  assert.equal(leftText(order, NOW + 50000), "2:10 lagi");
  assert.equal(leftText({ ...order, expires_at: NOW + 24 * HOUR }, NOW), "paling lambat besok 10.00");
  assert.equal(leftText({ state: "placed", ring_at: 0, opens_at: NOW + 22 * HOUR }, NOW), "Berbunyi di toko saat buka, besok 08.00.");
  assert.equal(leftText({ state: "accepted", ready_at: NOW + 19.5 * MIN }, NOW), "sekitar 20 menit lagi");
  assert.equal(leftText({ state: "completed" }, NOW), "");
});

test("Of an order it is said what the shop's phones have proven, the most of it.", () => {
  assert.equal(heardText({ receipts: { sent: 2 } }), "Dikirim ke toko");
  assert.equal(heardText({ receipts: { sent: 2, received: 1 } }), "Sampai di HP penjual");
  assert.equal(heardText({ receipts: { received: 1, audible: 1 } }), "HP penjual berbunyi");
  assert.equal(heardText({ receipts: { audible: 1, seen: 1 } }), "Penjual melihat");
  assert.equal(heardText({ receipts: {}, unheard: true, contacted_at: NOW }), "HP penjual belum menerima. Kontak kedua dihubungi.");
});

test("An order asks all sellers in its own words.", async () => {
  const order = { id: "o1", shop: "a", kelurahan: "meri", name: "Wulan", phone: "0812", lines: [{ name: "Soto ayam", quantity: 2 }] };
  remember({ id: "a", category: "food" });
  const want = wantOf(order, await categoryOf(order));
  assert.deepEqual(want, { category: "food", words: "Soto ayam", quantity: 2, kelurahan: "meri", name: "Wulan", phone: "0812", order: "o1" });
  const two = wantOf({ ...order, lines: [...order.lines, { name: "Es teh", quantity: 1 }] }, "food");
  assert.deepEqual([two.words, two.quantity], ["2 Soto ayam, 1 Es teh", 1]);
});
