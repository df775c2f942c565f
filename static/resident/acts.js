// Orders, wants, tickets and reminders on their way. Each is kept on this device with its id until
// the hub has decided, so that a page that was closed asks on with the same id.
//
// A record: {key, id, cmd, data, acted_at, since, state, code?, reply?, label, href}
//   key    where it stands on the page: one act a key at a time
//   state  sending    on its way, sent again and again for 120 s; `code` says what was heard
//                     (`unsent`, `unavailable`: BELUM terkirim; `unconfirmed`: belum dipastikan)
//          asking     120 s are over: the person is asked whether it is still wanted
//          refused    `reply` says why; stays until the person has another go
//          done       `reply.data`; told once, then forgotten

import { newId } from "/client/http.js";
import { storage } from "./device.js";

const KEPT = "kt.acts";
const RESEND_MS = 120000;
const CALL_MS = 30000;
const KEPT_MS = 86400000;

export class Acts {
  /** `onChange(record)` after every change; a record that is gone comes with state "forgotten". `kept`: its place on this device. */
  constructor(app, onChange, kept = KEPT) {
    Object.assign(this, { app, onChange, kept });
    this.records = new Map(); // key -> record
    for (const record of storage.get(this.kept) || []) if (Date.now() - record.acted_at < KEPT_MS) this.records.set(record.key, record);
  }

  /** Take up what the last visit left. */
  resume() {
    for (const record of this.records.values()) if (record.state === "sending") this._send(record);
  }

  of(key) { return this.records.get(key) || null; }

  /** A new act with a new id. While one with this key is on its way, that one stays. */
  run({ key, cmd, data, label, href }) {
    const known = this.of(key);
    if (known && (known.state === "sending" || known.state === "asking")) return known;
    const now = Date.now();
    const record = { key, id: newId(), cmd, data, acted_at: now, since: now, state: "sending", code: null, label, href };
    this.records.set(key, record);
    this._changed(record);
    this._send(record);
    return record;
  }

  /** Still wanted: the same id once more. */
  again(record) {
    Object.assign(record, { state: "sending", since: Date.now() });
    this._changed(record);
    this._send(record);
  }

  /** No longer wanted, or read: it is not asked for any more. */
  forget(record) {
    if (this.records.get(record.key) !== record) return;
    this.records.delete(record.key);
    record.state = "forgotten";
    this.app.kt.calls.drop(record.id);
    this._changed(record);
  }

  async _send(record) {
    const { id, cmd, data, acted_at } = record;
    const onTry = (reply) => this._heard(record, reply.code);
    while (this._sending(record)) {
      const left_ms = record.since + RESEND_MS - Date.now();
      if (left_ms <= 0) break;
      const reply = await this.app.kt.call(cmd, data, { id, acted_at, deadline_ms: Math.min(CALL_MS, left_ms), onTry });
      if (!this._sending(record)) return;
      if (reply.ok || !reply.retry) return void this._decided(record, reply);
      this._heard(record, reply.code);
    }
    if (!this._sending(record)) return;
    record.state = "asking";
    this._changed(record);
  }

  _sending(record) { return this.records.get(record.key) === record && record.state === "sending"; }

  /** "It may have arrived" outweighs a later "it did not". */
  _heard(record, code) {
    const said = record.code === "unconfirmed" || code === "unconfirmed" ? "unconfirmed" : code;
    if (record.code === said || !this._sending(record)) return;
    record.code = said;
    this._changed(record);
  }

  _decided(record, reply) {
    Object.assign(record, { state: reply.ok ? "done" : "refused", reply, code: reply.ok ? null : reply.code });
    this._changed(record);
    if (reply.ok) this.forget(record);
  }

  _changed(record) {
    storage.set(this.kept, [...this.records.values()].filter(({ state }) => state !== "done"));
    this.onChange(record);
  }
}

/** Which word says how far a record is: "sending", "unsent", "unconfirmed", "refused". */
export function standing({ state, code }) {
  if (state === "refused") return "refused";
  if (code === "unconfirmed") return "unconfirmed";
  return code || state === "asking" ? "unsent" : "sending";
}
