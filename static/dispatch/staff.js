// "Petugas": the people of this desk, who of them can be reached, their devices, new
// links, and signing them out. Read from the hub while it is open; what stands there says how old it is.

import { clock } from "/static/shared/ages.js";
import { dayTime } from "/static/shared/alerts.js";
import { $, announce, attribute, h, isOff, keyed, put, refill, setData, show, turnOff } from "/static/shared/dom.js";
import { word } from "/static/shared/words.js";
import { AddSheet, roleText } from "/static/dispatch/staff_add.js";
import { ShopChoice } from "/static/dispatch/staff_choice.js";
import { deviceText, since } from "/static/dispatch/staff_device.js";
import { StaffHub } from "/static/dispatch/staff_hub.js";
import { ListSheet } from "/static/dispatch/staff_list.js";
import { RenewSheet } from "/static/dispatch/staff_renew.js";

const EVERY_MS = 15000;
const ROLES = new Set(["dispatcher", "admin"]);
const RUNG_DESKS = new Set(["medic", "market"]);
const SAID = { unsent: "offline", unsure: "unsure", unavailable: "offline", too_many: "too_many", not_allowed: "not_allowed", not_signed_in: "signed_out", not_found: "gone" };

export class Staff {
  /** `onLeft(path)`: somebody has signed themselves out who came in by the city's account. */
  constructor(section, kt, panel, onLeft) {
    this.section = section;
    this.kt = kt;
    this.panel = panel;
    this.onLeft = onLeft;
    this.hub = new StaffHub(kt);
    this.adding = new AddSheet(this);
    this.listing = new ListSheet(this);
    this.renewing = new RenewSheet(this);
    this.list = null; // the last answer
    this._asked_at = 0;
    this._build();
  }

  _build() {
    this.status = h("p", { class: "soft", role: "status" });
    this.add = h("button", { type: "button", class: "small strong", data: { open: "enrol" }, on: { click: () => this._withList(() => this.adding.open(this.list.may)) } }, word("staff.add"));
    this.fromList = h("button", { type: "button", class: "small", data: { open: "staff_list" }, on: { click: () => this._withList(() => this.listing.open()) } }, word("staff.list"));
    this.choice = new ShopChoice(this.hub, "staff.shop_all", () => this.changed());
    this.shops = h("details", { class: "staff-shops", hidden: true }, h("summary", {}, word("staff.shop_only")), this.choice.element);
    this.people = h("ul", { class: "cards staff-people", "aria-labelledby": "staff-heading" });
    this.more = h("p", { class: "soft" });
    this.details = h("details", { data: { part: "staff" } }, h("summary", {}, h("h2", { id: "staff-heading" }, word("staff.heading"))),
      h("div", { class: "staff-top" }, this.status, h("div", { class: "acts" }, this.add, this.fromList)), this.shops, this.people, this.more);
    this.details.addEventListener("toggle", () => { if (this.details.open) this.changed(); });
    refill(this.section, this.details);
    attribute(this.section, "aria-labelledby", "staff-heading");
  }

  now() { return this.kt.now(); }

  get open() { return !this.section.hidden && this.details.open; }

  /** Called with every drawing of the page; asks anew when it is time. */
  draw(signedIn) {
    const mine = signedIn && ROLES.has(this.kt.role);
    show(this.section, mine);
    if (!mine) this.list = null; // Nobody reads another person's list.
    if (this.open && Date.now() - this._asked_at >= EVERY_MS) this._load();
  }

  /** Who may be enrolled here comes with the list: until it is here the button says so, and asks for it once more. */
  _withList(open) {
    if (this.list) return void open();
    this.changed();
    return void announce(this._status(), true);
  }

  /** Something changed, or another list is wanted: ask now. */
  changed() {
    this._draw();
    this._load();
  }

  async _load() {
    this._asked_at = Date.now();
    const shop = this.choice.value;
    const asked = (this._asks = (this._asks || 0) + 1);
    const list = await this.hub.people(shop);
    if (asked !== this._asks) return; // Asked again meanwhile: that answer is the newer one.
    this.why = list.people ? null : list.code;
    if (list.people) this.list = list;
    this._draw();
  }

  _draw() {
    const { list } = this;
    setData(this.section, { state: list ? (this.why ? "stale" : "fresh") : this.why ? "failed" : "loading" });
    put(this.status, this._status());
    const people = list ? [...list.people].sort(byReach) : [];
    show(this.shops, list && list.may.some(({ role }) => role === "seller"));
    keyed(this.people, people, (one) => one.person, (one) => this._make(one), (card, one) => this._update(card, one));
    show(this.more, list && list.more);
    if (list) put(this.more, word(this.shops.hidden ? "staff.more" : "staff.more_shops", { n: list.more }));
  }

  _status() {
    const { list, why } = this;
    if (!list) return word(why ? (["not_allowed", "not_signed_in", "too_many"].includes(why) ? `staff.${SAID[why]}` : "staff.failed") : "staff.loading");
    const time = clock(list.at);
    if (why) return word("staff.stale", { time });
    if (!list.people.length) return word("staff.none");
    return `${word("staff.count", { n: list.people.length, live: list.people.filter((one) => one.live).length })}. ${word("staff.as_of", { time })}`;
  }

  /** Why something was not done, in words. */
  said(reply) { return SAID[reply.code] ? word(`staff.${SAID[reply.code]}`) : word("staff.refused"); }

  // -- one person ---------------------------------------------------------------------------

