// A tap on its way to the hub, and what the person reads until it is decided.
//
//   const acts = new Acts(kt, "medic");
//   acts.run("medic.accept", {request}, {key: `accept:${request}`, onText});
//
// One act per key at a time: a second tap while the first is under way is the
// first. The words stay until the next act with that key.

import { word, words } from "/static/shared/words.js";

export class Acts {
  constructor(kt, section) {
    this.kt = kt;
    this.section = section;
    this._open = new Map();
  }

  busy(key) { return this._open.has(key); }

  /** Run a command; `onText(text, state)` hears "sending", "doubt", "refused" and "done". */
  run(cmd, data, { key = cmd, onText = () => {} } = {}) {
    if (this._open.has(key)) return this._open.get(key);
    const running = this._decided(cmd, data, key, onText);
    this._open.set(key, running);
    onText(this._say("sending"), "sending"); // Whoever draws now sees that it is under way.
    return running;
  }

  async _decided(cmd, data, key, onText) {
    const onTry = (reply) => onText(this._doubt(reply), "doubt");
    const reply = await this.kt.call(cmd, data, { onTry });
    this._open.delete(key);
    if (reply.ok) onText("", "done");
    else onText(reply.retry ? this._doubt(reply) : this.refusal(reply), "refused");
    return reply;
  }

  _say(name, values) { return word(`${this.section}.${name}`, values); }

  /** "Not sent" is certain; "unconfirmed" is not. Neither is ever called done. */
  _doubt(reply) { return this._say(reply.code === "unconfirmed" ? "unconfirmed" : "not_sent"); }

  /** The hub's own sentence is for developers, and in English: a person reads what its code means here. */
  refusal({ code, data }) {
    if (code === "taken" && data && data.winner) return this._say("refused_taken", { name: data.winner.name });
    const known = code !== "taken" && words(`${this.section}.refused_${code}`) !== undefined;
    return this._say(known ? `refused_${code}` : "refused");
  }
}
