// The order's rhythm in two voices: as usual, and dense and hard when an order
// is loud. Only one of them sounds at a time.

import { Ring } from "/static/shared/ring.js";

export class Sound {
  /** `onAudible(key)`: proven for that key; `onBlocked()`: the browser keeps it silent. */
  constructor({ onAudible, onBlocked }) {
    this.calm = new Ring("order");
    this.loud = new Ring("order_loud");
    for (const ring of [this.calm, this.loud]) Object.assign(ring, { onAudible, onBlocked });
    this._keys = new Set();
  }

  get unlocked() { return this.calm.unlocked; }
  get audible() { return this.calm.audible; }
  get tested_at() { return this.calm.tested_at; }

  state() { return this.calm.state(); }

  /** Call it inside a tap. */
  async unlock() {
    const [unlocked] = await Promise.all([this.calm.unlock(), this.loud.unlock()]);
    return unlocked;
  }

  /** Sound for exactly these keys, in the loud voice or the calm one. */
  play(keys, loud) {
    const [voice, other] = loud ? [this.loud, this.calm] : [this.calm, this.loud];
    other.stopAll();
    for (const key of this._keys) if (!keys.has(key)) voice.stop(key);
    for (const key of keys) voice.start(key);
    this._keys = new Set(keys);
  }

  touched() {
    this.calm.touched();
    this.loud.touched();
  }

  test(beats) { return this.calm.test(beats); }

  passed(at) { this.calm.passed(at); }
}
