import assert from "node:assert/strict";
import { readFileSync, readdirSync } from "node:fs";
import test from "node:test";
import { gzipSync } from "node:zlib";

import words from "/static/words/id.js";

const ROOT = new URL("../../../", import.meta.url);
const FIRST_BYTES = 20 * 1024;
const IMPORT = /(?:from\s+|import\s*\()"([^"]+)"/g;

const PAGE_WORDS = /^\/static\/words\/[a-z]+\/id\.js$/; // cut by the hub out of the one file
const file = (address) => {
  if (PAGE_WORDS.test(address)) return new URL("static/words/id.js", ROOT);
  if (address === "/") return new URL("static/resident/index.html", ROOT);
  const base = address.startsWith("/client/") ? address.replace("/client/", "clients/js/") : address.slice(1);
  return new URL(base, ROOT);
};
const text = (address) => readFileSync(file(address), "utf8");
const absolute = (name, from) => (name.startsWith(".") ? new URL(name, `http://x${from}`).pathname : name);

/** Addresses that `address` imports at once, and theirs. */
function reach(address, seen = new Set()) {
  if (seen.has(address)) return seen;
  seen.add(address);
  for (const [whole, name] of text(address).matchAll(IMPORT)) {
    if (whole.startsWith("from")) reach(absolute(name, address), seen);
  }
  return seen;
}

test("The button and the numbers work after the first 20 KB: page, style, and all that main.js needs.", () => {
  const first = ["/", "/static/shared/base.css", "/static/resident/resident.css", ...reach("/static/resident/main.js")];
  const bytes = first.reduce((sum, address) => sum + gzipSync(readFileSync(file(address)), { level: 6 }).length, 0);
  assert.ok(bytes <= FIRST_BYTES, `${bytes} bytes: ${first.join(" ")}`);
});

test("Without JavaScript the page holds 119 and 112 as links.", () => {
  for (const number of ["119", "112"]) assert.ok(text("/").includes(`<a class="number" href="tel:${number}"><b>${number}</b>`));
});

const found = (path) => path.split(".").reduce((at, key) => (at || {})[key], words);
const SOURCES = [
  ...readdirSync(new URL("static/resident/", ROOT)).filter((name) => name.endsWith(".js")).map((name) => `/static/resident/${name}`),
  "/static/shared/ages.js",
];

test("Every word that the page names is in the file of words.", () => {
  for (const address of SOURCES) {
    for (const [, path] of text(address).matchAll(/"((?:resident|common|vans)\.[a-z0-9_]+)"/g)) assert.ok(found(path), `${address}: ${path}`);
  }
  for (const [, path] of text("/").matchAll(/data-word[a-z-]*="([^"]+)"/g)) assert.ok(found(path), path);
});

test("Every word that a situation can name is there, with its values.", () => {
  const source = text("/static/resident/situation.js");
  for (const [, name] of source.matchAll(/\["([a-z0-9_]+)"[\],]/g)) assert.ok(found(`resident.${name}`), name);
  for (const name of ["coming", "on_scene", "at_patient"]) assert.match(found(`resident.${name}`), /\{name\}/);
  for (const state of ["cleared", "cancelled", "handed_over", "closed", "duplicate"]) assert.ok(found(`resident.ended_${state}`), state);
});

test("The few words that stand in the page itself are those of the file.", () => {
  let compared = 0;
  for (const [, path, content] of text("/").matchAll(/data-word="([^"]+)"[^>]*>([^<]+)</g)) {
    assert.equal(content, found(path), path);
    compared += 1;
  }
  assert.ok(compared >= 8);
  assert.ok(text("/").includes(`data-stored="${words.resident.stored}"`));
});
