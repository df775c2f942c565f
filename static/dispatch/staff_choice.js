// Choosing a shop among a whole register: words first, then one of those found.

import { h, put, refill, show } from "/static/shared/dom.js";
import { word } from "/static/shared/words.js";
import { Field, input } from "/static/dispatch/fields.js";
import { title } from "/static/dispatch/texts.js";

const PAUSE_MS = 300;

export class ShopChoice {
  /** `first`: what the choice says before one is made (a word); `onChoose(id)`. */
  constructor(hub, first, onChoose = () => {}) {
    this.hub = hub;
    this.first = first;
    this.words = new Field(input("shop_words", { type: "search", maxlength: 60 }), "staff.shop_search", "staff.shop_hint");
    this.field = new Field(h("select", { name: "shop" }), "staff.shop");
    this.said = h("p", { class: "soft", role: "status" });
    this.element = h("div", { class: "staff-pair" }, this.words.element, this.field.element, this.said);
    this.field.control.addEventListener("change", () => onChoose(this.value));
    this.words.control.addEventListener("input", () => this._soon());
    this._fill([]);
  }

  get value() { return this.field.value; }

  _soon() {
    clearTimeout(this._timer);
    this._timer = setTimeout(() => this._look(), PAUSE_MS);
  }

  async _look() {
    const words = this.words.value;
    const found = words ? await this.hub.shops(words) : [];
    if (words !== this.words.value) return; // Somebody typed on: that look is under way.
    put(this.said, found === null ? word("staff.shops_failed") : words && !found.length ? word("staff.shop_none") : "");
    if (found) this._fill(found);
  }

  _fill(shops) {
    const chosen = this.field.control.selectedOptions[0];
    const kept = chosen && chosen.value && !shops.some(({ id }) => id === chosen.value) ? [chosen] : [];
    const value = this.field.value;
    refill(this.field.control, h("option", { value: "" }, word(this.first)), kept,
      shops.map(({ id, name, kelurahan }) => h("option", { value: id }, `${name}, ${title(kelurahan)}`)));
    this.field.value = value;
    show(this.said, this.said.textContent);
  }
}
