// What the hub refused, as a person says it.

import { word, words } from "/static/shared/words.js";

const FIELD = /^data\.(\w+)/;

export function refusalText(reply) {
  const { code, data } = reply;
  if (code === "taken" && data && data.winner) return word("shop.error_taken", { name: data.winner.name });
  if (code === "too_late" && data && data.answers) return word("shop.error_full");
  if (code === "too_late" && data && data.state) return word("shop.error_want_over");
  const name = `error_${code}`;
  return words("shop")[name] ? word(`shop.${name}`) : word("shop.error_other");
}

/** The field that a `bad_data` speaks of ("price"), or null. */
export function fieldOf(reply) {
  const found = reply.code === "bad_data" && FIELD.exec(reply.message || "");
  return found ? found[1] : null;
}

/** The line that says how an act stands: on its way, unsure, refused. Null when there is nothing to say. */
export function actText({ pending, error, reply }) {
  if (error) return { text: error, kind: "error" };
  if (pending === "unsure") {
    const early = reply && reply.code === "too_many" && reply.data && reply.data.after_ms;
    return { text: word(early ? "shop.front_first" : "shop.unsure"), kind: "pending" };
  }
  return pending ? { text: word("shop.sending"), kind: "pending" } : null;
}
