// Fields of a form, each with its name, what it is for, and in words what is
// wrong with it. What was typed stays.

import { attribute, h, put } from "/static/shared/dom.js";
import { word } from "/static/shared/words.js";

let count = 0;

export class Field {
  /** `label` and `hint` are words of the shop's section; `attributes` are the input's. */
  constructor(name, label, attributes = {}, hint = null) {
    count += 1;
    const id = `f${count}-${name}`;
    this.name = name;
    this.input = h("input", { id, name, autocomplete: "off", "aria-describedby": `${id}-why`, ...attributes });
    this.why = h("p", { class: "why", id: `${id}-why` });
    this.element = h("div", { class: "field" },
      h("label", { for: id }, h("span", { text: word(`shop.${label}`) }), hint ? h("small", { text: word(`shop.${hint}`) }) : null),
      this.input, this.why);
  }

  get value() { return this.input.value.trim(); }
  set value(text) { this.input.value = text; }

  /** Say what is wrong (null: nothing). Returns whether it is right. */
  wrong(text) {
    put(this.why, text || "");
    attribute(this.input, "aria-invalid", text ? "true" : null);
    return !text;
  }
}

/** Put the focus where the first mistake is. */
export function focusWrong(fields) {
  const first = fields.find((field) => field.input.getAttribute("aria-invalid") === "true");
  if (first) first.input.focus();
  return Boolean(first);
}

const GROUPED = /^\d{1,3}([.,\s]\d{3})+$/;

/** A whole number as people write it: "12000", "12.000", "Rp 12.000". NaN when it is none. */
export function wholeNumber(text) {
  const bare = text.replace(/^rp\.?\s*/i, "").trim();
  if (/^\d+$/.test(bare)) return Number(bare);
  return GROUPED.test(bare) ? Number(bare.replace(/[.,\s]/g, "")) : NaN;
}

const MOST_RUPIAH = 1000000000;
const MOST_STOCK = 1000000;
const PHONE = /^\+?[0-9][0-9 ().-]{4,19}$/;

/** Each gives what is wrong in words, or null. */
export const wrongName = (text) => (!text ? word("shop.wrong_name") : text.length > 60 ? word("shop.wrong_long", { n: 60 }) : null);

export function wrongPrice(text) {
  const price = wholeNumber(text);
  if (/^-/.test(text)) return word("shop.wrong_negative");
  if (Number.isNaN(price)) return word("shop.wrong_price");
  return price > MOST_RUPIAH ? word("shop.wrong_price_most") : null;
}

export function wrongStock(text) {
  if (!text) return null;
  const stock = wholeNumber(text);
  if (Number.isNaN(stock)) return word("shop.wrong_stock");
  return stock > MOST_STOCK ? word("shop.wrong_stock_most") : null;
}

export const wrongPhone = (text) => (PHONE.test(text) ? null : word("shop.wrong_phone"));
