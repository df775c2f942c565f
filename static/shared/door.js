// What every staff page's door has in common: whom to ring when somebody is in need, and the city's own account.

import { h } from "/static/shared/dom.js";
import { shownTongue, word } from "/static/shared/words.js";

const NUMBERS = [["119", "common.medical"], ["112", "common.all"]];

/** The two numbers, for whoever stands before a closed door. */
export function doorNumbers() {
  return h("nav", { class: "door-numbers", "aria-label": word("common.numbers") }, NUMBERS.map(([number, what]) =>
    h("a", { href: `tel:${number}` }, h("b", {}, number), h("span", {}, word(what)))));
}

/** The way in by the city's account, where this city has one that opens this page; else null. */
export function cityAccount(config, page) {
  if (!config || !(config.city_sign_in || []).includes(page)) return null;
  return h("a", { class: "big city-account", href: `/v1/oidc/start?page=${page}&lang=${shownTongue()}`, data: { act: "city_sign_in" } }, word("common.city_account"));
}
