// A van today: where it is, how old that is, and its stops with the timetable beside
// what really happened.

import { ago, clock } from "/static/shared/ages.js";
import { $, attribute, h, keyed, put, setData, show } from "/static/shared/dom.js";
import { word } from "/static/shared/words.js";
import { title } from "/static/dispatch/texts.js";
import { MINUTE_MS, isOnTime, lastArrival, lateOf } from "/static/dispatch/van_numbers.js";

const OLD_FIX_MS = 90000;

/** "terlambat 4 menit", "lebih awal 2 menit", "tepat". */
export function lateText(late) {
  const n = Math.round(Math.abs(late));
  return n ? word(late > 0 ? "van_desk.late" : "van_desk.early", { n }) : word("van_desk.exact");
}

const part = (tag, name, attributes = {}) => h(tag, { ...attributes, data: { part: name } });
const at = (card, name) => $(`[data-part="${name}"]`, card);
const say = (element, text) => { put(element, text || ""); show(element, text); };

export class VanCards {
  /** `desk`: fix(van), queues(van, day, stop), now(), and `day`, `tracker`: what its buttons do. */
  constructor(desk) { this.desk = desk; }

  make({ id }) {
    const { desk } = this;
    const card = h("li", { class: "card van-card", data: { type: "van", id }, tabindex: -1 });
    const open = (name, label, click, cls = "small") => h("button", { type: "button", class: cls, data: { open: name }, on: { click } }, word(label));
    const cancelled = () => desk.van(id).trip.filter((row) => row.state === "cancelled").map((row) => row.stop);
    card.append(
      h("div", { class: "van-head" }, part("h3", "name"), part("span", "state", { class: "pill" })),
      part("p", "where", { class: "van-where" }), part("p", "fix", { class: "soft" }), part("p", "late"), part("p", "reason", { class: "note van-reason" }),
      part("p", "none", { class: "soft" }), part("ol", "stops", { class: "van-stops" }),
      h("div", { class: "acts" }, open("add", "van_desk.add", () => desk.day.add(id, card)), open("cancel", "van_desk.cancel", () => desk.day.cancel(id, desk.van(id).day, desk.van(id).name, card)),
        open("restore", "van_desk.restore_all", () => desk.day.restore(id, cancelled(), card)),
        h("button", { type: "button", class: "small", data: { act: "van.tracker" }, on: { click: () => desk.tracker(id, card) } }, word("van_desk.tracker"))),
      part("p", "said", { class: "error", role: "status" }), h("p", { class: "soft" }, word("van_desk.tracker_hint")));
    return card;
  }

  update(card, van) {
    const now = this.desk.now();
    setData(card, { state: van.state, trip: van.trip_state, day: van.day });
    put(at(card, "name"), van.name);
    put(at(card, "state"), word(`van_desk.trip_${van.trip_state}`));
    say(at(card, "where"), whereText(van));
    this._fix(at(card, "fix"), van, now);
    const last = lastArrival(van);
    say(at(card, "late"), last && word("van_desk.last_arrival", { stop: last.name, late: lateText(lateOf(last)) }));
    say(at(card, "reason"), van.reason && word("van_desk.why", { reason: van.reason }));
    say(at(card, "none"), van.trip.length ? "" : word("van_desk.no_stops"));
    keyed(at(card, "stops"), van.trip, (row) => row.stop, (row) => this._makeStop(van.id, row.stop, card), (row, stop) => this._updateStop(row, stop, van, now));
    const off = van.trip_state === "cancelled";
    show($('[data-open="cancel"]', card), !off && van.trip_state !== "over" && van.trip.length);
    show($('[data-open="restore"]', card), off);
    show($('[data-open="add"]', card), !off);
    put(at(card, "said"), this.desk.text(van.id));
  }

  _fix(line, van, now) {
    const fix = this.desk.fix(van.id);
    const age_ms = fix ? now - fix.fix_at : null;
    setData(line, { fix: !fix ? "none" : age_ms > OLD_FIX_MS ? "old" : "fresh" });
    put(line, fix ? word(age_ms > OLD_FIX_MS ? "van_desk.fix_old" : "van_desk.fix_age", { age: ago(age_ms) }) : word("van_desk.fix_none"));
  }

