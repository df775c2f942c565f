// The life of this device's calls: kept before they are sent, sent until they
// are decided, followed until they have ended.
//
// Theory: a record (outbox.js) is written first, then the command goes out with
// the record's id, again and again with the same id. What the page says is
// worked out from record and view in situation.js; nothing here draws. A call that
// lies in another city of this hub is followed there (`record.city`), by this host.

import { forget, keep, kept } from "./outbox.js";
import { AGAIN_MS, RESEND_MS, isEnded, isHeld } from "./situation.js";
import { newRecord, sendBare } from "./tap.js";

const FORGET_ENDED_MS = 3600000;
const SETTLED_MS = 4000; // a command is decided 2 s after it left; then a table shows it or it never came

/** What a try came to. That a call may have been taken outlives later tries and a reload. */
function heard(record, code) {
  return { code, maybe: Boolean(record.maybe) || code === "unconfirmed" };
}

export class Calling {
  /**
   * `device`: the device's secret. `config()`: the last config or null.
   * `place`: place.js. `onChange(record)`: something to draw.
   */
  constructor({ device, config, place, onChange }) {
    Object.assign(this, { device, config, place, onChange });
    this.records = [];
    this.kt = null;
    this._topic = null;
    this._guests = new Map(); // code of another city -> {kt, topic}
  }

  /** The call that has the page: a real one before a drill, the newest first. */
  get current() {
    const open = this.records.filter((record) => !record.closed);
    return open.find((record) => !record.data.drill && !this.over(record)) || open[0] || null;
  }

  over(record) {
    return record.status === "cancelled" || record.status === "refused" || isEnded(record.view);
  }

  async restore() {
    for (const record of await kept()) {
      if (this.records.some((each) => each.id === record.id)) continue;
      const stale_at = record.cancelled_at ? record.cancelled_at + AGAIN_MS : record.acted_at + FORGET_ENDED_MS;
      if (record.closed || (this.over(record) && Date.now() > stale_at)) forget(record.id);
      else this.records.push(record);
    }
    for (const record of this.records) this._resume(record);
    return this.current;
  }

  /** The client is loaded: calls that went out by POST alone go on through it. */
  useClient(kt) {
    this.kt = kt;
    for (const record of this.records) this._resume(record);
  }

  _resume(record) {
    if (record.status === "sending") this._send(record);
    if (record.status === "stored" && !this.over(record)) this._follow(record);
    if (record.withdrawn && record.status !== "cancelled") this._settle(record);
  }

  // -- the call ------------------------------------------------------------------

  /** Make a call. `data` as `medic.call` takes it; `finger` is where the screen was touched. */
  begin(data, finger = null) {
    const location = data.urgency === "visit" ? null : this.place.known();
    const record = newRecord(data, finger);
    if (location) record.data.location = location;
    this.records = this.records.filter((each) => !this.over(each));
    this.records.unshift(record);
    this._changed(record);
    const written = keep(record);
    const patience = new Promise((resolve) => { setTimeout(resolve, 250); });
    // A disk that hangs must not hold an emergency back.
    Promise.race([written, patience]).then(() => this._send(record));
    return record;
  }

  /** A call that was made before this module was here. */
  adopt(record) {
    record.bare = true;
    this.records.unshift(record);
    this._changed(record);
    this._resume(record);
  }

  /** The same call once more, as a new act; what was said of place and person goes along. */
  again(record, finger) {
    const known = { ...record.data, ...record.said };
    const kept_of = ["drill", "urgency", "kelurahan", "phone", "for"].filter((key) => known[key]);
    const data = Object.fromEntries(kept_of.map((key) => [key, known[key]]));
    this.close(record);
    return this.begin(data, finger);
  }

