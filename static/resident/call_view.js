// A call on the screen. It draws what situation.js says; the call itself is
// calling.js. Map, questions and time line are in call_more.js, loaded after.

import { ago } from "/static/shared/ages.js";
import { $, attribute, h, put, refill, setData, show } from "/static/shared/dom.js";
import { shownTongue, word } from "/static/shared/words.js";
import { situation } from "./situation.js";

const REASONS = ["solved", "mistake", "other_help", "other"];
const BLIND_MS = 900; // a second tap of the same finger is no new wish
const BLIND = ["againfalse", "reasonstrue", "askingfalse"]; // what comes where a finger has just been

export class CallView {
  /** `leave()` goes to the first page; `city_now()` is the city's clock. */
  constructor({ calling, leave, city_now }) {
    Object.assign(this, { calling, leave, city_now });
    this.root = $("#emergency");
    this.cancel = h("div", { class: "cancel" });
    this.note = h("p", { class: "note", role: "status", hidden: true });
    this.extra = null;
    this.reader = null;
    this.reasons = false;
    $("#more").before(this.note);
    $("#drill-band").append(h("button", { type: "button", class: "quiet", "data-word": "resident.drill_end", on: { click: () => this._endDrill() } }, word("resident.drill_end")));
    setInterval(() => this._tick(), 500);
  }

  open(record) {
    if (this.record !== record) this._begin(record);
    this.draw();
    // On a slow network the call goes first: nothing else stands before it in the browser's queue.
    if (this.extra || (record && record.status === "sending" && !record.code)) return;
    this.extra = "loading";
    Promise.all([import("./call_more.js"), import("./read_aloud.js")]).then(
      ([{ CallMore }, { ReadAloud }]) => {
        this._newExtra = () => new CallMore($("#more"), this.calling);
        this.extra = this._newExtra();
        this.reader = new ReadAloud($("#read"));
        this.draw();
      },
      () => { this.extra = null; },
    );
  }

  /** Another language: what was written once is written anew. */
  reword() {
    this.drawn = "";
    if (!this.reader) return;
    refill($("#more"));
    this.extra = this._newExtra();
  }

  _tick() {
    if (!this.root.hidden) this.draw();
    else if (this.reader) this.reader.stop();
  }

  _begin(record) {
    this.record = record;
    this.reasons = false;
    this.drawn = "";
    // Never where the finger was: it may still be there, or come down once more.
    const finger = record.finger;
    const low = finger && finger.y > window.innerHeight - 150;
    this.slot = $(low ? "#slot-top" : "#slot-bottom");
    this.other = $(low ? "#slot-bottom" : "#slot-top");
    refill(this.slot, this.cancel);
    refill(this.other);
  }

  draw() {
    const { record } = this;
    if (!record) return;
    const view = record.view || null;
    const now = { now: Date.now(), city_now: this.city_now() };
    const said = situation(record, view, now);
    const status = $("#status");
    setData(status, { tone: said.tone, phase: said.phase, id: record.request || record.id, state: view ? view.state : record.status, code: said.phase === "refused" ? record.code : null });
    this.root.dataset.phase = said.phase;
    this.root.classList.toggle("fill", Boolean(said.fill));
    show($("#drill-band"), Boolean(record.data.drill));
    put($("#headline"), word(`resident.${said.headline[0]}`, said.headline[1]));
    this._line($("#detail"), said.detail && word(`resident.${said.detail[0]}`, said.detail[1]));
    const made = said.unsent_ms === null ? "" : word("resident.made", { ago: ago(said.unsent_ms) });
    attribute($("#receipts"), "aria-live", said.phase === "calling" ? "polite" : "off"); // an age is not spoken every second
    this._line($("#receipts"), said.phase === "calling" ? receipts(view) : made);
    const trouble = record.trouble ? word("resident.trouble") : "";
    setData(this.note, { code: record.trouble });
    const elsewhere = record.city && said.phase !== "ended" ? word("resident.other_city", { city: record.city.name }) : "";
    this._line(this.note, [trouble, elsewhere].filter(Boolean).join(" "));
    this._cancel(record, said);
    if (this.extra && this.extra.draw) this.extra.draw(record, view, said, now);
    if (this.reader) this.reader.draw([$("#headline").textContent, $("#detail").textContent].filter(Boolean).join(". "), shownTongue());
  }

