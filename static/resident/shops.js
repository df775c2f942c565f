// "Cari barang": the open shops of one kelurahan, and my orders.

import { ago, rupiah } from "/static/shared/ages.js";
import { h, keyed, put, refill, setData, show } from "/static/shared/dom.js";
import { word } from "/static/shared/words.js";
import { storage } from "./device.js";
import { living, orderText } from "./living.js";
import { OrderForm } from "./order_form.js";
import { KELURAHAN } from "./questions.js";

const WHERE = "kt.kelurahan";

/** Draw the page; returns the way to leave it. */
export function mount(root, app) {
  return new Shops(root, app).leave;
}

class Shops {
  constructor(root, app) {
    this.app = app;
    this.living = living(app);
    this.orders = h("ul", { class: "cards" });
    this.ordersBox = h("section", { "aria-labelledby": "mine", hidden: true }, h("h2", { id: "mine", text: word("resident.my_orders") }), this.orders);
    this.shops = h("ul", { class: "cards" });
    this.empty = h("p", { class: "soft", role: "status" });
    this.where = h("select", { on: { change: () => this._go() } },
      KELURAHAN.map((name) => h("option", { value: name.toLowerCase() }, name)));
    this.where.value = storage.get(WHERE) || "kranggan";
    this.form = new OrderForm(app, this.living);
    root.append(
      h("div", { class: "page-head" }, h("a", { class: "page-back", href: "/#", "aria-label": word("common.back") }, "\u2039"),
        h("h1", { text: word("resident.search") })),
      h("div", { class: "page-body" }, this.ordersBox,
        h("label", { class: "field" }, h("span", { text: word("resident.in_kelurahan") }), this.where), this.shops, this.empty),
      this.form.element,
    );
    const stop = this.living.watch(() => this._drawOrders());
    const tick = setInterval(() => this._drawOrders(), 5000);
    this.leave = () => {
      stop();
      clearInterval(tick);
      if (this.topic) this.topic.leave();
    };
    this._drawOrders();
    this._join();
  }

  _go() {
    storage.set(WHERE, this.where.value);
    this._join();
  }

  _join() {
    if (this.topic) this.topic.leave();
    refill(this.shops);
    put(this.empty, word("common.connecting"));
    this.topic = this.app.kt.join(`shops/${this.where.value}`, { onChange: (changes, topic) => this._drawShops(topic) });
  }

  _drawShops(topic) {
    if (topic !== this.topic) return;
    const views = [...topic.things.values()]
      .sort((a, b) => (a.state === "open" ? 0 : 1) - (b.state === "open" ? 0 : 1) || a.name.localeCompare(b.name));
    keyed(this.shops, views, (view) => view.id, (view) => this._shop(view), (card, view) => this._drawShop(card, view));
    put(this.empty, views.length ? "" : word("resident.no_shops"));
    this.form.shopChanged(topic.things);
  }

  _shop(view) {
    return h("li", { class: "card shop", data: { type: "shop", id: view.id } },
      h("h2", { class: "shop-name" }), h("p", { class: "pill" }), h("ul", { class: "products" }));
  }

  _drawShop(card, view) {
    setData(card, { state: view.state });
    const [name, state, list] = card.children;
    put(name, view.name);
    put(state, word(`resident.shop_${view.state === "open" ? "open" : "closed"}`));
    keyed(list, view.products || [], (product) => product.id, (product) => this._product(view, product), (row, product) => {
      const [what, price, button] = row.children;
      put(what, product.name);
      put(price, rupiah(product.price));
      button.disabled = view.state !== "open" || product.stock === 0;
      put(button, word(product.stock === 0 ? "resident.sold_out" : "resident.order"));
      button.setAttribute("aria-label", `${button.textContent}: ${product.name}, ${view.name}`);
    });
  }

  _product(view, product) {
    const click = () => this.form.open(this.topic.things.get(view.id), product.id);
    return h("li", { class: "product" }, h("span", { class: "product-name" }), h("span", { class: "product-price" }),
      h("button", { type: "button", class: "go", data: { act: "order.place", shop: view.id, product: product.id }, on: { click } }));
  }

  _drawOrders() {
    const views = this.living.myOrders;
    show(this.ordersBox, views.length > 0);
    keyed(this.orders, views, (view) => view.id, (view) => this._order(view), (card, view) => this._drawOrder(card, view));
  }

  _order(view) {
    const cancel = () => this.app.kt.call("order.cancel", { order: view.id, reason: "mistake" }).then((reply) => {
      if (!reply.ok) put(this.orders.querySelector(`[data-id="${view.id}"] .error`), word("resident.trouble", { code: reply.code }));
    });
    return h("li", { class: "card order", data: { type: "order", id: view.id } },
      h("h3"), h("p", { class: "order-state", role: "status" }), h("p", { class: "soft" }), h("p", { class: "soft order-heard" }), h("p", { class: "error" }),
      h("button", { type: "button", class: "quiet", data: { act: "order.cancel" }, on: { click: cancel } }, word("resident.order_cancel")));
  }

  _drawOrder(card, view) {
    setData(card, { state: view.state });
    const [shop, state, lines, heard, , cancel] = card.children;
    put(shop, view.shop_name);
    put(state, orderText(view));
    put(lines, `${view.lines.map((line) => `${line.quantity} ${line.name}`).join(", ")} · ${rupiah(view.total)}`);
    const counts = view.receipts || {};
    const level = ["seen", "audible", "received"].find((each) => counts[each]);
    const age = ago(this.app.city_now() - view.placed_at);
    put(heard, view.state === "placed" ? `${level ? word(`resident.order_${level}`) : word("resident.order_sent")} · ${age}` : "");
    show(cancel, view.state === "placed" || view.state === "accepted");
  }
}
