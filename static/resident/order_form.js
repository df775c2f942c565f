// The order sheet: how many, picked up or brought, and who I am (asked once,
// kept on this device).

import { rupiah } from "/static/shared/ages.js";
import { h, put, refill, sheet, show } from "/static/shared/dom.js";
import { word } from "/static/shared/words.js";
import { newId } from "/client/http.js";
import { storage } from "./device.js";

const BUYER = "kt.buyer";

export class OrderForm {
  constructor(app, living) {
    Object.assign(this, { app, living });
    const field = (name, label, attributes) => {
      const input = h("input", { name, ...attributes });
      this[name] = input;
      return h("label", { class: "field" }, h("span", { text: word(label) }), input);
    };
    this.title = h("h2", { id: "order-title" });
    this.lines = h("ul", { class: "order-lines" });
    this.total = h("p", { class: "order-total", role: "status" });
    this.error = h("p", { class: "error", role: "alert" });
    this.submit = h("button", { class: "go big", data: { act: "order.place" } });
    this.address_field = field("address", "resident.address", { autocomplete: "street-address", maxlength: 200 });
    const way = (value) => h("label", { class: "way" },
      h("input", { type: "radio", name: "fulfilment", value, checked: value === "pickup", on: { change: () => this._way() } }), h("span", { text: word(`resident.${value}`) }));
    this.form = h("form", { class: "order-form", on: { submit: (event) => this._submit(event) } },
      this.title, this.lines, this.total,
      h("fieldset", { class: "ways" }, h("legend", { class: "unseen", text: word("resident.fulfilment") }), way("pickup"), way("delivery")),
      this.address_field,
      field("name", "resident.your_name", { autocomplete: "name", required: true, maxlength: 60 }),
      field("phone", "resident.your_phone", { type: "tel", autocomplete: "tel", required: true, maxlength: 20, pattern: "\\+?[0-9][0-9 \\(\\)\\.\\-]{4,19}" }),
      this.error, this.submit,
      h("button", { type: "button", class: "quiet", on: { click: () => this.sheet.close() } }, word("resident.never_mind")));
    this.element = h("div", { class: "sheet", role: "dialog", "aria-labelledby": "order-title", hidden: true }, this.form);
    this.sheet = sheet(this.element);
  }

  open(shop, product) {
    this.shop = shop;
    this.counts = new Map([[product, 1]]);
    this.order_id = newId();
    const buyer = storage.get(BUYER) || {};
    this.name.value = buyer.name || "";
    this.phone.value = buyer.phone || "";
    this.address.value = buyer.address || "";
    put(this.title, shop.name);
    put(this.error, "");
    this._way();
    this._draw();
    this.sheet.open(this.name.value && this.phone.value ? this.submit : this.name);
  }

  /** Prices and goods of now; an open sheet shows them at once. */
  shopChanged(things) {
    if (!this.sheet.shown || !things.has(this.shop.id)) return;
    this.shop = things.get(this.shop.id);
    this._draw();
  }

  _way() {
    const delivery = new FormData(this.form).get("fulfilment") === "delivery";
    show(this.address_field, delivery);
    this.address.required = delivery;
  }

  _draw() {
    refill(this.lines, this.shop.products.map((product) => {
      const count = this.counts.get(product.id) || 0;
      const step = (by) => () => {
        this.counts.set(product.id, Math.max(0, Math.min(99, count + by)));
        this.order_id = newId();
        this._draw();
        this.lines.querySelector(`[data-step="${product.id} ${by}"]`).focus();
      };
      const button = (by, sign, label) => h("button", {
        type: "button", class: "step", "aria-label": `${word(label)} ${product.name}`, data: { step: `${product.id} ${by}` }, disabled: by < 0 && count === 0, on: { click: step(by) },
      }, sign);
      return h("li", {}, h("span", { class: "product-name", text: `${product.name}, ${rupiah(product.price)}` }),
        button(-1, "\u2212", "resident.less"), h("b", { text: String(count) }), button(1, "+", "resident.more"));
    }));
    const total = this._chosen().reduce((sum, line) => sum + line.quantity * line.price, 0);
    put(this.total, word("resident.total", { total: rupiah(total) }));
    put(this.submit, word("resident.order_send"));
    this.submit.disabled = total === 0;
  }

  _chosen() {
    return this.shop.products.filter((product) => this.counts.get(product.id))
      .map(({ id, price }) => ({ product: id, quantity: this.counts.get(id), price }));
  }

  async _submit(event) {
    event.preventDefault();
    const lines = this._chosen();
    if (!lines.length || this.submit.disabled) return;
    const [name, phone, address] = [this.name, this.phone, this.address].map((input) => input.value.trim());
    storage.set(BUYER, { name, phone, address });
    const fulfilment = new FormData(this.form).get("fulfilment");
    const data = { shop: this.shop.id, lines, fulfilment, name, phone };
    if (fulfilment === "delivery") data.address = address;
    this.submit.disabled = true;
    put(this.submit, word("resident.sending"));
    put(this.error, "");
    this.living.followOrders();
    const content = JSON.stringify(data);
    // The same order again keeps its id; another content is another act.
    if (this.sent && this.sent !== content) this.order_id = newId();
    this.sent = content;
    const reply = await this.app.kt.call("order.place", data, {
      id: this.order_id, onTry: () => put(this.error, word("resident.order_unsent")),
    });
    this.submit.disabled = false;
    put(this.submit, word("resident.order_send"));
    if (reply.ok) {
      this.sent = null;
      this.sheet.close();
      return;
    }
    if (!reply.retry) this.order_id = newId();
    put(this.error, this._why(reply));
  }

  _why(reply) {
    const known = { price_changed: 1, out_of_stock: 1, illegal_step: 1, too_many: 1, unsent: 1, unavailable: 1, unconfirmed: 1 };
    return known[reply.code] ? word(`resident.order_${reply.code}`) : word("resident.trouble", { code: reply.code });
  }
}
