// Kentongan's client: live tables and idempotent commands for a page.
//
//   import { connect, newId, redeem } from "/client/kentongan.js";
//
//   const kt = connect({
//     as: "medic",               // page role; none = resident
//     url: "http://host:8000",   // public hub; default: this page's own
//     config,                    // or the answer of GET /v1/config, if it is here already
//     device: "64 hex digits",   // a resident's own secret: signs in by itself
//     token,                     // instead of a cookie (programs, tests)
//     city,                      // code of another city of the same hub, whose the token is
//     here: () => ({visible, audible, tested_at}),   // asked at every beat
//     onState: ({help, public, signed_in, code}) => {},  // "closed|connecting|live|waiting|stopped"
//     onWelcome: ({person, role}) => {},
//   });
//
//   const t = kt.join("help/<me>", {     // `<me>` is the signed-in person
//     onChange(changes, t) {},   // [{id, kind, view|null, before|null, at}] of one commit, in order;
//                                // `live` false: from a snapshot or a resume
//     onMoved(id, fix, t) {},
//     onRefused(reply) {},
//   });
//   t.things (Map id -> view), t.fixes (Map id -> fix), t.offset, t.synced, t.leave()
//
//   const reply = await kt.call("medic.accept", {request}, {id, age, acted_at, deadline_ms, onTry});
//     // {ok: true, data} or {ok: false, code, message, retry, data}; never rejects. Repeated with the
//     // same id over reconnects until it is final or `deadline_ms` (30 s) is over. `age`: ms since the
//     // act, if it was not now (`acted_at`: the same as a time). onTry(reply): each answer that is not
//     // final yet (`unavailable`, `unconfirmed`, `unsent`).
//   kt.tell("medic.position", {location})    // fleeting; true when a socket took it
//   kt.answerHere()    // say `here` now (the ring test was done, the page became visible)
//   kt.now()           // the city's clock, ms
//   kt.config, kt.person, kt.role, kt.state, kt.restart(), kt.close()
//   kt.guest({code, token})   // the same page in the other city where its call lies, as the answer of `medic.call` names it
//   await redeem(code) // one-time enrolment code -> session (cookie set) or {code: refusal}
//
// Two hubs behind one object: `help/*` and `dispatch` are joined at the help
// hub, the rest at the public one. The help socket is open only while one of its
// topics or a `medic.*` command is wanted. `medic.call` goes through both doors
// at once (the socket that is up, else POST); first ok wins.

import { Calls } from "./calls.js";
import { loadConfig, newId, postCommand, queryOf, signIn } from "./http.js";
import { Link } from "./link.js";
import { Topics, doorOf } from "./topics.js";

export { doorOf, newId, signIn };

const DEADLINE_MS = 30000;
const HELP_IDLE_MS = 20000;
const SIGN_IN_AGAIN_MS = 20000;

export function connect(options = {}) {
  return new Kentongan(options);
}

/** Spend an enrolment code. Call it from a tap, never at load: link previews would use it up. */
export function redeem(code, base = globalThis.location.origin) {
  return signIn([base], { code });
}

class Kentongan {
  constructor(options) {
    this.options = options;
    this.env = options.env || browserEnv();
    this.base = options.url || globalThis.location.origin;
    this.config = options.config || null;
    this.person = null;
    this.role = null;
    this.code = null;
    this._skew_ms = 0;
    this._session = null;
    this._signed_in_at = 0;
    this._helpWanted = 0;
    this.calls = new Calls(this.env);
    this.links = { help: this._link("help"), public: this._link("public") };
    this._topics = new Topics((door) => (door === "help" ? this.links.help : this.links.public), () => this._rest());
    this._wake = () => this.wake();
    this._listen("addEventListener");
  }

  get state() {
    const { help, public: open } = this.links;
    return { help: help.state, public: open.state, signed_in: this.code !== 4501, code: this.code };
  }

  now() { return this.env.now() + this._skew_ms; }

  join(topic, listener = {}) {
    return this._topics.join(topic, listener);
  }

  guest({ code, token }) {
    return new Kentongan({ url: this.base, env: this.options.env, config: this.config, city: code, token });
  }

  // -- commands -------------------------------------------------------------------

  call(cmd, data = {}, { id = newId(), age = 0, acted_at, deadline_ms = DEADLINE_MS, onTry } = {}) {
    const medic = cmd.startsWith("medic.");
    if (medic) {
      this._helpWanted += 1;
      this.links.help.open();
    }
    const act = acted_at === undefined ? this.env.now() - age : acted_at;
    const run = this.calls.run({
      id, cmd, data, acted_at: act, deadline_ms, onTry, doors: (attempt, last) => this._doorsFor(cmd, attempt, last),
    });
    return run.then((reply) => {
      if (medic) {
        this._helpWanted -= 1;
        this._rest();
      }
      return reply;
    });
  }

  /** One door first; both when that one did not decide. Who is told to slow down does not knock twice. */
  _doorsFor(cmd, attempt, last) {
    const help = { link: this.links.help, post: (command) => this._post("help", command) };
    const open = { link: this.links.public, post: (command) => this._post("public", command) };
    if (this._one()) return [open];
    if (cmd === "medic.call" || (attempt > 0 && !(last && last.code === "too_many"))) return [help, open];
    if (cmd.startsWith("medic.")) return help.link.live ? [help] : [help, open];
    return [open];
  }

