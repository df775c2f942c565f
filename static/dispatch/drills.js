// Practised calls: the desk sees that they run, so that a ringing phone is no riddle.
// Marked, below everything real, in no count, and with nothing to press.

import { ago } from "/static/shared/ages.js";
import { $, h, keyed, put, setData, show } from "/static/shared/dom.js";
import { word } from "/static/shared/words.js";
import { isEnded } from "/static/dispatch/order.js";
import { placeName } from "/static/dispatch/texts.js";

const SHOWN = 6;

export class Drills {
  constructor(section) {
    this.section = section;
    this.list = h("ul", { class: "cards", "aria-labelledby": "drills-heading" });
    this.more = h("p", { class: "soft" });
    section.append(h("h3", { id: "drills-heading" }, word("dispatch.drills_heading")), h("p", { class: "soft" }, word("dispatch.drills_hint")), this.list, this.more);
  }

  /** Running ones first, then the newest. */
  draw(drills, now) {
    show(this.section, drills.length);
    const shown = [...drills].sort((a, b) => Number(isEnded(a)) - Number(isEnded(b)) || b.called_at - a.called_at).slice(0, SHOWN);
    keyed(this.list, shown, (drill) => drill.id, make, (card, drill) => update(card, drill, now));
    show(this.more, drills.length > shown.length);
    put(this.more, word("dispatch.drills_more", { n: drills.length - shown.length }));
  }
}

function make({ id }) {
  return h("li", { class: "drill", data: { type: "drill", id } }, h("p", { class: "band-drill" }, word("dispatch.drill_band")),
    h("p", { class: "drill-what" }), h("p", { class: "drill-who soft" }));
}

function update(card, drill, now) {
  setData(card, { state: drill.state });
  put($(".drill-what", card), [placeName(drill), word(`dispatch.state_${drill.state}`), ago(now - drill.called_at)].join(" · "));
  const rang = drill.medics ? word("dispatch.drill_rang", { n: drill.medics }) : word("dispatch.drill_robot");
  put($(".drill-who", card), [drill.medic && `${word("dispatch.holder")}: ${drill.medic.name}`, rang].filter(Boolean).join(" · "));
}
