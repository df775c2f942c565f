// One report row as a picture: for each duration a dot where half were done and a bar's
// end where nine of ten were, on a logarithmic scale; for each share a bar of its hundred.

import { h, setData, svg } from "/static/shared/dom.js";
import { word } from "/static/shared/words.js";
import { marksTo, scale, scaleEnd } from "/static/dispatch/times.js";
import { spanText, title } from "/static/dispatch/texts.js";

const [WIDE, ROW, BOTTOM] = [340, 42, 24];
const MEDIC = /_(received|heard|accepted|en_route|on_scene|at_patient|cleared)$/;

const nameOf = (name) => word(MEDIC.test(name) && name !== "offers_accepted" ? `dispatch.times_${name}` : `dispatch.reports_${name}`);
const percent = ({ n, of }) => Math.round((100 * n) / of);
const both = ({ n, p50_ms, p90_ms }) => (n ? `${spanText(p50_ms)} · ${spanText(p90_ms)}` : word("dispatch.times_no_n"));
const shareText = (share) => (share.of ? word("dispatch.reports_share", { ...share, percent: percent(share) }) : word("dispatch.times_no_n"));

/** One scale for all pictures of a report. */
export const endOf = (rows) => scaleEnd(rows.flatMap(({ took }) => Object.values(took).map(({ p90_ms }) => p90_ms)));

/** "November 2026: 41 dihitung." */
export function rowText({ since, until }, { month, n }) {
  const period = month ? word("dispatch.reports_month", { month: monthText(month) }) : word("dispatch.reports_span", { since: dayText(since), until: dayText(until) });
  return word(n ? "dispatch.reports_counted" : "dispatch.reports_none", { period, n });
}

const monthText = (month) => `${Number(month.slice(5, 7))}/${month.slice(0, 4)}`;
const dayText = (day) => `${Number(day.slice(8))}/${monthText(day)}`;

/** `to_ms`: see `endOf`. */
export function picture(row, label, to_ms) {
  const x = scale(to_ms, WIDE);
  const [took, shares] = [Object.entries(row.took), Object.entries(row.shares)];
  const under = ROW * took.length;
  const high = under + BOTTOM + ROW * shares.length;
  const marks = marksTo(to_ms).map((ms) => [svg("line", { class: "plot-axis", x1: x(ms), x2: x(ms), y1: 0, y2: under }),
    svg("text", { class: "times-mark", x: x(ms), y: under + 16, "text-anchor": "middle" }, spanText(ms))]);
  return svg("svg", { viewBox: `0 0 ${WIDE} ${high}`, role: "img", "aria-label": label },
    marks, took.map((one, n) => duration(one, n * ROW, x)), shares.map((one, n) => share(one, under + BOTTOM + n * ROW)));
}

function duration([name, took], top, x) {
  const line = top + 28;
  const made = svg("g", { class: took.n ? "" : "times-empty" },
    svg("rect", { class: "times-under", x: 0, y: top + 3, width: WIDE, height: 17 }),
    svg("text", { x: 0, y: top + 16 }, nameOf(name)), svg("text", { x: WIDE, y: top + 16, "text-anchor": "end" }, both(took)),
    took.n ? svg("rect", { class: "plot-bar", x: x(took.p50_ms), y: line - 3, width: Math.max(1, x(took.p90_ms) - x(took.p50_ms)), height: 6 }) : null,
    took.n ? svg("rect", { class: "plot-bar", x: x(took.p90_ms) - 1.5, y: line - 7, width: 3, height: 14 }) : null,
    took.n ? svg("circle", { class: "plot-dot", cx: x(took.p50_ms), cy: line, r: 6 }) : null);
  setData(made, { took: name, n: took.n, p50: took.p50_ms, p90: took.p90_ms });
  return made;
}

function share([name, one], top) {
  const made = svg("g", { class: one.of ? "" : "times-empty" },
    svg("text", { x: 0, y: top + 16 }, nameOf(name)), svg("text", { x: WIDE, y: top + 16, "text-anchor": "end" }, shareText(one)),
    svg("rect", { class: "plot-room", x: 0, y: top + 22, width: WIDE, height: 10, rx: 4 }),
    one.of ? svg("rect", { class: "plot-bar", x: 0, y: top + 22, width: (WIDE * one.n) / one.of, height: 10, rx: 4 }) : null);
  setData(made, { share: name, n: one.n, of: one.of });
  return made;
}

/** All figures by kelurahan, over the whole span. */
export function placeTable(made) {
  const rows = made.rows.filter(({ month }) => !month);
  const [first] = rows;
  const head = (text) => h("th", { scope: "col" }, text);
  const columns = [...Object.keys(first.took), ...Object.keys(first.shares)].map(nameOf);
  const heads = h("tr", {}, head(word("dispatch.reports_place")), head(word("dispatch.times_n")), columns.map(head));
  const cells = (row) => [...Object.values(row.took).map(both), ...Object.values(row.shares).map(shareText)].map((text) => h("td", {}, text));
  const line = (row) => h("tr", {}, h("th", { scope: "row" }, row.place ? title(row.place) : word("dispatch.reports_everywhere")), h("td", {}, String(row.n)), cells(row));
  const table = h("table", {}, h("thead", {}, heads), h("tbody", {}, rows.map(line)));
  return h("details", { class: "reports-table" }, h("summary", {}, word("dispatch.reports_table")), h("div", { class: "reports-wide", tabindex: "0", role: "region", "aria-label": word("dispatch.reports_table") }, table));
}
