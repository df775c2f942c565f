// The switch between languages, each named in itself.
//
//   offerTongues($("#tongues"))             a staff page is loaded again in the chosen one
//   offerTongues($("#tongues"), changed)    the resident's draws itself anew: a call goes on

import { attribute, h, put, refill } from "/static/shared/dom.js";
import { chooseTongue, shownTongue, tongues, word } from "/static/shared/words.js";

const NAMES = { id: "Indonesia", en: "English", jv: "Jawa" };
const ON_TRIAL = { jv: "(percobaan)" }; // while words of it stand in `needs_review`

export function offerTongues(box, changed = () => location.reload()) {
  const said = h("span", { role: "status" });
  const buttons = tongues().map((tongue) => h("button", { type: "button", lang: tongue, data: { tongue }, on: { click: () => choose(tongue) } },
    NAMES[tongue], ON_TRIAL[tongue] ? h("small", { lang: "id" }, ` ${ON_TRIAL[tongue]}`) : null));
  const draw = () => {
    attribute(box, "aria-label", word("common.languages"));
    for (const button of buttons) attribute(button, "aria-pressed", String(button.dataset.tongue === shownTongue()));
  };
  async function choose(tongue) {
    if (tongue === shownTongue()) return;
    const had = await chooseTongue(tongue);
    put(said, had ? "" : word("common.language_failed"));
    draw();
    if (had) changed();
  }
  refill(box, buttons, said);
  draw();
  return draw;
}
