// From where "dekat saya" is measured: a fix this page already has, one that the
// person gives by a tap, or the kelurahan that they name. Nobody is asked unawares.

import { attribute, h, put, show } from "/static/shared/dom.js";
import { featureAt, idOf, loadKelurahan } from "/static/shared/geo.js";
import { word } from "/static/shared/words.js";
import { storage } from "./device.js";
import { KELURAHAN } from "./questions.js";

const HOME = "kt.kelurahan"; // search.js writes it too
const WARM_MS = 1500;

let given = null; // the fix of a tap, while this page is open
let refused = ""; // why there is none

export class VanPlace {
  constructor(app, onChange) {
    Object.assign(this, { app, onChange, geojson: null, kelurahan: storage.get(HOME) || "" });
    this.why = h("p", { class: "soft", id: "near-why" });
    this.near = h("button", { type: "button", class: "big near-me", "aria-describedby": "near-why", on: { click: () => this._ask() } }, word("vans.use_place"));
    this.where = h("select", { "aria-label": word("vans.where"), on: { change: () => this._chosen() } },
      h("option", { value: "" }, word("resident.choose_kelurahan")), KELURAHAN.map((name) => h("option", { value: name.toLowerCase() }, name)));
    this.where.value = this.kelurahan;
    this.element = h("div", { class: "van-where" }, this.near, this.why, h("div", { class: "field" }, this.where));
    loadKelurahan().then((geojson) => {
      this.geojson = geojson;
      this._settled();
    }).catch(() => {});
    app.place.warm();
    setTimeout(() => this._settled(), WARM_MS);
  }

  /** For `nearest`: {point, kelurahan, middle}. */
  get from() {
    const fix = given || this.app.place.known();
    const point = fix ? { lat: fix.lat, lon: fix.lon } : null;
    const home = this.geojson && this.geojson.features.find((feature) => idOf(feature) === this.kelurahan);
    return { point, kelurahan: this.kelurahan, middle: home ? { lat: home.properties.lat, lon: home.properties.lng } : null };
  }

  get known() {
    const { point, kelurahan } = this.from;
    return Boolean(point || kelurahan);
  }

  /** The kelurahan that the person stands in, else the one they named. */
  get here() {
    const { point } = this.from;
    const feature = point && this.geojson ? featureAt(point, this.geojson) : null;
    return feature ? idOf(feature) : this.kelurahan;
  }

  draw() {
    const { point } = this.from;
    show(this.element, !point);
    attribute(this.near, "aria-busy", this.asking ? "true" : null);
    put(this.why, point ? "" : word(this.asking ? "resident.locating" : refused || "vans.use_place_why"));
  }

  _settled() {
    const fix = this.app.place.known();
    if (fix && this.geojson) {
      const feature = featureAt(fix, this.geojson);
      if (feature) storage.set(HOME, idOf(feature));
    }
    this.onChange();
  }

  _chosen() {
    this.kelurahan = this.where.value;
    if (this.kelurahan) storage.set(HOME, this.kelurahan);
    this.onChange();
  }

  _ask() {
    if (!navigator.geolocation) return void this._without("near_failed");
    this.asking = true;
    this.onChange();
    navigator.geolocation.getCurrentPosition(
      ({ coords }) => {
        given = { lat: coords.latitude, lon: coords.longitude };
        this.asking = false;
        this._settled();
      },
      (error) => this._without(error.code === 1 ? "near_denied" : "near_failed"),
      { maximumAge: 60000, timeout: 10000 });
    return undefined;
  }

  _without(why) {
    this.asking = false;
    refused = `resident.${why}`;
    this.onChange();
    this.where.focus();
  }
}
