// The first view: what is mine, the map, the stops near me, and which of them
// will have the service that is needed.

import { distance } from "/static/shared/ages.js";
import { $, attribute, h, keyed, put, setData, show } from "/static/shared/dom.js";
import { word } from "/static/shared/words.js";
import { kelurahanName } from "./market.js";
import { VanCards } from "./van_cards.js";
import { chancesOf, nearest, servicesOf } from "./van_city.js";
import { VanList } from "./van_list.js";
import { VanMap } from "./van_map.js";
import { VanPlace } from "./van_place.js";
import { comesText, fixText, leftText } from "./van_words.js";

const FEW = 4;
const FITTED = 3;
let wanted = ""; // the service that is looked for, while the page is open

export class VanHome {
  constructor({ app, mine, city }) {
    Object.assign(this, { app, mine, city, all: false });
    this.back = "/#";
    this.title = word("resident.vans");
    this.offline = h("p", { class: "note market-note", role: "status", hidden: true });
    this.cards = new VanCards(app, mine);
    this.map = new VanMap();
    this.place = new VanPlace(app, () => this.draw());
    this.services = h("div", { class: "chips" });
    this.count = h("p", { role: "status" });
    this.list = h("ul", { class: "cards" });
    this.more = h("button", { type: "button", class: "big", hidden: true, on: { click: () => { this.all = true; this.draw(); } } });
    this.vans = new VanList(app, city);
    this.body = [this.offline, this.vans.arrived, this.cards.element,
      h("section", { "aria-labelledby": "service" }, h("h2", { id: "service", text: word("vans.service_there") }), this.services),
      h("section", { class: "van-near", "aria-labelledby": "near" }, h("h2", { id: "near", text: word("vans.near") }), this.place.element, this.count, this.list, this.more),
      this.map.element, this.vans.element];
    this.foot = h("a", { class: "big ask-all", href: "#mobil/minta" }, word("vans.ask"));
  }

  tick() { this.draw(); }

  changed() { this.draw(); }

  leave() {
    this.left = true;
    this.city.look([]);
  }

  draw() {
    if (this.left) return; // a fix may come late
    const now = this.app.city_now();
    const { from } = this.place;
    const stops = nearest(this.city.stops(now), from);
    this._offline();
    this.cards.draw();
    this.place.draw();
    this._services(stops);
    const having = wanted ? stops.filter(({ services }) => services.includes(wanted)) : stops;
    const shown = this.all && !wanted ? having : having.slice(0, FEW);
    this.city.look(wanted ? shown.map(({ id }) => id) : []);
    this._count(having);
    keyed(this.list, shown, ({ id }) => id, (stop) => makeStop(stop), (card, stop) => this._drawStop(card, stop, now));
    show(this.more, !wanted && !this.all && having.length > FEW);
    put(this.more, word("vans.all_stops", { n: having.length }));
    this.map.draw({ vans: this.vans.vans, stops, me: from.point, near: FITTED, now });
    this.vans.draw();
  }

  _offline() {
    show(this.offline, this.app.offline === true);
    put(this.offline, this.app.offline ? word("vans.offline") : "");
  }

  _services(stops) {
    const names = [...new Set(stops.flatMap(({ services }) => services))].sort((a, b) => a.localeCompare(b));
    show(this.services.parentNode, names.length > 0);
    keyed(this.services, names, (name) => name, (name) => h("button", { type: "button", class: "chip", data: { service: name }, on: { click: () => this._want(name) } }, name),
      (chip, name) => attribute(chip, "aria-pressed", String(name === wanted)));
  }

  _want(name) {
    wanted = wanted === name ? "" : name;
    this.draw();
  }

  _count(having) {
    const said = !this.city.synced && !having.length ? word("common.connecting") : !having.length ? word("vans.no_stops")
      : wanted ? word("vans.having", { service: wanted }) : this.place.known ? "" : word("vans.choose_place");
    put(this.count, said);
    show(this.count, Boolean(said));
  }

  _drawStop(card, stop, now) {
    const { text, note } = comesText(stop, now);
    setData(card, { state: stop.state });
    put($(".stop-name a", card), stop.name);
    put($(".stop-comes", card), text);
    put($(".stop-note", card), note);
    put($(".stop-where", card), [kelurahanName(stop.kelurahan), stop.distance_m === null ? "" : distance(stop.distance_m), stop.van_name].filter(Boolean).join(" \u00B7 "));
    const moving = stop.state === "expected" && stop.eta && stop.eta.from === "fix";
    say($(".stop-fix", card), moving ? fixText(this.city.fix(stop.van), now) : "");
    const chances = wanted ? this._chances(stop, now) : [];
    say($(".stop-chance", card), chances.join(" \u00B7 "));
  }

  /** "besok 09.00: sisa 12 nomor": the next visit with a number left, or that none has. */
  _chances(stop, now) {
    const whole = this.city.whole(stop.id);
    if (!whole) return [word("common.connecting")];
    const service = servicesOf(whole, stop.services).find((one) => one.service === wanted);
    const chances = service ? chancesOf(whole, service, this.city.queues(stop.id)) : [];
    if (!chances.length) return [word("vans.no_visit")];
    const free = chances.find(({ left }) => left !== 0);
    if (!free) return [leftText(0)];
    const { text } = comesText(free.visit, now);
    return free === chances[0] && free.visit.day === whole.day ? [leftText(free.left)] : [word("vans.chance", { time: text, left: leftText(free.left) })];
  }
}

function makeStop({ id }) {
  return h("li", { class: "card van-stop", data: { type: "stop", id } },
    h("h3", { class: "stop-name" }, h("a", { href: `#mobil/titik/${id}` })),
    h("p", { class: "stop-comes" }), h("p", { class: "soft stop-where" }), h("p", { class: "soft stop-note" }),
    h("p", { class: "soft stop-fix" }), h("p", { class: "stop-chance" }));
}

function say(element, text) {
  show(element, text);
  put(element, text || "");
}
