// "Info kota": who is on duty now, and what this page is.

import { ago } from "/static/shared/ages.js";
import { h, put } from "/static/shared/dom.js";
import { word } from "/static/shared/words.js";

export function mount(root, app) {
  const medics = h("p", { class: "info-count", role: "status" });
  const age = h("p", { class: "soft" });
  const about = ["about_119", "about_call", "about_drill", "about_place"].map((name) => h("p", { text: word(`resident.${name}`) }));
  root.append(
    h("div", { class: "page-head" }, h("a", { class: "page-back", href: "/#", "aria-label": word("common.back") }, "\u2039"),
      h("h1", { text: word("resident.info") })),
    h("div", { class: "page-body" },
      h("section", { class: "card", data: { type: "medics", id: "medics" } }, medics, age),
      h("nav", { class: "numbers", "aria-label": word("resident.numbers") },
        ["119", "112"].map((number) => h("a", { class: "number", href: `tel:${number}` }, h("b", { text: number }), h("span", { text: word(number === "119" ? "resident.medical" : "resident.all") })))),
      h("section", { class: "card about", "aria-labelledby": "about" }, h("h2", { id: "about", text: word("resident.about") }), about)),
  );
  const draw = () => {
    const view = topic.things.get("medics");
    const n = view ? view.on_duty : app.config && app.config.medics_on_duty;
    put(medics, n === null || n === undefined ? word("common.connecting") : word(`resident.standing_${n > 0 ? "available" : "none"}`, { n }));
    medics.parentNode.dataset.state = view ? view.state : "unknown";
    put(age, view && view.at ? ago(app.city_now() - view.at) : "");
  };
  const topic = app.kt.join("city", { onChange: () => setTimeout(draw) });
  const tick = setInterval(draw, 10000);
  draw();
  return () => {
    clearInterval(tick);
    topic.leave();
  };
}
