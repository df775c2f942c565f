// What keeps a medic's phone awake and draws the eye: screen lock, blinking title.

import { word } from "/static/shared/words.js";

const BLINK_MS = 900;

/** Blink the page's title between its own and the ringing one. */
export class Title {
  constructor(section) {
    this.section = section;
    this._timer = null;
  }

  ringing(on) {
    if (on === (this._timer !== null)) return;
    if (on) {
      this._set(true);
      this._timer = setInterval(() => this._set(!this._lit), BLINK_MS);
      return;
    }
    clearInterval(this._timer);
    this._timer = null;
    this._set(false);
  }

  _set(lit) {
    this._lit = lit;
    const own = word(`${this.section}.title`);
    document.title = lit ? `(!) ${word(`${this.section}.ringing_title`)}` : own;
  }
}

/** Hold the screen awake while wanted. Browsers drop the lock with the page's visibility. */
export class Awake {
  constructor() {
    this._wanted = false;
    this._lock = null;
    document.addEventListener("visibilitychange", () => this._hold());
  }

  want(wanted) {
    if (wanted === this._wanted) return;
    this._wanted = wanted;
    this._hold();
  }

  async _hold() {
    if (!("wakeLock" in navigator)) return;
    if (!this._wanted) {
      const lock = this._lock;
      this._lock = null;
      if (lock) await lock.release();
      return;
    }
    if (document.visibilityState !== "visible" || (this._lock && !this._lock.released)) return;
    try {
      this._lock = await navigator.wakeLock.request("screen");
    } catch (error) {
      this._lock = null; // Battery saver says no; the ring still sounds.
    }
  }
}
