// What was chosen in a shop, kept on this device for half a day; and what the hub
// said of prices and stock, which for a moment is newer than the directory.

import { storage } from "./device.js";
import { most } from "./market.js";

const KEPT = "kt.basket";
const KEPT_MS = 12 * 3600000;
const NEWER_MS = 15000;

export const basketOf = (shop) => new Basket(shop);

class Basket {
  constructor(shop) {
    const kept = storage.get(KEPT);
    const mine = kept && kept.shop === shop && Date.now() - kept.at < KEPT_MS ? kept : {};
    Object.assign(this, { shop, counts: mine.counts || {}, note: mine.note || "", told: {} });
  }

  count(product) { return this.counts[product] || 0; }

  set(product, count) {
    if (count > 0) this.counts[product] = count;
    else delete this.counts[product];
    this._keep();
  }

  setNote(note) {
    this.note = note;
    this._keep();
  }

  clear() {
    this.counts = {};
    this.note = "";
    this._keep();
  }

  /** The price as the hub said it just now, else as the directory says. */
  price(product) {
    const told = this._told(product.id);
    return told.price === undefined ? product.price : told.price;
  }

  most(product) {
    const { stock } = this._told(product.id);
    return most(stock === undefined ? product : { ...product, stock, state: stock ? "available" : "sold_out" });
  }

  setPrice(product, price) { this.told[product] = { ...this._told(product), price, at: Date.now() }; }

  setStock(product, stock) {
    this.told[product] = { ...this._told(product), stock, at: Date.now() };
    this.set(product, Math.min(this.count(product), stock));
  }

  _told(product) {
    const told = this.told[product];
    return told && Date.now() - told.at < NEWER_MS ? told : {};
  }

  _keep() { storage.set(KEPT, { shop: this.shop, counts: this.counts, note: this.note, at: Date.now() }); }
}