  _line(element, text) {
    show(element, Boolean(text));
    put(element, text || "");
  }

  // -- cancel, and what stands in its place -----------------------------------------

  _cancel(record, said) {
    const { kind, left_s } = said.cancel;
    if (kind !== "reasons") this.reasons = false;
    const asking = said.phase === "asking";
    const drawn = `${asking ? "asking" : kind}${this.reasons}`;
    if (drawn !== this.drawn) {
      const had_focus = this.cancel.contains(document.activeElement);
      this.drawn = drawn;
      this.drawn_at = Date.now();
      refill(this.cancel, asking ? this._stillNeeded() : this._controls(kind));
      if (had_focus) (this.cancel.querySelector("button") || $("#headline")).focus({ preventScroll: true });
    }
    if (kind === "grace") put(this.cancel.querySelector("b"), `(${left_s})`);
    for (const button of this.cancel.querySelectorAll("[data-act='medic.cancel']")) attribute(button, "aria-busy", record.cancelling ? "true" : null);
  }

  _controls(kind) {
    const { record, calling } = this;
    switch (kind) {
      case "withdraw": return [this._button("big", "never_mind", () => calling.withdraw(record), "medic.cancel")];
      case "grace": return [this._button("big", "cancel", () => calling.cancel(record), "medic.cancel", h("b"))];
      case "request": return [this._button("quiet", "cancel_ask", () => calling.cancel(record), "medic.cancel")];
      case "requested": return [h("p", { class: "soft", text: word("resident.cancel_asked") })];
      case "again": return [
        this._button("danger big", "call_again", (event) => this._again(event), "medic.call"),
        this._button("quiet", "done", () => this._done()),
      ];
      case "done": return [this._button("big", "done", () => this._done())];
      case "reasons": return this.reasons ? this._reasons() : [this._button("quiet", "cancel_open", () => { this.reasons = true; this.draw(); })];
      default: return [];
    }
  }

  _reasons() {
    const { record, calling } = this;
    const choices = REASONS.map((reason) => {
      const button = this._button("big", `reason_${reason}`, () => calling.cancel(record, reason), "medic.cancel");
      button.dataset.reason = reason;
      return button;
    });
    return [
      h("p", { class: "soft", id: "why", text: word("resident.cancel_why") }),
      h("div", { class: "reasons", role: "group", "aria-labelledby": "why" }, choices),
      this._button("quiet", "cancel_not", () => { this.reasons = false; this.draw(); }),
    ];
  }

  _stillNeeded() {
    const { record, calling } = this;
    return [
      this._button("danger target", "still_yes", () => calling.confirm(record), "medic.call"),
      this._button("big target", "still_no", () => calling.withdraw(record), "medic.cancel"),
    ];
  }

  _button(look, name, act, cmd, ...children) {
    const click = (event) => {
      // What has just come under a finger was not meant by it.
      if (event.detail !== 0 && BLIND.includes(this.drawn) && Date.now() - this.drawn_at < BLIND_MS) return;
      act(event);
    };
    return h("button", { type: "button", class: look, data: { act: cmd }, on: { click } }, word(`resident.${name}`), children);
  }

  _again(event) {
    const finger = event.detail === 0 ? null : { x: event.clientX, y: event.clientY };
    this.calling.again(this.record, finger);
  }

  _done() {
    this.calling.close(this.record);
    this.leave();
  }

  _endDrill() {
    const { record } = this;
    if (record.request && !this.calling.over(record)) this.calling.cancel(record, "other");
    this._done();
  }
}

/** "3 ponsel dihubungi · 2 petugas mendengar · 1 melihat" */
export function receipts(view) {
  const counts = (view && view.receipts) || {};
  const parts = [];
  if (counts.sent) parts.push(word("resident.receipt_sent", { n: counts.sent }));
  if (counts.audible) parts.push(word("resident.receipt_audible", { n: counts.audible }));
  else if (counts.received) parts.push(word("resident.receipt_received", { n: counts.received }));
  if (counts.seen) parts.push(word("resident.receipt_seen", { n: counts.seen }));
  return parts.join(" · ");
}
