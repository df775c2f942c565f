// The medic's page: one table (`help/<me>`) drawn as it stands, and the taps.
//
// Nothing is kept here that the table knows. What the page adds: which cards were
// touched (their ring stops), what a tap on its way says, the ring, the position.

import { connect } from "/client/kentongan.js";
import { loadConfig } from "/client/http.js";
import { watchAccount } from "/static/shared/account.js";
import { $, announce, keyed, put, setData, show } from "/static/shared/dom.js";
import { keepForFlight, sayFlight } from "/static/shared/flight.js";
import { Ring } from "/static/shared/ring.js";
import { offerSun } from "/static/shared/theme.js";
import { offerTongues } from "/static/shared/tongues.js";
import { fillWords, loadWords, useWords, word } from "/static/shared/words.js";
import { Acts } from "/static/medic/acts.js";
import { Awake, Title } from "/static/medic/attention.js";
import { Deaf } from "/static/medic/deaf.js";
import { DutyBox } from "/static/medic/duty.js";
import { Loss } from "/static/medic/loss.js";
import { Mission } from "/static/medic/mission.js";
import { ending, isHeld, makeCard, makePast, onTop, past, spoken, updateCard, updatePast } from "/static/medic/offers.js";
import { Panel } from "/static/medic/panel.js";
import { Positions } from "/static/medic/position.js";
import { Receipts } from "/static/medic/receipts.js";
import { RingTest } from "/static/medic/ring_test.js";
import { Ringing, isAsked } from "/static/medic/ringing.js";
import { SignIn } from "/static/medic/sign_in.js";
import { Wake } from "/static/medic/wake.js";
import indonesian from "/static/words/medic/id.js";

useWords("medic", indonesian);

const TICK_MS = 500;

class Page {
  constructor(config) {
    this.texts = new Map(); // request -> {cmd, text}: what its last tap says
    this.held = null; // the patient drawn last, to say how it ended
    this.released = null; // the one this page gave back itself
    this.ring = new Ring("medic");
    this.kt = connect({
      as: "medic", config, here: () => this.ring.state(),
      onState: () => this.draw(), onWelcome: (welcome) => this.welcome(welcome),
    });
    this.acts = new Acts(this.kt, "medic");
    this.receipts = new Receipts(this.kt);
    this.ringing = new Ringing(this.ring, (id) => this.acts.busy(id));
    const panel = new Panel($("#sheet"), $("#sheet-body"));
    const test = new RingTest(this.ring, panel, () => this.answerHere());
    this.positions = new Positions(this.kt, () => this.draw());
    this.dutyBox = new DutyBox(this.acts, this.ring, this.positions, { duty: () => this.duty, test, draw: () => this.draw() });
    this.deaf = new Deaf($("#deaf"), this.ring, this.kt, { unlock: () => this.unlock(), test: () => test.open() });
    this.mission = new Mission($("#mission"), panel, {
      advance: (offer, to) => this.act("medic.advance", { request: offer.id, to }),
      release: (offer, reason) => this.release(offer, reason),
      backup: (offer, reason) => this.backup(offer, reason),
    });
    this.wake = new Wake(this.ring, { draw: () => this.draw(), look: (id) => this.look(id) });
    this.loss = new Loss($("#lost"));
    this.title = new Title("medic");
    this.awake = new Awake();
    this.door = new SignIn($("#sign-in"), "medic", config, () => this.kt.restart());
    this.join();
    this.listen();
    this.built = true; // Joining already tells of connecting, before there is anything to draw.
    setInterval(() => this.draw(), TICK_MS);
    this.draw();
  }

  join() {
    this.joined = this.kt.join("help/<me>", { onChange: (changes, table, live) => this.changed(changes, live) });
  }

  welcome({ person, name }) {
    this.name = name;
    if (this.person && this.person !== person) {
      this.joined.leave();
      this.join();
    }
    // With a socket at the public hub, positions keep away from the emergencies' own hub.
    if (!this.person) this.kt.join("city");
    this.person = person;
    this.wake.check();
    this.positions.anew();
    this.answerHere();
  }

