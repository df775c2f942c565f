// The ring test: the page plays 2 to 4 beats, the person taps how many. It
// proves that ears, speaker and volume work, which no browser can tell.

import { h, show } from "/static/shared/dom.js";
import { word } from "/static/shared/words.js";

const CHOICES = [2, 3, 4];

export class RingTest {
  /** `onPassed()` runs once the right number was tapped; `random` is 0 <= x < 1. */
  constructor(element, ring, { onPassed, random = Math.random }) {
    this.element = element;
    this.ring = ring;
    this.onPassed = onPassed;
    this.random = random;
    this._turn = 0;
  }

  /** Play a new number of beats. Call it inside a tap. */
  async start(said = "test_listen") {
    const turn = (this._turn += 1);
    const beats = CHOICES[Math.floor(this.random() * CHOICES.length)];
    this.element.dataset.state = "playing";
    this._draw(said, []);
    show(this.element, true);
    this.element.scrollIntoView({ block: "nearest" });
    await this.ring.unlock();
    const played = await this.ring.test(beats);
    if (turn !== this._turn || this.element.hidden) return;
    this.element.dataset.state = played ? "asking" : "blocked";
    this._draw(played ? "test_ask" : "test_wrong", played ? CHOICES.map((n) => this._choice(n, beats)) : []);
    const first = this.element.querySelector("button");
    if (first) first.focus();
  }

  close() {
    this._turn += 1;
    show(this.element, false);
  }

  _choice(n, beats) {
    const answer = () => (n === beats ? this._pass() : this.start("test_wrong"));
    return h("button", { type: "button", class: "count", text: String(n), data: { count: n }, on: { click: answer } });
  }

  _pass() {
    this.ring.passed();
    this.close();
    this.onPassed();
  }

  _draw(said, choices) {
    this.element.textContent = "";
    this.element.append(
      h("div", { role: "status" }, h("h2", { id: "test-title", text: word(`shop.${said}`) })),
      h("div", { class: "counts" }, choices),
      h("div", { class: "row" },
        h("button", { type: "button", class: "big", text: word("shop.test_again"), on: { click: () => this.start() } }),
        h("button", { type: "button", class: "quiet", text: word("shop.test_not_now"), on: { click: () => this.close() } })),
    );
  }
}
