// Whether this seller's phone rings, can be woken, or hears only while it is open.

import { WakeLine } from "/static/shared/wake_line.js";
import { word } from "/static/shared/words.js";
import { cardOf } from "/static/shop/work.js";

export class ShopWake extends WakeLine {
  constructor(draw) {
    const said = () => ({
      order: { title: word("shop.ringing"), body: word("shop.wake_body") },
      want: { title: word("shop.ringing_want"), body: word("shop.wake_body") },
    });
    super("/shop", { page: "shop", as: "seller", said, onState: draw, onLook: (id) => this.look(id) });
  }

  /** A notification was tapped: its card is what the eye falls on, now or once it is drawn. */
  look(id) {
    this.looked = id || null;
    if (location.hash) location.hash = "#";
    this.lead();
  }

  lead() {
    const card = this.looked && cardOf(CSS.escape(this.looked));
    if (!card || !card.offsetParent) return; // Not drawn, or its panel is not turned to yet.
    this.looked = null;
    card.tabIndex = -1;
    card.focus();
    card.scrollIntoView({ block: "nearest" });
  }
}
