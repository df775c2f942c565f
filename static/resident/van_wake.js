// A reminder that rings on a phone that sleeps: offered where reminders are set, kept up by every later visit.

import { h, put, setData, show, turnOff, unlessOff } from "/static/shared/dom.js";
import { Waking } from "/static/shared/waking.js";
import { word } from "/static/shared/words.js";
import { storage } from "./device.js";

const WAKES = "kt.wakes"; // page.js tells the hub so, which then asks whether this page is on the screen
const OPENS = "#mobil";

let only = null;

export function vanWake(app) {
  if (!only) only = new VanWake(app);
  return only;
}

class VanWake {
  constructor(app) {
    this._watchers = new Set();
    this.waking = new Waking("/", {
      page: "resident", as: "resident", opens: { reminder: OPENS },
      said: () => ({ reminder: { title: word("vans.wake_title"), body: word("vans.wake_body") } }),
      onState: (state) => this._is(app, state),
      onLook: () => { location.hash = OPENS; },
    });
    if (storage.get(WAKES)) this.waking.check();
  }

  _is(app, state) {
    storage.set(WAKES, state === "on" ? true : null);
    if (state === "on" && app.kt) app.kt.answerHere();
    for (const draw of [...this._watchers]) draw();
  }

  get on() { return this.waking.state === "on"; }

  /** A line that says what this phone does, and the button that changes it. */
  line() {
    const text = h("p", { class: "soft", role: "status" });
    const button = h("button", { type: "button", class: "quiet big", data: { open: "wake" }, on: { click: unlessOff(() => this.waking.start()) } }, word("vans.wake_ask"));
    const element = h("div", { class: "van-wake", data: { part: "wake" } }, text, button);
    const draw = () => {
      const { state } = this.waking;
      setData(element, { state });
      put(text, word(state === "on" ? "vans.wake_on" : state === "denied" ? "vans.wake_denied" : state === "failed" ? "vans.wake_failed" : "vans.rings_while"));
      show(button, state === "off" || state === "failed" || state === "asking");
      turnOff(button, state === "asking");
    };
    this._watchers.add(draw);
    draw();
    return { element, leave: () => this._watchers.delete(draw) };
  }
}
