// The pictures of the public figures: how long something took, how many of a hundred, how many in each row. Pure but
// for the elements that they make; every picture says in words what it shows.

import { h, setData, svg } from "/static/shared/dom.js";
import { word } from "/static/shared/words.js";

const [WIDE, ROW, BOTTOM, LEAST_S] = [340, 44, 22, 1];
const ENDS_S = [10, 60, 600, 3600, 4 * 3600, 24 * 3600];

/** "41 dtk", "5 mnt 20 dtk", "2 jam" */
export function spanText(s) {
  if (s < 60) return word("figures.second", { n: s });
  const [m, rest] = [Math.floor(s / 60), s % 60];
  if (s < 120 && rest) return word("figures.minutes", { m, s: rest });
  if (s < 3600) return word("figures.minute", { n: Math.round(s / 60) });
  const [hours, left] = [Math.floor(s / 3600), Math.round((s % 3600) / 60)];
  return left && left < 60 ? word("figures.hours", { h: hours, m: left }) : word("figures.hour", { n: Math.round(s / 3600) });
}

export const bothText = ([p50, p90]) => word("figures.both", { p50: spanText(p50), p90: spanText(p90) });

const picture = (high, label, ...parts) => svg("svg", { viewBox: `0 0 ${WIDE} ${high}`, role: "img", "aria-label": label }, parts);

/** For each duration a dot where half were done and a line's end where nine of ten were, on a logarithmic scale. */
export function timesPlot(rows) {
  const longest = Math.max(LEAST_S * 10, ...rows.map(([, [, p90]]) => p90));
  const end = ENDS_S.find((one) => one >= longest) || ENDS_S[ENDS_S.length - 1];
  const x = (s) => 8 + (WIDE - 28) * Math.min(1, Math.max(0, Math.log(Math.max(s, LEAST_S) / LEAST_S) / Math.log(end / LEAST_S)));
  const under = ROW * rows.length;
  const marks = [LEAST_S, ...ENDS_S].filter((s) => s <= end && s !== 4 * 3600).map((s) => [
    svg("line", { class: "figure-axis", x1: x(s), x2: x(s), y1: 0, y2: under }),
    svg("text", { class: "figure-mark", x: x(s), y: under + 15, "text-anchor": x(s) > WIDE - 40 ? "end" : "middle" }, spanText(s))]);
  const said = rows.map(([name, took]) => `${name}: ${bothText(took)}`).join(". ");
  return picture(under + BOTTOM, said, marks, rows.map((row, n) => duration(row, n * ROW, x)));
}

function duration([name, took, id], top, x) {
  const line = top + 30;
  const made = svg("g", {},
    svg("rect", { class: "figure-under", x: 0, y: top + 3, width: WIDE, height: 18 }),
    svg("text", { x: 0, y: top + 17 }, name), svg("text", { x: WIDE, y: top + 17, "text-anchor": "end" }, bothText(took)),
    svg("rect", { class: "figure-bar", x: x(took[0]), y: line - 3, width: Math.max(1, x(took[1]) - x(took[0])), height: 6 }),
    svg("rect", { class: "figure-bar", x: x(took[1]) - 1.5, y: line - 7, width: 3, height: 14 }),
    svg("circle", { class: "figure-dot", cx: x(took[0]), cy: line, r: 6 }));
  setData(made, { took: id, p50: took[0], p90: took[1] });
  return made;
}

/** So many of a hundred: `{n, text}`, n null where it is not to be said. */
export function sharePlot({ n, text }, name) {
  return picture(38, `${name}: ${text}`,
    svg("text", { x: 0, y: 15 }, name), svg("text", { x: WIDE, y: 15, "text-anchor": "end" }, text),
    svg("rect", { class: "figure-room", x: 0, y: 23, width: WIDE, height: 12, rx: 4 }),
    n === null ? null : svg("rect", { class: "figure-good", x: 0, y: 23, width: (WIDE * n) / 100, height: 12, rx: 4 }));
}

/** A bar for each row, `{id, name, n, text, more}`; n null where it is hidden: then the words say why, and no bar. */
export function barsPlot(rows, label) {
  const most = Math.max(1, ...rows.map(({ n }) => n || 0));
  const high = 34;
  return picture(high * rows.length, `${label}. ${rows.map(({ name, text, more }) => `${name}: ${[text, more].filter(Boolean).join(", ")}`).join(". ")}`,
    rows.map(({ id, name, n, text, more }, place) => {
      const top = place * high;
      const made = svg("g", {},
        svg("text", { x: 0, y: top + 14 }, name),
        svg("text", { class: n === null ? "figure-soft" : null, x: WIDE, y: top + 14, "text-anchor": "end" }, [text, more].filter(Boolean).join(" · ")),
        svg("rect", { class: "figure-room", x: 0, y: top + 20, width: WIDE, height: 8, rx: 4 }),
        n ? svg("rect", { class: "figure-bar", x: 0, y: top + 20, width: Math.max(2, (WIDE * n) / most), height: 8, rx: 4 }) : null);
      setData(made, { row: id, n: n === null ? "hidden" : n });
      return made;
    }));
}

/** All durations as a table, for who would rather read. */
export function timesTable(rows) {
  const head = (text) => h("th", { scope: "col" }, text);
  return h("table", {}, h("thead", {}, h("tr", {}, head(word("figures.what_head")), head(word("figures.half_head")), head(word("figures.most_head")))),
    h("tbody", {}, rows.map(([name, took]) => h("tr", {}, h("th", { scope: "row" }, name), took.map((s) => h("td", {}, spanText(s)))))));
}
