import assert from "node:assert/strict";
import { test } from "node:test";

import { alertsOf, areasText, dayTime, drillText, isMine, isUrgent, ordered } from "/static/shared/alerts.js";
import { momentOf } from "/static/dispatch/plut_desk.js";
import { classesOf } from "/static/shop/classes.js";

const NOW = Date.UTC(2026, 10, 26, 13, 0); // 20:00 in WIB
const HOUR = 3600000;
const alert = (id, more = {}) => ({
  type: "alert", id, status: "actual", severity: "moderate", at: NOW, expires: NOW + HOUR, whole_city: false, areas: [{ id: "miji", name: "Miji" }], ...more,
});

test("real alerts come before exercises, mine before others, then the worst, then the newest", () => {
  const alerts = [
    alert("drill", { status: "exercise", severity: "extreme" }), alert("old", { at: NOW - 2 }), alert("new", { at: NOW - 1 }),
    alert("worse", { severity: "severe" }), alert("mine", { severity: "minor", areas: [{ id: "meri", name: "Meri" }] }),
  ];
  assert.deepEqual(ordered(alerts, "meri").map(({ id }) => id), ["mine", "worse", "new", "old", "drill"]);
  assert.deepEqual(ordered(alerts, null).map(({ id }) => id), ["worse", "new", "old", "mine", "drill"]);
});

test("an alert concerns me in my kelurahan or in the whole city; an unknown place only there", () => {
  assert.equal(isMine(alert("a"), "miji"), true);
  assert.equal(isMine(alert("a"), "meri"), false);
  assert.equal(isMine(alert("a"), null), false);
  assert.equal(isMine(alert("a", { whole_city: true }), null), true);
});

test("only an actual extreme alert is urgent, and what is practised says so", () => {
  assert.equal(isUrgent(alert("a", { severity: "extreme" })), true);
  assert.equal(isUrgent(alert("a", { severity: "extreme", status: "exercise" })), false);
  assert.equal(isUrgent(alert("a", { severity: "severe" })), false);
  assert.equal(drillText(alert("a")), null);
  assert.match(drillText(alert("a", { status: "exercise" })), /^LATIHAN/);
});

test("one that is over by the city's clock is not shown, whatever the table still holds", () => {
  const things = new Map([["a", alert("a")], ["b", alert("b", { expires: NOW })], ["medics", { type: "medics" }]]);
  assert.deepEqual(alertsOf(things, NOW).map(({ id }) => id), ["a"]);
});

test("times are said in WIB, with tomorrow and the date where they are needed", () => {
  assert.equal(dayTime(NOW + HOUR, NOW), "21.00");
  assert.equal(dayTime(NOW + 5 * HOUR, NOW), "besok 01.00");
  assert.equal(dayTime(NOW + 100 * HOUR, NOW), "1/12 00.00");
  assert.equal(areasText(alert("a")), "Untuk Miji");
});

test("a class of 09:30 is in WIB on any screen, and nothing typed is no time", () => {
  assert.equal(momentOf("2026-11-27", "09:30"), Date.UTC(2026, 10, 27, 2, 30));
  assert.equal(Number.isNaN(momentOf("", "09:30")), true);
});

test("a seller sees what may be joined and every own seat, own ones first", () => {
  const workshop = (id, state, starts_at) => ({ type: "workshop", id, state, starts_at });
  const workshops = new Map([["w1", workshop("w1", "open", 3)], ["w2", workshop("w2", "open", 2)], ["w3", workshop("w3", "started", 1)], ["w4", workshop("w4", "started", 1)]]);
  const seats = new Map([["w3", { type: "seat", id: "w3", starts_at: 1 }], ["gone", { type: "seat", id: "gone", starts_at: 5 }], ["o1", { type: "order", id: "o1" }]]);
  const shown = classesOf(workshops, seats);
  assert.deepEqual(shown.map(({ workshop: w, seat }) => [(w || seat).id, Boolean(seat)]), [["w3", true], ["gone", true], ["w2", false], ["w1", false]]);
});
