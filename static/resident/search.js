// The search: what is typed is asked at once, the newest answer wins. Without
// words it shows what is open; when the directory is gone, the list of one
// kelurahan; without a network, what was found last.

import { ago } from "/static/shared/ages.js";
import { attribute, h, keyed, put, show } from "/static/shared/dom.js";
import { featureAt, idOf, loadKelurahan } from "/static/shared/geo.js";
import { word } from "/static/shared/words.js";
import { storage } from "./device.js";
import { drawFound, makeFound } from "./found.js";
import { Listed } from "./listed.js";
import { CATEGORIES, find, kelurahanName } from "./market.js";
import { MineList } from "./mine_list.js";
import { KELURAHAN } from "./questions.js";

const WHERE = "kt.where"; // "" the whole city, or a kelurahan
const HOME = "kt.kelurahan"; // the kelurahan that this person named or stood in last
const TYPING_MS = 220;
const SLOW_MS = 1500;
const AGAIN_MS = 15000;
const TROUBLE_AGAIN_MS = 4000;
const OLD_MS = 5000;
const FEW = 20;
const MANY = 50;
const MOST_WORDS = 8;

/** What is looked for; it stays while the page does. */
export const asked = { q: "", category: "", near: null, limit: FEW };
let last = null; // {question, body, at}

export class Search {
  constructor({ app, mine }) {
    this.app = app;
    this.back = "/#";
    this.search = null;
    this.trouble = null; // "slow" | "offline" | "down"
    this.next_at = 0;
    this.listed = new Listed(app, () => this.draw());
    this.mine = new MineList(app, mine);
    this.input = h("input", {
      type: "search", class: "search-input", enterkeyhint: "search", autocomplete: "off", maxlength: 80, value: asked.q,
      placeholder: word("resident.search_hint"), "aria-label": word("resident.search_label"), on: { input: () => this._typed() },
    });
    this.top = h("form", { role: "search", class: "search-form", on: { submit: (event) => this._submit(event) } }, this.input);
    this.where = h("select", { "aria-label": word("resident.where"), on: { change: () => this._whereChosen() } },
      h("option", { value: "" }, word("resident.whole_city")), KELURAHAN.map((name) => h("option", { value: name.toLowerCase() }, name)));
    this.where.value = storage.get(WHERE) || "";
    this.near = h("button", { type: "button", class: "chip", on: { click: () => this._near() } }, word("resident.near_me"));
    this.note = h("p", { class: "note market-note", role: "status", hidden: true });
    this.chips = CATEGORIES.map((category) => h("button", { type: "button", class: "chip", data: { category }, on: { click: () => this._category(category) } },
      word(`resident.category_${category}`)));
    this.count = h("p", { role: "status", tabindex: "-1" });
    this.age = h("p", { class: "soft" });
    this.list = h("ul", { class: "cards found" });
    this.none = h("div", { class: "market-none", hidden: true }, h("p"), h("button", { type: "button", class: "big", on: { click: () => this._wholeCity() } }, word("resident.search_whole_city")));
    this.more = h("button", { type: "button", class: "big", hidden: true, on: { click: () => this._more() } }, word("resident.show_more"));
    this.body = [this.mine.element,
      h("div", { class: "where" }, h("div", { class: "field" }, this.where), this.near),
      h("div", { class: "chips", role: "group", "aria-label": word("resident.category") }, this.chips),
      this.note, h("div", { class: "found-head" }, this.count, this.age), this.list, this.none, this.more];
    this.foot = h("a", { class: "big ask-all", href: "#cari/tanya" }, word("resident.ask_all"));
    this._ask();
  }

  get title() { return word("resident.search"); }

  tick() {
    this.mine.draw();
    if (Date.now() >= this.next_at && document.visibilityState === "visible" && !this.search) this._ask();
    this.draw();
  }

  changed() { this.mine.draw(); }

  leave() {
    clearTimeout(this.timer);
    this.listed.leave();
    if (this.search) this.search.stop();
    this.search = null;
    this.left = true;
  }

  // -- what is looked for ---------------------------------------------------------------