  listen() {
    this.ring.onAudible = (key) => {
      const offer = this.offer(key);
      if (offer) this.receipts.give(offer, "audible");
    };
    this.ring.onBlocked = () => this.draw();
    for (const event of ["click", "keyup"]) {
      document.addEventListener(event, () => { if (!this.ring.unlocked) this.unlock(); });
    }
    document.addEventListener("visibilitychange", () => this.draw());
    $("#mission").addEventListener("pointerdown", (event) => { if (event.isTrusted && this.held) this.touch(this.held); });
    window.addEventListener("message", (event) => {
      if (event.origin !== location.origin || event.source !== window.parent) return;
      if (event.data && event.data.kt === "go") this.go(event.data);
    });
  }

  // -- what the table says ---------------------------------------------------------

  get duty() { return this.person ? this.joined.things.get(this.person) : undefined; }

  get offers() { return [...this.joined.things.values()].filter((thing) => thing.type === "offer"); }

  offer(id) {
    const thing = this.joined.things.get(id);
    return thing && thing.type === "offer" ? thing : undefined;
  }

  changed(changes, live) {
    for (const { view, before } of changes) {
      if (!live || !view || view.type !== "offer") continue;
      if (!before) announce(spoken(view), true);
      else if (before.state === "open" && view.state !== "open" && !isHeld(view)) announce(ending(view));
    }
    this.goOn();
    this.draw();
  }

  // -- taps ------------------------------------------------------------------------

  act(cmd, data) {
    const id = data.request;
    const onText = (text, state) => {
      this.texts.set(id, { cmd, text: state === "sending" ? "" : text });
      this.draw();
    };
    return this.acts.run(cmd, data, { key: id, onText });
  }

  answer(cmd, id) {
    this.touch(id);
    this.act(cmd, { request: id });
  }

  async release(offer, reason) {
    this.released = offer.id;
    const reply = await this.act("medic.release", { request: offer.id, reason });
    if (!reply.ok) this.released = null;
  }

  async backup(offer, reason) {
    const reply = await this.act("medic.backup", { request: offer.id, reason });
    if (!reply.ok) return;
    this.texts.set(offer.id, { cmd: "medic.backup", text: word("medic.backup_sent") });
    this.draw();
  }

  /** A person touched the card or "Diam": the ring of this one stops, and it counts as seen. */
  touch(id) {
    const offer = this.offer(id);
    if (!offer) return;
    this.ringing.touched(offer);
    this.receipts.give(offer, "seen");
    this.draw();
  }

  /** A notification was tapped: its card is what the eye falls on, now or once it is drawn. */
  look(id) {
    this.looked = id || null;
    if (this.built) this.draw();
  }

  drawLooked() {
    const card = this.looked && $(`#offers [data-type="offer"][data-id="${CSS.escape(this.looked)}"]`);
    if (!card) return;
    this.looked = null;
    card.tabIndex = -1;
    card.focus();
    card.scrollIntoView({ block: "nearest" });
  }

  async unlock() {
    await this.ring.unlock();
    this.answerHere();
  }

  answerHere() {
    this.kt.answerHere();
    this.draw();
  }

  // -- the demo's page begins ---------------------------------------------------------

  go({ tested_at, medic_place, duty }) {
    if (tested_at) this.ring.passed(tested_at);
    if (medic_place) this.positions.simulate(medic_place);
    this.goAsked = Boolean(duty);
    this.kt.restart();
    this.unlock();
    this.goOn();
  }

  async goOn() {
    if (!this.goAsked || !this.joined.synced) return;
    this.goAsked = false;
    if (!this.dutyBox.on) await this.dutyBox.go(true);
    this.positions.anew();
  }

  // -- drawing ------------------------------------------------------------------------

