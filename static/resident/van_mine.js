// What of the mobile office is mine: tickets, reminders, and commands on their
// way. Keeps their lines in the strip and rings, on whatever page the person is.

import { announce } from "/static/shared/dom.js";
import { Acts, standing } from "./acts.js";
import { storage } from "./device.js";
import { living } from "./living.js";
import { VanRing } from "./van_ring.js";
import { vanWake } from "./van_wake.js";
import { TICKET_LIVE, actText, reminderLine, ticketLine } from "./van_words.js";

const QUEUED_AT = "kt.queued_at"; // when this device last took a ticket or set a reminder
const KEPT = "kt.van_acts";
const ENDED_SHOWN_MS = 3600000;
const TICK_MS = 1000;
const ACT_FIRST = 1e11;

let only = null;

export function vanMine(app) {
  if (!only) only = new VanMine(app);
  return only;
}

export const stopAddress = (id) => `#mobil/titik/${id}`;

class VanMine {
  constructor(app) {
    this.app = app;
    this.topic = null;
    this._lines = new Set();
    this._watchers = new Set();
    this.wake = vanWake(app);
    this.ring = new VanRing(living(app).ring, { dismiss: (stop) => this.dismiss(stop) });
    this.acts = new Acts(app, (record) => this._changed(record), KEPT);
    setInterval(() => this._tick(), TICK_MS);
    this.acts.resume();
    if (this.acts.records.size) this.follow();
  }

  /** `draw(record?)` on every change, with the act that changed; returns the way to stop. */
  watch(draw) {
    this._watchers.add(draw);
    return () => this._watchers.delete(draw);
  }

  /** From now on this device hears of its tickets and reminders. */
  follow() {
    if (this.topic) return;
    this.topic = this.app.kt.join("person/<me>", {
      onChange: (changes, topic, live) => {
        for (const { view, before } of changes) if (live !== false) this._tell(view, before);
        this._changed();
      },
    });
  }

  get tickets() { return this._all("ticket"); }
  get reminders() { return this._all("reminder"); }

  _all(type) { return (this.topic ? [...this.topic.things.values()] : []).filter((view) => view.type === type).sort((a, b) => b.at - a.at); }

  reminder(stop) { return this.reminders.find((view) => view.stop === stop) || null; }

  /** This person's ticket for a service at a stop on a day, the live one first. */
  ticket(stop, service, day) {
    const found = this.tickets.filter((view) => view.stop === stop && view.service === service && (!day || view.day === day));
    return found.find(({ state }) => TICKET_LIVE.includes(state)) || found[0] || null;
  }

  /** Those that are worth a line: live ones, and for an hour what became of the others. */
  shown(now) {
    const fresh = (view) => now - view.at < ENDED_SHOWN_MS;
    return {
      tickets: this.tickets.filter((view) => TICKET_LIVE.includes(view.state) || (view.state === "no_show" && view.grace_until > now) || fresh(view)),
      reminders: this.reminders.filter((view) => view.state === "set" || view.state === "ringing" || (view.state === "over" && view.why && fresh(view))),
    };
  }

  // -- commands ---------------------------------------------------------------------

  run(what) {
    storage.set(QUEUED_AT, Date.now());
    this.follow();
    return this.acts.run(what);
  }

  /** Silent at once on this phone; the hub hears it as soon as it can. */
  dismiss(stop) {
    const reminder = this.reminder(stop);
    if (!reminder) return;
    this.ring.touch(ringKey(reminder));
    this.run({ key: `reminder ${stop}`, cmd: "reminder.dismiss", data: { stop }, label: reminder.stop_name, href: `/${stopAddress(stop)}` });
  }

  // -- hearing ----------------------------------------------------------------------

  _tell(view, before) {
    if (!view || (before && before.state === view.state && before.rings === view.rings)) return;
    const now = this.app.city_now();
    if (view.type === "ticket" && before) announce(`${ticketLine(view, now)} \u00B7 ${view.stop_name}`, view.state === "called");
    if (view.type === "reminder" && view.state === "ringing") announce(reminderLine(view, now), true);
  }

  _tick() {
    if (this.topic) this._draw();
  }

  _changed(record) {
    if (record && record.cmd === "reminder.dismiss" && record.state === "refused" && record.reply.code !== "too_many") this.acts.forget(record);
    this._draw();
    for (const draw of [...this._watchers]) draw(record);
  }

  _draw() {
    const now = this.app.city_now();
    const { tickets, reminders } = this.shown(now);
    this._strip(tickets, reminders, now);
    this.ring.draw([...reminders.filter(({ state }) => state === "ringing").map((view) => ({
      key: ringKey(view), type: "reminder", id: view.stop, state: view.state, text: reminderLine(view, now), href: `/${stopAddress(view.stop)}`, until_touched: true,
    })), ...tickets.filter(({ state }) => state === "called" || state === "go").map((view) => ({
      key: `${view.id} ${view.state}`, type: "ticket", id: view.id, state: view.state, text: ticketLine(view, now), href: `/${stopAddress(view.stop)}`, until_touched: false,
    }))]);
  }

  _strip(tickets, reminders, now) {
    const lines = new Map();
    const line = (view, text) => ({ type: view.type, id: view.id, state: view.state, text, href: `/${stopAddress(view.stop)}`, at: view.at });
    for (const view of tickets) lines.set(`ticket ${view.id}`, line(view, `${ticketLine(view, now)} \u00B7 ${view.stop_name}`));
    for (const view of reminders) lines.set(`reminder ${view.id}`, line(view, reminderLine(view, now)));
    for (const record of this.acts.records.values()) {
      const said = actText(record, standing(record));
      if (!said || record.cmd === "reminder.dismiss") continue;
      lines.set(`act ${record.key}`, { type: record.cmd.split(".")[0], id: record.id, state: standing(record), text: `${said} \u00B7 ${record.label}`, href: record.href, at: record.acted_at + ACT_FIRST });
    }
    for (const key of this._lines) if (!lines.has(key)) this.app.strip.set(key, null);
    for (const [key, each] of lines) this.app.strip.set(key, each);
    this._lines = new Set(lines.keys());
  }
}

/** Each ring of a reminder is one to be dismissed. */
const ringKey = (reminder) => `reminder ${reminder.stop} ${reminder.at}`;
