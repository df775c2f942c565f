// The city desk's form: an alert is looked at before it is published. Whatever is
// changed after the preview must be looked at again.

import { alertCard, updateAlert } from "/static/shared/alerts.js";
import { $, $$, attribute, h, isOff, put, refill, show, turnOff, unlessOff } from "/static/shared/dom.js";
import { idOf, loadKelurahan } from "/static/shared/geo.js";
import { word } from "/static/shared/words.js";
import { Field, Group, area, fieldOf, input, judge, select } from "/static/dispatch/fields.js";
import { title } from "/static/dispatch/texts.js";

const HOUR_MS = 3600000;
const MOST_H = 720;
const CATEGORIES = ["met", "geo", "fire", "health", "safety", "security", "rescue", "env", "transport", "infra", "cbrne", "other"];
const SEVERITIES = ["extreme", "severe", "moderate", "minor", "unknown"];
const URGENCIES = ["immediate", "expected", "future"];
const CERTAINTIES = ["observed", "likely", "possible", "unlikely"];
const STATUSES = ["actual", "exercise", "test"];
/** Which field shows what the hub says of a part of the command. */
const SHOWN_AT = { texts: "description", areas: "areas", expires: "hours", event: "event", status: "status" };

export class AlertForm {
  /** `run(cmd, data, onText)` resolves to the reply; `said(reply)` gives its words; `now()` the city's clock. */
  constructor(element, { run, said, now }) {
    Object.assign(this, { element, run, said, now });
    this.alert = null; // the one that is updated, or null: a new one
    this._build();
    this._fillAreas();
  }

  _build() {
    this.status = new Group("status", "info.status", STATUSES.map((value, n) => h("label", {}, h("input", { type: "radio", name: "status", value, checked: n === 0 }), h("span", {}, word(`info.status_${value}`)))));
    this.status.element.addEventListener("change", () => this._keepStatus());
    this.headline = new Field(input("headline", { maxlength: 160 }), "info.headline");
    this.event = new Field(input("event", { maxlength: 60 }), "info.event", "info.event_hint");
    this.category = new Field(select("category", CATEGORIES, "info.category", "met"), "info.category");
    this.severity = new Field(select("severity", SEVERITIES, "info.severity", "moderate"), "info.severity");
    this.urgency = new Field(select("urgency", URGENCIES, "info.urgency", "expected"), "info.urgency");
    this.certainty = new Field(select("certainty", CERTAINTIES, "info.certainty", "likely"), "info.certainty");
    this.description = new Field(area("description", { maxlength: 1200 }), "info.description");
    this.instruction = new Field(area("instruction", { maxlength: 600 }), "info.instruction");
    this.hours = new Field(input("hours", { inputmode: "numeric", maxlength: 4, value: "6" }), "info.hours");
    this.boxes = h("div", { class: "boxes" });
    this.whole = h("input", { type: "checkbox", name: "whole_city" });
    this.areas = new Group("areas", "info.areas_for", h("label", { class: "box-all" }, this.whole, h("span", {}, word("info.whole_city"))), this.boxes);
    this.fields = [this.status, this.headline, this.event, this.category, this.severity, this.urgency, this.certainty, this.description, this.instruction, this.hours, this.areas];
    this.heading = h("h2", { id: "alert-form-heading" }, word("info.new"));
    this.look = h("button", { type: "submit", class: "big", data: { open: "preview" } }, word("info.preview"));
    this.drop = h("button", { type: "button", class: "small", hidden: true, on: { click: unlessOff(() => this.begin()) } }, word("info.update_drop"));
    this.said_at = h("p", { class: "error", role: "status" });
    this.preview = h("section", { class: "preview", "aria-live": "polite", hidden: true });
    this.form = h("form", { class: "desk-form", novalidate: true, "aria-labelledby": "alert-form-heading", on: { submit: (event) => { event.preventDefault(); this._look(); } } },
      this.status.element, this.headline.element, h("div", { class: "pairs" }, [this.event, this.category, this.severity, this.urgency, this.certainty, this.hours].map((field) => field.element)),
      this.description.element, this.instruction.element, this.areas.element, this.look);
    for (const name of ["input", "change"]) this.form.addEventListener(name, () => this._changed());
    this.element.append(this.heading, this.drop, this.form, this.said_at, this.preview);
  }

  async _fillAreas() {
    try {
      const { features } = await loadKelurahan();
      refill(this.boxes, features.map(idOf).sort().map((id) => h("label", {}, h("input", { type: "checkbox", name: "area", value: id }), h("span", {}, title(id)))));
      if (this.alert) this._tick(this.alert);
      this._changed();
    } catch (error) {
      setTimeout(() => this._fillAreas(), 5000);
    }
  }

  /** A new alert, or an update of one that is in force. */
  begin(alert = null) {
    this.alert = alert;
    this.form.reset();
    this._changed();
    judge(this.fields, {});
    put(this.heading, word(alert ? "info.updating" : "info.new"));
    show(this.drop, alert);
    if (alert) this._fill(alert);
    this.headline.control.focus();
  }

