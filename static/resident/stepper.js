// How many: minus, a number that can be typed, plus. At nothing only the plus shows.

import { attribute, h, icon, show } from "/static/shared/dom.js";
import { word } from "/static/shared/words.js";

export class Stepper {
  /** `label`: of what. `onChange(value)` after a person's change. */
  constructor({ label, min = 0, max, value = 0, onChange }) {
    Object.assign(this, { min, max, value, onChange });
    const button = (by, drawing, name) => h("button", {
      type: "button", class: "step", data: { step: by }, "aria-label": `${word(name)} ${label}`, on: { click: () => this._step(by) },
    }, icon(drawing));
    this.less = button(-1, "minus", "resident.less");
    this.more = button(1, "plus", "resident.more");
    this.input = h("input", {
      class: "step-count", inputmode: "numeric", pattern: "[0-9]*", maxlength: 3, autocomplete: "off", "aria-label": `${word("resident.how_many")} ${label}`,
      on: { change: () => this._typed(), focus: () => this.input.select(), keydown: (event) => this._entered(event) },
    });
    this.element = h("div", { class: "stepper" }, this.less, this.input, this.more);
    this.draw();
  }

  /** What is wanted and how much there is, as the page knows it now. */
  set(value, max) {
    if (value === this.value && max === this.max) return;
    Object.assign(this, { value, max });
    this.draw();
  }

  draw() {
    const some = this.value > 0;
    if (document.activeElement !== this.input) this.input.value = String(this.value);
    show(this.less, some);
    show(this.input, some);
    attribute(this.less, "aria-disabled", this.value <= this.min ? "true" : null);
    attribute(this.more, "aria-disabled", this.value >= this.max ? "true" : null);
  }

  _step(by) {
    const had_focus = document.activeElement === this.less;
    this._to(this.value + by);
    if (had_focus && this.less.hidden) this.more.focus();
  }

  /** Enter means the number, not the form around it. */
  _entered(event) {
    if (event.key !== "Enter") return;
    event.preventDefault();
    this._typed();
  }

  _typed() {
    const value = Number.parseInt(this.input.value, 10);
    this._to(Number.isNaN(value) ? this.value : value);
    this.input.value = String(this.value);
    if (this.input.hidden) this.more.focus();
  }

  _to(value) {
    const within = Math.max(this.min, Math.min(this.max, value));
    if (within === this.value) return;
    this.value = within;
    this.draw();
    this.onChange(within);
  }
}
