// "Angka": what anybody may know of how the city is served. Pictures first; a month at a time.

import { ask } from "/client/http.js";
import { clock } from "/static/shared/ages.js";
import { $, h, put, refill, setData, show } from "/static/shared/dom.js";
import { offerTongues } from "/static/shared/tongues.js";
import { fillWords, loadWords, useWords, word, words } from "/static/shared/words.js";
import { ZONE_MS } from "/static/shared/zone.js";
import { barsPlot, sharePlot, timesPlot, timesTable } from "./plot.js";
import indonesian from "/static/words/figures/id.js";

const PATIENCE_MS = 8000;
const AGAIN_MS = 3000;
const TRIES = 5;
const MAIN = { medic: ["called_accepted", "called_on_scene", "called_cleared"], order: ["rang_answered"], van: ["late"] };
const SAID = { medic: ["medic", "medic_n", "medic_good"], order: ["order", "order_n", "order_good"], van: ["van", "van_n", "van_good"] };
const NAMED = { medic: "called_accepted", order: "rang_answered", van: "late" }; // what is said of each kelurahan

useWords("figures", indonesian);

const dayText = (day) => `${Number(day.slice(8))}/${Number(day.slice(5, 7))}`;
const dayOf = (at_ms) => new Date(at_ms + ZONE_MS).toISOString().slice(0, 10);
const fullDay = (day) => `${dayText(day)}/${day.slice(0, 4)}`;
const monthText = (month) => `${words("figures.months")[Number(month.slice(5, 7)) - 1]} ${month.slice(0, 4)}`;
const title = (text) => text.replace(/(^|[\s-])\S/g, (letter) => letter.toUpperCase());
const isShown = (n) => typeof n === "number";
const hiddenText = (mark) => word(mark === "-" ? "figures.guard" : "figures.few");
const shownRows = (names, cell) => names.filter((name) => cell.took[name]).map((name) => [word(`figures.took_${name}`), cell.took[name], name]);

let said = null;
let chosen = "";

async function load(tries = TRIES) {
  put($("#said"), word("figures.loading"));
  const { status, body } = await ask("/v1/angka", { patience_ms: PATIENCE_MS });
  if (status === 200) {
    said = body;
    draw();
  } else if (status === 404) state("none", word("figures.none"));
  else if (tries > 1) setTimeout(() => load(tries - 1), AGAIN_MS);
  else state("failed", word("figures.failed"), h("button", { type: "button", class: "big", data: { act: "again" }, on: { click: () => load() } }, word("common.again")));
}

function state(name, text, act = null) {
  document.body.dataset.state = name;
  put($("#said"), text);
  refill($("#found"), act);
}

function draw() {
  fillWords();
  document.body.dataset.state = "shown";
  show($("#band"), said.demo);
  put($("#band"), said.demo ? word("common.demo_band") : "");
  const months = said.figures.length ? said.figures[0].months : [];
  const day = fullDay(dayOf(said.next_at));
  if (!months.length) {
    state("early", word("figures.early", { day }), reading(day));
    return;
  }
  put($("#said"), "");
  const month = months.find((one) => one.month === chosen) || months[0];
  chosen = month.month;
  refill($("#found"), chooser(months, month), h("div", { class: "figures-all" }, said.figures.map((one) => figure(one, chosen))), reading(day));
}

function chooser(months, month) {
  const select = h("select", { id: "month", "aria-describedby": "month-days", on: { change: () => { chosen = select.value; draw(); $("#month").focus(); } } },
    months.map((one) => h("option", { value: one.month, selected: one.month === month.month }, monthText(one.month))));
  return h("div", { class: "figures-month" }, h("label", { for: "month" }, word("figures.month")), select,
    h("small", { id: "month-days" }, word("figures.days", { since: fullDay(month.since), until: fullDay(month.until) })));
}