  _fill(alert) {
    const { id } = alert.texts;
    for (const name of ["category", "severity", "urgency", "certainty", "event"]) this[name].value = alert[name];
    for (const name of ["headline", "description", "instruction"]) this[name].value = id[name] || "";
    this.hours.value = String(Math.max(1, Math.ceil((alert.expires - this.now()) / HOUR_MS)));
    this._status(alert.status);
    this._tick(alert);
  }

  _status(value) {
    for (const radio of $$("[name='status']", this.form)) radio.checked = radio.value === value;
  }

  /** What an alert is stays: an exercise that becomes real is another alert, and those who read it must see that. */
  _keepStatus() {
    const { alert } = this;
    const other = alert && !$(`[name='status'][value='${alert.status}']`, this.form).checked;
    this.status.wrong(other ? word("info.wrong_status") : null);
    if (other) this._status(alert.status);
  }

  _tick(alert) {
    this.whole.checked = alert.whole_city;
    const mine = new Set(alert.areas.map((one) => one.id));
    for (const box of $$("[name='area']", this.form)) box.checked = !alert.whole_city && mine.has(box.value);
    attribute(this.boxes, "hidden", alert.whole_city);
  }

  _changed() {
    show(this.boxes, !this.whole.checked);
    this.seen = null;
    show(this.preview, false);
    put(this.said_at, "");
  }

  _read() {
    const hours = /^\d+$/.test(this.hours.value) ? Number(this.hours.value) : NaN;
    const areas = this.whole.checked ? "city" : $$("[name='area']:checked", this.form).map((box) => box.value);
    const text = { headline: this.headline.value };
    for (const name of ["description", "instruction"]) if (this[name].value) text[name] = this[name].value;
    const data = {
      status: $("[name='status']:checked", this.form).value, event: this.event.value, areas,
      expires: Math.round(this.now() + (hours || 0) * HOUR_MS), texts: { ...(this.alert ? this.alert.texts : {}), id: text },
    };
    for (const name of ["category", "severity", "urgency", "certainty"]) data[name] = this[name].value;
    if (this.alert) data.alert = this.alert.id;
    const wrongs = {
      headline: data.texts.id.headline ? null : word("info.wrong_headline"), event: data.event ? null : word("info.wrong_event"),
      hours: hours >= 1 && hours <= MOST_H ? null : word("info.wrong_hours", { most: MOST_H }), areas: areas.length ? null : word("info.wrong_areas"),
    };
    return { data, wrongs };
  }

  async _look() {
    if (isOff(this.look)) return;
    const { data, wrongs } = this._read();
    if (!judge(this.fields, wrongs)) return;
    const reply = await this._send({ ...data, preview: true });
    if (!reply.ok) return;
    this.seen = data;
    this._show(data, reply.data);
  }

  /** What the hub answered: the card as people will read it, and how far it goes. */
  _show(data, { kelurahan, urgent, status, severity, expires, whole_city, areas, texts }) {
    const card = alertCard({ id: "preview" });
    updateAlert(card, { ...data, status, severity, expires, whole_city, areas, texts, state: "preview", at: 0 }, { now: this.now() });
    card.dataset.type = "preview";
    const yes = h("button", { type: "button", class: urgent ? "big danger" : "big go", data: { act: this.alert ? "alert.update" : "alert.publish" }, on: { click: () => this._publish() } }, word(this.alert ? "info.update" : "info.publish"));
    const reach = [word("info.publish_sure", { n: kelurahan }), urgent && word("info.publish_rings"), status !== "actual" && word("info.publish_drill")];
    refill(this.preview, h("h3", {}, word("info.preview_heading")), h("ul", { class: "cards" }, card),
      reach.filter(Boolean).map((text) => h("p", { class: "preview-reach" }, text)), yes);
    show(this.preview, true);
    yes.focus();
  }

  async _publish() {
    if (!this.seen || isOff(this.look)) return;
    const reply = await this._send(this.seen);
    if (!reply.ok) return;
    const text = word(this.alert ? "info.update_done" : "info.publish_done", { n: reply.data.kelurahan });
    this.begin();
    put(this.said_at, text);
    this.said_at.dataset.state = "done";
  }

  async _send(data) {
    const buttons = $$("button", this.element);
    for (const button of buttons) turnOff(button, true);
    this.said_at.dataset.state = "sending";
    const reply = await this.run(this.alert ? "alert.update" : "alert.publish", data, (text) => put(this.said_at, text));
    for (const button of buttons) turnOff(button, false);
    if (reply.ok) { put(this.said_at, ""); return reply; }
    const part = fieldOf(reply);
    const at = SHOWN_AT[part];
    this.said_at.dataset.state = "refused";
    put(this.said_at, at ? "" : this.said(reply));
    if (at) judge(this.fields, { [at]: part === "texts" ? word("info.too_long") : part === "expires" ? word("info.wrong_hours", { most: MOST_H }) : this.said(reply) });
    return reply;
  }
}
