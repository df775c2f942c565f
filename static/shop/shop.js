// The shop's page: orders ring until they are touched and are answered in one tap.

import { loadConfig } from "/client/http.js";
import { connect } from "/client/kentongan.js";
import { $, keyed, put, show } from "/static/shared/dom.js";
import { Ring } from "/static/shared/ring.js";
import { fillWords, loadWords, word } from "/static/shared/words.js";
import { Desk } from "/static/shop/desk.js";
import { Door, codeOfLink, onGo } from "/static/shop/door.js";
import { makeCard, refusalText, updateCard } from "/static/shop/orders.js";
import { Receipts } from "/static/shop/receipts.js";
import { RingTest } from "/static/shop/ring-test.js";
import { WakeLock } from "/static/shop/wake-lock.js";

const NOT_ALLOWED = 4500; // close codes from here on: not with these credentials
const AGES_MS = 10000;
const BLINK_MS = 1000;

class ShopPage {
  constructor(config) {
    this.desk = new Desk();
    this.ring = new Ring("order");
    this.wakeLock = new WakeLock();
    this.kt = connect({
      as: "seller",
      config,
      here: () => this.ring.state(),
      onState: () => this.draw(),
      onWelcome: (frame) => this.welcome(frame),
    });
    this.receipts = new Receipts((cmd, data) => this.kt.call(cmd, data));
    this.door = new Door($("#door"), "shop", { onTap: () => this.ring.unlock(), onIn: () => this.enter() });
    this.test = new RingTest($("#test"), this.ring, { onPassed: () => this.heard() });
    this.orders = null;
    this.title = document.title;
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
    this.ring.passed(tested_at);
    this.ring.unlock().then(() => this.heard());
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
    const topic = `shop/${shop}`;
    if (!this.orders || this.orders.topic !== topic) {
      if (this.orders) this.orders.leave();
      this.orders = this.kt.join(topic, { onChange: (changes) => this.receive(changes) });
    }
    this.draw();
  }

  // -- orders --------------------------------------------------------------------

  receive(changes) {
    for (const order of this.desk.receive(changes)) this.receipts.received(order);
    this.draw();
    this.receipts.drawn(this.desk.open);
  }

  touch(id) {
    if (!this.desk.touch(id)) return;
    this.ring.touched();
    this.receipts.seen(this.desk.order(id));
    this.draw();
  }

  async act(cmd, order, data) {
    this.touch(order.id);
    this.desk.say(order.id, { pending: { unsure: false }, error: null });
    this.draw();
    const onTry = () => {
      if (!this.desk.note(order.id).pending) return;
      this.desk.say(order.id, { pending: { unsure: true } });
      this.draw();
    };
    const reply = await this.kt.call(cmd, { order: order.id, ...data }, { onTry });
    // After `ok` the card waits for its change; that clears what was said.
    if (!reply.ok) this.desk.say(order.id, { pending: null, rejecting: false, error: refusalText(reply) });
    this.draw();
  }

  choose(order, rejecting) {
    this.desk.say(order.id, { rejecting });
    this.draw();
  }

  // -- the ring --------------------------------------------------------------------

  /** The sound is proven: say so to the hub and on the page. */
  heard() {
    this.kt.answerHere();
    this.draw();
  }

  sound() {
    const ringing = this.desk.ringing;
    const ids = new Set(ringing.map((order) => order.id));
    for (const id of this.sounding || []) if (!ids.has(id)) this.ring.stop(id);
    for (const id of ids) this.ring.start(id);
    this.sounding = ids;
    document.body.dataset.ringing = String(ids.size > 0);
  }

  blink() {
    const shout = this.desk.ringing.length && document.title === this.title;
    document.title = shout ? `● ${word("shop.ringing")}` : this.title;
  }

  // -- what is seen ------------------------------------------------------------------

  draw() {
    const { code, public: line } = this.kt.state;
    const refused = code >= NOT_ALLOWED;
    const inside = this.orders !== null && !refused;
    if (refused) this.refused();
    document.body.dataset.state = inside ? line : refused ? "signed_out" : "loading";
    show($("#band"), Boolean(this.kt.config && this.kt.config.demo));
    show($("#desk"), inside);
    this.drawLine(line, inside);
    this.drawShop();
    if (inside) this.drawOrders();
    this.sound();
  }

  drawLine(line, inside) {
    const lost = inside && line !== "live" && line !== "connecting";
    put($("#line"), inside ? word(lost ? "shop.offline" : line === "live" ? "shop.online" : "shop.connecting") : "");
    $("#line").classList.toggle("lost", lost);
    const deaf = inside && !this.ring.audible && $("#test").hidden;
    show($("#deaf"), deaf);
    show($("#test-again"), !deaf);
    document.body.dataset.audible = String(this.ring.audible);
  }

  drawShop() {
    const { shop } = this.desk;
    const pill = $("#shop-state");
    show(pill, shop !== null);
    if (!shop) return;
    put($("#shop-name"), shop.name);
    put(pill, word(`shop.shop_${shop.state}`));
    Object.assign(pill.dataset, { id: shop.id, state: shop.state });
  }

  drawOrders() {
    const { open, past, ringing } = this.desk;
    const tools = {
      act: (cmd, order, data) => this.act(cmd, order, data),
      choose: (order, rejecting) => this.choose(order, rejecting),
      now: this.kt.now(),
    };
    const update = (card, order) => updateCard(card, order, this.desk.note(order.id), tools);
    keyed($("#open"), open, (order) => order.id, makeCard, update);
    keyed($("#closed"), past, (order) => order.id, makeCard, update);
    show($("#empty"), !open.length && this.orders.synced);
    show($("#past"), past.length > 0);
    show($("#hush"), ringing.length > 0);
  }

  listen() {
    const touched = (event) => {
      const card = event.target.closest("#open .card");
      if (card) this.touch(card.dataset.id);
    };
    $("#open").addEventListener("pointerdown", touched);
    $("#open").addEventListener("click", touched);
    $("#hush").addEventListener("click", () => this.desk.ringing.forEach((order) => this.touch(order.id)));
    for (const button of [$("#deaf-test"), $("#test-again")]) button.addEventListener("click", () => this.proveSound());
    // Any tap wakes the sound of a page that was loaded again.
    document.addEventListener("click", () => this.ring.unlocked || this.ring.unlock().then(() => this.heard()), true);
    document.addEventListener("visibilitychange", () => this.receipts.drawn(this.desk.open));
    this.ring.onAudible = (id) => this.receipts.audible(this.desk.order(id));
    this.ring.onBlocked = () => this.draw();
    setInterval(() => this.draw(), AGES_MS);
    setInterval(() => this.blink(), BLINK_MS);
  }

  async proveSound() {
    await this.test.start();
    this.draw();
  }
}

async function main() {
  await loadWords();
  fillWords();
  const config = await loadConfig(window.location.origin);
  new ShopPage(config).start();
}

main();
