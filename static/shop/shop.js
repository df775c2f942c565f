// The shop's page: orders ring until they are touched and are answered in one
// tap; wants are answered in one; the shop's goods, hours and devices.

import { loadConfig } from "/client/http.js";
import { connect } from "/client/kentongan.js";
import { $, announce, show } from "/static/shared/dom.js";
import { keepForFlight, sayFlight } from "/static/shared/flight.js";
import { offerSun } from "/static/shared/theme.js";
import { offerTongues } from "/static/shared/tongues.js";
import { fillWords, loadWords, useWords, word } from "/static/shared/words.js";
import { Acts } from "/static/shop/acts.js";
import { Classes } from "/static/shop/classes.js";
import { Day } from "/static/shop/day.js";
import { Deaf } from "/static/shop/deaf.js";
import { Desk } from "/static/shop/desk.js";
import { Door, codeOfLink, onGo } from "/static/shop/door.js";
import { Panels } from "/static/shop/panels.js";
import { Place } from "/static/shop/place.js";
import { Products } from "/static/shop/products.js";
import { Receipts } from "/static/shop/receipts.js";
import { RingBar } from "/static/shop/ring-bar.js";
import { RingTest } from "/static/shop/ring-test.js";
import { Sound } from "/static/shop/sound.js";
import { drawTop } from "/static/shop/top.js";
import { Touches } from "/static/shop/touches.js";
import { ShopWake } from "/static/shop/wake.js";
import { WakeLock } from "/static/shop/wake-lock.js";
import { Work, cardOf } from "/static/shop/work.js";
import indonesian from "/static/words/shop/id.js";

useWords("shop", indonesian);

const NOT_ALLOWED = 4500; // close codes from here on: not with these credentials
const TICK_MS = 1000;

class ShopPage {
  constructor(config) {
    this.desk = new Desk(new Touches());
    this.sound = new Sound({ onAudible: (key) => this.receipts.audible(this.desk.order(key)), onBlocked: () => this.draw() });
    this.wakeLock = new WakeLock();
    this.kt = connect({
      as: "seller",
      config,
      here: () => this.sound.state(),
      onState: () => this.draw(),
      onWelcome: (frame) => this.welcome(frame),
    });
    this.acts = new Acts(this.kt, () => this.changed());
    this.receipts = new Receipts((cmd, data) => this.kt.call(cmd, data));
    this.door = new Door($("#door"), "shop", { onTap: () => this.sound.unlock(), onIn: () => this.enter() });
    this.test = new RingTest($("#test"), this.sound, { onPassed: () => this.heard() });
    this.panels = new Panels();
    this.bar = new RingBar({ hush: () => this.hush() });
    this.work = new Work(this);
    this.deaf = new Deaf($("#deaf"), {
      retry: () => this.kt.wake(), reload: () => window.location.reload(), unlock: () => this.sound.unlock().then(() => this.heard()), test: () => this.proveSound(),
    });
    this.products = new Products($("#panel-products"), { acts: this.acts, shop: () => this.desk.shop.id, goods: () => this.desk.products });
    this.place = new Place($("#panel-shop"), { acts: this.acts, shop: () => this.desk.shop, me: () => this.kt.person });
    this.day = new Day($("#panel-day"));
    this.classes = new Classes($("#classes"), { acts: this.acts, kt: this.kt, desk: this.desk, onChange: () => this.changed() });
    this.wake = new ShopWake(() => this.draw());
    this.orders = null; // our hold on `shop/<id>`
    this.wants = null;
    this.title = document.title;
    this.built = true; // Connecting already tells of itself, before there is anything to draw.
  }

  start() {
    this.listen();
    onGo((go) => this.go(go));
    window.addEventListener("hashchange", () => codeOfLink() && this.door.askToSignIn());
    if (codeOfLink()) this.door.askToSignIn();
    else this.enter();
    this.draw();
  }

  /** Come in with the cookie; the hub says which shop that is. */
  enter() {
    this.outside = false;
    if (this.city) this.kt.restart();
    else this.city = this.kt.join("city");
    this.draw();
  }

