// The four panels behind the tabs below: orders, goods, shop, today. Each has an
// address of its own, so that a phone's "back" goes to the orders and does not
// leave the page, which would make the shop deaf.

import { $$, attribute, put, show } from "/static/shared/dom.js";

const PANELS = { "": "orders", "#barang": "products", "#toko": "shop", "#hari": "day" };
const IDLE_MS = 15000;

export class Panels {
  constructor() {
    this.touched_at = Date.now();
    document.addEventListener("pointerdown", () => { this.touched_at = Date.now(); }, true);
    document.addEventListener("keydown", () => { this.touched_at = Date.now(); }, true);
    window.addEventListener("hashchange", () => this.turn());
    // At once: hashchange comes later, and would scroll away what a quick finger is on.
    document.addEventListener("click", (event) => {
      const link = event.target.closest('a[href^="#"]');
      if (link) this.turn(link.hash);
    });
    this.turn();
  }

  turn(hash = window.location.hash) {
    const name = PANELS[hash] || (this.name ? null : "orders"); // A link's code names no panel.
    if (!name) return;
    const other = this.name !== undefined && this.name !== name;
    this.name = name;
    document.body.dataset.panel = name;
    for (const tab of $$("#tabs a")) attribute(tab, "aria-current", tab.dataset.tab === name ? "page" : null);
    if (other) window.scrollTo(0, 0);
  }

  /** An order rings: bring it up, unless somebody is busy here (nothing may move under a finger). */
  newOrder() {
    if (this.name !== "orders" && Date.now() - this.touched_at > IDLE_MS) window.location.hash = "";
  }

  count(orders, wants) {
    const badge = document.getElementById("tab-count");
    put(badge, String(orders + wants));
    show(badge, orders + wants > 0);
  }
}