  /** An earlier visit's cookie is tried first: an emergency does not wait for a sign-in. */
  async _post(door, command) {
    const { as, token, device, city } = this.options;
    const { fetch } = this.env;
    if (!this.config) await this._loadConfig();
    const base = door === "help" && this.config && this.config.help_url ? this.config.help_url : this.base;
    const reply = await postCommand(base, command, { as, token, city, fetch });
    if (reply.code !== "not_signed_in" || !device || !(await this._signIn(Boolean(this.person)))) return reply;
    return postCommand(base, command, { as, token, fetch });
  }

  tell(cmd, data) {
    const frame = { t: "tell", cmd, data };
    return this.links.public.send(frame) || this.links.help.send(frame);
  }

  answerHere() {
    for (const link of Object.values(this.links)) if (link.live) link.answerHere();
  }

  // -- coming and going --------------------------------------------------------------

  /** Take up again what had stopped or had not come through yet, with the credentials of now. */
  restart() {
    this.code = null;
    this._session = null;
    for (const link of Object.values(this.links)) link.renew();
    this._topics.openAll();
    this.wake();
  }

  wake() {
    if (typeof document !== "undefined" && document.visibilityState === "visible") this.answerHere();
    for (const link of Object.values(this.links)) link.wake();
    this.calls.wake();
  }

  close() {
    this._listen("removeEventListener");
    this.env.clearTimeout(this._restTimer);
    for (const link of Object.values(this.links)) link.close();
  }

  _listen(how) {
    if (typeof window === "undefined") return;
    window[how]("online", this._wake);
    window[how]("pageshow", this._wake);
    document[how]("visibilitychange", this._wake);
  }

  /** One hub for both, when the config says so. */
  _one() {
    return Boolean(this.config) && this.config.help === this.config.live;
  }

  /** Close the help socket some time after nobody wants it any more. */
  _rest() {
    this.env.clearTimeout(this._restTimer);
    this._restTimer = this.env.setTimeout(() => {
      if (this._helpWanted === 0 && !this._topics.wants("help")) this.links.help.close();
    }, HELP_IDLE_MS);
  }

  async _ready() {
    if (!this.config) await this._loadConfig();
    if (this.options.device) await this._signIn(false);
    return Boolean(this.config);
  }

  async _loadConfig() {
    this.config = (await loadConfig(this.base, { fetch: this.env.fetch })) || this.config;
  }

  /** The device's session; made once, again only after it was refused. */
  async _signIn(again) {
    if (again) this._session = null;
    if (!this._session) {
      const bases = [this.base];
      if (this.config && this.config.help_url) bases.push(this.config.help_url);
      this._session = signIn(bases, { device: this.options.device }, { fetch: this.env.fetch });
    }
    const session = await this._session;
    if (!session.person) {
      this._session = null;
      return false;
    }
    this._known(session);
    return true;
  }

  _known({ person, role }) {
    this.person = person;
    this.role = role;
    this._topics.signedIn(person);
  }

  _link(name) {
    return new Link(name, this.env, {
      prepare: async () => {
        if (!(await this._ready())) return null;
        const { token } = this.options;
        const address = name === "help" ? this.config.help : this.config.live;
        return { url: address + queryOf(this.options), token };
      },
      here: () => (this.options.here ? this.options.here() : { visible: isVisible(), audible: false }),
      onWelcome: (frame) => {
        this.code = null;
        this._skew_ms = frame.at - this.env.now();
        this._known(frame);
        if (this.options.onWelcome) this.options.onWelcome(frame);
        this.calls.wake();
      },
      onBeat: (frame) => { this._skew_ms = frame.at - this.env.now(); },
      onReply: (frame, link) => this.calls.receiveReply(link, frame),
      onLost: (link) => this.calls.linkLost(link),
      onSignedOut: (link) => this._signedOut(link),
      onState: (link) => {
        if (link.state === "stopped") this.code = link.code;
        if (this.links && this.options.onState) this.options.onState(this.state);
      },
    });
  }

  /**
   * A device signs in anew by itself, once in 20 s for all its links; one that is
   * refused with the new credentials too waits for the next turn. Staff need a new link.
   */
  async _signedOut(link) {
    if (!this.options.device) return;
    const now = this.env.now();
    const wait_ms = this._signed_in_at + SIGN_IN_AGAIN_MS - now;
    if (wait_ms <= 0) {
      this._signed_in_at = now;
      this._renewed = new Set();
      this._renewal = this._signIn(true);
    } else if (this._renewed.has(link)) {
      this.env.setTimeout(() => this._signedOut(link), wait_ms);
      return;
    }
    this._renewed.add(link);
    if ((await this._renewal) && link.state === "stopped") link.open();
  }
}

function isVisible() {
  return typeof document !== "undefined" && document.visibilityState === "visible";
}

function browserEnv() {
  return {
    WebSocket: globalThis.WebSocket,
    fetch: globalThis.fetch.bind(globalThis),
    now: () => Date.now(),
    setTimeout: (act, ms) => setTimeout(act, ms),
    clearTimeout: (timer) => clearTimeout(timer),
    random: () => Math.random(),
  };
}
