// Sentences and words of the board, from views.

import { ago, clockSeconds, distance, etaBand } from "/static/shared/ages.js";
import { h, keyed, setData } from "/static/shared/dom.js";
import { word, words } from "/static/shared/words.js";
import { isEnded, isHeld, isVisit } from "/static/dispatch/order.js";

export const title = (text) => (text || "").replace(/(^|\s)\S/g, (letter) => letter.toUpperCase());

/** The kelurahan, or why there is none. */
export function placeName(request) {
  if (request.kelurahan) return title(request.kelurahan);
  return word(request.outside_city ? "dispatch.place_outside" : "dispatch.place_unknown");
}

export const timeText = clockSeconds;

/** A word of the list `prefix`, or the thing itself when the list does not know it. */
export function listed(prefix, name) {
  const key = `dispatch.${prefix}_${name}`;
  return words(key) === undefined ? name : word(key);
}

export function stateLine(request) {
  const parts = [word(`dispatch.state_${request.state}`)];
  if (request.wave && !isHeld(request) && !isEnded(request) && !isVisit(request)) parts.push(word("dispatch.wave", { n: request.wave }));
  if (request.outcome && request.outcome !== request.state) parts.push(listed("outcome", request.outcome));
  if (request.operator) parts.push(request.operator);
  return parts.join(" · ");
}

/** The highest proven level. */
export const levelOf = (receipts, levels) => [...levels].reverse().find((level) => receipts && receipts[level]) || null;

export function holderLine(request, fix, now) {
  const { medic } = request;
  if (!medic || !medic.name) return "";
  const fix_at = (fix && fix.fix_at) || medic.fix_at;
  const age_ms = now - fix_at;
  const eta = isHeld(request) && fix_at ? etaBand((fix && fix.eta_s) || medic.eta_s, age_ms) : null;
  const far_m = (fix && fix.distance_m) || medic.distance_m;
  const parts = [medic.name, medic.vehicle];
  if (isHeld(request)) parts.push(typeof far_m === "number" && distance(far_m), eta, fix_at ? word("dispatch.fix_age", { age: ago(age_ms) }) : word("dispatch.fix_none"));
  return `${word("dispatch.holder")}: ${parts.filter(Boolean).join(" · ")}`;
}

/** Small labels of what a dispatcher must not overlook. */
export function marks(list, request, now) {
  const on = [
    ["backup", request.backup], ["cancel_requested", request.cancel_requested], ["waiting", request.waiting_for_holder],
    ["no_candidates", !isEnded(request) && !isHeld(request) && !isVisit(request) && request.candidates === 0],
    ["outside_city", request.outside_city], ["in_grace", !isEnded(request) && now < request.grace_until],
    ["maybe_same", (request.maybe_same || []).length > 0], ["linked", (request.linked || []).length > 0],
    ["unverified", request.unverified], ["drill", request.drill], [request.source, /^phone_/.test(request.source || "")],
  ].filter(([, is]) => is).map(([name]) => name);
  const seen = on.join();
  if (list.dataset.seen === seen) return;
  list.dataset.seen = seen;
  keyed(list, on, (name) => name, (name) => {
    const item = h("li", { class: "pill" }, listed(name.startsWith("phone_") ? "source" : "mark", name));
    setData(item, { mark: name });
    return item;
  });
  list.hidden = on.length === 0;
}

/** One entry of the time line: what happened, in words where there are some, who, and why. */
export function whatWho({ what, who, why }) {
  const wave = /^wave (\d+)$/.exec(what);
  const known = [`dispatch.what_${what}`, `dispatch.state_${what}`, `dispatch.offer_${what}`].find((key) => words(key) !== undefined);
  const happened = wave ? word("dispatch.what_wave", { n: wave[1] }) : known ? word(known) : what.replace(/_/g, " ");
  const text = [happened, who].filter(Boolean).join(": ");
  return why ? `${text} (${listed(WHYS[wave ? "wave" : what] || "why", why)})` : text;
}

/** Step -> the list of words in which its reasons stand. */
const WHYS = { alarm: "alarm", short: "reason", closed: "outcome" };

/** How long something took, short: "0,4 dtk", "20 dtk", "5:50 mnt", "1:05 jam". */
export function spanText(ms) {
  if (ms < 9950) return word("dispatch.span_s", { n: (ms / 1000).toFixed(ms % 1000 ? 1 : 0).replace(".", ",") });
  if (ms < 59500) return word("dispatch.span_s", { n: Math.round(ms / 1000) });
  const [whole, rest] = ms < 3597000 ? [Math.round(ms / 1000), "span_min"] : [Math.round(ms / 60000), "span_h"];
  return word(`dispatch.${rest}`, { n: whole % 60 ? `${Math.floor(whole / 60)}:${String(whole % 60).padStart(2, "0")}` : whole / 60 });
}
