// Days to come and the week behind them: what is planned, and the sheets that change it.

import { $, announce, h, keyed, put, setData, show } from "/static/shared/dom.js";
import { word, words } from "/static/shared/words.js";
import { dateText } from "/static/shop/times.js";
import { Field, input } from "/static/dispatch/fields.js";
import { told } from "/static/dispatch/van_day.js";
import { StopEditor, spanText } from "/static/dispatch/van_editor.js";
import { DAY_MS, dayOf, dayStart, stopsOf, weekdayOf } from "/static/dispatch/van_numbers.js";

const MOST_DAYS = 60;

export const dayText = (day) => dateText(dayStart(day) + DAY_MS / 2);

const part = (tag, name, attributes = {}) => h(tag, { ...attributes, data: { part: name } });
const at = (card, name) => $(`[data-part="${name}"]`, card);
const button = (open, text, click) => h("button", { type: "button", class: "small", data: { open }, on: { click } }, text);

export class Plans {
  /** `desk`: as `van_day.js`, and trips(van), week(van) -> weekday -> [{stop, minute}]. */
  constructor(desk) {
    this.desk = desk;
    this.list = h("div", { class: "plans" });
    this.element = h("section", { "aria-labelledby": "plans-heading" }, h("h2", { id: "plans-heading" }, word("van_desk.plans")), h("p", { class: "soft" }, word("van_desk.plans_hint")), this.list);
  }

  draw(vans) {
    keyed(this.list, vans, (van) => van.id, ({ id }) => this._make(id), (element, van) => this._update(element, van));
  }

  _make(van) {
    return h("div", { class: "plan", data: { plan: van } }, part("h3", "name"),
      h("div", { class: "plan-columns" },
        h("div", {}, h("h4", {}, word("van_desk.days")), part("p", "none", { class: "soft" }), part("ul", "days", { class: "plan-list" }), button("day", word("van_desk.other_day"), () => this.otherDay(van))),
        h("div", {}, h("h4", {}, word("van_desk.week")), part("ul", "week", { class: "plan-list" }))));
  }

  _update(element, van) {
    put(at(element, "name"), van.name);
    const trips = this.desk.trips(van.id);
    show(at(element, "none"), !trips.length);
    put(at(element, "none"), word("van_desk.days_none"));
    keyed(at(element, "days"), trips, (trip) => trip.id, (trip) => this._makeTrip(van.id, trip), (row, trip) => this._updateTrip(row, trip));
    const week = this.desk.week(van.id);
    keyed(at(element, "week"), words("shop.days").map((name, weekday) => ({ name, weekday, stops: week[weekday] || [] })), ({ weekday }) => weekday,
      ({ weekday }) => this._makeWeekday(van.id, weekday), (row, one) => this._updateWeekday(row, one));
  }

  _makeTrip(van, { id, day }) {
    const row = h("li", { class: "plan-row", tabindex: -1, data: { type: "trip", id, van } }, part("b", "what"), part("span", "span"),
      h("div", { class: "acts" }, button("edit", word("van_desk.edit"), () => this.editDay(van, id, row)), button("cancel", word("van_desk.cancel_day"), () => this.desk.day.cancel(van, day, `${this.desk.van(van).name}, ${dayText(day)}`, row))));
    return row;
  }

  _updateTrip(row, trip) {
    const stops = stopsOf(trip.trip, trip.day);
    setData(row, { state: trip.state, stops: stops.length });
    put(at(row, "what"), dayText(trip.day));
    const off = trip.state === "cancelled";
    put(at(row, "span"), off ? [word("van_desk.trip_cancelled"), trip.reason].filter(Boolean).join(": ") : spanText(stops));
    show($('[data-open="cancel"]', row), !off && stops.length);
    for (const each of row.querySelectorAll("button")) each.setAttribute("aria-label", `${each.textContent}: ${dayText(trip.day)}`);
  }

  _makeWeekday(van, weekday) {
    const row = h("li", { class: "plan-row", tabindex: -1, data: { type: "plan", id: `${van}.week.${weekday}`, van } }, part("b", "what"), part("span", "span"),
      h("div", { class: "acts" }, button("edit", word("van_desk.edit"), () => this.editWeekday(van, weekday, row))));
    $("button", row).setAttribute("aria-label", `${word("van_desk.edit")}: ${words("shop.days")[weekday]}`);
    return row;
  }

  _updateWeekday(row, { name, stops }) {
    setData(row, { state: stops.length ? "planned" : "none", stops: stops.length });
    put(at(row, "what"), name);
    put(at(row, "span"), spanText(stops));
  }

  // -- changing ------------------------------------------------------------------------------

  editDay(van, id, home) {
    const trip = this.desk.trips(van).find((one) => one.id === id);
    const back = trip.state === "cancelled" ? trip.trip.map((row) => row.stop) : [];
    this._edit({
      heading: word("van_desk.edit_day", { van: trip.name, day: dayText(trip.day) }), stops: stopsOf(trip.trip, trip.day, { back }), home,
      told: `${word("van_desk.told_day")} ${told(this.desk.waiting(van, trip.day), null)}`, data: () => ({ van, day: trip.day }),
    });
  }

  otherDay(van) {
    const today = this.desk.van(van).day;
    const date = new Field(input("day", { type: "date", min: today }), "van_desk.date");
    this._edit({
      heading: word("van_desk.edit_other", { van: this.desk.van(van).name }), stops: [], before: date, home: null,
      told: `${word("van_desk.told_day")} ${told(0, null)}`, data: () => ({ van, day: date.value }),
      wrongs: () => ({ day: this._wrongDay(van, date.value, today) }),
    });
  }

  _wrongDay(van, day, today) {
    if (!/^\d{4}-\d\d-\d\d$/.test(day) || day <= today || day > dayOf(this.desk.now() + MOST_DAYS * DAY_MS)) return word("van_desk.wrong_day", { n: MOST_DAYS });
    return this.desk.trips(van).some((trip) => trip.day === day) ? word("van_desk.wrong_day_there") : null;
  }

  editWeekday(van, weekday, home) {
    const name = words("shop.days")[weekday];
    this._edit({
      heading: word("van_desk.edit_weekday", { van: this.desk.van(van).name, day: name }), stops: this.desk.week(van)[weekday] || [], home,
      told: `${word(weekdayOf(this.desk.van(van).day) === weekday ? "van_desk.told_week_today" : "van_desk.told_week", { day: name })} ${told(0, null)}`, data: () => ({ van, weekday }),
    });
  }

  _edit({ heading, stops, told: who, data, home, before = null, wrongs = () => ({}) }) {
    const editor = new StopEditor(this.desk, stops);
    const { fields } = editor;
    if (before) fields.unshift(before);
    this.desk.sheet.ask({
      heading, content: [before && before.element, editor.element].filter(Boolean), fields, told: who, home,
      yes: word("van_desk.save"), act: "trip.save", wrongs: () => ({ ...wrongs(), ...editor.wrongs() }),
      run: async () => {
        const reply = await this.desk.run("trip.save", { ...data(), stops: editor.stops });
        return reply.ok ? null : { field: editor.fieldAt(reply) || (/^data\.day/.test(reply.message) ? "day" : null), text: this.desk.said(reply) };
      },
      done: () => announce(word("van_desk.saved")),
    });
  }
}