  async _send(record) {
    if (record.sending || record.withdrawn) return;
    const since = record.confirmed_at || record.acted_at;
    const left_ms = since + RESEND_MS - Date.now();
    if (left_ms <= 0) return void this._change(record, { status: "asking" });
    const data = record.confirmed_at ? { ...record.data, confirmed: true } : record.data;
    if (!this.kt) return void this._sendBare(record, data);
    record.sending = true;
    const reply = await this.kt.call("medic.call", data, {
      id: record.id,
      acted_at: record.acted_at,
      deadline_ms: left_ms,
      onTry: (attempt) => this._change(record, heard(record, attempt.code)),
    });
    record.sending = false;
    this._answered(record, reply);
  }

  /** Before the client module is here: one POST through each door. */
  _sendBare(record, data) {
    if (record.bare) return;
    record.bare = true;
    sendBare(record, data, { device: this.device, config: this.config() }, (reply) => this.tried(record, reply));
  }

  /** One door's answer to a bare POST. Returns whether to try again: not when the client does. */
  tried(record, reply) {
    if (reply.ok || !reply.retry) this._answered(record, reply);
    else if (record.status === "sending") this._change(record, heard(record, reply.code));
    return !this.kt && record.status === "sending" && !record.withdrawn && this.records.includes(record)
      && Date.now() - record.acted_at < RESEND_MS;
  }

  _answered(record, reply) {
    if (record.status !== "sending" || !this.records.includes(record)) return;
    if (reply.ok) {
      const { request, candidates, existing, city = null } = reply.data;
      this.records = this.records.filter((each) => each === record || each.request !== request || (forget(each.id), false));
      this._change(record, { status: "stored", code: null, request, candidates, existing: Boolean(existing), city, stored_at: Date.now() });
      this._follow(record);
    } else if (record.withdrawn) {
      this._settle(record);
    } else if (reply.retry || reply.code === "too_late") {
      this._change(record, { status: "asking", code: reply.code });
    } else {
      this._change(record, { status: "refused", code: reply.code });
    }
  }

  /** "Masih butuh medis?" was answered with yes: the same id, confirmed. */
  confirm(record) {
    this._change(record, { status: "sending", confirmed_at: Date.now(), code: null });
    this._send(record);
  }

  /** "Tidak jadi" before a durable reply: what may have arrived all the same is cancelled. */
  withdraw(record) {
    const never_left = record.code === "unsent" && navigator.onLine === false;
    if (this.kt) this.kt.calls.drop(record.id);
    if (never_left) return this._change(record, { status: "cancelled", cancelled_at: Date.now() });
    this._change(record, { withdrawn: true, withdrawn_at: Date.now(), status: "sending" });
    return this._settle(record);
  }

  _settle(record) {
    if (!this.kt) return;
    if (record.status === "stored") return void this.cancel(record, "mistake");
    this._listen();
    const left_ms = record.withdrawn_at + SETTLED_MS - Date.now();
    clearTimeout(record.settling);
    record.settling = setTimeout(() => this._settled(record), Math.max(left_ms, 500));
  }

  _settled(record) {
    if (record.status === "cancelled") return;
    if (!this._topic.synced || this.kt.links.help.state !== "live") return void this._settle(record);
    const mine = [...this._topic.things.values()].find((view) => view.type === "request" && !isEnded(view)
      && Boolean(view.drill) === Boolean(record.data.drill)
      && !this.records.some((other) => other.request === view.id));
    if (!mine) return void (this._mayLieElsewhere(record) ? this._ask(record) : this._change(record, { status: "cancelled", cancelled_at: Date.now() }));
    this._change(record, { status: "stored", request: mine.id, view: mine });
    this.cancel(record, "mistake");
  }

  /** Whether a call that this city does not show may have been taken by a neighbour. */
  _mayLieElsewhere(record) {
    const { neighbours = [] } = this.config() || {};
    return Boolean(record.data.location && neighbours.length && !record.data.drill);
  }

