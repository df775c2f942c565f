// The dispatcher's plain board: the tables `dispatch` and `roster` drawn as they
// stand. The medic desk works here; other desks are told what they see instead.

import { connect } from "/client/kentongan.js";
import { loadConfig } from "/client/http.js";
import { forgetAccount, watchAccount } from "/static/shared/account.js";
import { $, put, setData, show } from "/static/shared/dom.js";
import { keepForFlight, sayFlight } from "/static/shared/flight.js";
import { Ring } from "/static/shared/ring.js";
import { offerTongues } from "/static/shared/tongues.js";
import { fillWords, loadWords, useWords, word } from "/static/shared/words.js";
import { Acts } from "/static/medic/acts.js";
import { Title } from "/static/medic/attention.js";
import { Panel } from "/static/medic/panel.js";
import { SignIn } from "/static/medic/sign_in.js";
import { Alarms } from "/static/dispatch/alarms.js";
import { DeskActs } from "/static/dispatch/desk_acts.js";
import { Drills } from "/static/dispatch/drills.js";
import { Elsewhere } from "/static/dispatch/elsewhere.js";
import { Enter } from "/static/dispatch/enter.js";
import { Focus } from "/static/dispatch/focus.js";
import { Lists } from "/static/dispatch/lists.js";
import { Market } from "/static/dispatch/market.js";
import { isEnded } from "/static/dispatch/order.js";
import { Overview } from "/static/dispatch/overview.js";
import { Pace } from "/static/dispatch/pace.js";
import { Phones } from "/static/dispatch/phones.js";
import { Cards } from "/static/dispatch/requests.js";
import { Reports } from "/static/dispatch/reports.js";
import { drawRoster, placeOf } from "/static/dispatch/roster.js";
import { DISPATCHER, keepRole, seatOf, signedInAs } from "/static/dispatch/seat.js";
import { Staff } from "/static/dispatch/staff.js";
import { leaveAccount } from "/static/dispatch/staff_device.js";
import { Times } from "/static/dispatch/times_plot.js";
import indonesian from "/static/words/dispatch/id.js";

useWords("dispatch", indonesian);

const TICK_MS = 500;
const OFFLINE_AFTER_MS = 2500;
const CHOSEN = new Set(["request", "medic"]);

class Board {
  constructor(config) {
    this.desk = undefined; // "medic" | "market" | "van" | "city" | "plut" | null (none) | undefined (not known yet)
    this.choices = 0; // changes when who is free, or what is open, does
    this.ring = new Ring("medic");
    this.pace = new Pace(() => this.paint());
    this.focus = new Focus();
    this.kt = connect({
      as: signedInAs(), config, here: () => this.ring.state(),
      onState: () => this.draw(), onWelcome: (welcome) => this.welcome(welcome),
    });
    const panel = new Panel($("#sheet"), $("#sheet-body"));
    this.acts = new DeskActs(new Acts(this.kt, "dispatch"), this, panel);
    this.lists = new Lists(this, (this.cards = new Cards(this)));
    this.alarms = new Alarms(this.ring, new Title("dispatch"), this);
    this.overview = new Overview($("#map"));
    this.times = new Times($("#times"));
    this.drills = new Drills($("#drills"));
    this.phones = new Phones($("#phones"), this);
    this.staff = new Staff($("#staff"), this.kt, panel, (account) => this.left(account));
    this.reports = new Reports($("#reports"), this.kt);
    new Enter($("#enter"), (data, onText) => this.acts.enter(data, onText), (reply) => this.acts.refusal(reply));
    this.door = new SignIn($("#sign-in"), "dispatch", config, (session) => this.enter(session.role));
    this.join();
    this.listen();
    this.built = true; // Joining already tells of connecting, before there is anything to draw.
    setInterval(() => { this.ticked = true; this.draw(); }, TICK_MS);
    this.draw();
  }

  join() {
    const redraw = () => this.pace.ask();
    this.table = this.kt.join("dispatch", {
      onChange: (changes, _, live) => { this.desk = "medic"; this.heard(changes, live); },
      onMoved: redraw, onRefused: () => this.seatElsewhere(),
    });
    this.roster = this.kt.join("roster", { onChange: (changes) => this.heard(changes), onMoved: redraw });
    this.city = this.kt.join("city", { onChange: redraw });
  }

