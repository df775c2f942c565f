// A tap on its own: its record, and one POST through each door. All that is
// needed while the rest of the page is still on its way.

import { newId, postCommand, signIn } from "/client/http.js";

const AGAIN_MS = 500;
const PATIENCE_MS = 8000; // on slow 3G a request takes 2 s, and as long again while files have the connections

/** A call as it is kept (outbox.js). `finger` is where the screen was touched, or null. */
export function newRecord(data, finger) {
  return { id: newId(), acted_at: Date.now(), status: "sending", finger, data: { ...data } };
}

/**
 * Send a record's command once, to the help hub and to this page's own.
 *
 * `data` stays the same on every retry (`confirmed` aside). `onReply` hears each
 * door's answer and tells whether the door shall be tried again: a slow network has
 * let more than one request wait until nobody waited for it any more.
 */
export function sendBare(record, data, { device, config }, onReply) {
  const help_url = config && config.help_url;
  const bases = help_url && help_url !== location.origin ? [location.origin, help_url] : [location.origin];
  const post = async (base) => {
    const command = { id: record.id, cmd: "medic.call", data, age_ms: Math.max(0, Date.now() - record.acted_at) };
    if (onReply(await postSignedIn(base, command, device))) setTimeout(post, AGAIN_MS, base);
  };
  bases.forEach(post);
}

let knocking = null;

/** The button is being pressed: a device that was never here signs in meanwhile, so that the call itself is one way. */
export function knock({ device, config }) {
  if (!config && !knocking) knocking = signIn([location.origin], { device }, { patience_ms: PATIENCE_MS });
}

/** An earlier visit's cookie is tried first: an emergency does not wait for a sign-in but the one under way. */
async function postSignedIn(base, command, device) {
  if (base === location.origin) await knocking;
  const patient = { patience_ms: PATIENCE_MS };
  const reply = await postCommand(base, command, patient);
  if (reply.code !== "not_signed_in") return reply;
  await signIn([base], { device }, patient);
  return postCommand(base, command, patient);
}
