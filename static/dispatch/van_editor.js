// The stops of a day or of a weekday, as a list of times that can be changed, left out
// and added to. Nothing is saved before the last button.

import { clockOf } from "/static/shared/ages.js";
import { $, announce, h, isOff, put, show, turnOff } from "/static/shared/dom.js";
import { word } from "/static/shared/words.js";
import { Field, input } from "/static/dispatch/fields.js";
import { minuteFrom, timeOf } from "/static/dispatch/van_numbers.js";
import { StopChoice } from "/static/dispatch/van_stop_choice.js";

export class StopEditor {
  /** `desk`: run, said, stops(), nameOf(id), learn(stop). `stops`: [{stop, minute}]. */
  constructor(desk, stops) {
    this.desk = desk;
    this.rows = [];
    this.fields = [];
    this.list = h("ol", { class: "edit-stops" });
    this.none = h("p", { class: "soft" }, word("van_desk.editor_none"));
    this.choice = new StopChoice(desk.stops(), desk);
    this.time = new Field(input("new_time", { type: "time" }), "van_desk.time");
    this.button = h("button", { type: "button", class: "small", data: { open: "row" }, on: { click: () => this._take() } }, word("van_desk.editor_add"));
    this.said = h("p", { class: "soft", role: "status" });
    this.choice.stop.control.addEventListener("change", () => { if (this.choice.isNew) this.button.dataset.act = "stop.save"; else delete this.button.dataset.act; });
    this.element = h("div", { class: "editor" }, this.none, this.list,
      h("fieldset", { class: "group" }, h("legend", {}, word("van_desk.editor_more")), h("div", { class: "editor-more" }, this.choice.element, this.time.element), this.button, this.said));
    for (const { stop, minute } of stops) this._row(stop, desk.nameOf(stop), minute);
    this._empty();
  }

  _row(stop, name, minute) {
    const time = new Field(input(`time-${stop}`, { type: "time", value: timeOf(minute), "aria-label": word("van_desk.time_of", { stop: name }) }), name);
    const remove = h("button", { type: "button", class: "small", "aria-label": word("van_desk.editor_remove_of", { stop: name }), data: { open: "remove" }, on: { click: () => this._remove(row) } }, word("van_desk.editor_remove"));
    const row = { stop, name, time, element: h("li", { class: "edit-stop", data: { type: "stop", id: stop, state: "planned" } }, time.element, remove) };
    this.rows.push(row);
    this.fields.push(time);
    this.list.append(row.element);
  }

  _remove(row) {
    const at = this.rows.indexOf(row);
    this.rows.splice(at, 1);
    this.fields.splice(this.fields.indexOf(row.time), 1);
    row.element.remove();
    this._empty();
    const next = this.rows[at] || this.rows[at - 1];
    (next ? $("button", next.element) : this.choice.stop.control).focus();
    announce(word("van_desk.editor_removed", { stop: row.name }));
  }

  _empty() { show(this.none, !this.rows.length); }

  /** The stop that was chosen joins the list; a new one is saved first. */
  async _take() {
    if (isOff(this.button)) return;
    const wrongs = this.choice.wrongs();
    if (this.rows.some((row) => row.stop === this.choice.stop.value)) wrongs.stop = word("van_desk.wrong_twice");
    for (const field of this.choice.fields) field.wrong(wrongs[field.name]);
    const minute = minuteFrom(this.time.value);
    this.time.wrong(minute === null ? word("van_desk.wrong_time") : null);
    if (minute === null || Object.values(wrongs).some(Boolean)) return;
    turnOff(this.button, true);
    put(this.said, word("dispatch.sending"));
    const { bad, ...stop } = await this.choice.take();
    turnOff(this.button, false);
    put(this.said, "");
    if (bad) { (this.choice.fields.find((field) => field.name === bad.field) || this.choice.stop).wrong(bad.text); return; }
    this.desk.learn(stop);
    if (!this.rows.some((row) => row.stop === stop.id)) this._row(stop.id, this.desk.nameOf(stop.id), minute);
    this.choice.stop.value = "";
    show(this.choice.fresh, false);
    this.time.value = "";
    this._empty();
    announce(word("van_desk.editor_added", { stop: this.desk.nameOf(stop.id) }));
  }

  /** What is wrong with the times, by field. */
  wrongs() {
    const seen = new Map();
    const found = {};
    for (const { time, name } of this.rows) {
      const minute = minuteFrom(time.value);
      if (minute === null) found[time.name] = word("van_desk.wrong_time");
      else if (seen.has(minute)) found[time.name] = word("van_desk.wrong_same_time", { stop: seen.get(minute) });
      else seen.set(minute, name);
    }
    return found;
  }

  /** As `trip.save` takes them, by time. */
  get stops() {
    return this.rows.map(({ stop, time }) => ({ stop, minute: minuteFrom(time.value) })).sort((a, b) => a.minute - b.minute);
  }

  /** Beside which field to show what the hub says of `data.stops[n]`, or null. */
  fieldAt({ message }) {
    const found = /^data\.stops\[(\d+)\]/.exec(message || "");
    const at = found && this.stops[Number(found[1])];
    return at ? `time-${at.stop}` : null;
  }
}

/** A line of a list of days: how many stops, from when until when. */
export function spanText(stops) {
  if (!stops.length) return word("van_desk.no_stops");
  const [first, last] = [stops[0].minute, stops[stops.length - 1].minute];
  return word("van_desk.span", { n: stops.length, from: clockOf(first), until: clockOf(last) });
}

