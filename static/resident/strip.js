// The strip on the first page: one line for each thing that lives for me.

import { $, attribute, h, icon, keyed, put, putIcon, setData } from "/static/shared/dom.js";
import { shownTongue, tongueOf } from "/static/shared/words.js";

const DRAWINGS = { request: "medic", alert: "severity_severe" };

/** What a line is about, as on the tile that leads there. */
export const drawThing = (link, type) => putIcon(link.firstChild, DRAWINGS[type] || type);

export class Strip {
  constructor() {
    this.lines = new Map();
  }

  /** `line`: {type, id, state, text, href, at}; null takes it away. */
  set(key, line) {
    if (line) this.lines.set(key, { ...line, key });
    else this.lines.delete(key);
    const rows = [...this.lines.values()].sort((a, b) => b.at - a.at);
    keyed($("#lines"), rows, (row) => row.key,
      () => h("li", {}, h("a", { class: "strip-line" }, icon("info"), h("span"))),
      (element, row) => {
        const link = element.firstChild;
        link.href = row.href;
        setData(link, { type: row.type, id: row.id, state: row.state });
        const tongue = tongueOf(row.type === "request" ? "resident.calling" : "resident.search");
        attribute(link, "lang", tongue === shownTongue() ? null : tongue);
        drawThing(link, row.type);
        put(link.lastChild, row.text);
      });
  }
}