  go({ tested_at }) {
    this.sound.passed(tested_at);
    this.sound.unlock().then(() => this.heard());
    this.fresh = true;
    this.enter();
  }

  /** The hub closed the door. Just after a new cookie that was an answer to the old one. */
  refused() {
    if (this.fresh) {
      this.fresh = false;
      setTimeout(() => this.enter(), 0);
    } else if (!codeOfLink() && !this.outside) {
      this.outside = true;
      this.door.turnAway(this.orders ? "signed_out" : "no_link");
    }
  }

  welcome({ shop }) {
    this.fresh = false;
    this.door.open();
    this.wakeLock.hold();
    this.wake.check();
    const topic = `shop/${shop}`;
    if (!this.orders || this.orders.topic !== topic) {
      if (this.orders) this.orders.leave();
      this.orders = this.kt.join(topic, { onChange: (changes) => this.receive(changes) });
    }
    this.changed();
  }

  // -- what the hub tells -----------------------------------------------------------

  receive(changes) {
    const { fresh, taken } = this.desk.receive(changes);
    for (const { id, view } of changes) this.acts.settle(view && view.type === "answer" ? view.want : id);
    if (changes.some(({ view }) => view && view.type === "shop")) this.acts.settle("pause");
    for (const order of fresh) this.receipts.received(order);
    for (const order of taken) announce(word("shop.taken_by", { name: order.accepted_by }), true);
    if (fresh.some((order) => this.desk.rings(order))) this.panels.newOrder();
    this.followWants();
    this.classes.follow();
    this.changed();
  }

  /** Wants have a topic for each kelurahan and category: the shop itself says which is ours. */
  followWants() {
    const { shop } = this.desk;
    const topic = shop && `wants/${shop.kelurahan}/${shop.category}`;
    if (!topic || (this.wants && this.wants.topic === topic)) return;
    if (this.wants) this.wants.leave();
    this.desk.forgetWants();
    this.wants = this.kt.join(topic, {
      onChange: (changes) => {
        this.desk.receiveWants(changes);
        this.changed();
      },
    });
  }

  // -- what a person does --------------------------------------------------------------

  touch(id) {
    if (!this.desk.touch(id)) return;
    this.sound.touched();
    this.receipts.seen(this.desk.order(id));
    this.draw();
  }

  async act(cmd, order, data) {
    this.touch(order.id);
    if (cmd === "order.accept") this.desk.accepted(order.id, true);
    const reply = await this.acts.run(order.id, cmd, { order: order.id, ...data });
    if (cmd === "order.accept") {
      if (reply.ok) this.desk.touch(`mine.${order.id}`);
      else this.desk.accepted(order.id, false);
    }
    if (!reply.ok) this.desk.choose(order.id, null);
    this.draw();
  }

  async answer(want, data) {
    this.touch(want);
    const reply = await this.acts.run(want, "want.answer", { want, ...data });
    if (reply.ok) this.desk.choose(want, null);
    this.draw();
  }

  choose(id, what) {
    this.desk.choose(id, what);
    this.acts.clear(id);
    this.draw();
    const card = cardOf(id);
    const next = card && card.querySelector(what ? "input, .reasons button, .answers button" : "[data-open]");
    if (next) next.focus();
  }

  drop(view) {
    this.desk.touch(view.type === "want" ? `no.${view.id}` : `over.${view.want}`);
    this.touch(view.type === "want" ? view.id : view.want);
    this.draw();
  }

  hush() {
    for (const order of this.desk.ringing) this.touch(order.id);
    for (const want of this.desk.wantsRinging(this.kt.now())) this.touch(want.id);
    for (const key of this.classes.ringing(this.kt.now())) this.touch(key);
  }

  // -- the ring --------------------------------------------------------------------

  /** The sound is proven: say so to the hub and on the page. */
  heard() {
    this.kt.answerHere();
    this.draw();
  }

  async proveSound() {
    await this.test.start();
    this.draw();
  }

