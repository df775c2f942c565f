// Whether this medic's phone rings, can be woken, or hears only while it is open.

import { WakeLine } from "/static/shared/wake_line.js";
import { word } from "/static/shared/words.js";

export class Wake extends WakeLine {
  constructor(ring, { draw, look }) {
    const said = () => ({
      offer: { title: word("medic.ringing_title"), body: word("medic.wake_body") },
      drill: { title: word("medic.wake_drill"), body: word("medic.wake_body") },
    });
    super("/medic", { page: "medic", as: "medic", said, onState: draw, onLook: look });
    this.ring = ring;
  }

  draw(duty) {
    const wakeable = Boolean(duty && duty.wakeable);
    if (this._wakeable && !wakeable) this.check();
    this._wakeable = wakeable;
    super.draw(Boolean(duty && duty.reachable && this.ring.audible));
  }
}
