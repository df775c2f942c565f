// One socket to one hub: hello, joins with resume, calls, beats, and coming back.
//
// A link is closed until `open()`; then it keeps itself up until `close()`, or
// until the hub says that these credentials may not return (4500-4999).
// Whatever is joined is joined again with `since` on every new socket. A call
// is sent once per `sendCall`; repeating it is the business of `calls.js`.

import { Table } from "./table.js";
import { SIGNED_OUT, backoff, mayReturn } from "./closing.js";

export const SUBPROTOCOL = "kentongan.v1.json";
const HELLO_PATIENCE_MS = 8000;
const MAX_WAITING_FRAMES = 64;

export class Link {
  /**
   * `env`: {WebSocket, now, setTimeout, clearTimeout, random}. `hooks`:
   * prepare() before each attempt -> Promise<{url, token?} | null (try later)>;
   * here() -> {visible, audible, tested_at?}; onState(link), onWelcome(frame),
   * onReply(frame), onBeat(frame), onLost() when a socket is gone.
   */
  constructor(name, env, hooks) {
    this.name = name;
    this.env = env;
    this.hooks = hooks;
    this.state = "closed"; // closed | connecting | live | waiting | stopped
    this.code = null;
    this.attempt = 0;
    this.topics = new Map(); // topic -> {table, ref, notify}
    this._refs = 0;
    this._socket = null;
    this._timer = null;
    this._after_ms = null;
    this._beat_s = 10;
  }

  get live() { return this.state === "live"; }

  open() {
    if (this.state === "closed" || this.state === "stopped") this._connect();
  }

  close() {
    this._quit();
    this._to("closed");
  }

  /** There are other credentials than those of an attempt that runs: its refusal would say nothing of these. */
  renew() {
    if (this.state === "connecting") this._connect();
  }

  /** The network or the page is back: do not wait for the timer. */
  wake() {
    if (this.state !== "waiting") return;
    this.attempt = 0;
    this._later(() => this._connect(), this.env.random() * 250);
  }

  async _connect() {
    this._quit();
    this._to("connecting");
    const turn = (this._turn = {});
    const door = await this.hooks.prepare();
    if (this._turn !== turn || this.state !== "connecting") return;
    if (!door) return this._retry();
    let socket;
    try {
      socket = new this.env.WebSocket(door.url, [SUBPROTOCOL]);
    } catch (error) {
      return this._retry();
    }
    this._socket = socket;
    socket.onopen = () => {
      const hello = { t: "hello", client: "kentongan.js/1" };
      if (door.token) hello.token = door.token;
      socket.send(JSON.stringify(hello));
    };
    socket.onmessage = (event) => {
      if (this._socket === socket) this._receive(event.data);
    };
    socket.onclose = (event) => {
      if (this._socket === socket) this._lost(event.code);
    };
    this._watch(HELLO_PATIENCE_MS);
  }

  /** Silence longer than `patience_ms` means that the line is dead, whatever the socket says. */
  _watch(patience_ms) {
    this._later(() => this._lost(4001), patience_ms);
  }

  _receive(text) {
    let frame;
    try { frame = JSON.parse(text); } catch (error) { return; }
    this._watch(this.state === "live" ? this._beat_s * 2500 + 2000 : HELLO_PATIENCE_MS);
    switch (frame.t) {
      case "welcome": return this._welcome(frame);
      case "beat": return this._beat(frame);
      case "reply": return this._reply(frame);
      case "bye":
        this._after_ms = frame.after_ms === undefined ? null : frame.after_ms;
        return undefined;
      case "state": case "resumed": case "change": case "folded": case "moved":
        return this._table(frame);
      default: return undefined;
    }
  }

  _welcome(frame) {
    this._beat_s = frame.beat_s || this._beat_s;
    this._to("live");
    this.hooks.onWelcome(frame, this);
    for (const entry of this.topics.values()) this._join(entry);
  }

