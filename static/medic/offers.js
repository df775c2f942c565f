// Offers as cards: what a medic sees before accepting, and how one ended.

import { clock, stopwatch } from "/static/shared/ages.js";
import { $, h, icon, isOff, put, putIcon, setData, show, turnOff } from "/static/shared/dom.js";
import { word } from "/static/shared/words.js";

const FRESH_MS = 12000;

/** Offers that make a card: open ones, and those that ended a moment ago. */
export function onTop(offers, now) {
  return offers.filter((offer) => offer.state === "open" || (isOver(offer) && now - offer.at < FRESH_MS))
    .sort((a, b) => rank(a) - rank(b) || a.called_at - b.called_at);
}

/** The last few that are over, newest first. */
export function past(offers, now) {
  return offers.filter((offer) => isOver(offer) && now - offer.at >= FRESH_MS)
    .sort((a, b) => b.at - a.at).slice(0, 5);
}

const ENDED = new Set(["cleared", "cancelled", "handed_over", "closed"]);

export const isHeld = (offer) => offer.state === "won" && !ENDED.has(offer.request_state);
const isOver = (offer) => offer.state !== "open" && !isHeld(offer);
const rank = (offer) => (offer.state !== "open" ? 9 : (offer.drill ? 4 : 0) + ["red", "yellow", "green", "visit"].indexOf(offer.need));

/** How an offer ended, in words that name who has it. */
export function ending(offer) {
  if (offer.state === "stood_down") {
    const name = offer.winner && offer.winner.name;
    return name ? word("medic.past_stood_down", { name }) : word("medic.past_stood_down_unnamed");
  }
  if (offer.state === "declined") return word("medic.past_declined");
  if (offer.state === "won" && offer.request_state && offer.request_state !== "cleared") {
    return word(`medic.past_${offer.request_state}`);
  }
  return word(offer.state === "won" ? "medic.past_won" : "medic.past_withdrawn");
}

/** What an ear must know at once of an offer that rings. */
export function spoken(offer) {
  const parts = [offer.drill && word("medic.drill"), offer.assigned && word("medic.assigned"), word(`medic.need_${offer.need}`), placeName(offer),
    offer.distance_band && word(`medic.band_${offer.distance_band}`)];
  return parts.filter(Boolean).join(", ");
}

export const placeName = (offer) => title(offer.kelurahan) || word("medic.place_unknown");

export const title = (text) => (text || "").replace(/(^|\s)\S/g, (letter) => letter.toUpperCase());

/** `on` has accept, decline, hush, touch: each called with the offer's id. */
export function makeCard(offer, on) {
  const id = offer.id;
  const act = (name, cls, text, run) => h("button", {
    type: "button", class: cls, data: { act: name }, on: { click: (event) => { if (!isOff(event.currentTarget)) run(id); } },
  }, text);
  const card = h("li", { class: "offer", data: { type: "offer", id }, on: { pointerdown: (event) => touch(event, on, id), keydown: (event) => touch(event, on, id) } },
    h("p", { class: "band-drill offer-drill" }, word("medic.drill")),
    h("div", { class: "offer-need" }, icon("medic"), h("b", { class: "offer-need-word" }), h("span", { class: "offer-age" })),
    h("p", { class: "offer-place" }),
    h("p", { class: "offer-distance" }),
    h("p", { class: "offer-backup" }, word("medic.backup_for")),
    h("p", { class: "offer-grace" }, word("medic.may_cancel")),
    h("p", { class: "offer-end" }),
    h("div", { class: "offer-acts" },
      act("medic.accept", "big go offer-accept", word("medic.accept"), on.accept),
      h("button", { type: "button", class: "big", data: { hush: "" }, on: { click: () => on.hush(id) } }, word("medic.hush")),
      act("medic.decline", "big", word("medic.decline"), on.decline)),
    h("p", { class: "error offer-error", role: "status" }));
  return card;
}

/** A person's finger or key, not a script's. */
function touch(event, on, id) {
  if (event.isTrusted && event.key !== "Tab") on.touch(id);
}

/** `ringing` draws the rhythm around the card; `busy` and `error` belong to its last tap. */
export function updateCard(card, offer, { now, ringing, busy, error }) {
  const open = offer.state === "open";
  setData(card, { state: offer.state, need: offer.need, ringing: ringing ? "" : null });
  show($(".offer-drill", card), offer.drill);
  putIcon($(".offer-need .icon", card), `need_${offer.need}`);
  put($(".offer-need-word", card), word(`medic.need_${offer.need}`));
  put($(".offer-age", card), open ? word("medic.ago", { age: stopwatch(now - offer.called_at) }) : clock(offer.at));
  put($(".offer-place", card), placeName(offer));
  put($(".offer-distance", card), word(`medic.band_${offer.distance_band || "unknown"}`));
  show($(".offer-distance", card), open);
  show($(".offer-backup", card), open && offer.backup);
  show($(".offer-grace", card), open && !offer.backup && now < offer.grace_until); // Nobody called for a colleague's help.
  put($(".offer-end", card), open ? "" : ending(offer));
  show($(".offer-end", card), !open);
  show($(".offer-acts", card), open);
  show($("[data-hush]", card), ringing);
  for (const button of card.querySelectorAll("[data-act]")) turnOff(button, busy);
  put($(".offer-accept", card), word(busy === "medic.accept" ? "medic.accepting" : "medic.accept"));
  put($(".offer-error", card), open ? error : "");
}

export function makePast(offer) {
  return h("li", { data: { type: "offer", id: offer.id } },
    h("span", { class: "past-place" }), h("b", { class: "past-end" }), h("time", { class: "soft" }));
}

export function updatePast(row, offer) {
  setData(row, { state: offer.state });
  put($(".past-place", row), placeName(offer));
  put($(".past-end", row), ending(offer));
  put($("time", row), clock(offer.at));
}
