// "Cari barang": search, a shop, an order, a want. This file is the frame around
// them: the red button first, then the view that the address names.
//
//   #cari                     search         #cari/pesanan/<id>   an order of mine
//   #cari/toko/<id>[/<pid>]   a shop         #cari/tanya[/<id>]   ask all sellers; a want of mine
//
// A view is {title, back, top?, body, foot?, tick(), leave()}: elements, and what
// to do every second and at the end.

import { $, h, put, refill, setData, show } from "/static/shared/dom.js";
import { word } from "/static/shared/words.js";
import { mine } from "./mine.js";
import { OrderView } from "./order_view.js";
import { Search } from "./search.js";
import { ShopView } from "./shop_view.js";
import { WantForm } from "./want_form.js";
import { WantView } from "./want_view.js";

const LOOKS = "/static/resident/market.css";
const LOOKS_MS = 2500;

/** Draw the page; returns the way to leave it. */
export function mount(root, app) {
  return new Market(root, app).leave;
}

/** The market's looks come with it, not with the first screen. */
async function looks() {
  if ($(`link[href="${LOOKS}"]`)) return;
  const sheet = h("link", { rel: "stylesheet", href: LOOKS });
  await new Promise((resolve) => {
    sheet.onload = sheet.onerror = resolve;
    setTimeout(resolve, LOOKS_MS);
    document.head.append(sheet);
  });
}

class Market {
  constructor(root, app) {
    Object.assign(this, { app, mine: mine(app), view: null, address: null });
    this.mine.follow();
    this.call = h("a", { class: "sos-call", href: "/#" });
    const number = (digits, what) => h("a", { class: "sos-number", href: `tel:${digits}`, "aria-label": `${digits}, ${word(what)}` }, digits);
    this.back = h("a", { class: "page-back", "aria-label": word("common.back") }, "\u2039");
    this.title = h("h1", { tabindex: "-1" });
    this.top = h("div", { class: "market-top" });
    this.body = h("div", { class: "page-body market-body" });
    this.foot = h("div", { class: "market-foot" });
    this.root = h("div", { class: "market", hidden: true },
      h("nav", { class: "sos", "aria-label": word("resident.emergency") }, this.call, number("119", "resident.medical"), number("112", "resident.all")),
      h("div", { class: "page-head market-head" }, this.back, this.title, this.top), this.body, this.foot);
    root.append(this.root);
    const go = () => this._go();
    const stop = this.mine.watch((record) => { if (this.view && this.view.changed) this.view.changed(record); });
    const timer = setInterval(() => this._tick(), 1000);
    window.addEventListener("hashchange", go);
    this.leave = () => {
      window.removeEventListener("hashchange", go);
      clearInterval(timer);
      stop();
      this._close();
    };
    this._go();
    looks().then(() => {
      show(this.root, true);
      this.title.focus({ preventScroll: true });
    });
  }

  _go() {
    const { hash } = location;
    if (hash.split("/")[0] !== "#cari" || hash === this.address) return;
    this.address = hash;
    this._close();
    const [, name, id, more] = hash.split("/");
    const view = (this.view = this._view(name, id, more));
    this.back.setAttribute("href", view.back);
    setData(this.root, { view: name || "search" });
    refill(this.top, view.top);
    refill(this.body, view.body);
    refill(this.foot, view.foot);
    show(this.foot, Boolean(view.foot));
    this.body.scrollTop = 0;
    this._tick();
    this.title.focus({ preventScroll: true });
  }

  _view(name, id, more) {
    const { app } = this;
    const with_ = { app, mine: this.mine, replace: (address) => this._replace(address), drawn: () => this._title() };
    if (name === "toko" && id) return new ShopView(with_, id, more);
    if (name === "pesanan" && id) return new OrderView(with_, id);
    if (name === "tanya") return id ? new WantView(with_, id) : new WantForm(with_);
    return new Search(with_);
  }

  /** Go there so that "back" does not come here again. */
  _replace(address) {
    history.replaceState(null, "", address);
    this._go();
  }

  _tick() {
    const running = this.app.calling.current;
    this.call.setAttribute("href", running ? "/#panggilan" : "/#");
    put(this.call, word(running ? "resident.sos_running" : "resident.call"));
    if (!this.view) return;
    this.view.tick();
    this._title();
  }

  _title() {
    if (!this.view) return; // it draws while it is made
    put(this.title, this.view.title);
    this.title.classList.toggle("unseen", Boolean(this.view.top));
  }

  _close() {
    if (this.view) this.view.leave();
    this.view = null;
  }
}