  _make({ person }) {
    const renew = h("button", { type: "button", class: "small", data: { open: "renew" }, on: { click: () => this._renew(person) } }, word("staff.renew"));
    const all = h("button", { type: "button", class: "small", data: { open: "revoke_all" }, on: { click: () => this._revoke(person, null) } }, word("staff.revoke_all"));
    return h("li", { class: "card staff-card", data: { type: "person", id: person } },
      h("h3", { class: "staff-name" }), h("p", { class: "staff-role soft" }), h("p", { class: "staff-reach" }),
      h("details", { class: "staff-devices" }, h("summary", {}), h("ul", {})),
      h("div", { class: "staff-acts" }, renew, all));
  }

  _update(card, one) {
    const { state, text } = reach(one, this.list.at);
    setData(card, { state, role: one.role, sessions: one.sessions.length });
    put($(".staff-name", card), one.name);
    const bound = one.shop ? word("staff.of_shop", { id: one.shop }) : one.van ? word("staff.of_van", { id: one.van }) : one.vehicle;
    put($(".staff-role", card), [roleText(one), bound].filter(Boolean).join(" · "));
    put($(".staff-reach", card), text);
    show($(".staff-devices", card), one.sessions.length);
    put($(".staff-devices summary", card), word("staff.devices", { n: one.sessions.length }));
    keyed($(".staff-devices ul", card), one.sessions, ({ id }) => id, (device) => this._makeDevice(one, device), (row, device) => this._updateDevice(row, device));
    attribute($('[data-open="renew"]', card), "aria-label", word("staff.renew_of", { name: one.name }));
    const all = $('[data-open="revoke_all"]', card);
    attribute(all, "aria-label", word("staff.revoke_all_of", { name: one.name }));
    show(all, one.sessions.length || one.link_until);
  }

  _makeDevice(one, { id, created_at }) {
    const since = dayTime(created_at, this.list.at);
    const revoke = h("button", {
      type: "button", class: "small", data: { open: "revoke" }, "aria-label": word("staff.revoke_of", { name: one.name, since }), on: { click: () => this._revoke(one.person, id) },
    }, word("staff.revoke"));
    return h("li", { data: { type: "session", id } }, h("span"), revoke);
  }

  _updateDevice(row, device) {
    setData(row, { state: device.live ? "live" : "away" });
    put(row.firstElementChild, deviceText(device, this.list.at));
  }

  // -- a new device ---------------------------------------------------------------------------

  _renew(person) {
    const one = this.list.people.find((each) => each.person === person);
    if (one) this.renewing.open(one, this.list.at);
  }

  /** Show the link that was made for somebody. */
  made(name, made) { this.adding.made(name, made); }

  // -- signing out ----------------------------------------------------------------------------

  /** Say what will happen, and do it on yes. `session` null: everything that the person has. */
  _revoke(person, session) {
    const one = this.list.people.find((each) => each.person === person);
    if (!one) return;
    const name = one.name;
    const own = one.sessions.some((device) => device.current && (!session || device.id === session));
    const why = h("p", { class: "error", role: "status" });
    const yes = h("button", { type: "button", class: "big danger", data: { act: "staff.revoke" } }, word("staff.revoke_yes"));
    yes.addEventListener("click", async () => {
      if (isOff(yes)) return;
      turnOff(yes, true);
      put(why, word("staff.sending"));
      const reply = await this.hub.revoke(person, session || "all");
      turnOff(yes, false);
      const done = reply.code === undefined;
      put(why, done ? "" : this.said(reply));
      this.changed();
      if (!done) return;
      this.panel.close();
      announce(word("staff.revoked", { name }));
      if (reply.account) this.onLeft(reply.account);
    });
    const which = session ? "revoke" : "revoke_all";
    const account = session && (this.kt.config || {}).city_sign_in || [];
    const told = [word(`staff.${which}_told`), account.length > 0 && word("staff.revoke_account"), one.role === "medic" && word("staff.revoke_medic"), own && word("staff.revoke_own")].filter(Boolean);
    this.panel.open(word(`staff.${which}_heading`, { name }), [h("div", { class: "staff-ask", data: { type: "revoke", id: person } }, told.map((text) => h("p", { class: "note told" }, text)), yes, why)], { closing: word("staff.no") });
  }
}

/** Who has an access but is not reached first, then who is, then who waits or is out. */
const ORDER = ["deaf", "wakeable", "reachable", "live", "away", "waiting", "out"];
const byReach = (a, b) => ORDER.indexOf(stateOf(a)) - ORDER.indexOf(stateOf(b)) || a.name.localeCompare(b.name);

/** Desks without alarms are never rung: there is nothing that they could miss. */
const isRung = (one) => one.reachable !== undefined && (one.role !== "dispatcher" || RUNG_DESKS.has(one.desk));

function stateOf(one) {
  if (one.live && !isRung(one)) return "live";
  if (one.live && one.reachable) return "reachable";
  if (one.wakeable) return "wakeable";
  if (one.live) return "deaf";
  if (one.sessions.length) return "away";
  return one.link_until ? "waiting" : "out";
}

function reach(one, at) {
  const state = stateOf(one);
  const seen_at = Math.max(0, ...one.sessions.map((device) => device.seen_at || 0));
  if (state === "away") return { state, text: seen_at ? word("staff.away", { ago: since(at - seen_at) }) : word("staff.never") };
  return { state, text: word(`staff.${state}`, state === "waiting" ? { time: dayTime(one.link_until, at) } : undefined) };
}
