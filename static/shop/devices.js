// Who sells here and whether they can be rung: "Sri: berbunyi", "Mela: terakhir
// terdengar 14:02".

import { h } from "/static/shared/dom.js";
import { word } from "/static/shared/words.js";
import { lastText } from "/static/shop/times.js";

const SILENT_SHOWN = 5;

/** rings | deaf (connected, but would not ring) | gone */
const stateOf = ({ reachable, connected }) => (reachable ? "rings" : connected ? "deaf" : "gone");

export function deviceRows(sellers, me, now) {
  const rank = (seller) => ["rings", "deaf", "gone"].indexOf(stateOf(seller));
  const all = [...sellers].sort((a, b) => rank(a) - rank(b) || b.at - a.at);
  const silent = all.filter((seller) => !seller.connected && seller.person !== me);
  const shown = all.filter((seller) => !silent.includes(seller) || silent.indexOf(seller) < SILENT_SHOWN);
  const rows = shown.map((seller) => {
    const state = stateOf(seller);
    const name = seller.name || word("shop.no_name");
    return h("li", { class: "device", data: { type: "seller", id: seller.person, state } },
      h("b", { text: seller.person === me ? word("shop.this_phone", { name }) : name }),
      h("span", { text: word(`shop.device_${state}`, { time: lastText(seller.at, now) }) }));
  });
  if (shown.length < all.length) rows.push(h("li", { class: "soft", text: word("shop.devices_more", { n: all.length - shown.length }) }));
  return rows;
}
