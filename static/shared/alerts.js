// How an alert is shown wherever it is read: worst and newest first, mine before
// the others; severity as a colour, a word and an icon, never one of them alone.
//
//   alertsOf(things, now), ordered(alerts, mine), isMine(alert, kelurahan), textOf(alert)
//   alertCard(alert) -> <li class="alert">       updateAlert(card, alert, {mine, now})

import { ago, clock } from "/static/shared/ages.js";
import { $, attribute, h, icon, put, setData, show } from "/static/shared/dom.js";
import { language, word } from "/static/shared/words.js";
import { ZONE_MS } from "/static/shared/zone.js";

const DAY_MS = 24 * 3600000;
const SEVERITIES = ["extreme", "severe", "moderate", "minor", "unknown"];

/** The alerts in a topic's table that are still in force by the city's clock. */
export const alertsOf = (things, now) => [...things.values()].filter((thing) => thing.type === "alert" && thing.expires > now);

/** "20:15", "besok 20:15", "3/12 20:15" */
export function dayTime(at_ms, now) {
  const day = (ms) => Math.floor((ms + ZONE_MS) / DAY_MS);
  const days = day(at_ms) - day(now);
  if (days === 0) return clock(at_ms);
  if (days === 1) return word("info.tomorrow", { time: clock(at_ms) });
  const there = new Date(at_ms + ZONE_MS);
  return `${there.getUTCDate()}/${there.getUTCMonth() + 1} ${clock(at_ms)}`;
}

export const textOf = (alert) => alert.texts[language()] || alert.texts.id;

/** The language of what the city wrote, where the page has another. */
export const tongueOfText = (alert) => (alert.texts[language()] ? null : "id");

export const isUrgent = (alert) => alert.status === "actual" && alert.severity === "extreme";

export const isMine = (alert, kelurahan) => Boolean(alert.whole_city || (kelurahan && alert.areas.some((area) => area.id === kelurahan)));

/** Real ones before exercises, mine first, then by severity, then the newest. */
export function ordered(alerts, kelurahan) {
  const rank = (alert) => [
    Number(alert.status !== "actual"), Number(!isMine(alert, kelurahan)), SEVERITIES.indexOf(alert.severity), -alert.at,
  ];
  return [...alerts].sort((a, b) => {
    const [ours, theirs] = [rank(a), rank(b)];
    const at = ours.findIndex((value, n) => value !== theirs[n]);
    return at < 0 ? 0 : ours[at] - theirs[at];
  });
}

export const severityIcon = (severity) => icon(`severity_${SEVERITIES.includes(severity) ? severity : "unknown"}`);

export function areasText(alert) {
  return alert.whole_city ? word("info.whole_city") : word("info.areas", { names: alert.areas.map((area) => area.name).join(", ") });
}

/** "LATIHAN. ..." before all else, null for what is real. */
export const drillText = (alert) => (alert.status === "actual" ? null : word(alert.status === "test" ? "info.test_band" : "info.drill_band"));

export function alertCard(alert) {
  return h("li", { class: "card alert", data: { type: "alert", id: alert.id } },
    h("p", { class: "band-drill alert-drill" }),
    h("p", { class: "alert-top" }, h("span", { class: "pill severity" }), h("span", { class: "soft alert-kind" })),
    h("h3", { class: "alert-headline" }),
    h("p", { class: "alert-here" }),
    h("p", { class: "alert-areas" }), h("p", { class: "alert-until" }),
    h("p", { class: "alert-what" }),
    h("p", { class: "note alert-do" }, h("b", {}), h("span")),
    h("p", { class: "soft alert-age" }));
}

export function updateAlert(card, alert, { mine = null, now }) {
  const text = textOf(alert);
  setData(card, { state: alert.state || "preview", severity: alert.severity, status: alert.status });
  say($(".alert-drill", card), drillText(alert));
  const pill = $(".severity", card);
  if (pill.dataset.severity !== alert.severity) {
    setData(pill, { severity: alert.severity });
    pill.textContent = "";
    pill.append(severityIcon(alert.severity), word(`info.severity_${alert.severity}`));
  }
  const kind = [alert.event, alert.urgency && word(`info.urgency_${alert.urgency}`)].filter(Boolean).join(" · ");
  put($(".alert-kind", card), kind);
  const act = $(".alert-do", card);
  for (const written of [$(".alert-headline", card), $(".alert-what", card), act.lastChild]) attribute(written, "lang", tongueOfText(alert));
  put($(".alert-headline", card), text.headline);
  say($(".alert-here", card), isMine(alert, mine) && mine && !alert.whole_city ? word("info.here") : null);
  put($(".alert-areas", card), areasText(alert));
  put($(".alert-until", card), word("info.until", { time: dayTime(alert.expires, now) }));
  say($(".alert-what", card), text.description);
  show(act, text.instruction);
  put(act.firstChild, `${word("info.do")}: `);
  put(act.lastChild, text.instruction || "");
  say($(".alert-age", card), alert.at ? word(alert.msg_type === "update" ? "info.updated" : "info.published", { ago: ago(now - alert.at) }) : null);
}

function say(element, text) {
  show(element, text);
  put(element, text || "");
}
