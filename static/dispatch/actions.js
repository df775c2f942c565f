// What the desk can do with one request. A choice and its button stand side by
// side, so that each command is one tap; what must be read or typed first opens
// a sheet (`sheets.js`).

import { distance } from "/static/shared/ages.js";
import { attribute, h, put, refill, show } from "/static/shared/dom.js";
import { distanceM } from "/static/shared/geo.js";
import { word } from "/static/shared/words.js";
import { isEnded, isHeld } from "/static/dispatch/order.js";
import { placeName } from "/static/dispatch/texts.js";

export class Actions {
  /**
   * `desk`: run(cmd, data), busy(id), medics(), openRequests() -> oldest first,
   * place(medic), handOver(request), close(request).
   */
  constructor(id, desk) {
    this.id = id;
    this.desk = desk;
    const run = (cmd, more = () => ({})) => (event) => {
      if (event.currentTarget.getAttribute("aria-disabled") !== "true") desk.run(cmd, { request: id, ...more() });
    };
    const button = (act, text, click, cls = "small") => h("button", { type: "button", class: cls, data: { act }, on: { click } }, text);
    const choice = (name, label) => h("select", { name, "aria-label": label });
    this.medic = choice("medic", word("dispatch.assign_to"));
    this.into = choice("into", word("dispatch.merge_into"));
    this.assign = button("medic.assign", word("dispatch.assign"), run("medic.assign", () => ({ medic: this.medic.value })), "small strong");
    this.escalate = button("medic.escalate", word("dispatch.escalate"), run("medic.escalate"));
    this.cancel = button("medic.cancel", word("dispatch.call_off"), run("medic.cancel", () => ({ reason: "other" })));
    this.merge = button("medic.merge", word("dispatch.merge"), run("medic.merge", () => ({ into: this.into.value })));
    this.handOver = h("button", { type: "button", class: "small", data: { open: "hand_over" }, on: { click: () => desk.handOver(id) } }, word("dispatch.hand_over"));
    this.close = h("button", { type: "button", class: "small", data: { open: "close" }, on: { click: () => desk.close(id) } }, word("dispatch.close"));
    this.assigning = h("span", { class: "pair" }, this.medic, this.assign);
    this.merging = h("span", { class: "pair" }, this.into, this.merge);
    this.element = h("div", { class: "acts" }, this.assigning, this.escalate, this.cancel, this.handOver, this.close, this.merging);
  }

  /** Buttons are never `disabled`: that would take the focus away from whoever just pressed one. */
  update(request) {
    if (isEnded(request)) return;
    show(this.escalate, !isHeld(request) || request.state === "accepted");
    show(this.cancel, request.cancel_requested);
    put(this.assign, word(isHeld(request) ? "dispatch.reassign" : "dispatch.assign"));
    this._rest();
  }

  /** Whom it could be given to and what it could be merged into. */
  choices(request) {
    this._medics(request);
    this._others(request);
    this._rest();
  }

  _rest() {
    const busy = this.desk.busy(this.id);
    for (const button of [this.escalate, this.cancel]) attribute(button, "aria-disabled", busy && "true");
    attribute(this.assign, "aria-disabled", (busy || !this.medic.value) && "true");
    attribute(this.merge, "aria-disabled", (busy || !this.into.value) && "true");
  }

  _medics(request) {
    const free = this.desk.medics().filter((medic) => medic.state === "on").map((medic) => {
      const place = this.desk.place(medic);
      const far_m = place && request.location ? distanceM(place, request.location) : null;
      return { medic, far_m };
    });
    free.sort((a, b) => Number(!a.medic.reachable) - Number(!b.medic.reachable)
      || (a.far_m === null ? Infinity : a.far_m) - (b.far_m === null ? Infinity : b.far_m) || (a.medic.name < b.medic.name ? -1 : 1));
    options(this.medic, free.map(({ medic, far_m }) => [medic.id, [medic.name, far_m !== null && distance(far_m),
      !medic.reachable && word(medic.wakeable ? "dispatch.roster_wakeable" : "dispatch.roster_deaf")].filter(Boolean).join(" · ")]), word("dispatch.assign_none"));
  }

  _others(request) {
    const same = new Set(request.maybe_same || []);
    const others = this.desk.openRequests().filter((other) => other.id !== request.id && !other.backup);
    const first = others.filter((other) => same.has(other.id));
    const listed = [...first, ...others.filter((other) => !same.has(other.id)).slice(0, 20)].slice(0, 20);
    options(this.into, listed.map((other) => [other.id,
      [same.has(other.id) && word("dispatch.mark_maybe_same"), placeName(other), other.landmark, word(`dispatch.state_${other.state}`)].filter(Boolean).join(" · ")]));
    show(this.merging, others.length > 0 && !request.backup);
  }
}

/** Fill a select, keeping what was chosen; never under an open list. */
function options(select, pairs, none = "") {
  const seen = JSON.stringify(pairs);
  if (select.dataset.seen === seen || document.activeElement === select) return;
  const chosen = select.dataset.touched === "" ? select.value : null;
  select.dataset.seen = seen;
  refill(select, ...(pairs.length ? pairs : [["", none]]).map(([value, text]) => h("option", { value }, text)));
  if (chosen !== null && pairs.some(([value]) => value === chosen)) select.value = chosen;
  if (!select.dataset.listens) {
    select.dataset.listens = "yes";
    select.addEventListener("change", () => { select.dataset.touched = ""; });
  }
}
