// A patient that somebody else ended: said until the medic has understood it.

import { h, refill, setData, show } from "/static/shared/dom.js";
import { word } from "/static/shared/words.js";
import { ending, placeName } from "/static/medic/offers.js";

export class Loss {
  constructor(element) {
    this.element = element;
    this._id = null;
  }

  say(offer) {
    this._id = offer.id;
    setData(this.element, { id: offer.id });
    const understood = h("button", { type: "button", class: "big", on: { click: () => { this._id = null; this.draw(true); } } }, word("medic.lost_ok"));
    refill(this.element, h("h2", {}, word("medic.lost_heading")), h("p", {}, `${placeName(offer)}: ${ending(offer)}`), understood);
    if (navigator.vibrate && (!navigator.userActivation || navigator.userActivation.hasBeenActive)) navigator.vibrate([400, 200, 400]);
  }

  /** Not over the next patient: that one takes the whole page. */
  draw(free) {
    show(this.element, free && this._id !== null);
  }
}
