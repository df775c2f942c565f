// One product's form: name, price, stock, made in the city; and taking it away.

import { h, refill, show, turnOff } from "/static/shared/dom.js";
import { word } from "/static/shared/words.js";
import { Field, focusWrong, wholeNumber, wrongName, wrongPrice, wrongStock } from "/static/shop/fields.js";
import { actText, fieldOf } from "/static/shop/refusals.js";

export class ProductForm {
  /** `product` null: a new one. `save({name, price, stock, made_here, touchedStock})`, `remove()`, `cancel()`. */
  constructor(product, { save, remove, cancel }) {
    this.product = product;
    this.save = save;
    this.fields = [
      new Field("name", "product_name", { maxlength: 60, autocapitalize: "sentences" }),
      new Field("price", "product_price", { inputmode: "numeric", maxlength: 14 }),
      new Field("stock", "product_stock", { inputmode: "numeric", maxlength: 9 }, "product_stock_why"),
    ];
    const [name, price, stock] = this.fields;
    Object.assign(this, { name, price, stock });
    this.made = h("input", { type: "checkbox", name: "made_here", checked: Boolean(product && product.made_here) });
    this.said = h("div", {});
    this.submit = h("button", { type: "submit", class: "go", text: word(product ? "shop.save" : "shop.add"), data: { act: "product.save" } });
    this.ways = h("div", { class: "row" }, this.submit, h("button", { type: "button", class: "quiet", text: word("shop.never_mind"), on: { click: cancel } }));
    this.removing = product ? this.removal(remove) : null;
    this.element = h("form", { class: "form", novalidate: true, "aria-label": product ? word("shop.edit_what", { name: product.name }) : word("shop.product_new"), on: { submit: (event) => this.send(event) } },
      this.fields.map((field) => field.element),
      h("label", { class: "tick" }, this.made, h("span", { text: word("shop.made_here_tick") })),
      this.said, this.ways, this.removing);
    if (product) this.fill(product);
  }

  fill({ name, price, stock }) {
    this.name.value = name;
    this.price.value = String(price);
    this.stock.value = stock === null ? "" : String(stock);
    this.stock_before = this.stock.value;
  }

  /** Two taps: the second one says what it does. */
  removal(remove) {
    const sure = h("div", { class: "row", hidden: true },
      h("button", { type: "button", class: "danger", text: word("shop.remove_sure"), data: { act: "product.save", gone: "true" }, on: { click: remove } }),
      h("button", { type: "button", class: "quiet", text: word("shop.no"), on: { click: () => turn(false) } }));
    const first = h("button", { type: "button", class: "quiet", text: word("shop.remove"), data: { open: "remove" }, on: { click: () => turn(true) } });
    const turn = (asking) => {
      show(sure, asking);
      show(first, !asking);
      (asking ? sure.lastChild : first).focus();
    };
    return h("div", { class: "removal" }, first, sure);
  }

  focus() { this.name.input.focus(); }

  draw(act) {
    const said = actText(act);
    const face = JSON.stringify(said);
    if (this.face === face) return;
    this.face = face;
    refill(this.said, said ? h("p", { class: said.kind, role: said.kind === "error" ? "alert" : "status", text: said.text }) : null);
    for (const button of this.element.querySelectorAll("[data-act]")) turnOff(button, act.pending !== null);
  }

  send(event) {
    event.preventDefault();
    this.name.wrong(wrongName(this.name.value));
    this.price.wrong(wrongPrice(this.price.value));
    this.stock.wrong(wrongStock(this.stock.value));
    if (focusWrong(this.fields)) return;
    this.save({
      name: this.name.value,
      price: wholeNumber(this.price.value),
      stock: this.stock.value ? wholeNumber(this.stock.value) : null,
      made_here: this.made.checked,
      touchedStock: this.stock.value !== this.stock_before,
    });
  }

  /** The hub's no stands beside the field that it speaks of. */
  refused(reply) {
    const field = this.fields.find((each) => each.name === fieldOf(reply));
    if (!field) return;
    field.wrong(word("shop.error_field"));
    field.input.focus();
  }
}
