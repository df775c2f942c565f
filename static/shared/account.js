// A sign-in by the city's account ends after some hours. An hour before, the page says so: nobody's phone shall fall
// silent unnoticed. The hub left the time in a cookie of this page; it is no secret.
//
//   watchAccount(kt, "/medic")     // in the page's first module, once it has started
//   forgetAccount("/medic")        // signed in by a link, which lasts longer; or signed out

import { clock } from "/static/shared/ages.js";
import { h, put, show } from "/static/shared/dom.js";
import { shownTongue, word } from "/static/shared/words.js";

const ENDS = /(?:^|; )kt_ends=(\d+)/;
const BEFORE_MS = 3600000;
const LOOK_MS = 5000;

export function watchAccount(kt, page) {
  const text = h("span", {});
  const again = h("a", { class: "small", href: `/v1/oidc/start?page=${page}&lang=${shownTongue()}`, data: { act: "city_sign_in_again" } }, word("common.city_account_again"));
  const band = h("p", { class: "note account-ends", role: "status", data: { type: "account", state: "ends" }, hidden: true }, text, again);
  const main = document.querySelector("main");
  main.insertBefore(band, main.firstChild);
  const look = () => {
    const found = ENDS.exec(document.cookie);
    const left = found ? Number(found[1]) - kt.now() : BEFORE_MS;
    const ends = Boolean(kt.person) && left > 0 && left < BEFORE_MS;
    if (ends) put(text, word("common.city_account_ends", { time: clock(Number(found[1])) }));
    show(band, ends);
  };
  setInterval(look, LOOK_MS);
}

export function forgetAccount(page) {
  document.cookie = `kt_ends=; path=${page}; max-age=0`;
}
