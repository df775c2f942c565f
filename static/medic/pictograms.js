// Small drawings that say it without words. Each is an svg of 24 x 24, drawn in
// the colour of the text around it.

import { h, svg } from "/static/shared/dom.js";
import { word } from "/static/shared/words.js";

const drawing = (...paths) => svg("svg", { viewBox: "0 0 24 24", class: "pictogram", "aria-hidden": "true" },
  paths.map(([d, cls]) => svg("path", { d, class: cls || "stroke" })));

const BREATHING = [
  ["M12 3v8"],
  ["M12 11c-1.5 1.2-2.4 1.4-3.2 2.2M12 11c1.5 1.2 2.4 1.4 3.2 2.2"],
  ["M9.5 7.5C6 7 3.5 12 3.5 17.2c0 3 5.3 2.6 5.3-.6V8.6M14.5 7.5c3.500-.5 6 4.500 6 9.700 0 3-5.300 2.600-5.300-.6V8.600"],
];
const AWAKE = [["M2 12c4-6.500 16-6.500 20 0-4 6.500-16 6.500-20 0z"], ["M12 9a3 3 0 100 6 3 3 0 000-6z", "fill"]];
const BLEEDING = [["M12 2.500c3.500 5 6.200 8.300 6.200 12a6.200 6.200 0 01-12.400 0c0-3.700 2.700-7 6.200-12z", "fill"]];
const CROSS = [["M9 3h6v6h6v6h-6v6H9v-6H3V9h6z", "fill"]];

const QUESTIONS = { breathing: BREATHING, awake: AWAKE, bleeding: BLEEDING };
const GRAVE = new Set(["breathing:no", "awake:no", "bleeding:heavy"]);

export const needPictogram = () => drawing(...CROSS);

/** The three answers as a row: drawing, question, answer; the grave ones in red. */
export function answerRow(answers, section = "medic") {
  return h("ul", { class: "answers" }, Object.entries(QUESTIONS).map(([question, paths]) => {
    const said = (answers && answers[question]) || "unknown";
    return h("li", { data: { question, answer: said, grave: GRAVE.has(`${question}:${said}`) ? "" : null } },
      drawing(...paths), h("span", {}, word(`${section}.answer_${question}`)), h("b", {}, word(`${section}.answer_${said}`)));
  }));
}
