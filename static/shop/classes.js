// "Kelas PLUT": the classes for this shop's kind of trade, and our own seats.
// One tap takes a seat or a place in the queue, one gives it back; the phone
// rings an hour before, at the start, and when a seat has come free.

import { clock } from "/static/shared/ages.js";
import { $, h, keyed, put, refill, setData, show, turnOff } from "/static/shared/dom.js";
import { word } from "/static/shared/words.js";
import { actText } from "/static/shop/refusals.js";
import { dateText } from "/static/shop/times.js";

const RING_MS = 10 * 60000; // Nobody is rung for what began long ago.
const LIVE = new Set(["open", "started"]);
const REFUSED = { out_of_stock: "full", not_allowed: "not_yours", illegal_step: "class_over", not_found: "class_over" };

/** A change of `ring_at` rings once: until it is touched, on each phone. */
export const ringKey = (seat) => `seat.${seat.id}.${seat.ring_at}`;

/** What may be joined, what is ours, and what is over for less than a day; the next one first. */
export function classesOf(workshops, seats) {
  const shown = new Map();
  for (const workshop of workshops.values()) if (workshop.type === "workshop" && workshop.state === "open") shown.set(workshop.id, { workshop, seat: null });
  for (const seat of seats.values()) {
    if (seat.type === "seat") shown.set(seat.id, { workshop: workshops.get(seat.id) || null, seat });
  }
  const about = ({ workshop, seat }) => workshop || seat;
  return [...shown.values()].sort((a, b) => Number(!a.seat) - Number(!b.seat) || about(a).starts_at - about(b).starts_at);
}

export class Classes {
  /** `desk` has shop and touches; `onChange()` when something is to be drawn. */
  constructor(element, { acts, kt, desk, onChange }) {
    Object.assign(this, { acts, kt, desk, onChange });
    this.list = h("ul", { class: "cards" });
    this.none = h("p", { class: "soft" });
    refill(element, h("h3", { id: "classes-title" }, word("info.workshops")), this.none, this.list);
    this.element = element;
    this.what = "info.ringing_class";
    this._workshops = null;
    this._seats = null;
  }

  /** The shop says which category; a person's own topic has their seats. */
  follow() {
    const { shop } = this.desk;
    const topic = shop && `workshops/${shop.category}`;
    if (!topic || (this._workshops && this._workshops.topic === topic)) return;
    if (this._workshops) this._workshops.leave();
    const onChange = (changes) => {
      for (const { id } of changes) this.acts.settle(id);
      this.onChange();
    };
    this._workshops = this.kt.join(topic, { onChange });
    if (!this._seats) this._seats = this.kt.join("person/<me>", { onChange });
  }

  /** Keys of the seats that ring now. */
  ringing(now) {
    if (!this._seats) return [];
    const loud = [...this._seats.things.values()].filter((seat) => seat.type === "seat" && seat.ring && LIVE.has(seat.workshop_state)
      && now - seat.ring_at < RING_MS && !this.desk.touched(ringKey(seat)));
    if (loud.length) this.what = `info.ring_${loud[0].ring}`;
    return loud.map(ringKey);
  }

  draw(now) {
    if (!this._workshops) return;
    const shown = classesOf(this._workshops.things, this._seats.things);
    show(this.none, !shown.length);
    put(this.none, word(this._workshops.synced ? "info.workshops_none" : "common.connecting"));
    const ringing = new Set(this.ringing(now));
    keyed(this.list, shown, ({ workshop, seat }) => (workshop || seat).id, (row) => this._make((row.workshop || row.seat).id), (card, row) => this._update(card, row, ringing));
  }

  _make(id) {
    const button = (act) => h("button", { type: "button", class: act === "join" ? "go" : "quiet", data: { act: `workshop.${act}` }, on: { click: () => this._run(id, act) } });
    return h("li", { class: "card class", data: { type: "workshop", id } },
      h("p", { class: "class-ring" }), h("h4", { class: "class-title" }),
      h("p", { class: "class-when" }), h("p", { class: "class-place" }),
      h("p", { class: "class-seats" }), h("p", { class: "class-mine" }),
      h("p", { class: "class-said", role: "status" }),
      h("div", { class: "row" }, button("join"), button("leave")));
  }

  _update(card, { workshop, seat }, ringing) {
    const about = workshop || seat;
    const state = workshop ? workshop.state : seat.workshop_state;
    const key = seat && ringKey(seat);
    setData(card, { state: seat ? seat.state : state, workshop: state, ringing: key && ringing.has(key) ? "" : null, touch: key });
    say($(".class-ring", card), ringText(seat, state, about.reason));
    put($(".class-title", card), about.title);
    put($(".class-when", card), word("info.class_when", { date: dateText(about.starts_at), from: clock(about.starts_at), until: clock(about.until) }));
    put($(".class-place", card), word("info.class_place", { place: about.place }));
    say($(".class-seats", card), workshop && state === "open" ? seatsText(workshop) : null);
    say($(".class-mine", card), mineText(seat, state));
    this._buttons(card, about.id, { workshop, seat, state });
  }

  _buttons(card, id, { workshop, seat, state }) {
    const act = this.acts.of(id);
    const join = $('[data-act="workshop.join"]', card);
    const leave = $('[data-act="workshop.leave"]', card);
    show(join, !seat && state === "open");
    put(join, word(workshop && workshop.joined >= workshop.seats ? "info.join_wait" : "info.join"));
    show(leave, seat && LIVE.has(state));
    put(leave, word("info.leave"));
    for (const button of [join, leave]) turnOff(button, act.pending !== null);
    const said = actText(act);
    const refused = act.error && act.reply && REFUSED[act.reply.code];
    say($(".class-said", card), refused ? word(`info.${refused}`) : said && said.text);
    setData($(".class-said", card), { kind: said ? said.kind : null });
  }

  _run(id, act) { this.acts.run(id, `workshop.${act}`, { workshop: id }); }
}

function ringText(seat, state, reason) {
  if (state === "cancelled") return [word("info.class_is_cancelled"), reason].filter(Boolean).join(": ");
  if (seat && state === "started") return word("info.ring_start");
  return seat && seat.ring ? word(`info.ring_${seat.ring}`) : null;
}

export function seatsText({ seats, joined, waiting }) {
  const left = seats - joined;
  const free = left > 0 ? word("info.seats_left", { n: left }) : word("info.seats_none");
  return waiting ? `${free} · ${word("info.waiting_count", { n: waiting })}` : free;
}

function mineText(seat, state) {
  if (!seat || !LIVE.has(state)) return null;
  if (seat.state === "joined") return word("info.joined");
  return `${word("info.waiting")}: ${seat.ahead ? word("info.ahead", { n: seat.ahead }) : word("info.next")}`;
}

function say(element, text) {
  show(element, text);
  put(element, text || "");
}
