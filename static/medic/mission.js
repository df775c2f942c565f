// The patient a medic holds: where, how to call, what is known, and the next step.

import { distance, stopwatch } from "/static/shared/ages.js";
import { $, h, icon, isOff, put, refill, setData, show, turnOff } from "/static/shared/dom.js";
import { distanceM } from "/static/shared/geo.js";
import { word } from "/static/shared/words.js";
import { drawMap } from "/static/shared/map.js";
import { placeName } from "/static/medic/offers.js";

const STEPS = ["accepted", "en_route", "on_scene", "at_patient", "cleared"];
const REST_MS = 700;
const QUESTIONS = ["breathing", "awake", "bleeding"];
const GRAVE = new Set(["breathing:no", "awake:no", "bleeding:heavy"]);

/** The three answers as a row, in the drawings that the caller tapped: what is drawn, asked, said; the grave ones in red. */
function answerRow(answers) {
  return h("ul", { class: "answers" }, QUESTIONS.map((question) => {
    const said = (answers && answers[question]) || "unknown";
    return h("li", { data: { question, answer: said, grave: GRAVE.has(`${question}:${said}`) ? "" : null } },
      icon(said === "unknown" ? "unknown" : `${question}_${said}`), h("span", {}, word(`medic.answer_${question}`)), h("b", {}, word(`medic.answer_${said}`)));
  }));
}

export const nextStep = (state) => STEPS[STEPS.indexOf(state) + 1] || null;

export class Mission {
  /**
   * `on` has advance(offer, to), release(offer, reason), backup(offer, reason);
   * `panel` asks for reasons.
   */
  constructor(element, panel, on) {
    this.element = element;
    this.panel = panel;
    this.on = on;
    this.offer = null;
    this._step = null;
    this._stepped_at = 0;
  }

  clear() {
    this.offer = null;
    this._step = null;
    this._map = null;
    const focused = this.element.contains(document.activeElement);
    refill(this.element);
    show(this.element, false);
    if (focused) $("#main").focus({ preventScroll: true }); // Who goes by keyboard goes on from here.
  }

  draw(offer, { now, fix, busy, error, asked }) {
    const first = !this.offer || this.offer.id !== offer.id;
    this.offer = offer;
    if (first) this._build(offer);
    if (offer.request_state !== this._step) {
      this._step = offer.request_state;
      this._stepped_at = now;
    }
    setData(this.element, { type: "offer", id: offer.id, state: offer.state, requestState: offer.request_state });
    this._head(offer, now);
    this._asked(offer, now, asked);
    this._contact(offer);
    this._known(offer);
    this._place(offer, fix);
    this._next(offer, { now, busy, error });
    show(this.element, true);
    // The tapped card is gone: who listens hears whose patient it is, who goes by keyboard goes on from here.
    if (first) this._part("place").focus({ preventScroll: true });
  }

  _build(offer) {
    this._answers = this._links = this._map = this._drawn = null;
    const open = (name, run) => h("button", { type: "button", class: "quiet", data: { open: name }, on: { click: run } }, word(`medic.${name}`));
    refill(this.element, 
      h("p", { class: "band-drill", data: { part: "drill" } }, word("medic.drill")),
      h("div", { data: { part: "asked" } }),
      h("p", { class: "loud", role: "alert", data: { part: "cancel" } }, word("medic.cancel_requested")),
      h("p", { class: "offer-backup", data: { part: "assigned" } }, word("medic.assigned")),
      h("p", { class: "offer-backup", data: { part: "backup" } }, word("medic.backup_for")),
      h("div", { class: "mission-head" },
        h("h2", { tabindex: "-1", data: { part: "place" } }), h("span", { class: "pill", data: { part: "need" } }), h("b", { data: { part: "state" } }), h("span", { class: "soft", data: { part: "age" } })),
      h("p", { class: "landmark", data: { part: "landmark" } }),
      h("div", { class: "row links", data: { part: "links" } }),
      h("p", { class: "soft", data: { part: "no-place" } }, word("medic.mission_no_place")),
      h("div", { data: { part: "answers" } }),
      h("p", { data: { part: "for" } }),
      h("p", { class: "note", data: { part: "note" } }),
      h("div", { class: "mission-map", data: { part: "map" } }),
      h("p", { class: "soft", data: { part: "distance" } }),
      h("p", { class: "error", role: "status", data: { part: "error" } }),
      h("div", { class: "next" },
        h("ol", { class: "steps", "aria-label": word("medic.mission_heading") },
          STEPS.map((step) => h("li", { data: { step } }, h("span", {}, word(`medic.step_${step}`))))),
        h("button", { type: "button", class: "big go", data: { act: "medic.advance" }, on: { click: (event) => this._tapped(event.currentTarget) } }),
        h("div", { class: "row" }, open("backup", () => this._askBackup()), open("release", () => this._askRelease()))));
    show(this._part("map"), false);
    this.element.scrollIntoView({ block: "start" });
    return offer;
  }

  _part(name) { return $(`[data-part="${name}"]`, this.element); }

  _head(offer, now) {
    show(this._part("drill"), offer.drill);
    put(this._part("place"), placeName(offer));
    put(this._part("need"), word(`medic.need_${offer.need}`));
    setData(this._part("need"), { need: offer.need });
    put(this._part("age"), stopwatch(now - offer.called_at));
    put(this._part("state"), word(`medic.step_${offer.request_state}`));
    put(this._part("landmark"), offer.landmark || "");
    show(this._part("cancel"), offer.cancel_requested);
    show(this._part("assigned"), offer.assigned && offer.request_state === "accepted");
    show(this._part("backup"), offer.backup);
  }

