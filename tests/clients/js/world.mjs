// A clock, sockets and hubs that tests move by hand.

import { connect } from "/client/kentongan.js";

export class Clock {
  constructor() {
    this.at = 1000000;
    this.timers = [];
    this.ids = 0;
  }

  env(extra = {}) {
    return {
      now: () => this.at,
      setTimeout: (act, ms) => {
        this.ids += 1;
        this.timers.push({ id: this.ids, at: this.at + ms, act });
        return this.ids;
      },
      clearTimeout: (id) => { this.timers = this.timers.filter((timer) => timer.id !== id); },
      random: () => 0.5,
      ...extra,
    };
  }

  /** Let `ms` pass, timer by timer, and what they started settle. */
  async pass(ms) {
    const end = this.at + ms;
    await settle();
    for (;;) {
      const due = this.timers.filter((timer) => timer.at <= end).sort((a, b) => a.at - b.at)[0];
      if (!due) break;
      this.at = Math.max(this.at, due.at);
      this.timers = this.timers.filter((timer) => timer !== due);
      due.act();
      await settle();
    }
    this.at = end;
    await settle();
  }
}

export async function settle() {
  for (let turn = 0; turn < 30; turn += 1) await Promise.resolve();
}

/** Sockets as a page sees them; `made` lists them, newest last. */
export function sockets() {
  const made = [];
  class Socket {
    constructor(url, protocols) {
      Object.assign(this, { url, protocols, readyState: 0, bufferedAmount: 0, sent: [] });
      made.push(this);
    }

    send(text) { this.sent.push(JSON.parse(text)); }

    close() { this.readyState = 3; }

    open() {
      this.readyState = 1;
      this.onopen();
    }

    hear(frame) { if (this.onmessage) this.onmessage({ data: JSON.stringify(frame) }); }

    drop(code) {
      this.readyState = 3;
      if (this.onclose) this.onclose({ code });
    }

    welcome(more = {}) {
      this.open();
      this.hear({ t: "welcome", person: "p1", role: "resident", at: 5000000, beat_s: 4, node: "n", ...more });
    }

    last(t) { return this.sent.filter((frame) => frame.t === t).pop(); }
  }
  return { Socket, made };
}

export const CONFIG = {
  city: "35.76", live: "ws://public/v1/live", help: "ws://help/v1/live", help_url: "http://help", demo: false, medics_on_duty: 3,
};

/** A fetch whose answers `answer({url, body})` gives: `{status, body}`, a promise of it, or null for no network. */
export function fetches(answer) {
  const asked = [];
  async function fetch(url, options = {}) {
    const body = options.body === undefined ? undefined : JSON.parse(options.body);
    asked.push({ url, method: options.method, body, headers: options.headers || {} });
    const given = await answer({ url, body });
    if (!given) throw new TypeError("no network");
    return { status: given.status, json: async () => given.body };
  }
  return { fetch, asked };
}

/** A client on such a clock, sockets and hubs: {clock, made, asked, kt}. */
export function connected(answer = () => null, options = {}) {
  const clock = new Clock();
  const { Socket, made } = sockets();
  const { fetch, asked } = fetches(answer);
  const kt = connect({ url: "http://public", config: CONFIG, env: clock.env({ WebSocket: Socket, fetch }), ...options });
  return { clock, made, asked, kt };
}
