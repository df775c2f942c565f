// One sound for many alarms, one sentence for what is behind them, and a button
// that says on all screens who handles it.

import { stopwatch } from "/static/shared/ages.js";
import { $, announce, attribute, h, keyed, put, setData, show } from "/static/shared/dom.js";
import { word } from "/static/shared/words.js";
import { isWaiting, waitingSince } from "/static/dispatch/order.js";
import { listed, placeName } from "/static/dispatch/texts.js";

const KEY = "alarms";
const SAY_MS = 4000; // A screen reader that is interrupted at every alarm says none to its end.
const PARTS = ["what", "age", "who", "show", "take"];

/** An alarm that nobody holds silent. */
export const rings = (alarm, now) => alarm.state !== "over" && !(alarm.silent_until > now);

/** "7 belum diterima, tertua 1:40", or the one thing that rings. */
export function headline(alarms, request, now) {
  const loud = alarms.filter((alarm) => rings(alarm, now));
  const waiting = new Map();
  for (const alarm of loud) {
    const about = alarm.request && request(alarm.request);
    if (about && isWaiting(about)) waiting.set(about.id, now - waitingSince(about));
  }
  if (waiting.size) {
    const age = stopwatch(Math.max(...waiting.values()));
    return waiting.size === 1 ? word("dispatch.alarm_one", { age }) : word("dispatch.alarm_many", { n: waiting.size, age });
  }
  return loud.length ? listed("alarm", loud[0].reason) : word("dispatch.alarms_silent");
}

export class Alarms {
  /** `desk`: take(alarm), request(id), show(request id), busy(key), text(key). */
  constructor(ring, title, desk) {
    Object.assign(this, { ring, title, desk });
    $("#take-all").addEventListener("click", () => this._loud.forEach((alarm) => desk.take(alarm)));
    this._loud = [];
    this._said_at = 0;
    this._rows = new WeakMap(); // row -> its parts, looked up once
  }

  draw(alarms, now) {
    const shown = alarms.filter((alarm) => alarm.state !== "over").sort((a, b) => Number(rings(b, now)) - Number(rings(a, now)) || (a.since || a.at) - (b.since || b.at));
    const before = this._loud.length;
    this._loud = shown.filter((alarm) => rings(alarm, now));
    if (this._loud.length) this.ring.start(KEY);
    else this.ring.stop(KEY);
    this.title.ringing(this._loud.length > 0);
    const box = $("#alarms");
    show(box, shown.length);
    setData(box, { loud: this._loud.length ? "" : null });
    put($("#alarm-text"), shown.length ? headline(shown, (id) => this.desk.request(id), now) : "");
    this._say(this._loud.length > before, now);
    show($("#take-all"), this._loud.length > 1);
    keyed($("#alarm-list"), shown, (alarm) => alarm.id, (alarm) => this._make(alarm), (row, alarm) => this._update(row, alarm, now));
  }

  /** Say that more ring, at most every few seconds, and then as it stands. */
  _say(more, now) {
    this._unsaid = this._loud.length > 0 && (more || this._unsaid);
    if (!this._unsaid || now - this._said_at < SAY_MS) return;
    this._unsaid = false;
    this._said_at = now;
    announce($("#alarm-text").textContent, true);
  }

  _make(alarm) {
    const row = h("li", { data: { type: "alarm", id: alarm.id } },
      h("span", { class: "alarm-what" }), h("span", { class: "alarm-age" }), h("span", { class: "alarm-who" }),
      h("button", { type: "button", class: "small alarm-show", on: { click: () => this.desk.show(alarm.request) } }, word("dispatch.alarm_show")),
      h("button", { type: "button", class: "small strong alarm-take", data: { act: "alarm.take" }, on: { click: () => this.desk.take(alarm) } }, word("dispatch.alarm_take")));
    this._rows.set(row, Object.fromEntries(PARTS.map((name) => [name, $(`.alarm-${name}`, row)])));
    return row;
  }

  _update(row, alarm, now) {
    const parts = this._rows.get(row);
    const loud = rings(alarm, now);
    const about = alarm.request && this.desk.request(alarm.request);
    setData(row, { state: loud ? "ringing" : alarm.state, reason: alarm.reason });
    put(parts.what, [listed("alarm", alarm.reason), about ? placeName(about) : alarm.name].filter(Boolean).join(": "));
    put(parts.age, stopwatch(now - (alarm.since || alarm.at)));
    put(parts.who, this._who(alarm, loud, now));
    show(parts.show, about);
    show(parts.take, loud);
    attribute(parts.take, "aria-disabled", this.desk.busy(alarm.id) && "true");
  }

  /** Who has it, or what became of this desk's own tap. */
  _who(alarm, loud, now) {
    if (loud || !alarm.taken_by) return this.desk.text(alarm.id);
    const silent_s = Math.ceil((alarm.silent_until - now) / 1000);
    return `${word("dispatch.alarm_taken", { name: alarm.taken_by })}, ${word("dispatch.alarm_silent", { s: silent_s })}`;
  }
}
