// Sheets of the board: what must be read out or written down before a request
// leaves us.

import { clockSeconds } from "/static/shared/ages.js";
import { attribute, h, put } from "/static/shared/dom.js";
import { word } from "/static/shared/words.js";
import { Field, input, judge } from "/static/dispatch/fields.js";
import { placeName } from "/static/dispatch/texts.js";

const OUTCOMES = ["treated", "unfounded", "duplicate", "handed_over"];

/**
 * What happens to the request while the sheet is open stands in its `error` line.
 * Buttons are never `disabled`, which would take the focus away; `ask` runs once at a time.
 */
function once(buttons, error, panel, ask) {
  let running = false;
  return async (...given) => {
    if (running) return;
    running = true;
    for (const button of buttons) attribute(button, "aria-disabled", "true");
    const text = await ask(...given);
    running = false;
    for (const button of buttons) attribute(button, "aria-disabled", null);
    put(error, text);
    if (!text) panel.close();
  };
}

/**
 * A card to read out, then the operator's name. `run(data)` resolves to what is
 * wrong, "" when it is done. Returns the line that says so.
 */
export function handOverSheet(panel, request, run) {
  const error = h("p", { class: "error", role: "status" });
  const send = h("button", { type: "submit", class: "big danger", data: { act: "medic.hand_over" } }, word("dispatch.hand_over_do"));
  const operator = new Field(input("operator", { maxlength: 100 }), "dispatch.hand_over_operator");
  const reference = new Field(input("reference", { maxlength: 100 }), "dispatch.hand_over_reference");
  const form = h("form", { class: "cards", novalidate: true },
    h("p", {}, word("dispatch.hand_over_read")), readOut(request), operator.element, reference.element,
    h("p", { class: "soft" }, word("dispatch.hand_over_duty")), send, error);
  const give = once([send], error, panel, run);
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    if (!judge([operator], { operator: operator.value ? null : word("dispatch.wrong_operator") })) return;
    give({ operator: operator.value, ...(reference.value ? { reference: reference.value } : {}) });
  });
  panel.open(word("dispatch.hand_over_heading"), [form], { closing: word("dispatch.cancel") });
  return error;
}

/** One tap for each outcome; the note goes with it. As `handOverSheet`. */
export function closeSheet(panel, request, run) {
  const error = h("p", { class: "error", role: "status" });
  const note = h("textarea", { name: "note", rows: 2, maxlength: 1000 });
  const buttons = OUTCOMES.map((outcome) => h("button", {
    type: "button", class: "big", data: { act: "medic.close", outcome }, on: { click: () => close(outcome) },
  }, word(`dispatch.outcome_${outcome}`)));
  const give = once(buttons, error, panel, run);
  function close(outcome) {
    const written = note.value.trim();
    give({ outcome, ...(written ? { note: written } : {}) });
  }
  panel.open(`${word("dispatch.close_heading")}: ${placeName(request)}`, [
    h("label", { class: "field" }, word("dispatch.close_note"), note),
    h("p", {}, word("dispatch.outcome")), h("div", { class: "outcomes" }, buttons), error,
  ], { closing: word("dispatch.cancel") });
  return error;
}

function readOut(request) {
  const { location, answers = {} } = request;
  const state = ["breathing", "awake", "bleeding"].map((question) => `${word(`dispatch.answer_${question}`)} ${word(`dispatch.answer_${answers[question] || "unknown"}`)}`);
  const facts = [
    ["read_place", placeName(request)], ["read_landmark", request.landmark],
    ["read_coordinates", location && `${location.lat.toFixed(5)}, ${location.lon.toFixed(5)}`],
    ["phone", request.phone || word("dispatch.phone_none")], ["read_patient", `${word(`dispatch.for_${request.for}`)}; ${state.join(", ")}`],
    ["note", request.note], ["read_since", clockSeconds(request.called_at)], ["holder", request.medic && request.medic.name],
    ["read_number", request.id.slice(-6)],
  ].filter(([, value]) => value);
  return h("dl", { class: "read-out" }, facts.map(([name, value]) => [h("dt", {}, word(`dispatch.${name}`)), h("dd", {}, value)]));
}
