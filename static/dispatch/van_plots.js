// Two pictures of the day, drawn here: arrivals against the timetable, and how good
// predictions were. Each says in words what it shows.

import { clock } from "/static/shared/ages.js";
import { h, keyed, put, setData, svg } from "/static/shared/dom.js";
import { word } from "/static/shared/words.js";
import { BOUNDS_S, EARLIEST_MIN, LATEST_MIN, arrivals, isOnTime, onTimeShare, scores } from "/static/dispatch/van_numbers.js";
import { lateText } from "/static/dispatch/van_today.js";

const [WIDE, HIGH, LEFT, RIGHT, TOP, BOTTOM] = [340, 160, 46, 10, 10, 22];
const ROW = 34;
const percent = (good, all) => Math.round((100 * good) / all);

const figure = (type) => h("figure", { class: "plot", data: { type } }, h("figcaption"));

/** Draw anew only when what is shown has changed: a screen reader is not made to read it again. */
function redrawn(element, seen, draw) {
  const text = JSON.stringify(seen);
  if (element.dataset.seen === text) return;
  element.dataset.seen = text;
  const old = element.querySelector("svg");
  if (old) old.remove();
  const made = draw();
  if (made) element.append(made);
}

// -- arrivals against the timetable ---------------------------------------------------

export const makePunctuality = (van) => { const made = figure("punctuality"); setData(made, { id: van.id }); return made; };

export function updatePunctuality(element, van) {
  const list = arrivals(van);
  const share = onTimeShare(list);
  setData(element, { state: list.length ? "shown" : "empty", ...share });
  const text = list.length ? word("van_desk.on_time", { van: van.name, ...share, percent: percent(share.good, share.all) }) : word("van_desk.on_time_none", { van: van.name });
  put(element.firstElementChild, text);
  redrawn(element, [van.name, list, van.trip.map((row) => row.scheduled_at)], () => (list.length ? punctualityPlot(van, list, text) : null));
}

function punctualityPlot(van, list, label) {
  const times = van.trip.map((row) => row.scheduled_at);
  const [first, last] = [Math.min(...times), Math.max(...times)];
  const low = Math.min(-5, ...list.map(({ late }) => late));
  const high = Math.max(10, ...list.map(({ late }) => late));
  const x = (ms) => LEFT + 8 + (last > first ? (ms - first) / (last - first) : 0.5) * (WIDE - LEFT - RIGHT - 16);
  const y = (late) => TOP + ((high - late) / (high - low)) * (HIGH - TOP - BOTTOM);
  const line = (late, cls) => svg("line", { class: cls, x1: LEFT, x2: WIDE - RIGHT, y1: y(late), y2: y(late) });
  const mark = (late) => svg("text", { x: LEFT - 6, y: y(late) + 4, "text-anchor": "end" }, late > 0 ? `+${late}` : `${late}`.replace("-", "\u2212"));
  return svg("svg", { viewBox: `0 0 ${WIDE} ${HIGH}`, role: "img", "aria-label": label },
    svg("rect", { class: "plot-good", x: LEFT, width: WIDE - LEFT - RIGHT, y: y(LATEST_MIN), height: y(EARLIEST_MIN) - y(LATEST_MIN) }),
    line(0, "plot-axis"), mark(LATEST_MIN), mark(EARLIEST_MIN), high >= 15 ? mark(Math.floor(high)) : null, low <= -10 ? mark(Math.ceil(low)) : null,
    svg("text", { x: LEFT, y: HIGH - 5 }, clock(first)), last > first ? svg("text", { x: WIDE - RIGHT, y: HIGH - 5, "text-anchor": "end" }, clock(last)) : null,
    list.map((one) => arrivalMark(one, x(one.scheduled_at), y(one.late))));
}

/** A dot where the van was on time, a square where it was not: the colour never stands alone. */
function arrivalMark(one, x, y) {
  const good = isOnTime(one.late);
  const shape = good ? svg("circle", { cx: x, cy: y, r: 5 }) : svg("rect", { x: x - 5, y: y - 5, width: 10, height: 10 });
  const made = svg("g", { class: good ? "plot-dot" : "plot-dot plot-off" }, svg("title", {}, `${one.name}: ${lateText(one.late)}`), shape);
  setData(made, { type: "arrival", stop: one.stop, late: one.late.toFixed(1), ontime: good });
  return made;
}

// -- predictions ------------------------------------------------------------------------

/** "1,5 menit", "30 detik" */
const spanText = (s) => (s < 60 ? word("van_desk.seconds", { n: s }) : word("van_desk.minutes", { n: String(s / 60).replace(".", ",") }));

const boundText = (bucket) => word("van_desk.bound", { bucket: bucket.replace("-", "\u2013"), early: spanText(BOUNDS_S[bucket][0]), late: spanText(BOUNDS_S[bucket][1]) });

export function makeForetold() {
  const made = figure("eta_score");
  made.append(h("details", {}, h("summary", {}, word("van_desk.bounds")), h("ul", {}, Object.keys(BOUNDS_S).map((bucket) => h("li", {}, boundText(bucket))))));
  return made;
}

export function updateForetold(element, vans) {
  const list = scores(vans);
  const good = list.reduce((sum, one) => sum + one.good, 0);
  const all = list.reduce((sum, one) => sum + one.all, 0);
  setData(element, { state: all ? "shown" : "empty", good, all });
  const text = all ? word("van_desk.foretold", { good, all, percent: percent(good, all) }) : word("van_desk.foretold_none");
  put(element.firstElementChild, text);
  redrawn(element, list, () => (all ? foretoldPlot(list, text) : null));
}

function foretoldPlot(list, label) {
  const [from, wide] = [82, 108];
  const row = ({ bucket, good, all }, n) => {
    const y = n * ROW;
    const made = svg("g", {},
      svg("text", { x: 0, y: y + 20 }, word("van_desk.bucket", { bucket: bucket.replace("-", "\u2013") })),
      svg("rect", { class: "plot-room", x: from, y: y + 6, width: wide, height: 18, rx: 4 }),
      all ? svg("rect", { class: "plot-bar", x: from, y: y + 6, width: (wide * good) / all, height: 18, rx: 4 }) : null,
      svg("text", { x: from + wide + 8, y: y + 20 }, all ? word("van_desk.bucket_share", { good, all, percent: percent(good, all) }) : word("van_desk.bucket_none")));
    setData(made, { bucket, good, all });
    return made;
  };
  return svg("svg", { viewBox: `0 0 ${WIDE} ${ROW * list.length}`, role: "img", "aria-label": label }, list.map(row));
}

/** Both pictures for the vans of today. */
export class Plots {
  constructor() {
    this.list = h("div", { class: "plots" });
    this.foretold = makeForetold();
    this.element = h("section", { "aria-labelledby": "plots-heading" }, h("h2", { id: "plots-heading" }, word("van_desk.plots")),
      h("p", { class: "soft" }, word("van_desk.plots_hint")), this.list, h("h3", {}, word("van_desk.foretold_heading")), this.foretold);
  }

  draw(vans) {
    keyed(this.list, vans, (van) => van.id, makePunctuality, updatePunctuality);
    updateForetold(this.foretold, vans);
  }
}
