import assert from "node:assert/strict";
import test from "node:test";

import words from "/static/words/id.js";
import { chancesOf, nearest, servicesOf, visitsOf } from "/static/resident/van_city.js";
import { actText, chanceText, comesText, dayOf, etaOf, fixText, isStale, leftOf, leftText, rangeText, refusalText, reminderText, servingText, ticketText } from "/static/resident/van_words.js";

const MIN = 60000;
const HOUR = 60 * MIN;
const NOW = Date.UTC(2026, 10, 26, 2, 0); // Thursday, 09.00 WIB

test("A stop's van comes in a range, and the word says what it rests on.", () => {
  const eta = { low: NOW + 10 * MIN, high: NOW + 25 * MIN, from: "schedule" };
  assert.deepEqual(comesText({ state: "expected", scheduled_at: NOW + 10 * MIN, eta }, NOW), { text: "09.10-09.25", note: "menurut jadwal, WIB" });
  assert.equal(comesText({ state: "expected", eta: { ...eta, from: "fix" } }, NOW).note, "menurut posisi mobil");
});

test("Without a prediction the timetable speaks, and a time that has passed is not promised again.", () => {
  assert.deepEqual(comesText({ state: "expected", scheduled_at: NOW + 24 * HOUR }, NOW), { text: "besok 09.00", note: "menurut jadwal, WIB" });
  assert.deepEqual(comesText({ state: "expected", scheduled_at: NOW - 10 * MIN }, NOW), { text: "jadwal 08.50", note: "belum ada kabar dari mobil" });
});

test("A van that is here, has passed, left out or does not come is said in two words.", () => {
  const said = (state) => comesText({ state, scheduled_at: NOW }, NOW).text;
  assert.deepEqual(["arrived", "departed", "skipped", "cancelled", "unplanned"].map(said), ["Sudah di sini", "Sudah lewat", "Dilewati", "Batal", "Belum ada jadwal"]);
});

test("A range that has begun, or is no wider than a minute, names no point in time that nobody knows.", () => {
  assert.equal(rangeText({ low: NOW, high: NOW + 5 * MIN }, NOW), "sebentar lagi, paling lambat 09.05");
  assert.equal(rangeText({ low: NOW - 9 * MIN, high: NOW - MIN }, NOW), "sebentar lagi");
  assert.equal(rangeText({ low: NOW + 10 * MIN, high: NOW + 10 * MIN + 20000 }, NOW), "sekitar 09.10");
});

test("A fix says a newer range only while it is fresh and newer than what was told.", () => {
  const fix = { fix_at: NOW - 10000, eta: { t01: [60, 180] } };
  assert.deepEqual(etaOf("t01", fix, NOW - 20000, NOW), { low: NOW + 50000, high: NOW + 170000, from: "fix" });
  assert.equal(etaOf("t01", fix, NOW, NOW), null);
  assert.equal(etaOf("t01", fix, 0, NOW + 2 * MIN), null);
  assert.equal(etaOf("t02", fix, 0, NOW), null);
  assert.equal(etaOf("t01", null, 0, NOW), null);
});

test("The age of a fix is said; one over 90 s is old, and none is said too.", () => {
  assert.equal(fixText({ fix_at: NOW - 12000 }, NOW), "posisi 12 dtk lalu");
  assert.equal(isStale({ fix_at: NOW - 91000 }, NOW), true);
  assert.equal(fixText({ fix_at: NOW - 4 * MIN }, NOW), "posisi terakhir 4 mnt lalu, mungkin sudah berpindah");
  assert.equal(fixText(null, NOW), "posisi mobil belum ada");
});

const stop = (id, kelurahan, lat, more = {}) => ({ id, name: id, kelurahan, location: { lat, lon: 112.43 }, services: ["KTP"], state: "expected", ...more });
const STOPS = [stop("far", "meri", -7.49), stop("here", "miji", -7.47), stop("mid", "kauman", -7.475)];

test("The nearest stop comes first; a kelurahan that was named gives an order and no distance.", () => {
  const by_place = nearest(STOPS, { point: { lat: -7.47, lon: 112.43 } });
  assert.deepEqual(by_place.map(({ id }) => id), ["here", "mid", "far"]);
  assert.ok(by_place[1].distance_m > 500 && by_place[1].distance_m < 600);
  const by_name = nearest(STOPS, { kelurahan: "meri", middle: { lat: -7.488, lon: 112.43 } });
  assert.deepEqual(by_name.map(({ id, distance_m }) => [id, distance_m]), [["far", null], ["mid", null], ["here", null]]);
});