  _typed() {
    asked.q = this.input.value;
    asked.limit = FEW;
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this._ask(), TYPING_MS);
  }

  _submit(event) {
    event.preventDefault();
    clearTimeout(this.timer);
    this.count.focus({ preventScroll: true }); // the keyboard makes way for what was found
    this._ask();
  }

  _category(category) {
    asked.category = asked.category === category ? "" : category;
    asked.limit = FEW;
    this._ask();
  }

  _whereChosen() {
    storage.set(WHERE, this.where.value);
    if (this.where.value) storage.set(HOME, this.where.value);
    asked.near = null;
    asked.limit = FEW;
    this._ask();
  }

  _wholeCity() {
    this.where.value = "";
    this._whereChosen();
    this.input.focus({ preventScroll: true });
  }

  _more() {
    asked.limit = MANY;
    this._ask();
  }

  /** Only a tap asks for the position. */
  _near() {
    if (asked.near) {
      asked.near = null;
      return void this._ask();
    }
    const known = this.app.place.known();
    if (known) return void this._at(known);
    if (!navigator.geolocation) return void this._placeless("near_failed");
    this.placing = word("resident.locating");
    this.draw();
    navigator.geolocation.getCurrentPosition(
      ({ coords }) => this._at({ lat: coords.latitude, lon: coords.longitude }),
      (error) => this._placeless(error.code === 1 ? "near_denied" : "near_failed"),
      { maximumAge: 60000, timeout: 10000 });
    return undefined;
  }

  _at({ lat, lon }) {
    this.placing = null;
    asked.near = `${lat.toFixed(4)},${lon.toFixed(4)}`;
    asked.limit = FEW;
    this.where.value = "";
    home({ lat, lon });
    if (!this.left) this._ask();
  }

  _placeless(why) {
    this.placing = word(`resident.${why}`);
    this.draw();
  }

  // -- asking ---------------------------------------------------------------------------

  async _ask() {
    if (this.search) this.search.stop();
    const q = asked.q.trim().split(/\s+/).slice(0, MOST_WORDS).join(" ");
    const question = { q, category: asked.category, near: asked.near, kelurahan: asked.near ? "" : this.where.value, limit: asked.limit };
    const search = (this.search = find(question));
    const slow = setTimeout(() => this._trouble(search, "slow"), SLOW_MS);
    this.draw();
    const got = await search.answer;
    clearTimeout(slow);
    if (this.search !== search || got === null) return;
    this.search = null;
    const ok = got.status === 200;
    this.next_at = Date.now() + (ok ? AGAIN_MS : TROUBLE_AGAIN_MS);
    this.trouble = ok ? null : got.status === 0 ? "offline" : got.status === 429 ? "slow" : got.status === 400 ? "bad" : "down";
    if (ok) last = { question, body: got.body };
    if (this.trouble === "down") this.listed.open(question);
    else if (ok) this.listed.leave();
    this.draw();
  }

  _trouble(search, what) {
    if (this.search !== search || this.trouble) return;
    this.trouble = what;
    this.draw();
  }

  // -- drawing --------------------------------------------------------------------------

  draw() {
    for (const chip of this.chips) attribute(chip, "aria-pressed", String(chip.dataset.category === asked.category));
    attribute(this.near, "aria-pressed", String(Boolean(asked.near)));
    const now = this.app.city_now();
    const from_list = this.trouble === "down";
    const body = from_list ? this.listed.answer() : last && last.body;
    const question = from_list ? this.listed.question : last && last.question;
    const shops = body ? shown(body.shops, question) : [];
    attribute(this.list, "aria-busy", this.search ? "true" : null);
    keyed(this.list, shops, (shop) => shop.id, makeFound, (card, shop) => drawFound(card, shop, { now, words: Boolean(question.q) }));
    this._note(body, now);
    const waits = this.search || from_list || !this.trouble;
    put(this.count, body ? this._count(shops, question, body) : waits ? word("resident.searching") : "");
    put(this.age, body && !from_list && now - body.as_of > OLD_MS ? word("resident.as_of", { ago: ago(now - body.as_of) }) : "");
    show(this.none, Boolean(body) && !shops.length);
    if (!this.none.hidden) this._none(question);
    show(this.more, Boolean(body && body.more && asked.limit < MANY) && shops.length === body.shops.length);
  }

  _count(shops, { q, kelurahan }, body) {
    const place = kelurahan ? word("resident.in_place", { kelurahan: kelurahanName(kelurahan) }) : "";
    if (!shops.length) return "";
    if (!q) return word(shops[0].state === "open" ? "resident.open_now" : "resident.none_open", { place });
    return word(body.more ? "resident.found_more" : "resident.found", { n: shops.length, place });
  }

  _none({ q, kelurahan }) {
    put(this.none.firstChild, q ? word("resident.found_none", { q }) : word("resident.no_shops"));
    show(this.none.lastChild, Boolean(kelurahan) && this.trouble !== "down");
  }

  _note(body, now) {
    const said = { slow: "search_slow", offline: "search_offline", bad: "search_bad", down: "search_down" }[this.trouble];
    let text = said ? word(`resident.${said}`, { kelurahan: kelurahanName(this.listed.kelurahan) }) : this.placing || "";
    if (this.trouble === "offline" && body) text = word("resident.search_kept", { ago: ago(now - body.as_of) });
    this.note.dataset.state = this.trouble || (this.search ? "asking" : "here");
    show(this.note, Boolean(text));
    put(this.note, text);
  }
}

/** Without words: what is open; only where nothing is, what is closed. */
function shown(shops, { q }) {
  if (q) return shops;
  const open = shops.filter(({ state }) => state === "open");
  return open.length ? open : shops;
}

/** Where somebody stands is the kelurahan that a question to all sellers starts from. */
async function home(point) {
  try {
    const feature = featureAt(point, await loadKelurahan());
    if (feature) storage.set(HOME, idOf(feature));
  } catch (error) { /* Then it is chosen in the form. */ }
}
