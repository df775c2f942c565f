// The words of a page. Indonesian is whole; another language may have gaps.
//
//   import indonesian from "/static/words/resident/id.js"; // the page's own sections of the one file
//   import { loadWords, useWords, word, fillWords } from "/static/shared/words.js";
//   useWords("<page>", indonesian);               // in the page's first module
//   await loadWords();                  // the chosen language over it
//   word("resident.heard", {n: 2})      // "{n} petugas mendengar" -> "2 petugas mendengar"
//   words("resident.need")              // a whole branch (object)
//   fillWords(document)                 // data-word="a.b" text, data-word-label aria-label,
//                                       // data-word-placeholder, data-word-title
//
// A missing word shows its own name, so that it is seen and named.

const LANGUAGES = ["id", "en", "jv"];
const KEPT = "kt.lang";
let own = "";
let indonesian = {};
let chosen = {};

/** A page's Indonesian words. */
export function useWords(page, tree) {
  own = page;
  indonesian = tree;
}

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
    chosen = (await import(`/static/words/${own}/${tongue}.js`)).default;
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
