// Opening hours between the hub's shape and a form's. Pure.
//
// The hub: [] (always open) or seven days from Monday, each a list of [opens,
// closes] in minutes from its midnight; past 1,440 runs into the next day. The
// form: {mode: "always" | "same" | "days", days: seven lists of {from, to}} with
// times as "HH:MM". A `to` that is not after `from` is the next day's.

const DAY_MIN = 1440;
const USUAL = { from: "07:00", to: "20:00" };
const two = (number) => String(number).padStart(2, "0");

export const timeText = (minutes) => `${two(Math.floor(minutes / 60) % 24)}:${two(minutes % 60)}`;

/** Minutes from midnight, or NaN. Phones without a time field let people write "7.30" or "7". */
export function minutesOf(text) {
  const found = /^(\d{1,2})(?:[:.](\d{2}))?$/.exec(text.trim());
  if (!found) return NaN;
  const [hour, minute] = [Number(found[1]), Number(found[2] || 0)];
  return hour < 24 && minute < 60 ? hour * 60 + minute : NaN;
}

export function hoursToForm(hours) {
  if (!hours.length) return { mode: "always", days: Array.from({ length: 7 }, () => [{ ...USUAL }]) };
  const days = hours.map((pairs) => pairs.map(([opens, closes]) => ({ from: timeText(opens), to: timeText(closes) })));
  const same = days.every((day) => day.length && JSON.stringify(day) === JSON.stringify(days[0]));
  return { mode: same ? "same" : "days", days };
}

/** `{hours}`, or `{wrong: {day, place, which}}` for the first time that is none; or `{wrong: {overlap: day}}`. */
export function formToHours({ mode, days }) {
  if (mode === "always") return { hours: [] };
  const read = [];
  for (const [day, pairs] of (mode === "same" ? [days[0]] : days).entries()) {
    const made = [];
    for (const [place, { from, to }] of pairs.entries()) {
      const opens = minutesOf(from);
      const until = minutesOf(to);
      if (Number.isNaN(opens)) return { wrong: { day, place, which: "from" } };
      if (Number.isNaN(until)) return { wrong: { day, place, which: "to" } };
      made.push([opens, until > opens ? until : until + DAY_MIN]);
    }
    made.sort((a, b) => a[0] - b[0]);
    if (made.some(([, closes], at) => at + 1 < made.length && closes > made[at + 1][0])) return { wrong: { overlap: day } };
    read.push(made);
  }
  return { hours: mode === "same" ? Array.from({ length: 7 }, () => read[0]) : read };
}
