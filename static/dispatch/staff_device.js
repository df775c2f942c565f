// One device of somebody, in words; and the way out of the account that it came in by.

import { ago } from "/static/shared/ages.js";
import { dayTime } from "/static/shared/alerts.js";
import { h } from "/static/shared/dom.js";
import { shownTongue, word } from "/static/shared/words.js";

const DAY_MS = 24 * 3600 * 1000;

export const since = (ms) => (ms < DAY_MS ? ago(ms) : word("staff.days_ago", { n: Math.floor(ms / DAY_MS) }));

/** Whether it is one's own, since when it is signed in, and when it was seen. `at`: the list's time. */
export function deviceText(device, at) {
  const seen = device.live ? word("staff.device_live") : device.seen_at ? word("staff.device_seen", { ago: since(at - device.seen_at) }) : word("staff.device_unseen");
  const signed = word("staff.device", { since: dayTime(device.created_at, at), until: dayTime(device.expires_at, at) });
  return [device.current && word("staff.device_own"), signed, seen].filter(Boolean).join(" · ");
}

/** Out of the city's account as well: whoever sits here next would be let in by it without a question. `path`: the hub's. */
export const leaveAccount = (path) => h("a", {
  class: "big", href: `${path}&lang=${shownTongue()}`, data: { act: "city_sign_out" },
}, word("staff.leave_account"));
