// One request as a card of the board: what is known, who was asked and what each
// phone proved, and what the desk can do.

import { distance, stopwatch } from "/static/shared/ages.js";
import { $, h, keyed, put, refill, setData, show } from "/static/shared/dom.js";
import { word } from "/static/shared/words.js";
import { Actions } from "/static/dispatch/actions.js";
import { isEnded, isHeld, isVisit, isWaiting, waitingSince } from "/static/dispatch/order.js";
import { holderLine, levelOf, marks, placeName, stateLine, timeText, whatWho } from "/static/dispatch/texts.js";

const LEVELS = ["sent", "received", "shown", "audible", "seen"];

const PARTS = ["priority", "place", "age", "state", "landmark", "marks", "holder", "facts", "note", "offers", "more", "error", "timeline"];
const ACTIONS = 6; // cards a frame whose choices are written anew
const KEEP = 400; // cards of requests that are in no list now

export class Cards {
  /** `desk` runs commands and knows the other requests and the roster (see `actions.js`). */
  constructor(desk) {
    this.desk = desk;
    this._cards = new Map(); // request -> its one card, whichever list it is in
    this._kept = new WeakMap(); // card -> {parts, actions, request, text, busy, choices}
  }

  has(id) { return this._cards.has(id); }

  /** The card of a request that has one. */
  card(id) { return this._cards.get(id); }

  make(request) {
    const made = this._cards.get(request.id);
    if (made) return made;
    const part = (tag, name, attributes = {}) => h(tag, { ...attributes, data: { part: name } });
    const actions = new Actions(request.id, this.desk);
    const line = h("details", { class: "line" }, h("summary", {}, word("dispatch.timeline")), part("ol", "timeline"));
    const card = h("li", { class: "req", data: { type: "request", id: request.id }, tabindex: "-1" },
      h("div", { class: "req-head" }, part("b", "priority", { class: "pill" }), part("h3", "place"), part("span", "age", { class: "req-age" })),
      part("p", "state", { class: "req-state" }), part("p", "landmark"), part("ul", "marks", { class: "marks" }),
      part("p", "holder", { class: "req-holder" }), part("p", "facts", { class: "req-facts" }), part("p", "note", { class: "req-note" }),
      part("ul", "offers", { class: "offers" }), part("p", "more", { class: "soft" }),
      actions.element, part("p", "error", { class: "error", role: "status" }),
      h("div", { class: "req-line" }, line,
        h("button", { type: "button", class: "small", data: { act: "medic.read" }, on: { click: () => this.desk.timeline(request.id) } }, word("dispatch.timeline_open"))));
    const parts = Object.fromEntries(PARTS.map((name) => [name, $(`[data-part="${name}"]`, card)]));
    const kept = { parts, actions, request: null };
    line.addEventListener("toggle", () => this._timeline(parts.timeline, kept.request));
    // What is about to be used is as new as it can be.
    for (const event of ["pointerenter", "focusin"]) card.addEventListener(event, () => this._choices(kept));
    this._cards.set(request.id, card);
    this._kept.set(card, kept);
    return card;
  }

  begin() {
    this._room = ACTIONS;
    this._left = false;
  }

  /** Forget the cards of what is gone. Returns whether choices are left to write. */
  end() {
    if (this._cards.size > KEEP) for (const [id, card] of this._cards) if (!card.isConnected && !this.desk.request(id)) this._cards.delete(id);
    return this._left;
  }

  /** Draw what differs from the last time: the view is another object when it changed. */
  update(card, request, now) {
    const kept = this._kept.get(card);
    const text = this.desk.text(request.id);
    const busy = this.desk.busy(request.id);
    if (kept.request !== request || kept.text !== text || kept.busy !== busy) {
      Object.assign(kept, { request, text, busy });
      this._whole(card, kept, now);
    } else this._clock(kept, now);
    if (isEnded(request) || kept.choices === this.desk.choices) return;
    if (this._room > 0) { this._room -= 1; this._choices(kept); } else this._left = true;
  }

  _choices(kept) {
    kept.choices = this.desk.choices;
    if (kept.request) kept.actions.choices(kept.request);
  }

