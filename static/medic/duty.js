// The duty box: on and off, drills, the ring test's age, the position's age.

import { ago, clock } from "/static/shared/ages.js";
import { $, isOff, put, setData, show, turnOff } from "/static/shared/dom.js";
import { word } from "/static/shared/words.js";

const FRESH_MS = 24 * 3600 * 1000;
const DRILLS_KEPT = "kt.medic_drills";

export class DutyBox {
  /** `duty()` gives the own duty's view or undefined; `draw()` draws the page anew. */
  constructor(acts, ring, positions, { duty, test, draw }) {
    Object.assign(this, { acts, ring, positions, duty, test, draw });
    $("#duty-act").addEventListener("click", () => this._tapped());
    $("#test-open").addEventListener("click", () => this.test.open());
    $("#drills").addEventListener("change", (event) => this._drillsChanged(event.currentTarget.checked));
    $("#drills").checked = this._kept();
  }

  get on() {
    const duty = this.duty();
    return Boolean(duty) && duty.state !== "off";
  }

  get fresh() { return Date.now() - this.ring.tested_at < FRESH_MS; }

  go(on) {
    const onText = (text) => { put($("#duty-error"), text); this.draw(); };
    this.acts.kt.answerHere(); // Reachable from the first moment of the duty, not from the next beat on.
    return this.acts.run("medic.duty", { on, drills: $("#drills").checked }, { key: "duty", onText });
  }

  _tapped() {
    if (isOff($("#duty-act"))) return;
    const on = !this.on;
    this.go(on);
    if (on && !this.fresh) this.test.open();
  }

  _kept() {
    try { return localStorage.getItem(DRILLS_KEPT) === "1"; } catch (error) { return false; }
  }

  _drillsChanged(drills) {
    try { localStorage.setItem(DRILLS_KEPT, drills ? "1" : "0"); } catch (error) { /* Private mode: the duty knows. */ }
    if (this.on) this.go(true);
  }

  render({ shown, ready, now }) {
    const { on } = this;
    show($("#duty"), shown);
    put($("#test-state"), this.fresh ? word("medic.test_ok", { time: clock(this.ring.tested_at) }) : word("medic.test_old"));
    this._position(on, now);
    const box = $("#drills");
    const busy = this.acts.busy("duty");
    if (on && !busy) box.checked = Boolean(this.duty().drills);
    const button = $("#duty-act");
    setData(button, { on: String(!on) });
    put(button, word(on ? "medic.go_off" : "medic.go_on"));
    button.classList.toggle("go", !on);
    turnOff(button, busy || !ready);
  }

  _position(on, now) {
    const { state, fix } = this.positions;
    const line = $("#position");
    show(line, on);
    setData(line, { state });
    if (state === "denied") put(line, word("medic.position_denied"));
    else if (!fix) put(line, word("medic.position_none"));
    else put(line, word(state === "demo" ? "medic.position_demo" : "medic.position_ok", { age: ago(now - fix.fix_at) }));
  }
}