function figure(one, chosen_month) {
  const month = one.months.find(({ month: name }) => name === chosen_month);
  const { cell } = month;
  const [heading, n, good] = SAID[one.name].map((name) => `figures.${name}`);
  const main = shownRows(MAIN[one.name] || one.ms, cell);
  const all = shownRows(one.ms, cell);
  const section = h("section", { class: "card figure", "aria-labelledby": `figure-${one.name}` },
    h("h2", { id: `figure-${one.name}` }, word(heading)),
    h("p", { class: "figure-n" }, isShown(cell.n) ? word(n, { n: cell.n }) : hiddenText(cell.n)),
    main.length ? timesPlot(main) : null,
    isShown(cell.n) ? sharePlot(share(cell), word(good)) : null,
    all.length > main.length ? h("details", {}, h("summary", {}, word("figures.numbers")), timesTable(all)) : null,
    placed(one, month), rows(one, "by_week", weeks(month)), rows(one, "by_month", one.months.map(ofMonth)));
  setData(section, { type: "figure", id: one.name, n: cell.n, month: chosen_month });
  return section;
}

function rows(one, what, list, rest = null) {
  if (list.length < 2 && !rest) return null;
  const heading = word(`figures.${what}`);
  const part = h("div", {}, h("h3", {}, heading), list.length ? barsPlot(list, `${word(`figures.${SAID[one.name][0]}`)}, ${heading}`) : null, rest);
  setData(part, { part: what });
  return part;
}

/** The kelurahan that may be shown as bars; the others by name, behind a line that opens. */
function placed(one, month) {
  const list = places(one, month);
  const hidden = list.filter(({ n }) => n === null);
  const names = (mark, what) => {
    const found = hidden.filter(({ text }) => text === hiddenText(mark)).map(({ name }) => name);
    return found.length ? h("p", {}, word(what, { names: found.join(", ") })) : null;
  };
  const rest = hidden.length ? h("details", {}, h("summary", {}, word("figures.hidden", { n: hidden.length })),
    names("<5", "figures.hidden_few"), names("-", "figures.hidden_guard")) : null;
  return rows(one, "by_place", list.filter(({ n }) => n !== null), rest);
}

const bar = (id, name, { n }, more = "") => ({ id, name, n: isShown(n) ? n : null, text: isShown(n) ? String(n) : hiddenText(n), more });
const ofMonth = ({ month, cell }) => bar(month, monthText(month), cell);
const weeks = (month) => month.weeks.map(({ since, until, cell }) => bar(since, word("figures.week", { since: dayText(since), until: dayText(until) }), cell));

/** The most first, hidden ones last, and what lies nowhere at the end. */
function places({ name }, month) {
  const size = ({ kelurahan, cell }) => (kelurahan ? (isShown(cell.n) ? cell.n : 0) : -1);
  const sorted = [...month.kelurahan].sort((a, b) => size(b) - size(a) || (a.kelurahan < b.kelurahan ? -1 : 1));
  return sorted.map(({ kelurahan, cell }) => {
    const took = cell.took[NAMED[name]];
    return bar(kelurahan || "elsewhere", kelurahan ? title(kelurahan) : word("figures.elsewhere"), cell, took ? word("figures.half", { p50: halfText(took) }) : "");
  });
}

const halfText = ([p50]) => (p50 < 60 ? word("figures.second", { n: p50 }) : word("figures.minute", { n: Math.round(p50 / 60) }));

/** What may be said of how many were good: exactly, "more than", "less than", or nothing. */
function share({ n, good }) {
  const percent = (part) => Math.round((100 * part) / n);
  if (isShown(good)) return { n: percent(good), text: word("figures.percent", { n: percent(good) }) };
  if (good.startsWith(">")) {
    const least = Math.floor((100 * Number(good.slice(1))) / n);
    return { n: least, text: word("figures.over", { n: least }) };
  }
  if (good.startsWith("<")) return { n: 0, text: word("figures.under", { n: Math.ceil((100 * said.few) / n) }) };
  return { n: null, text: word("figures.no_share") };
}

function reading(day) {
  return h("section", { class: "figures-read", "aria-labelledby": "read" }, h("h2", { id: "read" }, word("figures.read")),
    ["read_dot", "read_few", "read_drill", "read_month"].map((name) => h("p", {}, word(`figures.${name}`))),
    h("p", { class: "soft", data: { part: "as_of" } }, word("figures.as_of", { time: `${fullDay(dayOf(said.as_of))} ${clock(said.as_of)}`, zone: said.zone, day })),
    h("a", { class: "small", href: "/v1/angka.csv", download: "" }, word("figures.csv")));
}

loadWords().then(() => {
  fillWords();
  offerTongues($("#tongues"), () => { fillWords(); if (said) draw(); });
  load();
});
