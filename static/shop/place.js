// The shop itself: open, paused or busy, who hears, its hours, its second
// contact and its address.

import { clock } from "/static/shared/ages.js";
import { $, h, put, refill, setData, show, turnOff } from "/static/shared/dom.js";
import { word } from "/static/shared/words.js";
import { deviceRows } from "/static/shop/devices.js";
import { Field, focusWrong, wrongName, wrongPhone } from "/static/shop/fields.js";
import { HoursForm, hoursText } from "/static/shop/hours-form.js";
import { actText, fieldOf } from "/static/shop/refusals.js";
import { whenText } from "/static/shop/times.js";

/** What the whole city sees of the shop now, and why; `mend` is true where one tap opens it again. */
export function standing(shop, now) {
  if (shop.state === "open") return { text: word(shop.deaf ? "shop.open_deaf" : "shop.open_now"), mend: false };
  if (shop.self_paused) return { text: word("shop.self_paused"), mend: true };
  if (shop.why === "paused") {
    const until = shop.paused_until ? word("shop.paused_until", { when: whenText(shop.paused_until, now) }) : word("shop.paused_open");
    return { text: until, mend: true };
  }
  if (shop.why === "deaf") return { text: word("shop.closed_deaf"), mend: false };
  return { text: shop.opens_at ? word("shop.closed_until", { when: whenText(shop.opens_at, now) }) : word("shop.closed_hours"), mend: false };
}

export class Place {
  /** `shop()`: its view or null; `me()`: this phone's person; `opened()`: a person opens the shop again. */
  constructor(element, { acts, shop, me }) {
    Object.assign(this, { element, acts, shop, me });
    for (const button of element.querySelectorAll("#pauses [data-act], #busies [data-act]")) {
      button.addEventListener("click", () => this.tap(button.dataset));
    }
    this.hours = new HoursForm({ save: (hours) => this.save("hours", { hours }) });
    this.contact = this.contactForm();
    this.address = this.addressForm();
    for (const [name, form] of [["hours", this.hours.element], ["contact", this.contact.form], ["address", this.address.form]]) {
      const details = $(`#${name}`, element);
      details.append(h("div", { class: "said", data: { said: name } }), form);
      // Not "toggle": that comes later, when something may have been typed already.
      $("summary", details).addEventListener("click", () => { if (!details.open) this.open(name); });
    }
  }

  tap({ act, minutes }) {
    const data = { shop: this.shop().id };
    if (minutes) data.minutes = Number(minutes);
    this.acts.run("pause", act, data);
  }

  resume() { this.acts.run("pause", "shop.resume", { shop: this.shop().id }); }

  async save(name, fields) {
    const reply = await this.acts.run(name, "shop.save", { shop: this.shop().id, ...fields });
    if (!reply.ok) return reply;
    this.acts.settle(name);
    const details = $(`#${name}`, this.element);
    details.open = false;
    $("summary", details).focus();
    return reply;
  }

  /** A form shows what is so now; while it is open nothing that was typed is taken away. */
  open(name) {
    const shop = this.shop();
    this.acts.clear(name);
    if (name === "hours") this.hours.open(shop.hours || []);
    if (name === "contact") this.contact.fill(shop.contact);
    if (name === "address") this.address.fill(shop);
  }

  // -- forms ----------------------------------------------------------------------

  contactForm() {
    const name = new Field("name", "contact_name", { maxlength: 60 });
    const phone = new Field("phone", "contact_phone", { type: "tel", inputmode: "tel", maxlength: 20 });
    const away = h("button", { type: "button", class: "quiet", text: word("shop.contact_away"), data: { act: "shop.save" }, on: { click: () => this.save("contact", { contact: null }) } });
    const submit = async (event) => {
      event.preventDefault();
      name.wrong(wrongName(name.value));
      phone.wrong(wrongPhone(phone.value));
      if (focusWrong([name, phone])) return;
      const reply = await this.save("contact", { contact: { name: name.value, phone: phone.value } });
      if (!reply.ok && fieldOf(reply)) phone.wrong(word("shop.error_field"));
    };
    const form = h("form", { class: "form", novalidate: true, "aria-label": word("shop.contact"), on: { submit } },
      h("p", { class: "soft", text: word("shop.contact_why") }), name.element, phone.element,
      h("div", { class: "row" }, h("button", { type: "submit", class: "go", text: word("shop.save"), data: { act: "shop.save" } }), away));
    const fill = (contact) => {
      name.value = contact ? contact.name : "";
      phone.value = contact ? contact.phone : "";
      for (const field of [name, phone]) field.wrong(null);
      show(away, Boolean(contact));
    };
    return { form, fill };
  }

