// "You do not hear": the loudest thing on the page while a medic on duty cannot
// be rung, with the one tap that mends it.

import { put, setData, show } from "/static/shared/dom.js";
import { word } from "/static/shared/words.js";

const FRESH_MS = 24 * 3600 * 1000;
const SOCKET_GRACE_MS = 2500;
const HUB_GRACE_MS = 6000;

/** Why a medic on duty cannot be rung, most basic first; null when all is well. */
export function reason({ live, unlocked, tested_at, reachable }, now) {
  if (!live) return "socket";
  if (!unlocked) return "locked";
  if (now - tested_at >= FRESH_MS) return "test";
  return reachable ? null : "hub";
}

export class Deaf {
  /** `mend` has unlock() and test(). */
  constructor(element, ring, kt, mend) {
    this.element = element;
    this.ring = ring;
    this.kt = kt;
    this._since = new Map();
    this._text = element.querySelector("p");
    this._button = element.querySelector("button");
    const acts = { socket: () => kt.wake(), locked: mend.unlock, test: mend.test, hub: () => location.reload() };
    this._button.addEventListener("click", () => acts[element.dataset.state]());
  }

  draw({ onDuty, duty }) {
    const now = Date.now();
    const why = onDuty ? reason({
      live: this.kt.state.help === "live" && navigator.onLine !== false, unlocked: this.ring.unlocked, tested_at: this.ring.tested_at, reachable: duty.reachable,
    }, now) : null;
    for (const known of [...this._since.keys()]) if (known !== why) this._since.delete(known);
    if (why && !this._since.has(why)) this._since.set(why, now);
    const grace_ms = { socket: SOCKET_GRACE_MS, hub: HUB_GRACE_MS }[why] || 0;
    const loud = Boolean(why) && now - this._since.get(why) >= grace_ms;
    if (loud) {
      setData(this.element, { state: why });
      put(this._text, word(`medic.deaf_${why}`));
      put(this._button, word(`medic.deaf_${{ socket: "retry", locked: "unlock", test: "test_act", hub: "reload" }[why]}`));
    }
    show(this.element, loud);
  }
}
