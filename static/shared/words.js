// The words of a page. Indonesian is whole; another language may have gaps.
//
//   import { loadWords, word, fillWords } from "/static/shared/words.js";
//   await loadWords();                  // the chosen language, or Indonesian
//   word("resident.heard", {n: 2})      // "{n} petugas mendengar" -> "2 petugas mendengar"
//   words("resident.need")              // a whole branch (object)
//   fillWords(document)                 // data-word="a.b" text, data-word-label aria-label,
//                                       // data-word-placeholder, data-word-title
//
// A missing word shows its own name, so that it is seen and named.

import indonesian from "/static/words/id.js";

const LANGUAGES = ["id", "en", "jv"];
const KEPT = "kt.lang";
let chosen = {};

export function language() {
  try {
    const kept = localStorage.getItem(KEPT);
    return LANGUAGES.includes(kept) ? kept : "id";
  } catch (error) {
    return "id";
  }
}

/** Load the chosen language over Indonesian. Never rejects. */
export async function loadWords() {
  const tongue = language();
  document.documentElement.lang = tongue;
  if (tongue === "id") return;
  try {
    chosen = (await import(`/static/words/${tongue}.js`)).default;
  } catch (error) {
    document.documentElement.lang = "id";
  }
}

const look = (tree, path) => path.split(".").reduce((at, key) => (at === undefined || at === null ? undefined : at[key]), tree);

export function words(path) {
  const found = look(chosen, path);
  return found === undefined ? look(indonesian, path) : found;
}

export function word(path, values) {
  const found = words(path);
  if (typeof found !== "string") return path;
  if (!values) return found;
  return found.replace(/\{(\w+)\}/g, (whole, name) => (name in values ? String(values[name]) : whole));
}

const TARGETS = [
  ["data-word", (element, text) => { element.textContent = text; }],
  ["data-word-label", (element, text) => element.setAttribute("aria-label", text)],
  ["data-word-placeholder", (element, text) => element.setAttribute("placeholder", text)],
  ["data-word-title", (element, text) => element.setAttribute("title", text)],
];

export function fillWords(root = document) {
  for (const [name, set] of TARGETS) {
    for (const element of root.querySelectorAll(`[${name}]`)) set(element, word(element.getAttribute(name)));
  }
}
