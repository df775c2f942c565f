// "Mobil keliling": the vans of today, and the one I follow with its trip.

import { ago, clock } from "/static/shared/ages.js";
import { h, keyed, put, setData, show } from "/static/shared/dom.js";
import { word } from "/static/shared/words.js";
import { living, vanText } from "./living.js";

export function mount(root, app) {
  return new Vans(root, app).leave;
}

class Vans {
  constructor(root, app) {
    this.app = app;
    this.living = living(app);
    this.arrived = h("p", { class: "arrived", role: "status", hidden: true });
    this.list = h("ul", { class: "cards" });
    this.empty = h("p", { class: "soft", role: "status", text: word("common.connecting") });
    this.mapBox = h("div", { class: "map-box", hidden: true });
    this.trip = h("ol", { class: "trip" });
    this.tripBox = h("section", { class: "card", "aria-labelledby": "trip", hidden: true }, h("h2", { id: "trip" }), h("p", { class: "soft" }), this.trip);
    root.append(
      h("div", { class: "page-head" }, h("a", { class: "page-back", href: "/#", "aria-label": word("common.back") }, "\u2039"),
        h("h1", { text: word("resident.vans") })),
      h("div", { class: "page-body" }, this.arrived, this.list, this.empty, this.mapBox, this.tripBox),
    );
    this.topic = app.kt.join("vans", { onChange: () => this.draw(), onMoved: () => this._map() });
    const stop = this.living.watch(() => this.draw());
    const tick = setInterval(() => this.draw(), 5000);
    this.leave = () => {
      stop();
      clearInterval(tick);
      this.topic.leave();
    };
    this.draw();
  }

  draw() {
    const views = [...this.topic.things.values()].filter((view) => view.type === "van").sort((a, b) => a.name.localeCompare(b.name));
    keyed(this.list, views, (view) => view.id, (view) => this._van(view), (card, view) => this._drawVan(card, view));
    put(this.empty, views.length ? "" : this.topic.synced ? word("resident.no_vans") : word("common.connecting"));
    const { arrived } = this.living;
    show(this.arrived, Boolean(arrived));
    put(this.arrived, arrived ? word("resident.van_arrived", { van: arrived.van, stop: arrived.name }) : "");
    this._trip();
    this._map();
  }

  _van(view) {
    const click = () => {
      this.living.unlock();
      if (this.living.van_id === view.id) this.living.leaveVan();
      else this.living.followVan(view.id);
    };
    return h("li", { class: "card van", data: { type: "van", id: view.id } },
      h("h2"), h("p"), h("p", { class: "soft" }), h("button", { type: "button", class: "go", data: { act: "van.follow" }, on: { click } }));
  }

  _drawVan(card, view) {
    setData(card, { state: view.state });
    const [name, where, age, button] = card.children;
    put(name, view.name);
    put(where, vanText(view));
    const fix = this.topic.fixes.get(view.id);
    put(age, fix ? word("resident.position_age", { ago: ago(this.app.city_now() - fix.fix_at) }) : "");
    const followed = this.living.van_id === view.id;
    put(button, word(followed ? "resident.van_unfollow" : "resident.van_follow"));
    button.className = followed ? "quiet" : "go";
    button.setAttribute("aria-pressed", String(followed));
    button.setAttribute("aria-label", `${button.textContent}: ${view.name}`);
  }

  _trip() {
    const { van, van_id } = this.living;
    const view = van ? van.things.get(van_id) : null;
    show(this.tripBox, Boolean(view && view.trip));
    if (!view || !view.trip) return;
    put(this.tripBox.children[0], word("resident.trip", { van: view.name }));
    put(this.tripBox.children[1], (view.services || []).join(", "));
    keyed(this.trip, view.trip, (row) => row.stop,
      () => h("li", {}, h("time"), h("span"), h("b")),
      (element, row) => {
        setData(element, { type: "stop", id: row.stop, state: row.state });
        const [time, name, state] = element.children;
        put(time, clock(row.arrived_at || row.scheduled_at));
        put(name, row.name);
        put(state, row.state === "expected" ? "" : word(`resident.stop_${row.state}`));
      });
  }

  _map() {
    const { van_id } = this.living;
    const fix = van_id && this.topic.fixes.get(van_id);
    show(this.mapBox, Boolean(fix));
    if (!fix) return;
    if (!this.map) return void this._loadMap();
    this.map.dot("van", fix, { kind: "van", label: van_id });
  }

  _loadMap() {
    if (this.loading) return;
    this.loading = true;
    import("/static/shared/map.js")
      .then(({ drawMap }) => drawMap(this.mapBox, { label: word("common.map") }))
      .then((map) => {
        this.map = map;
        this._map();
      })
      .catch(() => { setTimeout(() => { this.loading = false; }, 10000); });
  }
}
