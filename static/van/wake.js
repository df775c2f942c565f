// Whether this phone of the crew rings, can be woken, or hears only while it is open.

import { WakeLine } from "/static/shared/wake_line.js";
import { word } from "/static/shared/words.js";

export class VanWake extends WakeLine {
  constructor({ draw, look }) {
    const said = () => ({ trip: { title: word("van.wake_title"), body: word("van.wake_body") } });
    super("/van", { page: "van", as: "crew", said, onState: draw, onLook: look });
  }
}
