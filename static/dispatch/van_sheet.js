// The van desk's sheet: what is about to happen, who will be told, and yes or no.
// What was typed stays until the hub has taken it.

import { h, isOff, put, refill, sheet, turnOff } from "/static/shared/dom.js";
import { word } from "/static/shared/words.js";
import { judge } from "/static/dispatch/fields.js";

export class VanSheet {
  constructor() {
    this.body = h("div", { class: "van-sheet" });
    this.element = h("div", { class: "sheet", id: "van-sheet", role: "dialog", "aria-labelledby": "van-sheet-heading", hidden: true }, this.body);
    this._back = null;
    this._sheet = sheet(this.element, { onClose: () => this._closed() });
    document.body.append(this.element);
  }

  get shown() { return this._sheet.shown; }

  close() { this._sheet.close(); }

  /** What the question that is open has to say: sending, or why not yet. */
  say(text) { put(this._why, text); }

  /** Show something; `home` gets the focus when what opened the sheet is gone. */
  open(heading, content, { closing, home = null, first = null }) {
    this._home = home;
    this._back = document.activeElement;
    const out = h("button", { type: "button", class: "quiet", data: { close: "" }, on: { click: () => this.close() } }, closing);
    refill(this.body, h("h2", { id: "van-sheet-heading", tabindex: -1 }, heading), ...content, out);
    this._sheet.open(first || this.body.firstElementChild);
  }

  _closed() {
    refill(this.body);
    const lost = !this._back || !this._back.isConnected || this._back.offsetParent === null;
    if (lost && this._home && this._home.isConnected) this._home.focus();
  }

  /**
   * Ask, and act on yes.
   *
   * `fields`: what is judged; `wrongs()` -> `{name: text}` of what is wrong before sending; `run()` resolves to null when
   * it is done, or to `{field?, text}`: why not, and beside which field.
   */
  ask({ heading, content = [], fields = [], told, yes, act, danger = false, wrongs = () => ({}), run, done = () => {}, home = null }) {
    const why = h("p", { class: "error", role: "status" });
    this._why = why;
    const send = h("button", { type: "submit", class: danger ? "big danger" : "big go", data: { act } }, yes);
    const form = h("form", { class: "desk-form", novalidate: true }, ...content, h("p", { class: "note told" }, told), send, why);
    form.addEventListener("submit", async (event) => {
      event.preventDefault();
      put(why, "");
      if (isOff(send) || !judge(fields, wrongs())) return;
      turnOff(send, true);
      const bad = await run();
      turnOff(send, false);
      put(why, "");
      if (!bad) { this.close(); done(); return; }
      const field = fields.find((one) => one.name === bad.field);
      if (field) judge(fields, { [bad.field]: bad.text });
      else put(why, bad.text);
    });
    this.open(heading, [form], { closing: word("van_desk.no"), home, first: fields.length ? fields[0].control : null });
    return form;
  }
}
