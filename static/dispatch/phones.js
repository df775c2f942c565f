// The phones of this desk: which this one is, the last test ring and whom it did not reach, and, at a desk that has
// no other alarms, those of phones that cannot be woken any more.

import { dayTime } from "/static/shared/alerts.js";
import { $, attribute, h, put, refill, setData, show, turnOff } from "/static/shared/dom.js";
import { WakeLine } from "/static/shared/wake_line.js";
import { word } from "/static/shared/words.js";
import { roleText } from "/static/dispatch/staff_add.js";

const TEST = "test_ring";
const ALONE = ["van", "city"]; // desks without a table of their own on this page

export class Phones extends WakeLine {
  /** `board`: kt, ring, run(cmd, data), busy(key), text(key), draw(), look(id). */
  constructor(section, board) {
    const text = () => ({ alarm: { title: word("dispatch.wake_alarm"), body: word("dispatch.wake_body") } });
    super("/dispatch", { page: "dispatch", as: "dispatcher", said: text, onState: () => board.draw(), onLook: (id) => board.look(id) });
    Object.assign(this, { section, board, table: null });
    this.result = h("p", { role: "status" });
    this.missed = h("p", { class: "phones-missed" });
    this.test = h("button", { type: "button", class: "small", data: { act: "phone.test" }, on: { click: () => this.ring() } }, word("dispatch.test_now"));
    this.error = h("p", { class: "error", role: "status" });
    refill($("#phones-test"), this.result, this.missed, this.test, this.error);
  }

  /** At this desk; its table comes from the board where the board has one. */
  sit(desk, table) {
    if (this.desk === desk) return;
    this.desk = desk;
    this.table = table || this.board.kt.join(`dispatch/${desk}`, { onChange: () => this.board.draw() });
  }

  /** Those that nobody else on this page draws. */
  get alarms() {
    return this.table && ALONE.includes(this.desk) ? [...this.table.things.values()].filter((view) => view.type === "alarm") : [];
  }

  ring() { return this.board.run("phone.test", { test_ring: this.desk }); }

  draw(shown, now) {
    show(this.section, shown && this.desk);
    if (!shown || !this.desk) return;
    super.draw(this.board.ring.unlocked && this.board.kt.state.help === "live");
    const view = this.table.things.get(TEST);
    setData($("#phones-test"), { type: view ? TEST : null, id: view ? TEST : null, state: view ? view.state : null });
    put(this.result, view ? this.text(view, now) : word("dispatch.test_never"));
    const names = view && view.missed ? view.missed.map((one) => `${one.name} (${roleText(one)})`) : [];
    if (view && view.more) names.push(word("dispatch.test_more", { n: view.more }));
    put(this.missed, names.length ? `${word("dispatch.test_missed")} ${names.join(", ")}` : "");
    show(this.missed, names.length);
    turnOff(this.test, this.board.busy(TEST) || (view && view.state === "ringing"));
    put(this.error, this.board.text(TEST));
    attribute(this.section, "data-missed", names.length ? String(names.length) : null);
  }

  text(view, now) {
    if (view.state === "ringing") return word("dispatch.test_ringing");
    const time = dayTime(view.rung_at, now);
    const said = word("dispatch.test_over", { time, reached: view.reached, asked: view.asked });
    return view.next_at ? `${said} ${word("dispatch.test_next", { time: dayTime(view.next_at, now) })}` : said;
  }
}
