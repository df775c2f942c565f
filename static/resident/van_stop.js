// One stop: when the van comes, a reminder, what is done there with the papers
// to bring, and a number in the queue.

import { distance } from "/static/shared/ages.js";
import { h, keyed, put, setData, show } from "/static/shared/dom.js";
import { word } from "/static/shared/words.js";
import { kelurahanName, when } from "./market.js";
import { VanCards } from "./van_cards.js";
import { nearest, servicesOf, visitsOf } from "./van_city.js";
import { VanRemind } from "./van_remind.js";
import { VanService } from "./van_service.js";
import { comesText, fixText } from "./van_words.js";
import { storage } from "./device.js";

const NAME = "kt.ticket_name";
const MOST_NAME = 60;

export class VanStop {
  constructor({ app, mine, city, drawn }, id) {
    Object.assign(this, { app, mine, city, drawn, id, rows: new Map() });
    this.back = "#mobil";
    this.note = h("p", { class: "note market-note", role: "status", hidden: true });
    this.comes = h("p", { class: "stop-comes" });
    this.basis = h("p", { class: "stop-note" });
    this.where = h("p", { class: "soft" });
    this.age = h("p", { class: "soft" });
    this.face = h("section", { class: "card van-stop", data: { type: "stop", id }, "aria-label": word("vans.stop") }, this.comes, this.basis, this.where, this.age);
    this.cards = new VanCards(app, mine, id);
    this.remind = new VanRemind({ app, mine }, id);
    this.name = h("input", { name: "name", value: storage.get(NAME) || "", maxlength: MOST_NAME, autocomplete: "name", placeholder: word("resident.optional"), on: { change: () => storage.set(NAME, this.name.value.trim()) } });
    this.list = h("ul", { class: "cards" });
    this.services = h("section", { "aria-labelledby": "services", hidden: true }, h("h2", { id: "services", text: word("vans.services") }),
      h("label", { class: "field" }, h("span", { text: word("vans.ticket_name") }), this.name), this.list);
    this.visits = h("ol", { class: "trip" });
    this.later = h("section", { class: "card", "aria-labelledby": "visits", hidden: true }, h("h2", { id: "visits", text: word("vans.visits") }), this.visits);
    this.body = [this.note, this.face, this.cards.element, this.remind.element, this.services, this.later];
    city.look([id]);
  }

  get title() {
    const stop = this.city.stop(this.id, this.app.city_now());
    return stop ? stop.name : word("vans.stop");
  }

  tick() { this.draw(); }

  changed(record) {
    if (record) for (const row of this.rows.values()) row.changed(record);
    this.draw();
  }

  leave() {
    this.city.look([]);
    this.remind.leave();
    for (const record of this.mine.acts.records.values()) {
      if (record.state === "refused" && record.data.stop === this.id) this.mine.acts.forget(record);
    }
  }

  draw() {
    const now = this.app.city_now();
    const stop = this.city.stop(this.id, now);
    const whole = this.city.whole(this.id);
    this._note(stop);
    show(this.face, Boolean(stop));
    this.cards.draw();
    this.drawn();
    if (!stop) return;
    this._face(stop, whole, now);
    this.remind.draw(stop);
    this._services(stop, whole, now);
    this._visits(whole, now);
  }

  _note(stop) {
    const text = this.app.offline ? word("vans.offline") : stop ? "" : word(this.city.looked(this.id) ? "vans.stop_gone" : "common.connecting");
    show(this.note, Boolean(text));
    put(this.note, text);
  }

  _face(stop, whole, now) {
    const { text, note } = comesText(stop, now);
    const fix = stop.van ? this.city.fix(stop.van) : null;
    const [{ distance_m }] = nearest([stop], { point: this.app.place.known() });
    setData(this.face, { state: stop.state });
    put(this.comes, stop.state === "expected" ? word("vans.comes", { time: text }) : text);
    put(this.basis, note);
    put(this.where, [kelurahanName(stop.kelurahan), whole && whole.address, distance_m === null ? "" : distance(distance_m)].filter(Boolean).join(" \u00B7 "));
    put(this.age, [stop.van_name, fix && stop.state === "expected" ? fixText(fix, now) : ""].filter(Boolean).join(" \u00B7 "));
  }

  _services(stop, whole, now) {
    const services = servicesOf(whole, stop.services);
    show(this.services, services.length > 0);
    const make = ({ service }) => {
      const row = new VanService({ app: this.app, mine: this.mine, stop: this.id, name: () => this.name.value.trim() }, service);
      this.rows.set(service, row);
      return row.element;
    };
    keyed(this.list, services, ({ service }) => service, make, (element, service) => this.rows.get(service.service).draw({ service, whole, stop, queues: this.city.queues(this.id), now }));
    show(this.name.parentNode, services.some(({ service }) => this.rows.get(service).takes));
  }

  _visits(whole, now) {
    const visits = visitsOf(whole).filter((visit) => visit.day !== whole.day || visit.scheduled_at !== whole.scheduled_at);
    show(this.later, visits.length > 0);
    keyed(this.visits, visits, (visit) => `${visit.van} ${visit.day}`, () => h("li", {}, h("time"), h("span")), (row, visit) => {
      put(row.firstChild, when(visit.scheduled_at, now));
      put(row.lastChild, visit.van_name);
    });
  }
}
