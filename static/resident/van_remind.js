// "Ingatkan saya": so many minutes before the van may come at the earliest. It
// rings while the page is open, or wakes this phone, and says which.

import { attribute, h, put, show } from "/static/shared/dom.js";
import { word } from "/static/shared/words.js";
import { standing } from "./acts.js";
import { storage } from "./device.js";
import { living } from "./living.js";
import { stopAddress } from "./van_mine.js";
import { actText } from "./van_words.js";

const MINUTES = [5, 10, 20, 30];
const KEPT = "kt.reminder_minutes";

export class VanRemind {
  constructor({ app, mine }, stop) {
    Object.assign(this, { app, mine, stop });
    const kept = storage.get(KEPT);
    this.minutes = MINUTES.includes(kept) ? kept : MINUTES[1];
    const choice = (n) => {
      const radio = h("input", { type: "radio", name: "minutes", value: n, on: { change: () => this._choose(n) } });
      radio.checked = n === this.minutes;
      return h("label", { class: "chip" }, radio, h("span", { text: word("vans.minutes", { n }) }));
    };
    this.wake = mine.wake.line();
    this.said = h("p", { class: "note order-said", role: "alert" });
    this.button = h("button", { type: "button", class: "go big", data: { act: "reminder.set" }, on: { click: () => this._set() } });
    this.element = h("section", { class: "card van-remind", hidden: true, "aria-labelledby": "remind" }, h("h2", { id: "remind", text: word("vans.remind") }),
      h("fieldset", {}, h("legend", { text: word("vans.remind_when") }), h("div", { class: "chips chips-4" }, MINUTES.map(choice))),
      this.wake.element, this.said, this.button);
  }

  get record() { return this.mine.acts.of(`remind ${this.stop}`); }

  _choose(n) {
    this.minutes = n;
    storage.set(KEPT, n);
  }

  _set() {
    living(this.app).unlock();
    const { record } = this;
    if (record && record.state === "asking") return void this.mine.acts.again(record);
    const label = word("vans.reminder");
    this.mine.run({ key: `remind ${this.stop}`, cmd: "reminder.set", data: { stop: this.stop, minutes: this.minutes }, label, href: `/${stopAddress(this.stop)}` });
    return undefined;
  }

  leave() { this.wake.leave(); }

  /** Only for a visit to come, and while none is set. */
  draw(stop) {
    const known = this.mine.reminder(this.stop);
    const set = Boolean(known && (known.state === "set" || known.state === "ringing"));
    const { record } = this;
    const said = actText(record, record && standing(record));
    show(this.element, stop.state === "expected" && !set);
    put(this.said, said);
    attribute(this.button, "aria-busy", record && record.state === "sending" ? "true" : null);
    put(this.button, word(!record || record.state === "refused" ? "vans.remind_me" : record.state === "asking" ? "resident.send_again" : "resident.sending"));
  }
}