const KTP = { service: "KTP", papers: ["KK"], quota: 3 };
const queue = (day, more = {}) => ({ type: "queue", service: "KTP", day, state: "open", quota: 3, taken: 1, serving: 0, ...more });
const WHOLE = {
  day: "2026-11-26", state: "expected", scheduled_at: NOW + HOUR, van: "v1", services: [KTP],
  visits: [{ day: "2026-11-26", state: "departed", scheduled_at: NOW - HOUR, van: "v2" }, { day: "2026-12-01", state: "expected", scheduled_at: NOW + 5 * 24 * HOUR, van: "v1" }],
};

test("Only visits to come count, the next one first; where the stop has no services the van's do.", () => {
  assert.deepEqual(visitsOf(WHOLE).map(({ day }) => day), ["2026-11-26", "2026-12-01"]);
  assert.deepEqual(visitsOf(null), []);
  assert.deepEqual(servicesOf({ services: [] }, ["KK"]), [{ service: "KK" }]);
  assert.equal(servicesOf(WHOLE, ["KK"])[0], KTP);
});

test("What is left is the quota without what was taken; full is none, no quota is no number.", () => {
  assert.deepEqual(chancesOf(WHOLE, KTP, [queue("2026-11-26")]).map(({ left }) => left), [2, 3]);
  assert.deepEqual(chancesOf(WHOLE, KTP, [queue("2026-11-26", { state: "full", taken: 3 })]).map(({ left }) => left), [0, 3]);
  assert.equal(leftOf({ service: "KK" }, null), null);
  assert.deepEqual([leftText(2), leftText(0), leftText(null)], ["sisa 2 nomor", "nomor habis", "nomor masih ada"]);
});

test("The next chance is named by weekday and hour.", () => {
  assert.equal(chanceText(NOW + 5 * 24 * HOUR, NOW), "Kesempatan berikutnya Selasa 09.00.");
  assert.equal(chanceText(0, NOW), "");
  assert.equal(dayOf(Date.UTC(2026, 10, 26, 17, 30)), "2026-11-27");
});

test("A ticket says how many are ahead, when to set out, and how long one may still come.", () => {
  const said = (state, more = {}) => ticketText({ state, ahead: 0, ...more }, NOW);
  assert.equal(said("waiting", { ahead: 3 }), "3 orang di depan Anda");
  assert.equal(said("waiting"), "Anda berikutnya");
  assert.equal(said("go"), "Berangkat sekarang");
  assert.equal(said("no_show", { grace_until: NOW + 130000 }), "Tadi dipanggil. Masih bisa datang 2:10 lagi");
  assert.equal(said("no_show", { grace_until: NOW }), "Tidak datang, nomor hangus");
  for (const state of ["called", "served", "cancelled", "expired"]) assert.equal(said(state), words.vans[`ticket_${state}`]);
  assert.equal(servingText({ state: "waiting", serving: 4 }), "Sekarang nomor 4");
  assert.equal(servingText({ state: "go", serving: 4, ahead: 1 }), "1 orang di depan Anda \u00B7 Sekarang nomor 4");
  assert.equal(servingText({ state: "waiting", serving: 0 }), "Belum ada yang dilayani");
  assert.equal(servingText({ state: "served", serving: 4 }), "");
});

test("A reminder says what it waits for, that it rings, or why it will not.", () => {
  const said = (state, more = {}) => reminderText({ state, minutes: 10, rings: 0, ...more }, NOW);
  assert.equal(said("set"), "Diingatkan 10 menit sebelum mobil datang");
  assert.equal(said("ringing", { rings: 1, eta: NOW + 9 * MIN }), "Mobil paling cepat 09.09");
  assert.equal(said("ringing", { rings: 1 }), "Mobil segera datang atau sudah di sana");
  assert.equal(said("dismissed"), "Pengingat dihapus");
  assert.equal(said("dismissed", { rings: 1 }), "Sudah diingatkan");
  for (const why of ["departed", "skipped", "cancelled"]) assert.equal(said("over", { why }), words.vans[`reminder_${why}`]);
});

test("A command that is stuck or refused is said, one on its way is not.", () => {
  assert.equal(actText(null, null), "");
  assert.equal(actText({ state: "sending" }, "sending"), "");
  assert.match(actText({ state: "sending" }, "unsent"), /^BELUM terkirim/);
  assert.match(actText({ state: "asking" }, "unsent"), /^BELUM terkirim\. Masih mau/);
  assert.equal(refusalText({ code: "out_of_stock" }), "Nomor baru saja habis.");
  assert.equal(refusalText({ code: "internal" }), "Ditolak pusat. Coba lagi sebentar.");
});
