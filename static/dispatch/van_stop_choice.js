// Which stop: one that the desk knows from its trips, or a new one. A new one is
// saved (`stop.save`) before the trip that visits it; a second try does not make it
// twice.

import { h, show } from "/static/shared/dom.js";
import { idOf, loadKelurahan } from "/static/shared/geo.js";
import { word } from "/static/shared/words.js";
import { Field, fieldOf, input } from "/static/dispatch/fields.js";
import { title } from "/static/dispatch/texts.js";

const NEW = "+";
const SHOWN_AT = { name: "stop_name", kelurahan: "stop_kelurahan", address: "stop_address" };

export class StopChoice {
  /** `stops`: [{id, name, kelurahan}]; `desk`: run(cmd, data) resolves to the reply, said(reply) gives its words. */
  constructor(stops, desk) {
    this.desk = desk;
    this._made = new Map(); // what was typed -> the stop that was made of it
    const options = [["", word("van_desk.choose_stop")], ...stops.map(({ id, name, kelurahan }) => [id, `${name} (${title(kelurahan)})`]), [NEW, word("van_desk.new_stop")]];
    this.stop = new Field(h("select", { name: "stop" }, options.map(([value, text]) => h("option", { value }, text))), "van_desk.stop");
    this.name = new Field(input("stop_name", { maxlength: 60 }), "van_desk.stop_name");
    this.kelurahan = new Field(h("select", { name: "stop_kelurahan" }, h("option", { value: "" }, word("van_desk.choose_kelurahan"))), "van_desk.stop_kelurahan");
    this.address = new Field(input("stop_address", { maxlength: 200 }), "van_desk.stop_address");
    this.fresh = h("div", { class: "pairs", hidden: true }, this.name.element, this.kelurahan.element, this.address.element);
    this.element = h("div", { class: "choice-of-stop" }, this.stop.element, this.fresh);
    this.fields = [this.stop, this.name, this.kelurahan, this.address];
    this.stop.control.addEventListener("change", () => show(this.fresh, this.isNew));
    this._fill();
  }

  get isNew() { return this.stop.value === NEW; }

  async _fill() {
    try {
      const { features } = await loadKelurahan();
      this.kelurahan.control.append(...features.map(idOf).sort().map((id) => h("option", { value: id }, title(id))));
    } catch (error) {
      setTimeout(() => this._fill(), 5000);
    }
  }

  wrongs() {
    if (!this.isNew) return { stop: this.stop.value ? null : word("van_desk.wrong_stop") };
    return {
      stop_name: this.name.value ? null : word("van_desk.wrong_stop_name"),
      stop_kelurahan: this.kelurahan.value ? null : word("van_desk.wrong_stop_kelurahan"),
    };
  }

  /** `{id, name, kelurahan}` of the chosen stop, made when it is new, or `{bad: {field?, text}}`. */
  async take() {
    if (!this.isNew) return { id: this.stop.value };
    const [name, kelurahan, address] = [this.name.value, this.kelurahan.value, this.address.value];
    const key = JSON.stringify([name, kelurahan, address]);
    if (this._made.has(key)) return this._made.get(key);
    const reply = await this.desk.run("stop.save", { name, kelurahan, ...(address ? { address } : {}) });
    if (!reply.ok) return { bad: { field: SHOWN_AT[fieldOf(reply)], text: this.desk.said(reply) } };
    this._made.set(key, { id: reply.data.stop, name, kelurahan });
    return this._made.get(key);
  }
}
