// The door of a staff page: sign in by the link's one-time code, come in by
// itself with the cookie of before, or as a frame of the demo.

import { redeem } from "/client/kentongan.js";
import { $, h, icon, isOff, show, turnOff } from "/static/shared/dom.js";
import { forgetAccount } from "/static/shared/account.js";
import { cityAccount, doorNumbers } from "/static/shared/door.js";
import { word } from "/static/shared/words.js";

const LINK = /^#masuk=([\w.~-]+)$/;

/** The code that this page's link carries, or null. */
export function codeOfLink() {
  const found = LINK.exec(window.location.hash);
  return found ? found[1] : null;
}

export class Door {
  /**
   * `element` is filled with what the person needs to come in; `words` is the
   * page's section (`shop`). `onTap()` runs inside the tap (the sound may be
   * unlocked there); `onIn(session)` when the cookie is set. `config`: the
   * city's, for its own account.
   */
  constructor(element, words, { config, onTap = () => {}, onIn }) {
    this.config = config;
    this.element = element;
    this.words = words;
    this.onTap = onTap;
    this.onIn = onIn;
  }

  /** Ask for the tap that spends the link's code. Never spends it by itself: link previews would. */
  askToSignIn() {
    const button = h("button", { type: "button", class: "big go", text: word(`${this.words}.sign_in`), data: { act: "sign_in" } });
    button.addEventListener("click", () => this._spend(button));
    this._say("sign_in_why", button);
    button.focus();
  }

  /** No credentials: `why` is a word of the page's section (`no_link`, `signed_out`). */
  turnAway(why) {
    this._say(why);
  }

  open() {
    show(this.element, false);
    show($("#loading"), true);
    this.element.textContent = "";
  }

  async _spend(button) {
    const code = codeOfLink();
    if (!code) return;
    if (isOff(button)) return;
    turnOff(button, true);
    this.onTap();
    const session = await redeem(code);
    if (session.person) {
      window.history.replaceState(null, "", window.location.pathname);
      forgetAccount(window.location.pathname);
      this.open();
      this.onIn(session);
      return;
    }
    turnOff(button, false);
    if (session.code === "unsent") this._say("error_other", button);
    else this._say("link_used");
  }

  _say(name, ...more) {
    this.element.textContent = "";
    this.element.dataset.state = name;
    this.element.append(icon(this.words), h("h2", { text: word(`${this.words}.sign_in_heading`) }),
      h("p", { role: "status", text: word(`${this.words}.${name}`) }), ...more,
      cityAccount(this.config, `/${this.words}`) || "", doorNumbers());
    show($("#loading"), false); // Nothing is being opened any more.
    show(this.element, true);
  }
}

/**
 * Hear the demo's starting tap: `act({tested_at, place, ...})`, only from the
 * page that holds this one, only from our own origin.
 */
export function onGo(act) {
  window.addEventListener("message", (event) => {
    if (event.origin !== window.location.origin || event.source !== window.parent) return;
    if (event.source === window || !event.data || event.data.kt !== "go") return;
    act(event.data);
  });
}
