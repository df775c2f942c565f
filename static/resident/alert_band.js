// The band of an urgent alert, above whatever is on the screen but a running
// emergency. It pushes the page down and covers nothing; a short shake, no sound.

import { h, icon, keyed, put, refill, setData, show } from "/static/shared/dom.js";
import { areasText, severityIcon, textOf, tongueOfText } from "/static/shared/alerts.js";
import { word } from "/static/shared/words.js";

const SHAKE_MS = [200, 100, 200];

export class Band {
  constructor(dismiss) {
    this.dismiss = dismiss;
    this.shaken = new Set();
    // A live region speaks what comes into it: it must be there before.
    this.list = h("ul", { class: "warnings", id: "warnings", "aria-live": "assertive", "aria-label": word("info.alerts") });
    document.body.insertBefore(this.list, document.getElementById("home"));
  }

  /** The worst of them is written out, the rest are counted. */
  draw(alerts) {
    const shown = alerts.slice(0, 1);
    keyed(this.list, shown, (alert) => alert.identifier, (alert) => this._make(alert), (row, alert) => {
      put(row.querySelector(".warning-more"), alerts.length > 1 ? word("info.more", { n: alerts.length - 1 }) : "");
      show(row.querySelector(".warning-more"), alerts.length > 1);
    });
    for (const alert of alerts) this._shake(alert);
  }

  /** Another language: the next draw writes the row anew; its buzz is not repeated. */
  reword() {
    this.list.setAttribute("aria-label", word("info.alerts"));
    refill(this.list);
  }

  _make(alert) {
    const away = h("button", { type: "button", class: "warning-away", "aria-label": word("info.dismiss"), on: { click: () => this.dismiss(alert) } }, icon("close"));
    const row = h("li", { class: "warning" }, h("a", { href: "/#info" }, severityIcon("extreme"),
      h("span", { class: "warning-text" }, h("b", {}, word("info.severity_extreme")), h("span", { class: "warning-headline", lang: tongueOfText(alert) }, textOf(alert).headline),
        h("span", { class: "warning-areas" }, areasText(alert))),
      h("span", { class: "warning-more" })), away);
    setData(row, { type: "warning", id: alert.id, state: alert.state, severity: alert.severity });
    return row;
  }

  _shake(alert) {
    if (this.shaken.has(alert.identifier)) return;
    this.shaken.add(alert.identifier);
    // Chrome refuses (and complains) before the first touch of the page.
    if (navigator.vibrate && navigator.userActivation && navigator.userActivation.hasBeenActive) navigator.vibrate(SHAKE_MS);
  }
}
