// Keeps the screen on, where the browser can: a sleeping page does not ring.

export class WakeLock {
  constructor() {
    this._wanted = false;
    this._lock = null;
    document.addEventListener("visibilitychange", () => this._take());
  }

  hold() {
    this._wanted = true;
    this._take();
  }

  async _take() {
    const held = this._lock && !this._lock.released;
    if (!this._wanted || held || !navigator.wakeLock || document.visibilityState !== "visible") return;
    try {
      this._lock = await navigator.wakeLock.request("screen");
    } catch (error) {
      this._lock = null; // Low battery, or not allowed here: the page works without.
    }
  }
}
