// Where this phone is. Nobody is asked before a call is stored (or practised);
// a permission given earlier is used without asking.

const FRESH_MS = 300000;
const STEP_MS = 5000;

export const KRANGGAN = { lat: -7.4794, lon: 112.4356 };

export class Place {
  /** `demo()`: a simulated city, where a person without a fix in the city is put in Kranggan. */
  constructor({ demo, city_now }) {
    Object.assign(this, { demo, city_now });
    this.fix = null;
    this.refused = false;
    this.moved_to = null; // "kranggan" when the simulation placed us
    this._watch = null;
    this._told_at = 0;
  }

  /** The place to send, or null: only a fix that is young enough. */
  known() {
    if (this.fix && this.city_now() - this.fix.fix_at < FRESH_MS) return this.fix;
    if (this.given) return { ...this.given, fix_at: this.city_now() };
    if (!this.demo()) return null;
    this.moved_to = "kranggan";
    return { ...KRANGGAN, accuracy_m: 40, fix_at: this.city_now() };
  }

  /** The demo's stage says where this phone stands. */
  give({ lat, lon }) {
    this.given = { lat, lon, accuracy_m: 10 };
    this.moved_to = null;
  }

  /** The finger is on the button: a fix may be here when it is sent. Never asks. */
  async warm() {
    if (this.given || !navigator.permissions || !navigator.geolocation) return;
    try {
      const { state } = await navigator.permissions.query({ name: "geolocation" });
      if (state !== "granted") return;
      navigator.geolocation.getCurrentPosition((position) => this._take(position), () => {}, { maximumAge: 60000, timeout: 5000 });
    } catch (error) { /* An old browser cannot say; then it is asked later. */ }
  }

  /** The call is stored: ask, and keep up with the phone. */
  follow(onFix) {
    if (this.given || !navigator.geolocation) return void setTimeout(onFix);
    if (this._watch !== null) return;
    this._watch = navigator.geolocation.watchPosition(
      async (position) => {
        if (!(await this._take(position))) return;
        const now = Date.now();
        if (now - this._told_at < STEP_MS) return;
        this._told_at = now;
        onFix();
      },
      (error) => { if (error.code === 1) this.refused = true; onFix(); },
      { enableHighAccuracy: true, maximumAge: 10000, timeout: 20000 },
    );
  }

  rest() {
    if (this._watch === null) return;
    navigator.geolocation.clearWatch(this._watch);
    this._watch = null;
  }

  async _take({ coords, timestamp }) {
    const age_ms = Math.max(0, Date.now() - timestamp);
    const fix = { lat: coords.latitude, lon: coords.longitude, accuracy_m: Math.round(coords.accuracy), fix_at: Math.round(this.city_now() - age_ms) };
    if (this.demo() && !(await inCity(fix))) return false;
    this.fix = fix;
    this.moved_to = null;
    return true;
  }

  /** Worth sending: clearly sharper, or clearly somewhere else. */
  better(fix, told) {
    if (fix.lat === told.lat && fix.lon === told.lon) return false;
    if (fix.accuracy_m < told.accuracy_m * 0.75) return true;
    const north_m = (fix.lat - told.lat) * 111195;
    const east_m = (fix.lon - told.lon) * 110250;
    return Math.hypot(north_m, east_m) > Math.max(30, fix.accuracy_m);
  }
}

async function inCity(point) {
  try {
    const { featureAt, loadKelurahan } = await import("/static/shared/geo.js");
    return featureAt(point, await loadKelurahan()) !== null;
  } catch (error) {
    return true;
  }
}
