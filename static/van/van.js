// The van crew's page: the next stop, one big button, and the van's position.

import { loadConfig } from "/client/http.js";
import { connect } from "/client/kentongan.js";
import { watchAccount } from "/static/shared/account.js";
import { ago } from "/static/shared/ages.js";
import { $, h, keyed, put, show } from "/static/shared/dom.js";
import { keepForFlight, sayFlight } from "/static/shared/flight.js";
import { doorNumbers } from "/static/shared/door.js";
import { offerSun } from "/static/shared/theme.js";
import { offerTongues } from "/static/shared/tongues.js";
import { fillWords, loadWords, useWords, word } from "/static/shared/words.js";
import { Door, codeOfLink, onGo } from "/static/shop/door.js";
import { WakeLock } from "/static/shop/wake-lock.js";
import { News } from "/static/van/news.js";
import { Positions } from "/static/van/positions.js";
import { Queues } from "/static/van/queues.js";
import { makeStop, nowCard, refusalText, updateStop, whatNow } from "/static/van/trip.js";
import { VanWake } from "/static/van/wake.js";
import indonesian from "/static/words/van/id.js";

useWords("van", indonesian);

const NOT_ALLOWED = 4500; // close codes from here on: not with these credentials
const AGES_MS = 1000;
const QUIET = { pending: null, error: null, skipping: false, reason: null, leaving: false, afterAll: null };

class VanPage {
  constructor(config) {
    this.kt = connect({ as: "crew", config, here: () => this.news.here(), onState: () => this.draw(), onWelcome: (frame) => this.welcome(frame) });
    this.news = new News(this.kt, () => this.draw());
    this.wakeLock = new WakeLock();
    this.queues = new Queues(this.kt, () => this.draw());
    this.door = new Door($("#door"), "van", { config, onTap: () => this.news.unlock(), onIn: () => this.comeIn() });
    $("#unknown").append(doorNumbers());
    this.positions = new Positions({
      tell: (location) => this.kt.tell("van.position", { van: this.id, location }),
      now: () => this.kt.now(),
      onState: () => this.drawShare(),
    });
    this.id = null;
    this.van = null;
    this.table = null;
    this.unknown = false; // the city has no van with our link's name
    this.goal = null; // the next stop's own topic: where it is
    this.said = QUIET;
    this.place = null;
    this.wake = new VanWake({ draw: () => this.draw(), look: () => this.news.look() });
    this.built = true; // What was built above tells of itself before there is all of it.
  }

  start() {
    onGo(({ place, tested_at }) => {
      this.place = place;
      this.news.ring.passed(tested_at);
      this.news.unlock();
      this.comeIn();
      if (this.id) this.drive();
    });
    window.addEventListener("hashchange", () => codeOfLink() && this.door.askToSignIn());
    // Any tap wakes the sound of a page that was loaded again.
    document.addEventListener("click", () => this.news.unlock(), true);
    setInterval(() => this.tick(), AGES_MS);
    if (codeOfLink()) this.door.askToSignIn();
    else this.enter();
    this.draw();
  }

  comeIn() {
    this.fresh = true;
    this.enter();
  }

  enter() {
    this.outside = false;
    if (this.city) this.kt.restart();
    else this.city = this.kt.join("city");
    this.draw();
  }

  /** The hub closed the door. Just after a new cookie that was an answer to the old one. */
  refused() {
    if (this.fresh) {
      this.fresh = false;
      setTimeout(() => this.enter(), 0);
    } else if (!codeOfLink() && !this.outside) {
      this.outside = true;
      this.door.turnAway(this.table ? "signed_out" : "no_link");
    }
  }

  welcome({ van }) {
    this.fresh = false;
    this.door.open();
    this.wakeLock.hold();
    this.wake.check();
    if (this.id !== van) {
      if (this.table) this.table.leave();
      this.id = van;
      this.table = this.kt.join(`van/${van}`, {
        onChange: () => this.receive(),
        onMoved: (id, fix) => this.positions.heard(fix),
      });
      this.queues.follow(van);
      this.news.follow(van);
      this.resume();
    }
    if (this.place) this.drive();
    this.draw();
  }

  /** Go on sending where the person has already allowed it. */
  async resume() {
    if (this.place || !navigator.permissions) return;
    const allowed = await navigator.permissions.query({ name: "geolocation" });
    if (allowed.state === "granted" && !this.place) this.positions.start();
  }

  drive() {
    if (!this.positions.simulated) this.positions.startDemo(this.place, () => this.goalPlace());
  }

  // -- the trip --------------------------------------------------------------------

  receive() {
    const before = this.van;
    this.van = this.table.things.get(this.id) || null;
    this.unknown = this.van === null;
    const step = JSON.stringify(this.van && whatNow(this.van));
    if (step !== this.step) this.said = QUIET;
    this.step = step;
    if (!before && this.table.fixes.has(this.id)) this.positions.heard(this.table.fixes.get(this.id));
    this.followGoal();
    this.draw();
  }

  followGoal() {
    const { stop } = this.van ? whatNow(this.van) : { stop: null };
    const topic = stop ? `stop/${stop.stop}` : null;
    if (this.goal && this.goal.topic === topic) return;
    if (this.goal) this.goal.leave();
    this.goal = topic && this.place ? this.kt.join(topic) : null;
  }

  goalPlace() {
    this.followGoal();
    const stop = this.goal && [...this.goal.things.values()].find((thing) => thing.type === "stop");
    return stop && stop.location ? stop.location : null;
  }

