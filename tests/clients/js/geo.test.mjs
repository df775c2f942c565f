import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import test from "node:test";

import { KELURAHAN } from "/static/resident/questions.js";
import { KRANGGAN } from "/static/resident/place.js";
import { distanceM, featureAt, idOf, inRings } from "/static/shared/geo.js";

const CITY = JSON.parse(readFileSync(new URL("../../../static/data/mojokerto-kelurahan.geojson", import.meta.url)));

test("A point belongs to the polygon it lies in: Miji's own centroid lies in Kranggan.", () => {
  const miji = CITY.features.find((feature) => feature.properties.name === "Miji").properties;
  assert.equal(idOf(featureAt({ lat: miji.lat, lon: miji.lng }, CITY)), "kranggan");
});

test("Surabaya lies in none of them.", () => {
  assert.equal(featureAt({ lat: -7.2575, lon: 112.7521 }, CITY), null);
});

test("A hole of a polygon is outside of it.", () => {
  const square = (a, b) => [[a, a], [b, a], [b, b], [a, b], [a, a]];
  const rings = [square(0, 10), square(4, 6)];
  assert.equal(inRings({ lat: 2, lon: 2 }, rings), true);
  assert.equal(inRings({ lat: 5, lon: 5 }, rings), false);
});

test("A degree of latitude is 111 km.", () => {
  assert.ok(Math.abs(distanceM({ lat: -7, lon: 112 }, { lat: -8, lon: 112 }) - 111195) < 1);
});

test("The 18 tiles are the 18 kelurahan, and the simulation's Kranggan is in Kranggan.", () => {
  assert.deepEqual([...KELURAHAN].sort(), CITY.features.map((feature) => feature.properties.name).sort());
  assert.equal(idOf(featureAt(KRANGGAN, CITY)), "kranggan");
});
