// One request as a card of the board: what is known, who was asked and what each
// phone proved, and what the desk can do.

import { distance, stopwatch } from "/static/shared/ages.js";
import { $, h, keyed, put, refill, setData, show } from "/static/shared/dom.js";
import { word } from "/static/shared/words.js";
import { Actions } from "/static/dispatch/actions.js";
import { isEnded, isHeld, isVisit, isWaiting, waitingSince } from "/static/dispatch/order.js";
import { holderLine, levelOf, marks, placeName, stateLine, timeText, whatWho } from "/static/dispatch/texts.js";

const LEVELS = ["sent", "received", "shown", "audible", "seen"];

export class Cards {
  /** `desk` runs commands and knows the other requests and the roster (see `actions.js`). */
  constructor(desk) {
    this.desk = desk;
    this._actions = new WeakMap();
  }

  make(request) {
    const part = (tag, name, attributes = {}) => h(tag, { ...attributes, data: { part: name } });
    const actions = new Actions(request.id, this.desk);
    const card = h("li", { class: "req", data: { type: "request", id: request.id }, tabindex: "-1" },
      h("div", { class: "req-head" }, part("b", "priority", { class: "pill" }), part("h3", "place"), part("span", "age", { class: "req-age" })),
      part("p", "state", { class: "req-state" }), part("p", "landmark"), part("ul", "marks", { class: "marks" }),
      part("p", "holder", { class: "req-holder" }), part("p", "facts", { class: "req-facts" }), part("p", "note", { class: "req-note" }),
      part("ul", "offers", { class: "offers" }), part("p", "more", { class: "soft" }),
      actions.element, part("p", "error", { class: "error", role: "status" }),
      h("div", { class: "req-line" }, h("details", { class: "line" }, h("summary", {}, word("dispatch.timeline")), part("ol", "timeline")),
        h("button", { type: "button", class: "small", data: { act: "medic.read" }, on: { click: () => this.desk.timeline(request.id) } }, word("dispatch.timeline_open"))));
    this._actions.set(card, actions);
    return card;
  }

  update(card, request, now) {
    const at = (name) => $(`[data-part="${name}"]`, card);
    setData(card, { state: request.state, priority: request.priority, urgency: request.urgency, alone: isWaiting(request) ? "" : null });
    put(at("priority"), isVisit(request) ? word("dispatch.visit") : word(`dispatch.priority_${request.priority}`));
    put(at("place"), placeName(request));
    put(at("age"), stopwatch(isEnded(request) ? request.at - request.called_at : now - (isWaiting(request) ? waitingSince(request) : request.called_at)));
    put(at("state"), stateLine(request));
    put(at("landmark"), request.landmark || "");
    marks(at("marks"), request, now);
    put(at("holder"), holderLine(request, this.desk.fix(request), now));
    if (!isEnded(request)) this._facts(at("facts"), request);
    put(at("note"), request.note || "");
    this._offers(at("offers"), at("more"), request);
    put(at("error"), this.desk.text(request.id));
    this._timeline(at("timeline"), request);
    this._actions.get(card).update(request);
    show(this._actions.get(card).element, !isEnded(request));
    if (isEnded(request)) for (const name of ["facts", "note"]) put(at(name), "");
    for (const name of ["landmark", "holder", "facts", "note", "error"]) show(at(name), at(name).textContent);
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

  _timeline(list, request) {
    const lines = request.timeline || [];
    show(list.parentElement, lines.length);
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
