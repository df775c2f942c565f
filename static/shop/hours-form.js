// The hours' form: the same for all days first, each day by itself for who needs it.

import { clockOf } from "/static/shared/ages.js";
import { h, icon, refill, show } from "/static/shared/dom.js";
import { word, words } from "/static/shared/words.js";
import { formToHours, hoursToForm } from "/static/shop/hours.js";
import { dayOf } from "/static/shop/times.js";

const MODES = ["same", "days", "always"];
const MOST_SPANS = 4;

/** "Tiap hari 07:00-21:00", "Selalu buka", "Hari ini 07:00-12:00, 16:00-20:00" */
export function hoursText(hours, now) {
  if (!hours.length) return word("shop.hours_always");
  const spans = (pairs) => pairs.map(([opens, closes]) => `${clockOf(opens)}-${clockOf(closes)}`).join(", ") || word("shop.day_closed");
  const { mode } = hoursToForm(hours);
  return mode === "same" ? word("shop.hours_every", { spans: spans(hours[0]) }) : word("shop.hours_today", { spans: spans(hours[(dayOf(now) + 3) % 7]) });
}

export class HoursForm {
  /** `save(hours)` is given the hub's shape. */
  constructor({ save }) {
    this.save = save;
    this.ways = MODES.map((mode) => h("input", { type: "radio", name: "hours-mode", value: mode, on: { change: () => this.turn(mode) } }));
    this.days = h("div", { class: "days" });
    this.why = h("p", { class: "why", id: "hours-why", role: "alert" });
    this.element = h("form", { class: "form", novalidate: true, "aria-label": word("shop.hours"), on: { submit: (event) => this.send(event) } },
      h("fieldset", { class: "modes" }, h("legend", { class: "unseen", text: word("shop.hours") }),
        this.ways.map((way) => h("label", { class: "tick" }, way, h("span", { text: word(`shop.hours_mode_${way.value}`) })))),
      this.days, this.why,
      h("button", { type: "submit", class: "go", text: word("shop.save"), data: { act: "shop.save" } }));
  }

  open(hours) {
    this.form = hoursToForm(hours);
    this.why.textContent = "";
    this.draw();
  }

  turn(mode) {
    this.read();
    // From one to seven: every day begins as all days were.
    if (mode === "days" && this.form.mode === "same") this.form.days = this.form.days.map(() => this.form.days[0].map((pair) => ({ ...pair })));
    if (mode === "same" && !this.form.days[0].length) this.form.days[0] = [{ from: "07:00", to: "20:00" }];
    this.form.mode = mode;
    this.draw();
  }

  draw() {
    const { mode, days } = this.form;
    for (const way of this.ways) way.checked = way.value === mode;
    show(this.days, mode !== "always");
    refill(this.days, (mode === "same" ? days.slice(0, 1) : days).map((pairs, day) => this.dayRow(pairs, day, mode)));
  }

  dayRow(pairs, day, mode) {
    const name = mode === "same" ? word("shop.all_days") : words("shop.days")[day];
    const change = (act) => () => {
      this.read();
      act(this.form.days[day]);
      this.draw();
    };
    return h("fieldset", { class: "day", data: { day } }, h("legend", { text: name }),
      pairs.length ? null : h("p", { class: "soft", text: word("shop.day_closed") }),
      pairs.map((pair, place) => h("div", { class: "span" },
        this.time(pair.from, day, place, "from", name), h("span", { text: "\u2013", "aria-hidden": "true" }), this.time(pair.to, day, place, "to", name),
        mode === "same" && pairs.length === 1 ? null : h("button", {
          type: "button", class: "step", "aria-label": word("shop.span_away", { day: name, from: pair.from }), on: { click: change((day_pairs) => day_pairs.splice(place, 1)) },
        }, icon("close")))),
      pairs.length < MOST_SPANS ? h("button", {
        type: "button", class: "quiet", text: word(pairs.length ? "shop.span_more" : "shop.span_open"), "aria-label": `${word(pairs.length ? "shop.span_more" : "shop.span_open")}, ${name}`,
        on: { click: change((day_pairs) => day_pairs.push(pairs.length ? { from: "16:00", to: "20:00" } : { from: "07:00", to: "20:00" })) },
      }) : null);
  }

  time(value, day, place, which, name) {
    return h("input", {
      type: "time", value, name: `${which}-${day}-${place}`, "aria-label": word(which === "from" ? "shop.opens_on" : "shop.closes_on", { day: name }), "aria-describedby": "hours-why",
    });
  }

  read() {
    for (const input of this.days.querySelectorAll("input")) {
      const [which, day, place] = input.name.split("-");
      this.form.days[day][place][which] = input.value;
    }
  }

  send(event) {
    event.preventDefault();
    this.read();
    const { hours, wrong } = formToHours(this.form);
    this.why.textContent = "";
    for (const input of this.days.querySelectorAll("[aria-invalid]")) input.removeAttribute("aria-invalid");
    if (!wrong) {
      this.save(hours);
      return;
    }
    const name = (day) => (this.form.mode === "same" ? word("shop.all_days") : words("shop.days")[day]);
    this.why.textContent = "overlap" in wrong ? word("shop.wrong_overlap", { day: name(wrong.overlap) }) : word("shop.wrong_time", { day: name(wrong.day) });
    const at = "overlap" in wrong ? `[name="from-${wrong.overlap}-1"]` : `[name="${wrong.which}-${wrong.day}-${wrong.place}"]`;
    const input = this.days.querySelector(at);
    input.setAttribute("aria-invalid", "true");
    input.focus();
  }
}
