// "This phone does not hear": the loudest thing on the page while it would not
// ring, with the one tap that mends it.

import { put, setData, show } from "/static/shared/dom.js";
import { word } from "/static/shared/words.js";

const FRESH_MS = 24 * 3600 * 1000;
const GRACE_MS = { socket: 2500, hub: 8000 };
const ACTS = { socket: "retry", test: "test", locked: "unlock", hub: "reload" };

/** Why this phone would not ring, most basic first; null when it would. */
export function reason({ live, tested_at, unlocked, reachable }, now) {
  if (!live) return "socket";
  if (now - tested_at >= FRESH_MS) return "test";
  if (!unlocked) return "locked";
  return reachable ? null : "hub";
}

export class Deaf {
  /** `mend`: {retry, test, unlock, reload}. */
  constructor(element, mend) {
    this.element = element;
    this._since = new Map();
    this._text = element.querySelector("p");
    this._button = element.querySelector("button");
    this._button.addEventListener("click", () => mend[ACTS[element.dataset.state]]());
  }

  /** Returns the reason that is shown now, or null. */
  draw(facts, now) {
    const why = facts ? reason(facts, now) : null;
    for (const known of [...this._since.keys()]) if (known !== why) this._since.delete(known);
    if (why && !this._since.has(why)) this._since.set(why, now);
    const loud = why !== null && now - this._since.get(why) >= (GRACE_MS[why] || 0);
    if (loud) {
      setData(this.element, { state: why });
      setData(this._button, { act: why === "test" ? "ring.test" : null });
      put(this._text, word(`shop.deaf_${why}`));
      put(this._button, word(`shop.mend_${ACTS[why]}`));
    }
    show(this.element, loud);
    return loud ? why : null;
  }
}
