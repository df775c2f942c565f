// What a refused step of the desk means, in words. Pure.

import { word } from "/static/shared/words.js";
import { FENCED, handsText } from "/static/dispatch/hands.js";
import { isEnded } from "/static/dispatch/order.js";

/**
 * The text of a refusal as a function of the board as it is when it is drawn (the
 * change that refused it may come after it), or null when `Acts` says it well.
 *
 * `request(id)` gives the newest view.
 */
export function refusalOf(cmd, sent, { code, data = {} }, request) {
  if (code === "illegal_step" && data && data.state === "off") return () => word("dispatch.refused_off");
  if (code === "illegal_step" && cmd === "medic.merge" && isEnded(data || {})) {
    return () => (ended(request(sent.into)) && !ended(request(sent.request))
      ? word("dispatch.hands_into", { state: word(`dispatch.state_${data.state}`) }) : handsText(request(sent.request), data));
  }
  if ((code === "illegal_step" && sent.request) || (code === "taken" && FENCED.has(cmd))) return () => handsText(request(sent.request), data || {});
  return null;
}

const ended = (request) => Boolean(request) && isEnded(request);
