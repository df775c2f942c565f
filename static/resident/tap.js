// A tap on its own: its record, and one POST through each door. All that is
// needed while the rest of the page is still on its way.

import { newId, postCommand, signIn } from "/client/http.js";

/** A call as it is kept (outbox.js). `finger` is where the screen was touched, or null. */
export function newRecord(data, finger) {
  return { id: newId(), acted_at: Date.now(), status: "sending", finger, data: { ...data } };
}

/**
 * Send a record's command once, to the help hub and to this page's own.
 *
 * `data` stays the same on every retry (`confirmed` aside). `onReply` hears each
 * door's answer; the first ok is the call's.
 */
export function sendBare(record, data, { device, config }, onReply) {
  const help_url = config && config.help_url;
  const bases = help_url && help_url !== location.origin ? [location.origin, help_url] : [location.origin];
  const command = { id: record.id, cmd: "medic.call", data, age_ms: Math.max(0, Date.now() - record.acted_at) };
  for (const base of bases) postSignedIn(base, command, device).then(onReply);
}

/** An earlier visit's cookie is tried first: an emergency does not wait for a sign-in. */
async function postSignedIn(base, command, device) {
  const reply = await postCommand(base, command);
  if (reply.code !== "not_signed_in") return reply;
  await signIn([base], { device });
  return postCommand(base, command);
}
