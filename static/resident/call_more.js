// What a call's page shows beside its first words: who comes and when, the next
// question, the map, the time line.

import { clock, distance, etaBand, ago } from "/static/shared/ages.js";
import { attribute, h, keyed, put, setData, show } from "/static/shared/dom.js";
import { word } from "/static/shared/words.js";
import { NUMBER, QuestionCard, describing } from "./questions.js";

const STEPS = ["called", "offered", "accepted", "en_route", "on_scene", "at_patient", "cleared", "cancelled", "handed_over", "closed"];
const FADED_MS = 90000;

export class CallMore {
  constructor(root, calling) {
    this.calling = calling;
    this.record = null;
    this.existing = h("section", { class: "card existing", hidden: true });
    this.medic = h("section", { class: "card medic", hidden: true, "aria-live": "off" },
      h("p", { class: "medic-eta" }), h("p", { class: "medic-who" }), h("p", { class: "medic-fix soft" }));
    this.question = new QuestionCard((key, value) => this._answer(key, value));
    this.placed = h("p", { class: "placed soft", role: "status", hidden: true, text: word("resident.placed") });
    this.mapBox = h("div", { class: "map-box", hidden: true });
    this.line = h("ol", { class: "timeline" });
    this.lineBox = h("section", { class: "card", hidden: true, "aria-labelledby": "timeline" },
      h("h2", { id: "timeline", text: word("resident.timeline") }), this.line);
    root.append(this.placed, this.existing, this.medic, this.question.element, this.mapBox, this.lineBox);
    this.existing.append(
      h("p", { text: word("resident.existing") }),
      h("button", { type: "button", class: "big", data: { act: "medic.describe", key: "patients" }, on: { click: () => this._oneMore() } },
        word("resident.one_more"), " ", h("b")),
    );
  }

  draw(record, view, said, { city_now }) {
    this.record = record;
    const open = said.phase === "calling" || said.phase === "held";
    const stored = open && record.status === "stored";
    show(this.existing, stored && record.existing);
    const patients = (view && view.patients) || 1;
    put(this.existing.querySelector("b"), patients > 1 ? `(${patients})` : "");
    show(this.placed, stored && this.calling.place.moved_to !== null);
    this._medic(view, said, city_now);
    if (stored) this.question.update(record, view);
    show(this.question.element, stored && this.question.key !== null);
    this._timeline(view);
    this._map(record, view, said, city_now);
  }

  _answer(key, value) {
    const { record, calling } = this;
    if (key === "phone" && value && !NUMBER.test(value)) return;
    record.said = { ...record.said, [key]: value };
    if (key === "phone" && value) record.phone = value;
    if (value) calling.describe(record, describing(record, key, value));
    else calling.onChange(record);
    this.question.update(record, record.view || null);
  }

  _oneMore() {
    const { record, calling } = this;
    calling.describe(record, { patients: Math.min(99, ((record.view && record.view.patients) || 1) + 1) });
  }

  /** The newest of what the view and `moved` say of the medic. */
  _fix(view) {
    const medic = view && view.medic;
    if (!medic || !medic.location) return null;
    const seen = { ...medic.location, fix_at: medic.fix_at, eta_s: medic.eta_s, distance_m: medic.distance_m };
    const moved = this.calling.fix(this.record);
    return moved && moved.fix_at > seen.fix_at ? moved : seen;
  }

  _medic(view, said, city_now) {
    const { medic } = view || {};
    show(this.medic, said.phase === "held" && Boolean(medic));
    if (!medic) return;
    const fix = this._fix(view);
    const age_ms = fix ? Math.max(0, city_now - fix.fix_at) : null;
    const on_way = view.state === "accepted" || view.state === "en_route";
    const band = fix && on_way ? etaBand(fix.eta_s, age_ms) : null;
    const [eta, who, where] = this.medic.children;
    show(eta, on_way);
    put(eta, band || word(fix ? "resident.eta_unknown" : "resident.eta_none"));
    put(who, [medic.name, medic.vehicle].filter(Boolean).join(" · "));
    const far = fix && on_way && fix.distance_m !== undefined ? `${word("resident.away", { distance: distance(fix.distance_m) })} · ` : "";
    put(where, fix ? `${far}${word("resident.position_age", { ago: ago(age_ms) })}` : "");
  }

  _timeline(view) {
    const times = (view && view.times) || {};
    const rows = STEPS.filter((step) => times[step]).map((step) => ({ step, at: times[step] })).sort((a, b) => a.at - b.at);
    show(this.lineBox, rows.length > 0);
    keyed(this.line, rows, (row) => row.step,
      (row) => h("li", { data: { state: row.step } }, h("time", {}), h("span", { text: word(`resident.step_${row.step}`) })),
      (element, row) => put(element.firstChild, clock(row.at)));
  }

  _map(record, view, said, city_now) {
    const mine = (view && view.location) || record.data.location || null;
    const fix = said.phase === "held" ? this._fix(view) : null;
    const wanted = (said.phase === "held" || said.phase === "calling") && !said.fill && Boolean(mine || fix);
    show(this.mapBox, wanted);
    if (!wanted) return;
    if (!this.map) {
      this._loadMap();
      return;
    }
    const name = (view && view.medic && view.medic.name) || "";
    this.map.dot("me", mine, { kind: "me", label: word("resident.you"), accuracy_m: mine ? mine.accuracy_m : 0 });
    this.map.dot("medic", fix, { kind: "medic", label: name, faded: Boolean(fix) && city_now - fix.fix_at > FADED_MS });
    const keys = [mine && "me", fix && "medic"].filter(Boolean).join(" ");
    if (keys !== this.fitted) this.map.fit(keys.split(" "));
    this.fitted = keys;
    setData(this.mapBox, { dots: keys });
    attribute(this.map.element, "aria-label", this._spoken(name, mine, fix));
  }

  _spoken(name, mine, fix) {
    const m = mine && fix ? this.map.between("me", "medic") : null;
    return m === null ? word("common.map") : word("resident.map_spoken", { name, distance: distance(m) });
  }

  _loadMap() {
    if (this.loading) return;
    this.loading = true;
    import("/static/shared/map.js")
      .then(({ drawMap }) => drawMap(this.mapBox, { label: word("common.map") }))
      .then((map) => { this.map = map; })
      .catch(() => { setTimeout(() => { this.loading = false; }, 10000); });
  }
}
