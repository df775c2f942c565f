// Pictures of the questions after a call: they must be understood without
// reading. 48 x 48, drawn with the ink of the button they stand on.

import { svg } from "/static/shared/dom.js";

const HEAD = [["circle", { cx: 17, cy: 20, r: 9 }]];
const FACE = [["circle", { cx: 24, cy: 24, r: 16 }]];
const BODY = [["circle", { cx: 24, cy: 11, r: 6 }], ["path", { d: "M13 42V30a11 11 0 0 1 22 0v12" }]];
const DROP = "M24 6c7 10 11 15 11 21a11 11 0 0 1-22 0c0-6 4-11 11-21Z";
const STROKE_OUT = ["path", { d: "M8 8l32 32", class: "pict-no" }];
const QUESTION = [["path", { d: "M17 18a7 7 0 1 1 10 6.5c-2.4 1.2-3 2.6-3 5.5" }], ["circle", { cx: 24, cy: 37, r: 1.2, class: "pict-full" }]];

const PICTURES = {
  breathing_yes: [...HEAD, ["path", { d: "M30 16h6a3.5 3.5 0 1 0-3.5-3.5M30 22h11a4 4 0 1 1-4 4M30 28h4" }], ["path", { d: "M6 43a12 12 0 0 1 22 0" }]],
  breathing_no: [...HEAD, ["path", { d: "M6 43a12 12 0 0 1 22 0" }], ["path", { d: "M32 14l10 10M42 14L32 24", class: "pict-no" }]],
  awake_yes: [...FACE, ["circle", { cx: 18, cy: 21, r: 2.4, class: "pict-full" }], ["circle", { cx: 30, cy: 21, r: 2.4, class: "pict-full" }], ["path", { d: "M18 31a8 8 0 0 0 12 0" }]],
  awake_no: [...FACE, ["path", { d: "M14 22q4 3 8 0M26 22q4 3 8 0M19 32h10" }]],
  bleeding_none: [["path", { d: DROP }], STROKE_OUT],
  bleeding_some: [["path", { d: DROP }]],
  bleeding_heavy: [["path", { d: "M15 4c6 9 9 13 9 18a9 9 0 0 1-18 0c0-5 3-9 9-18Z", class: "pict-full" }], ["path", { d: "M34 18c6 9 9 12 9 17a9 9 0 0 1-18 0c0-5 3-8 9-17Z", class: "pict-full" }]],
  for_me: [...BODY, ["path", { d: "M24 38v-9M20 33l4-4 4 4" }]],
  for_family: [["circle", { cx: 16, cy: 13, r: 5.5 }], ["path", { d: "M6 42V31a10 10 0 0 1 20 0v11" }], ["circle", { cx: 35, cy: 22, r: 4.5 }], ["path", { d: "M27 42v-5a8 8 0 0 1 16 0v5" }]],
  for_other: [["circle", { cx: 14, cy: 13, r: 5.5 }], ["path", { d: "M5 42V30a9 9 0 0 1 18 0v12" }], ["circle", { cx: 34, cy: 13, r: 5.5 }], ["path", { d: "M25 42V30a9 9 0 0 1 18 0v12" }]],
  unknown: QUESTION,
};

export function pictogram(name) {
  return svg("svg", { class: "pict", viewBox: "0 0 48 48", "aria-hidden": "true" },
    PICTURES[name].map(([tag, attributes]) => svg(tag, attributes)));
}
