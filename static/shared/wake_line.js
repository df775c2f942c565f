// Which phone this is: it rings, it can be woken, or it hears only while it is open.
//
// In the page: #wake with #wake-state, #wake-why and the button #wake-ask.

import { $, put, setData, show, turnOff, unlessOff } from "/static/shared/dom.js";
import { Waking } from "/static/shared/waking.js";
import { word } from "/static/shared/words.js";

export class WakeLine {
  /** As `Waking` takes it; `said()` gives what is this page's own, the test ring is every page's. */
  constructor(address, { said, ...more }) {
    const words = () => ({ ...said(), test: { title: word("waking.test_title"), body: word("waking.test_body") } });
    this.waking = new Waking(address, { ...more, said: words });
    $("#wake-ask").addEventListener("click", unlessOff(() => this.waking.start()));
  }

  /** Signed in, or the hub says that no device of this person can be woken any more: look again. */
  check() { return this.waking.check(); }

  /** `rings`: the hub hears this page, and its sound works. */
  draw(rings) {
    const { state } = this.waking;
    const on = state === "on";
    setData($("#wake"), { state: rings ? "rings" : on ? "wakeable" : "open", push: state });
    put($("#wake-state"), word(rings ? (on ? "waking.rings_on" : "waking.rings") : on ? "waking.on" : "waking.open"));
    const why = { denied: "waking.denied", failed: "waking.failed" }[state];
    put($("#wake-why"), why ? word(why) : "");
    show($("#wake-ask"), state === "off" || state === "failed" || state === "asking");
    turnOff($("#wake-ask"), state === "asking");
  }
}
