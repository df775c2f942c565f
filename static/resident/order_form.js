// The form of an order: what and how many, for whom, and one button. What was
// chosen is kept on this device; an order on its way is drawn where its button was.

import { rupiah } from "/static/shared/ages.js";
import { attribute, h, keyed, put, setData, show } from "/static/shared/dom.js";
import { word } from "/static/shared/words.js";
import { standing } from "./acts.js";
import { basketOf } from "./basket.js";
import { MOST_LINES, most, soldOut } from "./market.js";
import { Stepper } from "./stepper.js";
import { Who } from "./who.js";

const FEW = 30; // products drawn before "all"
const FILTERED_FROM = 12;

export class OrderForm {
  constructor({ app, mine, replace, id, product }) {
    Object.assign(this, { app, mine, replace, id, wanted: product, key: `shop ${id}`, said: null, all: false });
    this.basket = basketOf(id);
    this.who = new Who({ onChange: () => this.draw(this.shop) });
    this.filter = h("input", { type: "search", autocomplete: "off", maxlength: 60, form: "none", on: { input: () => this.draw(this.shop) } }); // Enter there sends nothing
    this.filter_field = h("label", { class: "field", hidden: true }, h("span", { class: "unseen", text: word("resident.filter_products") }), this.filter);
    this.filter.placeholder = word("resident.filter_products");
    this.list = h("ul", { class: "order-lines" });
    this.none = h("p", { class: "empty", role: "status", hidden: true });
    this.rest = h("button", { type: "button", class: "big", hidden: true, on: { click: () => { this.all = true; this.draw(this.shop); } } }, word("resident.all_products"));
    this.note = h("textarea", { name: "note", rows: 2, maxlength: 200, on: { input: () => this.basket.setNote(this.note.value.trim()) } });
    this.note.value = this.basket.note;
    this.details = h("fieldset", { hidden: true }, h("legend", { class: "unseen", text: word("resident.for_whom") }), h("div", { class: "order-details" },
      this.who.element, h("label", { class: "field" }, h("span", { text: word("resident.order_note") }), this.note), h("p", { class: "soft", text: word("resident.pay_shop") })));
    this.element = h("form", { id: "order", class: "order-form", novalidate: true, on: { submit: (event) => this._submit(event) } },
      this.filter_field, this.list, this.none, this.rest, this.details);
    this.error = h("p", { class: "note order-said", role: "alert" });
    this.total = h("p", { class: "order-total", role: "status" });
    this.submit = h("button", { class: "go big", form: "order", data: { act: "order.place", shop: id } });
    this.never = h("button", { type: "button", class: "quiet", hidden: true, on: { click: () => this._never() } }, word("resident.never_mind"));
    this.foot = h("div", { class: "order-foot" }, this.error, h("div", { class: "order-do" }, this.total, this.submit, this.never));
    const known = this.record;
    if (known && known.state === "refused") this._refused(known);
  }

  get record() { return this.mine.acts.of(this.key); }

  leave() {
    const { record } = this;
    if (record && record.state === "refused") this.mine.acts.forget(record);
  }

  // -- drawing --------------------------------------------------------------------------

  draw(shop) {
    if (!shop) return;
    this.shop = shop;
    this._want(shop);
    const products = this._shown(shop);
    keyed(this.list, products, (product) => product.id, (product) => this._product(product), (row, product) => this._drawProduct(row, product));
    show(this.none, !products.length);
    put(this.none, word((shop.products || []).length ? "resident.filter_none" : "resident.no_products"));
    const lines = this._lines();
    show(this.details, lines.length > 0);
    const record = this.record;
    const busy = Boolean(record && record.state !== "refused");
    this.details.disabled = busy;
    this.list.classList.toggle("locked", busy);
    this._foot(shop, lines, record, busy);
  }

  /** The product that was tapped in the search, once. */
  _want(shop) {
    const product = this.wanted && (shop.products || []).find(({ id }) => id === this.wanted);
    if (!product) return;
    this.wanted = null;
    if (!this.basket.count(product.id) && !this.record && most(product) > 0) this.basket.set(product.id, 1);
  }

  _shown(shop) {
    const products = shop.products || [];
    show(this.filter_field, products.length > FILTERED_FROM);
    const words = this.filter.value.toLowerCase().split(/\s+/).filter(Boolean);
    const found = products.filter(({ id, name }) => this.basket.count(id) || words.every((each) => name.toLowerCase().includes(each)));
    found.sort((a, b) => Number(soldOut(a)) - Number(soldOut(b)));
    show(this.rest, !this.all && found.length > FEW);
    return this.all ? found : found.filter(({ id }, place) => place < FEW || this.basket.count(id));
  }

  _product(product) {
    const stepper = new Stepper({ label: product.name, max: most(product), onChange: (value) => this._set(product.id, value) });
    const row = h("li", { data: { type: "product", id: product.id } },
      h("p", { class: "product-name" }, h("span"), h("b"), h("small")), stepper.element);
    row.stepper = stepper;
    return row;
  }

  _drawProduct(row, product) {
    const [name, price, more] = row.firstChild.children;
    const count = this.basket.count(product.id);
    const out = soldOut(product);
    setData(row, { state: out ? "sold_out" : "available" });
    put(name, product.name);
    put(price, rupiah(this.basket.price(product)));
    const limit = this.basket.most(product);
    const left = limit < 99 && (limit <= 5 || count >= limit) ? word("resident.left", { n: limit }) : "";
    put(more, out ? word("resident.sold_out") : [product.made_here ? word("resident.made_here") : "", left].filter(Boolean).join(" \u00B7 "));
    row.stepper.set(count, limit);
    show(row.stepper.element, !out || count > 0);
  }