  /** The same id once more: the answer says where it lies, and there it is cancelled. */
  async _ask(record) {
    const reply = await this.kt.call("medic.call", record.data, { id: record.id, acted_at: record.acted_at, deadline_ms: SETTLED_MS });
    if (record.status === "cancelled") return;
    if (!reply.ok && reply.retry) return void this._settle(record);
    if (!reply.ok) return void this._change(record, { status: "cancelled", cancelled_at: Date.now() });
    const { request, city = null } = reply.data;
    this._change(record, { status: "stored", request, city });
    this._follow(record);
    this.cancel(record, "mistake");
  }

  // -- after it is stored -----------------------------------------------------------

  _follow(record) {
    this.place.follow(() => this._placed());
    if (!this.kt) return;
    if (record.city) this._guest(record.city);
    else this._listen();
    this._take(record);
  }

  /** The other city's client and topic, made once. */
  _guest(city) {
    let guest = this._guests.get(city.code);
    if (!guest) {
      guest = { kt: this.kt.guest(city), topic: null };
      this._guests.set(city.code, guest);
      guest.topic = this._join(guest.kt);
    }
    return guest;
  }

  /** Where a record is followed: {kt, topic}; the topic is null before anybody listens. */
  _at(record) {
    return record.city && this.kt ? this._guest(record.city) : { kt: this.kt, topic: this._topic };
  }

  _listen() {
    if (!this._topic) this._topic = this._join(this.kt);
  }

  _join(kt) {
    return kt.join("help/<me>", {
      onChange: () => { for (const record of this.records) this._take(record); },
      onMoved: (id) => {
        const record = this.records.find((each) => each.request === id);
        if (record) this.onChange(record);
      },
    });
  }

  _take(record) {
    if (record.status !== "stored") return;
    const { topic } = this._at(record);
    if (!topic || !topic.synced) return;
    const view = topic.things.get(record.request);
    if (view) {
      const changes = { view };
      if (view.state === "cancelled") Object.assign(changes, { status: "cancelled", cancelled_at: Date.now() });
      this._change(record, changes);
    } else if (record.view && !isEnded(record.view)) {
      // It left the table while nobody looked: it has ended.
      this._change(record, { view: { ...record.view, state: "closed" } });
    }
    if (!this.records.some((each) => each.status === "stored" && !this.over(each))) this.place.rest();
  }

  fix(record) {
    const { topic } = this._at(record);
    return topic ? topic.fixes.get(record.request) || null : null;
  }

  async cancel(record, reason) {
    if (record.cancelling) return;
    this._change(record, { cancelling: true, trouble: null });
    const data = reason ? { request: record.request, reason } : { request: record.request };
    const reply = await this._at(record).kt.call("medic.cancel", data);
    const trouble = reply.ok ? null : reply.code;
    this._change(record, { cancelling: false, trouble });
  }

  /** Say more about the call. Resolves to the reply; repeats by itself for a minute. */
  async describe(record, data) {
    const reply = await this._at(record).kt.call("medic.describe", { request: record.request, ...data }, { deadline_ms: 60000 });
    this._change(record, { trouble: reply.ok ? null : reply.code });
    return reply;
  }

  _placed() {
    const location = this.place.known();
    for (const record of this.records) {
      if (!location || !this.kt || record.status !== "stored" || this.over(record)) continue;
      const told = record.data.location;
      if (told && !this.place.better(location, told)) continue;
      record.data.location = location;
      this._changed(record);
      keep(record);
      this.describe(record, { location });
    }
  }

  /** The person has read the end. */
  close(record) {
    record.closed = true;
    this.records = this.records.filter((each) => each !== record);
    forget(record.id);
    this._changed(record);
  }

  /** Whether leaving the page now would lose sight of a call. */
  get running() {
    return this.records.some((record) => !record.closed && !this.over(record));
  }

  get coming() {
    return this.records.some((record) => isHeld(record.view));
  }

  _change(record, changes) {
    Object.assign(record, changes);
    if (this.records.includes(record)) keep(plain(record));
    this._changed(record);
  }

  _changed(record) { this.onChange(record); }
}

/** What is kept of a record: nothing of this page's own doing. */
function plain({ sending, bare, settling, cancelling, ...rest }) {
  return rest;
}
