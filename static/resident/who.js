// Who it is for: name and phone, picked up or brought. Asked once and kept on
// this device; afterwards one line with "Ubah".

import { attribute, h, put, show } from "/static/shared/dom.js";
import { word } from "/static/shared/words.js";
import { storage } from "./device.js";

const BUYER = "kt.buyer";
const PHONE = "\\+?[0-9][0-9 \\(\\)\\.\\-]{4,19}";

/** What is kept of the buyer: {name, phone, address?, fulfilment?} */
export const buyer = () => storage.get(BUYER) || {};

export class Who {
  /** Its fields stand in a form of the page's; `onChange()` after every change of the way. */
  constructor({ onChange = () => {} } = {}) {
    this.onChange = onChange;
    const field = (name, label, attributes) => {
      const input = h("input", { name, on: { change: () => this._keep() }, ...attributes });
      this[name] = input;
      return h("label", { class: "field" }, h("span", { text: word(label) }), input);
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

  /** The word for the first thing that is missing, which gets the focus; null when nothing is. */
  missing() {
    const asked = this.fulfilment === "delivery" ? ["address", "name", "phone"] : ["name", "phone"];
    for (const each of asked) this[each].value = this[each].value.trim();
    const wrong = asked.find((each) => !this[each].checkValidity());
    for (const each of ["address", "name", "phone"]) attribute(this[each], "aria-invalid", each === wrong ? "true" : null);
    if (!wrong) {
      this._keep();
      return null;
    }
    if (wrong !== "address") this._fold(false);
    this[wrong].focus();
    return this[wrong].value ? `bad_${wrong}` : `no_${wrong}`;
  }

  /** For a command: {name, phone, fulfilment, address?} */
  get data() {
    const { name, phone, address, fulfilment } = this._typed();
    return fulfilment === "delivery" ? { name, phone, fulfilment, address } : { name, phone, fulfilment };
  }
}
