// The whole way of one request as a sheet: every step with who and when, every wave
// with whom it asked and why, and of every phone what it proved and after how many
// milliseconds. It is read when it is opened, and read anew by a tap.

import { distance, stopwatch } from "/static/shared/ages.js";
import { h, put, refill } from "/static/shared/dom.js";
import { word } from "/static/shared/words.js";
import { listed, placeName, timeText, whatWho } from "/static/dispatch/texts.js";

const LEVELS = ["sent", "received", "shown", "audible", "seen"];
/** Steps after which waves count from one again. */
const ANEW = new Set(["released", "others_asked"]);

/**
 * Open the sheet of a request. `read(from)` resolves to the reply of `medic.read`, `text()` says
 * what became of the last one.
 */
export function timelineSheet(panel, request, read, text) {
  const said = h("p", { class: "soft", role: "status" });
  const body = h("div", { class: "whole", data: { type: "timeline", id: request.id } });
  const again = h("button", { type: "button", class: "small", data: { act: "medic.read" }, on: { click: () => load() } }, word("dispatch.timeline_again"));
  let reading = false; // The button stays enabled: a disabled one loses the focus, and Escape with it.
  async function load() {
    if (reading) return;
    reading = true;
    put(said, word("dispatch.timeline_reading"));
    const whole = await readAll(read);
    reading = false;
    if (!whole) { put(said, text()); return; }
    put(said, word("dispatch.timeline_read", { time: timeText(whole.request.at) }));
    refill(body, steps(whole), waves(whole));
    body.dataset.state = whole.request.state;
  }
  panel.open(`${word("dispatch.timeline")}: ${placeName(request)}, ${timeText(request.called_at)}`, [h("div", { class: "whole-head" }, said, again), body],
    { closing: word("dispatch.timeline_close") });
  return load();
}

/** The request with the offers of all parts, or null when one of them was not told. */
async function readAll(read) {
  let whole = null;
  for (let from = 0; from !== undefined;) {
    const reply = await read(from);
    if (!reply.ok || !reply.data.request) return null;
    const { request, timeline, next } = reply.data;
    whole = { request, timeline, offers: [...(whole ? whole.offers : []), ...request.offers] };
    from = next;
  }
  return whole;
}

// -- steps ---------------------------------------------------------------------------------

function steps({ request, timeline }) {
  const row = (entry) => h("li", { data: { what: entry.what, at: entry.at } },
    h("time", {}, timeText(entry.at)), h("span", { class: "soft" }, `+${stopwatch(entry.at - request.called_at)}`), h("span", {}, whatWho(entry)));
  return h("section", {}, h("h3", {}, word("dispatch.timeline_steps")), h("ol", { class: "whole-steps" }, timeline.map(row)));
}

// -- who was asked ---------------------------------------------------------------------------

function waves({ timeline, offers }) {
  const heading = h("h3", {}, word("dispatch.timeline_asked"));
  if (!offers.length) return h("section", {}, heading, h("p", { class: "soft" }, word("dispatch.timeline_nobody")));
  const anew = timeline.filter(({ what }) => ANEW.has(what)).map(({ at }) => at);
  const names = new Map(offers.map(({ person, name }) => [person, name]));
  const groups = new Map();
  for (const offer of offers) {
    const round = anew.filter((at) => at <= offer.offered_at).length;
    const key = `${round}.${offer.wave}`;
    if (!groups.has(key)) groups.set(key, { round, wave: offer.wave, offers: [] });
    groups.get(key).offers.push(offer);
  }
  return h("section", {}, heading, [...groups.values()].map((group) => wave(group, names)));
}

function wave({ round, wave: n, offers }, names) {
  const title = word("dispatch.timeline_wave", { n, asked: offers.length });
  return h("section", { data: { wave: n, round } }, h("h4", {}, round ? `${title} ${word("dispatch.timeline_round", { n: round + 1 })}` : title),
    h("ul", { class: "whole-asked" }, offers.map((offer) => asked(offer, names))));
}

function asked(offer, names) {
  const why = [word(`dispatch.reason_${offer.reason}`), typeof offer.distance_m === "number" && distance(offer.distance_m), offer.vehicle].filter(Boolean).join(", ");
  return h("li", { data: { type: "offer", id: offer.person, state: offer.state } },
    h("p", {}, h("b", {}, offer.name), " ", h("span", { class: "soft" }, why)),
    h("p", {}, word("dispatch.timeline_offered", { time: timeText(offer.offered_at) }), "; ", ending(offer, names)),
    h("ul", { class: "proofs" }, LEVELS.map((level) => proof(offer, level))));
}

function ending({ state, ended_at, winner, replaced }, names) {
  const parts = [word(`dispatch.offer_${state}`), ended_at && timeText(ended_at), winner && word("dispatch.timeline_winner", { name: names.get(winner) || winner })];
  return [parts.filter(Boolean).join(" "), replaced && word("dispatch.timeline_replaced")].filter(Boolean).join("; ");
}

function proof({ receipts = {}, offered_at }, level) {
  const at = receipts[level];
  const ms = at === undefined ? null : Math.max(0, at - offered_at);
  const text = ms === null ? word("dispatch.timeline_unproven") : `${String(ms).replace(/\B(?=(\d{3})+$)/g, ".")} ms`;
  return h("li", { data: { level, ms } }, h("span", {}, listed("receipt", level)), " ", h("b", {}, text));
}
