// The market desk: what rings in vain, orders that wait for an answer, wants that
// nobody answered, and shops that paused themselves. Nobody's name or phone is here.

import { rupiah, stopwatch } from "/static/shared/ages.js";
import { $, h, keyed, put, setData, show, turnOff } from "/static/shared/dom.js";
import { word } from "/static/shared/words.js";
import { levelOf, title } from "/static/dispatch/texts.js";

const OPEN = ["placed", "accepted", "preparing", "ready"];
const LEVELS = ["sent", "received", "shown", "audible", "seen"];
const LISTS = ["paused", "placed", "wanted", "running"];

export class Market {
  /** `board`: kt, run(cmd, data), text(id), busy(id), draw(). */
  constructor(panel, board) {
    this.board = board;
    panel.classList.add("market");
    panel.append(h("p", { class: "counts big-line", id: "market-counts", role: "status" }), ...LISTS.flatMap((name) => [
      h("h2", { id: `market-${name}-heading` }, word(`dispatch.market_${name}`)),
      name === "placed" ? h("p", { class: "soft", id: "market-none" }, word("dispatch.market_none")) : null,
      h("ul", { class: "cards", id: `market-${name}`, "aria-labelledby": `market-${name}-heading` }),
    ].filter(Boolean)));
    this.table = board.kt.join("dispatch/market", { onChange: () => board.draw() });
  }

  get alarms() { return this.of("alarm"); }

  of(type) { return [...this.table.things.values()].filter((view) => view.type === type); }

  draw(now) {
    const orders = this.of("market_order").filter((view) => OPEN.includes(view.state));
    const placed = orders.filter((view) => view.state === "placed").sort((a, b) => a.placed_at - b.placed_at);
    const running = orders.filter((view) => view.state !== "placed").sort((a, b) => b.at - a.at);
    const wanted = this.of("market_want").filter((view) => view.state === "open").sort((a, b) => a.posted_at - b.posted_at);
    const paused = this.of("shop").sort((a, b) => (a.name < b.name ? -1 : 1));
    put($("#market-counts"), word("dispatch.market_counts", { placed: placed.length, running: running.length, wanted: wanted.length }));
    const lists = { paused, placed, wanted, running };
    for (const name of LISTS) {
      keyed($(`#market-${name}`), lists[name], (view) => view.id, (view) => this.make(view), (card, view) => this.update(card, view, now));
      const always = name === "placed";
      if (always) show($("#market-none"), !placed.length);
      show($(`#market-${name}-heading`), always || lists[name].length);
    }
  }

  make(view) {
    return h("li", { class: "trade", data: { type: view.type, id: view.id } },
      h("b", { class: "trade-what" }), h("span", { class: "trade-age" }), h("span", { class: "trade-how" }),
      view.type === "shop" ? h("button", {
        type: "button", class: "small strong", data: { act: "shop.resume" }, on: { click: () => this.resume(view.id) },
      }, word("dispatch.market_resume")) : null,
      h("span", { class: "trade-said", role: "status" }));
  }

  update(card, view, now) {
    setData(card, { state: view.state });
    const [what, how, since] = this.texts(view);
    put($(".trade-what", card), what);
    put($(".trade-how", card), how);
    put($(".trade-age", card), since ? stopwatch(now - since) : "");
    put($(".trade-said", card), this.board.text(view.id));
    const button = $("button", card);
    if (button) turnOff(button, this.board.busy(view.id)); // A second tap is the first.
  }

  /** What it is, how it stands, and since when it waits. */
  texts(view) {
    const where = title(view.kelurahan);
    if (view.type === "shop") return [view.name, word("dispatch.market_self_paused", { where }), 0];
    if (view.type === "market_want") {
      const how = word("dispatch.market_want", { asked: view.asked, answers: view.answers });
      return [`${word(`dispatch.category_${view.category}`)}, ${where}`, how, view.posted_at];
    }
    const parts = [word(`dispatch.order_${view.state}`), rupiah(view.total)];
    if (view.state === "placed") {
      const level = view.later && !view.ring_at ? "later" : `receipt_${levelOf(view.receipts, LEVELS) || "none"}`;
      parts.push(word(`dispatch.${level === "later" ? "market_later" : level}`));
      if (view.contacted_at) parts.push(word("dispatch.market_contacted"));
    }
    return [`${view.shop_name}, ${where}`, parts.join(" · "), view.state === "placed" ? view.ring_at || view.placed_at : 0];
  }

  resume(shop) { return this.board.run("shop.resume", { shop }); }
}