  async act(cmd, stop, more) {
    this.say({ pending: { unsure: false }, error: null });
    if (cmd !== "van.skip" && !this.place) this.positions.start();
    const onTry = () => this.said.pending && this.say({ pending: { unsure: true } });
    const reply = await this.kt.call(cmd, { van: this.id, stop: stop.stop, ...more }, { onTry });
    // After `ok` the card waits for the van's change, which clears what was said.
    if (!reply.ok) this.say({ ...QUIET, error: refusalText(reply) });
    else this.news.driven();
  }

  say(said) {
    this.said = { ...this.said, ...said };
    this.draw();
  }

  /** Ages and what is left of a grace. */
  tick() {
    if (this.van && !$("#desk").hidden) this.drawVan();
    this.drawNews();
    this.drawShare();
  }

  // -- what is seen ------------------------------------------------------------------

  draw() {
    if (!this.built) return;
    const { code, public: line } = this.kt.state;
    const refused = code >= NOT_ALLOWED;
    const inside = this.table !== null && !refused;
    if (refused) this.refused();
    document.body.dataset.state = inside ? line : refused ? "signed_out" : "loading";
    show($("#band"), Boolean(this.kt.config && this.kt.config.demo));
    show($("#desk"), inside && this.van !== null);
    show($("#unknown"), inside && this.unknown);
    const lost = inside && line !== "live" && line !== "connecting";
    put($("#line"), inside ? word(lost ? "van.offline" : line === "live" ? "van.online" : "van.connecting") : "");
    $("#line").classList.toggle("lost", lost);
    if (inside && this.van) this.drawVan();
    this.drawNews();
    this.drawShare();
  }

  /** What rings, whether it can, and which phone this is. */
  drawNews() {
    const { unlocked } = this.news.ring;
    this.news.draw(!$("#desk").hidden);
    show($("#locked"), !unlocked);
    this.wake.draw(unlocked && this.kt.state.public === "live");
  }

  drawVan() {
    put($("#van-name"), this.van.name);
    const pill = $("#van-state");
    show(pill, true);
    put(pill, word(`van.state_${this.van.trip_state === "over" ? "over" : this.van.state}`));
    Object.assign(pill.dataset, { type: "van", id: this.id, state: this.van.state });
    const { step, stop: now } = whatNow(this.van);
    const here = step === "serve" ? now : null;
    this.queues.draw(this.van, here);
    document.body.dataset.step = step;
    this.drawNow(here);
    const open = this.van.state !== "at_stop" && step !== "cancelled";
    const make = () => makeStop((id) => this.goAfterAll(id));
    show($("#trip-title"), (this.van.trip || []).length);
    keyed($("#trip"), this.van.trip || [], (stop) => stop.stop, make, (element, stop) => updateStop(element, stop, stop === now, open));
  }

  goAfterAll(stop) {
    this.say({ ...QUIET, afterAll: stop });
    $("#now").scrollIntoView({ block: "center" });
  }

  drawNow(here) {
    const waiting = here ? this.queues.unsettled(here.stop) : 0;
    const minute = Math.floor(this.kt.now() / 60000); // ages of what was foretold grow
    const face = JSON.stringify([this.van, this.said, waiting, minute]);
    if (face === this.face) return;
    this.face = face;
    const card = $("#now");
    const held = card.contains(document.activeElement) ? document.activeElement : null;
    card.textContent = "";
    const acts = { act: (cmd, stop, more) => this.act(cmd, stop, more), say: (said) => this.say(said) };
    card.append(...nowCard(this.van, this.said, acts, { waiting, now: this.kt.now() }));
    const { act, reason } = held ? held.dataset : {};
    const same = (reason && card.querySelector(`[data-reason="${reason}"]`)) || (act && card.querySelector(`[data-act="${act}"]`));
    const first = held && (same || card.querySelector("button"));
    if (first) first.focus();
  }

  drawShare() {
    const box = $("#share");
    const { state, simulated, sent_at } = this.positions;
    if (box.dataset.state !== state) {
      box.dataset.state = state;
      box.textContent = "";
      box.append(h("p", { class: "where" }), h("p", { class: "seen" }));
      if (state === "off" || state === "failed") box.append(this.shareButton("share", () => { this.positions.stop(); this.positions.start(); }));
      else if (!simulated) box.append(this.shareButton("stop_sharing", () => this.positions.stop()));
    }
    const age = ago(Math.max(0, this.kt.now() - sent_at));
    const words = { off: "share_why", waiting: "waiting_fix", failed: "no_fix", sending: simulated ? "sharing_demo" : "sharing" };
    put($(".where", box), word(`van.${words[state]}`, { age }));
    const fix = this.table && this.table.fixes.get(this.id);
    put($(".seen", box), fix && state !== "sending" ? word("van.seen", { age: ago(Math.max(0, this.kt.now() - fix.fix_at)) }) : "");
  }

  shareButton(name, act) {
    return h("button", { type: "button", class: name === "share" ? "big" : "quiet", text: word(`van.${name}`), data: { act: "van.position" }, on: { click: act } });
  }
}

async function main() {
  await loadWords();
  fillWords();
  offerTongues($("#tongues"));
  offerSun($("#sun"));
  const config = await loadConfig(window.location.origin);
  const page = new VanPage(config);
  page.start();
  sayFlight(page.kt);
  watchAccount(page.kt, "/van");
  keepForFlight("/van");
}

main();
