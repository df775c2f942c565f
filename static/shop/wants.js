// What somebody looks for, as a card with one-tap answers; and what became of
// the shop's own answer.

import { rupiah, stopwatch } from "/static/shared/ages.js";
import { h, put, unlessOff } from "/static/shared/dom.js";
import { word } from "/static/shared/words.js";
import { Field, wholeNumber, wrongPrice } from "/static/shop/fields.js";
import { actText } from "/static/shop/refusals.js";

export function makeWant() {
  return h("li", { class: "card want" });
}

/**
 * Bring a want's or an answer's card up to date. `note`: {act, choosing, ringing,
 * suggestion, want}; `answer(want id, data)` gives the answer, `choose(id, what)`
 * opens and closes the price, `drop(view)` puts the card away.
 */
export function updateWant(card, view, note, tools) {
  card.dataset.type = view.type;
  card.dataset.id = view.id;
  card.dataset.state = view.state;
  card.dataset.ringing = String(note.ringing);
  const face = JSON.stringify([{ ...view, at: null, wave: null, rest_at: null, front: null }, note.act, note.choosing, note.suggestion, Boolean(note.want)]);
  // A price that is being typed is never taken away.
  const typing = card.contains(document.activeElement) && document.activeElement.tagName === "INPUT";
  const same = note.choosing === card.kt_choosing && note.act.pending === card.kt_pending && !note.act.error;
  if (card.kt_face !== face && !card.matches(":active") && !(typing && same)) {
    const typed = card.querySelector("input") ? card.querySelector("input").value : "";
    card.kt_face = face;
    card.kt_choosing = note.choosing;
    card.kt_pending = note.act.pending;
    card.textContent = "";
    card.append(...(view.type === "want" ? wantFace(view, note, tools, typed) : answerFace(view, note, tools, typed)).filter(Boolean));
  }
  const left = card.querySelector(".left");
  if (left && note.want) put(left, word("shop.want_left", { time: stopwatch(note.want.until - tools.now) }));
}

function head(view, title) {
  return [
    h("div", { class: "top" }, h("strong", { class: "state", text: title }), h("span", { class: "left" })),
    h("p", { class: "words" }, view.quantity > 1 ? h("b", { text: `${view.quantity}× ` }) : null, view.words),
  ];
}

function wantFace(want, note, tools, typed) {
  const facts = [word("shop.want_in", { kelurahan: titled(want.kelurahan) })];
  if (want.budget) facts.push(word("shop.want_budget", { price: rupiah(want.budget) }));
  return [
    ...head(want, word("shop.want")),
    h("p", { class: "soft", text: facts.join(" · ") }),
    saidOf(note),
    ...(want.full ? [h("p", { class: "note stripe", text: word("shop.want_full") }), away(want, tools)] : choices(want.id, want, note, tools, typed)),
  ];
}

function answerFace(answer, note, tools, typed) {
  const over = answer.state === "thanked";
  const mine = word("shop.my_answer", { answer: answerText(answer) });
  const changing = note.choosing && note.want && !over;
  return [
    ...head(answer, word(over ? "shop.answer_thanked" : "shop.answer_open")),
    h("p", { class: "soft", text: over ? `${mine} ${word(answer.ended === "picked" ? "shop.answer_other" : "shop.answer_none")}` : mine }),
    saidOf(note),
    ...(changing ? choices(answer.want, note.want, note, tools, typed) : []),
    over ? away(answer, tools) : null,
    !over && !changing && note.want ? h("button", {
      type: "button", class: "quiet", text: word("shop.answer_change"), data: { open: "change" }, on: { click: () => tools.choose(answer.want, "change") },
    }) : null,
  ];
}

function saidOf(note) {
  const said = actText(note.act);
  return said ? h("p", { class: said.kind, role: said.kind === "error" ? "alert" : "status", text: said.text }) : null;
}

function answerText({ kind, price }) {
  return kind === "price" ? word("shop.have_for", { price: rupiah(price) }) : word(`shop.answer_${kind}`);
}

function choices(id, want, note, { answer, choose, drop }, typed) {
  const busy = note.act.pending === null ? null : "true";
  const button = (kind, text, data, cls = "tile") => h("button", {
    type: "button", class: cls, text, "aria-disabled": busy, data: { act: "want.answer", kind }, on: { click: unlessOff(() => answer(id, data)) },
  });
  if (note.choosing === "price") return [priceForm(id, busy, answer, choose, typed)];
  const { suggestion } = note;
  return [
    h("div", { class: suggestion ? "answers" : "answers three" },
      button("have", word("shop.answer_have"), { kind: "have" }, "go"),
      suggestion ? button("price", word("shop.have_for", { price: rupiah(suggestion.price) }), { kind: "price", price: suggestion.price }, "go") : null,
      h("button", { type: "button", class: "tile", text: word(suggestion ? "shop.other_price" : "shop.have_price"), "aria-disabled": busy, data: { open: "price" }, on: { click: unlessOff(() => choose(id, "price")) } }),
      button("can_order", word("shop.answer_can_order"), { kind: "can_order" })),
    note.choosing ? h("button", { type: "button", class: "quiet", text: word("shop.back"), on: { click: () => choose(id, null) } }) : null,
    note.choosing ? null : away(want, { drop }),
  ];
}

function priceForm(id, busy, answer, choose, typed) {
  const price = new Field("price", "price_each", { inputmode: "numeric", maxlength: 14 });
  price.value = typed;
  const submit = (event) => {
    event.preventDefault();
    if (busy) return;
    if (!price.wrong(wrongPrice(price.value))) price.input.focus();
    else answer(id, { kind: "price", price: wholeNumber(price.value) });
  };
  return h("form", { class: "form", novalidate: true, on: { submit } },
    price.element,
    h("div", { class: "row" },
      h("button", { type: "submit", class: "go", text: word("shop.answer_send"), "aria-disabled": busy, data: { act: "want.answer", kind: "price" } }),
      h("button", { type: "button", class: "quiet", text: word("shop.back"), on: { click: () => choose(id, null) } })));
}

function away(view, { drop }) {
  return h("button", { type: "button", class: "quiet", text: word(view.type === "want" ? "shop.have_not" : "shop.ok"), data: { drop: "" }, on: { click: () => drop(view) } });
}

const titled = (name) => name.replace(/\b[a-z]/g, (letter) => letter.toUpperCase());
