// "Tambah petugas": who, as what, and then their link as text and as a QR code.
// The link stands in the open sheet and nowhere else: closing it is the end of it.

import { dayTime } from "/static/shared/alerts.js";
import { h, isOff, put, refill, show, svg, turnOff } from "/static/shared/dom.js";
import { word } from "/static/shared/words.js";
import { Field, input, judge } from "/static/dispatch/fields.js";
import { ShopChoice } from "/static/dispatch/staff_choice.js";
import { copy } from "/static/dispatch/van_tracker.js";

const NAME_LENGTH = 80;
const VEHICLE_LENGTH = 40;
const QUIET = 4; // Modules around a QR code that must stay light (ISO/IEC 18004).

/** A role with its desk, as one value and as words. */
export const roleKey = ({ role, desk }) => (desk ? `${role}_${desk}` : role);
export const roleText = (one) => word(`staff.role_${roleKey(one)}`);

export class AddSheet {
  /** `part`: hub, panel, now(), said(reply), changed(). */
  constructor(part) { this.part = part; }

  /** Ask who it is. `may`: what this desk enrols. */
  open(may) {
    this.may = may;
    this.role = new Field(h("select", { name: "role" }, may.map((one) => h("option", { value: roleKey(one) }, roleText(one)))), "staff.role");
    this.name = new Field(input("name", { maxlength: NAME_LENGTH }), "staff.name");
    this.vehicle = new Field(input("vehicle", { maxlength: VEHICLE_LENGTH }), "staff.vehicle", "staff.vehicle_hint");
    this.van = new Field(h("select", { name: "van" }), "staff.van");
    this.shop = new ShopChoice(this.part.hub, "staff.shop_choose");
    this.why = h("p", { class: "error", role: "status" });
    this.send = h("button", { type: "submit", class: "big go", data: { act: "staff.enrol" } }, word("staff.add_yes"));
    const form = h("form", { class: "desk-form", novalidate: true, data: { form: "enrol" } }, this.role.element, this.name.element, this.vehicle.element,
      this.van.element, this.shop.element, h("p", { class: "note told" }, word("staff.add_told")), this.send, this.why);
    form.addEventListener("submit", (event) => { event.preventDefault(); this._send(); });
    this.role.control.addEventListener("change", () => this._turn());
    this._turn();
    this.part.panel.open(word("staff.add_heading"), [form], { closing: word("staff.no") });
    this.name.control.focus();
  }

  get chosen() { return this.may.find((one) => roleKey(one) === this.role.value); }

  /** Only the fields of this role. */
  _turn() {
    const { role } = this.chosen;
    show(this.role.element, this.may.length > 1);
    show(this.vehicle.element, role === "medic");
    show(this.shop.element, role === "seller");
    show(this.van.element, role === "crew");
    if (role === "crew") this._vans();
  }

  async _vans() {
    const first = (text) => h("option", { value: "" }, word(text));
    if (this.van.control.options.length > 1) return;
    refill(this.van.control, first("staff.van_choose"));
    const vans = await this.part.hub.vans();
    this.van.wrong(vans ? "" : word("staff.vans_failed"));
    refill(this.van.control, first("staff.van_choose"), (vans || []).map(({ id, name }) => h("option", { value: id }, name)));
  }

  get fields() { return [this.role, this.name, this.vehicle, this.van, this.shop.field]; }

  _wrongs(role) {
    return {
      name: this.name.value ? null : word("staff.wrong_name"),
      van: role === "crew" && !this.van.value ? word("staff.wrong_van") : null,
      shop: role === "seller" && !this.shop.value ? word("staff.wrong_shop") : null,
    };
  }

  async _send() {
    const { role, desk } = this.chosen;
    put(this.why, "");
    if (isOff(this.send) || !judge(this.fields, this._wrongs(role))) return;
    const name = this.name.value;
    const more = { medic: { vehicle: this.vehicle.value }, crew: { van: this.van.value }, seller: { shop: this.shop.value } }[role];
    turnOff(this.send, true);
    put(this.why, word("staff.sending"));
    const made = await this.part.hub.enrol({ role, name, ...(desk ? { desk } : {}), ...more });
    turnOff(this.send, false);
    put(this.why, "");
    this.part.changed();
    if (made.link) this.made(name, made);
    else this._refused(made);
  }

  _refused(reply) {
    const wrong = { name: "wrong_name", vehicle: "wrong_vehicle", van: "wrong_gone", shop: "wrong_gone" };
    const field = reply.code === "bad_data" && /^(\w+):/.exec(reply.message);
    const at = field && wrong[field[1]];
    if (at) judge(this.fields, { [field[1]]: word(`staff.${at}`) });
    else put(this.why, reply.code === "unsure" ? word("staff.add_unsure") : this.part.said(reply));
  }

  /** Show a link, once. */
  made(name, { link, expires_at, qr, person }) {
    const text = h("input", { id: "staff-link", name: "link", readonly: true, value: link });
    const said = h("p", { class: "soft", role: "status" });
    const button = h("button", { type: "button", class: "big", data: { copy: "link" } }, word("staff.copy"));
    button.addEventListener("click", async () => {
      const done = await copy(text);
      button.dataset.state = done ? "copied" : "marked";
      put(said, word(done ? "staff.copied" : "staff.copy_by_hand"));
    });
    const { part } = this;
    part.panel.open(word("staff.made_heading", { name }), [h("div", { class: "staff-made", data: { type: "enrolment", id: person, state: "made" } },
      h("p", {}, word("staff.made_scan", { name })), drawQr(qr, word("staff.made_qr", { name })),
      h("div", { class: "field" }, h("label", { for: text.id }, word("staff.made_link")), text), button, said,
      h("p", { class: "note told" }, word("staff.made_until", { time: dayTime(expires_at, part.now()) })), h("p", {}, word("staff.made_once")))], { closing: word("staff.close") });
    button.focus();
  }
}

/** Dark shapes on white with the quiet zone around them, whatever the page's colours are. */
function drawQr({ size, path }, label) {
  const all = size + 2 * QUIET;
  return svg("svg", { class: "qr", viewBox: `${-QUIET} ${-QUIET} ${all} ${all}`, role: "img", "aria-label": label, "shape-rendering": "crispEdges" },
    svg("rect", { x: -QUIET, y: -QUIET, width: all, height: all, fill: "#fff" }), svg("path", { d: path, fill: "#000" }));
}
