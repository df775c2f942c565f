// One service of a stop: what is left, the papers to bring as a list to tick, and
// taking a number; where none is left, the next visit that has one.

import { $, attribute, h, icon, keyed, put, setData, show } from "/static/shared/dom.js";
import { word } from "/static/shared/words.js";
import { standing } from "./acts.js";
import { storage } from "./device.js";
import { living } from "./living.js";
import { when } from "./market.js";
import { chancesOf } from "./van_city.js";
import { stopAddress } from "./van_mine.js";
import { TICKET_LIVE, actText, chanceText, leftText } from "./van_words.js";

const TICKED = "kt.papers";
const MOST_TICKED = 60;
let lists = 0;

export class VanService {
  /** `name()`: how the crew may call the person, "" for none. */
  constructor({ app, mine, stop, name }, service) {
    Object.assign(this, { app, mine, stop, name, service, takes: false, day: null });
    lists += 1;
    this.papers = h("ul", { class: "papers", "aria-labelledby": `papers-${lists}` });
    this.button = h("button", { type: "button", class: "go big", data: { act: "ticket.take", service }, on: { click: () => this._take() } });
    this.element = h("li", { class: "card van-service", data: { type: "queue", id: `${stop}.${service}` } },
      h("h3", { class: "titled" }, icon("paper"), h("span", { text: service })), h("p", { class: "service-left" }), h("p", { class: "soft service-serving" }),
      h("div", { class: "papers-box" }, h("p", { class: "papers-title", id: `papers-${lists}`, text: word("vans.papers") }), this.papers),
      h("p", { class: "note order-said", role: "alert" }), this.button);
  }

  get key() { return `ticket ${this.stop} ${this.service}`; }

  _take() {
    living(this.app).unlock();
    const record = this.mine.acts.of(this.key);
    if (record && record.state === "asking") return void this.mine.acts.again(record);
    const data = { stop: this.stop, service: this.service };
    if (this.day) data.day = this.day;
    if (this.name()) data.name = this.name();
    this.mine.run({ key: this.key, cmd: "ticket.take", data, label: this.service, href: `/${stopAddress(this.stop)}` });
    return undefined;
  }

  changed(record) {
    if (record.key === this.key && record.state === "done") this.taken = true;
  }

  draw({ service, whole, stop, queues, now }) {
    const chances = chancesOf(whole, service, queues);
    const first = chances[0] || null;
    const free = chances.find(({ left }) => left !== 0) || null;
    const queue = first && first.queue;
    const mine = this.mine.ticket(this.stop, this.service, null);
    const live = Boolean(mine && TICKET_LIVE.includes(mine.state));
    setData(this.element, { id: queue ? queue.id : `${this.stop}.${this.service}`, state: queue ? queue.state : first ? "open" : "closed" });
    put($(".service-left", this.element), this._left({ first, free, whole, now }));
    say($(".service-serving", this.element), queue && queue.serving && stop.state === "arrived" ? word("vans.serving", { n: queue.serving }) : "");
    this._papers(service);
    this._button({ live, first, free, now });
    if (live && this.taken) this._reveal(mine.id);
  }

  /** Whoever was served on a day, or may still come back, has had that day's number. */
  _used(day, now) {
    const mine = this.mine.ticket(this.stop, this.service, day);
    return Boolean(mine && (mine.state === "served" || (mine.state === "no_show" && mine.grace_until > now)));
  }

  /** The number that was just taken stands above: show it. */
  _reveal(id) {
    const card = $(`.van-mine [data-id="${CSS.escape(id)}"]`);
    if (!card) return;
    this.taken = false;
    card.scrollIntoView({ block: "center" });
  }

  _left({ first, free, whole, now }) {
    if (!whole) return word("common.connecting");
    if (!first) return word("vans.no_visit");
    if (free === first) return `${word("vans.was_due", { time: when(first.visit.scheduled_at, now) })} \u00B7 ${leftText(first.left)}`;
    const later = free ? free.visit.scheduled_at : first.queue && first.queue.next_at;
    return [word("vans.used_up", { time: when(first.visit.scheduled_at, now) }), chanceText(later, now)].filter(Boolean).join(" ");
  }

  _button({ live, first, free, now }) {
    const record = this.mine.acts.of(this.key);
    const refused = record && record.state === "refused" && record.reply;
    const next_at = refused && refused.code === "out_of_stock" && refused.data && refused.data.next_at;
    const later = Boolean(free && free !== first);
    this.day = later ? free.visit.day : first ? first.visit.day : null;
    this.takes = !live && Boolean(free) && !this._used(free.visit.day, now);
    show(this.button, this.takes);
    const said = live ? "" : [actText(record, record && standing(record)), next_at ? chanceText(next_at, now) : ""].filter(Boolean).join(" ");
    put($(".order-said", this.element), said);
    attribute(this.button, "aria-busy", record && record.state === "sending" ? "true" : null);
    const waiting = record && record.state !== "refused";
    put(this.button, waiting ? word(record.state === "asking" ? "resident.send_again" : "resident.sending")
      : later ? word("vans.take_for", { time: when(free.visit.scheduled_at, now) }) : word("vans.take"));
    attribute(this.button, "aria-label", waiting ? null : `${this.button.textContent}: ${this.service}`);
  }

  _papers({ papers = [] }) {
    show(this.papers.parentNode, papers.length > 0);
    keyed(this.papers, papers, (paper) => paper, (paper) => {
      const name = `${this.service} ${paper}`;
      const box = h("input", { type: "checkbox", on: { change: () => tick(name, box.checked) } });
      box.checked = (storage.get(TICKED) || []).includes(name);
      return h("li", {}, h("label", { class: "paper" }, box, h("span", { text: paper })));
    });
  }
}

function tick(name, on) {
  const others = (storage.get(TICKED) || []).filter((one) => one !== name);
  storage.set(TICKED, on ? [...others, name].slice(-MOST_TICKED) : others);
}

function say(element, text) {
  show(element, text);
  put(element, text || "");
}
