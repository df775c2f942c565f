// The van desk: today's vans beside their timetable, the days to come, what residents
// ask for, and how well times were kept and foretold. Tables `dispatch/van` and `vans`.

import { announce, attribute, h, keyed, put, refill, show } from "/static/shared/dom.js";
import { word } from "/static/shared/words.js";
import { Acts } from "/static/medic/acts.js";
import { Field, fieldOf, input } from "/static/dispatch/fields.js";
import { AskedList } from "/static/dispatch/van_asked.js";
import { VanDay } from "/static/dispatch/van_day.js";
import { VanMap } from "/static/dispatch/van_map.js";
import { Plans } from "/static/dispatch/van_plan.js";
import { Plots } from "/static/dispatch/van_plots.js";
import { VanSheet } from "/static/dispatch/van_sheet.js";
import { VanCards } from "/static/dispatch/van_today.js";
import { showKey } from "/static/dispatch/van_tracker.js";

const TICK_MS = 5000;
const REFUSED = new Set(["illegal_step", "not_found", "too_late", "not_allowed"]);
const WRONG = [[/^data\.stops\[\d+\]\.minute/, "minute"], [/^data\.stops\[\d+\]\.stop/, "stop"], [/^data\.stops\b/, "stops"], [/^data\.day/, "day"], [/^data\.reason/, "reason"], [/^data\.name/, "name"]];

export class VanDesk {
  constructor(panel, kt) {
    this.kt = kt;
    this.acts = new Acts(kt, "dispatch");
    this.sheet = new VanSheet();
    this.day = new VanDay(this);
    this.cards = new VanCards(this);
    this.plots = new Plots();
    this.plans = new Plans(this);
    this.wished = new AskedList();
    this._texts = new Map(); // van -> what its last tap says
    this._learnt = new Map(); // stops that were made here and no trip visits yet
    this._build(panel);
    const soon = () => this._soon();
    this.table = kt.join("dispatch/van", { onChange: soon });
    this.places = kt.join("vans", { onChange: soon, onMoved: soon }); // `moved` goes to the public's topics alone
    setInterval(() => this.draw(), TICK_MS);
    this.draw();
  }

  _build(panel) {
    this.none = h("p", { class: "soft" });
    this.list = h("ul", { class: "cards" });
    const box = h("div", { class: "city-map van-map", hidden: true });
    this.map = new VanMap(box);
    const more = h("button", { type: "button", class: "small", data: { open: "van" }, on: { click: () => this.newVan() } }, word("van_desk.new_van"));
    const today = h("section", { "aria-labelledby": "today-heading" }, h("h2", { id: "today-heading" }, word("van_desk.today")), this.none, this.list, more);
    refill(panel, h("div", { class: "desk-columns" }, today, h("div", { class: "desk-side" }, box, this.plots.element, this.wished.element)), this.plans.element);
    attribute(panel, "data-desk", "van");
  }

  _soon() {
    if (this._drawing) return;
    this._drawing = setTimeout(() => { this._drawing = null; this.draw(); });
  }

  draw() {
    if (!this.places) return; // Joining already tells of connecting.
    const vans = this.vans();
    show(this.none, !vans.length);
    put(this.none, word(this.table.synced ? "van_desk.no_vans" : "dispatch.connecting"));
    keyed(this.list, vans, (van) => van.id, (van) => this.cards.make(van), (card, van) => this.cards.update(card, van));
    this.map.draw(vans, (id) => this.fix(id), this.now());
    this.plots.draw(vans);
    this.wished.draw(this.of("asked"));
    this.plans.draw(vans);
  }

  // -- what the parts ask of the desk ----------------------------------------------------------

  now() { return this.kt.now(); }

  of(type) { return [...this.table.things.values()].filter((view) => view.type === type); }

  vans() { return this.of("van").sort((a, b) => a.name.localeCompare(b.name)); }

  van(id) { return this.table.things.get(id); }

  trips(van) { return this.of("trip").filter((trip) => trip.van === van).sort((a, b) => (a.day < b.day ? -1 : 1)); }

  week(van) { return Object.fromEntries(this.of("plan").filter((plan) => plan.van === van).map((plan) => [plan.weekday, plan.stops])); }

  fix(van) { return this.places.fixes.get(van) || null; }

