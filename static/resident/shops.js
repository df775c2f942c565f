// "Cari barang": search, a shop, an order, a want.
//
//   #cari                     search         #cari/pesanan/<id>   an order of mine
//   #cari/toko/<id>[/<pid>]   a shop         #cari/tanya[/<id>]   ask all sellers; a want of mine

import { mine } from "./mine.js";
import { OrderView } from "./order_view.js";
import { Part } from "./part.js";
import { Search } from "./search.js";
import { ShopView } from "./shop_view.js";
import { WantForm } from "./want_form.js";
import { WantView } from "./want_view.js";

const LOOKS = "/static/resident/market.css";

/** Draw the page; returns the way to leave it. */
export function mount(root, app) {
  const market = mine(app);
  market.follow();
  const part = new Part(root, app, { door: "#cari", home: "search", looks: LOOKS, open: (tools, ...address) => view({ app, mine: market, ...tools }, ...address) });
  const stop = market.watch((record) => part.changed(record));
  return () => {
    stop();
    part.leave();
  };
}

function view(with_, name, id, more) {
  if (name === "toko" && id) return new ShopView(with_, id, more);
  if (name === "pesanan" && id) return new OrderView(with_, id);
  if (name === "tanya") return id ? new WantView(with_, id) : new WantForm(with_);
  return new Search(with_);
}
