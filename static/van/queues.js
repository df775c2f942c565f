// The queues of today's trip: those of the present stop to work through, those to
// come folded, and what the trip came to. From `queue/<van>`, for this van's crew.

import { clock } from "/static/shared/ages.js";
import { $, h, keyed, put, setData, show } from "/static/shared/dom.js";
import { word } from "/static/shared/words.js";
import { calledOf, queuesAt, summary, toCome, unsettled } from "/static/van/line.js";
import { QueueCard } from "/static/van/queue-card.js";
import { Taps } from "/static/van/taps.js";

const PAST = { "ticket.called": "called", "ticket.served": "served", "ticket.no_show": "no_show" };
const BY_CMD = { "ticket.call": "ticket.called", "ticket.serve": "ticket.served", "ticket.no_show": "ticket.no_show" };
const OTHER_MS = 15000; // how long what another phone did stays said

export class Queues {
  /** `onChange()`: something is to be drawn anew. */
  constructor(kt, onChange) {
    this.kt = kt;
    this.onChange = onChange;
    this.taps = new Taps(kt, onChange);
    this.table = null;
    this._others = new Map(); // queue -> {text, until}
  }

  follow(van) {
    if (this.table) this.table.leave();
    this.table = this.kt.join(`queue/${van}`, { onChange: (changes, table, live) => this._receive(changes, live) });
  }

  get things() { return this.table ? this.table.things : new Map(); }

  /** Numbers at this stop that are neither served nor absent. */
  unsettled(stop) { return unsettled(queuesAt(this.things, stop)); }

  _receive(changes, live) {
    for (const { id, kind, view, before } of changes) {
      const tap = this.taps.of(id);
      const mine = tap.pending !== null && BY_CMD[tap.cmd] === kind;
      if (mine) this.taps.see(id);
      else if (view && before && face(view) !== face(before)) this.taps.settle(id);
      if (live && view && PAST[kind] && !mine) this._hear(id, kind, view, before);
    }
    this.onChange();
  }

  /** Somebody else of this crew did that. */
  _hear(id, kind, view, before) {
    const ticket = kind === "ticket.called" ? calledOf(view) : before && calledOf(before);
    const until = this.kt.now() + OTHER_MS;
    if (ticket) this._others.set(id, { text: word(`van.queue_other_${PAST[kind]}`, { n: ticket.number }), until });
  }

  _other(id) {
    const { text, until } = this._others.get(id) || {};
    return until > this.kt.now() ? text : null;
  }

  // -- what is seen ------------------------------------------------------------------

  /** Draw for `van` (its view) at `stop` (where it serves) or null. */
  draw(van, stop) {
    this._here(stop);
    this._coming(van.trip || []);
    this._summary(van);
  }

  _here(stop) {
    const queues = stop ? queuesAt(this.things, stop.stop) : [];
    const box = $("#queue");
    show(box, Boolean(stop) && Boolean(this.table && this.table.synced));
    put($("h2", box), stop ? word("van.queue_at", { stop: stop.name }) : "");
    show($(".none", box), !queues.length);
    const tap = (queue, cmd, data) => {
      this._others.delete(queue.id);
      this.taps.run(queue.id, cmd, data);
    };
    keyed($(".queues", box), queues, (queue) => queue.id, () => new QueueCard({ tap, again: this.onChange }).element,
      (element, queue) => element.card.update(queue, this.taps.of(queue.id), this._other(queue.id), this.kt.now()));
  }

  _coming(trip) {
    const coming = toCome(trip, this.things);
    show($("#coming"), coming.length > 0);
    const people = coming.reduce((sum, { queues }) => sum + unsettled(queues), 0);
    put($("#coming summary"), word("van.coming", { n: people }));
    keyed($("#coming ul"), coming, ({ stop }) => stop.stop, () => h("li", {}, h("h3"), h("ul")), (element, { stop, queues }) => {
      put(element.children[0], `${clock(stop.scheduled_at)} · ${stop.name}`);
      keyed(element.children[1], queues, (queue) => queue.id, () => h("li"), (row, queue) => {
        setData(row, { type: "queue", id: queue.id, state: queue.state });
        const quota = queue.quota === null ? "" : ` · ${word(queue.state === "full" ? "van.quota_full" : "van.quota", queue)}`;
        put(row, word("van.coming_queue", { service: queue.service, n: queue.waiting }) + quota);
      });
    });
  }

  _summary(van) {
    const over = van.trip_state === "over";
    const box = $("#summary");
    show(box, over);
    if (!over) return;
    const sum = summary(van.trip || [], this.things);
    const rows = [
      ...sum.services.map(({ service, served }) => [service, word("van.sum_people", { n: served })]),
      [word("van.sum_stops"), word("van.sum_stops_n", sum)],
      [word("van.sum_no_shows"), word("van.sum_people", { n: sum.no_shows })],
      ...(sum.unserved ? [[word("van.sum_unserved"), word("van.sum_people", { n: sum.unserved })]] : []),
    ];
    put($(".served", box), word("van.sum_served", { n: sum.served }));
    keyed($("dl", box), rows, ([name]) => name, () => h("div", {}, h("dt"), h("dd")), (element, [name, value]) => {
      put(element.children[0], name);
      put(element.children[1], value);
    });
  }
}

const face = (queue) => `${queue.serving} ${(calledOf(queue) || {}).ticket} ${queue.waiting}`;
