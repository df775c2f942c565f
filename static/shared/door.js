// What every staff page's door has in common: a drawing, and whom to ring when somebody is in need.

import { h } from "/static/shared/dom.js";
import { word } from "/static/shared/words.js";

const NUMBERS = [["119", "common.medical"], ["112", "common.all"]];

/** The two numbers, for whoever stands before a closed door. */
export function doorNumbers() {
  return h("nav", { class: "door-numbers", "aria-label": word("common.numbers") }, NUMBERS.map(([number, what]) =>
    h("a", { href: `tel:${number}` }, h("b", {}, number), h("span", {}, word(what)))));
}
