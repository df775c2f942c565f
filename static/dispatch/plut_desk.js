// PLUT's desk: the classes to come with who signed up, and the form for a new one.

import { clock } from "/static/shared/ages.js";
import { $, attribute, h, isOff, keyed, put, refill, setData, show, turnOff } from "/static/shared/dom.js";
import { word } from "/static/shared/words.js";
import { ZONE_MS } from "/static/shared/zone.js";
import { Acts } from "/static/medic/acts.js";
import { Field, fieldOf, input, judge, reasonForm, select } from "/static/dispatch/fields.js";
import { dateText } from "/static/shop/times.js";

const DAY_MS = 24 * 3600000;
const CATEGORIES = ["food", "goods", "made_to_order"];
const ORDER = ["started", "open", "ended", "cancelled"];
const SHOWN_AT = { title: "title", place: "place", seats: "seats", starts_at: "from", until: "until", category: "category" };

/** "2026-12-03" and "09:30" in the city, whatever zone this screen is in; NaN when either is none. */
export const momentOf = (date, time) => (date && time ? Date.parse(`${date}T${time}:00Z`) - ZONE_MS : NaN);

const dateOf = (at_ms) => new Date(at_ms + ZONE_MS).toISOString().slice(0, 10);

export class PlutDesk {
  constructor(panel, kt) {
    this.kt = kt;
    this.acts = new Acts(kt, "dispatch");
    this.list = h("ul", { class: "cards" });
    this.none = h("p", { class: "soft" });
    const side = h("section", { class: "desk-side" });
    refill(panel, h("div", { class: "desk-columns" },
      h("section", { "aria-labelledby": "classes-heading" }, h("h2", { id: "classes-heading" }, word("info.workshops")), this.none, this.list), side));
    attribute(panel, "data-desk", "plut");
    this._build(side);
    this.topic = kt.join("plut", { onChange: () => setTimeout(() => this.draw()) });
    this.draw();
  }

  _build(side) {
    this.title = new Field(input("title", { maxlength: 100 }), "info.class_title");
    this.category = new Field(select("category", CATEGORIES, "info.class_for"), "info.class_for");
    this.place = new Field(input("place", { maxlength: 100, value: "PLUT, Blooto" }), "info.class_at");
    this.date = new Field(input("date", { type: "date", value: dateOf(this.kt.now() + DAY_MS) }), "info.class_date");
    this.from = new Field(input("from", { type: "time", value: "09:00" }), "info.class_from");
    this.until = new Field(input("until", { type: "time", value: "11:00" }), "info.class_until");
    this.seats = new Field(input("seats", { inputmode: "numeric", maxlength: 3, value: "20" }), "info.class_seats");
    this.fields = [this.title, this.category, this.place, this.date, this.from, this.until, this.seats];
    this.send = h("button", { type: "submit", class: "big go", data: { act: "workshop.publish" } }, word("info.class_new"));
    this.said_at = h("p", { class: "error", role: "status" });
    this.form = h("form", { class: "desk-form", novalidate: true, "aria-labelledby": "class-form-heading", on: { submit: (event) => { event.preventDefault(); this._publish(); } } },
      this.title.element, h("div", { class: "pairs" }, this.fields.slice(1).map((field) => field.element)), this.send, this.said_at);
    side.append(h("h2", { id: "class-form-heading" }, word("info.class_new")), this.form);
  }

