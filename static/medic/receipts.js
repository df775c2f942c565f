// Receipts that give themselves (DOMAIN "Reachable"): each level is proven here
// before it is said, once per offer and level.
//
//   received   this script has the offer          shown   drawn while the page is visible
//   audible    the ring ran for 1 s (ring.js)     seen    a person touched the card or "Diam"

const DEADLINE_MS = 60000;

export class Receipts {
  constructor(kt) {
    this.kt = kt;
    this._given = new Set();
    this._drawn = new Set();
  }

  /** Say a level, unless the offer's own view knows it already. */
  give(offer, level) {
    const key = `${offer.id}:${level}`;
    if (this._given.has(key) || (offer.my_receipts && offer.my_receipts[level])) return;
    this._given.add(key);
    this.kt.call("medic.receipt", { request: offer.id, level }, { deadline_ms: DEADLINE_MS }).then((reply) => {
      if (!reply.ok && reply.retry) this._given.delete(key);
    });
  }

  /** `shown` needs a frame that was really drawn: a hidden page has none. */
  drawn(offer, card) {
    if (this._drawn.has(offer.id) || document.visibilityState !== "visible") return;
    this._drawn.add(offer.id);
    requestAnimationFrame(() => requestAnimationFrame(() => {
      if (document.visibilityState === "visible" && card.isConnected && card.offsetParent !== null) {
        this.give(offer, "shown");
      } else {
        this._drawn.delete(offer.id);
      }
    }));
  }

  forget(id) {
    this._drawn.delete(id);
  }
}
