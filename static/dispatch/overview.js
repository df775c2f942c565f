// The small map: where it is asked for, and where the medics are.

import { drawMap } from "/static/shared/map.js";
import { word } from "/static/shared/words.js";
import { isEnded } from "/static/dispatch/order.js";
import { placeName } from "/static/dispatch/texts.js";

export class Overview {
  constructor(container) {
    this.container = container;
    this._drawn = new Map(); // dot -> what it looked like
  }

  async _open() {
    if (!this._map) this._map = drawMap(this.container, { label: word("dispatch.map_label") });
    try {
      return await this._map;
    } catch (error) {
      this._map = null; // Tried again with the next drawing.
      return null;
    }
  }

  /** Draw what differs from last time. `place(medic)` is its newest position or null. */
  async draw(requests, medics, place) {
    const wanted = new Map(); // Medics first: what is drawn later lies on top.
    for (const medic of medics) {
      const at = place(medic);
      if (at) wanted.set(medic.id, { at, kind: "medic", label: medic.name, faded: !medic.reachable });
    }
    for (const request of requests) {
      if (isEnded(request) || !request.location) continue;
      wanted.set(request.id, { at: request.location, kind: "patient", label: `${placeName(request)}: ${word(`dispatch.state_${request.state}`)}` });
    }
    const map = await this._open();
    if (!map) return;
    for (const [key, { at, ...look }] of wanted) {
      const seen = JSON.stringify([at.lat, at.lon, look]);
      if (this._drawn.get(key) === seen) continue;
      this._drawn.set(key, seen);
      map.dot(key, at, look);
    }
    for (const key of [...this._drawn.keys()]) {
      if (wanted.has(key)) continue;
      this._drawn.delete(key);
      map.dot(key, null);
    }
  }
}