  async _publish() {
    if (isOff(this.send)) return;
    const starts_at = momentOf(this.date.value, this.from.value);
    const until = momentOf(this.date.value, this.until.value);
    const seats = /^\d+$/.test(this.seats.value) ? Number(this.seats.value) : 0;
    const wrongs = {
      title: this.title.value ? null : word("info.wrong_class_title"), place: this.place.value ? null : word("info.wrong_class_place"),
      date: this.date.value ? null : word("info.wrong_class_date"), from: starts_at > this.kt.now() || !this.date.value ? null : word("info.wrong_class_from"),
      until: until > starts_at || Number.isNaN(starts_at) ? null : word("info.wrong_class_until"), seats: seats >= 1 && seats <= 100 ? null : word("info.wrong_class_seats"),
    };
    if (!judge(this.fields, wrongs)) return;
    turnOff(this.send, true);
    this.said_at.dataset.state = "sending";
    const data = { title: this.title.value, category: this.category.value, place: this.place.value, starts_at, until, seats };
    const reply = await this.acts.run("workshop.publish", data, { key: "form", onText: (text) => put(this.said_at, text) });
    turnOff(this.send, false);
    const at = reply.ok ? null : SHOWN_AT[fieldOf(reply)];
    this.said_at.dataset.state = reply.ok ? "done" : "refused";
    put(this.said_at, reply.ok ? word("info.class_done") : at ? "" : this.said(reply));
    if (at) judge(this.fields, { [at]: this.said(reply) });
    if (reply.ok) this.title.value = "";
  }

  said(reply) { return reply.code === "illegal_step" || reply.code === "not_found" ? word("info.class_over") : this.acts.refusal(reply); }

  draw() {
    const things = [...this.topic.things.values()];
    const signed = things.filter((thing) => thing.type === "sign_up").sort((a, b) => (a.state < b.state ? -1 : a.state > b.state ? 1 : a.at - b.at));
    const workshops = things.filter((thing) => thing.type === "workshop")
      .sort((a, b) => ORDER.indexOf(a.state) - ORDER.indexOf(b.state) || a.starts_at - b.starts_at);
    show(this.none, !workshops.length);
    put(this.none, word(this.topic.synced ? "info.classes_none" : "dispatch.connecting"));
    keyed(this.list, workshops, (one) => one.id, (one) => this._make(one.id), (card, one) => this._update(card, one, signed.filter((entry) => entry.workshop === one.id)));
  }

  _make(id) {
    const run = async (cmd, data) => {
      const reply = await this.acts.run(cmd, { workshop: id, ...data }, { key: `${cmd}:${id}` });
      return reply.ok ? "" : this.said(reply);
    };
    const error = h("p", { class: "error", role: "status" });
    const start = h("button", { type: "button", class: "small strong", data: { act: "workshop.start" }, on: { click: async () => put(error, await run("workshop.start", {})) } }, word("info.class_start"));
    const { open, form } = reasonForm(word("info.class_cancel"), "workshop.cancel", (reason) => run("workshop.cancel", { reason }));
    return h("li", { class: "card class", data: { type: "workshop", id } },
      h("p", { class: "alert-top" }, h("span", { class: "pill class-state" }), h("span", { class: "soft class-for" })),
      h("h3", { class: "class-title" }), h("p", { class: "class-when" }), h("p", { class: "class-place" }), h("p", { class: "class-count" }),
      h("details", { class: "class-names" }, h("summary", {}, word("info.class_names")), h("ul", {})),
      h("div", { class: "acts" }, start, open), form, error);
  }

  _update(card, one, signed) {
    setData(card, { state: one.state });
    put($(".class-state", card), word(`info.class_${one.state}`));
    put($(".class-for", card), word(`info.class_for_${one.category}`));
    put($(".class-title", card), one.title);
    put($(".class-when", card), word("info.class_when", { date: dateText(one.starts_at), from: clock(one.starts_at), until: clock(one.until) }));
    put($(".class-place", card), [word("info.class_place", { place: one.place }), one.reason].filter(Boolean).join(" · "));
    put($(".class-count", card), [word("info.seat_line", one), one.waiting && word("info.waiting_count", { n: one.waiting })].filter(Boolean).join(" · "));
    show($(".class-names", card), signed.length);
    keyed($(".class-names ul", card), signed, (entry) => entry.id, (entry) => h("li", { data: { type: "sign_up", id: entry.id } }), (row, entry) => {
      setData(row, { state: entry.state });
      put(row, `${entry.name}, ${entry.shop_name}${entry.state === "waiting" ? ` (${word("info.waiting")})` : ""}`);
    });
    const live = one.state === "open" || one.state === "started";
    show($('[data-act="workshop.start"]', card), one.state === "open");
    show($(".acts", card), live);
    if (!live) show($(".reason", card), false);
  }
}

export const mount = (panel, kt) => new PlutDesk(panel, kt);
