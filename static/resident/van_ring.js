// The bar under whatever is on the screen while something of the mobile office
// rings: a reminder until it is dismissed, a ticket's turn for a few seconds. It
// covers nothing, and a running emergency silences and hides it.

import { $, attribute, h, keyed, put, setData, show } from "/static/shared/dom.js";
import { word } from "/static/shared/words.js";
import { storage } from "./device.js";

const LOOKS = "/static/resident/van_ring.css";
const TOUCHED = "kt.van_touched";
const MOST_TOUCHED = 40;
const SHORT_MS = 6000;
const SHOWN = 2;

export class VanRing {
  /** `ring` is the sound; `dismiss(stop)` gives the command. */
  constructor(ring, { dismiss }) {
    Object.assign(this, { ring, dismiss, element: null, blocked: false });
    this._started = new Map(); // key -> since when
    this._touched = storage.get(TOUCHED) || [];
    ring.onBlocked = () => { this.blocked = true; };
    // A page that was opened anew may sound only after its first touch.
    document.addEventListener("click", () => { if (this._started.size && !ring.unlocked) this._unlock(); }, true);
  }

  async _unlock() {
    this.blocked = !(await this.ring.unlock());
  }

  touch(key) {
    this._touched = [...this._touched.filter((each) => each !== key), key].slice(-MOST_TOUCHED);
    storage.set(TOUCHED, this._touched);
    this.ring.touched();
    this._silence(key);
    this.draw(this._rows || []);
  }

  _silence(key) {
    this._started.delete(key);
    this.ring.stop(key);
  }

  /** `rows`: {key, type, id, state, text, href, until_touched} of all that ought to ring now. */
  draw(rows) {
    this._rows = rows;
    const loud = rows.filter(({ key }) => !this._touched.includes(key));
    const keys = new Set(loud.map(({ key }) => key));
    for (const key of [...this._started.keys()]) if (!keys.has(key)) this._silence(key);
    const emergency = document.body.dataset.view === "emergency";
    for (const row of loud) this._sound(row, emergency);
    if (!this.element && loud.length) this._make();
    if (!this.element) return;
    show(this.element, loud.length > 0 && !emergency);
    show(this.silent, this.blocked && this._started.size > 0);
    put(this.silent, word("vans.ring_blocked"));
    keyed(this.list, loud.slice(0, SHOWN), ({ key }) => key, (row) => this._row(row), (item, row) => {
      setData(item, { type: row.type, id: row.id, state: row.state, ringing: "" });
      put(item.firstChild.firstChild, row.text);
      attribute(item.firstChild, "href", row.href);
    });
  }

  _sound({ key, until_touched }, emergency) {
    const since = this._started.get(key) || Date.now();
    this._started.set(key, since);
    if (emergency || (!until_touched && Date.now() - since > SHORT_MS)) this.ring.stop(key);
    else this.ring.start(key);
  }

  _make() {
    document.head.append(h("link", { rel: "stylesheet", href: LOOKS }));
    this.list = h("ul");
    this.silent = h("p", { role: "status", hidden: true });
    this.element = h("section", { class: "van-ring", id: "van-ring", "aria-label": word("vans.ringing_bar") }, this.silent, this.list);
    document.body.insertBefore(this.element, $("#sheet"));
  }

  _row({ key, type, id }) {
    const reminder = type === "reminder";
    const click = () => (reminder ? this.dismiss(id) : this.touch(key));
    return h("li", {}, h("a", {}, h("span")),
      h("button", { type: "button", class: "van-hush", data: { act: reminder ? "reminder.dismiss" : null }, on: { click } }, word(reminder ? "vans.hush" : "vans.seen")));
  }
}