  _beat(frame) {
    this.attempt = 0;
    this.answerHere();
    for (const [topic, head] of Object.entries(frame.heads || {})) {
      const entry = this.topics.get(topic);
      // The beat queued behind all that waited: what is missing now is lost.
      if (entry && !entry.table.joining && entry.table.offset < head) this._join(entry);
    }
    this.hooks.onBeat(frame, this);
  }

  answerHere() {
    this.send({ t: "here", ...this.hooks.here() });
  }

  // -- topics ------------------------------------------------------------------

  join(topic, notify) {
    const entry = { table: new Table(topic), ref: null, notify, refused: null };
    this.topics.set(topic, entry);
    if (this.live) this._join(entry);
    return entry.table;
  }

  leave(topic) {
    if (this.topics.delete(topic)) this.send({ t: "leave", ref: this._ref(), topic });
  }

  _ref() {
    this._refs += 1;
    return this._refs;
  }

  _join(entry) {
    entry.ref = this._ref();
    const since = entry.table.since;
    entry.table.joinSent();
    const frame = { t: "join", ref: entry.ref, topic: entry.table.topic };
    if (since) frame.since = since;
    this.send(frame);
  }

  _table(frame) {
    const entry = this.topics.get(frame.topic);
    if (!entry) return;
    const answer = frame.t === "state" || frame.t === "resumed";
    if (answer && frame.ref !== entry.ref) return;
    const { did, changes } = entry.table.receive(frame);
    if (did === "applied" || changes.length) entry.notify({ table: entry.table, changes, live: !answer });
    if (did === "moved") entry.notify({ table: entry.table, changes, moved: frame.id, live: true });
    if (did === "hole") this._join(entry);
  }

  _reply(frame) {
    if (!frame.ok) {
      for (const entry of this.topics.values()) {
        if (entry.ref === null || entry.ref !== frame.ref) continue;
        entry.ref = null;
        entry.table.connectionLost();
        if (frame.retry) this.env.setTimeout(() => this._again(entry), 1000);
        else entry.notify({ table: entry.table, changes: [], refused: frame });
        return;
      }
    }
    this.hooks.onReply(frame, this);
  }

  _again(entry) {
    if (this.live && this.topics.get(entry.table.topic) === entry) this._join(entry);
  }

  // -- sending -----------------------------------------------------------------

  /** Give a call to the socket. Returns its ref, or null when the link is not live. */
  sendCall(command) {
    if (!this.live) return null;
    const ref = this._ref();
    return this.send({ t: "call", ref, ...command }) ? ref : null;
  }

  /** True when the socket took it; false loses it (the caller knows what that means). */
  send(frame) {
    if (!this.live || this._socket.readyState !== 1) return false;
    if (frame.t === "tell" && this._socket.bufferedAmount > MAX_WAITING_FRAMES * 1024) return false;
    this._socket.send(JSON.stringify(frame));
    return true;
  }

  // -- coming and going ----------------------------------------------------------

  _to(state) {
    if (this.state === state) return;
    this.state = state;
    this.hooks.onState(this);
  }

  _later(act, delay_ms) {
    this.env.clearTimeout(this._timer);
    this._timer = this.env.setTimeout(act, delay_ms);
  }

  _quit() {
    this.env.clearTimeout(this._timer);
    this._turn = null;
    const socket = this._socket;
    this._socket = null;
    if (!socket) return;
    socket.onopen = socket.onmessage = socket.onclose = null;
    try { socket.close(1000); } catch (error) { /* It was never open. */ }
    for (const entry of this.topics.values()) entry.table.connectionLost();
    this.hooks.onLost(this);
  }

  _lost(code) {
    this._quit();
    this.code = code;
    if (mayReturn(code)) return this._retry();
    this._to("stopped");
    return code === SIGNED_OUT ? this.hooks.onSignedOut(this) : undefined;
  }

  _retry() {
    const jitter = backoff(this.attempt, this.env.random());
    const delay_ms = this._after_ms === null ? jitter : this._after_ms;
    this.attempt += 1;
    this._after_ms = null;
    this._to("waiting");
    this._later(() => this._connect(), delay_ms);
  }
}
