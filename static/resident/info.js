// "Info kota": what the city announces, who is on duty now, and what this page is.

import { ago } from "/static/shared/ages.js";
import { alertCard, updateAlert } from "/static/shared/alerts.js";
import { h, icon, keyed, put, show } from "/static/shared/dom.js";
import { word } from "/static/shared/words.js";
import { cityAlerts, look } from "./alerts.js";

export function mount(root, app) {
  look();
  const city = cityAlerts(app);
  const list = h("ul", { class: "cards", id: "alerts" });
  const none = h("p", { class: "soft", role: "status" });
  const medics = h("p", { class: "info-count", role: "status" });
  const age = h("p", { class: "soft" });
  const about = ["about_119", "about_call", "about_drill", "about_place"].map((name) => h("p", { text: word(`resident.${name}`) }));
  const away = h("p", { class: "note", role: "status", hidden: true });
  const title = h("h1", { tabindex: "-1", text: word("resident.info") });
  root.append(
    h("div", { class: "page-head" }, h("a", { class: "page-back", href: "/#", "aria-label": word("common.back") }, icon("back")),
      title),
    h("div", { class: "page-body" }, away,
      h("section", { class: "info-part", "aria-labelledby": "alerts-heading" }, h("h2", { id: "alerts-heading", text: word("info.alerts") }), none, list),
      h("section", { class: "card", data: { type: "medics", id: "medics" } }, medics, age),
      h("nav", { class: "numbers", "aria-label": word("resident.numbers") },
        ["119", "112"].map((number) => h("a", { class: "number", href: `tel:${number}` }, h("b", { text: number }), h("span", { text: word(number === "119" ? "resident.medical" : "resident.all") })))),
      h("section", { class: "card", "aria-labelledby": "classes" }, h("h2", { id: "classes", text: word("info.workshops") }), h("p", { text: word("info.workshops_where") })),
      h("section", { class: "card about", "aria-labelledby": "about" }, h("h2", { id: "about", text: word("resident.about") }), about)),
  );
  const draw = () => {
    const view = topic.things.get("medics");
    const n = view ? view.on_duty : app.config && app.config.medics_on_duty;
    const known = n !== null && n !== undefined;
    const offline = app.offline === true;
    put(away, offline && topic.synced ? word("resident.order_offline") : "");
    show(away, offline && topic.synced);
    put(medics, known ? word(`resident.standing_${n > 0 ? "available" : "none"}`, { n }) : word(offline ? "resident.standing_offline" : "common.connecting"));
    medics.parentNode.dataset.state = view ? view.state : "unknown";
    put(age, view && view.at ? ago(app.city_now() - view.at) : "");
    const alerts = city.list();
    keyed(list, alerts, (alert) => alert.id, alertCard, (card, alert) => updateAlert(card, alert, { mine: city.kelurahan, now: app.city_now() }));
    show(none, !alerts.length);
    put(none, word(topic.synced ? "info.alerts_none" : offline ? "common.flight_why" : "common.connecting"));
  };
  const topic = app.kt.join("city", { onChange: () => setTimeout(draw) });
  const tick = setInterval(draw, 10000);
  const stop = city.watch(draw);
  draw();
  title.focus({ preventScroll: true });
  return () => {
    stop();
    clearInterval(tick);
    topic.leave();
  };
}
