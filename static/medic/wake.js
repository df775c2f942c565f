// Which phone this is: it rings, it can be woken, or it hears only while it is open.

import { $, put, setData, show, turnOff, unlessOff } from "/static/shared/dom.js";
import { Waking } from "/static/shared/waking.js";
import { word } from "/static/shared/words.js";

export class Wake {
  constructor(ring, { draw, look }) {
    this.ring = ring;
    const said = () => ({
      offer: { title: word("medic.ringing_title"), body: word("medic.wake_body") },
      drill: { title: word("medic.wake_drill"), body: word("medic.wake_body") },
    });
    this.waking = new Waking("/medic", "medic", { said, onState: draw, onLook: look });
    $("#wake-ask").addEventListener("click", unlessOff(() => this.waking.start()));
  }

  /** Signed in, or the hub says of this medic that no device can be woken any more: look again. */
  check() { return this.waking.check(); }

  draw(duty) {
    const wakeable = Boolean(duty && duty.wakeable);
    if (this._wakeable && !wakeable) this.check();
    this._wakeable = wakeable;
    const { state } = this.waking;
    const rings = Boolean(duty && duty.reachable && this.ring.audible);
    const on = state === "on";
    const key = rings ? (on ? "medic.wake_rings_on" : "medic.wake_rings") : on ? "medic.wake_on" : "medic.wake_open";
    setData($("#wake"), { state: rings ? "rings" : on ? "wakeable" : "open", push: state });
    put($("#wake-state"), word(key));
    const why = { denied: "medic.wake_denied", failed: "medic.wake_failed" }[state];
    put($("#wake-why"), why ? word(why) : "");
    show($("#wake-ask"), state === "off" || state === "failed" || state === "asking");
    turnOff($("#wake-ask"), state === "asking");
  }
}
