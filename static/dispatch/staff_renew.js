// "Tautan baru": one more device for somebody who is enrolled. They stay the same person,
// and the device that they lost leaves the moment the new link is used, not before.

import { attribute, h, put } from "/static/shared/dom.js";
import { word } from "/static/shared/words.js";
import { Group } from "/static/dispatch/fields.js";
import { deviceText } from "/static/dispatch/staff_device.js";

const ALL = "all";

export class RenewSheet {
  /** `part`: hub, panel, said(reply), changed(), made(name, reply). */
  constructor(part) { this.part = part; }

  /** Ask which device it replaces. `one`: the person's row; `at`: when it was read. */
  open(one, at) {
    this.one = one;
    this.which = this._which(one, at);
    this.why = h("p", { class: "error", role: "status" });
    this.send = h("button", { type: "submit", class: "big go", data: { act: "staff.enrol" } }, word("staff.add_yes"));
    this.form = h("form", { class: "desk-form", novalidate: true, data: { form: "renew" } }, h("p", { class: "told" }, word("staff.renew_told")),
      this.which && this.which.element, this.send, this.why);
    this.form.addEventListener("submit", (event) => { event.preventDefault(); this._send(); });
    this.part.panel.open(word("staff.renew_heading", { name: one.name }), [this.form], { closing: word("staff.no") });
    this.send.focus();
  }

  /** Nothing to choose where there is nothing that could be lost. */
  _which({ sessions, link_until }, at) {
    if (!sessions.length && !link_until) return null;
    const devices = sessions.length > 1 ? sessions.map((device) => [device.id, word("staff.renew_one", { device: deviceText(device, at) })]) : [];
    const choices = [["", word("staff.renew_keep")], ...devices, [ALL, word("staff.renew_all")]];
    return new Group("replace", "staff.renew_which", choices.map(([value, text], n) => h("label", {},
      h("input", { type: "radio", name: "replace", value, checked: n === 0 }), h("span", {}, text))), h("p", { class: "soft" }, word("staff.renew_when")));
  }

  async _send() {
    if (this.sending) return;
    const { one } = this;
    const chosen = this.which ? this.form.elements.replace.value : "";
    this._busy(true);
    const made = await this.part.hub.enrol({ person: one.person, ...(chosen ? { replace: chosen === ALL ? true : chosen } : {}) });
    this._busy(false);
    this.part.changed();
    if (made.link) { this.part.made(one.name, made); return; }
    const gone = made.code === "bad_data" && /^replace:/.test(made.message);
    if (this.which) this.which.wrong(gone ? word("staff.renew_gone") : "");
    put(this.why, gone ? "" : this.part.said(made));
  }

  /** Never `disabled`: that would take the focus away. */
  _busy(sending) {
    this.sending = sending;
    attribute(this.send, "aria-disabled", sending && "true");
    if (this.which) this.which.wrong("");
    put(this.why, sending ? word("staff.sending") : "");
  }
}
