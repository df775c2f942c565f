// The frame of a part with many views ("Cari barang", "Mobil keliling"): the red
// button first, then the view that the address names.
//
//   const part = new Part(root, app, { door: "#cari", home: "search", looks, open })
//   open(tools, name, id, more) -> view       part.changed(what)       part.leave()
//
// A view is {title, back, top?, body, foot?, tick(), changed?(what), leave()}: elements,
// and what to do every second and at the end. Tools: replace(address), drawn().

import { $, h, icon, put, refill, setData, show } from "/static/shared/dom.js";
import { word } from "/static/shared/words.js";

const LOOKS_MS = 2500;

/** A part's looks come with it, not with the first screen. */
async function load(href) {
  if ($(`link[href="${href}"]`)) return;
  const sheet = h("link", { rel: "stylesheet", href });
  await new Promise((resolve) => {
    sheet.onload = sheet.onerror = resolve;
    setTimeout(resolve, LOOKS_MS);
    document.head.append(sheet);
  });
}

export class Part {
  constructor(root, app, { door, home, looks, open, class_name = "" }) {
    Object.assign(this, { app, door, home, open, view: null, address: null });
    this.call = h("a", { class: "sos-call", href: "/#" });
    const number = (digits, what) => h("a", { class: "sos-number", href: `tel:${digits}`, "aria-label": `${digits}, ${word(what)}` }, digits);
    this.back = h("a", { class: "page-back", "aria-label": word("common.back") }, icon("back"));
    this.title = h("h1", { tabindex: "-1" });
    this.top = h("div", { class: "market-top" });
    this.body = h("div", { class: "page-body market-body" });
    this.foot = h("div", { class: "market-foot" });
    this.root = h("div", { class: `market ${class_name}`.trim(), hidden: true },
      h("nav", { class: "sos", "aria-label": word("resident.emergency") }, this.call, number("119", "resident.medical"), number("112", "resident.all")),
      h("div", { class: "page-head market-head" }, this.back, this.title, this.top), this.body, this.foot);
    root.append(this.root);
    this._going = () => this._go();
    this._timer = setInterval(() => this._tick(), 1000);
    window.addEventListener("hashchange", this._going);
    this._go();
    load(looks).then(() => {
      show(this.root, true);
      this.title.focus({ preventScroll: true });
    });
  }

  changed(what) {
    if (this.view && this.view.changed) this.view.changed(what);
  }

  leave() {
    window.removeEventListener("hashchange", this._going);
    clearInterval(this._timer);
    this._close();
  }

  _go() {
    const { hash } = location;
    if (hash.split("/")[0] !== this.door || hash === this.address) return;
    this.address = hash;
    this._close();
    const [, name, id, more] = hash.split("/");
    const tools = { replace: (address) => this._replace(address), drawn: () => this._title() };
    const view = (this.view = this.open(tools, name, id, more));
    this.back.setAttribute("href", view.back);
    setData(this.root, { view: name || this.home });
    refill(this.top, view.top);
    refill(this.body, view.body);
    refill(this.foot, view.foot);
    show(this.foot, Boolean(view.foot));
    this.body.scrollTop = 0;
    this._tick();
    this.title.focus({ preventScroll: true });
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
