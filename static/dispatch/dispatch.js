// The dispatcher's plain board: the tables `dispatch` and `roster` drawn as they
// stand. The medic desk works here; other desks are told what they see instead.

import { connect } from "/client/kentongan.js";
import { loadConfig } from "/client/http.js";
import { $, h, keyed, put, setData, show } from "/static/shared/dom.js";
import { Ring } from "/static/shared/ring.js";
import { fillWords, loadWords, useWords, word } from "/static/shared/words.js";
import { Acts } from "/static/medic/acts.js";
import { Title } from "/static/medic/attention.js";
import { Panel } from "/static/medic/panel.js";
import { SignIn } from "/static/medic/sign_in.js";
import { Alarms } from "/static/dispatch/alarms.js";
import { Elsewhere } from "/static/dispatch/elsewhere.js";
import { Market } from "/static/dispatch/market.js";
import { Enter } from "/static/dispatch/enter.js";
import { rows, sorted } from "/static/dispatch/order.js";
import { Overview } from "/static/dispatch/overview.js";
import { Cards } from "/static/dispatch/requests.js";
import { drawRoster, placeOf } from "/static/dispatch/roster.js";
import { closeSheet, handOverSheet } from "/static/dispatch/sheets.js";
import { Staff } from "/static/dispatch/staff.js";
import { title } from "/static/dispatch/texts.js";
import indonesian from "/static/words/dispatch/id.js";

useWords("dispatch", indonesian);

const TICK_MS = 500;
const OFFLINE_AFTER_MS = 2500;
const DESKS = new Set(["medic", "market", "van", "city"]);
const ROLES = new Set(["plut"]); // a role that is a desk of its own
const DISPATCHER = "dispatcher";
const KEPT = "kt.dispatch_as";

/** Whose cookie this page comes in with: the role that signed in here last. */
function signedInAs() {
  try { return localStorage.getItem(KEPT) || DISPATCHER; } catch (error) { return DISPATCHER; }
}

function keepRole(role) {
  try { localStorage.setItem(KEPT, role || DISPATCHER); } catch (error) { /* Private mode: a dispatcher at the next visit. */ }
}

class Board {
  constructor(config) {
    this.texts = new Map(); // request or alarm -> what its last act says
    this.folds = new Set();
    this.desk = undefined; // "medic" | "market" | "van" | "city" | "plut" | null (none) | undefined (not known yet)
    this.ring = new Ring("medic");
    this.kt = connect({
      as: signedInAs(), config, here: () => this.ring.state(),
      onState: () => this.draw(), onWelcome: (welcome) => this.welcome(welcome),
    });
    this.acts = new Acts(this.kt, "dispatch");
    this.panel = new Panel($("#sheet"), $("#sheet-body"));
    this.cards = new Cards(this);
    this.alarms = new Alarms(this.ring, new Title("dispatch"), this);
    this.overview = new Overview($("#map"));
    this.staff = new Staff($("#staff"), this.kt, this.panel);
    const enter = (data, onText) => this.acts.run("medic.call", data, { key: "enter", onText });
    new Enter($("#enter"), enter, (reply) => this.acts.refusal(reply));
    this.door = new SignIn($("#sign-in"), "dispatch", (session) => this.enter(session.role));
    this.join();
    this.listen();
    this.built = true; // Joining already tells of connecting, before there is anything to draw.
    setInterval(() => this.draw(), TICK_MS);
    this.draw();
  }

  join() {
    const onChange = () => this.draw();
    const redraw = () => this.drawSoon();
    this.table = this.kt.join("dispatch", {
      onChange: () => { this.desk = "medic"; this.draw(); },
      onMoved: redraw, onRefused: () => this.seatElsewhere(),
    });
    this.roster = this.kt.join("roster", { onChange, onMoved: redraw });
    this.city = this.kt.join("city", { onChange });
  }

  listen() {
    for (const event of ["click", "keyup"]) document.addEventListener(event, () => { if (!this.ring.unlocked) this.unlock(); });
    $("#unlock").addEventListener("click", () => this.unlock());
    this.ring.onBlocked = () => this.draw();
    window.addEventListener("message", (event) => {
      if (event.origin !== location.origin || event.source !== window.parent) return;
      if (event.data && event.data.kt === "go") this.go(event.data);
    });
  }

  welcome({ person, name, desk, role }) {
    this.person = person;
    this.name = name || "";
    if (DESKS.has(desk)) this.seat = desk;
    else if (ROLES.has(role)) this.seat = role;
    this.draw();
  }

  /** The medic desk's tables are closed to this person. */
  seatElsewhere() {
    this.desk = this.seat && this.seat !== "medic" ? this.seat : null;
    this.elsewhere = new Elsewhere($("#elsewhere"), this.kt, this.desk);
    if (this.desk === "market") this.market = new Market($("#elsewhere"), this);
    this.draw();
  }

  /** A cookie belongs to a role; another role than this page asked with needs a new client. */
  enter(role) {
    keepRole(role);
    if (signedInAs() === this.kt.options.as) this.kt.restart();
    else location.reload();
  }

  go({ tested_at }) {
    this.kt.options.as = DISPATCHER;
    if (tested_at) this.ring.passed(tested_at);
    this.kt.restart();
    this.unlock();
  }

  async unlock() {
    await this.ring.unlock();
    this.kt.answerHere();
    this.draw();
  }

  // -- what cards and alarms ask of the desk --------------------------------------------

  things(type) { return [...this.table.things.values()].filter((thing) => thing.type === type); }

