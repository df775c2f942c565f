// One shop: whether it is open, what it sells, and the form of an order.

import { ago, clockOf, distance } from "/static/shared/ages.js";
import { h, put, setData, show } from "/static/shared/dom.js";
import { word } from "/static/shared/words.js";
import { ZONE_MS } from "/static/shared/zone.js";
import { kelurahanName, laterText, seen, shopOf, stateText } from "./market.js";
import { OrderForm } from "./order_form.js";

const AGAIN_MS = 10000;
const TROUBLE_AGAIN_MS = 4000;
const OLD_MS = 30000;

export class ShopView {
  constructor({ app, mine, replace, drawn }, id, product) {
    Object.assign(this, { app, id, drawn, search: null, next_at: 0, gone: false });
    this.back = "#cari";
    this.pill = h("p", { class: "pill" });
    this.where = h("p", { class: "soft" });
    this.today = h("p", { class: "soft" });
    this.made = h("p", { class: "made", hidden: true }, word("resident.made_here"));
    this.face = h("section", { class: "shop-face", data: { type: "shop", id } }, this.pill, this.made, this.where, this.today);
    this.later = h("p", { class: "note market-note", data: { state: "later" }, hidden: true });
    this.note = h("p", { class: "note market-note", role: "status", hidden: true });
    this.form = new OrderForm({ app, mine, replace, id, product });
    this.body = [this.face, this.later, this.note, this.form.element];
    this.foot = this.form.foot;
    this._ask();
  }

  get shop() { return seen.get(this.id) || null; }

  get title() { return this.shop ? this.shop.name : word("resident.shop"); }

  tick() {
    if (Date.now() >= this.next_at && document.visibilityState === "visible" && !this.search) this._ask();
    this.draw();
  }

  changed(record) {
    this.form.changed(record);
    this.draw();
  }

  leave() {
    if (this.search) this.search.stop();
    this.search = null;
    this.form.leave();
  }

  async _ask() {
    const search = (this.search = shopOf(this.id));
    const got = await search.answer;
    if (this.search !== search || got === null) return;
    this.search = null;
    const ok = got.status === 200;
    this.next_at = Date.now() + (ok ? AGAIN_MS : TROUBLE_AGAIN_MS);
    this.gone = got.status === 404 && Boolean(got.body && got.body.code === "not_found");
    this.lost = !ok && !this.gone;
    this.draw();
  }

  draw() {
    const { shop } = this;
    const now = this.app.city_now();
    show(this.face, Boolean(shop));
    if (this.foot.parentNode) show(this.foot.parentNode, Boolean(shop)); // nothing can be ordered of a shop that is not known
    this._note(shop, now);
    this.drawn();
    if (!shop) return;
    setData(this.face, { state: shop.state });
    put(this.pill, stateText(shop, now));
    show(this.made, Boolean(shop.made_here));
    put(this.where, [kelurahanName(shop.kelurahan), shop.address, shop.distance_m === undefined ? "" : distance(shop.distance_m)].filter(Boolean).join(" \u00B7 "));
    put(this.today, hoursText(shop.hours, now));
    const later = laterText(shop, now);
    show(this.later, Boolean(later));
    put(this.later, later);
    this.form.draw(shop);
  }

  _note(shop, now) {
    const text = this.gone ? word("resident.shop_gone") : !shop ? word(this.lost ? "resident.order_unread" : "common.connecting") : this.lost ? lostText(shop, now) : "";
    show(this.note, Boolean(text));
    put(this.note, text);
  }
}

/** The directory does not answer: of when it is what is shown, and whether it is all. */
function lostText(shop, now) {
  const age_ms = now - shop.as_of;
  return [age_ms > OLD_MS ? word("resident.shop_kept", { ago: ago(age_ms) }) : "", shop.whole ? "" : word("resident.shop_part")].filter(Boolean).join(" ");
}

/** "Hari ini 07.00-21.00", "Hari ini libur"; "" when the shop has no hours. */
function hoursText(hours, now) {
  if (!hours || hours.length !== 7) return "";
  const there = new Date(now + ZONE_MS);
  const today = hours[(there.getUTCDay() + 6) % 7];
  if (!today.length) return word("resident.today_closed");
  return word("resident.today_hours", { hours: today.map(([opens, closes]) => `${clockOf(opens)}\u2013${clockOf(closes)}`).join(", ") });
}
