// The directory as the hub's query process answers it, and how a shop is put in
// words. Nothing here draws.
//
//   const search = find({ q, category, near, kelurahan, limit })   // {answer: Promise, stop()}
//   await search.answer   // {status, body}; status 0: nobody answered; null: stopped
//   seen.get(id)          // the newest that was heard of a shop, for when the directory is gone

import { clock } from "/static/shared/ages.js";
import { word, words } from "/static/shared/words.js";
import { ZONE_MS } from "/static/shared/zone.js";

export const CATEGORIES = ["food", "goods", "made_to_order"];
export const MOST_LINES = 12;
export const MOST_PIECES = 99;

const PATIENCE_MS = 8000;
const DAY_MS = 86400000;

export const seen = new Map();

/** Look for shops. Empty parameters are left out. */
export function find(question) {
  const asked = Object.entries(question).filter(([, value]) => value !== "" && value !== null && value !== undefined);
  const search = ask(`/v1/shops?${new URLSearchParams(asked)}`);
  search.answer.then((got) => { if (got && got.status === 200) for (const shop of got.body.shops) remember(shop, got.body.as_of); });
  return search;
}

/** One shop with all that it sells. */
export function shopOf(id) {
  const search = ask(`/v1/shops/${encodeURIComponent(id)}`);
  search.answer.then((got) => { if (got && got.status === 200) remember(got.body.shop, got.body.as_of, true); });
  return search;
}

/** What a shop was at `as_of`. A few of its products do not take the place of all of them: then all is as old as these. */
export function remember(shop, as_of, whole = false) {
  const known = seen.get(shop.id);
  if (whole || !known || !known.whole) seen.set(shop.id, { ...shop, as_of, whole });
  else seen.set(shop.id, { ...known, ...shop, as_of: known.as_of, products: known.products, whole: true });
}

function ask(path) {
  const stopper = new AbortController();
  let late = false;
  const timer = setTimeout(() => { late = true; stopper.abort(); }, PATIENCE_MS);
  const asked = async () => {
    try {
      const answer = await fetch(path, { signal: stopper.signal, cache: "no-store" });
      let body = null;
      try { body = await answer.json(); } catch (error) { if (stopper.signal.aborted) throw error; }
      return { status: body === null && answer.ok ? 0 : answer.status, body };
    } catch (error) {
      return stopper.signal.aborted && !late ? null : { status: 0, body: null };
    } finally {
      clearTimeout(timer);
    }
  };
  return { answer: asked(), stop: () => stopper.abort() };
}

// -- in words ---------------------------------------------------------------------------

/** "08.00", "besok 08.00", "Selasa 08.00", "12/8 08.00" */
export function when(at_ms, now) {
  const day = Math.floor((at_ms + ZONE_MS) / DAY_MS);
  const days = day - Math.floor((now + ZONE_MS) / DAY_MS);
  if (days === 0) return clock(at_ms);
  if (days === 1) return word("resident.tomorrow", { time: clock(at_ms) });
  const there = new Date(at_ms + ZONE_MS);
  if (days > 1 && days < 7) return `${words("resident.days")[there.getUTCDay()]} ${clock(at_ms)}`;
  return `${there.getUTCDate()}/${there.getUTCMonth() + 1} ${clock(at_ms)}`;
}

/** "Buka", "Buka, +10 mnt", "Tutup. Buka 08.00", "Istirahat", "Belum terhubung" */
export function stateText(shop, now) {
  if (shop.state === "open") return shop.busy_min ? word("resident.shop_busy", { n: shop.busy_min }) : word("resident.shop_open");
  if (shop.opens_at && shop.opens_at > now) return word("resident.shop_opens", { time: when(shop.opens_at, now) });
  return word(shop.why === "paused" ? "resident.shop_paused" : shop.why === "deaf" ? "resident.shop_deaf" : "resident.shop_closed");
}

/** What an order at a closed shop means, said before the tap; "" for an open one. */
export function laterText(shop, now) {
  if (shop.state === "open") return "";
  if (shop.opens_at && shop.opens_at > now) return word("resident.later_opens", { time: when(shop.opens_at, now) });
  return word(shop.why === "deaf" ? "resident.later_deaf" : "resident.later_unknown");
}

/** "Gununggedangan" of "gununggedangan" */
export const kelurahanName = (id) => (id ? id[0].toUpperCase() + id.slice(1) : "");

export const soldOut = (product) => product.state === "sold_out" || product.stock === 0;

/** How many pieces one may order: 99, or what is left. */
export function most(product) {
  if (soldOut(product)) return 0;
  return product.stock === null || product.stock === undefined ? MOST_PIECES : Math.min(MOST_PIECES, product.stock);
}

const ACCEPT_S = { 180: "food", 1800: "goods", 86400: "made_to_order" };

/** The category of an order's shop: as known, else asked, else by how long its shop may take to answer. */
export async function categoryOf(order) {
  if (!seen.has(order.shop)) await shopOf(order.shop).answer;
  const shop = seen.get(order.shop);
  return (shop && shop.category) || ACCEPT_S[Math.round((order.expires_at - order.ring_at) / 1000)] || "goods";
}