  _makeStop(van, stop, card) {
    const { day } = this.desk;
    const open = (name, label, click) => h("button", { type: "button", class: "small", data: { open: name }, on: { click } }, word(label));
    return h("li", { class: "van-stop", data: { type: "stop", id: stop, van } },
      part("time", "time"), h("div", { class: "van-stop-what" }, part("b", "stop"), " ", part("span", "kelurahan", { class: "soft" }), part("p", "real"), part("p", "eta", { class: "soft" }), part("ul", "queues", { class: "van-queues" })),
      part("span", "delay", { class: "pill" }),
      h("div", { class: "acts" }, open("move", "van_desk.move", () => day.move(van, stop, card)), open("skip", "van_desk.skip", () => day.skip(van, stop, card)), open("back", "van_desk.restore", () => day.restore(van, [stop], card))));
  }

  _updateStop(row, stop, van, now) {
    const late = lateOf(stop);
    setData(row, { state: stop.state, late: late === null ? null : late.toFixed(1), ontime: late === null ? null : isOnTime(late), eta: stop.eta ? stop.eta.from : null });
    attribute(row, "aria-current", stop.stop === (van.stop || van.next) ? "step" : null);
    put(at(row, "time"), clock(stop.scheduled_at));
    put(at(row, "stop"), stop.name);
    put(at(row, "kelurahan"), title(stop.kelurahan));
    say(at(row, "real"), realText(stop, now));
    say(at(row, "eta"), etaText(stop));
    say(at(row, "delay"), late === null ? "" : lateText(late));
    this._queues(at(row, "queues"), van, stop);
    const today = van.trip_state !== "cancelled";
    for (const name of ["move", "skip"]) {
      const button = $(`[data-open="${name}"]`, row);
      show(button, today && stop.state === "expected");
      attribute(button, "aria-label", `${button.textContent}: ${stop.name}`);
    }
    show($('[data-open="back"]', row), today && stop.state === "cancelled");
    show($(".acts", row), today && (stop.state === "expected" || stop.state === "cancelled"));
    attribute($('[data-open="back"]', row), "aria-label", `${word("van_desk.restore")}: ${stop.name}`);
  }

  _queues(list, van, stop) {
    const queues = this.desk.queues(van.id, van.day, stop.stop);
    show(list, queues.length);
    keyed(list, queues, (queue) => queue.id, (queue) => h("li", { data: { type: "queue", id: queue.id } }), (line, queue) => {
      setData(line, { state: queue.state, waiting: queue.waiting, taken: queue.taken, serving: queue.serving });
      put(line, queueText(queue));
    });
  }
}

function whereText(van) {
  if (van.stop_name) return word("van_desk.at_stop", { stop: van.stop_name });
  return van.next_name ? word(van.state === "driving" ? "van_desk.to_stop" : "van_desk.first_stop", { stop: van.next_name }) : "";
}

/** What happened there, or how long the timetable has passed without it. */
function realText(stop, now) {
  if (stop.departed_at && stop.arrived_at) return word("van_desk.been", { from: clock(stop.arrived_at), until: clock(stop.departed_at) });
  if (stop.arrived_at) return word("van_desk.there", { from: clock(stop.arrived_at) });
  if (stop.state !== "expected") return word(`van_desk.stop_${stop.state}`);
  const n = Math.floor((now - stop.scheduled_at) / MINUTE_MS);
  return n >= 1 ? word("van_desk.overdue", { n }) : "";
}

/** A range, and what it rests on. */
function etaText({ eta }) {
  if (!eta) return "";
  const values = { low: clock(eta.low), high: clock(eta.high), age: eta.fix_age_s === undefined ? "" : ago(eta.fix_age_s * 1000) };
  const key = eta.from === "schedule" ? "eta_schedule" : "eta_fix";
  return word(`van_desk.${key}${values.low === values.high ? "_one" : ""}`, values);
}

function queueText(queue) {
  const parts = [word("van_desk.queue_waiting", { n: queue.waiting }),
    queue.quota === null ? word("van_desk.queue_taken", { n: queue.taken }) : word("van_desk.queue_quota", { n: queue.taken, quota: queue.quota }),
    queue.serving ? word("van_desk.queue_serving", { n: queue.serving }) : "", queue.state === "open" ? "" : word(`van_desk.queue_${queue.state}`)];
  return `${queue.service}: ${parts.filter(Boolean).join(" · ")}`;
}