  _whole(card, { parts, actions, request, text }, now) {
    const ended = isEnded(request);
    setData(card, { state: request.state, priority: request.priority, urgency: request.urgency, alone: isWaiting(request) ? "" : null });
    put(parts.priority, isVisit(request) ? word("dispatch.visit") : word(`dispatch.priority_${request.priority}`));
    put(parts.place, placeName(request));
    put(parts.state, stateLine(request));
    put(parts.landmark, request.landmark || "");
    if (ended) put(parts.facts, "");
    else this._facts(parts.facts, request);
    put(parts.note, ended ? "" : request.note || "");
    this._offers(parts.offers, parts.more, request);
    put(parts.error, text);
    this._timeline(parts.timeline, request);
    actions.update(request);
    show(actions.element, !ended);
    this._clock({ parts, request }, now);
    for (const name of ["landmark", "facts", "note", "error"]) show(parts[name], parts[name].textContent);
  }

  /** What time alone changes. */
  _clock({ parts, request }, now) {
    const ended = isEnded(request);
    put(parts.age, stopwatch(ended ? request.at - request.called_at : now - (isWaiting(request) ? waitingSince(request) : request.called_at)));
    marks(parts.marks, request, now);
    put(parts.holder, holderLine(request, this.desk.fix(request), now));
    show(parts.holder, parts.holder.textContent);
  }

  _facts(line, request) {
    const { answers = {} } = request;
    const said = ["breathing", "awake", "bleeding"].filter((question) => answers[question] && answers[question] !== "unknown")
      .map((question) => `${word(`dispatch.answer_${question}`)}: ${word(`dispatch.answer_${answers[question]}`)}`);
    const facts = [`${word("dispatch.for")}: ${word(`dispatch.for_${request.for}`)}`, ...said,
      request.patients > 1 && word("dispatch.patients", { n: request.patients })].filter(Boolean).join(" · ");
    const seen = `${facts}|${request.phone || ""}`;
    if (line.dataset.seen === seen) return;
    line.dataset.seen = seen;
    const phone = (request.phone || "").replace(/[^\d+]/g, "");
    refill(line, facts, " · ", phone ? h("a", { href: `tel:${phone}` }, request.phone) : word("dispatch.phone_none"));
  }

  _offers(list, more, request) {
    const offers = isEnded(request) ? [] : request.offers || [];
    const shown = isHeld(request) && !request.waiting_for_holder ? offers.filter((offer) => offer.state === "won") : offers;
    keyed(list, shown, (offer) => offer.person, makeOffer, updateOffer);
    const rest = Object.values(request.offers_more || {}).reduce((sum, n) => sum + n, 0) + (isEnded(request) ? 0 : offers.length - shown.length);
    put(more, shown.length && rest ? word("dispatch.offers_more", { n: rest }) : "");
    if (isWaiting(request) && !offers.length && !isVisit(request)) put(more, word("dispatch.offers_none"));
    show(more, more.textContent);
  }

  /** Written when somebody opens it: most never do. */
  _timeline(list, request) {
    const lines = request.timeline || [];
    show(list.parentElement, lines.length);
    if (!list.parentElement.open) return;
    keyed(list, lines.map((entry, n) => ({ ...entry, key: `${entry.at}:${n}` })), (entry) => entry.key,
      () => h("li", {}, h("time"), " ", h("span")),
      (row, entry) => {
        put($("time", row), timeText(entry.at));
        put($("span", row), whatWho(entry));
      });
  }
}

function makeOffer(offer) {
  return h("li", { data: { type: "offer", id: offer.person } },
    h("b", { class: "offer-name" }), h("span", { class: "offer-state" }), h("span", { class: "offer-why soft" }),
    h("span", { class: "ticks", role: "img" }, LEVELS.map((level) => h("i", { data: { level } }))));
}

function updateOffer(row, offer) {
  const level = levelOf(offer.receipts, LEVELS);
  setData(row, { state: offer.state, level });
  put($(".offer-name", row), offer.name);
  put($(".offer-state", row), word(`dispatch.offer_${offer.state}`));
  const why = [word(`dispatch.reason_${offer.reason}`), typeof offer.distance_m === "number" && distance(offer.distance_m)];
  put($(".offer-why", row), why.filter(Boolean).join(", "));
  const ticks = $(".ticks", row);
  const spoken = word(`dispatch.receipt_${level || "none"}`);
  if (ticks.getAttribute("aria-label") !== spoken) {
    ticks.setAttribute("aria-label", spoken);
    ticks.setAttribute("title", spoken);
  }
  for (const tick of ticks.children) setData(tick, { given: offer.receipts && offer.receipts[tick.dataset.level] ? "" : null });
}
