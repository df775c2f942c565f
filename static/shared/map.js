// The city as a drawing: the polygons of the kelurahan, and dots that move.
// No tiles, no other host.
//
//   const map = await drawMap(container, {label: "Peta"});
//   map.dot("me", {lat, lon}, {kind: "me", label: "Anda", accuracy_m: 40});   // null place removes it
//   map.line("way", [{lat, lon}, ...]);
//   map.fit(["me", "medic"]);     // show these dots with room around; [] shows the whole city
//   map.mark("kranggan")          // tint one kelurahan (null: none)
//
// A dot's `kind` becomes the class `dot-<kind>` (me, medic, van, stop, shop, patient).

import { h, put, svg } from "./dom.js";
import { distanceM, idOf, loadKelurahan, polygonsOf } from "./geo.js";
import { word } from "./words.js";

const UNIT = 10000; // drawing units a degree, near enough to metres / 11
const LEAST_SPAN_M = 500;
const CROWDED_UNIT = 1; // drawing units a pixel, about 11 m

/** Rejects when the polygons did not come; the container says so until it is asked again. */
export async function drawMap(container, { label } = {}) {
  const said = container.querySelector(".map-said") || container.appendChild(h("p", { class: "map-said" }));
  put(said, word("common.opening"));
  let city;
  try {
    city = await loadKelurahan();
  } catch (error) {
    put(said, word("common.map_failed"));
    throw error;
  }
  said.remove();
  return new CityMap(container, city, label);
}

class CityMap {
  constructor(container, geojson, label) {
    this._squeeze = Math.cos((7.47 * Math.PI) / 180);
    this._dots = new Map();
    this._lines = new Map();
    this._ground = svg("g", { class: "map-ground" });
    this._names = svg("g", { class: "map-names" });
    this._over = svg("g", { class: "map-over" });
    this.element = svg("svg", { class: "map", role: "img", "aria-label": label, preserveAspectRatio: "xMidYMid meet" },
      this._ground, this._names, this._over);
    for (const feature of geojson.features) this._area(feature);
    container.append(this.element, h("span", { class: "map-source" }, "cahyadsn/wilayah_boundaries"));
    this._all = geojson.features.flatMap((feature) => polygonsOf(feature).flat(2)).map(([lon, lat]) => ({ lat, lon }));
    this._wanted = [];
    this.fit([]);
    if (typeof ResizeObserver === "function") new ResizeObserver(() => this._look()).observe(container);
  }

  _x(lon) { return (lon - 112.4) * UNIT * this._squeeze; }

  _y(lat) { return (-7.44 - lat) * UNIT; }

  _area(feature) {
    const path = polygonsOf(feature).flat()
      .map((ring) => `M${ring.map(([lon, lat]) => `${this._x(lon).toFixed(1)} ${this._y(lat).toFixed(1)}`).join("L")}Z`)
      .join("");
    const { lat, lng, name } = feature.properties;
    this._ground.append(svg("path", { d: path, class: "map-area", "data-kelurahan": idOf(feature) }));
    const text = svg("text", { x: this._x(lng), y: this._y(lat), class: "map-name" });
    text.textContent = name;
    this._names.append(text);
  }

  mark(id) {
    for (const area of this._ground.children) area.classList.toggle("map-marked", area.dataset.kelurahan === id);
  }

  dot(key, place, { kind = "me", label = "", accuracy_m = 0, faded = false } = {}) {
    let dot = this._dots.get(key);
    if (!place) {
      if (dot) dot.group.remove();
      this._dots.delete(key);
      return;
    }
    if (!dot) {
      const title = svg("title");
      const circles = [svg("circle", { class: "dot-blur" }), svg("circle", { class: "dot-core" })];
      const group = svg("g", {}, ...circles, title);
      this._over.append(group);
      dot = { group, title, circles };
      this._dots.set(key, dot);
    }
    Object.assign(dot, { place, accuracy_m });
    dot.group.setAttribute("class", `dot dot-${kind}${faded ? " dot-faded" : ""}`);
    dot.title.textContent = label;
    for (const circle of dot.circles) {
      circle.setAttribute("cx", this._x(place.lon));
      circle.setAttribute("cy", this._y(place.lat));
    }
    if (this._wanted.includes(key)) this._look();
    else this._size(dot);
  }

  /** The size that a dot has on the screen, whatever the window's scale. */
  _size({ circles: [blur, core], accuracy_m }) {
    core.setAttribute("r", 8 * this._unit);
    blur.setAttribute("r", Math.max((accuracy_m * UNIT) / 111195, 14 * this._unit));
  }

  line(key, places) {
    let line = this._lines.get(key);
    if (!line) {
      line = svg("polyline", { class: "map-line" });
      this._over.prepend(line);
      this._lines.set(key, line);
    }
    line.setAttribute("points", places.map(({ lat, lon }) => `${this._x(lon)},${this._y(lat)}`).join(" "));
  }

  fit(keys) {
    this._wanted = keys;
    this._look();
  }

  /** Choose the window, then sizes that stay the same on the screen whatever its scale. */
  _look() {
    const shown = this._wanted.map((key) => this._dots.get(key)).filter(Boolean).map((dot) => dot.place);
    const places = shown.length ? shown : this._all;
    const lats = places.map((place) => place.lat);
    const lons = places.map((place) => place.lon);
    const middle = { lat: (Math.min(...lats) + Math.max(...lats)) / 2, lon: (Math.min(...lons) + Math.max(...lons)) / 2 };
    const metres = UNIT / 111195;
    const least = shown.length ? LEAST_SPAN_M : 0;
    const wide = Math.max((this._x(Math.max(...lons)) - this._x(Math.min(...lons))) * (shown.length ? 1.6 : 1.04), least * metres);
    const high = Math.max((this._y(Math.min(...lats)) - this._y(Math.max(...lats))) * (shown.length ? 1.6 : 1.04), least * metres);
    const x = this._x(middle.lon) - wide / 2;
    const y = this._y(middle.lat) - high / 2;
    this.element.setAttribute("viewBox", `${x.toFixed(2)} ${y.toFixed(2)} ${wide.toFixed(2)} ${high.toFixed(2)}`);
    const box = this.element.getBoundingClientRect();
    const unit = box.width ? Math.max(wide / box.width, high / box.height) : wide / 340;
    this._unit = unit;
    this.element.style.setProperty("--px", `${unit}px`);
    for (const dot of this._dots.values()) this._size(dot);
    // Names of small kelurahan lie on each other when the whole city is in a small window.
    this._names.setAttribute("display", unit < CROWDED_UNIT ? "inline" : "none");
    for (const name of this._names.children) name.setAttribute("font-size", 11 * unit);
  }

  /** Straight metres between two dots, or null. */
  between(a, b) {
    const one = this._dots.get(a);
    const other = this._dots.get(b);
    return one && other ? distanceM(one.place, other.place) : null;
  }
}
