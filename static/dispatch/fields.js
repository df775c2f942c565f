// Fields of the desks' forms: a name, and in words beside it what is wrong. What
// was typed stays until the hub has taken it.

import { attribute, h, isOff, put, turnOff } from "/static/shared/dom.js";
import { word } from "/static/shared/words.js";

let count = 0;

export class Field {
  /** `control`: an input, select or textarea that is made already; `label` a word; `hint` a word or null. */
  constructor(control, label, hint = null) {
    count += 1;
    this.control = control;
    this.name = control.name;
    control.id = `field-${count}`;
    this.why = h("p", { class: "error why", id: `field-${count}-why` });
    control.setAttribute("aria-describedby", this.why.id);
    this.element = h("div", { class: "field" }, h("label", { for: control.id }, word(label)), hint ? h("p", { class: "soft" }, word(hint)) : null, control, this.why);
  }

  get value() { return this.control.value.trim(); }
  set value(text) { this.control.value = text; }

  wrong(text) {
    put(this.why, text || "");
    attribute(this.control, "aria-invalid", text ? "true" : null);
    return !text;
  }
}

/** A group of boxes or radios with one sentence of what is wrong. */
export class Group {
  constructor(name, label, ...children) {
    count += 1;
    this.name = name;
    this.why = h("p", { class: "error why", id: `field-${count}-why` });
    this.element = h("fieldset", { class: "group", "aria-describedby": this.why.id, tabindex: -1 }, h("legend", {}, word(label)), children, this.why);
    this.control = this.element;
  }

  wrong(text) {
    put(this.why, text || "");
    attribute(this.element, "data-invalid", text ? "true" : null);
    return !text;
  }
}

export const input = (name, attributes = {}) => h("input", { name, autocomplete: "off", ...attributes });
export const area = (name, attributes = {}) => h("textarea", { name, rows: 2, ...attributes });

/** A select of words: `[value, word]` pairs, or values whose words are `<prefix>_<value>`. */
export function select(name, values, prefix, chosen) {
  return h("select", { name }, values.map((value) => h("option", { value, selected: value === chosen }, word(`${prefix}_${value}`))));
}

/** Set each field's sentence from `{name: text}`; the focus goes to the first. True when all are right. */
export function judge(fields, wrongs) {
  let first = null;
  for (const field of fields) {
    if (!field.wrong(wrongs[field.name] || null) && !first) first = field;
  }
  if (first) first.control.focus();
  return !first;
}

/** The field that a `bad_data` speaks of ("expires" of `data.expires: expected ...`), or null. */
export function fieldOf({ code, message }) {
  const found = code === "bad_data" && /^data\.(\w+)/.exec(message || "");
  return found ? found[1] : null;
}

/** "Cabut": a reason is asked for beside the button; `run(reason)` resolves to a sentence, "" when it is done. */
export function reasonForm(label, act, run) {
  const open = h("button", { type: "button", class: "small" }, label);
  const reason = new Field(input("reason", { maxlength: 200 }), "info.cancel_reason");
  const send = h("button", { type: "submit", class: "small strong", data: { act } }, label);
  const back = h("button", { type: "button", class: "small" }, word("info.never_mind"));
  const form = h("form", { class: "reason", novalidate: true, hidden: true }, reason.element, h("div", { class: "acts" }, send, back));
  const turn = (shown) => {
    form.hidden = !shown;
    open.hidden = shown;
    (shown ? reason.control : open).focus();
  };
  open.addEventListener("click", () => turn(true));
  back.addEventListener("click", () => turn(false));
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    if (isOff(send) || !judge([reason], { reason: reason.value ? null : word("info.wrong_reason") })) return;
    turnOff(send, true);
    const text = await run(reason.value);
    turnOff(send, false);
    reason.wrong(text);
  });
  return { open, form };
}
