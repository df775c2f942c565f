// "Tanyakan ke semua penjual": what is looked for, how many, for how much, how long.

import { attribute, h, put, setData, show } from "/static/shared/dom.js";
import { word } from "/static/shared/words.js";
import { standing } from "./acts.js";
import { beside } from "./beside.js";
import { storage } from "./device.js";
import { CATEGORIES, seen } from "./market.js";
import { refusalText, stuckText } from "./order_form.js";
import { KELURAHAN } from "./questions.js";
import { asked } from "./search.js";
import { Stepper } from "./stepper.js";
import { buyer } from "./who.js";

const KEY = "want";
const DRAFT = "kt.want";
const DRAFT_MS = 1800000;
const HOME = "kt.kelurahan"; // search.js writes it too
const UNTIL_S = [900, 1800, 7200, 86400];
const MOST_WORDS = 120;

/** What an order asked for, as a want: `want.post`'s data. */
export function wantOf(order, category) {
  const one = order.lines.length === 1;
  const words = order.lines.map((line) => (one ? line.name : `${line.quantity} ${line.name}`)).join(", ").slice(0, MOST_WORDS);
  return { category, words, quantity: one ? order.lines[0].quantity : 1, kelurahan: storage.get(HOME) || order.kelurahan, name: order.name, phone: order.phone, order: order.id };
}

/** Another one like it: the form opens with these. */
export function draftWant({ words, quantity, budget, category, kelurahan }) {
  storage.set(DRAFT, { words, quantity, budget: budget || "", category, kelurahan, until_s: 1800, at: Date.now() });
}

export class WantForm {
  constructor({ app, mine, replace }) {
    Object.assign(this, { app, mine, replace, said: null });
    this.back = "#cari";
    this.title = word("resident.want_title");
    const draft = (this.draft = drafted());
    const keep = () => this._keep();
    this.wrongs = {}; // name -> says what is wrong beside it
    const field = (label, input) => {
      const { why, wrong } = beside(input);
      this.wrongs[input.name] = wrong;
      return h("div", {}, h("label", { class: "field" }, h("span", { text: word(label) }), input), why);
    };
    this.words = h("input", { name: "words", value: draft.words, required: true, minlength: 2, maxlength: MOST_WORDS, autocomplete: "off", placeholder: word("resident.want_hint"), on: { input: keep } });
    this.budget = h("input", { name: "budget", value: draft.budget, inputmode: "numeric", pattern: "[0-9.]*", maxlength: 13, autocomplete: "off", placeholder: word("resident.optional"), on: { input: keep } });
    this.where = h("select", { name: "kelurahan", required: true, on: { change: keep } },
      h("option", { value: "" }, word("resident.choose_kelurahan")), KELURAHAN.map((name) => h("option", { value: name.toLowerCase() }, name)));
    this.where.value = draft.kelurahan;
    this.stepper = new Stepper({ label: word("resident.want_what"), min: 1, max: 999, value: draft.quantity, onChange: (value) => { draft.quantity = value; keep(); } });
    this.fields = h("fieldset", {}, h("legend", { class: "unseen", text: this.title }), h("div", { class: "order-details" },
      field("resident.want_what", this.words),
      this._choices("category", CATEGORIES, (value) => word(`resident.category_${value}`)),
      h("div", { class: "two" }, h("div", { class: "field" }, h("span", { text: word("resident.how_many") }), this.stepper.element), field("resident.budget", this.budget)),
      this._choices("until_s", UNTIL_S, (value) => word(`resident.until_${value}`)),
      field("resident.want_where", this.where)));
    this.form = h("form", { id: "want", class: "order-form", novalidate: true, on: { submit: (event) => this._submit(event) } }, h("p", { text: word("resident.want_why") }), this.fields);
    this.body = [this.form];
    this.error = h("p", { class: "note order-said", role: "alert" });
    this.submit = h("button", { class: "go big", form: "want", data: { act: "want.post" } });
    this.never = h("button", { type: "button", class: "quiet", on: { click: () => this._never() } }, word("resident.never_mind"));
    this.foot = h("div", { class: "order-foot" }, this.error, h("div", { class: "order-do" }, this.submit, this.never));
    const known = this.record;
    if (known && known.state === "refused") this.said = refusalText(known.reply);
  }

  get record() { return this.mine.acts.of(KEY); }

