// The desks that are not the medic desk: the city's, PLUT's and the vans' work here, the others
// are told what they see.

import { $, h, keyed, put, refill, setData, show } from "/static/shared/dom.js";
import { word } from "/static/shared/words.js";

const DESKS = { city: "/static/dispatch/city_desk.js", plut: "/static/dispatch/plut_desk.js", van: "/static/dispatch/van_desk.js" };

/** What a desk reads; a role without a desk (plut, admin) has its own sentence. */
export class Elsewhere {
  constructor(panel, kt, desk) {
    this.panel = panel;
    this.kt = kt;
    this.desk = desk;
    this._medics = h("p", { class: "big-line" });
    refill(panel, h("p", { class: "big-line" }, word(`dispatch.desk_${desk || "none"}_shows`)), this._medics);
    if (DESKS[desk]) this._work(DESKS[desk]);
    else if (!desk) this._followVans();
  }

  /** A desk with work of its own takes the whole panel. */
  async _work(path, attempt = 0) {
    try {
      const { mount } = await import(`${path}${attempt ? `?${attempt}` : ""}`);
      mount(this.panel, this.kt);
    } catch (error) {
      // A module that failed to load is not asked for again under the same name.
      setTimeout(() => this._work(path, attempt + 1), Math.min(10000, 1000 * 2 ** attempt));
    }
  }

  _followVans() {
    const none = h("p", { class: "soft" }, word("dispatch.vans_none"));
    const list = h("ul", { class: "cards" });
    this.panel.append(h("h2", {}, word("dispatch.vans_heading")), none, list);
    const draw = (changes, table) => {
      const vans = [...table.things.values()];
      show(none, !vans.length);
      keyed(list, vans, (van) => van.id,
        (van) => h("li", { class: "card", data: { type: "van", id: van.id } }, h("b", {}, van.name), " ", h("span")),
        (row, van) => {
          setData(row, { state: van.state });
          put($("span", row), word(`dispatch.van_${van.state}`, { stop: van.stop_name || van.stop || "" }));
        });
    };
    this.kt.join("vans", { onChange: draw });
  }

  draw(on_duty) {
    put(this._medics, on_duty ? word("dispatch.medics_count", { n: on_duty }) : word("dispatch.medics_none"));
  }
}
