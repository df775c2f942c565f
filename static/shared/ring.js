// The ring of a service, and the proof that it was heard (DOMAIN "Reachable").
//
//   const ring = new Ring("medic");              // its rhythm: medic | order | order_loud | van
//   ring.onAudible = (key) => ...                // sound ran for 1 s, unlocked, ring test < 24 h old
//   button.onclick = () => ring.unlock();        // inside a tap, once per page
//   ring.start(key); ring.stop(key); ring.stopAll(); ring.ringing
//   ring.touched()     // the person touched a ringing card: renews the ring test if it was sounding
//   await ring.test(3) // play 3 single beats; the person taps how many, then:
//   ring.passed()      // or passed(at)
//   ring.state()       // {visible, audible, tested_at} for `here`
//
// The sound goes on until every key has stopped. Where the browser blocks it,
// `onBlocked()` is called and the page must say so; vibration goes along.

const SOUNDS = "/static/sounds/";
const KEPT = "kt.ring_tested_at";
const FRESH_MS = 24 * 3600 * 1000;
const PROOF_S = 1;
const BEAT_MS = 600;

const VIBRATION = {
  medic: [300, 100, 300, 100, 300, 100, 300, 500],
  order: [200, 150, 200, 900],
  order_loud: [300, 100, 300, 100, 500, 300],
  van: [600, 900],
};

export class Ring {
  constructor(rhythm) {
    this.rhythm = rhythm;
    this.unlocked = false;
    this.onAudible = () => {};
    this.onBlocked = () => {};
    this._keys = new Map(); // key -> proven
    this._played_s = 0;
    this._at_s = 0;
    this._audio = new Audio(`${SOUNDS}${rhythm}.wav`);
    this._audio.loop = true;
    this._audio.preload = "auto";
    this._beat = new Audio(`${SOUNDS}beat.wav`);
    this._beat.preload = "auto";
    this._audio.addEventListener("timeupdate", () => this._progress());
    document.addEventListener("visibilitychange", () => { if (this.ringing) this._play(); });
  }

  get ringing() { return this._keys.size > 0; }

  get tested_at() {
    try { return Number(localStorage.getItem(KEPT)) || 0; } catch (error) { return this._tested_at || 0; }
  }

  get audible() { return this.unlocked && Date.now() - this.tested_at < FRESH_MS; }

  state() {
    const state = { visible: document.visibilityState === "visible", audible: this.audible };
    if (this.tested_at) state.tested_at = this.tested_at;
    return state;
  }

  /** Call it inside a tap. Resolves to whether the page may sound from now on. */
  async unlock() {
    if (this.unlocked) return true;
    const tries = [this._audio, this._beat].map((audio) => this._unlockOne(audio));
    this.unlocked = (await Promise.all(tries)).every(Boolean);
    if (this.ringing) this._play();
    return this.unlocked;
  }

  async _unlockOne(audio) {
    if (!audio.paused) return true;
    audio.muted = true;
    try {
      await audio.play();
      if (!this.ringing || audio !== this._audio) audio.pause();
      audio.currentTime = 0;
      return true;
    } catch (error) {
      return false;
    } finally {
      audio.muted = false;
    }
  }

  start(key) {
    if (this._keys.has(key)) return;
    this._keys.set(key, false);
    this._played_s = 0;
    this._play();
  }

  stop(key) {
    if (!this._keys.delete(key) || this.ringing) return;
    this._audio.pause();
    this._audio.currentTime = 0;
    clearInterval(this._shaking);
    this._shaking = null;
    if (navigator.vibrate && navigator.userActivation && navigator.userActivation.hasBeenActive) navigator.vibrate(0);
  }

  stopAll() {
    for (const key of [...this._keys.keys()]) this.stop(key);
  }

  async _play() {
    this._vibrate();
    if (!this._audio.paused) return;
    this._at_s = this._audio.currentTime;
    try {
      await this._audio.play();
      this.unlocked = true;
      if (!this.ringing) this._audio.pause();
    } catch (error) {
      if (error.name === "AbortError") return;
      this.unlocked = false;
      this.onBlocked();
    }
  }

  _vibrate() {
    if (this._shaking || !navigator.vibrate) return;
    const pattern = VIBRATION[this.rhythm];
    const length_ms = pattern.reduce((sum, ms) => sum + ms, 0);
    const shake = () => {
      // Chrome refuses (and complains) before the first touch of the page.
      if (!navigator.userActivation || navigator.userActivation.hasBeenActive) navigator.vibrate(pattern);
    };
    shake();
    this._shaking = setInterval(shake, length_ms);
  }

  /** Sound really ran: the element's own clock went on, not muted, not turned down. */
  _progress() {
    const at_s = this._audio.currentTime;
    const step_s = at_s - this._at_s;
    this._at_s = at_s;
    if (this._audio.paused || this._audio.muted || this._audio.volume === 0) return;
    // A loop starts over: the clock jumps back, and that one step is not counted.
    if (step_s > 0 && step_s < 2) this._played_s += step_s;
    if (this._played_s < PROOF_S || !this.audible) return;
    for (const [key, proven] of this._keys) {
      if (proven) continue;
      this._keys.set(key, true);
      this.onAudible(key);
    }
  }

  touched() {
    if (this.ringing && this._played_s >= PROOF_S) this.passed();
  }

  /** Play `beats` single beats (2 to 4). Resolves when they are over; false when the browser blocked them. */
  async test(beats) {
    for (let beat = 0; beat < beats; beat += 1) {
      this._beat.currentTime = 0;
      try { await this._beat.play(); } catch (error) { return false; }
      await new Promise((resolve) => { setTimeout(resolve, BEAT_MS); });
    }
    this.unlocked = (await this._unlockOne(this._audio)) || this.unlocked;
    return true;
  }

  passed(at = Date.now()) {
    this._tested_at = at;
    try { localStorage.setItem(KEPT, String(at)); } catch (error) { /* Private mode: kept for this page. */ }
  }
}
