// What is asked after a call, one thing at a time. Every answer goes out at once
// by `medic.describe`; no answer is needed for the medics to come.

import { h, icon, put, refill } from "/static/shared/dom.js";
import { word } from "/static/shared/words.js";
import { beside } from "./beside.js";

/** A phone number as people write it. */
export const NUMBER = /^\+?[0-9][0-9 ()-]{4,22}$/;

export const KELURAHAN = [
  "Balongsari", "Blooto", "Gedongan", "Gununggedangan", "Jagalan", "Kauman", "Kedundung", "Kranggan", "Magersari",
  "Mentikan", "Meri", "Miji", "Prajuritkulon", "Pulorejo", "Purwotengah", "Sentanan", "Surodinawan", "Wates",
];

const QUESTIONS = [
  { key: "kelurahan", wanted: (record, view) => !hasPlace(record, view) },
  { key: "same", wanted: (record, view) => Boolean(view && view.maybe_same), choices: ["yes", "no"] },
  { key: "for", choices: ["me", "family", "other"] },
  { key: "breathing", choices: ["yes", "no", "unknown"] },
  { key: "awake", choices: ["yes", "no", "unknown"] },
  { key: "bleeding", choices: ["none", "some", "heavy", "unknown"] },
  { key: "phone" },
  { key: "note" },
];
const OF_PATIENT = ["breathing", "awake", "bleeding"];

export function hasPlace(record, view) {
  return Boolean(record.data.location || record.data.kelurahan || (view && (view.location || view.kelurahan)));
}

/** The next question, or null when all were answered or passed over. */
export function nextQuestion(record, view) {
  const said = record.said || {};
  return QUESTIONS.find(({ key, wanted }) => said[key] === undefined && (!wanted || wanted(record, view))) || null;
}

/** What `medic.describe` takes for one answer; earlier answers about the patient go along. */
export function describing(record, key, value) {
  if (key === "same") return { same: value === "yes" };
  if (!OF_PATIENT.includes(key)) return { [key]: value };
  const said = { ...record.said, [key]: value };
  return { answers: Object.fromEntries(OF_PATIENT.filter((each) => said[each]).map((each) => [each, said[each]])) };
}

/** What is wrong with an answer that is typed, in words; "" when nothing is. */
function wrongText(key, said) {
  if (!said) return word(`resident.no_${key}`);
  return key === "phone" && !NUMBER.test(said) ? word("resident.bad_phone") : "";
}

/** The card. `answer(key, value)` takes what was said ("" for passed over). */
export class QuestionCard {
  constructor(answer) {
    this.answer = answer;
    this.element = h("section", { class: "question", "aria-labelledby": "question", hidden: true });
    this.key = null;
  }

  update(record, view) {
    const question = nextQuestion(record, view);
    const key = question ? question.key : null;
    if (key === this.key) return;
    const had_focus = this.element.contains(document.activeElement);
    this.key = key;
    this.element.hidden = key === null;
    refill(this.element);
    if (!question) return;
    const title = h("h2", { id: "question", tabindex: "-1" });
    put(title, word(`resident.ask_${key}`));
    this.element.append(title, this._body(question, record), this._later(key));
    if (had_focus) title.focus({ preventScroll: true });
  }

  _body({ key, choices }, record) {
    if (key === "kelurahan") return this._tiles();
    if (!choices) return this._form(key, record);
    const buttons = choices.map((value) => {
      const picture = value === "unknown" ? "unknown" : `${key}_${value}`;
      return h("button", { type: "button", class: "tile choice", data: { act: "medic.describe", key, value }, on: { click: () => this.answer(key, value) } },
        key === "same" ? null : icon(picture), h("span", { text: word(`resident.${value === "unknown" ? "unknown" : `${key}_${value}`}`) }));
    });
    return h("div", { class: `choices choices-${choices.length}`, role: "group", "aria-labelledby": "question" }, buttons);
  }

  _tiles() {
    return h("div", { class: "tiles kelurahan", role: "group", "aria-labelledby": "question" }, KELURAHAN.map((name) =>
      h("button", { type: "button", data: { act: "medic.describe", key: "kelurahan", value: name.toLowerCase() }, on: { click: () => this.answer("kelurahan", name.toLowerCase()) } }, name)));
  }

  _form(key, record) {
    const phone = key === "phone";
    const input = h(phone ? "input" : "textarea", phone
      ? { type: "tel", autocomplete: "tel", inputmode: "tel", maxlength: 24, "aria-labelledby": "question" }
      : { rows: 2, maxlength: 300, "aria-labelledby": "question" });
    input.value = phone ? record.phone || "" : "";
    const { why, wrong } = beside(input);
    const submit = (event) => {
      event.preventDefault();
      const said = input.value.trim();
      if (wrong(wrongText(key, said))) this.answer(key, said);
      else input.focus();
    };
    return h("form", { class: "field", novalidate: true, on: { submit } }, input, why,
      h("button", { class: "go", data: { act: "medic.describe", key } }, word("resident.send")));
  }

  _later(key) {
    return h("button", { type: "button", class: "quiet", on: { click: () => this.answer(key, "") } }, word("resident.skip"));
  }
}
