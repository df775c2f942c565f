// A page that opens without a network: the worker that keeps it, and the words that say so.
//
//   keepForFlight("/medic")     // in the page's first module, once it has started
//   sayFlight(kt)               // until a hub has answered, a band says that nothing is known

import { h, show } from "/static/shared/dom.js";
import { language, word } from "/static/shared/words.js";

const AFTER_MS = 8000; // the first seconds are for the sign-in, the sockets and what rings
const PATIENCE_MS = 2500;
const LOOK_MS = 500;
const REFUSED = 4500; // close codes from here on: a hub has answered

/** Have this page kept, by a worker of its own for its own address. A frame of the demo is no page to keep. */
export function keepForFlight(address) {
  if (!("serviceWorker" in navigator) || window.parent !== window) return;
  setTimeout(() => navigator.serviceWorker.register(`${address}/sw.js`, { scope: address }).catch(() => {}), AFTER_MS);
  // The worker keeps a chosen language when it is asked for; what came before the worker did is asked for again.
  navigator.serviceWorker.addEventListener("controllerchange", () => {
    if (language() !== "id") fetch(`/static/words${address}/${language()}.js`).catch(() => {});
  });
}

/** Say that no hub has answered since the page was opened; then the page's own words take over. */
export function sayFlight(kt) {
  const numbers = ["119", "112"].map((number) => h("a", { href: `tel:${number}` }, number));
  const band = h("section", { class: "loud flight", role: "alert", data: { state: "unknown" }, hidden: true },
    h("h2", {}, word("common.flight")), h("p", {}, word("common.flight_why")),
    h("p", {}, word("common.flight_call"), " ", numbers[0], " ", numbers[1]));
  const main = document.querySelector("main");
  main.insertBefore(band, main.firstChild);
  let since = null;
  const look = () => {
    const { help, public: open, code } = kt.state;
    if (kt.person || code >= REFUSED) {
      clearInterval(timer);
      band.remove();
      return;
    }
    const trying = [help, open].some((state) => state === "connecting" || state === "waiting");
    since = trying ? since || Date.now() : null;
    show(band, trying && (navigator.onLine === false || Date.now() - since >= PATIENCE_MS));
  };
  const timer = setInterval(look, LOOK_MS);
  look();
}