  addressForm() {
    const address = new Field("address", "shop_address", { maxlength: 200, autocomplete: "street-address" });
    const phone = new Field("phone", "shop_phone", { type: "tel", inputmode: "tel", maxlength: 20, autocomplete: "tel" }, "shop_phone_why");
    const submit = async (event) => {
      event.preventDefault();
      phone.wrong(phone.value ? wrongPhone(phone.value) : null);
      if (focusWrong([phone])) return;
      const reply = await this.save("address", { address: address.value, phone: phone.value });
      if (!reply.ok && fieldOf(reply)) (fieldOf(reply) === "phone" ? phone : address).wrong(word("shop.error_field"));
    };
    const form = h("form", { class: "form", novalidate: true, "aria-label": word("shop.address_phone"), on: { submit } },
      address.element, phone.element, h("button", { type: "submit", class: "go", text: word("shop.save"), data: { act: "shop.save" } }));
    const fill = (shop) => {
      address.value = shop.address || "";
      phone.value = shop.phone || "";
      phone.wrong(null);
    };
    return { form, fill };
  }

  // -- drawing ----------------------------------------------------------------------

  draw(now) {
    const shop = this.shop();
    if (!shop) return;
    const { text, mend } = standing(shop, now);
    put($("#standing"), text);
    setData($("#standing"), { state: shop.state, deaf: String(shop.deaf) });
    this.drawPause(shop, mend, now);
    refill_if($("#devices"), deviceRows(shop.sellers || [], this.me(), now), JSON.stringify([shop.sellers, Math.floor(now / 60000)]));
    put($("#hours-now"), hoursText(shop.hours || [], now));
    put($("#contact-now"), shop.contact ? `${shop.contact.name}, ${shop.contact.phone}` : word("shop.contact_none"));
    put($("#address-now"), shop.address || word("shop.address_none"));
    for (const name of ["hours", "contact", "address", "pause"]) this.say(name);
  }

  drawPause(shop, mend, now) {
    const paused = shop.why === "paused" || shop.paused_until !== undefined;
    show($("#pause-ways"), !paused);
    show($("#resume"), paused);
    turnOff($("#resume"), this.acts.busy("pause"));
    const busy = shop.busy_min ? word("shop.busy_now", { n: shop.busy_min, time: clock(shop.busy_until) }) : word("shop.busy_none");
    put($("#busy-now"), busy);
    for (const button of this.element.querySelectorAll("#busies [data-act]")) {
      button.setAttribute("aria-pressed", String(Number(button.dataset.minutes) === (shop.busy_min || 0)));
    }
    for (const button of this.element.querySelectorAll("#pauses [data-act], #busies [data-act]")) turnOff(button, this.acts.busy("pause"));
  }

  say(name) {
    const act = this.acts.of(name);
    const said = actText(act);
    for (const place of document.querySelectorAll(`[data-said="${name}"]`)) {
      refill_if(place, said ? h("p", { class: said.kind, role: said.kind === "error" ? "alert" : "status", text: said.text }) : null, JSON.stringify(said));
    }
    const form = this.element.querySelector(`#${name} form`);
    if (form) for (const button of form.querySelectorAll("[data-act]")) turnOff(button, act.pending !== null);
  }
}

function refill_if(element, children, face) {
  if (element.kt_face === face) return;
  element.kt_face = face;
  refill(element, children);
}
