// A queue as the crew reads it: who is called, who may come back, who waits. Pure.

const MINUTE_MS = 60000;
const IN_TIME_MIN = 3; // closer to the timetable than this is "on time"
const STATES_DONE = ["departed", "skipped"];

/** The queues at one stop, by service. */
export function queuesAt(things, stop) {
  return [...things.values()].filter((view) => view.type === "queue" && view.stop === stop)
    .sort((a, b) => a.service.localeCompare(b.service));
}

export const calledOf = (queue) => queue.tickets.find(({ state }) => state === "called") || null;

export const waitingOf = (queue) => queue.tickets.filter(({ state }) => state === "waiting");

/** No-shows who may still come back at `now` (the city's clock), with the time that they have left. */
export function absentOf(queue, now) {
  return queue.tickets.filter(({ state, grace_until }) => state === "no_show" && grace_until > now)
    .map((ticket) => ({ ...ticket, left_ms: ticket.grace_until - now }));
}

/** How many hold a number that was not settled: they lose it when the van leaves. */
export function unsettled(queues) {
  return queues.reduce((sum, queue) => sum + queue.waiting + (calledOf(queue) ? 1 : 0), 0);
}

/** Stops to come with their queues: [{stop, queues}], in the order of the trip. */
export function toCome(trip, things) {
  return trip.filter(({ state }) => state === "expected")
    .map((stop) => ({ stop, queues: queuesAt(things, stop.stop) }))
    .filter(({ queues }) => queues.length);
}

/** What a trip came to: `{services: [{service, served}], served, no_shows, unserved, visited, skipped}`. */
export function summary(trip, things) {
  const by = new Map();
  const sum = { served: 0, no_shows: 0, unserved: 0 };
  for (const queue of things.values()) {
    if (queue.type !== "queue") continue;
    by.set(queue.service, (by.get(queue.service) || 0) + queue.served);
    sum.served += queue.served;
    sum.no_shows += queue.no_shows;
    sum.unserved += unsettled([queue]);
  }
  const services = [...by].map(([service, served]) => ({ service, served })).sort((a, b) => a.service.localeCompare(b.service));
  const [visited, skipped] = STATES_DONE.map((state) => trip.filter((stop) => stop.state === state).length);
  return { ...sum, services, visited, skipped };
}

/**
 * How far from the timetable, as the name of a word with its minutes.
 *
 * `low`, `high`: when the van comes or came. A range is said as a range.
 */
export function delay(scheduled_at, low, high) {
  const late = [low, high].map((at) => Math.round((at - scheduled_at) / MINUTE_MS));
  if (late[0] >= IN_TIME_MIN) return said("late", late[0], late[1]);
  if (late[1] <= -IN_TIME_MIN) return said("early", -late[1], -late[0]);
  if (late[1] >= IN_TIME_MIN) return { name: "late_maybe", n: late[1] };
  return { name: "in_time" };
}

function said(name, from, to) {
  return from === to ? { name, n: from } : { name: `${name}_range`, from, to };
}
