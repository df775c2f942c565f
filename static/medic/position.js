// Where the medic is, told while on duty (`medic.position`, fleeting).
//
// An idle phone tells every 20 s at most, one on its way every 4 s. A fix is told
// with the time it was taken, never again as if it were new.

const IDLE_MS = 20000;
const UNDER_WAY_MS = 4000;
const ASK_ANEW_MS = 30000;
const STRIDE_M_S = 8; // the simulated medic rides at 29 km/h
const METRES_A_DEGREE = 111195;

export class Positions {
  /** `onChange()` runs when the page's line about the position should be drawn anew. */
  constructor(kt, onChange) {
    this.kt = kt;
    this.onChange = onChange;
    this.state = "none"; // none | ok | denied | demo
    this.fix = null; // {lat, lon, accuracy_m, fix_at}
    this._watch = null;
    this._timer = null;
    this._told_at = 0;
    this._rest = null; // until the newest fix may go
    this._simulated = null;
  }

  /** A demo's medic stands at a given place and rides to its patient by itself. */
  simulate(place) {
    this._simulated = { lat: place.lat, lon: place.lon };
    this._stop();
    if (this._running) this._begin();
  }

  /** Keep telling while `running`; `goal` is the patient's place while under way. */
  run({ running, underWay, goal }) {
    this._underWay = underWay;
    this._goal = goal;
    if (running === Boolean(this._running)) return;
    this._running = running;
    if (running) this._begin();
    else this._stop();
  }

  _begin() {
    if (this._simulated) {
      this._step();
      this._timer = setInterval(() => this._step(), 2000);
      return;
    }
    if (!navigator.geolocation) { this._to("denied"); return; }
    const asks = { enableHighAccuracy: true, maximumAge: 5000, timeout: 60000 };
    const take = (position) => this._take(position);
    const miss = (error) => { if (error.code === 1) this._to("denied"); };
    this._watch = navigator.geolocation.watchPosition(take, miss, asks);
    // Some phones call the watch only when they move.
    this._timer = setInterval(() => navigator.geolocation.getCurrentPosition(take, miss, asks), ASK_ANEW_MS);
  }

  _stop() {
    if (this._watch !== null) navigator.geolocation.clearWatch(this._watch);
    clearInterval(this._timer);
    clearTimeout(this._rest);
    this._watch = this._timer = null;
  }

  _take(position) {
    const { latitude, longitude, accuracy } = position.coords;
    const skew_ms = this.kt.now() - Date.now();
    const fix_at = Math.round(Math.min(position.timestamp, Date.now()) + skew_ms);
    this._tell({ lat: latitude, lon: longitude, accuracy_m: Math.round(accuracy), fix_at }, "ok");
  }

  _step() {
    if (this._goal) this._simulated = towards(this._simulated, this._goal, STRIDE_M_S * 2);
    this._tell({ ...this._simulated, accuracy_m: 10, fix_at: Math.round(this.kt.now()) }, "demo");
  }

  _tell(fix, state) {
    const newer = !this.fix || fix.fix_at > this.fix.fix_at;
    this.fix = newer ? fix : this.fix;
    this._to(state);
    if (!newer) return;
    clearTimeout(this._rest);
    const rest_ms = this._told_at + (this._underWay ? UNDER_WAY_MS : IDLE_MS) - Date.now();
    // The last of several in a row goes too: who stands still from now on may hear of no other.
    if (rest_ms > 0) this._rest = setTimeout(() => this._give(), rest_ms);
    else this._give();
  }

  _give() {
    if (this.kt.tell("medic.position", { location: this.fix })) this._told_at = Date.now();
  }

  /** The socket or the duty is new: the next fix goes at once. */
  anew() {
    this._told_at = 0;
    if (this._simulated && this._running) this._step();
  }

  _to(state) {
    this.state = state;
    this.onChange();
  }
}

/** The place `stride_m` nearer to `goal`, or the goal. */
export function towards(from, goal, stride_m) {
  const squeeze = Math.cos((from.lat * Math.PI) / 180);
  const north_m = (goal.lat - from.lat) * METRES_A_DEGREE;
  const east_m = (goal.lon - from.lon) * METRES_A_DEGREE * squeeze;
  const left_m = Math.hypot(north_m, east_m);
  if (left_m <= stride_m) return { lat: goal.lat, lon: goal.lon };
  const part = stride_m / left_m;
  return { lat: from.lat + (goal.lat - from.lat) * part, lon: from.lon + (goal.lon - from.lon) * part };
}
