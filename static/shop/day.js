// "Hari ini": the day's figures, orders per hour as a plot, and the list to print.

import { clock, rupiah, stopwatch } from "/static/shared/ages.js";
import { $, h, put, refill, show, svg } from "/static/shared/dom.js";
import { word } from "/static/shared/words.js";
import { ENDS, figuresOf, todays } from "/static/shop/figures.js";
import { moneyOf } from "/static/shop/orders.js";
import { dateText } from "/static/shop/times.js";

const WIDE = 336;
const HIGH = 168;
const BOTTOM = 22;
const TOP = 18;

export class Day {
  constructor(element) {
    this.element = element;
    $("#print-day", element).addEventListener("click", () => window.print());
  }

  draw(shop, orders, now) {
    const face = JSON.stringify([orders.map((order) => [order.id, order.state]), Math.floor(now / 3600000), shop && shop.name]);
    if (this.face === face) return;
    this.face = face;
    const figures = figuresOf(orders, now);
    refill($("#figures"), tiles(figures));
    show($("#plot"), figures.count > 0);
    show($("#day-none"), figures.count === 0);
    refill($("#plot"), figures.count ? [plot(figures), legend(figures)] : []);
    this.print(shop, todays(orders, now), now);
  }

  print(shop, orders, now) {
    put($("#print-title"), word("shop.print_title", { shop: shop ? shop.name : "", date: dateText(now) }));
    refill($("#print-rows"), orders.map((order) => h("tr", {},
      h("td", { text: clock(order.placed_at) }),
      h("td", {}, h("b", { text: order.name }), h("br"), order.phone || ""),
      h("td", {}, order.lines.map((line) => h("div", { text: `${line.quantity}× ${line.name}` })), order.note ? h("i", { text: order.note }) : null),
      h("td", { text: order.fulfilment === "delivery" ? `${word("shop.delivery")}: ${order.address || ""}` : word("shop.pickup") }),
      h("td", { text: moneyOf(order) }),
      h("td", { text: word(`shop.state_${order.state}`) }))));
    put($("#print-none"), orders.length ? "" : word("shop.day_none"));
  }
}

function tiles({ count, by, median_ms, sold }) {
  const tile = (name, value, data = {}) => h("div", { class: "figure", data }, h("dt", { text: word(`shop.figure_${name}`) }), h("dd", { text: value }));
  return [
    tile("count", String(count)),
    ...["accepted", "rejected", "expired"].map((end) => tile(end, String(by[end]), { end })),
    tile("median", median_ms === null ? "-" : word("shop.minutes_short", { time: stopwatch(median_ms) })),
    tile("sold", rupiah(sold)),
  ];
}

/** Bars stand on the hour, the ends stacked; the number of orders above each. */
function plot({ hours, by, count }) {
  const most = Math.max(...hours.map((each) => each.count));
  const step = WIDE / hours.length;
  const scale = (HIGH - TOP - BOTTOM) / most;
  const bars = hours.flatMap(({ hour, by: ends, count: all }, at) => {
    let y = HIGH - BOTTOM;
    const x = at * step;
    const parts = ENDS.filter((end) => ends[end]).map((end) => {
      const high = ends[end] * scale;
      y -= high;
      return svg("rect", { x: x + step * 0.14, y, width: step * 0.72, height: high, class: `bar-${end}`, rx: 1.5 });
    });
    if (all) parts.push(svg("text", { x: x + step / 2, y: y - 5, class: "bar-count" }, String(all)));
    const every = hours.length > 12 ? 3 : hours.length > 8 ? 2 : 1;
    if (hour % every === 0) parts.push(svg("text", { x: x + step / 2, y: HIGH - 6, class: "bar-hour" }, String(hour).padStart(2, "0")));
    return parts;
  });
  const busiest = hours.reduce((a, b) => (b.count > a.count ? b : a));
  const spoken = word("shop.plot_spoken", { n: count, hour: String(busiest.hour).padStart(2, "0"), most: busiest.count, accepted: by.accepted, rejected: by.rejected, expired: by.expired });
  return svg("svg", { viewBox: `0 0 ${WIDE} ${HIGH}`, class: "bars", role: "img", "aria-label": spoken },
    svg("line", { x1: 0, x2: WIDE, y1: HIGH - BOTTOM, y2: HIGH - BOTTOM, class: "bar-floor" }), bars);
}

function legend({ by }) {
  return h("ul", { class: "legend" }, ENDS.filter((end) => by[end]).map((end) => h("li", {},
    svg("svg", { viewBox: "0 0 12 12", class: "key", "aria-hidden": "true" }, svg("rect", { width: 12, height: 12, rx: 2, class: `bar-${end}` })),
    `${word(`shop.end_${end}`)} ${by[end]}`)));
}

