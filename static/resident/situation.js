// What a call's page says, from what is known. Pure: record (outbox), view
// (the hub's, or null), and two clocks.
//
//   situation(record, view, {now, city_now}) ->
//     {phase, tone, headline: [word, values], detail: [word, values] | null,
//      fill: word | null     119 takes the screen, and why
//      advise: bool          119 is named in the detail
//      unsent_ms             age of a call that nobody has for certain, else null
//      cancel: {kind, left_s?}}
//
// phases: unsent, unconfirmed, asking, refused, calling, held, ended
// cancel kinds: withdraw (nothing durable yet), grace, reasons, request,
//      requested, again, done, none

export const RESEND_MS = 120000;
export const AGAIN_MS = 60000;
const FILL_AFTER_MS = 80000;

const ENDED = { cleared: 1, cancelled: 1, handed_over: 1, closed: 1 };
const HELD = { accepted: 1, en_route: 1, on_scene: 1, at_patient: 1 };

export const isEnded = (view) => Boolean(view && ENDED[view.state]);
export const isHeld = (view) => Boolean(view && HELD[view.state]);

export function situation(record, view, clocks) {
  const unsure = record.status === "sending" || record.status === "asking";
  return { ...judged(record, view, clocks), unsent_ms: unsure ? Math.max(0, clocks.now - record.acted_at) : null };
}

function judged(record, view, { now, city_now }) {
  if (record.status === "cancelled") return cancelled(record, now);
  if (record.status === "refused") {
    return said("refused", "alarm", ["refused"], ["refused_why"], { fill: "refused_fill", cancel: { kind: "done" } });
  }
  if (record.status === "asking") return said("asking", "alarm", ["still_needed"], ["still_needed_why"], { advise: true });
  if (record.status !== "stored") return sending(record);
  if (!view) return said("calling", "wait", ["stored"], null, { cancel: { kind: "none" }, fill: nobody(record, null) });
  if (isEnded(view)) return ended(view);
  return isHeld(view) ? held(record, view, city_now) : calling(record, view, city_now);
}

function sending(record) {
  if (record.withdrawn) return said("unconfirmed", "alarm", ["withdrawing"], ["withdrawing_why"], { advise: true });
  const cancel = { kind: "withdraw" };
  if (record.maybe) {
    return said("unconfirmed", "alarm", ["unconfirmed"], ["unconfirmed_why"], { advise: true, cancel });
  }
  const why = record.code === "unavailable" ? "unsent_hub" : record.code ? "unsent_offline" : "unsent_why";
  return said("unsent", "alarm", ["unsent"], [why], { advise: true, cancel });
}

function cancelled(record, now) {
  const again = now - record.cancelled_at < AGAIN_MS;
  return said("ended", "plain", ["cancelled"], ["cancelled_why"], { cancel: { kind: again ? "again" : "done" } });
}

function nobody(record, view) {
  if (record.data.drill || record.data.urgency === "visit") return null;
  if (view && view.outside_city) return "fill_outside";
  if (view && view.state === "offered") return null;
  const candidates = view && view.candidates !== undefined ? view.candidates : record.candidates;
  return candidates === 0 ? "fill_nobody" : null;
}

function calling(record, view, city_now) {
  const grace_s = Math.ceil((view.grace_until - city_now) / 1000);
  const cancel = grace_s > 0 ? { kind: "grace", left_s: grace_s } : { kind: "reasons" };
  if (record.data.urgency === "visit") {
    return said("calling", "plain", ["visit_stored"], ["visit_stored_why"], { cancel });
  }
  const waited_ms = city_now - view.called_at;
  let fill = nobody(record, view);
  if (!fill && !record.data.drill && waited_ms >= FILL_AFTER_MS) fill = "fill_waiting";
  const advise = Boolean(fill) || view.advice === "call_119";
  const tone = advise ? "alarm" : "wait";
  const detail = fill ? [fill] : advise ? ["advice"] : null;
  return said("calling", tone, [fill === "fill_nobody" ? "nobody" : "calling"], detail, { fill, advise, cancel });
}

function held(record, view, city_now) {
  const name = (view.medic && view.medic.name) || "";
  const grace_s = Math.ceil((view.grace_until - city_now) / 1000);
  let cancel = view.cancel_requested ? { kind: "requested" } : { kind: "request" };
  if (grace_s > 0 && !view.cancel_requested) cancel = { kind: "grace", left_s: grace_s };
  const words = { accepted: "coming", en_route: "coming", on_scene: "on_scene", at_patient: "at_patient" };
  const waiting = view.waiting_for_holder ? ["waiting_for", { name }] : null;
  return said("held", waiting ? "wait" : "good", [words[view.state], { name }], waiting, { cancel, advise: view.advice === "call_119" });
}

function ended(view) {
  const name = (view.medic && view.medic.name) || "";
  const key = view.state === "closed" && view.outcome === "duplicate" ? "ended_duplicate" : `ended_${view.state}`;
  return said("ended", "plain", [key, { name }], null, { cancel: { kind: "done" } });
}

function said(phase, tone, headline, detail, { fill = null, advise = false, cancel = { kind: "none" } } = {}) {
  return { phase, tone, headline, detail, fill, advise: advise || Boolean(fill), cancel };
}
