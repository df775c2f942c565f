// The city desk: what is announced now, and the form to announce.

import { alertCard, alertsOf, ordered, updateAlert } from "/static/shared/alerts.js";
import { attribute, h, keyed, put, refill, show } from "/static/shared/dom.js";
import { word } from "/static/shared/words.js";
import { Acts } from "/static/medic/acts.js";
import { AlertForm } from "/static/dispatch/alert_form.js";
import { reasonForm } from "/static/dispatch/fields.js";

const REFUSED = { too_many: "too_many", too_late: "replaced", illegal_step: "ended", not_found: "ended" };
const TICK_MS = 10000;

export class CityDesk {
  constructor(panel, kt) {
    this.kt = kt;
    this.acts = new Acts(kt, "dispatch");
    this.list = h("ul", { class: "cards" });
    this.none = h("p", { class: "soft" }, word("info.alerts_none"));
    const side = h("section", { class: "desk-side" });
    refill(panel, h("div", { class: "desk-columns" },
      h("section", { "aria-labelledby": "alerts-heading" }, h("h2", { id: "alerts-heading" }, word("info.in_force")), this.none, this.list), side));
    attribute(panel, "data-desk", "city");
    const now = () => kt.now();
    this.form = new AlertForm(side, { run: (cmd, data, onText) => this.acts.run(cmd, data, { key: "form", onText }), said: (reply) => this.said(reply), now });
    this.topic = kt.join("city", { onChange: () => setTimeout(() => this.draw()) });
    setInterval(() => this.draw(), TICK_MS);
    this.draw();
  }

  said(reply) {
    const known = REFUSED[reply.code];
    return known ? word(`info.${known}`) : this.acts.refusal(reply);
  }

  draw() {
    const now = this.kt.now();
    const alerts = ordered(alertsOf(this.topic.things, now), null);
    show(this.none, !alerts.length);
    put(this.none, word(this.topic.synced ? "info.alerts_none" : "dispatch.connecting"));
    keyed(this.list, alerts, (alert) => alert.id, (alert) => this._make(alert), (card, alert) => updateAlert(card, alert, { now }));
  }

  _make({ id }) {
    const card = alertCard({ id });
    const update = h("button", { type: "button", class: "small", data: { open: "update" }, on: { click: () => this.form.begin(this.topic.things.get(id)) } }, word("info.update"));
    const { open, form } = reasonForm(word("info.cancel"), "alert.cancel", async (reason) => {
      const reply = await this.acts.run("alert.cancel", { alert: id, reason }, { key: `cancel:${id}` });
      return reply.ok ? "" : this.said(reply);
    });
    card.append(h("div", { class: "acts" }, update, open), form);
    return card;
  }
}

export const mount = (panel, kt) => new CityDesk(panel, kt);
