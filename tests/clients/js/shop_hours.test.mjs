import assert from "node:assert/strict";
import test from "node:test";

import { formToHours, hoursToForm, minutesOf, timeText } from "/static/shop/hours.js";

const week = (day) => Array.from({ length: 7 }, () => day);

test("Times are read as people write them, and nothing else is a time.", () => {
  assert.deepEqual(["07:00", "7.30", "7", "23:59"].map(minutesOf), [420, 450, 420, 1439]);
  for (const text of ["", "24:00", "7:60", "pagi", "-1"]) assert.ok(Number.isNaN(minutesOf(text)), text);
  assert.deepEqual([0, 450, 1439, 1500].map(timeText), ["00:00", "07:30", "23:59", "01:00"]);
});

test("Hours come back from the form as they went in.", () => {
  const split = [[420, 720], [960, 1260]];
  for (const hours of [[], week([[420, 1200]]), week(split), [[], ...week(split).slice(1)], week([[1080, 1560]]), week([[0, 1440]])]) {
    assert.deepEqual(formToHours(hoursToForm(hours)).hours, hours);
  }
});

test("The form is the simplest one that says it.", () => {
  assert.equal(hoursToForm([]).mode, "always");
  assert.equal(hoursToForm(week([[420, 1200]])).mode, "same");
  assert.equal(hoursToForm([[], ...week([[420, 1200]]).slice(1)]).mode, "days");
  assert.equal(hoursToForm(week([])).mode, "days");
});

test("A closing time that is not after the opening is the next day's.", () => {
  assert.deepEqual(formToHours({ mode: "same", days: [[{ from: "18:00", to: "02:00" }]] }).hours, week([[1080, 1560]]));
});

test("What is no time, and spans that overlap, are named.", () => {
  const days = week([{ from: "07:00", to: "12:00" }]);
  days[2] = [{ from: "07:00", to: "" }];
  assert.deepEqual(formToHours({ mode: "days", days }).wrong, { day: 2, place: 0, which: "to" });
  days[2] = [{ from: "07:00", to: "12:00" }, { from: "11:00", to: "20:00" }];
  assert.deepEqual(formToHours({ mode: "days", days }).wrong, { overlap: 2 });
});
