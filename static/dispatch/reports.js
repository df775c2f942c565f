// "Laporan": what the city's archive counted for this desk, from one day to another,
// as pictures and a table, and as a file. Read from the hub when somebody asks.

import { ask } from "/client/http.js";
import { attribute, h, isOff, put, refill, setData, show, turnOff } from "/static/shared/dom.js";
import { word } from "/static/shared/words.js";
import { endOf, picture, placeTable, rowText } from "/static/dispatch/reports_plot.js";
import { dayOf } from "/static/dispatch/van_numbers.js";

const DESKS = new Set(["medic", "market", "van"]);
const PATIENCE_MS = 4000;
const MONTHS = 3; // The newest ones are drawn; all stand in the file.

export class Reports {
  constructor(section, kt) {
    this.section = section;
    this.kt = kt;
    this._build();
  }

  _build() {
    const day = (name) => h("input", { type: "date", id: `reports-${name}`, name, required: true, "aria-describedby": "reports-said" });
    this.since = day("from");
    this.until = day("to");
    this.said = h("p", { id: "reports-said", class: "soft", role: "status" });
    this.ask = h("button", { type: "submit", class: "small strong", data: { open: "report" } }, word("dispatch.reports_show"));
    const form = h("form", { class: "reports-asked", novalidate: true, on: { submit: (event) => { event.preventDefault(); this.load(); } } },
      h("label", { for: "reports-from" }, word("dispatch.reports_from"), this.since),
      h("label", { for: "reports-to" }, word("dispatch.reports_to"), this.until), this.ask);
    this.found = h("div", { class: "reports-found" });
    this.details = h("details", { data: { part: "reports" } }, h("summary", {}, h("h2", { id: "reports-heading" }, word("dispatch.reports_heading"))),
      h("p", { class: "soft" }, word("dispatch.reports_hint")), form, this.said, this.found);
    this.details.addEventListener("toggle", () => { if (this.details.open && !this.until.value) this._first(); });
    refill(this.section, this.details);
    attribute(this.section, "aria-labelledby", "reports-heading");
  }

  /** Called with every drawing of the page; `desk`: a desk with reports of its own. */
  draw(signedIn, desk) {
    const mine = signedIn && (this.kt.role === "admin" || (this.kt.role === "dispatcher" && DESKS.has(desk)));
    if (!mine && !this.section.hidden) { this.found.textContent = ""; put(this.said, ""); } // Nobody reads another person's report.
    show(this.section, mine);
  }

  _first() {
    const today = dayOf(this.kt.now());
    this.until.value = today;
    this.since.value = `${today.slice(0, 8)}01`;
    this.load();
  }

  async load() {
    if (isOff(this.ask)) return;
    if (!this.since.value || !this.until.value || this.since.value > this.until.value) {
      this._say(word("dispatch.reports_wrong"), true);
      attribute(this.since, "aria-invalid", "true");
      this.since.focus();
      return;
    }
    this._say(word("dispatch.reports_loading"));
    turnOff(this.ask, true);
    const span = `from=${this.since.value}&to=${this.until.value}`;
    const { code, reports } = await this._reports(span);
    turnOff(this.ask, false);
    this._say(code ? word(`dispatch.reports_${code}`) : "", Boolean(code));
    refill(this.found, (reports || []).map((made) => this._drawn(made, span)));
  }

  _say(text, wrong = false) {
    this.said.className = wrong ? "error" : "soft";
    attribute(this.since, "aria-invalid", null);
    put(this.said, text);
  }

  /** `{reports}`, every one of this desk, or `{code}` of why not. */
  async _reports(span) {
    const names = await this._ask("/v1/reports?");
    if (names.status !== 200) return { code: codeOf(names) };
    const answers = await Promise.all(names.body.reports.map(({ name }) => this._ask(`/v1/reports/${name}?${span}&`)));
    const wrong = answers.find(({ status }) => status !== 200);
    return wrong ? { code: codeOf(wrong) } : { reports: answers.map(({ body }) => body) };
  }

  _ask(path) {
    return ask(`${this.kt.base}${path}as=${encodeURIComponent(this.kt.options.as)}`, { patience_ms: PATIENCE_MS });
  }

  _drawn(made, span) {
    const whole = made.rows.filter(({ place }) => !place);
    const [all, ...months] = whole;
    const shown = months.length > 1 ? [all, ...months.slice(-MONTHS).reverse()] : [all];
    const to_ms = endOf(shown);
    const file = `${this.kt.base}/v1/reports/${made.name}?${span}&format=csv&as=${encodeURIComponent(this.kt.options.as)}`;
    const section = h("section", { class: "report" },
      h("h3", {}, word(`dispatch.reports_name_${made.name}`), made.demo ? h("span", { class: "reports-demo" }, word("dispatch.reports_demo")) : null),
      h("div", { class: "plots times-plots" }, shown.map((row) => figure(made, row, to_ms))),
      all.n ? placeTable(made) : null,
      h("p", {}, h("a", { class: "button small", href: file, download: "" }, word("dispatch.reports_csv"))));
    setData(section, { type: "report", id: made.name, n: all.n });
    return section;
  }
}

function figure(made, row, to_ms) {
  const text = rowText(made, row);
  const drawn = h("figure", { class: "plot" }, h("figcaption", {}, text), row.n ? picture(row, text, to_ms) : null);
  setData(drawn, { type: "report_plot", id: row.month || "all", n: row.n, state: row.n ? "shown" : "empty" });
  return drawn;
}

/** Why there is no report: `no_archive`, `gone` (try again), `closed` (this desk has none). */
function codeOf({ status }) {
  if (status === 404) return "no_archive";
  return status === 401 || status === 403 ? "closed" : "gone";
}