  draw() {
    if (!this.built) return;
    const { kt, duty } = this;
    const now = kt.now();
    const refused = !kt.state.signed_in || kt.state.code === 4503;
    const signedIn = Boolean(this.person) && !refused;
    const onDuty = signedIn && this.dutyBox.on;
    const held = signedIn ? this.offers.find(isHeld) : undefined;
    const goal = held && held.request_state === "en_route" ? held.location : null;
    show($("#demo"), kt.config && kt.config.demo);
    show($("#loading"), !signedIn && !refused && !this.door.offered);
    if (this.door.offered || refused) this.door.show(this.person ? "signed_out" : "none");
    else if (signedIn) this.door.hide();
    this.drawTop(duty, signedIn);
    this.positions.run({ running: onDuty, underWay: Boolean(held), goal });
    this.drawHeld(held, now, signedIn);
    const cards = this.drawOffers(held, now, signedIn);
    show($("#idle"), signedIn && !held && !cards);
    put($("#idle-word"), word(onDuty ? "medic.waiting" : "medic.silent"));
    put($("#idle-hint"), onDuty ? word("medic.waiting_hint") : "");
    this.drawLooked();
    this.wake.draw(duty);
    this.dutyBox.render({ shown: signedIn && !held, ready: this.joined.synced, now });
    this.title.ringing(this.ringing.sound(signedIn ? this.offers : [], held, now));
    this.deaf.draw({ onDuty, duty });
    this.awake.want(onDuty);
    setData(document.body, { duty: onDuty ? duty.state : "off", held: held ? "" : null });
  }

  drawTop(duty, signedIn) {
    const state = duty ? duty.state : "off";
    put($("#name"), (duty && duty.name) || this.name || word("medic.role"));
    put($("#vehicle"), (duty && duty.vehicle) || "");
    show($("#duty-state"), signedIn);
    setData($("#duty-state"), { id: this.person, state, reachable: duty ? String(Boolean(duty.reachable)) : null });
    put($("#duty-state"), word(`medic.duty_${state}`));
    const { help } = this.kt.state;
    const line = help === "live" && navigator.onLine === false ? "waiting" : help; // A socket notices later than its phone.
    setData($("#link"), { state: line });
    put($("#link"), signedIn ? word(line === "live" ? "medic.connected" : "medic.connecting") : "");
  }

  drawHeld(held, now, signedIn) {
    const before = this.held;
    this.held = held ? held.id : null;
    if (before && signedIn && before !== this.held) {
      const ended = this.offer(before);
      if (ended && this.released !== before && ended.request_state !== "cleared") this.loss.say(ended);
      this.texts.delete(before);
    }
    if (held) {
      this.mission.draw(held, {
        now, fix: this.positions.fix, busy: this.acts.busy(held.id), error: this.text(held.id), asked: isAsked(held, now),
      });
      if (held.assigned) this.prove(held, $("#mission"));
    } else if (before) {
      this.mission.clear();
    }
    this.loss.draw(signedIn && !held);
  }

  drawOffers(held, now, signedIn) {
    const { offers } = this;
    const cards = signedIn ? onTop(offers, now).filter((offer) => !held || offer.state === "open") : [];
    const on = {
      accept: (id) => this.answer("medic.accept", id), decline: (id) => this.answer("medic.decline", id),
      hush: (id) => this.touch(id), touch: (id) => this.touch(id),
    };
    const make = (offer) => makeCard(offer, on);
    const update = (card, offer) => {
      const said = this.texts.get(offer.id);
      const busy = this.acts.busy(offer.id) && said && said.cmd;
      updateCard(card, offer, { now, ringing: this.ringing.rings(offer, held, now), busy, error: this.text(offer.id) });
      if (offer.state === "open") this.prove(offer, card);
    };
    keyed($("#offer-list"), cards, (offer) => offer.id, make, update);
    show($("#offers"), cards.length);
    const over = signedIn && !held ? past(offers, now) : [];
    keyed($("#past-list"), over, (offer) => offer.id, makePast, updatePast);
    show($("#past"), over.length);
    return cards.length;
  }

  prove(offer, card) {
    this.receipts.give(offer, "received");
    this.receipts.drawn(offer, card);
  }

  text(id) {
    const said = this.texts.get(id);
    return said ? said.text : "";
  }
}

async function start() {
  const [config] = await Promise.all([loadConfig(location.origin), loadWords()]);
  fillWords();
  offerTongues($("#tongues"));
  offerSun($("#sun"));
  const page = new Page(config);
  sayFlight(page.kt);
  watchAccount(page.kt, "/medic");
  keepForFlight("/medic");
}

start();