  ring(orders, wants, classes) {
    const loud = orders.some((order) => order.ring === "loud");
    this.sound.play(new Set([...orders.map((order) => order.id), ...wants.map((want) => want.id), ...classes]), loud);
    document.body.dataset.ringing = String(orders.length > 0);
    document.body.dataset.sounding = orders.length ? (loud ? "loud" : "order") : wants.length ? "want" : classes.length ? "class" : "";
    const what = orders.length ? (loud ? "shop.ringing_loud" : "shop.ringing") : wants.length ? "shop.ringing_want" : classes.length ? this.classes.what : null;
    this.bar.draw(what, orders.length + wants.length ? "#" : "#toko");
    const shout = orders.length && document.title === this.title;
    document.title = shout ? `(!) ${word("shop.ringing")}` : this.title;
  }

  // -- what is seen ------------------------------------------------------------------

  /** Something other than time changed. */
  changed() {
    this.stale = true;
    this.draw();
  }

  draw() {
    if (!this.built) return;
    const { code, public: line } = this.kt.state;
    const refused = code >= NOT_ALLOWED;
    const inside = this.orders !== null && !refused;
    if (refused) this.refused();
    document.body.dataset.state = inside ? line : refused ? "signed_out" : "loading";
    document.body.dataset.audible = String(this.sound.audible);
    show($("#band"), Boolean(this.kt.config && this.kt.config.demo));
    show($("#desk"), inside);
    show($("#tabs"), inside);
    const now = this.kt.now();
    const deaf = this.drawDeaf(inside, line);
    drawTop({ shop: this.desk.shop, inside, line, deaf, now, busy: this.acts.busy("pause") });
    const orders = inside ? this.desk.ringing : [];
    const wants = inside ? this.desk.wantsRinging(now) : [];
    if (inside) this.work.draw({ now, ringing: new Set(wants.map((want) => want.id)), synced: this.orders.synced });
    this.wake.lead();
    if (inside && this.stale) this.drawPanels(now);
    this.ring(orders, wants, inside ? this.classes.ringing(now) : []);
  }

  drawDeaf(inside, line) {
    const { shop } = this.desk;
    const mine = shop && (shop.sellers || []).find((seller) => seller.person === this.kt.person);
    this.wake.draw(Boolean(mine && mine.reachable && this.sound.audible));
    const facts = { live: line === "live" && navigator.onLine !== false, tested_at: this.sound.tested_at, unlocked: this.sound.unlocked, reachable: Boolean(mine && mine.reachable) };
    return this.deaf.draw(inside && shop && $("#test").hidden ? facts : null, Date.now());
  }

  drawPanels(now) {
    this.stale = false;
    this.products.draw();
    this.place.draw(now);
    this.classes.draw(now);
    this.day.draw(this.desk.shop, [...this.desk.orders.values()], now);
  }

  listen() {
    for (const list of [$("#open"), $("#wants"), $("#classes")]) {
      const touched = (event) => {
        const card = event.target.closest(".card");
        if (card) this.touch(card.dataset.touch || card.dataset.id);
      };
      list.addEventListener("pointerdown", touched);
      list.addEventListener("click", touched);
    }
    $("#test-again").addEventListener("click", () => this.proveSound());
    for (const button of [$("#mend"), $("#resume")]) button.addEventListener("click", () => this.place.resume());
    // Any tap wakes the sound of a page that was loaded again.
    document.addEventListener("click", () => this.sound.unlocked || this.sound.unlock().then(() => this.heard()), true);
    document.addEventListener("visibilitychange", () => this.draw());
    setInterval(() => this.tick(), TICK_MS);
  }

  tick() {
    const minute = Math.floor(Date.now() / 60000);
    if (minute !== this.minute) this.stale = true; // Clock times in the panels.
    this.minute = minute;
    this.draw();
  }
}

async function main() {
  await loadWords();
  fillWords();
  offerTongues($("#tongues"));
  offerSun($("#sun"));
  const config = await loadConfig(window.location.origin);
  const page = new ShopPage(config);
  page.start();
  sayFlight(page.kt);
  keepForFlight("/shop");
}

main();
