// The vans of today: where each is, how old that is, follow, and its trip.

import { clock } from "/static/shared/ages.js";
import { h, keyed, put, setData, show } from "/static/shared/dom.js";
import { word } from "/static/shared/words.js";
import { living, vanText } from "./living.js";
import { comesText, fixText, isStale } from "./van_words.js";

export class VanList {
  constructor(app, city) {
    Object.assign(this, { app, city, living: living(app) });
    this.arrived = h("p", { class: "arrived", hidden: true }); // living.js says it aloud
    this.list = h("ul", { class: "cards" });
    this.empty = h("p", { class: "soft", role: "status" });
    this.trip = h("ol", { class: "trip" });
    this.tripBox = h("section", { class: "card", "aria-labelledby": "trip", hidden: true }, h("h3", { id: "trip" }), h("p", { class: "soft" }), this.trip);
    this.element = h("section", { "aria-labelledby": "van-list" }, h("h2", { id: "van-list", text: word("vans.vans_today") }), this.list, this.empty, this.tripBox);
  }

  get vans() {
    const things = [...this.city.vans.things.values()].filter(({ type }) => type === "van");
    return things.map((view) => ({ ...view, fix: this.city.fix(view.id) })).sort((a, b) => a.name.localeCompare(b.name));
  }

  draw() {
    const now = this.app.city_now();
    const { vans } = this;
    keyed(this.list, vans, ({ id }) => id, (view) => this._van(view), (card, view) => this._drawVan(card, view, now));
    put(this.empty, vans.length ? "" : this.city.vans.synced ? word("resident.no_vans") : word("common.connecting"));
    const { arrived } = this.living;
    show(this.arrived, Boolean(arrived));
    put(this.arrived, arrived ? word("resident.van_arrived", { van: arrived.van, stop: arrived.name }) : "");
    this._trip(now);
  }

  _van({ id }) {
    const click = () => {
      this.living.unlock();
      if (this.living.van_id === id) this.living.leaveVan();
      else this.living.followVan(id);
    };
    return h("li", { class: "card van", data: { type: "van", id } },
      h("h3"), h("p"), h("p", { class: "soft fix-age" }), h("button", { type: "button", class: "go", data: { act: "van.follow" }, on: { click } }));
  }

  _drawVan(card, view, now) {
    const stale = view.fix && isStale(view.fix, now);
    setData(card, { state: view.state, stale: stale ? "" : null });
    const [name, where, age, button] = card.children;
    put(name, view.name);
    put(where, view.cancelled ? word("vans.trip_cancelled") : vanText(view));
    put(age, view.state === "off" && !view.fix ? "" : fixText(view.fix, now));
    const followed = this.living.van_id === view.id;
    put(button, word(followed ? "resident.van_unfollow" : "resident.van_follow"));
    button.className = followed ? "quiet" : "go";
    button.setAttribute("aria-pressed", String(followed));
    button.setAttribute("aria-label", `${button.textContent}: ${view.name}`);
  }

  _trip(now) {
    const { van, van_id } = this.living;
    const view = van ? van.things.get(van_id) : null;
    show(this.tripBox, Boolean(view && view.trip));
    if (!view || !view.trip) return;
    put(this.tripBox.children[0], word("resident.trip", { van: view.name }));
    put(this.tripBox.children[1], [view.reason, (view.services || []).join(", ")].filter(Boolean).join(" \u00B7 "));
    keyed(this.trip, view.trip, (row) => row.stop, (row) => h("li", {}, h("time"), h("a", { href: `#mobil/titik/${row.stop}` }, h("span")), h("b")),
      (element, row) => {
        setData(element, { type: "stop", id: row.stop, state: row.state });
        const [time, name, state] = element.children;
        put(time, clock(row.arrived_at || row.scheduled_at));
        put(name.firstChild, row.name);
        put(state, row.state !== "expected" ? comesText(row, now).text : row.eta ? comesText(row, now).text : "");
      });
  }
}
