// In which order the board shows requests, and what is folded. Pure.

const PRIORITY = { red: 0, yellow: 1, green: 2 };
const HELD = new Set(["accepted", "en_route", "on_scene", "at_patient"]);
const ENDED = new Set(["cleared", "cancelled", "handed_over", "closed"]);

/** More than this many waiting fold by kelurahan. */
export const FOLD_OVER = 10;
const DONE_SHOWN = 8;

export const isHeld = (request) => HELD.has(request.state);
export const isEnded = (request) => ENDED.has(request.state);
export const isWaiting = (request) => !isHeld(request) && !isEnded(request);
export const isVisit = (request) => request.urgency === "visit";

/** Since when nobody has taken it. */
export const waitingSince = (request) => request.unanswered_since || request.called_at;

/** Calls for backup first, then priority, new devices last within it, then the oldest. */
function compare(a, b) {
  return Number(Boolean(b.backup)) - Number(Boolean(a.backup))
    || PRIORITY[a.priority] - PRIORITY[b.priority]
    || Number(Boolean(a.unverified)) - Number(Boolean(b.unverified))
    || waitingSince(a) - waitingSince(b)
    || (a.id < b.id ? -1 : 1);
}

/** The four lists of the board. */
export function sorted(requests) {
  const open = requests.filter((request) => !isEnded(request));
  const held = open.filter(isHeld);
  return {
    waiting: open.filter((request) => isWaiting(request) && !isVisit(request)).sort(compare),
    running: held.sort((a, b) => Number(Boolean(b.waiting_for_holder)) - Number(Boolean(a.waiting_for_holder)) || compare(a, b)),
    visit: open.filter((request) => isWaiting(request) && isVisit(request)).sort(compare),
    done: requests.filter(isEnded).sort((a, b) => b.at - a.at).slice(0, DONE_SHOWN),
  };
}

/**
 * Rows of the waiting list: requests, or over ten of them a fold for each
 * kelurahan with its requests behind it. `open` holds the kelurahan that were
 * opened. Red ones and calls for backup are never behind a fold.
 */
export function rows(waiting, open) {
  if (waiting.length <= FOLD_OVER) return waiting.map((request) => ({ key: request.id, request }));
  const bare = waiting.filter((request) => request.priority === "red" || request.backup);
  const folded = new Map();
  for (const request of waiting) {
    if (bare.includes(request)) continue;
    const kelurahan = request.kelurahan || "";
    if (!folded.has(kelurahan)) folded.set(kelurahan, []);
    folded.get(kelurahan).push(request);
  }
  const behind = [...folded].flatMap(([kelurahan, requests]) => {
    const shown = open.has(kelurahan);
    const fold = { key: `fold:${kelurahan}`, fold: kelurahan, requests, shown };
    return [fold, ...(shown ? requests.map((request) => ({ key: request.id, request })) : [])];
  });
  return [...bare.map((request) => ({ key: request.id, request })), ...behind];
}
