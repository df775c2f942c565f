// The trip as the crew sees it: what is next, in one big button, and the list.

import { ago, clock } from "/static/shared/ages.js";
import { h, unlessOff } from "/static/shared/dom.js";
import { word } from "/static/shared/words.js";
import { delay } from "/static/van/line.js";

export { refusalText } from "/static/van/refusals.js";

const REASONS = ["road", "time", "van", "nobody", "other"];
const OLD_FIX_MS = 90000;

/**
 * What the crew has to do now, from the van's view.
 *
 * Returns `{step, stop}`: "serve" (it stands at `stop`), "reach" (`stop` is
 * next), "finished", "cancelled", or "no_trip".
 */
export function whatNow(van) {
  const trip = van.trip || [];
  if (van.trip_state === "cancelled") return { step: "cancelled", stop: null };
  const at = trip.find((each) => each.state === "arrived" && each.stop === van.stop);
  if (van.state === "at_stop" && at) return { step: "serve", stop: at };
  const next = trip.find((each) => each.stop === van.next && each.state === "expected")
    || trip.find((each) => each.state === "expected");
  if (next) return { step: "reach", stop: next };
  return { step: trip.length ? "finished" : "no_trip", stop: null };
}

/** A skipped stop that the crew goes to after all, if that is still open. */
const afterAll = (van, said) => (van.state === "at_stop" ? null : (van.trip || []).find((each) => each.stop === said.afterAll && each.state === "skipped"));

/**
 * The card of what is now. `said` = {pending: null | {unsure}, error, skipping, reason, leaving, afterAll};
 * `queue` = {waiting: numbers at this stop that are not settled}; `now`: the city's clock.
 */
export function nowCard(van, said, { act, say }, { waiting = 0, now = 0 } = {}) {
  const again = afterAll(van, said);
  const { step, stop } = again ? { step: "again", stop: again } : whatNow(van);
  if (!stop) return over(van, step);
  const busy = said.pending ? "true" : null; // its buttons are off, and the card says why
  const given = { van, stop, busy, said, act, say, waiting };
  const buttons = { serve: serving, reach: reaching, again: goingAfterAll }[step](given);
  return [
    h("p", { class: "which", text: word({ serve: "van.here", reach: "van.next", again: "van.again" }[step]) }),
    h("h2", { class: "stop-name", text: stop.name }),
    h("p", { class: "stop-place" }, h("span", { class: "kelurahan", text: stop.kelurahan }), ` · ${word("van.at", { time: clock(stop.scheduled_at) })}`),
    ...(step === "again" ? [] : times(step, stop, van.at, now)),
    said.error ? h("p", { class: "error", role: "alert", text: said.error }) : null,
    ...buttons,
    busy ? h("p", { class: "pending", text: word(said.pending.unsure ? "van.unsure" : "van.sending") }) : null,
  ].filter(Boolean);
}

function over(van, step) {
  const reason = step === "cancelled" && van.reason;
  return [h("p", { class: "finished", data: { step }, text: word(`van.${step}`) }), reason ? h("p", { text: reason }) : null].filter(Boolean);
}

function times(step, stop, at, now) {
  const { scheduled_at, arrived_at, eta } = stop;
  const came = step === "serve" && arrived_at ? { low: arrived_at, high: arrived_at } : eta;
  const text = step === "serve" ? arrived_at && word("van.stop_arrived", { time: clock(arrived_at) }) : foretold(stop, at, now);
  return [h("p", { class: "foretold", text: text || "" }), came ? h("p", { class: "delay", text: delayText(scheduled_at, came) }) : null];
}

/** When the van reaches a stop, never more exact than the hub says it. `at`: when that was said. */
export function foretold({ eta }, at, now) {
  if (!eta) return word("van.by_plan");
  const times = { low: clock(eta.low), high: clock(eta.high) };
  const range = times.low === times.high ? word("van.about", times) : word("van.between", times);
  const age_ms = eta.fix_age_s === undefined ? 0 : eta.fix_age_s * 1000 + Math.max(0, now - at);
  const source = eta.from === "schedule" ? word("van.from_plan") : age_ms > OLD_FIX_MS ? word("van.from_old_fix", { age: ago(age_ms) }) : null;
  return [range, source].filter(Boolean).join(", ");
}

