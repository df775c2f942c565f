// What the city announces, kept while this page is open: the kelurahan of this
// phone, the band of an urgent alert, the line in the strip, the list for "Info
// kota". Loaded after the button works; nothing here asks for the place.

import { alertsOf, drillText, isMine, isUrgent, ordered, textOf } from "/static/shared/alerts.js";
import { h } from "/static/shared/dom.js";
import { word } from "/static/shared/words.js";
import { storage } from "./device.js";

const HOME = "kt.kelurahan"; // search.js writes it
const DISMISSED = "kt.alerts_dismissed";
const SHEET = "/static/resident/alerts.css";
const MOST_KEPT = 40;
const TICK_MS = 15000;
const FIX_MS = 1500;

let only = null;

export function cityAlerts(app) {
  if (!only) only = new CityAlerts(app);
  return only;
}

class CityAlerts {
  constructor(app) {
    this.app = app;
    this.kelurahan = storage.get(HOME) || null;
    this._watchers = new Set();
    this._band = null;
    const onChange = () => setTimeout(() => this.changed());
    this.city = app.kt.join("city", { onChange });
    this.warnings = app.kt.join("warnings", { onChange });
    setInterval(() => this.changed(), TICK_MS);
    document.addEventListener("kt-words", () => {
      if (this._band) this._band.reword();
      this.changed();
    });
    this.changed();
  }

  /** `draw()` on every change; returns the way to stop. */
  watch(draw) {
    this._watchers.add(draw);
    return () => this._watchers.delete(draw);
  }

  /** All in force, as they concern this phone: an urgent one may come by its own lane first. */
  list() {
    const things = new Map([...this.city.things, ...this.warnings.things]);
    return ordered(alertsOf(things, this.app.city_now()), this.kelurahan);
  }

  changed() {
    const alerts = this.list();
    if (alerts.length) look();
    if (alerts.some((alert) => !alert.whole_city)) this._locate();
    const urgent = alerts.filter((alert) => isUrgent(alert) && !this.dismissed(alert));
    this._line(alerts.find((alert) => isMine(alert, this.kelurahan) && !urgent.includes(alert)));
    if (urgent.length || this._band) this._warn(urgent);
    for (const draw of this._watchers) draw();
  }

  /** A message that this phone put away stays away; an update is a new message. */
  dismissed(alert) { return (storage.get(DISMISSED) || this._put_away || []).includes(alert.identifier); }

  dismiss(alert) {
    this._put_away = [...(storage.get(DISMISSED) || this._put_away || []), alert.identifier].slice(-MOST_KEPT);
    storage.set(DISMISSED, this._put_away);
    this.changed();
  }

  async _warn(urgent) {
    try {
      const { Band } = await import("./alert_band.js");
      if (!this._band) this._band = new Band((alert) => this.dismiss(alert));
      this._band.draw(urgent);
    } catch (error) { /* No network: it is drawn with the next change. */ }
  }

  _line(alert) {
    if (!alert) return void this.app.strip.set("alert", null);
    const severity = word(`info.severity_${alert.severity}`);
    const mark = drillText(alert) ? word(`info.status_${alert.status}`).toUpperCase() : severity;
    this.app.strip.set("alert", {
      type: "alert", id: alert.id, state: alert.severity, text: `${mark} · ${textOf(alert).headline}`, href: "/#info", at: alert.at,
    });
  }

  /** The kelurahan that a fix of this phone lies in, else the one its person named last. */
  async _locate() {
    const now = Date.now();
    if (this._located_at && now - this._located_at < TICK_MS) return;
    this._located_at = now;
    await this.app.place.warm();
    const place = this.app.place.known();
    if (!place && !this._located_late) { // The fix may be on its way.
      this._located_late = true;
      setTimeout(() => { this._located_at = 0; this.changed(); }, FIX_MS);
    }
    let found = storage.get(HOME) || null;
    if (place) {
      try {
        const { featureAt, idOf, loadKelurahan } = await import("/static/shared/geo.js");
        const feature = featureAt(place, await loadKelurahan());
        if (feature) found = idOf(feature);
      } catch (error) { /* Without the borders: what was named. */ }
    }
    if (found === this.kelurahan) return;
    this.kelurahan = found;
    this.changed();
  }
}

export const follow = cityAlerts;

/** The look that only a page with alerts needs. */
export function look() {
  if (document.querySelector(`link[href="${SHEET}"]`)) return;
  document.head.append(h("link", { rel: "stylesheet", href: SHEET }));
}
