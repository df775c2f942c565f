// The lists of requests: who waits (folded by kelurahan when many do), who is being
// helped, who asked for a visit, what just ended. Only what changed is drawn, and of
// many new cards so many a frame, from the top.

import { $, h, keyed, put, show } from "/static/shared/dom.js";
import { word } from "/static/shared/words.js";
import { rows, sorted } from "/static/dispatch/order.js";
import { title } from "/static/dispatch/texts.js";

const NEW_CARDS = 8; // a frame
const NAMES = ["running", "visit", "done"];

export class Lists {
  /** `desk`: requests(), onDuty(), draw(); `cards`: see `requests.js`. */
  constructor(desk, cards) {
    this.desk = desk;
    this.cards = cards;
    this._folds = new Set(); // kelurahan whose fold is open
    this._folded = new WeakMap();
  }

  /** Open the fold that a request is behind. */
  unfold(request) { this._folds.add(request.kelurahan || ""); }

  /** Returns whether cards are left for the next frame. */
  draw(now) {
    const lists = sorted(this.desk.requests());
    const waiting = rows(lists.waiting, this._folds);
    this._counts(lists);
    this._room = NEW_CARDS;
    this._left = false;
    this.cards.begin();
    keyed($("#waiting"), this._fit(waiting, (row) => row.request), (row) => row.key, (row) => (row.request ? this.cards.make(row.request) : this._makeFold(row)),
      (element, row) => (row.request ? this.cards.update(element, row.request, now) : this._updateFold(element, row)));
    for (const name of NAMES) {
      keyed($(`#${name}`), this._fit(lists[name], (request) => request), (request) => request.id,
        (request) => this.cards.make(request), (card, request) => this.cards.update(card, request, now));
      show($(`#${name}`), lists[name].length);
      show($(`#${name}-heading`), lists[name].length);
    }
    return this.cards.end() || this._left;
  }

  _counts({ waiting, running }) {
    const n = waiting.length;
    const on_duty = this.desk.onDuty();
    const counts = [word("dispatch.waiting_count", { n }), word("dispatch.running_count", { n: running.length }),
      on_duty ? word("dispatch.medics_count", { n: on_duty }) : word("dispatch.medics_none")];
    put($("#counts"), counts.join(" · "));
    show($("#requests-none"), !n);
  }

  /** Rows that have a card, and as many of the others as this frame has room for. */
  _fit(items, requestOf) {
    return items.filter((item) => {
      const request = requestOf(item);
      if (!request || this.cards.has(request.id)) return true;
      if (this._room > 0) { this._room -= 1; return true; }
      this._left = true;
      return false;
    });
  }

  _makeFold({ fold }) {
    return h("li", { class: "fold", data: { fold } }, h("button", {
      type: "button", class: "tile", on: { click: () => { if (!this._folds.delete(fold)) this._folds.add(fold); this.desk.draw(); } },
    }));
  }

  _updateFold(element, { fold, requests, shown }) {
    const button = element.firstElementChild;
    const text = word("dispatch.fold", { kelurahan: title(fold) || word("dispatch.place_unknown"), n: requests.length });
    if (this._folded.get(element) === `${shown} ${text}`) return;
    this._folded.set(element, `${shown} ${text}`);
    put(button, text);
    button.setAttribute("aria-expanded", String(shown));
  }
}
