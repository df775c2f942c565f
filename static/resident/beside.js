// What is wrong with a field, in words beside it. What was typed stays.

import { attribute, h, put, show } from "/static/shared/dom.js";

let count = 0;

/**
 * A line that says what is wrong with `control`, an input, a select or a group of
 * choices: `{why, wrong(text)}`. It goes behind the control's label, and is gone with
 * the next change.
 */
export function beside(control) {
  count += 1;
  const why = h("p", { class: "why", id: `why-${count}`, hidden: true });
  control.setAttribute("aria-describedby", why.id);
  const mark = control.tagName === "FIELDSET" ? "data-invalid" : "aria-invalid";
  const wrong = (text) => {
    put(why, text || "");
    show(why, text);
    attribute(control, mark, text ? "true" : null);
    return !text;
  };
  for (const event of ["input", "change"]) control.addEventListener(event, () => wrong(""));
  return { why, wrong };
}
