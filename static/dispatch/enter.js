// Callers by phone enter the same waves: the same command, with its source.

import { attribute, h, put } from "/static/shared/dom.js";
import { idOf, loadKelurahan } from "/static/shared/geo.js";
import { word } from "/static/shared/words.js";
import { title } from "/static/dispatch/texts.js";

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
    const field = (name, label, control) => h("label", { class: `field enter-${name}` }, label, control);
    const radios = (name, legend, choices) => h("fieldset", { class: "choice" }, h("legend", {}, legend), choices.map(([value, text], n) => h("label", {},
      h("input", { type: "radio", name, value, checked: n === 0 }), h("span", {}, text))));
    this._kelurahan = h("select", { name: "kelurahan" }, h("option", { value: "" }, word("dispatch.enter_choose")));
    this._send_button = h("button", { type: "submit", class: "big danger", data: { act: "medic.call" } }, word("dispatch.enter_do"));
    this._said = h("p", { class: "enter-said", role: "status" });
    this.form.append(
      radios("source", word("dispatch.enter_source"), [["phone_119", word("dispatch.enter_119")], ["phone_112", word("dispatch.enter_112")]]),
      radios("urgency", word("dispatch.enter_urgency"), [["now", word("dispatch.enter_now")], ["visit", word("dispatch.enter_visit")]]),
      field("kelurahan", word("dispatch.enter_kelurahan"), this._kelurahan),
      field("phone", word("dispatch.enter_phone"), h("input", { name: "phone", type: "tel", autocomplete: "off", maxlength: 24 })),
      field("landmark", word("dispatch.enter_landmark"), h("input", { name: "landmark", autocomplete: "off", maxlength: 200 })),
      this._send_button, this._said);
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
    for (const name of ["kelurahan", "landmark", "phone"]) {
      const value = elements[name].value.trim();
      if (value) data[name] = value;
    }
    if (this._sending) return;
    this._sending = true;
    attribute(this._send_button, "aria-disabled", "true");
    this._say(word("dispatch.sending"), "sending");
    const reply = await this.run(data, (text) => this._say(text, "doubt"));
    this._sending = false;
    attribute(this._send_button, "aria-disabled", null);
    if (!reply.ok) { this._say(this.refusal(reply), "refused"); return; }
    this.form.reset();
    const { candidates } = reply.data;
    if (data.urgency === "visit") this._say(word("dispatch.enter_visit_done"), "done");
    else if (candidates) this._say(word("dispatch.enter_done", { n: candidates }), "done");
    else this._say(word("dispatch.enter_nobody"), "nobody");
  }

  _say(text, state) {
    this._said.dataset.state = state;
    put(this._said, text);
  }
}
