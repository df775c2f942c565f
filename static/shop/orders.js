// One order as a card. What it shows follows from its view, and from what this
// page is about to say about it (`desk`: rejecting, pending, error, ringing).

import { ago, clock, rupiah } from "/static/shared/ages.js";
import { h } from "/static/shared/dom.js";
import { word, words } from "/static/shared/words.js";

export const OVER = new Set(["completed", "rejected", "expired", "cancelled"]);

const PREP_MIN = [10, 20, 30, 45];
const REASONS = ["out_of_stock", "too_busy", "closed", "other"];
const NEXT = { accepted: ["preparing", "ready"], preparing: ["ready"], ready: ["completed"] };

/** The refusal of a command, as a person says it. */
export function refusalText(reply) {
  const winner = reply.data && reply.data.winner;
  if (reply.code === "taken" && winner) return word("shop.error_taken", { name: winner.name });
  const name = `error_${reply.code}`;
  return words("shop")[name] ? word(`shop.${name}`) : word("shop.error_other");
}

/** Waiting orders first, the oldest on top; then those in work. */
export function inOrder(orders) {
  const rank = { placed: 0, accepted: 1, preparing: 1, ready: 2 };
  return [...orders].sort((a, b) => rank[a.state] - rank[b.state] || a.placed_at - b.placed_at);
}

export function makeCard() {
  return h("li", { class: "card", data: { type: "order" } });
}

/**
 * Bring a card up to date; it is rebuilt only when something on it changed.
 * `act(cmd, order, data)` gives a command, `choose(order, rejecting)` opens and
 * closes the reasons.
 */
export function updateCard(card, order, desk, { act, choose, now }) {
  card.dataset.id = order.id;
  card.dataset.state = order.state;
  card.dataset.ringing = String(desk.ringing);
  card.dataset.receipts = Object.keys(order.receipts || {}).filter((level) => order.receipts[level]).join(" ");
  // Receipts do not show: a card is not rebuilt under a finger because one came.
  const face = JSON.stringify([{ ...order, receipts: null, at: null }, desk.rejecting, desk.pending, desk.error]);
  if (card.kt_face !== face) {
    const held = card.contains(document.activeElement) ? document.activeElement.dataset.act : null;
    card.kt_face = face;
    card.textContent = "";
    card.append(...faceOf(order, desk, act, choose));
    if (held) (card.querySelector(`[data-act="${held}"]`) || card.querySelector("button") || card).focus();
  }
  const age = card.querySelector(".age");
  if (age) age.textContent = ago(now - order.placed_at);
}

function faceOf(order, desk, act, choose) {
  return [
    h("div", { class: "top" },
      h("strong", { class: "state", text: word(`shop.state_${order.state}`) }),
      h("span", { class: "how", text: word(`shop.${order.fulfilment}`) }),
      h("span", { class: "age" })),
    h("ul", { class: "lines" }, order.lines.map(lineOf)),
    h("p", { class: "total" }, h("span", { text: word("shop.total") }), h("b", { text: rupiah(order.total) })),
    buyerOf(order),
    order.note ? h("p", { class: "note", text: `${word("shop.note")}: ${order.note}` }) : null,
    readyBy(order),
    desk.error ? h("p", { class: "error", role: "alert", text: desk.error }) : null,
    desk.pending ? h("p", { class: "pending", role: "status", text: word(desk.pending.unsure ? "shop.unsure" : "shop.sending") }) : null,
    ...actsOf(order, desk, act, choose),
  ].filter(Boolean);
}

function lineOf(line) {
  return h("li", {},
    h("b", { class: "quantity", text: `${line.quantity}×` }),
    h("span", { text: line.name }),
    h("span", { class: "price", text: rupiah(line.price * line.quantity) }));
}

function buyerOf(order) {
  const number = String(order.phone || "").replace(/[^\d+]/g, "");
  return h("div", { class: "buyer" },
    number ? h("a", { href: `tel:${number}`, text: `${order.name} · ${order.phone}`, "aria-label": word("shop.phone", { name: order.name }) })
      : h("span", { text: order.name }),
    order.address ? h("p", { class: "address", text: `${word("shop.address")} ${order.address}` }) : null);
}

function readyBy(order) {
  const accepted_at = order.times && order.times.accepted;
  if (!order.prep_min || !accepted_at || !["accepted", "preparing"].includes(order.state)) return null;
  return h("p", { class: "ready-by", text: word("shop.ready_by", { time: clock(accepted_at + order.prep_min * 60000) }) });
}

function actsOf(order, desk, act, choose) {
  const busy = Boolean(desk.pending);
  if (order.state === "placed") return desk.rejecting ? rejecting(order, busy, act, choose) : accepting(order, busy, act, choose);
  const steps = NEXT[order.state] || [];
  if (!steps.length) return [];
  return [h("div", { class: "row steps" }, steps.map((to, at) => h("button", {
    type: "button",
    class: at === steps.length - 1 ? "go" : "big",
    text: word(to === "completed" ? `shop.to_completed_${order.fulfilment}` : `shop.to_${to}`),
    disabled: busy,
    data: { act: "order.advance", to },
    on: { click: () => act("order.advance", order, { to }) },
  })))];
}

function accepting(order, busy, act, choose) {
  return [
    h("p", { class: "ask", text: word("shop.accept") }),
    h("div", { class: "minutes" }, PREP_MIN.map((n) => h("button", {
      type: "button",
      class: "go",
      "aria-label": word("shop.accept_in", { n }),
      disabled: busy,
      data: { act: "order.accept", prep: n },
      on: { click: () => act("order.accept", order, { prep_min: n }) },
    }, h("b", { text: String(n) }), h("span", { text: word("shop.minutes", { n: "" }).trim() })))),
    h("button", { type: "button", class: "quiet", text: word("shop.reject"), disabled: busy, data: { open: "reject" }, on: { click: () => choose(order, true) } }),
  ];
}

function rejecting(order, busy, act, choose) {
  return [
    h("p", { class: "ask", text: word("shop.reject_why") }),
    h("div", { class: "reasons" }, REASONS.map((reason) => h("button", {
      type: "button",
      text: word(`shop.reason_${reason}`),
      disabled: busy,
      data: { act: "order.reject", reason },
      on: { click: () => act("order.reject", order, { reason }) },
    }))),
    h("button", { type: "button", class: "quiet", text: word("shop.back"), on: { click: () => choose(order, false) } }),
  ];
}
