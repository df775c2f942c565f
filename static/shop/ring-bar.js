// What rings, said in a bar above the tabs for as long as it rings: on whatever panel
// somebody is, it leads to what rings, and one tap silences it. It lies over the page and
// the page keeps room for it at all times: nothing moves when it comes or goes.

import { $, attribute, put, setData, show } from "/static/shared/dom.js";
import { word } from "/static/shared/words.js";

const AIMED_MS = 600; // Who taps this soon aimed at what the bar has just covered.

export class RingBar {
  /** `hush()`: a person wants silence. */
  constructor({ hush }) {
    this.element = $("#ringbar");
    this.link = $("#ringing-see", this.element);
    $("#hush", this.element).addEventListener("click", hush);
    this.link.addEventListener("click", () => {
      if (this.link.hash === "#toko") setTimeout(() => $("#classes").scrollIntoView(), 50); // After the panel has turned.
    });
  }

  /** `what`: the key of the words that say what rings; null: nothing does. `hash`: the panel where it is. */
  draw(what, hash) {
    if (what && this.element.hidden) this._settle();
    show(this.element, what !== null);
    if (what === null) return;
    put($("#ringing-what"), word(what));
    // Not `.hash = ""`: that takes the "#" away too, and the tap would load the page anew, deaf meanwhile.
    attribute(this.link, "href", hash || "#");
  }

  /** A tap that was on its way goes to what it was meant for, and silences nothing. */
  _settle() {
    setData(this.element, { fresh: "" });
    setTimeout(() => setData(this.element, { fresh: null }), AIMED_MS);
  }
}
