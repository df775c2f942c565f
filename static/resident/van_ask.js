// "Minta mobil datang ke sini": a name for a stop in a kelurahan. It says how
// many asked and what becomes of it, and promises nothing.

import { attribute, h, keyed, put, setData, show } from "/static/shared/dom.js";
import { word } from "/static/shared/words.js";
import { standing } from "./acts.js";
import { beside } from "./beside.js";
import { storage } from "./device.js";
import { kelurahanName } from "./market.js";
import { KELURAHAN } from "./questions.js";
import { VanPlace } from "./van_place.js";
import { actText, dayOf } from "./van_words.js";

const KEY = "ask";
const HOME = "kt.kelurahan"; // search.js writes it too
const ASKED = "kt.asked"; // {kelurahan: {month, names}}
const USUAL = ["KTP", "KK", "akta"];
const MOST_SERVICES = 8;

export class VanAsk {
  constructor({ app, mine, city }) {
    Object.assign(this, { app, mine, city, chosen: new Set() });
    this.back = "#mobil";
    this.title = word("vans.ask");
    this.place = new VanPlace(app, () => this._here());
    this.where = h("select", { name: "kelurahan", required: true, on: { change: () => this._named() } },
      h("option", { value: "" }, word("resident.choose_kelurahan")), KELURAHAN.map((name) => h("option", { value: name.toLowerCase() }, name)));
    const { why, wrong } = beside(this.where);
    this.wrong = wrong;
    this.services = h("div", { class: "chips" });
    this.why = h("p", { text: word("vans.ask_why") });
    this.form = h("form", { id: "ask", class: "order-form", novalidate: true, on: { submit: (event) => this._submit(event) } },
      this.why, h("label", { class: "field" }, h("span", { text: word("vans.ask_where") }), this.where), why,
      h("fieldset", {}, h("legend", { text: word("vans.ask_services") }), this.services));
    this.done = h("section", { class: "card asked", role: "status", hidden: true, data: { type: "asked" } }, h("p", { class: "ticket-state" }), h("p", {}));
    this.body = [this.done, this.form];
    this.error = h("p", { class: "note order-said", role: "alert" });
    this.submit = h("button", { class: "go big", form: "ask", data: { act: "stop.ask" } });
    this.foot = h("div", { class: "order-foot" }, this.error, h("div", { class: "order-do" }, this.submit));
    this._here();
  }

  get record() { return this.mine.acts.of(KEY); }

  get known() {
    const asked = (storage.get(ASKED) || {})[this.where.value];
    return asked && asked.month === dayOf(this.app.city_now()).slice(0, 7) ? asked : null;
  }

  _here() {
    if (!this.where.value && this.place.here) {
      this.where.value = this.place.here;
      this.wrong("");
    }
    if (this.submit) this.draw();
  }

  _named() {
    if (this.where.value) storage.set(HOME, this.where.value);
    this.draw();
  }

  tick() { this.draw(); }

  changed(record) {
    if (record && record.key === KEY && record.state === "done") {
      const { kelurahan, month, names } = record.reply.data;
      storage.set(ASKED, { ...(storage.get(ASKED) || {}), [kelurahan]: { month, names } });
      this.where.value = kelurahan;
      setTimeout(() => this.done.scrollIntoView({ block: "nearest" }));
    }
    this.draw();
  }

  leave() {
    if (this.record && this.record.state === "refused") this.mine.acts.forget(this.record);
  }

  draw() {
    const { record, known } = this;
    this._services();
    show(this.done, Boolean(known));
    setData(this.done, { id: known ? this.where.value : null, state: known ? "asked" : null });
    if (known) {
      put(this.done.firstChild, word("vans.asked", { n: known.names, kelurahan: kelurahanName(this.where.value) }));
      put(this.done.lastChild, word("vans.asked_why"));
    }
    put(this.error, this.app.offline && !record ? word("vans.offline") : actText(record, record && standing(record)));
    for (const part of [this.submit, this.why, this.services.parentNode]) show(part, !known);
    attribute(this.submit, "aria-busy", record && record.state === "sending" ? "true" : null);
    put(this.submit, word(!record || record.state === "refused" ? "vans.ask_send" : record.state === "asking" ? "resident.send_again" : "resident.sending"));
  }

  _services() {
    const names = [...new Set([...USUAL, ...this.city.stops(this.app.city_now()).flatMap(({ services }) => services)])];
    if (this.drawn === names.join()) return;
    this.drawn = names.join();
    keyed(this.services, names, (name) => name, (name) => this._service(name)); // What a finger is on stays.
  }

  _service(name) {
    const box = h("input", { type: "checkbox", name: "service", value: name, on: { change: () => (box.checked ? this.chosen.add(name) : this.chosen.delete(name)) } });
    box.checked = this.chosen.has(name);
    return h("label", { class: "chip" }, box, h("span", { text: name }));
  }

  _submit(event) {
    event.preventDefault();
    const { record } = this;
    if (record && record.state === "asking") return void this.mine.acts.again(record);
    if (record && record.state === "sending") return undefined;
    if (!this.wrong(this.where.value ? "" : word("vans.ask_no_where"))) return void this.where.focus();
    const kelurahan = this.where.value;
    this.mine.run({ key: KEY, cmd: "stop.ask", data: { kelurahan, services: [...this.chosen].slice(0, MOST_SERVICES) }, label: kelurahanName(kelurahan), href: "/#mobil/minta" });
    return this.draw();
  }
}
