// Where the van is, told to the hub while it drives: from the phone's own
// location, or on a path of the demo's own towards the next stop.

const EVERY_MS = 2000;
const STILL_MS = 10000; // a phone that lies still says nothing by itself
const DEMO_SPEED_M_S = 7; // 25 km/h
const M_PER_DEGREE = 111320;
const OTHERS_DRIVE_MS = 10000;

/** A point `step_m` nearer to `to`, or `to` itself. */
export function towards(from, to, step_m) {
  const shrink = Math.cos((from.lat * Math.PI) / 180);
  const north_m = (to.lat - from.lat) * M_PER_DEGREE;
  const east_m = (to.lon - from.lon) * M_PER_DEGREE * shrink;
  const left_m = Math.hypot(north_m, east_m);
  if (left_m <= step_m) return { lat: to.lat, lon: to.lon };
  const part = step_m / left_m;
  return {
    lat: from.lat + (to.lat - from.lat) * part,
    lon: from.lon + (to.lon - from.lon) * part,
  };
}

export class Positions {
  /** `tell(location)` gives one fix to the hub, true when it left; `now()` is the city's clock. */
  constructor({ tell, now, onState }) {
    this._tell = tell;
    this._now = now;
    this._onState = onState;
    this._watch = null;
    this._still = null;
    this._rest = null; // the newest fix, until it may go
    this._told_at = 0;
    this._demo = null;
    this._mine = new Set();
    this._others_at = 0;
    this.state = "off"; // off | waiting | sending | failed
    this.sent_at = 0;
  }

  get simulated() { return this._demo !== null; }

  get on() { return this.state !== "off"; }

  /** Follow the phone. Call it inside a tap: it asks for permission. */
  start() {
    if (this._watch !== null || this._demo || !navigator.geolocation) return;
    this._to("waiting");
    this._watch = navigator.geolocation.watchPosition(
      (position) => this._take(position),
      () => this._to("failed"),
      { enableHighAccuracy: true, maximumAge: 5000 },
    );
    this._still = setInterval(() => this._askAgain(), STILL_MS);
  }

  _askAgain() {
    if (this._now() - this.sent_at < STILL_MS - EVERY_MS) return;
    const failed = () => this._to("failed");
    navigator.geolocation.getCurrentPosition((position) => this._take(position), failed, { maximumAge: 5000, timeout: STILL_MS });
  }

  stop() {
    if (this._watch !== null) navigator.geolocation.clearWatch(this._watch);
    clearInterval(this._still);
    clearTimeout(this._rest);
    if (this._demo) clearInterval(this._demo.timer);
    this._watch = null;
    this._demo = null;
    this._to("off");
  }

  /** Drive from `place` towards whatever `goal()` says ({lat, lon} or null: stand still). */
  startDemo(place, goal) {
    this.stop();
    this._demo = { at: place, goal, timer: setInterval(() => this._drive(), EVERY_MS) };
    this._to("waiting");
    this._drive();
  }

  /** The hub shows a fix of this van: one that is not ours means that somebody else drives it. */
  heard(fix) {
    if (this._mine.has(fix.fix_at)) return;
    this._others_at = this._now();
    if (this._demo) this._demo.at = { lat: fix.lat, lon: fix.lon };
  }

  _drive() {
    if (this._now() - this._others_at < OTHERS_DRIVE_MS) return;
    const goal = this._demo.goal();
    if (goal) this._demo.at = towards(this._demo.at, goal, (DEMO_SPEED_M_S * EVERY_MS) / 1000);
    this._send({ ...this._demo.at, accuracy_m: 8, fix_at: Math.round(this._now()) });
  }

  _take({ coords, timestamp }) {
    if (this._watch === null) return;
    const fix_at = Math.round(this._now() - Math.max(0, Date.now() - timestamp));
    if (fix_at <= this.sent_at && this.state === "sending") return;
    const location = { lat: coords.latitude, lon: coords.longitude, accuracy_m: Math.round(coords.accuracy), fix_at };
    // The last of several in a row goes too: the van may stand from now on, and the phone say no more.
    clearTimeout(this._rest);
    const rest_ms = this._told_at + EVERY_MS - Date.now();
    if (rest_ms > 0) this._rest = setTimeout(() => this._send(location), rest_ms);
    else this._send(location);
  }

  _send(location) {
    this._mine.add(location.fix_at);
    if (this._mine.size > 100) this._mine.delete(this._mine.values().next().value);
    if (!this._tell(location)) return;
    this._told_at = Date.now();
    this.sent_at = location.fix_at;
    this._to("sending");
  }

  _to(state) {
    this.state = state;
    this._onState();
  }
}
