// The ring test: the page plays 2 to 4 beats and the person taps how many. No
// browser reads the volume; only ears do.

import { h, put, show, turnOff } from "/static/shared/dom.js";
import { word } from "/static/shared/words.js";

const COUNTS = [2, 3, 4];
const CLOSE_MS = 1200;

export class RingTest {
  /** `panel` is a `Panel`; `onPassed()` runs once the number was right. */
  constructor(ring, panel, onPassed) {
    this.ring = ring;
    this.panel = panel;
    this.onPassed = onPassed;
  }

  open() {
    this._text = h("p", { role: "status", class: "test-text" }, word("medic.test_listen"));
    this._tiles = h("div", { class: "test-tiles" }, COUNTS.map((count) => h("button", {
      type: "button", class: "big", data: { count }, on: { click: () => { if (!this._plays) this._answer(count); } },
    }, String(count))));
    this._again = h("button", { type: "button", class: "quiet", on: { click: () => { if (!this._plays) this._play(); } } }, word("medic.test_again"));
    const none = h("button", { type: "button", class: "quiet", on: { click: () => this._answer(0) } }, word("medic.test_none"));
    this.panel.open(word("medic.test_heading"), [this._text, this._tiles, h("div", { class: "row test-again" }, this._again, none)],
      { closing: word("medic.test_close") });
    this._play();
  }

  async _play() {
    this._beats = COUNTS[Math.floor(Math.random() * COUNTS.length)];
    this._playing(true);
    put(this._text, word("medic.test_listen"));
    const heard = await this.ring.test(this._beats);
    this._playing(false);
    put(this._text, word(heard ? "medic.test_question" : "medic.deaf_locked"));
  }

  _playing(on) {
    this._plays = on;
    for (const button of [...this._tiles.children, this._again]) turnOff(button, on);
  }

  _answer(count) {
    if (count !== this._beats) {
      put(this._text, word("medic.test_wrong"));
      return;
    }
    this.ring.passed();
    put(this._text, word("medic.test_passed"));
    show(this._tiles, false);
    this.onPassed();
    setTimeout(() => { if (this._text.isConnected) this.panel.close(); }, CLOSE_MS);
  }
}
