// A tap on its way to the hub: what is shown of it until the hub has answered.
//
//   const taps = new Taps(kt, draw);
//   await taps.run(queue.id, "ticket.call", {stop, service});
//   taps.of(queue.id)  // {pending: null | "sending" | "unsure" | "sent", cmd, data, reply}
//
// One tap per key at a time. "sent" is said between the hub's yes and the change
// that it made: nothing is drawn as done before. A tap that stayed without an
// answer goes out with the same id when it is made again, so it counts once.

import { newId } from "/client/kentongan.js";

const SETTLE_MS = 4000; // the change may have come folded into another one
const DEADLINE_MS = 60000; // it is sent again for so long; then the crew is asked to tap again
const READ_MS = 6000; // a refusal stands at least so long: the change that explains it often comes just behind it
const IDLE = { pending: null, cmd: null, data: null, reply: null };

export class Taps {
  constructor(kt, onChange, now = () => performance.now()) {
    this.kt = kt;
    this.onChange = onChange;
    this.now = now;
    this._taps = new Map();
    this._unsure = new Map(); // key -> {content, id}
    this._seen = new Set(); // keys whose change came before the hub's yes
  }

  of(key) { return this._taps.get(key) || IDLE; }

  busy(key) { return this.of(key).pending !== null; }

  async run(key, cmd, data) {
    if (this.busy(key)) return;
    const content = JSON.stringify([cmd, data]);
    const before = this._unsure.get(key);
    const id = before && before.content === content ? before.id : newId();
    this._unsure.delete(key);
    this._seen.delete(key);
    const tap = { cmd, data, reply: null };
    this._say(key, { ...tap, pending: "sending" });
    const reply = await this.kt.call(cmd, data, { id, deadline_ms: DEADLINE_MS, onTry: () => this._say(key, { ...tap, pending: "unsure" }) });
    if (reply.retry) this._unsure.set(key, { content, id });
    this._say(key, { ...tap, reply, pending: reply.ok ? "sent" : null, stands_until: reply.ok ? 0 : this.now() + READ_MS });
    if (reply.ok && this._seen.has(key)) this.settle(key);
    else if (reply.ok) setTimeout(() => this.of(key).reply === reply && this.settle(key), SETTLE_MS);
  }

  /** A change of the kind that was asked for is here; the hub's yes may still be on its way. */
  see(key) {
    this._seen.add(key);
    this.settle(key);
  }

  /** What was tapped has moved on: a yes needs no more words, and an old refusal is over. */
  settle(key) {
    const { pending, stands_until } = this.of(key);
    if (pending === "sending" || pending === "unsure" || stands_until > this.now()) return;
    if (this._taps.delete(key)) this.onChange();
  }

  _say(key, tap) {
    this._taps.set(key, tap);
    this.onChange();
  }
}
