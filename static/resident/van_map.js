// The city with its vans and stops. An old fix is drawn faded; what the drawing
// says stands in words beside it.

import { h, put, show } from "/static/shared/dom.js";
import { word } from "/static/shared/words.js";
import { isStale } from "./van_words.js";

const AGAIN_MS = 10000;

export class VanMap {
  constructor() {
    this.box = h("div", { class: "map-box van-map", hidden: true });
    this.said = h("p", { class: "unseen" });
    this.element = h("div", {}, this.box, this.said);
    this._dots = new Set();
    this._fitted = "";
  }

  /** `vans`: [{id, name, fix}], `stops`: nearest first, `me` a point or null, `near`: how many stops are in the window. */
  draw({ vans, stops, me, near, now }) {
    const moving = vans.filter(({ fix }) => fix);
    const shown = moving.length + stops.length > 0;
    show(this.box, shown);
    if (!shown) return;
    if (!this.map) return void this._load();
    const dots = [
      ...stops.map((stop) => [`stop ${stop.id}`, stop.location, { kind: "stop", label: stop.name, faded: !["expected", "arrived"].includes(stop.state) }]),
      ...moving.map(({ id, name, fix }) => [`van ${id}`, fix, { kind: "van", label: name, accuracy_m: fix.accuracy_m, faded: isStale(fix, now) }]),
      ...(me ? [["me", me, { kind: "me", label: word("resident.you") }]] : []),
    ];
    for (const key of this._dots) if (!dots.some(([name]) => name === key)) this.map.dot(key, null);
    for (const [key, place, looks] of dots) this.map.dot(key, place, looks);
    this._dots = new Set(dots.map(([key]) => key));
    const window_ = me ? ["me", ...stops.slice(0, near).map(({ id }) => `stop ${id}`), ...moving.map(({ id }) => `van ${id}`)] : [];
    if (window_.join() !== this._fitted) this.map.fit(window_);
    this._fitted = window_.join();
    put(this.said, word("vans.map_said", { vans: moving.length, stops: stops.length }));
  }

  _load() {
    if (this.loading) return;
    this.loading = true;
    import("/static/shared/map.js")
      .then(({ drawMap }) => drawMap(this.box, { label: word("common.map") }))
      .then((map) => { this.map = map; })
      .catch(() => { setTimeout(() => { this.loading = false; }, AGAIN_MS); });
  }
}