  /** Something of the board is new: what can be chosen too, where more than a position or a time did. */
  heard(changes, live) {
    this.acts.heard(changes, live);
    const key = (view) => view && `${view.type}|${view.state}|${view.reachable}|${view.wakeable}|${view.name}|${isEnded(view)}`;
    if (changes.some(({ view, before }) => CHOSEN.has((view || before || {}).type) && key(view) !== key(before))) this.choices += 1;
    this.pace.ask();
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

  welcome(welcome) {
    this.person = welcome.person;
    this.name = welcome.name || "";
    this.seat = seatOf(welcome) || this.seat;
    if (this.kt.role === DISPATCHER) this.phones.check();
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

  /** Somebody signed themselves out who had come in by the city's account. */
  left(account) {
    forgetAccount("/dispatch");
    this.door.offer(leaveAccount(account));
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

  /** Those that are not over, the oldest first; made once a drawing. */
  openRequests() {
    if (!this._open) this._open = this.requests().filter((request) => !isEnded(request)).sort((a, b) => a.called_at - b.called_at);
    return this._open;
  }

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

  /** A notification was tapped: lead to what it is about, or to what rings. */
  look(id) {
    if (!this.built) this._lead_to = id;
    else if (this.request(id)) this.show(id);
    else $("#alarm-text").focus();
  }

  text(id) { return this.acts.onCard(id); }

  busy(id) { return this.acts.busy(id); }

  run(cmd, data) { return this.acts.run(cmd, data); }

  take(alarm) { return this.run("alarm.take", { alarm: alarm.id }); }

  handOver(id) { this.acts.handOver(id); }

  close(id) { this.acts.close(id); }

  timeline(id) { this.acts.timeline(id); }

  /** Lead to a request's card, as soon as it is drawn. */
  show(id) {
    this._lead_to = id;
    const about = this.request(id);
    if (about) this.lists.unfold(about);
    this.draw();
  }

  lead() {
    const card = this._lead_to && this.cards.card(this._lead_to);
    if (!card || !card.isConnected) return;
    this._lead_to = null;
    card.scrollIntoView({ block: "center" });
    card.focus();
  }

  // -- drawing -----------------------------------------------------------------------------

  /** A person acted, or time went on: with the next frame. What the tables bring comes through `pace.ask`. */
  draw() { if (this.built) this.pace.now(); }

  /** Returns whether something is left for the next frame. */
  paint() {
    const { kt } = this;
    const now = kt.now();
    const refused = !kt.state.signed_in || kt.state.code === 4503;
    const signedIn = Boolean(this.person) && !refused;
    const atDesk = signedIn && this.desk === "medic";
    const ticked = this.ticked;
    this.ticked = false;
    this._open = null;
    this.focus.before();
    show($("#demo"), kt.config && kt.config.demo);
    show($("#loading"), !refused && !this.door.offered && (!signedIn || this.desk === undefined));
    if (this.door.offered || refused) this.door.show(this.person ? "signed_out" : "none");
    else if (signedIn) this.door.hide();
    this.drawTop(signedIn, atDesk, now);
    for (const id of ["#board", "#skips", "#counts"]) show($(id), atDesk);
    show($("#elsewhere"), signedIn && this.elsewhere && !atDesk);
    if (this.elsewhere) this.elsewhere.draw(this.onDuty());
    if (this.market) this.market.draw(now);
    if (this.kt.role === DISPATCHER && this.desk) this.phones.sit(this.desk, atDesk ? this.table : this.market && this.market.table);
    this.phones.draw(signedIn, now);
    this.staff.draw(signedIn);
    this.reports.draw(signedIn, this.desk || this.seat);
    this.alarms.draw(atDesk ? this.things("alarm") : signedIn ? (this.market || this.phones).alarms : [], now);
    const left = atDesk && this.drawBoard(now, ticked);
    this.acts.drawSheet();
    this.focus.after();
    this.lead();
    return left;
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
    show($("#locked"), (atDesk || (signedIn && (this.market || this.phones.alarms.length))) && !this.ring.unlocked);
  }

  drawBoard(now, ticked) {
    const left = this.lists.draw(now);
    if (ticked || this.drawn_choices !== this.choices) drawRoster(this.medics(), this.roster.fixes, now);
    if (ticked) this.overview.draw(this.requests(), this.medics(), (medic) => this.place(medic));
    if (ticked) this.drills.draw(this.things("drill"), now);
    if (ticked) this.times.draw(this.things("figures"), now);
    this.drawn_choices = this.choices;
    return left;
  }
}

async function start() {
  const [config] = await Promise.all([loadConfig(location.origin), loadWords()]);
  fillWords();
  offerTongues($("#tongues"));
  const board = new Board(config);
  sayFlight(board.kt);
  watchAccount(board.kt, "/dispatch");
  keepForFlight("/dispatch");
}

start();
