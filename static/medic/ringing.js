// What rings, and why: an open offer, an assignment by the desk, the question
// "not under way?". Each rings until it is touched or decided.

const ASKED_FOR_MS = 10 * 60 * 1000;

/** The name of one reason to ring: a question asked anew rings anew. */
export function ringKey(offer) {
  return offer.state === "won" && offer.asked_until ? `${offer.id}:${offer.asked_until}` : offer.id;
}

/** The holder is asked whether it is on its way (and stays asked after the ringing). */
export function isAsked(held, now) {
  return held.request_state === "accepted" && Boolean(held.asked_until) && now < held.asked_until + ASKED_FOR_MS;
}

export class Ringing {
  /** `busy(id)` tells whether a tap on that offer is on its way. */
  constructor(ring, busy) {
    this.ring = ring;
    this.busy = busy;
    this._touched = new Set();
    this._sounding = new Set();
  }

  touched(offer) {
    this.ring.touched();
    this._touched.add(ringKey(offer));
  }

  rings(offer, held, now) {
    if (this._touched.has(ringKey(offer))) return false;
    const own = Boolean(held) && offer.id === held.id;
    if (own && isAsked(held, now)) return now < held.asked_until;
    if (offer.my_receipts && offer.my_receipts.seen) return false;
    if (own) return Boolean(held.assigned) && held.request_state === "accepted";
    return offer.state === "open" && !held && !this.busy(offer.id);
  }

  /** Sound what rings of these offers. Returns whether anything does. */
  sound(offers, held, now) {
    const wanted = new Set(offers.filter((offer) => this.rings(offer, held, now)).map(ringKey));
    for (const key of this._sounding) if (!wanted.has(key)) this.ring.stop(key);
    for (const key of wanted) this.ring.start(key);
    this._sounding = wanted;
    return wanted.size > 0;
  }
}
