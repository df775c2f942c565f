// Signing staff in: a link carries a one-time code after `#masuk=`, and a button
// spends it. Never at load: a link preview would use the code up.
//
//   const door = new SignIn($("#sign-in"), "medic", config, () => kt.restart());
//   door.offered            // the address carries a code that was not used yet
//   door.show(reason)       // "link" | "none" | "signed_out";  door.hide()
//   door.offer(way)         // a further way, until somebody comes in

import { redeem } from "/client/kentongan.js";
import { h, icon, isOff, put, show, turnOff } from "/static/shared/dom.js";
import { forgetAccount } from "/static/shared/account.js";
import { cityAccount, doorNumbers } from "/static/shared/door.js";
import { word } from "/static/shared/words.js";

const HASH = /^#masuk=([A-Za-z0-9._~-]+)$/;
const SPENT = new Set(["not_signed_in", "not_found", "not_allowed", "too_late", "bad_data"]);

export class SignIn {
  /** `section` names the words and the page; `onDone(session)` runs when the cookie is set. */
  constructor(panel, section, config, onDone) {
    this.panel = panel;
    this.section = section;
    this.onDone = onDone;
    this._text = h("p", {});
    this._error = h("p", { class: "error", role: "status" });
    this._button = h("button", {
      type: "button", class: "big go", data: { act: "session.redeem" }, on: { click: () => this._redeem() },
    }, word(`${section}.sign_in`));
    panel.append(icon(section === "medic" ? "medic" : "desk"), h("h2", {}, word(`${section}.sign_in_heading`)), this._text, this._button,
      cityAccount(config, `/${section}`) || "", this._error, doorNumbers());
    window.addEventListener("hashchange", () => { if (this.offered) this.show("link"); });
  }

  get code() {
    const found = HASH.exec(location.hash);
    return found ? found[1] : null;
  }

  get offered() { return this.code !== null; }

  show(reason) {
    const words = { link: "sign_in_text", none: "sign_in_none", signed_out: "signed_out" };
    put(this._text, word(`${this.section}.${words[this.offered ? "link" : reason]}`));
    show(this._button, this.offered);
    show(this.panel, true);
  }

  offer(way) {
    if (this._way) this._way.remove();
    this._way = way;
    if (way) this._error.before(way);
  }

  hide() { show(this.panel, false); }

  async _redeem() {
    if (isOff(this._button)) return;
    turnOff(this._button, true);
    put(this._button, word(`${this.section}.signing_in`));
    const session = await redeem(this.code);
    turnOff(this._button, false);
    put(this._button, word(`${this.section}.sign_in`));
    if (session.person) {
      history.replaceState(null, "", location.pathname + location.search);
      forgetAccount(location.pathname);
      put(this._error, "");
      this.offer(null);
      this.hide();
      this.onDone(session);
      return;
    }
    put(this._error, word(`${this.section}.${SPENT.has(session.code) ? "sign_in_bad" : "sign_in_failed"}`));
  }
}
