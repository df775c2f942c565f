// One order as a card. What it shows follows from its view and from what this
// page is about to say about it (`note`: act, choosing, mine, category).

import { ago, rupiah, stopwatch } from "/static/shared/ages.js";
import { h, put, unlessOff } from "/static/shared/dom.js";
import { word } from "/static/shared/words.js";
import { actText } from "/static/shop/refusals.js";
import { whenText } from "/static/shop/times.js";

export const OVER = new Set(["completed", "rejected", "expired", "cancelled"]);

/** Minutes that one tap accepts with, by the shop's category. */
const PREP_MIN = { food: [5, 10, 20, 30], goods: [10, 30, 60, 120], made_to_order: [60, 240, 720, 1440] };
const REJECT = ["out_of_stock", "too_busy", "closed", "other"];
const CANCEL = ["out_of_stock", "mistake", "other"];
const NEXT = { accepted: ["preparing", "ready"], preparing: ["ready"], ready: ["completed"] };
const LITTLE_MS = 60000;

/** Waiting orders first, those that ring before those for later, the oldest on top; then those in work. */
export function inOrder(orders) {
  const rank = (order) => ({ placed: order.ring === "off" ? 1 : 0, accepted: 2, preparing: 2, ready: 3 })[order.state];
  return [...orders].sort((a, b) => rank(a) - rank(b) || a.placed_at - b.placed_at);
}

export function makeCard() {
  return h("li", { class: "card", data: { type: "order" } });
}

/**
 * Bring a card up to date; it is rebuilt only when something on it changed, and
 * never under a finger. `act(cmd, order, data)` gives a command, `choose(order,
 * what)` opens and closes reasons.
 */
export function updateCard(card, order, note, { act, choose, now }) {
  card.dataset.id = order.id;
  card.dataset.state = order.state;
  card.dataset.ringing = String(note.ringing);
  card.dataset.ring = order.ring;
  card.dataset.receipts = Object.keys(order.receipts || {}).filter((level) => order.receipts[level]).join(" ");
  // Receipts do not show: a card is not rebuilt because one came.
  const face = JSON.stringify([{ ...order, receipts: null, at: null }, note.choosing, note.act, note.mine, note.category, note.busy_min]);
  if (card.kt_face !== face && !card.matches(":active")) {
    const held = card.contains(document.activeElement) ? document.activeElement.dataset.act : null;
    card.kt_face = face;
    card.textContent = "";
    card.append(...faceOf(order, note, act, choose, now));
    if (held) (card.querySelector(`[data-act="${held}"]`) || card.querySelector("button") || card).focus();
  }
  put(card.querySelector(".age"), ago(now - order.placed_at));
  const left = card.querySelector(".left");
  if (!left) return;
  const left_ms = order.expires_at - now;
  put(left, left_ms > 0 ? word("shop.left", { time: stopwatch(left_ms) }) : word("shop.left_none"));
  left.classList.toggle("little", left_ms < LITTLE_MS);
}

function faceOf(order, note, act, choose, now) {
  const said = actText(note.act);
  const waits = order.state === "placed";
  return [
    top(order, note),
    ...stripes(order, now),
    h("ul", { class: "lines" }, order.lines.map(lineOf)),
    h("p", { class: "total" }, h("span", { text: word("shop.total") }), h("b", { text: moneyOf(order) })),
    order.address ? h("p", { class: "address", text: `${word("shop.address")} ${order.address}` }) : null,
    order.note ? h("p", { class: "note", text: `${word("shop.note")}: ${order.note}` }) : null,
    waits ? null : buyerOf(order),
    readyBy(order, now),
    endOf(order),
    said ? h("p", { class: said.kind, role: said.kind === "error" ? "alert" : "status", text: said.text }) : null,
    ...actsOf(order, note, act, choose),
    ...(waits ? lateStripes(order) : []), // Below the buttons: what comes later must not move them under a finger.
    waits ? buyerOf(order) : null, // The answer first: it must be in sight without scrolling.
  ].filter(Boolean);
}

function top(order, note) {
  return h("div", { class: "top" },
    h("strong", { class: "state", text: stateText(order, note) }),
    h("span", { class: "how", text: word(`shop.${order.fulfilment}`) }),
    h("span", { class: order.state === "placed" && order.ring !== "off" ? "left" : "age" }));
}

/** Who took it, by name: "Diambil Mela" on every phone but the one that did. */
function stateText(order, note) {
  if (order.state !== "accepted") return word(`shop.state_${order.state}`);
  return note.mine ? word("shop.state_accepted") : word("shop.taken_by", { name: order.accepted_by });
}

function stripes(order, now) {
  const waits = order.state === "placed";
  return [
    waits && order.ring === "off" ? h("p", { class: "note stripe", text: laterText(order, now) }) : null,
    waits && order.later && order.ring !== "off" ? h("p", { class: "note stripe", text: word("shop.was_later") }) : null,
    order.want ? h("p", { class: "note stripe", text: word("shop.from_want") }) : null,
    order.no_shows ? h("p", { class: "note stripe warn", text: word("shop.no_shows", { n: order.no_shows }) }) : null,
  ];
}

function lateStripes(order) {
  return [
    order.ring === "loud" ? h("p", { class: "insist", text: word("shop.insist") }) : null,
    order.unheard ? h("p", { class: "note stripe warn", text: word("shop.unheard") }) : null,
    order.contacted_at ? contactOf(order) : null,
  ];
}

