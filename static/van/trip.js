// The trip as the crew sees it: what is next, in one big button, and the list.

import { clock } from "/static/shared/ages.js";
import { h } from "/static/shared/dom.js";
import { word, words } from "/static/shared/words.js";

/**
 * What the crew has to do now, from the van's view.
 *
 * Returns `{step, stop}`: "serve" (it stands at `stop`), "reach" (`stop` is
 * next), "finished", or "no_trip".
 */
export function whatNow(van) {
  const trip = van.trip || [];
  const at = trip.find((each) => each.state === "arrived" && each.stop === van.stop);
  if (van.state === "at_stop" && at) return { step: "serve", stop: at };
  const next = trip.find((each) => each.stop === van.next && each.state === "expected")
    || trip.find((each) => each.state === "expected");
  if (next) return { step: "reach", stop: next };
  return { step: trip.length ? "finished" : "no_trip", stop: null };
}

/** The refusal of a command, as a person says it. */
export function refusalText(reply) {
  const name = `error_${reply.code}`;
  return words("van")[name] ? word(`van.${name}`) : word("van.error_other");
}

/** The card of what is now. `said` = {pending: null | {unsure}, error, skipping}. */
export function nowCard(van, said, { act, askSkip }) {
  const { step, stop } = whatNow(van);
  if (!stop) return [h("p", { class: "finished", data: { step }, text: word(`van.${step}`) })];
  const busy = Boolean(said.pending);
  return [
    h("p", { class: "which", text: word(step === "serve" ? "van.here" : "van.next") }),
    h("h2", { class: "stop-name", text: stop.name }),
    h("p", { class: "stop-place" }, h("span", { class: "kelurahan", text: stop.kelurahan }), ` · ${word("van.at", { time: clock(stop.scheduled_at) })}`),
    said.error ? h("p", { class: "error", role: "alert", text: said.error }) : null,
    ...(step === "serve" ? serving(stop, busy, act) : reaching(van, stop, busy, said, act, askSkip)),
    busy ? h("p", { class: "pending", text: word(said.pending.unsure ? "van.unsure" : "van.sending") }) : null,
  ].filter(Boolean);
}

const command = (cmd, stop, busy, act, kind, text) => h("button", {
  type: "button", class: kind, text, disabled: busy, data: { act: cmd, stop: stop.stop }, on: { click: () => act(cmd, stop) },
});

function serving(stop, busy, act) {
  return [command("van.depart", stop, busy, act, "huge depart", word("van.depart"))];
}

function reaching(van, stop, busy, said, act, askSkip) {
  if (!said.skipping) {
    return [
      van.state === "off" ? command("van.depart", stop, busy, act, "big", word("van.depart")) : null,
      command("van.arrive", stop, busy, act, "huge", word("van.arrive")),
      h("button", {
        type: "button", class: "quiet", text: word("van.skip"), disabled: busy, data: { open: "skip" }, on: { click: () => askSkip(true) },
      }),
    ];
  }
  return [
    h("p", { class: "ask", text: word("van.skip_sure", { stop: stop.name }) }),
    h("div", { class: "row" },
      command("van.skip", stop, busy, act, "big", word("van.skip_yes")),
      h("button", { type: "button", class: "big", text: word("van.skip_no"), on: { click: () => askSkip(false) } })),
  ];
}

export function makeStop() {
  return h("li", { class: "stop", data: { type: "stop" } },
    h("span", { class: "name" }), h("span", { class: "kelurahan" }), h("span", { class: "when" }));
}

export function updateStop(element, stop, current) {
  Object.assign(element.dataset, { id: stop.stop, state: stop.state });
  if (current) element.setAttribute("aria-current", "step");
  else element.removeAttribute("aria-current");
  const time = clock(stop.state === "arrived" && stop.arrived_at ? stop.arrived_at : stop.scheduled_at);
  element.querySelector(".name").textContent = stop.name;
  element.querySelector(".kelurahan").textContent = stop.kelurahan;
  element.querySelector(".when").textContent = word(`van.stop_${stop.state}`, { time });
}
