// What the hub refused, as a person says it.

import { word, words } from "/static/shared/words.js";

/** The refusal of a trip's command. */
export function refusalText(reply) {
  const state = reply.code === "illegal_step" && reply.data && reply.data.state;
  if (state && words("van")[`already_${state}`]) return word(`van.already_${state}`);
  const name = `error_${reply.code}`;
  return words("van")[name] ? word(`van.${name}`) : word("van.error_other");
}

/** The refusal of a ticket's command; `data` is what was asked. What another phone did is said, with its number. */
export function ticketRefusal(data, reply) {
  const { number, state } = reply.data || {};
  if (reply.code === "illegal_step" && number) return word("van.queue_still_called", { n: number });
  const name = reply.code === "illegal_step" ? `queue_was_${state}` : `queue_error_${reply.code}`;
  const n = (data.ticket || "").split(".").pop();
  return words("van")[name] ? word(`van.${name}`, { n }) : refusalText(reply);
}