function delayText(scheduled_at, { low, high }) {
  const { name, ...values } = delay(scheduled_at, low, high);
  return word(`van.delay_${name}`, values);
}

const command = (cmd, { stop, busy, act, said }, kind, text) => h("button", {
  type: "button", class: kind, text, "aria-disabled": busy, data: { act: cmd, stop: stop.stop }, on: { click: unlessOff(() => act(cmd, stop, cmd === "van.skip" && said.reason ? { reason: said.reason } : {})) },
});

const other = (text, tap, busy, data = {}) => h("button", { type: "button", class: "quiet", text, "aria-disabled": busy, data, on: { click: unlessOff(tap) } });

const pair = (...buttons) => h("div", { class: "row" }, ...buttons);

const no = (tap) => h("button", { type: "button", class: "big", text: word("van.skip_no"), on: { click: tap } });

/** Leaving takes every number that still waits: that is asked first, and only then. */
function serving(given) {
  const { said, say, busy, waiting } = given;
  if (!waiting) return [command("van.depart", given, "huge depart", word("van.depart"))];
  if (!said.leaving) {
    return [h("button", { type: "button", class: "huge depart", text: word("van.depart"), "aria-disabled": busy, data: { open: "depart" }, on: { click: unlessOff(() => say({ leaving: true })) } })];
  }
  return [
    h("p", { class: "ask", text: word("van.depart_sure", { n: waiting }) }),
    pair(command("van.depart", given, "big", word("van.depart_yes")), no(() => say({ leaving: false }))),
  ];
}

function reaching(given) {
  const { van, said, say, busy } = given;
  if (!said.skipping) {
    return [
      van.state === "off" ? command("van.depart", given, "big", word("van.depart")) : null,
      command("van.arrive", given, "huge", word("van.arrive")),
      other(word("van.skip"), () => say({ skipping: true, reason: null }), busy, { open: "skip" }),
    ];
  }
  const reason = (name) => h("button", {
    type: "button", text: word(`van.reason_${name}`), "aria-disabled": busy, "aria-pressed": String(said.reason === name), data: { reason: name },
    on: { click: unlessOff(() => say({ reason: said.reason === name ? null : name })) },
  });
  return [
    h("p", { class: "ask", text: word("van.skip_sure", { stop: given.stop.name }) }),
    h("div", { class: "tiles", role: "group", "aria-label": word("van.skip_why") }, ...REASONS.map(reason)),
    pair(command("van.skip", given, "big", word("van.skip_yes")), no(() => say({ skipping: false }))),
    h("p", { class: "hint", text: word("van.skip_undo") }),
  ];
}

function goingAfterAll(given) {
  return [
    command("van.arrive", given, "huge", word("van.arrive")),
    other(word("van.again_no"), () => given.say({ afterAll: null }), given.busy),
  ];
}

/** A row of the list; `again(stop id)`: the crew goes to a skipped stop after all. */
export function makeStop(again) {
  const row = h("li", { class: "stop", data: { type: "stop" } },
    h("span", { class: "name" }), h("span", { class: "kelurahan" }), h("span", { class: "when" }),
    h("button", { type: "button", class: "quiet", hidden: true, text: word("van.again_open"), data: { open: "again" }, on: { click: () => again(row.dataset.id) } }));
  return row;
}

export function updateStop(element, stop, current, open) {
  Object.assign(element.dataset, { id: stop.stop, state: stop.state });
  if (current) element.setAttribute("aria-current", "step");
  else element.removeAttribute("aria-current");
  const time = clock(stop.state === "arrived" && stop.arrived_at ? stop.arrived_at : stop.scheduled_at);
  const why = stop.reason ? word("van.stop_skipped_why", { why: word(`van.reason_${stop.reason}`) }) : null;
  element.querySelector(".name").textContent = stop.name;
  element.querySelector(".kelurahan").textContent = stop.kelurahan;
  element.querySelector(".when").textContent = why || word(`van.stop_${stop.state}`, { time });
  const button = element.querySelector("button");
  button.hidden = !(stop.state === "skipped" && open);
  button.setAttribute("aria-label", `${word("van.again_open")}: ${stop.name}`);
}