  requests() { return this.things("request"); }

  request(id) {
    const thing = this.table.things.get(id);
    return thing && thing.type === "request" ? thing : undefined;
  }

  medics() { return [...this.roster.things.values()]; }

  place(medic) { return placeOf(medic, this.roster.fixes); }

  fix(request) {
    const person = request.medic && request.medic.person;
    return this.table.fixes.get(request.id) || (person && this.roster.fixes.get(person)) || null;
  }

  text(id) { return this.texts.get(id) || ""; }

  busy(id) { return this.acts.busy(id); }

  run(cmd, data) {
    const key = data.request || data.alarm || data.shop;
    return this.acts.run(cmd, data, { key, onText: (text) => { this.texts.set(key, text); this.draw(); } });
  }

  take(alarm) { return this.run("alarm.take", { alarm: alarm.id }); }

  handOver(id) {
    handOverSheet(this.panel, this.request(id), (data) => this.runInSheet("medic.hand_over", { request: id, ...data }));
  }

  close(id) {
    closeSheet(this.panel, this.request(id), (data) => this.runInSheet("medic.close", { request: id, ...data }));
  }

  async runInSheet(cmd, data) {
    const reply = await this.run(cmd, data);
    return reply.ok ? "" : this.text(data.request);
  }

  show(id) {
    const about = this.request(id);
    if (about) this.folds.add(about.kelurahan || "");
    this.draw();
    const card = $(`[data-type="request"][data-id="${CSS.escape(id)}"]`);
    if (!card) return;
    card.scrollIntoView({ block: "center" });
    card.focus();
  }

  // -- drawing -----------------------------------------------------------------------------

  drawSoon() {
    if (this._soon) return;
    this._soon = setTimeout(() => { this._soon = null; this.draw(); }, 250);
  }

  draw() {
    if (!this.built) return;
    const { kt } = this;
    const now = kt.now();
    const refused = !kt.state.signed_in || kt.state.code === 4503;
    const signedIn = Boolean(this.person) && !refused;
    const atDesk = signedIn && this.desk === "medic";
    show($("#demo"), kt.config && kt.config.demo);
    if (this.door.offered || refused) this.door.show(this.person ? "signed_out" : "none");
    else if (signedIn) this.door.hide();
    this.drawTop(signedIn, atDesk, now);
    show($("#board"), atDesk);
    show($("#elsewhere"), signedIn && this.elsewhere && !atDesk);
    if (this.elsewhere) this.elsewhere.draw(this.onDuty());
    if (this.market) this.market.draw(now);
    this.staff.draw(signedIn);
    this.alarms.draw(atDesk ? this.things("alarm") : this.market && signedIn ? this.market.alarms : [], now);
    if (atDesk) this.drawBoard(now);
  }

  onDuty() {
    const medics = this.city.things.get("medics");
    return medics ? medics.on_duty : 0;
  }

  drawTop(signedIn, atDesk, now) {
    const desk = this.desk || this.seat;
    put($("#desk"), word(`dispatch.desk_${desk || "unknown"}`));
    put($("#person"), signedIn ? this.name : "");
    const { help } = this.kt.state;
    if (help === "live" || !signedIn) this._lost_at = null;
    else this._lost_at = this._lost_at || now;
    show($("#offline"), signedIn && this._lost_at !== null && now - this._lost_at > OFFLINE_AFTER_MS);
    setData($("#link"), { state: help });
    put($("#link"), signedIn ? word(help === "live" ? "dispatch.connected" : "dispatch.connecting") : "");
    show($("#locked"), (atDesk || (signedIn && this.market)) && !this.ring.unlocked);
  }

  drawBoard(now) {
    const lists = sorted(this.requests());
    const waiting = rows(lists.waiting, this.folds);
    const n = lists.waiting.length;
    const counts = [word("dispatch.waiting_count", { n }), word("dispatch.running_count", { n: lists.running.length }),
      this.onDuty() ? word("dispatch.medics_count", { n: this.onDuty() }) : word("dispatch.medics_none")];
    put($("#counts"), counts.join(" · "));
    show($("#requests-none"), !n);
    keyed($("#waiting"), waiting, (row) => row.key, (row) => (row.request ? this.cards.make(row.request) : this.makeFold(row)),
      (element, row) => (row.request ? this.cards.update(element, row.request, now) : this.updateFold(element, row)));
    for (const name of ["running", "visit", "done"]) {
      keyed($(`#${name}`), lists[name], (request) => request.id, (request) => this.cards.make(request), (card, request) => this.cards.update(card, request, now));
      show($(`#${name}`), lists[name].length);
      show($(`#${name}-heading`), lists[name].length);
    }
    drawRoster(this.medics(), this.roster.fixes, now);
    this.overview.draw(this.requests(), this.medics(), (medic) => this.place(medic));
  }

  makeFold({ fold }) {
    return h("li", { class: "fold", data: { fold } }, h("button", {
      type: "button", on: { click: () => { if (!this.folds.delete(fold)) this.folds.add(fold); this.draw(); } },
    }));
  }

  updateFold(element, { fold, requests, shown }) {
    const button = element.firstElementChild;
    put(button, word("dispatch.fold", { kelurahan: title(fold) || word("dispatch.place_unknown"), n: requests.length }));
    button.setAttribute("aria-expanded", String(shown));
  }
}

async function start() {
  const [config] = await Promise.all([loadConfig(location.origin), loadWords()]);
  fillWords();
  return new Board(config);
}

start();
