// Where the vans are. A position is as old as its fix: an old one is faded, and its age
// stands in the van's card.

import { drawMap } from "/static/shared/map.js";
import { show } from "/static/shared/dom.js";
import { word } from "/static/shared/words.js";

const OLD_MS = 90000;
const AGAIN_MS = 10000;

export class VanMap {
  constructor(box) {
    this.box = box;
    this._dots = new Set();
  }

  draw(vans, fix, now) {
    const placed = vans.filter((van) => fix(van.id));
    show(this.box, placed.length);
    if (!placed.length) return;
    if (!this.map) { this._open(() => this.draw(vans, fix, now)); return; }
    for (const van of placed) {
      const { lat, lon, fix_at, accuracy_m } = fix(van.id);
      this.map.dot(van.id, { lat, lon }, { kind: "van", label: van.name, accuracy_m: accuracy_m || 0, faded: now - fix_at > OLD_MS });
      this._dots.add(van.id);
    }
    for (const gone of [...this._dots].filter((id) => !placed.some((van) => van.id === id))) {
      this.map.dot(gone, null);
      this._dots.delete(gone);
    }
  }

  async _open(then) {
    if (this._opening) return;
    this._opening = true;
    try {
      this.map = await drawMap(this.box, { label: word("van_desk.map") });
      then();
    } catch (error) {
      setTimeout(() => { this._opening = false; }, AGAIN_MS); // No network: with a later drawing.
    }
  }
}
