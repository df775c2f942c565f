// The words of a page. Indonesian is whole; another language may have gaps.
//
//   import indonesian from "/static/words/resident/id.js"; // the page's own sections of the one file
//   import { loadWords, useWords, word, fillWords } from "/static/shared/words.js";
//   useWords("<page>", indonesian);               // in the page's first module
//   await loadWords();                  // the chosen language over it
//   word("resident.heard", {n: 2})      // "{n} petugas mendengar" -> "2 petugas mendengar"
//                                       // "{n} {n|medic|medics}" -> "2 medics": the first for 1
//   words("resident.need")              // a whole branch (object)
//   fillWords(document)                 // data-word="a.b" text, data-word-label aria-label,
//                                       // data-word-placeholder, data-word-title
//   chooseTongue("en"), shownTongue(), tongues()   // tongues.js: the switch
//   tongueOf("resident.need")           // the language that this word is shown in
//
// A missing word shows its own name, so that it is seen and named.

const KEPT = "kt.lang";
let own = "";
let indonesian = {};
let chosen = {};
let shown = "id";
let wanted = null; // chosen on a phone that keeps nothing
let failed = 0;

/** A page's Indonesian words. */
export function useWords(page, tree) {
  own = page;
  indonesian = tree;
}

/** What this page can be read in; Javanese has the words of an emergency alone. */
export const tongues = () => (own === "resident" ? ["id", "en", "jv"] : ["id", "en"]);

/** The language that was asked for. */
export function language() {
  let kept = wanted;
  try { kept = localStorage.getItem(KEPT) || wanted; } catch (error) { /* This visit only. */ }
  return tongues().includes(kept) ? kept : "id";
}

/** The language that is on the screen: another one may not have come yet. */
export const shownTongue = () => shown;

/** Load the chosen language over Indonesian. Never rejects; false when it did not come, and all stays as it was. */
export async function loadWords() {
  const tongue = language();
  let tree = {};
  try {
    // A module that failed to load is not asked for again under the same name.
    if (tongue !== "id") tree = (await import(`/static/words/${own}/${tongue}.js${failed ? `?${failed}` : ""}`)).default;
  } catch (error) {
    failed += 1;
    return false;
  }
  if (tongue !== language()) return false; // another was chosen meanwhile
  chosen = tree;
  shown = document.documentElement.lang = tongue;
  return true;
}

/** Keep the choice and load it; a language that does not come is not kept. */
export async function chooseTongue(tongue) {
  const before = shown;
  keep(tongue);
  const had = await loadWords();
  if (!had && language() === tongue) keep(before);
  return had;
}

function keep(tongue) {
  wanted = tongue;
  try { localStorage.setItem(KEPT, tongue); } catch (error) { /* This visit only. */ }
}

const look = (tree, path) => path.split(".").reduce((at, key) => (at === undefined || at === null ? undefined : at[key]), tree);

export function words(path) {
  const found = look(chosen, path);
  return found === undefined ? look(indonesian, path) : found;
}

export const tongueOf = (path) => (look(chosen, path) === undefined ? "id" : shown);

export function word(path, values) {
  const found = words(path);
  if (typeof found !== "string") return path;
  if (!values) return found;
  return found.replace(/\{(\w+)(?:\|([^|}]*)\|([^|}]*))?\}/g, (whole, name, one, more) => {
    if (!(name in values)) return whole;
    return one === undefined ? String(values[name]) : Number(values[name]) === 1 ? one : more;
  });
}

const TARGETS = [
  ["data-word", (element, text, tongue) => {
    element.textContent = text;
    if (tongue === shown) element.removeAttribute("lang");
    else element.lang = tongue;
  }],
  ["data-word-label", (element, text) => element.setAttribute("aria-label", text)],
  ["data-word-placeholder", (element, text) => element.setAttribute("placeholder", text)],
  ["data-word-title", (element, text) => element.setAttribute("title", text)],
];

export function fillWords(root = document) {
  for (const [name, set] of TARGETS) {
    for (const element of root.querySelectorAll(`[${name}]`)) {
      const path = element.getAttribute(name);
      set(element, word(path), tongueOf(path));
    }
  }
}
