// The goods: there or sold out in one tap, how many are left, name and price.

import { rupiah } from "/static/shared/ages.js";
import { $, h, icon, keyed, put, refill, show, unlessOff } from "/static/shared/dom.js";
import { word } from "/static/shared/words.js";
import { ProductForm } from "/static/shop/product-form.js";
import { actText } from "/static/shop/refusals.js";

const GATHER_MS = 600; // Taps on + and - within this time are one command.

export class Products {
  /** `acts`: `Acts`; `shop()`: the shop's id; `goods()`: a Map of product views. */
  constructor(element, { acts, shop, goods }) {
    Object.assign(this, { acts, shop, goods });
    this.list = $("#products", element);
    this.none = $("#products-none", element);
    this.steps = new Map(); // product -> {by, timer}: taps on + and - that are not sent yet
    this.editing = new Map(); // product -> ProductForm
    this.few = null; // the product of which somebody wanted fewer than none
    this.adding = null;
    this.add_button = $("#product-add", element);
    this.add_place = $("#product-new", element);
    this.add_button.addEventListener("click", () => this.add());
  }

  draw() {
    const goods = [...this.goods().values()];
    keyed(this.list, goods, (product) => product.id, makeRow, (row, product) => this.update(row, product));
    show(this.none, !goods.length && !this.adding);
    show(this.add_button, !this.adding);
    for (const id of this.editing.keys()) if (!this.goods().has(id)) this.editing.delete(id);
    if (this.adding) this.adding.draw(this.acts.of("product.new"));
    for (const [id, form] of this.editing) form.draw(this.acts.of(id));
  }

  // -- one row ---------------------------------------------------------------------

  update(row, product) {
    const step = this.steps.get(product.id);
    const act = this.acts.of(product.id);
    const form = this.editing.get(product.id);
    row.dataset.id = product.id;
    row.dataset.state = product.state;
    const face = JSON.stringify([{ ...product, at: null }, step ? step.by : 0, act, Boolean(form), this.few === product.id]);
    const [line, place] = row.children;
    if (row.kt_face !== face && !row.matches(":active")) {
      row.kt_face = face;
      const held = line.contains(document.activeElement) ? document.activeElement.dataset.name : null;
      refill(line, this.faceOf(product, step ? step.by : 0, act, Boolean(form)));
      const again = held && line.querySelector(`[data-name="${held}"]`);
      if (again) again.focus();
    }
    if (form && form.element.parentNode !== place) refill(place, form.element);
    else if (!form && place.firstChild) place.textContent = "";
  }

  faceOf(product, by, act, editing) {
    const said = editing ? null : actText(act) || (this.few === product.id ? { kind: "error", text: word("shop.stock_none") } : null);
    const there = product.state === "available";
    const busy = act.pending !== null || by !== 0 ? "true" : null;
    return [
      h("div", { class: "product-what" },
        h("b", { text: product.name }),
        h("span", { class: "product-price", text: rupiah(product.price) }),
        product.made_here ? h("span", { class: "made", text: word("shop.made_here") }) : null),
      h("div", { class: "product-acts" },
        h("button", {
          type: "button", class: there ? "toggle there" : "toggle gone", "aria-disabled": busy, "aria-label": word(there ? "shop.make_gone" : "shop.make_there", { name: product.name }),
          data: { act: "product.stock", to: there ? "sold_out" : "available", name: "toggle" }, on: { click: unlessOff(() => this.send(product, { stock: there ? 0 : null })) },
        }, h("b", { text: word(there ? "shop.there" : "shop.gone") }), h("small", { text: word(there ? "shop.tap_gone" : "shop.tap_there") })),
        product.stock === null ? null : this.counter(product, by, act.pending === null ? null : "true"),
        h("button", {
          type: "button", class: "quiet", text: word("shop.edit"), "aria-label": word("shop.edit_what", { name: product.name }), "aria-expanded": String(editing),
          data: { name: "edit" }, on: { click: () => this.edit(product) },
        })),
      said ? h("p", { class: said.kind, role: said.kind === "error" ? "alert" : "status", text: said.text }) : null,
    ];
  }

  counter(product, by, busy) {
    const step = (n, drawing, label) => h("button", {
      type: "button", class: "step", "aria-label": word(`shop.${label}`, { name: product.name }), "aria-disabled": busy,
      data: { act: "product.stock", name: label }, on: { click: unlessOff(() => this.step(product, n)) },
    }, icon(drawing));
    const count = by ? word("shop.stock_to", { from: product.stock, to: product.stock + by }) : word("shop.stock_left", { n: product.stock });
    return h("span", { class: "counter" }, step(-1, "minus", "less"), h("span", { class: "count-text", text: count }), step(1, "plus", "more"));
  }

  step({ id, stock }, n) {
    const { by, timer } = this.steps.get(id) || { by: 0, timer: null };
    this.few = stock + by + n < 0 ? id : null;
    if (this.few) return void this.draw();
    clearTimeout(timer);
    this.steps.set(id, { by: by + n, timer: setTimeout(() => this.sendSteps(id), GATHER_MS) });
    return void this.draw();
  }

  /** What was sold meanwhile counts: the taps are added to the stock of now. */
  sendSteps(id) {
    const { by } = this.steps.get(id);
    const product = this.goods().get(id);
    this.steps.delete(id);
    if (by && product && product.stock !== null) this.send(product, { by });
    else this.draw();
  }

  /** `{stock}` as it is now, or `{by}` how many it grew: what is sold meanwhile is not lost. */
  send(product, change) {
    this.few = null;
    this.acts.run(product.id, "product.stock", { shop: this.shop(), product: product.id, ...change });
  }

  // -- forms -------------------------------------------------------------------------

  edit(product) {
    if (this.editing.has(product.id)) {
      this.close(product.id);
      return;
    }
    this.acts.clear(product.id);
    const form = new ProductForm(product, {
      save: (data) => this.save(product.id, form, data),
      remove: () => this.acts.run(product.id, "product.save", { shop: this.shop(), product: product.id, gone: true }),
      cancel: () => this.close(product.id),
    });
    this.editing.set(product.id, form);
    this.draw();
    form.focus();
  }

  close(id) {
    this.editing.delete(id);
    this.acts.clear(id);
    this.draw();
    const button = this.list.querySelector(`[data-id="${id}"] [data-name="edit"]`);
    if (button) button.focus();
  }

  async save(id, form, { touchedStock, ...data }) {
    const now = this.goods().get(id);
    // A stock that nobody typed is the one of now, not the one when the form was opened.
    const stock = touchedStock || !now ? data.stock : now.stock;
    const reply = await this.acts.run(id, "product.save", { shop: this.shop(), product: id, ...data, stock });
    if (reply.ok) this.close(id);
    else form.refused(reply);
  }

  add() {
    this.acts.clear("product.new");
    const form = new ProductForm(null, { save: (data) => this.addSend(form, data), cancel: () => this.added() });
    this.adding = form;
    refill(this.add_place, form.element);
    this.draw();
    form.focus();
  }

  async addSend(form, { touchedStock, ...data }) {
    const reply = await this.acts.run("product.new", "product.save", { shop: this.shop(), ...data });
    if (reply.ok) {
      put($("#products-said"), word("shop.added", { name: data.name }));
      this.acts.settle("product.new");
      this.added();
    } else form.refused(reply);
  }

  added() {
    this.adding = null;
    this.add_place.textContent = "";
    this.draw();
    this.add_button.focus();
  }
}

function makeRow() {
  return h("li", { class: "product", data: { type: "product" } }, h("div", { class: "product-line" }), h("div", { class: "product-form" }));
}
