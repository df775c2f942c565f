// Who it is for: name and phone, picked up or brought. Asked once and kept on
// this device; afterwards one line with "Ubah".

import { h, put, show } from "/static/shared/dom.js";
import { word } from "/static/shared/words.js";
import { beside } from "./beside.js";
import { storage } from "./device.js";

const BUYER = "kt.buyer";
const PHONE = "\\+?[0-9][0-9 \\(\\)\\.\\-]{4,19}";

/** What is kept of the buyer: {name, phone, address?, fulfilment?} */
export const buyer = () => storage.get(BUYER) || {};

export class Who {
  /** Its fields stand in a form of the page's; `onChange()` after every change of the way. */
  constructor({ onChange = () => {} } = {}) {
    this.onChange = onChange;
    this.wrongs = {}; // name -> says what is wrong beside it
    const field = (name, label, attributes) => {
      const input = h("input", { name, on: { change: () => this._keep() }, ...attributes });
      this[name] = input;
      const { why, wrong } = beside(input);
      this.wrongs[name] = wrong;
      return h("div", {}, h("label", { class: "field" }, h("span", { text: word(label) }), input), why);
    };
    const way = (value) => h("label", { class: "way" },
      h("input", { type: "radio", name: "fulfilment", value, on: { change: () => this._way() } }), h("span", { text: word(`resident.${value}`) }));
    this.ways = h("fieldset", {}, h("legend", { class: "unseen", text: word("resident.fulfilment") }), h("div", { class: "ways" }, way("pickup"), way("delivery")));
    this.address_field = field("address", "resident.address", { autocomplete: "street-address", maxlength: 200 });
    this.fee = h("p", { class: "soft", text: word("resident.delivery_fee") });
    this.fields = h("div", { class: "who-fields" },
      field("name", "resident.your_name", { autocomplete: "name", required: true, maxlength: 60 }),
      field("phone", "resident.your_phone", { type: "tel", inputmode: "tel", autocomplete: "tel", required: true, maxlength: 20, pattern: PHONE, title: word("resident.phone_hint") }));
    this.known = h("p", { class: "who-known" }, h("span"),
      h("button", { type: "button", class: "quiet", on: { click: () => this._open() } }, word("resident.change")));
    this.element = h("div", { class: "who" }, this.ways, this.address_field, this.fee, this.known, this.fields);
    this._fill();
  }

  _fill() {
    const kept = buyer();
    for (const name of ["name", "phone", "address"]) this[name].value = kept[name] || "";
    const way = kept.fulfilment === "delivery" ? "delivery" : "pickup";
    this.ways.querySelector(`[value="${way}"]`).checked = true;
    this._fold(Boolean(this.name.value && this.phone.value && this.phone.checkValidity()));
    this._way();
  }

  _fold(folded) {
    show(this.known, folded);
    show(this.fields, !folded);
    put(this.known.firstChild, `${this.name.value} \u00B7 ${this.phone.value}`);
  }

  _open() {
    this._fold(false);
    this.name.focus();
  }

  get fulfilment() {
    const chosen = this.ways.querySelector(":checked");
    return chosen ? chosen.value : "pickup";
  }

  _way() {
    const brought = this.fulfilment === "delivery";
    show(this.address_field, brought);
    show(this.fee, brought);
    this.address.required = brought;
    this._keep();
    this.onChange();
  }

  _keep() {
    const { name, phone, address, fulfilment } = this._typed();
    if (name || phone || address) storage.set(BUYER, { name, phone, address, fulfilment });
  }

  _typed() {
    const [name, phone, address] = [this.name, this.phone, this.address].map((input) => input.value.trim());
    return { name, phone, address, fulfilment: this.fulfilment };
  }

  /** Say beside each field what is missing; the first of them gets the focus. False when nothing is. */
  missing() {
    const asked = this.fulfilment === "delivery" ? ["address", "name", "phone"] : ["name", "phone"];
    for (const each of asked) this[each].value = this[each].value.trim();
    const wrong = asked.filter((each) => !this[each].checkValidity());
    if (!wrong.length) {
      this._keep();
      return false;
    }
    if (wrong.some((each) => each !== "address")) this._fold(false);
    for (const each of wrong) this.wrongs[each](word(`resident.${this[each].value ? `bad_${each}` : `no_${each}`}`));
    this[wrong[0]].focus();
    return true;
  }

  /** The hub's no beside the field that it speaks of; false when it speaks of none of these. */
  refused({ code, message = "" }) {
    const found = code === "bad_data" && /phone|address|name/.exec(message);
    if (!found) return false;
    if (found[0] !== "address") this._fold(false);
    this.wrongs[found[0]](word(`resident.bad_${found[0]}`));
    return true;
  }

  /** For a command: {name, phone, fulfilment, address?} */
  get data() {
    const { name, phone, address, fulfilment } = this._typed();
    return fulfilment === "delivery" ? { name, phone, fulfilment, address } : { name, phone, fulfilment };
  }
}
