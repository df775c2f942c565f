// The one sheet of a page: a heading, what is asked, and a way out.
//
//   const panel = new Panel($("#sheet"), $("#sheet-body"));
//   panel.open("Kenapa dilepas?", [buttons], {closing: "Batal"});  panel.close()

import { h, refill, sheet } from "/static/shared/dom.js";

export class Panel {
  constructor(element, body) {
    this.element = element;
    this.body = body;
    this._sheet = sheet(element, { onClose: () => refill(body) });
    element.addEventListener("click", (event) => { if (event.target === element) this.close(); });
  }

  get shown() { return this._sheet.shown; }

  open(heading, content, { closing }) {
    const out = h("button", { type: "button", class: "quiet", data: { close: "" }, on: { click: () => this.close() } }, closing);
    refill(this.body, h("h2", { id: `${this.element.id}-heading` }, heading), ...content, out);
    this._sheet.open();
  }

  close() { this._sheet.close(); }

  /** One button for each choice; the first tap decides and closes. */
  choose(heading, choices, { closing }) {
    const buttons = choices.map(({ text, data, act }) => h("button", {
      type: "button", class: "big", data, on: { click: () => { this.close(); act(); } },
    }, text));
    this.open(heading, [h("div", { class: "cards" }, buttons)], { closing });
  }
}
