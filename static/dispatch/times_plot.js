// The response times as two pictures, today and seven days: for each interval a dot
// where half the requests were done and a bar's end where nine of ten were, on a
// logarithmic scale. Each picture says in words and in a table what it shows.

import { h, put, setData, show, svg } from "/static/shared/dom.js";
import { word } from "/static/shared/words.js";
import { spanText } from "/static/dispatch/texts.js";
import { DAYS, figures, lastDays, marksTo, scale, scaleEnd } from "/static/dispatch/times.js";

const [WIDE, ROW, BOTTOM] = [340, 42, 24];
const FROM_MS = 250;

/** The first bucket has no middle worth a figure. */
const took = (ms) => (ms < FROM_MS ? word("dispatch.times_under") : spanText(ms));
const name = (interval) => word(`dispatch.times_${interval}`);

export class Times {
  constructor(element) {
    this.periods = [["today", 1], ["week", DAYS]].map(([period, days]) => new Period(period, days));
    element.append(h("h2", { id: "times-heading" }, word("dispatch.times_heading")),
      h("p", { class: "soft" }, word("dispatch.times_hint")), h("div", { class: "plots times-plots" }, this.periods.map((one) => one.element)));
  }

  /** `views`: the `figures` of the days that the desk knows. */
  draw(views, now) {
    const shown = this.periods.map(({ days }) => lastDays(views, now, days));
    const seen = JSON.stringify(shown.map((some) => some.map(({ id, at, requests }) => [id, at, requests])));
    if (seen === this._seen) return; // Drawn anew only when something was counted: a screen reader is not made to read it again.
    this._seen = seen;
    const found = shown.map(figures);
    // One scale for both, so that an eye may compare them.
    const to_ms = scaleEnd(found.flatMap(({ intervals }) => intervals.map(({ p90_ms }) => p90_ms)));
    this.periods.forEach((period, n) => period.draw(found[n], to_ms));
  }
}

class Period {
  constructor(period, days) {
    this.period = period;
    this.days = days;
    this._caption = h("figcaption");
    this._picture = h("div");
    this._rows = h("tbody");
    const heads = ["interval", "n", "p50", "p90"].map((head) => h("th", { scope: "col" }, word(`dispatch.times_${head}`)));
    this._table = h("details", {}, h("summary", {}, word("dispatch.times_table")), h("table", {}, h("thead", {}, h("tr", {}, heads)), this._rows));
    this.element = h("figure", { class: "plot", data: { type: "times", id: period } }, this._caption, this._picture, this._table);
  }

  draw(found, to_ms) {
    setData(this.element, { state: found.requests ? "shown" : "empty", requests: found.requests });
    const text = this._text(found);
    put(this._caption, text);
    this._picture.textContent = "";
    show(this._table, found.requests);
    this._rows.textContent = "";
    if (!found.requests) return;
    this._picture.append(picture(found.intervals, text, scale(to_ms, WIDE), marksTo(to_ms)));
    this._rows.append(...found.intervals.map(row));
  }

  _text({ requests, intervals }) {
    const period = word(`dispatch.times_${this.period}`);
    if (!requests) return word("dispatch.times_none", { period });
    const accepted = intervals.find((one) => one.name === "called_accepted");
    const counted = word("dispatch.times_counted", { period, n: requests });
    if (!accepted.n) return counted;
    return `${counted} ${word("dispatch.times_accepted", { p50: took(accepted.p50_ms), p90: took(accepted.p90_ms) })}`;
  }
}

const both = ({ n, p50_ms, p90_ms }) => (n ? `${took(p50_ms)} · ${took(p90_ms)}` : word("dispatch.times_no_n"));

function picture(intervals, label, x, marks_ms) {
  const bottom = ROW * intervals.length;
  const marks = marks_ms.map((ms) => [svg("line", { class: "plot-axis", x1: x(ms), x2: x(ms), y1: 0, y2: bottom }),
    svg("text", { class: "times-mark", x: x(ms), y: bottom + 16, "text-anchor": "middle" }, spanText(ms))]);
  return svg("svg", { viewBox: `0 0 ${WIDE} ${bottom + BOTTOM}`, role: "img", "aria-label": label }, marks, intervals.map((interval, n) => drawn(interval, n, x)));
}

function drawn(interval, n, x) {
  const { p50_ms, p90_ms } = interval;
  const [top, line] = [n * ROW, n * ROW + 28];
  const made = svg("g", { class: interval.n ? "" : "times-empty" },
    svg("title", {}, `${name(interval.name)}: ${both(interval)}`),
    svg("rect", { class: "times-under", x: 0, y: top + 3, width: WIDE, height: 17 }),
    svg("text", { x: 0, y: top + 16 }, name(interval.name)),
    svg("text", { x: WIDE, y: top + 16, "text-anchor": "end" }, both(interval)),
    interval.n ? svg("rect", { class: "plot-bar", x: x(p50_ms), y: line - 3, width: Math.max(1, x(p90_ms) - x(p50_ms)), height: 6 }) : null,
    interval.n ? svg("rect", { class: "plot-bar", x: x(p90_ms) - 1.5, y: line - 7, width: 3, height: 14 }) : null,
    interval.n ? svg("circle", { class: "plot-dot", cx: x(p50_ms), cy: line, r: 6 }) : null);
  setData(made, { interval: interval.name, n: interval.n, p50: p50_ms, p90: p90_ms });
  return made;
}

function row(interval) {
  const value = (ms) => h("td", {}, interval.n ? took(ms) : "–");
  return h("tr", {}, h("th", { scope: "row" }, name(interval.name)), h("td", {}, String(interval.n)), value(interval.p50_ms), value(interval.p90_ms));
}
