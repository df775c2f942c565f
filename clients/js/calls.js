// Commands on their way: the same id is given again, through whichever door is
// up, until a final answer or the deadline. A door is `{send(command) -> ref or
// null, post(command) -> Promise<reply>}`: its socket when up, else HTTP.

import { UNSENT } from "./http.js";

const REPLY_PATIENCE_MS = 3000; // the hub answers within 2 s
const LATE_REFUSAL_MS = 400;
const FIRST_RETRY_MS = 400;
const LAST_RETRY_MS = 5000;

export class Calls {
  constructor(env) {
    this.env = env;
    this._open = new Map(); // id -> call
  }

  /**
   * Run a command until it is decided.
   *
   * `doors(attempt, last)` names the doors to go through at once. Resolves with the
   * first `ok` reply; with a final refusal when every door has answered or 0.4 s
   * have passed; at `deadline_ms` with the last retryable answer, and never
   * rejects. A second run with an id that is under way replaces its data and
   * deadline (`confirmed`) and shares its answer.
   */
  run({ id, cmd, data, acted_at, deadline_ms, doors, onTry }) {
    const known = this._open.get(id);
    const until = this.env.now() + deadline_ms;
    if (known) {
      Object.assign(known, { data, until: Math.max(known.until, until) });
      this._attempt(known);
      return known.promise;
    }
    const call = { id, cmd, data, acted_at, until, doors, onTry, attempt: 0, refs: new Map(), waiting: 0, last: null };
    call.promise = new Promise((resolve) => { call.resolve = resolve; });
    this._open.set(id, call);
    this._attempt(call);
    return call.promise;
  }

  /** Give up on a command that was never answered (the page's outbox keeps it). */
  drop(id) {
    const call = this._open.get(id);
    if (call) this._finish(call, call.last || unsent());
  }

  /** A door is live again: what waits for its next attempt goes now. */
  wake() {
    for (const call of [...this._open.values()]) if (call.resting) this._attempt(call);
  }

  receiveReply(link, frame) {
    for (const call of this._open.values()) {
      const sent = call.refs.get(link);
      if (!sent || sent.ref !== frame.ref) continue;
      call.refs.delete(link);
      return this._answer(call, frame, sent.turn);
    }
    return undefined;
  }

  linkLost(link) {
    for (const call of [...this._open.values()]) {
      const sent = call.refs.get(link);
      if (!call.refs.delete(link)) continue;
      this._answer(call, { ok: false, code: "unconfirmed", message: "connection lost", retry: true }, sent.turn);
    }
  }

  _attempt(call) {
    this.env.clearTimeout(call.timer);
    if (this.env.now() >= call.until) return this._finish(call, call.last || unsent());
    call.resting = false;
    const command = { id: call.id, cmd: call.cmd, data: call.data };
    command.age_ms = Math.max(0, this.env.now() - call.acted_at);
    const turn = (call.turn = {});
    call.waiting = 0;
    call.refused = null;
    for (const door of call.doors(call.attempt, call.last)) {
      call.waiting += 1;
      const ref = door.link ? door.link.sendCall(command) : null;
      if (ref !== null) {
        call.refs.set(door.link, { ref, turn });
        continue;
      }
      door.post(command).then((reply) => this._answer(call, reply, turn));
    }
    call.attempt += 1;
    call.timer = this.env.setTimeout(() => this._silence(call), REPLY_PATIENCE_MS);
    return undefined;
  }

  _answer(call, reply, turn) {
    if (this._open.get(call.id) !== call) return;
    if (reply.ok) { this._finish(call, reply); return; }
    if (call.turn !== turn) return;
    call.waiting -= 1;
    if (!reply.retry) {
      call.refused = reply;
      if (call.waiting <= 0) { this._finish(call, reply); return; }
      this.env.clearTimeout(call.timer);
      call.timer = this.env.setTimeout(() => this._finish(call, reply), LATE_REFUSAL_MS);
      return;
    }
    call.last = worse(call.last, reply);
    if (call.onTry) call.onTry(call.last);
    if (call.waiting > 0) return;
    if (call.refused) this._finish(call, call.refused);
    else this._rest(call, reply);
  }

  _silence(call) {
    call.last = worse(call.last, { ok: false, code: "unconfirmed", message: "no answer", retry: true });
    if (call.onTry) call.onTry(call.last);
    this._attempt(call);
  }

  _rest(call, reply) {
    const asked = reply.data && reply.data.after_ms;
    const doubled = Math.min(LAST_RETRY_MS, FIRST_RETRY_MS * 2 ** Math.min(call.attempt, 8));
    const rest_ms = asked || doubled * (0.5 + this.env.random() / 2);
    call.resting = !asked;
    this.env.clearTimeout(call.timer);
    const left = Math.max(0, call.until - this.env.now());
    call.timer = this.env.setTimeout(() => this._attempt(call), Math.min(rest_ms, left));
  }

  _finish(call, reply) {
    if (this._open.get(call.id) !== call) return;
    this._open.delete(call.id);
    this.env.clearTimeout(call.timer);
    call.turn = null;
    call.resolve(reply);
  }
}

const unsent = () => ({ ok: false, code: UNSENT, message: "never sent", retry: true });

/** "It may have happened" outweighs "it did not". */
function worse(a, b) {
  return a && a.code === "unconfirmed" && b.code !== "unconfirmed" ? { ...a, latest: b.code } : b;
}