  _foot(shop, lines, record, busy) {
    const total = lines.reduce((sum, line) => sum + line.quantity * line.price, 0);
    const said = record ? standing(record) : null;
    put(this.total, lines.length ? rupiah(total) : "");
    const text = busy ? stuckText(record) : this.said || (lines.length > MOST_LINES ? word("resident.most_lines", { n: MOST_LINES }) : "");
    put(this.error, text);
    setData(this.error, { type: busy ? "order" : null, id: busy ? record.id : null, state: busy ? said : this.said ? "refused" : null, code: record && record.reply ? record.reply.code : null });
    const waiting = busy && record.state === "sending";
    attribute(this.submit, "aria-busy", waiting ? "true" : null);
    attribute(this.submit, "aria-disabled", waiting || !lines.length ? "true" : null);
    put(this.submit, this._button(shop, lines, record));
    const stuck = busy && said !== "sending";
    show(this.never, stuck);
    show(this.total, !stuck);
  }

  _button(shop, lines, record) {
    if (record && record.state === "sending") return word("resident.sending");
    if (record && record.state === "asking") return word("resident.send_again");
    if (!lines.length) return word("resident.choose_first");
    if (this.again) return word("resident.order_again");
    return word(shop.state === "open" ? "resident.order" : "resident.order_for_later");
  }

  // -- what a person does -----------------------------------------------------------------

  _set(product, count) {
    if (this.record && this.record.state !== "refused") return void this.draw(this.shop);
    this._forgetRefusal();
    this.basket.set(product, count);
    this.draw(this.shop);
  }

  _lines() {
    return ((this.shop && this.shop.products) || []).filter(({ id }) => this.basket.count(id))
      .map((product) => ({ product: product.id, quantity: this.basket.count(product.id), price: this.basket.price(product) }));
  }

  _submit(event) {
    event.preventDefault();
    const { record, mine } = this;
    if (record && record.state === "asking") return void mine.acts.again(record);
    const lines = this._lines();
    if ((record && record.state === "sending") || !lines.length || lines.length > MOST_LINES) return undefined;
    this._forgetRefusal();
    this.draw(this.shop);
    if (this.who.missing()) return undefined;
    const note = this.note.value.trim();
    const data = { shop: this.id, lines, ...this.who.data, ...(note ? { note } : {}) };
    mine.act({ key: this.key, cmd: "order.place", data, label: this.shop.name, href: `/#cari/toko/${this.id}` });
    return undefined;
  }

  _never() {
    if (this.record) this.mine.acts.forget(this.record);
  }

  // -- what the hub decided -----------------------------------------------------------------

  changed(record) {
    if (!record || record.key !== this.key) return;
    if (record.state === "done") {
      this.basket.clear();
      this.replace(`#cari/pesanan/${record.reply.data.order}`);
    } else if (record.state === "refused") {
      this._refused(record);
    }
  }

  _forgetRefusal() {
    this.said = null;
    this.again = false;
    const { record } = this;
    if (record && record.state === "refused") this.mine.acts.forget(record);
  }

  /** The basket follows what the hub knows better; the next tap is a new order with a new id. */
  _refused({ reply }) {
    const { code, data = {} } = reply;
    const named = (id) => ((this.shop && this.shop.products) || []).find((product) => product.id === id) || { name: id };
    const { name } = named(data.product);
    this.again = code === "price_changed" || (code === "out_of_stock" && data.stock > 0);
    if (code === "price_changed") {
      const prices = Object.entries(data.prices || { [data.product]: data.price });
      for (const [product, price] of prices) this.basket.setPrice(product, price);
      this.said = word("resident.order_price_changed", { prices: prices.map(([product, price]) => `${named(product).name} ${rupiah(price)}`).join(", ") });
    } else if (code === "out_of_stock") {
      this.basket.setStock(data.product, data.stock);
      this.said = word(data.stock > 0 ? "resident.order_out_of_stock" : "resident.order_sold_out", { name, n: data.stock });
    } else {
      this.said = this.who.refused(reply) ? null : refusalText(reply);
    }
  }
}

/** That nothing is certain yet, and what is done about it; "" while an answer may come any moment. */
export function stuckText(record) {
  const said = standing(record);
  if (record.state === "asking") return word(`resident.asking_${said}`);
  return said === "sending" ? "" : word(`resident.order_${said}`);
}

/** A cancel that nobody has confirmed: what is known of it. */
export const cancelText = ({ code }) => word(code === "unconfirmed" ? "resident.cancel_unconfirmed" : "resident.cancel_unsent");

/** Why an order or a want was not taken, in words. */
export function refusalText({ code, message = "" }) {
  if (code === "bad_data" && /phone|name|address/.test(message)) return word(`resident.bad_${/phone/.exec(message) || /address/.exec(message) || "name"}`);
  if (code === "price_changed" || code === "out_of_stock") return word(`resident.there_${code}`);
  if (["too_many", "not_found", "illegal_step", "not_allowed", "too_late"].includes(code)) return word(`resident.order_${code}`);
  return word("resident.order_refused");
}
