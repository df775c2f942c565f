// What changed hands while a dispatcher looked at it, and how to say so. Pure.
//
// A step of the desk names the holder that its person saw; the hub refuses it when
// another holds it by now. What was drawn a moment ago nobody has read yet: that
// is caught here, before it is sent.

import { word } from "/static/shared/words.js";
import { isEnded, isHeld } from "/static/dispatch/order.js";

/** Steps that would undo what another dispatcher, a medic or a caller just did. */
export const FENCED = new Set(["medic.assign", "medic.cancel", "medic.close", "medic.escalate", "medic.hand_over", "medic.merge"]);
const READ_MS = 1000;
const ROLES = new Set(["dispatcher", "medic", "resident", "hub"]);

/** The medic who holds a request, "" when nobody does. */
export const holderOf = (request) => (isHeld(request) && request.medic && request.medic.person) || "";

/** Whether two views of a request are in other hands: another holder, or it ended. */
export const otherHands = (before, after) => holderOf(before) !== holderOf(after) || isEnded(before) !== isEnded(after);

export class Hands {
  constructor(clock = () => performance.now()) {
    this._clock = clock;
    this._moved = new Map(); // request -> when its change of hands came
    this._mine = new Map(); // request -> until when its changes are this page's own
  }

  /** Take what the table says changed; `live` false is a snapshot, which nobody looked at before. */
  heard(changes, live) {
    for (const { id, view, before } of changes) {
      if (!view) this._moved.delete(id);
      else if (live !== false && before && view.type === "request" && !this._own(id) && otherHands(before, view)) this._moved.set(id, this._clock());
    }
  }

  /** An act of this page is under way: what it changes is no surprise. */
  acting(id) { this._mine.set(id, Infinity); }

  /** Its change may come after its reply. */
  acted(id) { this._mine.set(id, this._clock() + READ_MS); }

  _own(id) {
    if (this._mine.get(id) > this._clock()) return true;
    this._mine.delete(id);
    return false;
  }

  /** Whether it changed hands so short ago that nobody can have read it. */
  unread(id) {
    const at = this._moved.get(id);
    return at !== undefined && this._clock() - at < READ_MS;
  }
}

/** Who did the last thing of this name, as the time line tells; a role is nobody's name. */
function endedBy(request) {
  const entry = [...(request.timeline || [])].reverse().find((each) => each.what === request.state);
  return entry && !ROLES.has(entry.who) ? entry.who : "";
}

/** The dispatcher who gave it to its holder, "" when the medic accepted it. */
function assignedBy({ timeline = [] }) {
  const at = timeline.map((entry) => entry.what).lastIndexOf("accepted");
  return at > 0 && timeline[at - 1].what === "assigned" ? timeline[at - 1].who : "";
}

/**
 * In words, how a request stands now that was in other hands before. `data` is the
 * refusal's, for the moment in which its change is not here yet.
 */
export function handsText(request, data = {}) {
  const state = (request && isEnded(request) && request.state) || (data.state !== undefined && isEnded(data) && data.state);
  if (state) {
    const name = (request && isEnded(request) && endedBy(request)) || "";
    return word(name ? "dispatch.hands_ended_by" : "dispatch.hands_ended", { state: word(`dispatch.state_${state}`), name });
  }
  const shown = request && holderOf(request) ? { name: request.medic.name, state: request.state } : null;
  const holder = shown || (data.winner && data.winner.name ? { name: data.winner.name, state: data.state || "accepted" } : null);
  if (!holder) return word("dispatch.hands_free");
  const desk = shown ? assignedBy(request) : "";
  return word(desk ? "dispatch.hands_held_by" : "dispatch.hands_held", { name: holder.name, state: word(`dispatch.state_${holder.state}`), desk });
}
