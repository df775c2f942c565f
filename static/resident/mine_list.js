// What of the market is mine, in lines above the search: running ones always,
// ended ones for a while, newest first.

import { h, icon, keyed, put, setData, show } from "/static/shared/dom.js";
import { word } from "/static/shared/words.js";
import { standing } from "./acts.js";
import { actLineText, isEnded, orderLineText, wantLineText } from "./mine.js";
import { drawThing } from "./strip.js";

const MOST = 4;
const ENDED_MS = 3600000;

export class MineList {
  constructor(app, mine) {
    Object.assign(this, { app, mine });
    this.list = h("ul", { class: "mine" });
    this.element = h("section", { "aria-labelledby": "mine", hidden: true }, h("h2", { id: "mine", class: "unseen", text: word("resident.my_orders") }), this.list);
  }

  draw() {
    const rows = this._rows().sort((a, b) => b.at - a.at).slice(0, MOST);
    show(this.element, rows.length > 0);
    keyed(this.list, rows, (row) => row.key, () => h("li", {}, h("a", { class: "strip-line" }, icon("order"), h("span"))), (item, row) => {
      const link = item.firstChild;
      if (link.getAttribute("href") !== row.href) link.setAttribute("href", row.href);
      setData(link, { type: row.type, id: row.id, state: row.state });
      drawThing(link, row.type);
      put(link.lastChild, row.text);
    });
  }

  _rows() {
    const { mine } = this;
    const now = this.app.city_now();
    const orders = mine.orders.filter((view) => !isEnded(view) || now - view.at < ENDED_MS).map((view) => ({
      key: view.id, type: "order", id: view.id, state: view.state, at: view.placed_at, href: `#cari/pesanan/${view.id}`, text: orderLineText(view, now),
    }));
    const wants = mine.wants.filter(({ state, at }) => state === "open" || (state === "expired" && now - at < ENDED_MS)).map((view) => ({
      key: view.id, type: "want", id: view.id, state: view.state, at: view.posted_at, href: `#cari/tanya/${view.id}`, text: wantLineText(view),
    }));
    const acts = [...mine.acts.records.values()].map((record) => ({
      key: record.id, type: record.cmd === "want.post" ? "want" : "order", id: record.id, state: standing(record), at: Infinity, href: record.href, text: actLineText(record),
    }));
    return [...acts, ...orders, ...wants];
  }
}
