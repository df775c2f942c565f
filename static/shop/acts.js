// A tap on its way to the hub: what is drawn of it until the hub has answered.
//
//   const acts = new Acts(kt, draw);
//   const reply = await acts.run(order.id, "order.accept", {order, prep_min});
//   acts.of(order.id)   // {pending: null | "sending" | "unsure" | "sent", error: null | text, reply}
//
// One act per key at a time. "sent" is said between the hub's yes and the change
// that it made; nothing is drawn as done before. An act that stayed without an
// answer is repeated with the same id when it is tapped again.

import { newId } from "/client/kentongan.js";
import { refusalText } from "/static/shop/refusals.js";

const SETTLE_MS = 2000;
const IDLE = { pending: null, error: null, reply: null };

export class Acts {
  constructor(kt, onChange) {
    this.kt = kt;
    this.onChange = onChange;
    this._acts = new Map();
    this._unsure = new Map(); // key -> {content, id}
  }

  of(key) { return this._acts.get(key) || IDLE; }

  busy(key) { return this.of(key).pending !== null; }

  clear(key) {
    if (!this.busy(key)) this._acts.delete(key);
  }

  async run(key, cmd, data) {
    if (this.busy(key)) return { ok: false, code: "busy", message: "under way", retry: true };
    const content = JSON.stringify([cmd, data]);
    const before = this._unsure.get(key);
    const id = before && before.content === content ? before.id : newId();
    this._unsure.delete(key);
    this._say(key, { ...IDLE, pending: "sending" });
    const reply = await this.kt.call(cmd, data, { id, onTry: (answer) => this._say(key, { ...IDLE, pending: "unsure", reply: answer }) });
    if (reply.retry) this._unsure.set(key, { content, id });
    this._say(key, reply.ok ? { ...IDLE, pending: "sent", reply } : { ...IDLE, error: refusalText(reply), reply });
    if (reply.ok) setTimeout(() => this.settle(key), SETTLE_MS);
    return reply;
  }

  /** The change of what was acted on is here. */
  settle(key) {
    if (this.of(key).pending !== "sent") return;
    this._acts.delete(key);
    this.onChange();
  }

  _say(key, state) {
    this._acts.set(key, state);
    this.onChange();
  }
}
