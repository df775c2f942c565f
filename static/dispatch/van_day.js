// Changing a van's day while it runs: each act says first who will be told.
// `desk`: kt, sheet, run(cmd, data), said(reply), van(id),
// stopOf(van, stop), nameOf(stop), waiting(van, day, stop), stops(), learn(stop).

import { clock } from "/static/shared/ages.js";
import { announce } from "/static/shared/dom.js";
import { word } from "/static/shared/words.js";
import { Field, input } from "/static/dispatch/fields.js";
import { minuteFrom, minuteOf, stopsOf, takenBy, timeOf } from "/static/dispatch/van_numbers.js";
import { StopChoice } from "/static/dispatch/van_stop_choice.js";

/** Who hears of it: followers, reminders, and as many people in the queues as the hub counts. */
export function told(waiting, stop) {
  const who = stop ? word("van_desk.told_stop", { stop }) : word("van_desk.told_trip");
  return waiting ? `${who} ${word("van_desk.told_queue", { n: waiting })}` : who;
}

export class VanDay {
  constructor(desk) { this.desk = desk; }

  /** The whole trip of a day (`day` of the van's view, or of a trip to come) does not take place. */
  cancel(van, day, name, home) {
    const { desk } = this;
    const reason = new Field(input("reason", { maxlength: 120 }), "van_desk.reason", "van_desk.reason_hint");
    desk.sheet.ask({
      heading: word("van_desk.cancel_heading", { van: name, day }), content: [reason.element], fields: [reason], danger: true,
      told: told(desk.waiting(van, day), null), yes: word("van_desk.cancel_yes"), act: "trip.cancel", home,
      wrongs: () => ({ reason: reason.value ? null : word("van_desk.wrong_reason") }),
      run: () => desk.give("trip.cancel", { van, day, reason: reason.value }, { reason: "reason" }),
      done: () => announce(word("van_desk.cancelled")),
    });
  }

  /** The day's list of stops with a change, from the newest table: what another desk did meanwhile stays. */
  async _save(id, day, change) {
    const van = this.desk.van(id);
    if (van.day !== day) return { text: word("van_desk.new_day") }; // Asked before midnight, sent after it.
    return this.desk.give("trip.save", { van: id, day: van.day, stops: stopsOf(van.trip, van.day, change) }, { stops: "time" });
  }

  skip(id, stop, home) {
    const { desk } = this;
    const { name, day } = desk.stopOf(id, stop);
    desk.sheet.ask({
      heading: word("van_desk.skip_heading", { stop: name }), danger: true, home,
      told: told(desk.waiting(id, day, stop), name), yes: word("van_desk.skip_yes"), act: "trip.save",
      run: () => this._save(id, day, { without: stop }), done: () => announce(word("van_desk.saved")),
    });
  }

  /** Stops that were cancelled take place after all: one, or the whole trip. */
  restore(id, stops, home) {
    const { desk } = this;
    const { day } = desk.van(id);
    const one = stops.length === 1 ? desk.stopOf(id, stops[0]).name : null;
    desk.sheet.ask({
      heading: one ? word("van_desk.restore_heading", { stop: one }) : word("van_desk.restore_trip", { van: desk.van(id).name }), home,
      told: told(0, one), yes: word("van_desk.restore_yes"), act: "trip.save",
      run: () => this._save(id, day, { back: stops }), done: () => announce(word("van_desk.saved")),
    });
  }

  move(id, stop, home) {
    const { desk } = this;
    const { name, day, row } = desk.stopOf(id, stop);
    const time = new Field(input("time", { type: "time", value: timeOf(minuteOf(row.scheduled_at, day)) }), "van_desk.time_new");
    desk.sheet.ask({
      heading: word("van_desk.move_heading", { stop: name, time: clock(row.scheduled_at) }), content: [time.element], fields: [time], home,
      told: told(desk.waiting(id, day, stop), name), yes: word("van_desk.move_yes"), act: "trip.save",
      wrongs: () => ({ time: this._wrongTime(id, time.value, stop) }),
      run: () => this._save(id, day, { at: { [stop]: minuteFrom(time.value) } }), done: () => announce(word("van_desk.saved")),
    });
  }

  add(id, home) {
    const { desk } = this;
    const { day, trip } = desk.van(id);
    const here = new Set(trip.filter((row) => row.state !== "cancelled").map((row) => row.stop));
    const choice = new StopChoice(desk.stops().filter((stop) => !here.has(stop.id)), desk);
    const time = new Field(input("time", { type: "time" }), "van_desk.time");
    desk.sheet.ask({
      heading: word("van_desk.add_heading", { van: desk.van(id).name }), content: [choice.element, time.element], fields: [...choice.fields, time], home,
      told: told(0, word("van_desk.that_stop")), yes: word("van_desk.add_yes"), act: "trip.save",
      wrongs: () => ({ ...choice.wrongs(), time: this._wrongTime(id, time.value, null) }),
      run: async () => {
        const { bad, ...stop } = await choice.take();
        if (bad) return bad;
        desk.learn(stop);
        return this._save(id, day, { at: { [stop.id]: minuteFrom(time.value) } });
      },
      done: () => announce(word("van_desk.saved")),
    });
  }

  _wrongTime(id, text, stop) {
    const van = this.desk.van(id);
    const minute = minuteFrom(text);
    if (minute === null) return word("van_desk.wrong_time");
    const other = takenBy(stopsOf(van.trip, van.day), minute, stop);
    return other ? word("van_desk.wrong_same_time", { stop: this.desk.nameOf(other) }) : null;
  }
}
