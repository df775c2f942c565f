// Callers by phone enter the same waves: the same command, with its source.

import { attribute, h, put } from "/static/shared/dom.js";
import { idOf, loadKelurahan } from "/static/shared/geo.js";
import { word } from "/static/shared/words.js";
import { Field, fieldOf, input, judge } from "/static/dispatch/fields.js";
import { title } from "/static/dispatch/texts.js";

const PHONE = /^\+?\(?[0-9][0-9 ()-]{1,22}$/; // as the hub takes it

export class Enter {
  /** `run(data)` gives `medic.call` and resolves to the reply; `refusal(reply)` to words. */
  constructor(form, run, refusal) {
    this.form = form;
    this.run = run;
    this.refusal = refusal;
    this._build();
    this._fill();
    form.addEventListener("submit", (event) => { event.preventDefault(); this._send(); });
  }

  _build() {
    const radios = (name, legend, choices) => h("fieldset", { class: "choice" }, h("legend", {}, legend), choices.map(([value, text], n) => h("label", {},
      h("input", { type: "radio", name, value, checked: n === 0 }), h("span", {}, text))));
    this._kelurahan = h("select", { name: "kelurahan" }, h("option", { value: "" }, word("dispatch.enter_choose")));
    this._send_button = h("button", { type: "submit", class: "big danger", data: { act: "medic.call" } }, word("dispatch.enter_do"));
    this._said = h("p", { class: "enter-said", role: "status" });
    this._fields = [
      new Field(this._kelurahan, "dispatch.enter_kelurahan"),
      new Field(input("phone", { type: "tel", maxlength: 24 }), "dispatch.enter_phone"),
      new Field(input("landmark", { maxlength: 200 }), "dispatch.enter_landmark"),
    ];
    for (const { name, element } of this._fields) element.classList.add(`enter-${name}`);
    attribute(this.form, "novalidate", "");
    this.form.append(
      radios("source", word("dispatch.enter_source"), [["phone_119", word("dispatch.enter_119")], ["phone_112", word("dispatch.enter_112")]]),
      radios("urgency", word("dispatch.enter_urgency"), [["now", word("dispatch.enter_now")], ["visit", word("dispatch.enter_visit")]]),
      ...this._fields.map(({ element }) => element), this._send_button, this._said);
  }

  async _fill() {
    try {
      const { features } = await loadKelurahan();
      const ids = features.map(idOf).sort();
      this._kelurahan.append(...ids.map((id) => h("option", { value: id }, title(id))));
    } catch (error) {
      setTimeout(() => this._fill(), 5000); // No list, no choice: the call goes without a kelurahan meanwhile.
    }
  }

  async _send() {
    const { elements } = this.form;
    const data = { source: elements.source.value, urgency: elements.urgency.value };
    for (const { name, value } of this._fields) if (value) data[name] = value;
    if (this._sending || !this._right(data)) return;
    this._sending = true;
    attribute(this._send_button, "aria-disabled", "true");
    this._say(word("dispatch.sending"), "sending");
    const reply = await this.run(data, (text) => this._say(text, "doubt"));
    this._sending = false;
    attribute(this._send_button, "aria-disabled", null);
    if (!reply.ok) { this._refused(reply); return; }
    this.form.reset();
    const { candidates } = reply.data;
    if (data.urgency === "visit") this._say(word("dispatch.enter_visit_done"), "done");
    else if (candidates) this._say(word("dispatch.enter_done", { n: candidates }), "done");
    else this._say(word("dispatch.enter_nobody"), "nobody");
  }

  _right({ phone }) {
    return judge(this._fields, { phone: phone && !PHONE.test(phone) ? word("dispatch.wrong_phone") : null });
  }

  /** Beside the field that it speaks of; what was typed stays. */
  _refused(reply) {
    const at = this._fields.find(({ name }) => name === fieldOf(reply));
    const text = at && at.name === "phone" ? word("dispatch.wrong_phone") : this.refusal(reply);
    this._say(at ? "" : text, "refused");
    if (at) judge(this._fields, { [at.name]: text });
  }

  _say(text, state) {
    this._said.dataset.state = state;
    put(this._said, text);
  }
}
