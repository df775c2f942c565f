// One service's queue at the present stop: the number being called, in the largest
// type, one step at a time, and who waits.

import { stopwatch } from "/static/shared/ages.js";
import { $, attribute, h, keyed, put, setData, show, turnOff, unlessOff } from "/static/shared/dom.js";
import { word } from "/static/shared/words.js";
import { absentOf, calledOf, waitingOf } from "/static/van/line.js";
import { ticketRefusal } from "/static/van/refusals.js";

const FRESH_MS = 700; // a second tap of the same finger is not meant for the button that came under it

const step = (act, kind, name, tap) => h("button", { type: "button", class: kind, data: { act }, on: { click: unlessOff(tap) } }, h("span", { text: word(`van.${name}`) }));

/** A card; `tap(queue, cmd, data)` gives a command, `again()` draws once more when its buttons may be used. */
export class QueueCard {
  constructor({ tap, again }) {
    this._tap = tap;
    this._again = again;
    this._fresh_until = 0;
    this._still = null; // the number that is being called while somebody wanted another one back
    this.queue = null;
    const ticket = () => this._tap(this.queue, "ticket.call", { stop: this.queue.stop, service: this.queue.service });
    const called = (cmd) => () => this._tap(this.queue, cmd, { ticket: calledOf(this.queue).ticket });
    this.serve = step("ticket.serve", "done", "queue_serve", called("ticket.serve"));
    this.noShow = step("ticket.no_show", "absent-button", "queue_no_show", called("ticket.no_show"));
    this.call = step("ticket.call", "call-next", "queue_call", ticket);
    this.call.append(h("span", { class: "next-number" }));
    this.element = h("li", { class: "queue card" },
      h("div", { class: "queue-head" }, h("h3"), h("p", { class: "quota" })),
      h("div", { class: "called", "aria-live": "polite" }, h("p", { class: "label" }), h("p", { class: "number" }), h("p", { class: "who" })),
      h("div", { class: "steps" }, this.noShow, this.serve),
      this.call,
      h("p", { class: "said", role: "status" }),
      h("ul", { class: "absent" }),
      h("details", { class: "waiting" }, h("summary"), h("ol"), h("p", { class: "more" })));
    this.element.card = this;
  }

  /** Show `queue` with what its last tap and the other phone did. `now`: the city's clock. */
  update(queue, tap, other, now) {
    const called = calledOf(queue);
    const face = called ? called.ticket : "";
    const held = this.element.contains(document.activeElement) && document.activeElement;
    if (this.queue && face !== this._face) {
      this._fresh_until = performance.now() + FRESH_MS;
      setTimeout(this._again, FRESH_MS + 20);
    }
    if (face !== this._face || tap.pending) this._still = null;
    this._face = face;
    this.queue = queue;
    this._head(queue);
    this._called(queue, called);
    this._steps(queue, called, tap, performance.now() < this._fresh_until);
    this._said(tap, other);
    this._absent(queue, tap, now);
    this._waiting(queue);
    this._keepFocus(held);
  }

  _keepFocus(held) {
    if (held) this._held = true;
    if (!this._held || (document.activeElement && document.activeElement !== document.body && document.activeElement.offsetParent)) return;
    const first = [this.serve, this.call].find((button) => button.offsetParent);
    if (first) {
      first.focus({ preventScroll: true });
      this._held = false;
    }
  }

  _head(queue) {
    setData(this.element, { type: "queue", id: queue.id, state: queue.state });
    put($("h3", this.element), queue.service);
    const most = queue.quota === null ? "" : ` · ${word(queue.state === "full" ? "van.quota_full" : "van.quota", { taken: queue.taken, quota: queue.quota })}`;
    put($(".quota", this.element), word("van.queue_waiting", { n: queue.waiting }) + most);
  }

  _called(queue, called) {
    const box = $(".called", this.element);
    setData(box, called ? { type: "ticket", id: called.ticket, state: "called" } : { type: null, id: null, state: null });
    show(box, Boolean(called));
    put($(".label", box), called ? word("van.queue_called") : "");
    put($(".number", box), called ? String(called.number) : "");
    put($(".who", box), called && called.name ? called.name : "");
  }

  _steps(queue, called, tap, fresh) {
    const next = waitingOf(queue)[0] || null;
    show(this.element.querySelector(".steps"), Boolean(called));
    show(this.call, !called && Boolean(next));
    put($(".next-number", this.call), next ? word("van.queue_next", { n: next.number }) : "");
    for (const button of [this.serve, this.noShow, this.call]) {
      const mine = tap.pending && tap.cmd === button.dataset.act && !(tap.data.ticket && button === this.call);
      turnOff(button, Boolean(tap.pending) || fresh);
      attribute(button, "data-pending", mine ? tap.pending : null);
    }
  }

  _said(tap, other) {
    const line = $(".said", this.element);
    const kind = tap.pending || (tap.reply || this._still ? "error" : other ? "other" : null);
    setData(line, { kind });
    const still = this._still && word("van.queue_still_called", { n: this._still });
    put(line, { sending: word("van.sending"), sent: word("van.sending"), unsure: word("van.unsure"), other }[kind]
      || (kind === "error" ? still || ticketRefusal(tap.data, tap.reply) : ""));
  }

  /** One number at a time is called: who wants another one back is told which one is first. */
  _callBack(ticket) {
    const called = calledOf(this.queue);
    if (called) {
      this._still = called.number;
      this._again();
    } else this._tap(this.queue, "ticket.call", { ticket });
  }

  _absent(queue, tap, now) {
    const make = (row) => h("li", {}, h("p", {}, h("b"), h("span")),
      h("button", { type: "button", class: "big", text: word("van.queue_call_back"), data: { act: "ticket.call" },
        on: { click: unlessOff(() => this._callBack(row.ticket)) } }));
    keyed($(".absent", this.element), absentOf(queue, now), (row) => row.ticket, make, (row, { ticket, number, name, left_ms }) => {
      setData(row, { type: "ticket", id: ticket, state: "no_show" });
      const [text, button] = row.children;
      put(text.children[0], who(number, name));
      put(text.children[1], word("van.queue_absent", { left: stopwatch(left_ms) }));
      turnOff(button, Boolean(tap.pending));
      attribute(button, "aria-label", `${word("van.queue_call_back")}: ${who(number, name)}`);
    });
  }

  _waiting(queue) {
    const box = $(".waiting", this.element);
    const rows = waitingOf(queue);
    show(box, queue.waiting > 0);
    put($("summary", box), word("van.queue_who_waits", { n: queue.waiting }));
    keyed($("ol", box), rows, (row) => row.ticket, () => h("li"), (row, { ticket, number, name }) => {
      setData(row, { type: "ticket", id: ticket, state: "waiting" });
      put(row, who(number, name));
    });
    const more = queue.waiting - rows.length;
    put($(".more", box), more > 0 ? word("van.queue_more", { n: more }) : "");
  }
}

const who = (number, name) => (name ? word("van.queue_who", { n: number, name }) : word("van.queue_number", { n: number }));
