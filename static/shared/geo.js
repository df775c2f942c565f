// Where a point lies. GeoJSON polygons are [lon, lat] rings; the first is the
// outer one, the rest are holes. A kelurahan's id is its name in lower case.

const EARTH_M = 6371008.8;
const radians = (degrees) => (degrees * Math.PI) / 180;

/** Metres between two {lat, lon}, on a sphere. */
export function distanceM(a, b) {
  const dLat = radians(b.lat - a.lat);
  const dLon = radians(b.lon - a.lon);
  const s = Math.sin(dLat / 2) ** 2 + Math.cos(radians(a.lat)) * Math.cos(radians(b.lat)) * Math.sin(dLon / 2) ** 2;
  return 2 * EARTH_M * Math.asin(Math.min(1, Math.sqrt(s)));
}

/** Even-odd rule over all rings, so that a hole is outside. */
export function inRings({ lat, lon }, rings) {
  let inside = false;
  for (const ring of rings) {
    for (let i = 0, j = ring.length - 1; i < ring.length; j = i, i += 1) {
      const [xi, yi] = ring[i];
      const [xj, yj] = ring[j];
      if (yi > lat !== yj > lat && lon < ((xj - xi) * (lat - yi)) / (yj - yi) + xi) inside = !inside;
    }
  }
  return inside;
}

export function polygonsOf(feature) {
  const { type, coordinates } = feature.geometry;
  return type === "Polygon" ? [coordinates] : coordinates;
}

export const idOf = (feature) => feature.properties.name.toLowerCase().replace(/ /g, "-");

/** The feature that a point lies in, or null. Never the nearest centroid: Miji's lies in Kranggan. */
export function featureAt(point, geojson) {
  return geojson.features.find((feature) => polygonsOf(feature).some((rings) => inRings(point, rings))) || null;
}

let loading = null;

/** The city's kelurahan, fetched once. Rejects when there is no network and no copy. */
export function loadKelurahan() {
  if (!loading) {
    loading = fetch("/static/data/kelurahan.geojson").then((answer) => {
      if (!answer.ok) throw new Error(`kelurahan: HTTP ${answer.status}`);
      return answer.json();
    });
    loading.catch(() => { loading = null; });
  }
  return loading;
}
