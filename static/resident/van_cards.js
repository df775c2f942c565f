// My tickets and reminders as cards, on the part's first view and on a stop's.

import { $, attribute, h, keyed, put, setData, show } from "/static/shared/dom.js";
import { word } from "/static/shared/words.js";
import { standing } from "./acts.js";
import { stopAddress } from "./van_mine.js";
import { TICKET_LIVE, actText, chanceText, reminderText, servingText, ticketText } from "./van_words.js";
import { when } from "./market.js";

const TONES = { go: "go", called: "go", waiting: "wait", no_show: "alarm" };

export class VanCards {
  /** `stop`: only what is of this stop; null: all of mine. */
  constructor(app, mine, stop = null) {
    Object.assign(this, { app, mine, stop });
    this.list = h("ul", { class: "cards van-mine" });
    this.element = h("section", { "aria-labelledby": "van-mine", hidden: true }, h("h2", { id: "van-mine", text: word("vans.mine") }), this.list);
  }

  draw() {
    const now = this.app.city_now();
    const { tickets, reminders } = this.mine.shown(now);
    const rows = [...reminders.filter(({ state }) => state === "ringing"), ...tickets, ...reminders.filter(({ state }) => state !== "ringing")]
      .filter((view) => !this.stop || view.stop === this.stop);
    show(this.element, rows.length > 0);
    keyed(this.list, rows, (view) => `${view.type} ${view.id}`, (view) => (view.type === "ticket" ? this._ticket(view) : this._reminder(view)),
      (card, view) => (view.type === "ticket" ? this._drawTicket(card, view, now) : this._drawReminder(card, view, now)));
  }

  _where(view) {
    return h("a", { class: "mine-where", href: stopAddress(view.stop), hidden: Boolean(this.stop) });
  }

  // -- a ticket ---------------------------------------------------------------------

  _ticket(view) {
    const click = () => this._cancel(view.id);
    return h("li", { class: "card ticket", data: { type: "ticket", id: view.id } },
      h("p", { class: "ticket-number" }, h("span", { text: word("vans.your_number") }), h("b")),
      h("div", { class: "ticket-face" }, h("p", { class: "ticket-state" }), h("p", { class: "ticket-serving" }), h("p", { class: "soft ticket-what" }), this._where(view)),
      h("p", { class: "note order-said", role: "status" }),
      h("button", { type: "button", class: "quiet", data: { act: "ticket.cancel" }, on: { click } }, word("vans.ticket_cancel")));
  }

  _cancel(id) {
    const view = this.mine.tickets.find((one) => one.id === id);
    const record = this.mine.acts.of(`cancel ${id}`);
    if (record && record.state === "asking") return void this.mine.acts.again(record);
    if (view) this.mine.run({ key: `cancel ${id}`, cmd: "ticket.cancel", data: { ticket: id }, label: view.stop_name, href: `/${stopAddress(view.stop)}` });
    return undefined;
  }

  _drawTicket(card, view, now) {
    const live = TICKET_LIVE.includes(view.state);
    setData(card, { state: view.state, tone: TONES[view.state] || "plain" });
    put($(".ticket-number b", card), String(view.number));
    put($(".ticket-state", card), ticketText(view, now));
    say($(".ticket-serving", card), live ? servingText(view) : chanceText(view.next_at, now));
    put($(".ticket-what", card), `${view.service} \u00B7 ${when(view.scheduled_at, now)}`);
    put($(".mine-where", card), view.stop_name);
    const record = this.mine.acts.of(`cancel ${view.id}`);
    const button = $("button", card);
    show(button, live);
    attribute(button, "aria-busy", record && record.state === "sending" ? "true" : null);
    say($(".order-said", card), actText(record, record && standing(record)));
  }

  // -- a reminder -------------------------------------------------------------------

  _reminder(view) {
    const click = () => this.mine.dismiss(view.stop);
    return h("li", { class: "card reminder", data: { type: "reminder", id: view.id } },
      h("p", { class: "ticket-state" }), this._where(view), h("p", { class: "ticket-serving" }), h("p", { class: "soft rings-while" }),
      h("button", { type: "button", data: { act: "reminder.dismiss" }, on: { click } }));
  }

  _drawReminder(card, view, now) {
    const ringing = view.state === "ringing";
    const live = ringing || view.state === "set";
    setData(card, { state: view.state, tone: ringing ? "go" : view.state === "over" ? "alarm" : "plain" });
    put($(".ticket-state", card), reminderText(view, now));
    put($(".mine-where", card), view.stop_name);
    say($(".ticket-serving", card), view.state === "over" ? chanceText(view.next_at, now) : "");
    say($(".rings-while", card), live ? word("vans.rings_while") : "");
    const button = $("button", card);
    show(button, live);
    put(button, word(ringing ? "vans.hush" : "vans.reminder_cancel"));
    button.className = ringing ? "big" : "quiet";
  }
}

function say(element, text) {
  show(element, text);
  put(element, text || "");
}