  _choices(name, values, text) {
    const group = h("fieldset", {}, h("legend", { text: word(`resident.want_${name}`) }), h("div", { class: `chips chips-${values.length}` }, values.map((value) => {
      const radio = h("input", { type: "radio", name, value, on: { change: () => { this.draft[name] = value; this._keep(); } } });
      radio.checked = this.draft[name] === value;
      return h("label", { class: "chip" }, radio, h("span", { text: text(value) }));
    })));
    this[name] = group;
    const { why, wrong } = beside(group);
    this.wrongs[name] = wrong;
    group.append(why);
    return group;
  }

  tick() { this.draw(); }

  changed(record) {
    if (record && record.key === KEY && record.state === "done") {
      storage.set(DRAFT, null);
      return void this.replace(`#cari/tanya/${record.reply.data.want}`);
    }
    if (record && record.key === KEY && record.state === "refused") this.said = refusalText(record.reply);
    this.draw();
    return undefined;
  }

  leave() {
    if (this.form.parentNode) attribute(this.form.parentNode, "tabindex", null);
    if (this.record && this.record.state === "refused") this.mine.acts.forget(this.record);
  }

  draw() {
    const { record } = this;
    const busy = Boolean(record && record.state !== "refused");
    const said = busy ? standing(record) : null;
    this.fields.disabled = busy;
    const scrolls = this.form.parentNode; // nothing in it takes the focus meanwhile: by key it is scrolled itself
    if (scrolls) attribute(scrolls, "tabindex", busy ? "0" : null);
    put(this.error, busy ? stuckText(record) : this.said || "");
    setData(this.error, { type: busy ? "want" : null, id: busy ? record.id : null, state: busy ? said : this.said ? "refused" : null, code: record && record.reply ? record.reply.code : null });
    attribute(this.submit, "aria-busy", busy && record.state === "sending" ? "true" : null);
    put(this.submit, word(!busy ? "resident.want_send" : record.state === "asking" ? "resident.send_again" : "resident.sending"));
    show(this.never, busy && said !== "sending");
  }

  _keep() {
    const { words, budget, where, draft } = this;
    Object.assign(draft, { words: words.value, budget: budget.value, kelurahan: where.value });
    storage.set(DRAFT, { ...draft, at: Date.now() });
    this.said = null;
    this.draw();
  }

  /** Say beside each field what is wrong; the first of them gets the focus. */
  _check() {
    const { draft, words, budget, where } = this;
    words.value = words.value.trim();
    const wrong = [
      ["words", words.value.length < 2, "want_no_words", words],
      ["category", !CATEGORIES.includes(draft.category), "want_no_category", this.category.querySelector("input")],
      ["budget", !/^[0-9.]*$/.test(budget.value.trim()), "want_bad_budget", budget],
      ["kelurahan", !where.value, "want_no_where", where],
    ].filter(([name, is, text]) => !this.wrongs[name](is ? word(`resident.${text}`) : ""));
    if (wrong.length) wrong[0][3].focus();
    return !wrong.length;
  }

  _submit(event) {
    event.preventDefault();
    const { record, mine, draft } = this;
    if (record && record.state === "asking") return void mine.acts.again(record);
    if ((record && record.state === "sending") || !this._check()) return undefined;
    if (record) mine.acts.forget(record);
    storage.set(HOME, this.where.value);
    const { name, phone } = buyer();
    const budget = Number(this.budget.value.replace(/\D/g, ""));
    const words = this.words.value;
    const data = { category: draft.category, words, quantity: draft.quantity, kelurahan: this.where.value, until_s: draft.until_s };
    if (budget) data.budget = budget;
    if (name && phone) Object.assign(data, { name, phone });
    mine.act({ key: KEY, cmd: "want.post", data, label: words, href: "/#cari/tanya" });
    return undefined;
  }

  _never() {
    if (this.record) this.mine.acts.forget(this.record);
  }
}

/** What was typed here lately; else the words of the search. */
function drafted() {
  const kept = storage.get(DRAFT);
  const q = asked.q.trim();
  const fresh = kept && Date.now() - kept.at < DRAFT_MS && (!q || !kept.words || kept.words.toLowerCase().includes(q.toLowerCase()));
  const where = storage.get(HOME) || "";
  if (fresh) return { ...kept, kelurahan: kept.kelurahan || where };
  return { words: q, quantity: 1, budget: "", category: asked.category || guessed(q), kelurahan: where, until_s: 1800 };
}

/** All that was found has one category: then that one. */
function guessed(q) {
  const found = new Set(q ? [...seen.values()].filter((shop) => (shop.products || []).some(({ matched }) => matched)).map(({ category }) => category) : []);
  return found.size === 1 ? [...found][0] : "";
}
