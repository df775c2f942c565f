// When the board is drawn: at most once a frame, and by itself as often as ages need it.
//
//   const pace = new Pace(draw);   // draw() -> true when some of it is left for the next frame
//   pace.ask()                     // something changed
//   pace.now()                     // a person acted: with the very next frame
//
// A hundred changes in a second are ten drawings. A page that nobody sees has no
// frames; it is drawn by a timer, because an alarm must sound there too. Between the
// down and the up of a finger nothing is drawn: a card that grew in between would
// have moved its button away, and the tap would be lost.

const GAP_MS = 100;
const LATE_MS = 300;
const HELD_MS = 500; // a finger that rests longer waits for nothing
const LOOK_MS = 20;

export class Pace {
  constructor(draw, env = globalThis) {
    this._draw = draw;
    this._env = env;
    this._drawn_at = -Infinity;
    this._frame = null; // what is asked of the browser, until one of both came
    this._wait = null;
    this._down_at = -Infinity;
    env.addEventListener("pointerdown", () => { this._down_at = env.performance.now(); }, true);
    // After the click that follows the up.
    for (const event of ["pointerup", "pointercancel"]) env.addEventListener(event, () => env.setTimeout(() => { this._down_at = -Infinity; }, 0), true);
  }

  ask() {
    if (this._frame || this._wait) return;
    const rest_ms = this._drawn_at + GAP_MS - this._env.performance.now();
    if (rest_ms <= 0) this.now();
    else this._wait = this._env.setTimeout(() => this.now(), rest_ms);
  }

  now() {
    this._env.clearTimeout(this._wait);
    this._wait = null;
    if (this._frame) return;
    const come = () => this._come();
    this._frame = { id: this._env.requestAnimationFrame(come), timer: this._env.setTimeout(come, LATE_MS) };
  }

  _come() {
    this._env.cancelAnimationFrame(this._frame.id);
    this._env.clearTimeout(this._frame.timer);
    this._frame = null;
    if (this._env.performance.now() - this._down_at < HELD_MS) {
      this._wait = this._env.setTimeout(() => this.now(), LOOK_MS);
      return;
    }
    this._drawn_at = this._env.performance.now();
    if (this._draw()) this.now();
  }
}