  /** "Not under way?": there only while it is asked, so that the page has one next step. */
  _asked(offer, now, asked) {
    const box = this._part("asked");
    if (!asked) { refill(box); return; }
    if (!box.firstChild) {
      const answer = (data, text, click) => h("button", { type: "button", class: "big", data, on: { click } }, text);
      box.append(h("div", { class: "loud asked" }, h("div", { role: "alert" }, h("h2", {}, word("medic.asked_heading"))), h("p"), h("div", { class: "row" },
        answer({ act: "medic.advance", to: "en_route" }, word("medic.asked_yes"), () => this.on.advance(this.offer, "en_route")),
        answer({ act: "medic.release", reason: "not_under_way" }, word("medic.asked_no"), () => this.on.release(this.offer, "not_under_way")))));
    }
    const left_s = Math.ceil((offer.asked_until - now) / 1000);
    put($("p", box), left_s > 0 ? word("medic.asked_text", { s: left_s }) : word("medic.asked_late"));
  }

  _contact(offer) {
    const place = offer.location;
    const phone = (offer.phone || "").replace(/[^\d+]/g, "");
    const seen = JSON.stringify([place && place.lat, place && place.lon, phone]);
    show(this._part("no-place"), !place);
    if (this._links === seen) return;
    this._links = seen;
    const point = place && `${place.lat},${place.lon}`;
    refill(this._part("links"), 
      phone ? h("a", { class: "big call", href: `tel:${phone}`, data: { link: "phone" } }, icon("phone"), word("medic.mission_call"), h("small", {}, offer.phone))
        : h("p", { class: "soft" }, word("medic.mission_no_phone")),
      place ? h("a", { class: "big", href: `geo:${point}?q=${point}`, data: { link: "geo" } }, icon("pin"), word("medic.mission_route"), h("small", {}, point)) : "");
  }

  _known(offer) {
    const seen = JSON.stringify(offer.answers || null);
    if (this._answers !== seen) {
      this._answers = seen;
      refill(this._part("answers"), answerRow(offer.answers));
    }
    const facts = [offer.for && `${word("medic.mission_for")}: ${word(`medic.for_${offer.for}`)}`,
      offer.patients > 1 && word("medic.mission_patients", { n: offer.patients })].filter(Boolean);
    put(this._part("for"), facts.join(" · "));
    put(this._part("note"), offer.note || "");
    show(this._part("note"), offer.note);
    show(this._part("for"), facts.length);
  }

  async _place(offer, fix) {
    const place = offer.location;
    show(this._part("map"), place);
    put(this._part("distance"), place && fix ? word("medic.mission_distance", { m: distance(distanceM(place, fix)) }) : "");
    const seen = JSON.stringify([offer.id, place, fix && [fix.lat, fix.lon]]);
    if (!place || this._drawn === seen) return;
    this._drawn = seen;
    if (!this._map) this._map = drawMap(this._part("map"), { label: word("medic.map_label") });
    let map;
    try {
      map = await this._map;
    } catch (error) {
      this._map = this._drawn = null; // The polygons come later; place, phone and steps stand without them.
      return;
    }
    if (!this.offer || this.offer.id !== offer.id) return;
    map.dot("patient", place, { kind: "patient", label: word("medic.mission_patient"), accuracy_m: place.accuracy_m || 0 });
    map.dot("me", fix, { kind: "medic", label: word("medic.mission_you") });
    if (fix) map.line("way", [fix, place]);
    map.fit(fix ? ["patient", "me"] : ["patient"]);
  }

  _next(offer, { now, busy, error }) {
    const at = STEPS.indexOf(offer.request_state);
    for (const item of this.element.querySelectorAll(".steps li")) {
      const own = STEPS.indexOf(item.dataset.step);
      setData(item, { done: own < at ? "" : null, now: own === at ? "" : null });
      if (own === at) item.setAttribute("aria-current", "step");
      else item.removeAttribute("aria-current");
    }
    const button = $(".next > [data-act]", this.element);
    const to = nextStep(offer.request_state);
    setData(button, { to });
    put(button, busy ? word("medic.accepting") : word(`medic.next_${to}`));
    // A double tap is one step: the next one waits until the eye had time to read it.
    turnOff(button, busy || !to || now - this._stepped_at < REST_MS);
    show($('[data-open="release"]', this.element), offer.request_state !== "at_patient");
    put(this._part("error"), error);
  }

  _tapped(button) { if (!isOff(button)) this.on.advance(this.offer, button.dataset.to); }

  _askRelease() {
    const choices = ["vehicle", "too_far", "unsafe", "other"].map((reason) => ({
      text: word(`medic.release_${reason}`), data: { act: "medic.release", reason }, act: () => this.on.release(this.offer, reason),
    }));
    this.panel.choose(word("medic.release_heading"), choices, { closing: word("medic.cancel") });
  }

  _askBackup() {
    const choices = ["medic", "ambulance"].map((reason) => ({
      text: word(`medic.backup_${reason}`), data: { act: "medic.backup", reason }, act: () => this.on.backup(this.offer, reason),
    }));
    this.panel.choose(word("medic.backup_heading"), choices, { closing: word("medic.cancel") });
  }
}
