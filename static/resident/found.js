// One shop that was found: the whole card leads to it, a product that was looked
// for leads to it with that product in the basket.

import { distance, rupiah } from "/static/shared/ages.js";
import { h, icon, keyed, put, setData, show } from "/static/shared/dom.js";
import { word } from "/static/shared/words.js";
import { kelurahanName, soldOut, stateText } from "./market.js";

export function makeFound(shop) {
  return h("li", { class: "card shop", data: { type: "shop", id: shop.id } },
    h("h2", { class: "shop-name" }, h("a", { href: `#cari/toko/${shop.id}` })),
    h("p", { class: "pill" }),
    h("p", { class: "soft shop-where" }),
    h("p", { class: "made", hidden: true }, word("resident.made_here")),
    h("ul", { class: "products" }),
    h("p", { class: "shop-sells" }));
}

/** `words`: something was asked for, so what matched is shown line by line. */
export function drawFound(card, shop, { now, words }) {
  setData(card, { state: shop.state });
  const [title, pill, where, made, list, sells] = card.children;
  put(title.firstChild, shop.name);
  put(pill, stateText(shop, now));
  put(where, [kelurahanName(shop.kelurahan), shop.distance_m === undefined ? "" : distance(shop.distance_m)].filter(Boolean).join(" \u00B7 "));
  show(made, Boolean(shop.made_here));
  const products = shop.products || [];
  const matched = words ? products.filter((product) => product.matched) : [];
  keyed(list, matched, (product) => product.id, (product) => makeProduct(shop, product), drawProduct);
  show(list, matched.length > 0);
  put(sells, matched.length ? "" : selling(products, shop.product_count));
  show(sells, sells.textContent !== "");
}

function makeProduct(shop, product) {
  return h("li", { data: { type: "product", id: product.id } }, h("a", { class: "product-found", href: `#cari/toko/${shop.id}/${product.id}` }, h("span"), h("b"), icon("plus")));
}

function drawProduct(row, product) {
  const [name, price] = row.firstChild.children;
  setData(row, { state: soldOut(product) ? "sold_out" : "available" });
  put(name, product.name);
  put(price, soldOut(product) ? word("resident.sold_out") : rupiah(product.price));
}

/** "Nasi pecel Rp12.000, Soto ayam habis, +4 barang lain" */
function selling(products, count) {
  const named = products.map((product) => `${product.name} ${soldOut(product) ? word("resident.sold_out").toLowerCase() : rupiah(product.price)}`);
  const others = (count || 0) - products.length;
  return [...named, ...(others > 0 ? [word("resident.more_products", { n: others })] : [])].join(", ");
}