function laterText(order, now) {
  return order.opens_at ? word("shop.later_at", { when: whenText(order.opens_at, now) }) : word("shop.later");
}

function contactOf({ contact }) {
  if (!contact) return h("p", { class: "note stripe warn", text: word("shop.no_contact") });
  return h("p", { class: "note stripe warn contact" }, h("span", { text: word("shop.contacted", { name: contact.name }) }), phoneLink(contact.phone, contact.name));
}

function phoneLink(phone, name, text = phone) {
  const number = String(phone || "").replace(/[^\d+]/g, "");
  return h("a", { href: `tel:${number}`, text, "aria-label": `${word("shop.phone", { name })}, ${phone}` });
}

function lineOf(line) {
  return h("li", {},
    h("b", { class: "quantity", text: `${line.quantity}×` }),
    h("span", { text: line.name }),
    line.price ? h("span", { class: "price", text: rupiah(line.price * line.quantity) }) : null);
}

/** A want's order without a price: it is agreed between the two. */
export function moneyOf(order) {
  return order.want && !order.total ? word("shop.price_open") : rupiah(order.total);
}

function buyerOf(order) {
  return h("p", { class: "buyer" },
    order.phone ? phoneLink(order.phone, order.name, `${order.name} · ${order.phone}`) : h("span", { text: order.name || word("shop.no_name") }));
}

function readyBy(order, now) {
  if (!["accepted", "preparing"].includes(order.state) || order.prep_min === undefined) return null;
  return h("p", { class: "ready-by", text: word("shop.ready_by", { when: whenText(order.ready_at, now) }) });
}

function endOf(order) {
  if (order.state === "rejected") return h("p", { class: "end", text: word(`shop.reason_${order.reason}`) });
  if (order.state !== "cancelled") return null;
  const shops = order.cancelled_by === "seller";
  const reason = order.reason === "mistake" && !shops ? "buyer_mistake" : `reason_${order.reason || "other"}`;
  return h("p", { class: "end", text: `${word(shops ? "shop.by_seller" : "shop.by_buyer")}: ${word(`shop.${reason}`)}` });
}

// -- what can be done ---------------------------------------------------------------

/** While a tap is under way the card's buttons are off: `busy` is "true", and the card says "Mengirim". */
function actsOf(order, note, act, choose) {
  if (OVER.has(order.state)) return [];
  const busy = note.act.pending === null ? null : "true";
  if (note.choosing === "reject") return reasons(order, busy, act, choose, "order.reject", REJECT);
  if (note.choosing === "cancel") {
    return reasons(order, busy, act, choose, "order.cancel", order.state === "ready" ? ["no_show", ...CANCEL] : CANCEL);
  }
  return order.state === "placed" ? accepting(order, note, busy, act, choose) : advancing(order, busy, act, choose);
}

function advancing(order, busy, act, choose) {
  const steps = NEXT[order.state];
  return [
    h("div", { class: "row steps" }, steps.map((to, at) => h("button", {
      type: "button",
      class: at === steps.length - 1 ? "go" : "big",
      text: word(to === "completed" ? `shop.to_completed_${order.fulfilment}` : `shop.to_${to}`),
      "aria-disabled": busy,
      data: { act: "order.advance", to },
      on: { click: unlessOff(() => act("order.advance", order, { to })) },
    }))),
    opener("cancel", order, busy, choose),
  ];
}

function accepting(order, note, busy, act, choose) {
  return [
    h("p", { class: "ask", text: note.busy_min ? word("shop.accept_busy", { n: note.busy_min }) : word("shop.accept") }),
    h("div", { class: "minutes" }, (PREP_MIN[note.category] || PREP_MIN.goods).map((minutes) => {
      const { n, unit } = spanOf(minutes);
      return h("button", {
        type: "button",
        class: "go",
        "aria-label": word("shop.accept_in", { time: `${n} ${unit}` }),
        "aria-disabled": busy,
        data: { act: "order.accept", prep: minutes },
        on: { click: unlessOff(() => act("order.accept", order, { prep_min: minutes })) },
      }, h("b", { text: String(n) }), h("span", { text: unit }));
    })),
    opener("reject", order, busy, choose),
  ];
}

function spanOf(minutes) {
  if (minutes < 60) return { n: minutes, unit: word("shop.unit_min") };
  return minutes < 1440 ? { n: minutes / 60, unit: word("shop.unit_hour") } : { n: minutes / 1440, unit: word("shop.unit_day") };
}

function opener(what, order, busy, choose) {
  return h("button", { type: "button", class: "quiet", text: word(`shop.${what}`), "aria-disabled": busy, data: { open: what }, on: { click: unlessOff(() => choose(order, what)) } });
}

function reasons(order, busy, act, choose, cmd, list) {
  const question = cmd === "order.reject" ? "reject_why" : "cancel_why";
  return [
    h("p", { class: "ask", text: word(`shop.${question}`) }),
    h("div", { class: "reasons" }, list.map((reason) => h("button", {
      class: "tile",
      type: "button",
      text: word(`shop.reason_${reason}`),
      "aria-disabled": busy,
      data: { act: cmd, reason },
      on: { click: unlessOff(() => act(cmd, order, { reason })) },
    }))),
    h("button", { type: "button", class: "quiet", text: word("shop.back"), on: { click: () => choose(order, null) } }),
  ];
}
