// The desk's steps: each names the holder that its person saw, and one that met
// other hands says so. What an act says stands on its card until the next one.

import { FENCED, Hands, handsText, holderOf, otherHands } from "/static/dispatch/hands.js";
import { refusalOf } from "/static/dispatch/refusals.js";
import { closeSheet, handOverSheet } from "/static/dispatch/sheets.js";
import { timelineSheet } from "/static/dispatch/timeline.js";

export class DeskActs {
  /** `board`: request(id) -> the newest view, draw(). */
  constructor(acts, board, panel) {
    Object.assign(this, { acts, board, panel });
    this.hands = new Hands();
    this._texts = new Map(); // request, alarm or shop -> what its last act says, or how to say it now
    this._sheet = null; // {id, saw, error} of the open one
  }

  heard(changes, live) {
    this.hands.heard(changes, live);
    for (const { id, view } of changes) if (!view) this._texts.delete(id);
  }

  /** What stands on its card: nothing while its open sheet says it, so that an ear is told once. */
  onCard(id) { return this._sheet && this._sheet.id === id && this.panel.shown ? "" : this.text(id); }

  text(id) {
    const said = this._texts.get(id);
    return typeof said === "function" ? said() : said || "";
  }

  busy(id) { return this.acts.busy(id); }

  refusal(reply) { return this.acts.refusal(reply); }

  enter(data, onText) { return this.acts.run("medic.call", data, { key: "enter", onText }); }

  /** Run a step. `saw`: the request as its person saw it, if that was not on its card. */
  async run(cmd, data, saw = this.board.request(data.request)) {
    const key = data.request || data.alarm || data.shop || (data.test_ring && "test_ring");
    const fenced = FENCED.has(cmd) && saw;
    if (fenced && this.hands.unread(key)) return this._refused(key, () => handsText(this.board.request(key)));
    const sent = fenced ? { ...data, holder: holderOf(saw) } : data;
    this.hands.acting(key);
    const reply = await this.acts.run(cmd, sent, { key, onText: (text) => this._say(key, text) });
    this.hands.acted(key);
    const why = !reply.ok && !reply.retry && refusalOf(cmd, data, reply, (id) => this.board.request(id));
    return why ? { ...this._refused(key, why), code: reply.code } : reply;
  }

  _say(key, text) {
    this._texts.set(key, text);
    this.board.draw();
  }

  /** Not done, because it is not what its person saw. Card and sheet are live regions: nothing more is announced. */
  _refused(key, why) {
    this._say(key, why);
    return { ok: false, code: "taken", retry: false, data: {} };
  }

  // -- sheets -----------------------------------------------------------------------------

  handOver(id) { this._open(id, "medic.hand_over", handOverSheet); }

  close(id) { this._open(id, "medic.close", closeSheet); }

  timeline(id) {
    const key = `read:${id}`;
    const read = (from) => this.acts.run("medic.read", { request: id, from }, { key, onText: (text) => this._texts.set(key, text) });
    timelineSheet(this.panel, this.board.request(id), read, () => this.text(key));
  }

  _open(id, cmd, sheet) {
    const request = this.board.request(id);
    if (!request) return;
    const open = { id, saw: request };
    open.error = sheet(this.panel, request, async (data) => {
      const reply = await this.run(cmd, { request: id, ...data }, open.saw);
      open.saw = this.board.request(id) || open.saw; // What it says now was read.
      return reply.ok ? "" : this.text(id);
    });
    this._sheet = open;
  }

  /** While a sheet is open: what happens to its request stands in it at once. */
  drawSheet() {
    if (!this._sheet || !this.panel.shown) { this._sheet = null; return; }
    const { id, saw, error } = this._sheet;
    const request = this.board.request(id);
    if (!request || !otherHands(saw, request) || this.busy(id)) return;
    const text = handsText(request);
    if (error.textContent === text) return;
    error.textContent = text;
  }
}
