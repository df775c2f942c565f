// A phone that is woken while its page sleeps (hub/PROTOCOL.md, section 9).
//
//   const waking = new Waking("/medic", { page: "medic", as: "medic", said, onState, onLook });
//   await waking.check()    // signed in, or told that the hub forgot this phone: what stands, renewed if need be
//   await waking.start()    // inside a tap: the browser asks the person
//   waking.state            // "unable" | "off" | "asking" | "on" | "denied" | "failed"
//
// `said()` gives the notification's words by kind, in the page's language: {offer: {title, body}}; the worker has no
// words of its own. `onLook(id, kind)`: a notification was tapped. `opens`: by kind, where a tap leads when the page is
// not open, as in "#mobil"; else the page is opened with the id and hears of it by `onLook`.

import { ask } from "/client/http.js";

const HASH = /^#lihat=([\w.:-]+)$/;

export class Waking {
  constructor(address, { page, as, said, onState, onLook, opens = {} }) {
    Object.assign(this, { address, page, as, said, onState, onLook, opens });
    const known = "serviceWorker" in navigator && "PushManager" in window && "Notification" in window;
    // A frame of the demo is no page of its own.
    this.state = known && window.parent === window ? "off" : "unable";
    if (this.state === "unable") return;
    navigator.serviceWorker.addEventListener("message", ({ data }) => { if (data && data.kt === "look") onLook(data.id, data.kind); });
    const found = HASH.exec(location.hash);
    if (!found) return;
    history.replaceState(null, "", location.pathname + location.search);
    onLook(found[1]);
  }

  _is(state) {
    this.state = state;
    this.onState(state);
  }

  async start() {
    if (this.state === "unable" || this.state === "asking") return;
    this._is("asking");
    try {
      const allowed = await Notification.requestPermission();
      if (allowed !== "granted") this._is(allowed === "denied" ? "denied" : "off");
      else this._is((await this._subscribe(false)) ? "on" : "failed");
    } catch (error) {
      this._is("failed"); // The browser has no push service, or it is out of reach.
    }
  }

  async check() {
    if (this.state === "unable" || this.state === "asking") return;
    if (Notification.permission !== "granted") {
      this._is(Notification.permission === "denied" ? "denied" : "off");
      return;
    }
    try {
      const registration = await navigator.serviceWorker.getRegistration(this.address);
      const ours = registration && new URL(registration.scope).pathname === this.address;
      if (ours && (await registration.pushManager.getSubscription())) this._is((await this._subscribe(true)) ? "on" : "failed");
      else this._is("off");
    } catch (error) {
      this._is("failed");
    }
  }

  /** Have the hub know this device. What the hub has forgotten (its push service said: gone) is made anew. */
  async _subscribe(before) {
    const { status, body } = await ask(`/v1/push?as=${this.as}`);
    if (status !== 200) return before && this.state === "on";
    await this._keepWords();
    const registration = await this._registration();
    let one = await registration.pushManager.getSubscription();
    if (one && body.mine && keyOf(one) === body.key) return true;
    if (one) await one.unsubscribe();
    one = await registration.pushManager.subscribe({ userVisibleOnly: true, applicationServerKey: body.key });
    return (await ask(`/v1/push/subscriptions?as=${this.as}`, { method: "POST", body: one.toJSON() })).status === 201;
  }

  async _keepWords() {
    const kept = await caches.open(`said-${this.page}`);
    const told = { as: this.as, words: this.said(), opens: this.opens };
    await kept.put("/said", new Response(JSON.stringify(told), { headers: { "Content-Type": "application/json" } }));
  }

  async _registration() {
    const registration = await navigator.serviceWorker.register(`${this.address.replace(/\/$/, "")}/sw.js`, { scope: this.address });
    const worker = registration.installing || registration.waiting;
    if (registration.active || !worker) return registration;
    await new Promise((done) => {
      worker.addEventListener("statechange", () => { if (["activated", "redundant"].includes(worker.state)) done(); });
    });
    return registration;
  }
}

function keyOf(one) {
  const key = one.options && one.options.applicationServerKey;
  if (!key) return "";
  return btoa(String.fromCharCode(...new Uint8Array(key))).replace(/\+/g, "-").replace(/\//g, "_").replace(/=+$/, "");
}
