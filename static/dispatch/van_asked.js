// "Diminta warga": where people of a kelurahan ask for a stop, how many, and for what.
// The hub tells it from 50 names in a month on, and never who they are.

import { $, h, keyed, put, setData, show } from "/static/shared/dom.js";
import { word } from "/static/shared/words.js";
import { title } from "/static/dispatch/texts.js";

export class AskedList {
  constructor() {
    this.none = h("p", { class: "soft" }, word("van_desk.asked_none"));
    this.list = h("ul", { class: "plan-list" });
    this.element = h("section", { "aria-labelledby": "asked-heading" }, h("h2", { id: "asked-heading" }, word("van_desk.asked")), this.none, this.list);
  }

  draw(asked) {
    const sorted = [...asked].sort((a, b) => b.names - a.names || (a.id < b.id ? -1 : 1));
    show(this.none, !sorted.length);
    keyed(this.list, sorted, (one) => one.id, ({ id }) => h("li", { class: "plan-row", data: { type: "asked", id } }, h("b"), h("span"), h("p", { class: "soft" })), (row, one) => {
      setData(row, { state: one.state, names: one.names, month: one.month });
      put($("b", row), title(one.kelurahan));
      put($("span", row), word("van_desk.asked_names", { n: one.names }));
      const services = Object.entries(one.services).sort((a, b) => b[1] - a[1]);
      put($("p", row), services.length ? word("van_desk.asked_for", { services: services.map(([name, n]) => `${name} ${n}`).join(", ") }) : word("van_desk.asked_for_none"));
    });
  }
}
