// The head of the page: whose shop, open or closed and why, and the connection.

import { $, put, setData, show, turnOff } from "/static/shared/dom.js";
import { word } from "/static/shared/words.js";
import { standing } from "/static/shop/place.js";

export function drawTop({ shop, inside, line, deaf, now, busy }) {
  put($("#line"), inside ? word(deaf === "socket" ? "shop.offline" : line === "live" ? "shop.online" : "shop.connecting") : "");
  const pill = $("#shop-state");
  show(pill, inside && shop !== null);
  const closed = inside && shop && shop.state === "closed" && !(deaf && shop.why === "deaf");
  show($("#closed-why"), closed);
  if (!shop) return;
  put($("#shop-name"), shop.name);
  const paused = shop.state === "closed" && shop.why === "paused";
  const said = shop.state === "open" && shop.busy_min ? word("shop.shop_busy", { n: shop.busy_min }) : word(`shop.shop_${paused ? "paused" : shop.state}`);
  put(pill, said);
  setData(pill, { id: shop.id, state: shop.state });
  if (!closed) return;
  const { text, mend } = standing(shop, now);
  put($("#closed-text"), text);
  setData($("#closed-why"), { why: shop.self_paused ? "self_paused" : shop.why });
  show($("#closed-hint"), Boolean(shop.self_paused));
  show($("#mend"), mend);
  turnOff($("#mend"), busy);
}
