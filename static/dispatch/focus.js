// The keyboard on the board: rows by arrows, a way back by Escape, skip links, and
// a focus that no drawing loses.
//
//   const focus = new Focus();
//   focus.before(); ...draw...; focus.after();
//
// What had the focus and is gone, hidden or moved to another list leaves it to
// the nearest that makes sense: itself where it is now, its card, the row that
// took its place, the heading of the list.

import { $, $$ } from "/static/shared/dom.js";

const ROW = "#alarm-list > li, .requests > .cards > li";
const ALARMS = "#alarm-list > li";
const CONTROL = "button, a[href], select, summary";
const HEADING = "#requests-heading";
const NEIGHBOURS = 4;

const usable = (element) => Boolean(element) && element.isConnected && !element.disabled && !element.closest("[hidden]");
const idle = () => !document.activeElement || document.activeElement === document.body;

/** What takes the focus of a row: a card itself, else its first control. */
function entry(row) {
  if (row.hasAttribute("tabindex")) return row;
  return $$(CONTROL, row).find(usable);
}

export class Focus {
  constructor() {
    this._last = null; // {element, row, around, seen}
    document.addEventListener("focusin", (event) => this._remember(event.target));
    // A click beside everything lets go on purpose.
    document.addEventListener("pointerdown", () => { this._last = null; });
    document.addEventListener("keydown", (event) => this._key(event));
    for (const link of $$("#skips a")) link.addEventListener("click", (event) => this._skip(event));
  }

  _remember(element) {
    // A sheet lies over the row that it was opened from.
    const row = element.closest(".sheet") ? this._last && this._last.row : element.closest(ROW);
    this._last = { element, row, around: [], seen: element.matches(":focus-visible") };
    this.before();
  }

  /** Before a drawing: who is beside the row that has the focus. */
  before() {
    const { row } = this._last || {};
    if (!row || !row.parentNode) return;
    const all = Array.from(row.parentNode.children);
    const at = all.indexOf(row);
    this._last.around = [...all.slice(at + 1, at + 1 + NEIGHBOURS), ...all.slice(Math.max(0, at - NEIGHBOURS), at).reverse()];
  }

  /** After a drawing: the focus is where it was, or at the next sensible place. */
  after() {
    if (!this._last || (!idle() && usable(document.activeElement))) return;
    const { element, row, around, seen } = this._last;
    const places = [element, row && row.isConnected && entry(row), ...around.map(entry),
      element.closest("#alarms") && $("#alarm-text"), $(HEADING)];
    const next = places.find(usable);
    if (next) next.focus({ preventScroll: !seen });
  }

  _key(event) {
    const { key, target } = event;
    if (event.defaultPrevented || event.altKey || event.ctrlKey || event.metaKey || event.shiftKey) return;
    if (target.matches("input, select, textarea")) return;
    const row = target.closest(ROW);
    if (!row) return;
    const next = key === "Escape" ? entry(row) : key === "Enter" && target === row ? $$(CONTROL, row).find(usable) : this._step(row, key, target);
    if (!next || next === target) return;
    event.preventDefault();
    next.focus();
  }

  /** The row that an arrow leads to; in the alarms the same button of the next one. */
  _step(row, key, target) {
    const step = { ArrowDown: 1, ArrowUp: -1 }[key];
    if (!step) return null;
    const alarms = row.matches(ALARMS);
    const rows = $$(alarms ? ALARMS : ROW).filter((each) => usable(each) && each.matches(ALARMS) === alarms);
    const next = rows[rows.indexOf(row) + step];
    if (!next) return null;
    const same = alarms && $$(CONTROL, next).find((each) => each.className === target.className);
    return usable(same) ? same : entry(next);
  }

  _skip(event) {
    const to = $(event.currentTarget.getAttribute("href"));
    event.preventDefault();
    if (usable(to)) to.focus();
  }
}
