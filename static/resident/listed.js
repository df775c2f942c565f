// The shops of one kelurahan from its topic, for when the directory is gone: what
// is or was lately open, with three products each. Looked through on the phone.

import { storage } from "./device.js";
import { remember } from "./market.js";

const HOME = "kt.kelurahan"; // search.js writes it
const MIDDLE = "kranggan"; // where the whole city is looked at from

/** Lower case, without accents and signs: "Kue-kue Lumpur" -> "kue kue lumpur" */
const plain = (text) => text.normalize("NFKD").toLowerCase().replace(/[^a-z0-9]+/g, " ").trim();

export class Listed {
  constructor(app, onChange) {
    Object.assign(this, { app, onChange, topic: null, kelurahan: "", question: null });
  }

  /** Answer this question from now on. */
  open(question) {
    this.question = question;
    const kelurahan = question.kelurahan || storage.get(HOME) || MIDDLE;
    if (this.topic && this.kelurahan === kelurahan) return;
    this.leave();
    this.kelurahan = kelurahan;
    this.topic = this.app.kt.join(`shops/${kelurahan}`, { onChange: () => this.onChange() });
  }

  leave() {
    if (this.topic) this.topic.leave();
    this.topic = null;
  }

  /** As the directory would have answered, as far as that is known here; null before the list has come. */
  answer() {
    if (!this.topic || !this.topic.synced) return null;
    const { q, category } = this.question;
    const words = plain(q).split(" ").filter(Boolean);
    const found = [];
    for (const view of this.topic.things.values()) {
      if (view.type !== "shop" || (category && view.category !== category)) continue;
      const products = (view.products || []).map((product) => ({ ...product, matched: words.length > 0 && holds(product.name, words) }));
      if (!holds(`${view.name} ${products.map(({ name }) => name).join(" ")}`, words)) continue;
      const shop = { ...view, products: [...products.filter(({ matched }) => matched), ...products.filter(({ matched }) => !matched)] };
      remember(shop, this.app.city_now());
      found.push(shop);
    }
    found.sort((a, b) => (a.state === "open" ? 0 : 1) - (b.state === "open" ? 0 : 1) || a.name.localeCompare(b.name));
    return { as_of: this.app.city_now(), shops: found, more: false };
  }
}

function holds(text, words) {
  const there = ` ${plain(text)}`;
  return words.every((word) => there.includes(` ${word}`));
}