  text(van) { return this._texts.get(van) || ""; }

  /** A stop of a van's trip of today: `{name, day, row}`. */
  stopOf(van, stop) {
    const { day, trip } = this.van(van);
    const row = trip.find((one) => one.stop === stop);
    return { name: row.name, day, row };
  }

  queues(van, day, stop = null) {
    return this.of("queue").filter((queue) => queue.id.endsWith(`.${van}.${day}`) && (!stop || queue.stop === stop)).sort((a, b) => (a.service < b.service ? -1 : 1));
  }

  /** How many people wait in the queues of a day, or of one stop of it. */
  waiting(van, day, stop = null) { return this.queues(van, day, stop).reduce((sum, queue) => sum + queue.waiting, 0); }

  /** Every stop that a trip visits, or that was made here: `[{id, name, kelurahan}]`. */
  stops() {
    const found = new Map(this._learnt);
    for (const { trip } of [...this.of("trip"), ...this.vans()]) for (const { stop, name, kelurahan } of trip) found.set(stop, { id: stop, name, kelurahan });
    return [...found.values()].sort((a, b) => a.name.localeCompare(b.name));
  }

  learn(stop) { if (stop.name) this._learnt.set(stop.id, stop); }

  nameOf(stop) { return (this.stops().find(({ id }) => id === stop) || { name: stop }).name; }

  // -- acting -----------------------------------------------------------------------------------

  run(cmd, data) {
    return this.acts.run(cmd, data, { key: `${cmd}:${data.van || ""}`, onText: (text, state) => this.sheet.say(state === "refused" ? "" : text) });
  }

  /** Run a command; null when it is done, else why not. `at`: part of its data -> the field that shows it. */
  async give(cmd, data, at = {}) {
    const reply = await this.run(cmd, data);
    return reply.ok ? null : { field: at[fieldOf(reply)], text: this.said(reply) };
  }

  said(reply) {
    if (reply.retry) return word(reply.code === "unconfirmed" ? "dispatch.unconfirmed" : "dispatch.not_sent");
    const wrong = reply.code === "bad_data" && WRONG.find(([path]) => path.test(reply.message));
    if (wrong) return word(`van_desk.hub_${wrong[1]}`);
    return REFUSED.has(reply.code) ? word(`van_desk.refused_${reply.code}`) : this.acts.refusal(reply);
  }

  /** A new key for a van's tracker, in one tap. The hub tells it once, so a reply that was lost means one tap more. */
  async tracker(van, home) {
    const say = (text) => { this._texts.set(van, text); this.draw(); };
    const reply = await this.acts.run("van.tracker", { van }, { key: `tracker:${van}`, onText: say });
    if (!reply.ok) { say(this.said(reply)); return; }
    const { key } = reply.data;
    if (!key) { say(word("van_desk.key_lost")); return; }
    const base = (this.kt.config && this.kt.config.url) || location.origin;
    showKey(this.sheet, { van, name: this.van(van).name, key, base, home });
  }

  newVan() {
    const name = new Field(input("name", { maxlength: 60 }), "van_desk.van_name");
    const services = new Field(input("services", { maxlength: 300 }), "van_desk.van_services", "van_desk.van_services_hint");
    const id = () => name.value.toLowerCase().replace(/[^a-z0-9]+/g, "-").replace(/^-|-$/g, "").slice(0, 40);
    const wrongName = () => (!id() ? word("van_desk.wrong_van_name") : this.van(id()) ? word("van_desk.wrong_van_there") : null);
    const list = () => services.value.split(",").map((one) => one.trim()).filter(Boolean);
    this.sheet.ask({
      heading: word("van_desk.new_van"), content: [name.element, services.element], fields: [name, services], told: word("van_desk.told_van"),
      yes: word("van_desk.new_van_yes"), act: "van.save",
      wrongs: () => ({ name: wrongName(), services: list().length > 12 || list().some((one) => one.length > 40) ? word("van_desk.wrong_services") : null }),
      run: () => this.give("van.save", { van: id(), name: name.value, services: list() }, { name: "name", services: "services" }),
      done: () => announce(word("van_desk.saved")),
    });
  }
}

export const mount = (panel, kt) => new VanDesk(panel, kt);
